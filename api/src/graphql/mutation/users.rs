//! What is a user's own: bearer tokens, and what they want of the weekly digest.

use async_graphql::{Context, Error, ID, InputObject, Object, SimpleObject};
use engagement::id::UserId;
use engagement::vocabulary::Weekday;
use service::record::digest_preferences::{self, DigestChange};

use crate::graphql::context::RequestContext;
use crate::graphql::error::{bad_user_input, from_service, internal};
use crate::graphql::object::token::ApiToken;
use crate::graphql::object::user::User;
use crate::graphql::scalar::node_id::parse_id;
use crate::graphql::scalar::time::Instant;

/// What `createApiToken` takes.
#[derive(InputObject)]
pub struct CreateApiTokenInput {
    /// What it is for, as lists of tokens show it; at most 100 characters.
    name: String,
    /// Whose; yours unless said.
    user_id: Option<ID>,
    /// From when on it is refused, at most 365 days from now and no later than the token that you come with; 90 days from now
    /// unless said, or with that token where it ends sooner.
    expires_at: Option<Instant>,
    /// Your own name for this request, 1 to 128 printable characters: for 24 hours a second one with the same key makes no other
    /// token. The secret is not shown again: CONFLICT names the token, to be revoked.
    idempotency_key: Option<String>,
}

/// What `createApiToken` did.
#[derive(SimpleObject)]
pub struct CreateApiTokenPayload {
    /// The bearer token. It is shown only now.
    token: String,
    /// All but the secret.
    api_token: ApiToken,
}

/// What `revokeApiToken` takes.
#[derive(InputObject)]
pub struct RevokeApiTokenInput {
    /// The token's id.
    token_id: ID,
}

/// What `revokeApiToken` did.
#[derive(SimpleObject)]
pub struct RevokeApiTokenPayload {
    /// The token, dead from now on.
    api_token: ApiToken,
}

/// What `revokeApiTokens` takes.
#[derive(InputObject)]
pub struct RevokeApiTokensInput {
    /// Whose; yours unless said.
    user_id: Option<ID>,
}

/// What `revokeApiTokens` did.
#[derive(SimpleObject)]
pub struct RevokeApiTokensPayload {
    /// How many tokens it ended: of the user, and made with one of theirs.
    revoked: usize,
}

/// What `setDigestPreferences` takes. What is not given stays.
#[derive(InputObject)]
pub struct SetDigestPreferencesInput {
    /// No digest at all, or one again.
    off: Option<bool>,
    /// On which day.
    day: Option<Weekday>,
    /// At which hour of it, from 0 to 23.
    hour: Option<i32>,
    /// In which time zone (IANA).
    time_zone: Option<String>,
}

/// What `setDigestPreferences` did.
#[derive(SimpleObject)]
pub struct SetDigestPreferencesPayload {
    /// You, with your preferences.
    user: User,
}

/// What is a user's own.
#[derive(Default)]
pub struct UserMutations;

/// What is a user's own.
#[Object]
impl UserMutations {
    /// Makes a bearer token, for yourself or, as an admin, for anybody. It has the rights that its user has when it is
    /// used, and ends with the token that you come with.
    async fn create_api_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For what, whose and how long.")] input: CreateApiTokenInput,
    ) -> Option<Result<CreateApiTokenPayload, Error>> {
        Some(create_token(ctx, &input).await)
    }

    /// Revokes a bearer token, at once, and every token that was made with it; one of your own or, as an admin, anybody's.
    async fn revoke_api_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: RevokeApiTokenInput,
    ) -> Option<Result<RevokeApiTokenPayload, Error>> {
        Some(revoke_token(ctx, &input).await)
    }

    /// Revokes every bearer token of a user, at once, and every token that was made with one of them; your own, the one that
    /// you come with included, or, as an admin, anybody's.
    async fn revoke_api_tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] input: RevokeApiTokensInput,
    ) -> Option<Result<RevokeApiTokensPayload, Error>> {
        Some(revoke_tokens(ctx, &input).await)
    }

    /// Says whether and when your weekly digest comes.
    async fn set_digest_preferences(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: SetDigestPreferencesInput,
    ) -> Option<Result<SetDigestPreferencesPayload, Error>> {
        Some(set_digest(ctx, &input).await)
    }
}

async fn create_token(
    ctx: &Context<'_>,
    input: &CreateApiTokenInput,
) -> Result<CreateApiTokenPayload, Error> {
    let context = RequestContext::of(ctx);
    let user = user_or_own(context, input.user_id.as_ref())?;
    let access = context.access_under(input.idempotency_key.as_deref(), input)?;
    let expires_at = input.expires_at.map(|at| at.0);
    let made = service::token::create(
        &context.state.db,
        &context.state.clock,
        &access,
        user,
        &input.name,
        expires_at,
    )
    .await
    .map_err(|e| from_service(&e))?;
    Ok(CreateApiTokenPayload {
        token: made.secret,
        api_token: made.token.into(),
    })
}

async fn revoke_token(
    ctx: &Context<'_>,
    input: &RevokeApiTokenInput,
) -> Result<RevokeApiTokenPayload, Error> {
    let context = RequestContext::of(ctx);
    let id = parse_id("tokenId", &input.token_id)?;
    let revoked = service::token::revoke(&context.state.db, &context.state.clock, &context.access, id).await;
    Ok(RevokeApiTokenPayload {
        api_token: revoked.map_err(|e| from_service(&e))?.into(),
    })
}

async fn revoke_tokens(
    ctx: &Context<'_>,
    input: &RevokeApiTokensInput,
) -> Result<RevokeApiTokensPayload, Error> {
    let context = RequestContext::of(ctx);
    let user = user_or_own(context, input.user_id.as_ref())?;
    let revoked =
        service::token::revoke_all(&context.state.db, &context.state.clock, &context.access, user).await;
    Ok(RevokeApiTokensPayload {
        revoked: revoked.map_err(|e| from_service(&e))?.len(),
    })
}

fn user_or_own(context: &RequestContext, user: Option<&ID>) -> Result<UserId, Error> {
    match user {
        Some(id) => parse_id("userId", id),
        None => own(context),
    }
}

fn own(context: &RequestContext) -> Result<UserId, Error> {
    context
        .access
        .user()
        .ok_or_else(|| internal("a request without a user"))
}

async fn set_digest(
    ctx: &Context<'_>,
    input: &SetDigestPreferencesInput,
) -> Result<SetDigestPreferencesPayload, Error> {
    let context = RequestContext::of(ctx);
    let user = own(context)?;
    let hour = input
        .hour
        .map(|hour| {
            u8::try_from(hour).map_err(|_| bad_user_input("hour", "an hour is a number from 0 to 23"))
        })
        .transpose()?;
    let zone = input.time_zone.as_deref().map(|name| {
        name.parse().map_err(|_| {
            bad_user_input(
                "timeZone",
                "a time zone is named as by IANA, such as Europe/Berlin",
            )
        })
    });
    let change = DigestChange {
        off: input.off,
        day: input.day,
        hour,
        zone: zone.transpose()?,
    };
    let user = digest_preferences::set(&context.state.db, &context.access, context.now, user, &change).await;
    Ok(SetDigestPreferencesPayload {
        user: User(user.map_err(|e| from_service(&e))?),
    })
}
