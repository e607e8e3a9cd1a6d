//! The portfolio, on both databases: what the database adds up from stored scores is what scoring every account gives, for
//! every filter; and what is not stored is scored.

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use engagement::policy::{CurrencyPolicy, Policy};
use engagement::portfolio::NamedAccount;
use engagement::report::portfolio::PortfolioReport;
use engagement::vocabulary::{AccountTier, Pattern, Period, PortfolioMetric};
use rapport_tests::{TestDb, on_both_databases};
use serde_json::{Value, json};
use service::access::Access;
use service::record::account_list::AccountFilter;
use service::report::portfolio::{LabelledPortfolio, PortfolioRequest, portfolio_report};

use crate::graphql_server::Server;
use crate::graphql_stage::{score, stage};
use crate::import_stage::import_texts;

const WHOLE: &str = r"
query Whole($endingOn: Date) {
  portfolioReport(period: QUARTERLY, endingOn: $endingOn, filter: {tier: [ENTERPRISE]}) {
    accounts averageOverall distribution { pattern accounts arr { amount currency } }  # arr: one per currency; pattern null = not enough data
    metrics { metric value unit target met measured }
    improved { account { name } change } declined { account { name } change }
    signals { signal accounts } markdown
  }
}";

const NAMES: &str = "{
  portfolioReport(filter: {tier: [ENTERPRISE]}) {
    headline moneyNote withinCadence atRisk { accounts }
    atRiskAccounts { account { name } arr { amount currency } renewalDate overall standing csm nextAction reasons { message } }
    renewals { accounts arr { amount currency } } renewingAccounts { account { name } renewalDate standing overall }
    dimensions { dimension average accounts previousAverage previousAccounts } advice { action reason accounts { name } }
  }
}";

fn today(db: &TestDb) -> NaiveDate {
    db.clock.now().date_naive()
}

fn before(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap()
}

/// Beside the usual book: money in two currencies, an account without any row, one that left last spring with its sponsor, a
/// sponsor who left, one who was replaced, one who went and came back, and one too new to count.
async fn book(db: &TestDb) {
    stage(db, 18).await;
    let files = [
        (
            "accounts.csv",
            "external_id,name,tier,status,churned_on,arr,currency,renewal_date\n\
             usd,Dollar,enterprise,active,,900,USD,2026-12-30\nbare,Bare,smb,active,,,,2026-10-01\n\
             gone,Gone,enterprise,churned,2026-04-30,70,EUR,2026-11-01\nearly,Early,smb,churned,2025-01-31,70,EUR,\n",
        ),
        (
            "contacts.csv",
            "account_external_id,external_id,name,seniority,status,departed_on\n\
             usd,p,Pia,vp,active,\nusd,q,Quin,vp,departed,2026-05-01\nusd,r,Rose,director,active,\nusd,s,Sam,vp,departed,\nusd,t,Tess,vp,active,\nusd,u,Uma,vp,active,\n\
             gone,p,Gus,c_level,active,\nearly,p,Eli,c_level,active,\n",
        ),
        (
            "sponsorships.csv",
            "account_external_id,contact_external_id,since,until,rank\n\
             usd,p,2025-01-01,2026-01-01,primary\nusd,p,2026-03-01,,backup\nusd,q,2025-01-01,,primary\nusd,r,2026-05-01,,primary\n\
             usd,s,2025-01-01,,backup\nusd,t,2025-01-01,,backup\nusd,t,2026-05-01,,backup\nusd,u,2025-01-01,,backup\nusd,u,2026-03-01,,backup\ngone,p,2025-01-01,,primary\nearly,p,2024-01-01,,primary\n",
        ),
        (
            // Tess left and came back; Uma did, and left again.
            "org_changes.csv",
            "account_external_id,kind,observed_on,contact_external_id,summary,source,certainty\n\
             usd,departure,2026-02-01,t,Left,linkedin,confirmed\nusd,departure,2026-02-01,u,Left,linkedin,confirmed\n\
             usd,departure,2026-06-01,u,Left again,linkedin,confirmed\n",
        ),
        (
            "interactions.csv",
            "account_external_id,external_id,kind,direction,status,occurred_at,responded_at,participants\n\
             usd,q1,qbr,outbound,completed,2026-05-05T10:00:00Z,,p;r:absent\nusd,q2,qbr,outbound,completed,2026-08-05T10:00:00Z,,r\n\
             usd,e1,email,outbound,completed,2026-09-01T10:00:00Z,2026-09-01T11:00:00Z,p\n\
             usd,e2,email,outbound,completed,2026-09-02T10:00:00Z,,p\nusd,e3,email,outbound,completed,2026-09-03T10:00:00Z,,p\n\
             usd,e4,email,outbound,completed,2026-09-04T10:00:00Z,,p\n",
        ),
    ];
    let (summary, remembered) = import_texts(db, &files).await;
    assert!(summary.is_clean(), "{:?}", remembered.rejected());
    for back in [14, 7, 0] {
        score(db, back).await;
    }
}

