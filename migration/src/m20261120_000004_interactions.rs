//! What happened between us and a customer, and who of the customer took part.
//!
//! `responded_by` and `from_contact` do not follow a contact that is removed by themselves (a part of a composite key
//! cannot be set to NULL on both databases): the service clears them in the same transaction.
//!
//! Every index and reference is paid for by every row of an import. So participants have no index by contact (those of an
//! account lie side by side, and nobody looks further than that) and no reference to the account that their interaction
//! and their contact both refer to.

use sea_orm_migration::prelude::*;

use crate::words::{Words, drop_tables, one_of, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let words = Words::of(manager);
        let Words {
            id,
            bigint,
            clustered,
            ..
        } = words;
        let kind = one_of(
            "kind",
            &[
                "EMAIL",
                "CALL",
                "MEETING",
                "STRATEGIC_CHECK_IN",
                "EXECUTIVE_DINNER",
                "QBR",
                "TRAINING",
                "CERTIFICATION",
                "FORUM_POST",
                "COMMUNITY_EVENT",
                "REFERENCE",
                "REFERRAL",
                "INTERNAL_ADVOCACY",
            ],
        );
        let direction = one_of("direction", &["OUTBOUND", "INBOUND"]);
        let status = one_of(
            "status",
            &["SCHEDULED", "COMPLETED", "CANCELED", "NO_SHOW", "DECLINED"],
        );
        let purpose = one_of("purpose", &["STRATEGIC", "TACTICAL", "OPERATIONAL"]);
        let canceled_by = one_of("canceled_by", &["CUSTOMER", "VENDOR"]);
        let attendance = one_of("attendance", &["ATTENDED", "ABSENT", "UNKNOWN"]);
        run(
            manager,
            &[
                format!(
                    "CREATE TABLE interaction (
                        account_id {id} NOT NULL REFERENCES account (id) ON DELETE CASCADE,
                        id {id} NOT NULL,
                        external_id text NOT NULL CHECK (external_id <> ''),
                        {kind} NOT NULL,
                        {direction} NOT NULL,
                        {status} NOT NULL,
                        {purpose},
                        occurred_at {bigint} NOT NULL,
                        responded_at {bigint},
                        responded_by {id},
                        from_contact {id},
                        rescheduled_to text,
                        {canceled_by},
                        subject text,
                        topics text NOT NULL DEFAULT '[]',
                        outcome text,
                        owner_id {id} REFERENCES app_user (id) ON DELETE SET NULL,
                        created_at {bigint} NOT NULL,
                        updated_at {bigint} NOT NULL,
                        PRIMARY KEY (account_id, id),
                        UNIQUE (account_id, external_id),
                        FOREIGN KEY (account_id, responded_by) REFERENCES contact (account_id, id),
                        FOREIGN KEY (account_id, from_contact) REFERENCES contact (account_id, id),
                        CONSTRAINT interaction_response CHECK (responded_at >= occurred_at)
                    ) {clustered}"
                ),
                "CREATE INDEX interaction_account_time ON interaction (account_id, occurred_at)".to_owned(),
                "CREATE INDEX interaction_time ON interaction (occurred_at)".to_owned(),
                "CREATE INDEX interaction_id ON interaction (id)".to_owned(),
                "CREATE INDEX interaction_owner ON interaction (owner_id) WHERE owner_id IS NOT NULL".to_owned(),
                format!(
                    "CREATE TABLE interaction_participant (
                        account_id {id} NOT NULL,
                        interaction_id {id} NOT NULL,
                        contact_id {id} NOT NULL,
                        {attendance} NOT NULL,
                        PRIMARY KEY (account_id, interaction_id, contact_id),
                        FOREIGN KEY (account_id, interaction_id) REFERENCES interaction (account_id, id) ON DELETE CASCADE,
                        FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE
                    ) {clustered}"
                ),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["interaction_participant", "interaction"]).await
    }
}
