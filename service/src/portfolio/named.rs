//! The accounts that a portfolio from stored scores names. One statement brings the largest of each currency for every
//! combination of what there is to look at, whatever the book: what weighs most of a concern is among them. Which of them are
//! shown is decided by the domain ([`Named`](engagement::portfolio::Named)), as it is where every account is scored.

use chrono::NaiveDate;
use engagement::id::AccountId;
use engagement::portfolio::{Concern, CountedAccount, MOST_LISTED, MOST_NAMED, NamedAccount, PortfolioTotals};
use engagement::report::portfolio::{PortfolioReport, commonest_signal};
use engagement::vocabulary::Pattern;
use entity::{account, assessment};
use sea_orm::sea_query::{Alias, Asterisk, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryResult, QuerySelect};
use uuid::Uuid;

use super::Ask;
use crate::assessment::{stored_advice, stored_reasons};
use crate::dialect::id_in;
use crate::error::{During, ServiceError};
use crate::money::Money;
use crate::recompute::is_active;
use crate::stored::parse_optional;

/// Account, reasons of its standing, recommendations.
type Grounds = (Uuid, Option<String>, Option<String>);

impl Ask<'_> {
    /// Adds the accounts that the report of a day names to its totals, which are those of the whole book.
    pub(super) async fn name(&self, day: NaiveDate, totals: &mut PortfolioTotals) -> Result<(), ServiceError> {
        let operation = "looking for the accounts that a portfolio names";
        let keep = self.keep();
        for row in self.db.read().query_all(&self.candidates(day, totals)).await.during(operation)? {
            let pattern: Option<String> = row.try_get_by_index(8).during(operation)?;
            let standing: Option<String> = row.try_get_by_index(9).during(operation)?;
            let external_id: String = row.try_get_by_index(1).during(operation)?;
            let currency: Option<String> = row.try_get_by_index(3).during(operation)?;
            let pattern: Option<Pattern> = parse_optional("assessment", "pattern", pattern.as_deref())?;
            let standing = parse_optional("assessment", "standing", standing.as_deref())?;
            let known = candidate(&row, &external_id, currency.as_deref()).during(operation)?;
            totals.named.take(&CountedAccount { pattern, standing, ..known }, &keep);
        }
        for row in self.db.read().query_all(&self.losers(day)).await.during(operation)? {
            totals.named.insert(Concern::LostSponsor, loser(&row).during(operation)?);
        }
        Ok(())
    }

    /// The accounts that may be named: the largest of each currency that have the same to look at.
    fn candidates(&self, day: NaiveDate, totals: &PortfolioTotals) -> SelectStatement {
        let within = self.is_within_cadence(day);
        let concerns = [
            "coalesce(assessment.standing = 'AT_RISK', (1 = 0))".to_owned(),
            self.renews(),
            "assessment.sponsor_engaged".to_owned(),
            within.clone(),
            "assessment.qbrs_with_executive < assessment.qbrs_in_year".to_owned(),
            format!("assessment.engaged_executives <= {:?}", self.keep().executives),
            "assessment.pattern IS NULL".to_owned(),
        ];
        let signal =
            commonest_signal(&totals.signals).map(|(signal, _)| format!("((assessment.signals >> {}) & 15) <> 0", 4 * signal as i32));
        let alike: Vec<String> = concerns.into_iter().chain(signal).collect();
        let place = self.place(&format!("account.arr_minor IS NULL, {}", alike.join(", ")));
        let mut ranked = self.scores_of(day);
        revenue(&mut ranked);
        let columns = [
            "account.renewal_date",
            "assessment.overall_rounded",
            "assessment.change",
            "assessment.provisional",
            "assessment.pattern",
            "assessment.standing",
            "assessment.signals",
            "assessment.sponsor_engaged",
            "assessment.qbrs_in_year",
            "assessment.qbrs_with_executive",
            "assessment.engaged_executives",
        ];
        for column in columns {
            ranked.expr(Expr::cust(column));
        }
        ranked.expr_as(Expr::cust(format!("CASE WHEN {within} THEN 1 ELSE 0 END")), Alias::new("within_cadence"));
        ranked.expr_as(Expr::cust(place), Alias::new("place"));
        let listed = format!("assessment.standing = 'AT_RISK' OR {}", self.renews());
        first(ranked, &format!("CASE WHEN {listed} THEN {MOST_LISTED} ELSE {MOST_NAMED} END"))
    }

    /// The customers of today that lost a sponsor of a year ago: the largest of each currency.
    fn losers(&self, day: NaiveDate) -> SelectStatement {
        let lost = Query::select()
            .distinct()
            .column(Alias::new("account_id"))
            .from_subquery(self.pairs(day), Alias::new("pair"))
            .and_where(Expr::col(Alias::new("before")).eq(1))
            .and_where(Expr::col(Alias::new("now")).eq(0))
            .to_owned();
        let mut ranked = Query::select();
        ranked
            .from(account::Entity)
            .and_where(Expr::col((account::Entity, account::Column::Id)).in_subquery(lost))
            .cond_where(is_active(self.windows.ending_on));
        revenue(&mut ranked);
        ranked.expr(Expr::cust("account.renewal_date"));
        ranked.expr_as(Expr::cust(self.place("account.arr_minor IS NULL")), Alias::new("place"));
        first(ranked, &MOST_NAMED.to_string())
    }

    /// The place of an account among those of its currency that are alike.
    fn place(&self, alike: &str) -> String {
        let key = if self.backend() == DbBackend::Postgres { "account.external_id COLLATE \"C\"" } else { "account.external_id" };
        format!("row_number() OVER (PARTITION BY account.currency, {alike} ORDER BY account.arr_minor DESC, {key})")
    }

    /// Tells of the accounts at risk what was stored about them: why, and what to do first.
    pub(super) async fn explain(&self, day: NaiveDate, report: &mut PortfolioReport) -> Result<(), ServiceError> {
        use assessment::Column;
        let unexplained: Vec<AccountId> = report
            .at_risk_accounts
            .iter()
            .filter(|named| named.reasons.is_empty() && named.next.is_none())
            .map(|named| named.account)
            .collect();
        let rows: Vec<Grounds> = assessment::Entity::find()
            .select_only()
            .columns([Column::AccountId, Column::StandingReasons, Column::Advice])
            .filter(id_in(self.backend(), Column::AccountId, unexplained.iter().map(|id| id.uuid())))
            .filter(self.is_of(day))
            .into_tuple()
            .all(self.db.read())
            .await
            .during("reading why accounts are at risk")?;
        for (account, reasons, advice) in rows {
            let (reasons, next) = (stored_reasons(reasons.as_deref())?, stored_advice(advice.as_deref())?.into_iter().next());
            for named in report.at_risk_accounts.iter_mut().filter(|named| named.account == AccountId::from(account)) {
                named.reasons.clone_from(&reasons);
                named.next.clone_from(&next);
            }
        }
        Ok(())
    }
}

