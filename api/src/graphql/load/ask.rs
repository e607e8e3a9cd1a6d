//! How resolvers ask the request's loaders: for one thing, for several, for a list.
//!
//! What is not there and what is not for the asker look the same: the loaders answer nothing for both.

use std::collections::HashMap;
use std::hash::Hash;

use async_graphql::dataloader::Loader;
use async_graphql::{Context, Error};
use service::error::ServiceError;
use service::sql::page::Page;

use super::batches::{Batches, loaders};
use crate::graphql::error::from_service;

/// What a key stands for, as the object that the resolver answers; nothing where there is no such thing, or not for the asker.
pub async fn load_one<K, O>(ctx: &Context<'_>, key: K) -> Option<Result<O, Error>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Batches: Loader<K, Error = ServiceError>,
    O: From<<Batches as Loader<K>>::Value>,
{
    let found = loaders(ctx)
        .load_one(key)
        .await
        .map_err(|e| from_service(&e))
        .transpose()?;
    Some(found.map(O::from))
}

/// What several keys stand for, without those that stand for nothing.
pub async fn load_many<K>(
    ctx: &Context<'_>,
    keys: impl Iterator<Item = K>,
) -> Result<HashMap<K, <Batches as Loader<K>>::Value>, Error>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Batches: Loader<K, Error = ServiceError>,
{
    loaders(ctx).load_many(keys).await.map_err(|e| from_service(&e))
}

/// A list or a page of one; empty where there is nothing for the asker.
pub async fn load_list<K>(ctx: &Context<'_>, key: K) -> Result<<Batches as Loader<K>>::Value, Error>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Batches: Loader<K, Error = ServiceError>,
    <Batches as Loader<K>>::Value: Default,
{
    Ok(loaders(ctx)
        .load_one(key)
        .await
        .map_err(|e| from_service(&e))?
        .unwrap_or_default())
}

/// A page of a list, as the connection that the resolver answers; empty where there is nothing for the asker.
pub async fn load_page<K, R, C>(ctx: &Context<'_>, key: K) -> Result<C, Error>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Batches: Loader<K, Value = Page<R>, Error = ServiceError>,
    C: From<Page<R>>,
{
    load_list(ctx, key).await.map(C::from)
}

/// The rows of a plain list, as the objects that the resolver answers; none where there is nothing for the asker.
pub async fn load_rows<K, R, O>(ctx: &Context<'_>, key: K) -> Result<Vec<O>, Error>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Batches: Loader<K, Value = Page<R>, Error = ServiceError>,
    O: From<R>,
{
    let page = load_list(ctx, key).await?;
    Ok(page.edges.into_iter().map(|edge| O::from(edge.node)).collect())
}
