//! Who sees what: every function that reads business rows, asked by everybody, answers about the same accounts.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use chrono_tz::Tz;
use engagement::id::{AccountId, ContactId, InteractionId, UserId};
use engagement::measure::Collect;
use engagement::policy::{CurrencyPolicy, Policy};
use engagement::vocabulary::{ContactRole, Period};
use engagement::windows::Windows;
use rapport_tests::{TestDb, on_both_databases};
use sea_orm::{ConnectionTrait, Statement};
use service::access::Access;
use service::job::recompute::{Recompute, Scope, recompute};
use service::record::account_list::{self, AccountFilter, AccountOrder};
use service::record::interaction::InteractionFilter;
use service::record::{account, contact, goal, interaction, metric, team, user};
use service::report;
use service::scoring::{assessment, touched};
use service::settings::Settings;
use service::sql::page::PageRequest;
use service::token;
use uuid::Uuid;

use crate::access_stage::{Actor, stage};

/// Ids of every row of a table, in the order of their accounts' keys and their own.
async fn ids(db: &TestDb, sql: &str) -> Vec<Uuid> {
    let rows = db
        .read()
        .query_all_raw(Statement::from_string(db.backend(), sql))
        .await
        .unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

fn today(db: &TestDb) -> NaiveDate {
    db.clock.now().date_naive()
}

async fn score(db: &TestDb, access: &Access) -> u64 {
    let request = Recompute {
        as_of: db.clock.now(),
        ending_on: today(db),
        scope: Scope::All,
    };
    recompute(db, access, &Settings::default(), &request, |_| {})
        .await
        .unwrap()
        .accounts
}

on_both_databases! {
    async fn everybody_sees_their_accounts_wherever_they_look(db: TestDb) {
        let both = stage(db).await;
        score(db, &db.system()).await;
        let named = |seen: &[&str]| -> BTreeSet<AccountId> {
            ["north", "south"].iter().zip(both).filter(|(key, _)| seen.contains(key)).map(|(_, id)| id).collect()
        };
        let contacts: Vec<ContactId> = ids(db, "SELECT id FROM contact").await.into_iter().map(Into::into).collect();
        let interactions: Vec<InteractionId> = ids(db, "SELECT id FROM interaction").await.into_iter().map(Into::into).collect();
        for actor in Actor::ALL {
            let (access, seen) = (actor.access(db).await, named(actor.sees()));
            let found = account::by_ids(db, &access, &both).await.unwrap();
            assert_eq!(found.keys().copied().collect::<BTreeSet<_>>(), seen, "{actor:?}");
            let keys = ["north".to_owned(), "south".to_owned(), "nowhere".to_owned()];
            let found = account::by_external_ids(db, &access, &keys).await.unwrap();
            assert_eq!(found.values().map(|a| a.id).collect::<BTreeSet<_>>(), seen, "{actor:?}");
            for (id, key) in both.iter().zip(&keys) {
                assert_eq!(account::find(db, &access, key).await.unwrap().is_some(), seen.contains(id), "{actor:?}");
                assert_eq!(account::find(db, &access, &id.to_string()).await.unwrap().is_some(), seen.contains(id), "{actor:?}");
            }
            // Lists: rows, counts, filters and pages.
            for filter in [
                AccountFilter::default(),
                AccountFilter { search: Some("ltd".to_owned()), ..AccountFilter::default() },
                AccountFilter { ids: Some(both.to_vec()), ..AccountFilter::default() },
            ] {
                let page = account_list::list(db, &access, &CurrencyPolicy::default(), &filter, AccountOrder::default(), &PageRequest::first(1), true).await.unwrap();
                assert_eq!((page.total_count, page.has_next_page), (Some(seen.len() as u64), seen.len() > 1), "{actor:?} {filter:?}");
                let page = account_list::list(db, &access, &CurrencyPolicy::default(), &filter, AccountOrder::default(), &PageRequest::first(9), true).await.unwrap();
                assert_eq!(page.edges.iter().map(|e| e.node.id).collect::<BTreeSet<_>>(), seen, "{actor:?} {filter:?}");
            }
            // What hangs on accounts: by account, …
            let pages = contact::pages_of(db, &access, &both, None, today(db), &PageRequest::first(9), true).await.unwrap();
            assert_eq!(both.map(|id| pages[&id].total_count.unwrap() > 0 && !pages[&id].edges.is_empty()), both.map(|id| seen.contains(&id)));
            let roles = [ContactRole::ExecutiveSponsor];
            let pages = contact::pages_of(db, &access, &both, Some(&roles), today(db), &PageRequest::first(9), true).await.unwrap();
            assert_eq!(both.map(|id| pages[&id].total_count), both.map(|id| Some(u64::from(seen.contains(&id)))), "{actor:?}");
            let filter = InteractionFilter::default();
            let pages = interaction::pages_of(db, &access, &both, &filter, &PageRequest::first(9), true).await.unwrap();
            assert_eq!(both.map(|id| !pages[&id].edges.is_empty()), both.map(|id| seen.contains(&id)), "{actor:?}");
            assert_eq!(both.map(|id| pages[&id].total_count > Some(0)), both.map(|id| seen.contains(&id)), "{actor:?}");
            let of: BTreeSet<AccountId> = goal::goals_of(db, &access, &both).await.unwrap().into_keys().collect();
            assert_eq!(of, seen, "{actor:?}");
            let of: BTreeSet<AccountId> = metric::latest_of(db, &access, &both, None, today(db)).await.unwrap().into_keys().collect();
            assert_eq!(of, seen, "{actor:?}");
            let pages = team::pages_of(db, &access, &both, &PageRequest::first(9), true).await.unwrap();
            assert_eq!(both.map(|id| !pages[&id].edges.is_empty()), both.map(|id| seen.contains(&id)), "{actor:?}");
            assert_eq!(both.map(|id| pages[&id].total_count > Some(0)), both.map(|id| seen.contains(&id)), "{actor:?}");
            let pages = metric::pages_of(db, &access, &both, None, today(db), &PageRequest::first(9), true).await.unwrap();
            assert_eq!(both.map(|id| pages[&id].total_count > Some(0)), both.map(|id| seen.contains(&id)), "{actor:?}");
            let of: BTreeSet<AccountId> = assessment::latest_of(db, &access, &both).await.unwrap().into_keys().collect();
            assert_eq!(of, seen, "{actor:?}");
            let history = assessment::history_of(db, &access, &both, today(db), today(db)).await.unwrap();
            assert_eq!(history.into_keys().collect::<BTreeSet<_>>(), seen, "{actor:?}");
            let missing = assessment::missing_on(db, &access, today(db).pred_opt().unwrap()).await.unwrap();
            assert_eq!(missing.into_iter().collect::<BTreeSet<_>>(), seen, "{actor:?}");
            assert_eq!(touched::count(db, &access).await.unwrap(), 0, "{actor:?}");
            // … and by their own ids.
            let of: BTreeSet<AccountId> = contact::by_ids(db, &access, &contacts).await.unwrap().values().map(|c| c.account_id).collect();
            assert_eq!(of, seen, "{actor:?}");
            let of: BTreeSet<AccountId> = interaction::by_ids(db, &access, &interactions).await.unwrap().values().map(|i| i.account_id).collect();
            assert_eq!(of, seen, "{actor:?}");
            let pairs: Vec<_> = both.iter().flat_map(|account| interactions.iter().map(|id| (*account, *id))).collect();
            let of = interaction::participants_of(db, &access, &pairs).await.unwrap();
            let people: BTreeSet<ContactId> = of.into_values().flatten().map(|p| p.contact_id).collect();
            let known: BTreeSet<ContactId> = contact::by_ids(db, &access, &contacts).await.unwrap().into_keys().collect();
            assert_eq!(people, known, "{actor:?}: nobody else takes part");
        }
    }

    async fn a_score_is_the_same_whoever_asks(db: TestDb) {
        let both = stage(db).await;
        score(db, &db.system()).await;
        let windows = Windows::new(today(db), db.clock.now(), Tz::UTC, Period::Quarterly);
        let policy = Policy::default();
        let all = report::engagement_reports(db, &db.system(), &policy, &windows, (Collect::Evidence, report::Naming::NoNames), &both).await.unwrap();
        assert_eq!((all.reports.len(), all.data_through), (2, NaiveDate::from_ymd_opt(2026, 6, 16)));
        let stored = assessment::latest_of(db, &db.system(), &both).await.unwrap();
        for actor in Actor::ALL {
            let access = actor.access(db).await;
            let own = report::engagement_reports(db, &access, &policy, &windows, (Collect::Evidence, report::Naming::NoNames), &both).await.unwrap();
            assert_eq!(own.reports.len(), actor.sees().len(), "{actor:?}");
            // The newest fact of the organisation is another account's for some of them.
            assert_eq!(own.data_through, all.data_through, "{actor:?}");
            for (id, report) in &own.reports {
                assert_eq!(format!("{:?}", report.0), format!("{:?}", all.reports[id].0), "{actor:?}");
            }
            for (id, latest) in assessment::latest_of(db, &access, &both).await.unwrap() {
                assert_eq!(latest, stored[&id], "{actor:?}");
            }
            let labelled = report::labelled_engagement_report(db, &access, &policy, &windows, both[0]).await.unwrap();
            assert_eq!(labelled.is_some(), actor.sees().contains(&"north"), "{actor:?}");
            assert_eq!(score(db, &access).await, actor.sees().len() as u64, "{actor:?}");
        }
    }

    async fn users_are_seen_beside_what_is_seen(db: TestDb) {
        stage(db).await;
        let users: Vec<UserId> = ids(db, "SELECT id FROM app_user").await.into_iter().map(Into::into).collect();
        for (actor, expected) in [
            (Actor::Admin, "Ada Ann Bob Lou Tom Uma Vera Vic"),
            (Actor::Manager, "Ada Ann Bob Lou Tom Uma Vera Vic"),
            // Tom is in no team, but an interaction that they see is his.
            (Actor::Csm, "Ann Tom Vera"),
            (Actor::Viewer, "Ann Tom Vera"),
            (Actor::OtherCsm, "Bob"),
            (Actor::LoneCsm, "Uma"),
            (Actor::FreeViewer, "Ann Bob Tom Vera Vic"),
        ] {
            let access = actor.access(db).await;
            let mut names: Vec<String> = user::by_ids(db, &access, &users).await.unwrap().into_values().map(|u| u.name).collect();
            names.sort();
            assert_eq!(names.join(" "), expected, "{actor:?}");
            let page = user::list(db, &access, None, &PageRequest::first(3), true).await.unwrap();
            assert_eq!(page.total_count, Some(names.len() as u64), "{actor:?}");
            assert!(page.edges.iter().map(|e| &e.node.name).eq(names.iter().take(3)) && page.has_next_page == (names.len() > 3), "{actor:?}");
            let rest = PageRequest { after: page.edges.last().map(|e| e.cursor.clone()), ..PageRequest::first(9) };
            let rest = user::list(db, &access, None, &rest, false).await.unwrap();
            assert!(rest.edges.iter().map(|e| &e.node.name).eq(names.iter().skip(3)), "{actor:?}");
            let found = user::list(db, &access, Some("VI"), &PageRequest::first(9), true).await.unwrap();
            assert_eq!(found.total_count, Some(u64::from(names.contains(&"Vic".to_owned()))), "{actor:?}: by name or address");
            for other in Actor::ALL {
                let found = user::find_by_email(db, &access, &other.email().parse().unwrap()).await.unwrap();
                let name = other.user(db).await.name;
                assert_eq!(found.is_some(), names.contains(&name), "{actor:?} {other:?}");
            }
        }
    }

    async fn who_joins_or_leaves_a_team_sees_it_at_once(db: TestDb) {
        let [north, south] = stage(db).await;
        let (csm, viewer, free) = (Actor::OtherCsm.access(db).await, Actor::Viewer.access(db).await, Actor::FreeViewer.access(db).await);
        let sees = async |access: &Access| {
            let found = account::by_ids(db, access, &[north, south]).await.unwrap();
            [north, south].map(|id| found.contains_key(&id))
        };
        assert_eq!([sees(&csm).await, sees(&viewer).await, sees(&free).await], [[false, true], [true, false], [true, true]]);
        crate::import_stage::import_texts(
            db,
            &[(
                "teams.csv",
                "account_external_id,user_email,deleted\nnorth,bob@example.com,\nsouth,bob@example.com,true\nnorth,vera@example.com,true\nsouth,vic@example.com,\n",
            )],
        )
        .await;
        // A viewer whose last team is gone sees nothing; one who sees everything and joins a team sees that team's accounts only.
        assert_eq!([sees(&csm).await, sees(&viewer).await, sees(&free).await], [[true, false], [false, false], [false, true]]);
        crate::import_stage::import_texts(db, &[("teams.csv", "account_external_id,user_email,deleted\nsouth,vic@example.com,true\n")]).await;
        assert_eq!(sees(&free).await, [true, true], "as the users file says");
    }

    async fn a_removed_users_token_is_dead(db: TestDb) {
        stage(db).await;
        let ann = Actor::Csm.user(db).await;
        let secret = token::create(db, &db.clock, &db.system(), ann.id, "t", None).await.unwrap();
        let access = token::authenticate(db, &db.clock, &secret.secret).await.unwrap().unwrap();
        assert_eq!((access.user(), access.role(), access.token()), (Some(ann.id), Actor::Csm.role(), Some(secret.id)));
        crate::import_stage::import_texts(db, &[("users.csv", "email,name,role\nann@example.com,Ann,viewer\n")]).await;
        let access = token::authenticate(db, &db.clock, &secret.secret).await.unwrap().unwrap();
        assert_eq!(access.role(), engagement::vocabulary::Role::Viewer, "a token has the rights its owner has now");
        crate::import_stage::import_texts(db, &[("users.csv", "email,deleted\nann@example.com,true\n")]).await;
        assert_eq!(token::authenticate(db, &db.clock, &secret.secret).await.unwrap(), None);
        assert_eq!(crate::import_stage::count(db, "api_token").await, 0);
    }
}
