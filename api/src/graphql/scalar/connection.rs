//! Lists that can grow: Relay connections in both directions, and the arguments that ask for a page of one.

use async_graphql::{Context, Error, SimpleObject};
use service::sql::page::{Edge, Page, PageRequest};

use crate::graphql::bounds::limits::{DEFAULT_FIRST, MAX_FIRST};
use crate::graphql::error::bad_user_input;

/// Where a page lies in its list.
#[derive(Debug, Clone, SimpleObject)]
pub struct PageInfo {
    /// There are rows after this page.
    has_next_page: bool,
    /// There are rows before this page.
    has_previous_page: bool,
    /// The cursor of the first row of this page, where it has one.
    start_cursor: Option<String>,
    /// The cursor of the last row of this page, where it has one.
    end_cursor: Option<String>,
}

/// The rows a page should hold: how many, from which end, beyond which cursor. It is also the key under which pages of
/// several accounts are loaded together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PageArguments {
    /// At most so many rows.
    pub limit: u32,
    /// The last rows instead of the first ones.
    pub backward: bool,
    /// Only rows after this cursor.
    pub after: Option<String>,
    /// Only rows before this cursor.
    pub before: Option<String>,
}

impl PageArguments {
    /// Reads Relay's four arguments.
    ///
    /// # Errors
    /// BAD_USER_INPUT that names the argument.
    pub fn read(
        first: Option<i64>,
        after: Option<String>,
        last: Option<i64>,
        before: Option<String>,
    ) -> Result<Self, Error> {
        let size = |name: &str, value: i64| {
            u32::try_from(value)
                .ok()
                .filter(|n| (1..=MAX_FIRST).contains(n))
                .ok_or_else(|| bad_user_input(name, format!("`{name}` must be between 1 and {MAX_FIRST}")))
        };
        let (limit, backward) = match (first, last) {
            (Some(_), Some(_)) => return Err(bad_user_input("last", "give `first` or `last`, not both")),
            (Some(first), None) => (size("first", first)?, false),
            (None, Some(last)) => (size("last", last)?, true),
            (None, None) => (DEFAULT_FIRST, false),
        };
        Ok(Self {
            limit,
            backward,
            after,
            before,
        })
    }

    /// As `service` asks for it.
    pub fn into_request(self) -> PageRequest {
        PageRequest {
            limit: self.limit,
            backward: self.backward,
            after: self.after,
            before: self.before,
        }
    }
}

/// Where a page lies.
pub fn page_info<T>(page: &Page<T>) -> PageInfo {
    PageInfo {
        has_next_page: page.has_next_page,
        has_previous_page: page.has_previous_page,
        start_cursor: page.edges.first().map(|edge| edge.cursor.clone()),
        end_cursor: page.edges.last().map(|edge| edge.cursor.clone()),
    }
}

/// A page of rows that are all at hand, such as those of a report. Their places are their numbers: the same question about the
/// same day gives the same rows.
///
/// # Errors
/// BAD_USER_INPUT for what is no cursor.
pub fn page_of<T>(rows: Vec<T>, asked: &PageArguments) -> Result<Page<T>, Error> {
    let all = rows.len();
    let place = |name: &str, cursor: &Option<String>| match cursor.as_deref() {
        None => Ok(None),
        Some(text) => match text
            .strip_prefix(ROW)
            .map(|digits| usize::from_str_radix(digits, 16))
        {
            Some(Ok(place)) => Ok(Some(place)),
            _ => Err(bad_user_input(name, "not a cursor of this list")),
        },
    };
    let from = place("after", &asked.after)?
        .map_or(0, |after| after.saturating_add(1))
        .min(all);
    let until = place("before", &asked.before)?.unwrap_or(all).clamp(from, all);
    let limit = asked.limit as usize;
    let (start, end) = if asked.backward {
        (until.saturating_sub(limit).max(from), until)
    } else {
        (from, until.min(from + limit))
    };
    let edge = |(at, node)| Edge {
        cursor: format!("{ROW}{at:04x}"),
        node,
    };
    Ok(Page {
        edges: rows
            .into_iter()
            .enumerate()
            .skip(start)
            .take(end - start)
            .map(edge)
            .collect(),
        has_next_page: end < all,
        has_previous_page: start > 0,
        total_count: u64::try_from(all).ok(),
    })
}

/// What the cursor of a row at hand begins with.
const ROW: &str = "row";

/// Whether the client wants to know how many rows the whole list has.
pub fn wants_total(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("totalCount").exists()
}

/// Declares the connection and edge types of a kind of node, with descriptions, and how they are made of a page of rows. A row that is
/// not the node itself comes last; the node is made of it by `From`.
macro_rules! connection {
    ($connection:ident, $edge:ident, $node:ident, $of:literal) => {
        $crate::graphql::scalar::connection::connection!($connection, $edge, $node, $of, $node);
    };
    ($connection:ident, $edge:ident, $node:ident, $of:literal, $row:ty) => {
        #[doc = concat!("A page of a list of ", $of, ".")]
        #[derive(async_graphql::SimpleObject)]
        pub struct $connection {
            /// The rows of this page with their cursors.
            edges: Vec<$edge>,
            /// The rows of this page.
            nodes: Vec<$node>,
            /// Where this page lies in the list.
            page_info: $crate::graphql::scalar::connection::PageInfo,
            /// How many rows the whole list has for the viewer.
            total_count: u64,
        }

        #[doc = concat!("A row of a list of ", $of, ".")]
        #[derive(async_graphql::SimpleObject)]
        pub struct $edge {
            /// Stands for this row's place; opaque; to be given back as `after` or `before`.
            cursor: String,
            /// The row.
            node: $node,
        }

        impl From<service::sql::page::Page<$row>> for $connection {
            fn from(page: service::sql::page::Page<$row>) -> Self {
                let page_info = $crate::graphql::scalar::connection::page_info(&page);
                // Not asked for = not counted, and then not shown either.
                let total_count = page.total_count.unwrap_or(0);
                let edges: Vec<$edge> = page
                    .edges
                    .into_iter()
                    .map(|e| $edge {
                        cursor: e.cursor,
                        node: <$node as From<$row>>::from(e.node),
                    })
                    .collect();
                Self {
                    nodes: edges.iter().map(|edge| edge.node.clone()).collect(),
                    edges,
                    page_info,
                    total_count,
                }
            }
        }
    };
}
pub(in crate::graphql) use connection;
