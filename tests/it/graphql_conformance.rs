//! What we rely on in the pinned GraphQL library: answers in the order of the query, and nulls that go up exactly as far
//! as the specification says. Other releases reorder fields by completion and leave out failed ones; a change of the pin
//! must pass here first.

use async_graphql::{EmptyMutation, EmptySubscription, Object, Result, Schema};

struct Query;
struct Inner;

#[Object]
impl Query {
    async fn inner(&self) -> Option<Inner> {
        Some(Inner)
    }

    async fn inner_nn(&self) -> Inner {
        Inner
    }

    async fn other(&self) -> i32 {
        7
    }

    async fn list(&self) -> Vec<Option<Inner>> {
        vec![Some(Inner), Some(Inner)]
    }
}

#[Object]
impl Inner {
    async fn ok(&self) -> i32 {
        1
    }

    async fn slow(&self) -> i32 {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        2
    }

    async fn bad(&self) -> Result<i32> {
        std::future::ready(Err("broken".into())).await
    }

    async fn bad_option(&self) -> Option<Result<i32>> {
        std::future::ready(Some(Err("broken".into()))).await
    }
}

fn answer(query: &str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
    let response = runtime.block_on(schema.execute(query));
    let paths: Vec<String> = response.errors.iter().map(|e| format!("{:?}", e.path)).collect();
    format!(
        "{} {}",
        serde_json::to_string(&response.data).unwrap(),
        paths.len()
    )
}

#[test]
fn fields_stand_in_the_order_of_the_query_whichever_is_done_first() {
    assert_eq!(
        answer("{ inner { slow ok } other }"),
        r#"{"inner":{"slow":2,"ok":1},"other":7} 0"#
    );
    assert_eq!(
        answer("{ other b: other inner { ok x: slow ok } }"),
        r#"{"other":7,"b":7,"inner":{"ok":1,"x":2}} 0"#
    );
    assert_eq!(
        answer("{ ...F other } fragment F on Query { inner { slow ok } }"),
        r#"{"inner":{"slow":2,"ok":1},"other":7} 0"#
    );
}

#[test]
fn a_failed_field_that_cannot_be_null_takes_its_parent_with_it() {
    assert_eq!(
        answer("{ inner { ok bad slow } other }"),
        r#"{"inner":null,"other":7} 1"#
    );
    assert_eq!(
        answer("{ list { ok bad } other }"),
        r#"{"list":[null,null],"other":7} 2"#
    );
}

#[test]
fn it_goes_up_to_the_root_where_nothing_can_be_null() {
    assert_eq!(answer("{ innerNn { ok bad } other }"), "null 1");
}

#[test]
fn a_failed_field_that_can_be_null_is_null_and_nothing_else() {
    assert_eq!(
        answer("{ inner { ok badOption slow } other }"),
        r#"{"inner":{"ok":1,"badOption":null,"slow":2},"other":7} 1"#
    );
}

/// The gate's error codes hang on these words of the library.
#[test]
fn refusals_have_the_words_that_our_codes_are_told_by() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let refused = |schema: Schema<Query, EmptyMutation, EmptySubscription>, query: &str| {
        let response = runtime.block_on(schema.execute(query));
        assert_eq!(
            (response.errors.len(), response.errors[0].path.is_empty()),
            (1, true),
            "{query}"
        );
        response.errors[0].message.clone()
    };
    let build = || Schema::build(Query, EmptyMutation, EmptySubscription);
    assert_eq!(
        refused(build().limit_complexity(1).finish(), "{ inner { ok } }"),
        "Query is too complex."
    );
    assert_eq!(
        refused(build().limit_depth(1).finish(), "{ inner { ok } }"),
        "Query is nested too deep."
    );
    assert!(
        refused(build().limit_recursive_depth(0).finish(), "{ inner { ok } }")
            .contains("cannot be greater than")
    );
    assert!(
        refused(build().limit_directives(0).finish(), "{ other @skip(if: false) }")
            .contains("cannot be greater than")
    );
    assert!(
        refused(build().finish(), "{ __type(name: 1) { name } }")
            .starts_with("Invalid value for argument \"name\"")
    );
}
