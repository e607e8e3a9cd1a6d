//! What the guardrails look at beside an account's rows: organisational changes, stored scores, the contract; read for a
//! batch of accounts at once.

use std::collections::HashMap;

use chrono::NaiveDate;
use engagement::alert::lifecycle::{Conditions, EvaluationDay};
use engagement::alert::{Alert, AlertRule, Subject};
use engagement::guardrail::engagement_fell::{DailyScore, is_suspected};
use engagement::guardrail::org_change::OrgChange;
use engagement::guardrail::sponsor_departure::{departed_sponsors, succession_picture};
use engagement::guardrail::{AccountFacts, conditions};
use engagement::id::{AccountId, AlertId, ContactId};
use engagement::vocabulary::{AlertStatus, Certainty, OrgChangeKind};
use entity::{account, assessment, contact, org_change};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::round::{Examined, Round};
use super::stored::StoredAlert;
use super::succession::{Stakes, Succession};
use crate::db::Tx;
use crate::engagement_rows::load_year_ago_usage;
use crate::error::{During, ServiceError};
use crate::policy::hash;
use crate::scoring::ScoredAccount;
use crate::scoring::assessment::comparable;
use crate::settings::Settings;
use crate::sql::dialect::id_in;
use crate::sql::stored::{parse, parse_optional};

/// Days by which a stored score may be older than the day it stands for.
const NEAREST_DAYS: u64 = 7;

/// Account, day, rounded score, pattern, whether provisional.
type ScoreRow = (Uuid, NaiveDate, Option<i32>, Option<String>, bool);
/// Account, revenue in minor units, currency, renewal.
type ContractRow = (Uuid, Option<i64>, Option<String>, Option<NaiveDate>);

/// What is known of the accounts of a batch.
pub(super) struct Facts {
    changes: HashMap<AccountId, Vec<OrgChange>>,
    scores: HashMap<AccountId, Vec<DailyScore>>,
    stakes: HashMap<AccountId, Stakes>,
    names: HashMap<ContactId, String>,
    year_ago_usage: HashMap<AccountId, [u32; 2]>,
}

