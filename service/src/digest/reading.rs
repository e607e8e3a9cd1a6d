//! Reads what digests tell of, for a batch of accounts, and scores them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use engagement::evaluation::evaluate;
use engagement::guardrail::engagement_fell::DailyScore;
use engagement::id::{AccountId, ContactId};
use engagement::ledger::subtract;
use engagement::measure::Collect;
use engagement::policy::Policy;
use engagement::report::digest::{
    AccountFacts, AccountLabel, AlertFacts, DUE_DAYS, DailyStanding, LOOK_BACK_DAYS,
};
use engagement::score::Assessment;
use engagement::vocabulary::{AlertStatus, InteractionKind, InteractionStatus, OutreachStatus};
use engagement::windows::{Windows, day_of};
use entity::{alert, assessment, interaction, interaction_participant, outreach};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::batches::Batches;
use crate::access::Access;
use crate::clock::instant;
use crate::db::Db;
use crate::engagement_rows::{Organisation, load};
use crate::error::{During, ServiceError};
use crate::policy::hash;
use crate::scoring::assessment::comparable;
use crate::scoring::evaluating::evaluate_all;
use crate::sql::dialect::id_in;
use crate::sql::stored::{parse, parse_optional};

/// A stored score, as far as changes are seen in it.
#[derive(FromQueryResult)]
pub(super) struct ScoreRow {
    account_id: Uuid,
    day: NaiveDate,
    overall_rounded: Option<i32>,
    pattern: Option<String>,
    provisional: bool,
    standing: Option<String>,
}

/// What is stored of an account's earlier days.
type Past = (Vec<DailyScore>, Vec<DailyStanding>);

/// An alert, as far as it is told.
#[derive(FromQueryResult)]
struct AlertRow {
    id: Uuid,
    account_key: Uuid,
    rule: String,
    severity: String,
    status: String,
    message: String,
    opened_at: i64,
    baseline: bool,
}

pub(super) struct Reading<'a> {
    pub(super) db: &'a Db,
    pub(super) policy: &'a Arc<Policy>,
    pub(super) zone: Tz,
    pub(super) span: Span,
    pub(super) access: Access,
}

