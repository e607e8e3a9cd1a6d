//! What sponsor reports show besides scores, for a batch of accounts: one statement per table.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::NaiveDate;
use engagement::id::{AccountId, InteractionId};
use engagement::markdown::money;
use engagement::policy::Policy;
use engagement::report::sponsor::{
    Contract, Initiative, InteractionText, OrgChange, Outcome, Person, SponsorContext,
};
use engagement::row::{AccountRows, ContactIndex};
use engagement::seat::Seats;
use engagement::sponsor::{Goal, Metric};
use engagement::windows::Windows;
use entity::{initiative, interaction, org_change, outcome};
use sea_orm::sea_query::IntoColumnRef;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::plans;
use crate::access::{Access, visible_accounts};
use crate::db::Db;
use crate::engagement_rows::Organisation;
use crate::error::{During, ServiceError};
use crate::money::Money;
use crate::policy;
use crate::record::{account, contact, goal, metric};
use crate::sql::dialect::id_in;
use crate::sql::stored::{parse, parse_json};

/// Texts of interactions with sponsors that are read for each account: well above what a timeline shows, however many of them turn
/// out to be no facts.
const MOST_TEXTS: usize = 100;

/// Reads the context of each account whose rows are given.
pub(super) async fn read(
    db: &Db,
    access: &Access,
    policy: &Policy,
    windows: &Windows,
    organisation: &Organisation,
    rows: &[AccountRows],
) -> Result<HashMap<AccountId, SponsorContext>, ServiceError> {
    let ids: Vec<AccountId> = rows.iter().map(|rows| rows.account.id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let hash = policy::hash(policy);
    let mut texts = texts(db, access, windows, rows).await?;
    let mut contacts = contact::all_of(db, access, &ids).await?;
    let mut goals = goal::goals_of(db, access, &ids).await?;
    let mut metrics = metric::latest_of(db, access, &ids, None, windows.ending_on).await?;
    let mut changes = org_changes(db, access, windows, &ids).await?;
    let mut initiatives = initiatives(db, access, &ids).await?;
    let mut plans = plans::read(db, access, windows, &ids).await?;
    let mut outcomes = outcomes(db, access, windows, rows).await?;
    let accounts = account::by_ids(db, access, &ids).await?;
    let contexts = accounts.into_values().map(|account| {
        let id = account.id;
        let plans = plans.remove(&id).unwrap_or_default();
        let context = SponsorContext {
            account: account.name,
            contacts: contacts
                .remove(&id)
                .unwrap_or_default()
                .into_iter()
                .map(|contact| (contact.id, person(contact)))
                .collect(),
            interactions: texts.remove(&id).unwrap_or_default(),
            goals: goals
                .remove(&id)
                .unwrap_or_default()
                .into_iter()
                .map(|g| Goal {
                    goal: g.goal,
                    progress: g.progress,
                    due_on: g.due_on,
                })
                .collect(),
            metrics: metrics
                .remove(&id)
                .unwrap_or_default()
                .into_iter()
                .map(observed)
                .collect(),
            org_changes: changes.remove(&id).unwrap_or_default(),
            initiatives: initiatives.remove(&id).unwrap_or_default(),
            contract: Contract {
                start: account.contract_start,
                renewal_on: account.renewal_date,
                arr: account.arr.as_ref().map(shown),
            },
            outcomes: outcomes.remove(&id).unwrap_or_default(),
            scheduled: plans.scheduled,
            planned: plans.outreach,
            data_through: organisation.data_through,
            policy_hash: hash.clone(),
        };
        (id, context)
    });
    Ok(contexts.collect())
}

fn person(contact: contact::Contact) -> Person {
    Person {
        name: contact.name,
        title: contact.title,
        communication_preference: contact.communication_preference,
        priorities: contact.priorities,
    }
}

fn observed(metric: metric::Metric) -> Metric {
    Metric {
        metric: metric.name,
        value: metric.value,
        observed_on: metric.observed_on,
        previous: metric.previous,
        last_above_zero_on: metric.last_above_zero_on,
    }
}

fn shown(amount: &Money) -> String {
    money(std::slice::from_ref(amount))
}

/// The texts of what happened in the trailing year with each account's primary sponsor, or with its executives without one.
async fn texts(
    db: &Db,
    access: &Access,
    windows: &Windows,
    rows: &[AccountRows],
) -> Result<HashMap<AccountId, HashMap<InteractionId, InteractionText>>, ServiceError> {
    use interaction::Column;
    let mut wanted: Vec<Uuid> = Vec::new();
    for rows in rows {
        let seats = Seats::on(rows, windows.ending_on);
        let whom = |contact: ContactIndex| {
            seats
                .primary
                .map_or_else(|| seats.is_executive(rows, contact), |primary| primary == contact)
        };
        let mut theirs: Vec<_> = rows
            .interactions
            .iter()
            .filter(|i| windows.year_start <= i.occurred_at && i.occurred_at < windows.at)
            .filter(|i| {
                i.participants
                    .iter()
                    .map(|p| p.contact)
                    .chain(i.responded_by)
                    .chain(i.from_contact)
                    .any(whom)
            })
            .map(|i| (Reverse(i.occurred_at), i.id.uuid()))
            .collect();
        theirs.sort_unstable();
        wanted.extend(theirs.into_iter().take(MOST_TEXTS).map(|(_, id)| id));
    }
    // The accounts lead the key; without them the statement would look for each id in an index of its own.
    let found = interaction::Entity::find()
        .select_only()
        .columns([
            Column::AccountId,
            Column::Id,
            Column::Subject,
            Column::Topics,
            Column::Outcome,
        ])
        .filter(id_in(
            db.backend(),
            Column::AccountId,
            rows.iter().map(|rows| rows.account.id.uuid()),
        ))
        .filter(id_in(db.backend(), Column::Id, wanted))
        .filter(visible_accounts(access, Column::AccountId.into_column_ref()))
        .into_tuple::<(Uuid, Uuid, Option<String>, String, Option<String>)>()
        .all(db.read())
        .await
        .during("reading what was said to sponsors")?;
    let mut texts: HashMap<AccountId, HashMap<InteractionId, InteractionText>> = HashMap::new();
    for (account, id, subject, topics, outcome) in found {
        let text = InteractionText {
            subject,
            topics: parse_json("interaction", "topics", &topics)?,
            outcome,
        };
        texts.entry(account.into()).or_default().insert(id.into(), text);
    }
    Ok(texts)
}

/// How contracts turned out in the trailing year, of the accounts that are no customers any more.
async fn outcomes(
    db: &Db,
    access: &Access,
    windows: &Windows,
    rows: &[AccountRows],
) -> Result<HashMap<AccountId, Vec<Outcome>>, ServiceError> {
    use outcome::Column;
    let over: Vec<Uuid> = rows
        .iter()
        .filter(|rows| !rows.account.is_active_on(windows.ending_on))
        .map(|rows| rows.account.id.uuid())
        .collect();
    let mut outcomes: HashMap<AccountId, Vec<Outcome>> = HashMap::new();
    if over.is_empty() {
        return Ok(outcomes);
    }
    let found = outcome::Entity::find()
        .filter(id_in(db.backend(), Column::AccountId, over))
        .filter(visible_accounts(access, Column::AccountId.into_column_ref()))
        .filter(Column::OccurredOn.between(windows.year_start_day, windows.ending_on))
        .all(db.read())
        .await
        .during("reading how contracts turned out")?;
    for row in found {
        let arr = |minor: Option<i64>| minor.map(|minor| shown(&Money::new(minor, row.currency.clone())));
        outcomes.entry(row.account_id.into()).or_default().push(Outcome {
            kind: parse("outcome", "kind", &row.kind)?,
            on: row.occurred_on,
            arr_before: arr(row.arr_before_minor),
            arr_after: arr(row.arr_after_minor),
        });
    }
    Ok(outcomes)
}

/// The changes that were observed in the trailing year.
async fn org_changes(
    db: &Db,
    access: &Access,
    windows: &Windows,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, Vec<OrgChange>>, ServiceError> {
    use org_change::Column;
    const TABLE: &str = "org_change";
    let days: [NaiveDate; 2] = [windows.year_start_day, windows.ending_on];
    let rows = org_change::Entity::find()
        .filter(id_in(
            db.backend(),
            Column::AccountId,
            accounts.iter().map(|id| id.uuid()),
        ))
        .filter(visible_accounts(access, Column::AccountId.into_column_ref()))
        .filter(Column::ObservedOn.between(days[0], days[1]))
        .all(db.read())
        .await
        .during("reading organisational changes")?;
    let mut changes: HashMap<AccountId, Vec<OrgChange>> = HashMap::new();
    for row in rows {
        changes.entry(row.account_id.into()).or_default().push(OrgChange {
            kind: parse(TABLE, "kind", &row.kind)?,
            observed_on: row.observed_on,
            contact: row.contact_id.map(Into::into),
            summary: row.summary,
            certainty: parse(TABLE, "certainty", &row.certainty)?,
            impact: row.impact,
            reviewed: row.reviewed_at.is_some(),
        });
    }
    Ok(changes)
}

async fn initiatives(
    db: &Db,
    access: &Access,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, Vec<Initiative>>, ServiceError> {
    use initiative::Column;
    let rows = initiative::Entity::find()
        .filter(id_in(
            db.backend(),
            Column::AccountId,
            accounts.iter().map(|id| id.uuid()),
        ))
        .filter(visible_accounts(access, Column::AccountId.into_column_ref()))
        .all(db.read())
        .await
        .during("reading initiatives")?;
    let mut initiatives: HashMap<AccountId, Vec<Initiative>> = HashMap::new();
    for row in rows {
        initiatives
            .entry(row.account_id.into())
            .or_default()
            .push(Initiative {
                initiative: row.initiative,
                their_priority: row.their_priority,
                alignment: parse("initiative", "alignment", &row.alignment)?,
            });
    }
    Ok(initiatives)
}
