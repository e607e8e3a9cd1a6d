//! Everything that can be changed: one file per group, each mutation with one `input` and a payload.
//!
//! A mutation is nullable, so that one that fails does not hide what others of the same request did. What it may do is
//! decided in `service`, in the transaction that does it.

use async_graphql::MergedObject;

use super::mutate_alerts::AlertMutations;
use super::mutate_contacts::ContactMutations;
use super::mutate_org_changes::OrgChangeMutations;
use super::mutate_outreach::OutreachMutations;
use super::mutate_rows::RowMutations;
use super::mutate_sponsors::SponsorMutations;
use super::mutate_team::TeamMutations;
use super::mutate_users::UserMutations;

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