/// Who an account is and what it pays: the first four columns of what is listed here.
fn revenue(select: &mut SelectStatement) {
    use account::Column;
    select.columns([Column::Id, Column::ExternalId, Column::ArrMinor, Column::Currency].map(|column| (account::Entity, column)));
}

/// Of each kind the first so many; `most` may differ from row to row.
fn first(mut ranked: SelectStatement, most: &str) -> SelectStatement {
    ranked.expr_as(Expr::cust(most.to_owned()), Alias::new("most"));
    Query::select()
        .column(Asterisk)
        .from_subquery(ranked, Alias::new("ranked"))
        .and_where(Expr::col(Alias::new("place")).lte(Expr::col(Alias::new("most"))))
        .to_owned()
}

/// What is stored of an account that may be named; its pattern and standing are still to be read.
fn candidate<'a>(row: &QueryResult, external_id: &'a str, currency: Option<&'a str>) -> Result<CountedAccount<'a>, DbErr> {
    let count = |at: usize| row.try_get_by_index::<i32>(at).map(|n| u32::try_from(n).unwrap_or(0));
    Ok(CountedAccount {
        account: row.try_get_by_index::<Uuid>(0)?.into(),
        external_id,
        arr_minor: row.try_get_by_index(2)?,
        currency,
        renewal_on: row.try_get_by_index(4)?,
        overall: row.try_get_by_index(5)?,
        change: row.try_get_by_index(6)?,
        provisional: row.try_get_by_index(7)?,
        pattern: None,
        standing: None,
        signals: row.try_get_by_index(10)?,
        sponsor_engaged: row.try_get_by_index(11)?,
        qbrs_held: count(12)?,
        qbrs_with_executive: count(13)?,
        engaged_executives: count(14)?,
        within_cadence: row.try_get_by_index::<i32>(15)? != 0,
        // Sums have counted the rest.
        executive_contact_days: 0,
        known_days: None,
        dimensions: [None; 4],
        previous_dimensions: [None; 4],
        reasons: &[],
        next: None,
        lost_sponsor: false,
    })
}

fn loser(row: &QueryResult) -> Result<NamedAccount, DbErr> {
    let (minor, currency): (Option<i64>, Option<String>) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
    Ok(NamedAccount {
        account: row.try_get_by_index::<Uuid>(0)?.into(),
        external_id: row.try_get_by_index(1)?,
        arr: minor.map(|minor| Money::new(minor, currency)),
        renewal_on: row.try_get_by_index(4)?,
        overall: None,
        standing: None,
        reasons: Vec::new(),
        next: None,
    })
}
