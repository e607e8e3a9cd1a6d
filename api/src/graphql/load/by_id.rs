//! How a loader that asks `service` for single things is declared, once for all files of keys.
//!
//! A key wraps what `service` looks up. What is not there, or not for the caller, has no value in the answer.

/// Declares the loader of a key: the key, what it stands for, and the function of `service` that looks several of them up at once. The
/// function answers what it has found by what the keys wrap.
macro_rules! load_by {
    ($key:ident => $value:ty, $service:path) => {
        impl async_graphql::dataloader::Loader<$key> for $crate::graphql::load::batches::Batches {
            type Value = $value;
            type Error = service::error::ServiceError;

            async fn load(
                &self,
                keys: &[$key],
            ) -> Result<std::collections::HashMap<$key, $value>, service::error::ServiceError> {
                let inner: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
                let found = $service(&self.0.state.db, &self.0.access, &inner).await?;
                Ok(found
                    .into_iter()
                    .map(|(key, value)| ($key(key), value))
                    .collect())
            }
        }
    };
}
pub(super) use load_by;
