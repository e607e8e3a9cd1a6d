//! Everything that can be changed: one file per group, each mutation with one `input` and a payload.
//!
//! A mutation is nullable, so that one that fails does not hide what others of the same request did. What it may do is
//! decided in `service`, in the transaction that does it.

mod alerts;
mod contacts;
mod org_changes;
mod outreach;
mod row_input;
mod row_inputs;
mod rows;
mod sponsors;
mod team;
mod users;

use async_graphql::MergedObject;

use alerts::AlertMutations;
use contacts::ContactMutations;
use org_changes::OrgChangeMutations;
use outreach::OutreachMutations;
use rows::RowMutations;
use sponsors::SponsorMutations;
use team::TeamMutations;
use users::UserMutations;

/// Everything that can be changed. Mutations of one request are done one after the other, each whole or not at all.
#[derive(MergedObject, Default)]
pub struct Mutation(
    RowMutations,
    ContactMutations,
    SponsorMutations,
    TeamMutations,
    UserMutations,
    OrgChangeMutations,
    OutreachMutations,
    AlertMutations,
);