async fn ask(
    db: &TestDb,
    policy: &Policy,
    period: Period,
    ending_on: NaiveDate,
    filter: AccountFilter,
) -> LabelledPortfolio {
    let request = PortfolioRequest {
        period,
        ending_on,
        as_of: db.clock.now(),
        filter,
    };
    portfolio_report(db, &db.system(), policy, Tz::UTC, &request)
        .await
        .unwrap()
}

/// The same rules under another name: nothing that is stored was made with it.
fn another_policy() -> Policy {
    let mut policy = Policy::default();
    policy.portfolio.sponsor_retention += 0.001;
    policy
}

/// All numbers of a report, those that are sums of fractions to nine digits, less the target by which the policies differ.
fn numbers(report: &PortfolioReport) -> String {
    let metrics: Vec<String> = report
        .metrics
        .iter()
        .map(|m| {
            format!(
                "{} {:?} {:?}",
                m.metric,
                m.value.map(|v| format!("{v:.9}")),
                m.met
            )
        })
        .collect();
    let averages: Vec<String> = report
        .dimensions
        .iter()
        .map(|d| {
            format!(
                "{:?} {} {:?} {}",
                d.average.map(|v| format!("{v:.9}")),
                d.accounts,
                d.previous_average.map(|v| format!("{v:.9}")),
                d.previous_accounts
            )
        })
        .collect();
    let named = |list: &[NamedAccount]| -> Vec<String> {
        let one = |named: &NamedAccount| {
            let reasons: Vec<String> = named.reasons.iter().map(|reason| reason.message(None)).collect();
            let next = named.next.as_ref().map(|next| next.message(None));
            format!(
                "{} {:?} {:?} {:?} {:?} {reasons:?} {next:?}",
                named.external_id, named.arr, named.renewal_on, named.overall, named.standing
            )
        };
        list.iter().map(one).collect()
    };
    // Who lost a sponsor is read from the sponsorships alone.
    let names = |list: &[NamedAccount]| {
        list.iter()
            .map(|named| named.external_id.clone())
            .collect::<Vec<_>>()
    };
    let advice: Vec<String> = report
        .advice
        .iter()
        .map(|a| format!("{} {} {:?}", a.action, a.reason, names(&a.accounts)))
        .collect();
    format!(
        "{:?} {} {} {:?} {:?} {metrics:?} {:?} {:?} {:?} {:?} {:?} {advice:?} {averages:?} {} {:?} {:?} {:?} {:?}",
        report.all,
        report.provisional,
        report.scored,
        report.average_overall,
        report.distribution,
        report.improved,
        report.declined,
        report.signals,
        (&report.at_risk, &report.standings),
        report.retention,
        report.within_cadence,
        report.renewals,
        named(&report.at_risk_accounts),
        named(&report.renewing),
        (&report.money_note, report.headline())
    )
}

fn filters() -> Vec<AccountFilter> {
    let all = AccountFilter::default;
    vec![
        all(),
        AccountFilter {
            tiers: Some(vec![AccountTier::Enterprise]),
            ..all()
        },
        AccountFilter {
            patterns: Some(vec![Pattern::LowEngaged, Pattern::Disengaged]),
            ..all()
        },
        AccountFilter {
            patterns: Some(vec![Pattern::ModeratelyEngaged]),
            tiers: Some(vec![AccountTier::Smb]),
            ..all()
        },
        AccountFilter {
            search: Some("customer 00".to_owned()),
            ..all()
        },
        AccountFilter {
            search: Some("nobody".to_owned()),
            ..all()
        },
    ]
}