impl Facts {
    /// Reads them: at most five statements.
    pub(super) async fn read(
        tx: &Tx,
        settings: &Settings,
        round: &Round<'_>,
        batch: &[Examined<'_>],
    ) -> Result<Self, ServiceError> {
        let accounts: Vec<AccountId> = batch.iter().map(Examined::account).collect();
        let looks_at = |rule: AlertRule| round.only.is_none_or(|only| only.contains(&rule));
        let scores = if looks_at(AlertRule::EngagementFell) {
            scores(tx, settings, round.day, &accounts).await?
        } else {
            HashMap::new()
        };
        let year_ago_usage = year_ago_usage(tx, settings, &scores, batch).await?;
        Ok(Self {
            year_ago_usage,
            changes: changes(tx, settings, round.day, &accounts).await?,
            scores,
            stakes: stakes(tx, &accounts).await?,
            names: names(tx, settings, round.day, batch).await?,
        })
    }

    /// What holds for an account.
    pub(super) fn conditions(
        &self,
        examined: &Examined<'_>,
        alerts: &[(AlertId, Alert)],
        evaluation: &EvaluationDay,
        round: &Round<'_>,
        settings: &Settings,
    ) -> Conditions {
        let account = examined.account();
        let mut found = match examined {
            Examined::Over(_) => Conditions {
                over: true,
                ..Conditions::default()
            },
            Examined::Customer(scored) => {
                let facts = AccountFacts {
                    rows: &scored.rows,
                    evaluation: &scored.evaluation,
                    year_ago_usage: self.year_ago_usage.get(&account).copied(),
                    changes: self.changes.get(&account).map_or(&[], Vec::as_slice),
                    scores: self.scores.get(&account).map_or(&[], Vec::as_slice),
                    names: &self.names,
                    stale: round.stale,
                };
                conditions(&facts, alerts, evaluation, &settings.policy)
            }
        };
        if let Some(only) = round.only {
            found
                .unknown
                .extend(AlertRule::ALL.iter().filter(|rule| !only.contains(rule)));
        }
        found
    }

    /// Draws the picture of who could follow, for alerts of departures that do not have it yet.
    pub(super) fn draw_pictures(
        &self,
        alerts: &mut [StoredAlert],
        scored: &ScoredAccount,
        settings: &Settings,
    ) {
        let ScoredAccount { rows, evaluation } = scored;
        let sponsors = &evaluation.sponsors;
        let unresolved = alerts
            .iter()
            .filter(|stored| stored.alert.is_unresolved())
            .count();
        let without = |stored: &&mut StoredAlert| {
            stored.alert.key.rule == AlertRule::SponsorDeparted
                && stored.alert.status == AlertStatus::Open
                && stored.succession.is_none()
        };
        for stored in alerts.iter_mut().filter(without) {
            let Subject::Contact(contact) = stored.alert.key.subject else {
                continue;
            };
            let gone = departed_sponsors(rows, evaluation.windows.ending_on, &settings.policy);
            let is_them = |index: u32| {
                rows.contacts
                    .get(index as usize)
                    .is_some_and(|row| row.id == contact)
            };
            let gone = gone.into_iter().find(|gone| is_them(gone.contact));
            let picture =
                gone.and_then(|gone| succession_picture(gone, rows, sponsors, &evaluation.current.touches));
            stored.succession = picture.map(|picture| {
                Box::new(Succession {
                    picture,
                    source: self.source_of(rows.account.id, contact),
                    stakes: self.stakes.get(&rows.account.id).cloned().unwrap_or_default(),
                    standing: evaluation.standing.clone(),
                    overall: evaluation.assessment.rounded(),
                    pattern: evaluation.assessment.pattern,
                    open_alerts: u32::try_from(unresolved.saturating_sub(1)).unwrap_or(u32::MAX),
                })
            });
        }
    }

    /// How a confirmed departure became known, the earliest first.
    fn source_of(
        &self,
        account: AccountId,
        contact: ContactId,
    ) -> Option<engagement::vocabulary::OrgChangeSource> {
        let departures = self.changes.get(&account).into_iter().flatten().filter(|change| {
            change.kind == OrgChangeKind::Departure
                && change.certainty == Certainty::Confirmed
                && change.contact == Some(contact)
        });
        departures
            .min_by_key(|change| change.observed_on)
            .map(|change| change.source)
    }
}

/// Changes that nobody has reviewed, and departures that are news.
async fn changes(
    tx: &Tx,
    settings: &Settings,
    day: NaiveDate,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, Vec<OrgChange>>, ServiceError> {
    use org_change::Column;
    const TABLE: &str = "org_change";
    let news_from = day - chrono::Days::new(u64::from(settings.policy.guardrails.departure_days));
    let rows = org_change::Entity::find()
        .filter(id_in(
            tx.get_database_backend(),
            Column::AccountId,
            accounts.iter().map(|id| id.uuid()),
        ))
        .filter(
            Condition::any().add(Column::ReviewedAt.is_null()).add(
                Condition::all()
                    .add(Column::Kind.eq(OrgChangeKind::Departure.as_str()))
                    .add(Column::ObservedOn.gte(news_from)),
            ),
        )
        .order_by_asc(Column::AccountId)
        .order_by_asc(Column::ObservedOn)
        .order_by_asc(Column::Id)
        .all(tx)
        .await
        .during("reading organisational changes")?;
    let mut changes: HashMap<AccountId, Vec<OrgChange>> = HashMap::new();
    for row in rows {
        changes.entry(row.account_id.into()).or_default().push(OrgChange {
            id: row.id.into(),
            kind: parse(TABLE, "kind", &row.kind)?,
            observed_on: row.observed_on,
            contact: row.contact_id.map(Into::into),
            source: parse(TABLE, "source", &row.source)?,
            certainty: parse(TABLE, "certainty", &row.certainty)?,
            reviewed: row.reviewed_at.is_some(),
        });
    }
    Ok(changes)
}

/// The stored scores that can be compared: of today, of the last stored day before it, and of four weeks before either.
async fn scores(
    tx: &Tx,
    settings: &Settings,
    day: NaiveDate,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, Vec<DailyScore>>, ServiceError> {
    use assessment::Column;
    let back = |days: u64| day - chrono::Days::new(days);
    let fall_days = u64::from(settings.policy.guardrails.fall_days);
    let near = Column::Day.between(back(NEAREST_DAYS + 1), day);
    let far = Column::Day.between(back(fall_days + 2 * NEAREST_DAYS + 1), back(fall_days));
    let rows: Vec<ScoreRow> = assessment::Entity::find()
        .select_only()
        .columns([
            Column::AccountId,
            Column::Day,
            Column::OverallRounded,
            Column::Pattern,
            Column::Provisional,
        ])
        .filter(id_in(
            tx.get_database_backend(),
            Column::AccountId,
            accounts.iter().map(|id| id.uuid()),
        ))
        .filter(Condition::any().add(near).add(far))
        .filter(comparable(&hash(&settings.policy)))
        .into_tuple()
        .all(tx)
        .await
        .during("reading scores to compare")?;
    let mut scores: HashMap<AccountId, Vec<DailyScore>> = HashMap::new();
    for (account, day, overall, pattern, provisional) in rows {
        let pattern = parse_optional("assessment", "pattern", pattern.as_deref())?;
        scores.entry(account.into()).or_default().push(DailyScore {
            day,
            overall,
            pattern,
            provisional,
        });
    }
    Ok(scores)
}

/// Usage of a year ago, of the accounts whose score seems to have fallen and that nobody has read it for yet.
async fn year_ago_usage(
    tx: &Tx,
    settings: &Settings,
    scores: &HashMap<AccountId, Vec<DailyScore>>,
    batch: &[Examined<'_>],
) -> Result<HashMap<AccountId, [u32; 2]>, ServiceError> {
    let fell = batch.iter().filter_map(|examined| {
        let Examined::Customer(scored) = examined else {
            return None;
        };
        let scores = scores.get(&scored.rows.account.id)?;
        let unread = scored.rows.year_ago_usage.is_none();
        (unread && is_suspected(scores, &scored.evaluation, &settings.policy)).then_some(scored)
    });
    let fell: Vec<&ScoredAccount> = fell.copied().collect();
    let Some(first) = fell.first() else {
        return Ok(HashMap::new());
    };
    let accounts: Vec<AccountId> = fell.iter().map(|scored| scored.rows.account.id).collect();
    load_year_ago_usage(tx, &first.evaluation.standard, &accounts).await
}

async fn stakes(tx: &Tx, accounts: &[AccountId]) -> Result<HashMap<AccountId, Stakes>, ServiceError> {
    use account::Column;
    let rows: Vec<ContractRow> = account::Entity::find()
        .select_only()
        .columns([
            Column::Id,
            Column::ArrMinor,
            Column::Currency,
            Column::RenewalDate,
        ])
        .filter(id_in(
            tx.get_database_backend(),
            Column::Id,
            accounts.iter().map(|id| id.uuid()),
        ))
        .into_tuple()
        .all(tx)
        .await
        .during("reading contracts")?;
    Ok(rows
        .into_iter()
        .map(|(id, arr_minor, currency, renewal_on)| {
            (
                id.into(),
                Stakes {
                    arr_minor,
                    currency,
                    renewal_on,
                },
            )
        })
        .collect())
}

/// The names of sponsors who have just left.
async fn names(
    tx: &Tx,
    settings: &Settings,
    day: NaiveDate,
    batch: &[Examined<'_>],
) -> Result<HashMap<ContactId, String>, ServiceError> {
    let mut departed = Vec::new();
    for examined in batch {
        if let Examined::Customer(ScoredAccount { rows, .. }) = examined {
            let gone = departed_sponsors(rows, day, &settings.policy);
            departed.extend(
                gone.into_iter()
                    .filter_map(|gone| rows.contacts.get(gone.contact as usize))
                    .map(|contact| contact.id.uuid()),
            );
        }
    }
    if departed.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Uuid, String)> = contact::Entity::find()
        .select_only()
        .columns([contact::Column::Id, contact::Column::Name])
        .filter(id_in(tx.get_database_backend(), contact::Column::Id, departed))
        .into_tuple()
        .all(tx)
        .await
        .during("reading who left")?;
    Ok(rows.into_iter().map(|(id, name)| (id.into(), name)).collect())
}