impl Reading<'_> {
    fn windows(&self, ending_on: NaiveDate) -> Windows {
        Windows::new(ending_on, self.span.now, self.zone, self.policy.standard_period)
    }

    /// The stored scores and standings of each account, as far back as changes are looked for.
    pub(super) async fn past(&self, ids: &[AccountId]) -> Result<HashMap<AccountId, Past>, ServiceError> {
        use assessment::Column;
        let Span { today, since, .. } = self.span;
        let rows = assessment::Entity::find()
            .select_only()
            .columns([
                Column::AccountId,
                Column::Day,
                Column::OverallRounded,
                Column::Pattern,
                Column::Provisional,
                Column::Standing,
            ])
            .filter(id_in(
                self.db.backend(),
                Column::AccountId,
                ids.iter().map(|id| id.uuid()),
            ))
            .filter(Column::Day.between(since - TimeDelta::days(LOOK_BACK_DAYS), today))
            .filter(comparable(&hash(self.policy)))
            .into_model::<ScoreRow>()
            .all(self.db.read())
            .await
            .during("reading the scores of digests")?;
        let mut past: HashMap<AccountId, Past> = HashMap::new();
        for ScoreRow {
            account_id,
            day,
            overall_rounded: overall,
            pattern,
            provisional,
            standing,
        } in rows
        {
            let pattern = parse_optional("assessment", "pattern", pattern.as_deref())?;
            let standing = parse_optional("assessment", "standing", standing.as_deref())?;
            let (scores, standings) = past.entry(account_id.into()).or_default();
            scores.push(DailyScore {
                day,
                overall,
                pattern,
                provisional,
            });
            standings.extend(standing.map(|standing| DailyStanding { day, standing }));
        }
        Ok(past)
    }

    /// Alerts that are open or acknowledged.
    pub(super) async fn alerts(
        &self,
        ids: &[AccountId],
    ) -> Result<HashMap<AccountId, Vec<AlertFacts>>, ServiceError> {
        use alert::Column;
        const TABLE: &str = "alert";
        let standing = [AlertStatus::Open, AlertStatus::Acknowledged].map(AlertStatus::as_str);
        let rows = alert::Entity::find()
            .select_only()
            .columns([
                Column::Id,
                Column::AccountKey,
                Column::Rule,
                Column::Severity,
                Column::Status,
                Column::Message,
                Column::OpenedAt,
                Column::Baseline,
            ])
            .filter(id_in(
                self.db.backend(),
                Column::AccountKey,
                ids.iter().map(|id| id.uuid()),
            ))
            .filter(Column::Status.is_in(standing))
            .into_model::<AlertRow>()
            .all(self.db.read())
            .await
            .during("reading the alerts of digests")?;
        let mut alerts: HashMap<AccountId, Vec<AlertFacts>> = HashMap::new();
        for AlertRow {
            id,
            account_key: account,
            rule,
            severity,
            status,
            message,
            opened_at,
            baseline,
        } in rows
        {
            alerts.entry(account.into()).or_default().push(AlertFacts {
                id: id.into(),
                rule: parse(TABLE, "rule", &rule)?,
                severity: parse(TABLE, "severity", &severity)?,
                message,
                opened_at: instant(opened_at),
                baseline,
                acknowledged: parse::<AlertStatus>(TABLE, "status", &status)? == AlertStatus::Acknowledged,
            });
        }
        Ok(alerts)
    }

    /// What follows from the accounts' rows today.
    pub(super) async fn score(
        &self,
        labels: HashMap<AccountId, AccountLabel>,
        ids: &[AccountId],
    ) -> Result<HashMap<AccountId, AccountFacts>, ServiceError> {
        let windows = self.windows(self.span.today);
        let organisation = Arc::new(Organisation::read(self.db, &windows).await?);
        let (mut facts, mut batches) = (HashMap::with_capacity(ids.len()), Batches::of(ids));
        while let Some(some) = batches.next() {
            let read = match load(self.db, &self.access, &organisation, &windows, some).await {
                Ok(rows) => {
                    let rows = rows
                        .into_iter()
                        .filter_map(|rows| labels.get(&rows.account.id).cloned().map(|label| (rows, label)));
                    let (organisation, policy) = (Arc::clone(&organisation), Arc::clone(self.policy));
                    let of_facts = Arc::clone(&policy);
                    evaluate_all(
                        self.db.read(),
                        &windows,
                        rows.collect(),
                        move |rows| {
                            evaluate(
                                rows,
                                organisation.catalogue(),
                                &policy,
                                &windows,
                                Collect::Numbers,
                            )
                        },
                        move |rows, label, evaluation| {
                            (
                                rows.account.id,
                                AccountFacts::new(&rows, &evaluation, label, &of_facts),
                            )
                        },
                    )
                    .await
                }
                Err(error) => Err(error),
            };
            facts.extend(batches.or_halve(some, read)?);
        }
        Ok(facts)
    }

    /// Fills in which rows of the ledger moved: only the accounts that changed are scored as of then and now.
    pub(super) async fn explain(
        &self,
        accounts: &mut HashMap<AccountId, AccountFacts>,
    ) -> Result<(), ServiceError> {
        let mut by_day: BTreeMap<NaiveDate, Vec<AccountId>> = BTreeMap::new();
        for (id, change) in accounts
            .iter()
            .filter_map(|(id, facts)| Some((id, facts.change.as_ref().filter(|_| facts.known)?)))
        {
            by_day.entry(change.since).or_default().push(*id);
        }
        let changed: Vec<AccountId> = by_day.values().flatten().copied().collect();
        let mut now = self.assessments(self.span.today, &changed).await?;
        for (day, ids) in by_day {
            for (id, before) in self.assessments(day, &ids).await? {
                let change = accounts.get_mut(&id).and_then(|facts| facts.change.as_mut());
                if let (Some(change), Some(now)) = (change, now.remove(&id)) {
                    change.moved = subtract(&before, &now);
                }
            }
        }
        Ok(())
    }

    async fn assessments(
        &self,
        day: NaiveDate,
        ids: &[AccountId],
    ) -> Result<HashMap<AccountId, Assessment>, ServiceError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let windows = self.windows(day);
        let organisation = Arc::new(Organisation::read(self.db, &windows).await?);
        let (mut assessments, mut batches) = (HashMap::with_capacity(ids.len()), Batches::of(ids));
        while let Some(some) = batches.next() {
            let read = match load(self.db, &self.access, &organisation, &windows, some).await {
                Ok(rows) => {
                    let (organisation, policy) = (Arc::clone(&organisation), Arc::clone(self.policy));
                    evaluate_all(
                        self.db.read(),
                        &windows,
                        rows.into_iter().map(|rows| (rows, ())).collect(),
                        move |rows| {
                            evaluate(
                                rows,
                                organisation.catalogue(),
                                &policy,
                                &windows,
                                Collect::Numbers,
                            )
                        },
                        |rows, (), evaluation| (rows.account.id, evaluation.assessment),
                    )
                    .await
                }
                Err(error) => Err(error),
            };
            assessments.extend(batches.or_halve(some, read)?);
        }
        Ok(assessments)
    }

    /// The first day in the next two weeks for which a touch of each contact is planned, as outreach or as an interaction.
    pub(super) async fn planned(
        &self,
        contacts: &[ContactId],
    ) -> Result<HashMap<ContactId, NaiveDate>, ServiceError> {
        let operation = "reading what is planned with executives";
        if contacts.is_empty() {
            return Ok(HashMap::new());
        }
        let from = self.span.now.timestamp_micros();
        let until = (self.span.now + Days::new(DUE_DAYS.unsigned_abs() + 1)).timestamp_micros();
        let ids = || contacts.iter().map(|id| id.uuid());
        let mut planned: Vec<(Uuid, i64)> = outreach::Entity::find()
            .select_only()
            .columns([outreach::Column::ContactId, outreach::Column::PlannedFor])
            .filter(id_in(self.db.backend(), outreach::Column::ContactId, ids()))
            .filter(outreach::Column::Status.eq(OutreachStatus::Planned.as_str()))
            .filter(outreach::Column::PlannedFor.between(from, until))
            .into_tuple()
            .all(self.db.read())
            .await
            .during(operation)?;
        let kinds = InteractionKind::ALL
            .iter()
            .filter(|kind| kind.is_executive_contact())
            .map(|kind| kind.as_str());
        let (i, p) = (interaction::Entity, interaction_participant::Entity);
        let select = Query::select()
            .column((p, interaction_participant::Column::ContactId))
            .column((i, interaction::Column::OccurredAt))
            .from(i)
            .inner_join(
                p,
                Expr::col((p, interaction_participant::Column::AccountId))
                    .equals((i, interaction::Column::AccountId))
                    .and(
                        Expr::col((p, interaction_participant::Column::InteractionId))
                            .equals((i, interaction::Column::Id)),
                    ),
            )
            .and_where(id_in(
                self.db.backend(),
                (p, interaction_participant::Column::ContactId),
                ids(),
            ))
            .and_where(Expr::col((i, interaction::Column::Status)).eq(InteractionStatus::Scheduled.as_str()))
            .and_where(Expr::col((i, interaction::Column::OccurredAt)).between(from, until))
            .and_where(Expr::col((i, interaction::Column::Kind)).is_in(kinds))
            .to_owned();
        for row in self.db.read().query_all(&select).await.during(operation)? {
            planned.push((
                row.try_get_by_index(0).during(operation)?,
                row.try_get_by_index(1).during(operation)?,
            ));
        }
        let mut first: HashMap<ContactId, NaiveDate> = HashMap::new();
        for (contact, at) in planned {
            let day = day_of(instant(at), self.zone);
            first
                .entry(contact.into())
                .and_modify(|known| *known = Ord::min(*known, day))
                .or_insert(day);
        }
        Ok(first)
    }
}

/// When digests are made, and since when they tell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) now: DateTime<Utc>,
    /// Today, in the organisation's zone.
    pub(super) today: NaiveDate,
    /// The day on which the readers were told last.
    pub(super) since: NaiveDate,
}