on_both_databases! {
    async fn adding_up_stored_scores_is_scoring_every_account(db: TestDb) {
        book(db).await;
        for filter in filters() {
            for back in [0, 7] {
                let day = before(today(db), back);
                let stored = ask(db, &Policy::default(), Period::Quarterly, day, filter.clone()).await.report;
                let computed = ask(db, &another_policy(), Period::Quarterly, day, filter.clone()).await.report;
                // Of no account there is nothing stored.
                let somebody = filter.search.as_deref() != Some("nobody");
                assert_eq!((stored.days.stored, computed.days.stored), (somebody, false), "{filter:?}");
                assert_eq!(numbers(&stored), numbers(&computed), "{filter:?} {back}");
            }
        }
    }

    async fn it_names_who_weighs_most_in_two_currencies_with_and_without_rates(db: TestDb) {
        book(db).await;
        let yen = (0..7).map(|n| format!("y{n},Yen {n},mid_market,{}00000,JPY,2026-10-0{}\n", 9 - n, n + 1)).collect::<Vec<_>>().concat();
        let accounts = format!("external_id,name,tier,arr,currency,renewal_date\n{yen}pound,Pound,smb,10,GBP,2027-05-01\n");
        let (summary, remembered) = import_texts(db, &[("accounts.csv", &accounts)]).await;
        assert!(summary.is_clean(), "{:?}", remembered.rejected());
        score(db, 0).await;
        let mut said = Vec::new();
        for rates in [CurrencyPolicy::default(), CurrencyPolicy::new(Some("EUR"), [("JPY", 0.006), ("USD", 0.9)]).unwrap()] {
            let policy = Policy { currency: rates.clone(), ..Policy::default() };
            let other = Policy { currency: rates, ..another_policy() };
            let stored = ask(db, &policy, Period::Quarterly, today(db), AccountFilter::default()).await;
            let computed = ask(db, &other, Period::Quarterly, today(db), AccountFilter::default()).await;
            assert_eq!((stored.report.days.stored, computed.report.days.stored), (true, false), "rates ask for no new scores");
            assert_eq!(numbers(&stored.report), numbers(&computed.report));
            assert_eq!(stored.labels.csms, computed.labels.csms);
            let (report, markdown) = (&stored.report, stored.report.markdown(&stored.labels));
            assert!(markdown.starts_with("# Portfolio report\n\n**Of 28 accounts, "), "{markdown}");
            let shouted = markdown.split(|c: char| !(c.is_ascii_uppercase() || c == '_')).find(|word| word.contains('_') && word.len() > 3);
            assert_eq!(shouted, None, "{markdown}");
            assert!(report.advice.iter().all(|advice| (1..=5).contains(&advice.accounts.len())), "{:?}", report.advice);
            let renewing: Vec<&str> = report.renewing.iter().map(|named| named.external_id.as_str()).collect();
            // By day; of one day what weighs more first.
            assert_eq!((&renewing[..3], renewing.last().copied(), report.renewals.accounts), (&["y0", "bare", "y1"][..], Some("usd"), 9));
            said.push((report.money_note.clone().unwrap(), report.all.arr().len(), report.at_risk_accounts.clone()));
        }
        assert!(said[0].0.starts_with("Amounts of different currencies are not added up."), "{}", said[0].0);
        assert!(said[1].0.starts_with("Sums and orders of revenue are in EUR: 1 JPY = 0.006 EUR, 1 USD = 0.9 EUR."), "{}", said[1].0);
        assert!(said[1].0.contains("no rate for GBP"), "{}", said[1].0);
        assert_eq!((said[0].1, said[1].1), (4, 2), "euros, pounds, yen, dollars; euros and pounds");
    }

    async fn it_counts_what_there_is(db: TestDb) {
        book(db).await;
        let report = ask(db, &Policy::default(), Period::Quarterly, today(db), AccountFilter::default()).await.report;
        assert_eq!(report.all.accounts, 20, "who left is not counted");
        assert_eq!(report.distribution.iter().map(|part| part.group.accounts).sum::<u64>(), 20);
        let amounts: Vec<String> = report.all.arr().iter().map(|m| format!("{} {:?}", m.amount(), m.currency())).collect();
        assert_eq!(amounts.len(), 2, "one amount per currency, and none for those without: {amounts:?}");
        assert!(amounts.contains(&"900.00 Some(\"USD\")".to_owned()), "{amounts:?}");
        // On 2 October 2025 two sponsored each of the 18, and `usd` had Pia, Quin, Tess and Uma (Sam has left at every day), `gone` Gus,
        // who still sponsors an account that is none any more; `early` was none even then. Of these all but Quin and Uma are there.
        assert_eq!((report.retention.pairs_before, report.retention.pairs_kept), (18 * 2 + 5, 18 * 2 + 3));
        let value = |metric: PortfolioMetric| report.metrics.iter().find(|m| m.metric == metric).unwrap().value;
        // Pia, a vice president, attended one of the two reviews; Rose, the primary sponsor, the other.
        assert_eq!(value(PortfolioMetric::QbrExecutiveAttendance), Some(100.0));
    }

    async fn it_stands_on_a_day_at_most_a_week_old_and_says_which(db: TestDb) {
        book(db).await;
        let stands = async |back: u64| {
            let days = ask(db, &Policy::default(), Period::Quarterly, before(today(db), back), AccountFilter::default()).await.report.days;
            (days.stored, days.stands_on)
        };
        assert_eq!(stands(0).await, (true, today(db)));
        assert_eq!(stands(1).await, (true, before(today(db), 7)));
        assert_eq!(stands(8).await, (true, before(today(db), 14)));
        assert_eq!(stands(21).await, (false, before(today(db), 21)), "no day of the week before is stored");
        let monthly = ask(db, &Policy::default(), Period::Monthly, today(db), AccountFilter::default()).await.report;
        assert!(!monthly.days.stored, "only the standard period is stored");
    }

    async fn an_account_without_a_score_of_the_day_is_scored_for_it(db: TestDb) {
        book(db).await;
        let (summary, _) = import_texts(db, &[("accounts.csv", "external_id,name,tier,arr,currency\nlate,Late,smb,10,EUR\n")]).await;
        assert!(summary.is_clean());
        let report = ask(db, &Policy::default(), Period::Quarterly, today(db), AccountFilter::default()).await.report;
        assert_eq!((report.days.stored, report.all.accounts), (true, 21));
        let computed = ask(db, &another_policy(), Period::Quarterly, today(db), AccountFilter::default()).await.report;
        assert_eq!(numbers(&report), numbers(&computed));
    }

    async fn the_number_of_statements_does_not_depend_on_the_book(db: TestDb) {
        stage(db, 3).await;
        let cost = async || {
            let before = db.statements();
            ask(db, &Policy::default(), Period::Quarterly, today(db), AccountFilter::default()).await;
            db.statements() - before
        };
        let few = cost().await;
        stage(db, 40).await;
        assert_eq!(cost().await, few);
    }

    async fn the_query_answers_word_for_word_and_shows_what_its_viewer_sees(db: TestDb) {
        book(db).await;
        let server = Server::start(db).await;
        let report = &server.data(WHOLE, json!({})).await["portfolioReport"];
        assert_eq!(report["accounts"], 7);
        assert_eq!(report["metrics"].as_array().map(Vec::len), Some(5));
        assert_eq!(report["distribution"].as_array().map(Vec::len), Some(5));
        assert_eq!(report["distribution"][4]["pattern"], Value::Null);
        assert!(report["markdown"].as_str().unwrap().contains("Accounts of tier enterprise"));
        for mover in ["improved", "declined"] {
            assert!(report[mover].as_array().unwrap().iter().all(|m| m["account"]["name"].is_string()), "{report}");
        }
        let report = &server.data(NAMES, json!({})).await["portfolioReport"];
        assert_eq!(report["renewals"]["accounts"], 1, "{report}");
        assert_eq!(report["renewingAccounts"][0]["account"]["name"], "Dollar");
        assert_eq!(report["dimensions"].as_array().map(Vec::len), Some(4));
        assert_eq!(report["atRiskAccounts"].as_array().map(Vec::len), report["atRisk"]["accounts"].as_u64().map(|n| n as usize));
        for (named, account) in report["advice"].as_array().unwrap().iter().map(|advice| (&advice["accounts"], &advice["action"])) {
            assert!((1..=5).contains(&named.as_array().unwrap().len()), "{account}: {named}");
        }
        assert!(report["headline"].as_str().unwrap().starts_with("Of 7 accounts, "), "{report}");
        let kim = service::record::user::find_by_email(db, &db.system(), &"kim@example.com".parse().unwrap()).await.unwrap().unwrap();
        let request = PortfolioRequest {
            period: Period::Quarterly,
            ending_on: today(db),
            as_of: db.clock.now(),
            filter: AccountFilter::default(),
        };
        for policy in [Policy::default(), another_policy()] {
            let seen = portfolio_report(db, &Access::of(kim.id, kim.role), &policy, Tz::UTC, &request).await.unwrap().report;
            assert_eq!((seen.all.accounts, seen.retention.pairs_before), (18, 36), "those of her teams, and nothing of the others");
            let mut named = seen.at_risk_accounts.iter().chain(seen.advice.iter().flat_map(|advice| &advice.accounts));
            assert!(named.all(|named| named.external_id.starts_with("acc-")), "{seen:?}");
            assert!(seen.renewing.is_empty(), "who renews soon is not hers: {:?}", seen.renewing);
        }
    }
}
