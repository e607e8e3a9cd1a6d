//! A database URL as it may be shown: its password never is. Errors about a URL.

use std::sync::Arc;

use sea_orm::{DbErr, RuntimeErr};

use crate::error::ServiceError;

/// A database URL as it may be shown: without password, also where it stands in the query.
pub fn without_password(url: &str) -> String {
    // Credentials end at the last `@`: a password may itself hold any character, rightly escaped or not.
    let url = match url
        .split_once("://")
        .and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?)))
    {
        Some((scheme, (credentials, host))) => {
            let user = credentials.split_once(':').map_or(credentials, |(user, _)| user);
            format!("{scheme}://{user}@{host}")
        }
        None => url.to_owned(),
    };
    let Some((base, query)) = url.split_once('?') else {
        return url;
    };
    let shown: Vec<&str> = query
        .split('&')
        .filter(|parameter| !parameter.starts_with("password="))
        .collect();
    if shown.is_empty() {
        base.to_owned()
    } else {
        format!("{base}?{}", shown.join("&"))
    }
}

pub(super) fn bad_url(url: &str, why: &str) -> ServiceError {
    ServiceError::bad_input(
        "DATABASE_URL",
        format!("{} is no database URL: {why}", without_password(url)),
    )
}

pub(super) fn unreachable(url: &str, source: sqlx::Error) -> ServiceError {
    let source = DbErr::Conn(RuntimeErr::SqlxError(Arc::new(source)));
    match ServiceError::of("connecting", source) {
        ServiceError::Database { operation, source } => ServiceError::Unreachable {
            database: without_password(url),
            operation,
            source,
        },
        other => other.at(&without_password(url)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            (
                "postgres://app:s3cret@db:5432/rapport",
                "postgres://app@db:5432/rapport",
            ),
            (
                "postgres://app:p@ss@db/rapport?sslmode=require&password=x",
                "postgres://app@db/rapport?sslmode=require",
            ),
            ("postgres://app:p?s@db/rapport", "postgres://app@db/rapport"),
            ("sqlite://rapport.db?mode=rwc", "sqlite://rapport.db?mode=rwc"),
            ("postgres:///rapport?password=x", "postgres:///rapport"),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
