//! Lists: every order, both directions, page by page, on both databases; and what they cost.

use std::collections::BTreeSet;

use engagement::id::AccountId;
use engagement::policy::CurrencyPolicy;
use engagement::vocabulary::{AccountTier, ContactRole, InteractionKind, Pattern};
use rapport_tests::{TestDb, on_both_databases};
use sea_orm::ConnectionTrait;
use service::error::ServiceError;
use service::record::account::{self, Account};
use service::record::account_list::{self, AccountFilter, AccountOrder, AccountOrderField};
use service::record::interaction::{self, InteractionFilter};
use service::record::{contact, goal, metric, team};
use service::scoring::assessment;
use service::sql::page::{Page, PageRequest};

use crate::import_stage::import_texts;

/// Names that a locale, bytes and people each sort differently; amounts and days that some lack, and that some share.
const ACCOUNTS: &str = "\
external_id,name,tier,status,arr,currency,renewal_date,domain
a1,zebra,smb,active,100,EUR,2026-12-01,zebra.example
a2,Acme,enterprise,active,,,,acme.example
a3,acme two,enterprise,churned,250.50,USD,2026-12-01,
a4,_under,mid_market,active,100,EUR,2027-01-15,
a5,Émile,smb,active,7,EUR,2026-11-30,100%.example
a6,apple,smb,active,,,2026-12-01,
a7,Zebra,mid_market,active,0,EUR,,
a8,Bolt,enterprise,active,900,USD,2028-02-29,
";

async fn stage(db: &TestDb) -> Vec<AccountId> {
    let (summary, remembered) = import_texts(
        db,
        &[
            ("accounts.csv", ACCOUNTS),
            ("users.csv", "email,name,role\nann@example.com,Ann,csm\nbob@example.com,Bob,manager\n"),
            ("teams.csv", "account_external_id,user_email,team_role\na1,bob@example.com,manager\na1,ann@example.com,csm\n"),
            (
                "contacts.csv",
                "account_external_id,external_id,name,seniority,status,departed_on\n\
                 a1,c1,Cleo,c_level,active,\na1,c2,abe,vp,active,\na1,c3,Bea,manager,active,\na1,c4,Dan,vp,departed,2026-01-31\n\
                 a2,c1,Eve,director,active,\na2,c2,Fay,,active,\n",
            ),
            (
                "sponsorships.csv",
                "account_external_id,contact_external_id,since,until,rank\n\
                 a1,c3,2026-01-01,,primary\na1,c4,2025-01-01,,backup\na2,c1,2025-01-01,2026-01-01,primary\na2,c2,2026-06-17,,primary\n",
            ),
            (
                "interactions.csv",
                "account_external_id,external_id,kind,direction,status,occurred_at,from_contact,participants\n\
                 a1,i1,email,outbound,completed,2026-06-01T10:00:00Z,,c1;c3\n\
                 a1,i2,meeting,outbound,completed,2026-06-02T10:00:00Z,,c2:attended;c3:absent\n\
                 a1,i3,email,inbound,completed,2026-06-03T10:00:00Z,c2,\n\
                 a1,i4,call,outbound,no_show,2026-06-03T10:00:00Z,,\n\
                 a2,i1,qbr,outbound,scheduled,2026-07-01T10:00:00Z,,c1\n",
            ),
            ("goals.csv", "account_external_id,goal,progress,due_on\na1,Grow,50,2026-12-31\na1,Save,,\na1,Ship,100,2026-07-01\n"),
            (
                "metrics.csv",
                "account_external_id,metric,observed_on,value\n\
                 a1,roi,2026-01-01,1.5\na1,roi,2026-05-01,2.25\na1,roi,2026-12-01,9\na1,nps,2026-05-01,40\na2,roi,2026-05-01,3\n",
            ),
        ],
    )
    .await;
    assert!(summary.is_clean(), "{:?}", remembered.rejected());
    // Scores as the nightly job would store them: two share one, one has none, and an old day must not win.
    let scores = [
        ("a1", "2026-06-01", "95.0", "5", "'HIGHLY_ENGAGED'"),
        ("a1", "2026-06-16", "50.25", "-3", "'LOW_ENGAGED'"),
        ("a2", "2026-06-16", "50.25", "4", "'LOW_ENGAGED'"),
        ("a4", "2026-06-10", "81.125", "-3", "'HIGHLY_ENGAGED'"),
        ("a5", "2026-06-16", "NULL", "NULL", "NULL"),
        ("a6", "2026-06-16", "0.1", "0", "'DISENGAGED'"),
    ];
    db.write_tx(async |tx| {
        for (account, day, overall, change, pattern) in scores {
            let sql = format!(
                "INSERT INTO assessment (account_id, day, as_of, overall, change, pattern, coverage, provisional, coverage_changed,
                    single_threaded, multi_threaded, signals, policy_hash)
                 SELECT id, '{day}', 0, {overall}, {change}, {pattern}, 80, (1 = 0), (1 = 0), (1 = 0), (1 = 0), 0, '0123456789abcdef'
                 FROM account WHERE external_id = '{account}'"
            );
            tx.execute_unprepared(&sql).await.map_err(|source| ServiceError::Database { operation: "staging scores", source })?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let mut accounts: Vec<Account> =
        account::by_external_ids(db, &db.system(), &["a1".into(), "a2".into(), "a3".into()])
            .await
            .unwrap()
            .into_values()
            .collect();
    accounts.sort_by(|a, b| a.external_id.cmp(&b.external_id));
    accounts.iter().map(|a| a.id).collect()
}

async fn listed(
    db: &TestDb,
    filter: &AccountFilter,
    order: AccountOrder,
    page: &PageRequest,
) -> Page<Account> {
    account_list::list(
        db,
        &db.system(),
        &CurrencyPolicy::default(),
        filter,
        order,
        page,
        true,
    )
    .await
    .unwrap()
}

fn external_ids(page: &Page<Account>) -> Vec<String> {
    page.edges
        .iter()
        .map(|edge| edge.node.external_id.clone())
        .collect()
}

/// Every page of a list, forwards, three rows at a time.
async fn walk_forward(db: &TestDb, order: AccountOrder) -> Vec<String> {
    let mut request = PageRequest::first(3);
    let mut all = Vec::new();
    loop {
        let page = listed(db, &AccountFilter::default(), order, &request).await;
        assert_eq!(page.has_previous_page, request.after.is_some());
        all.extend(external_ids(&page));
        if !page.has_next_page {
            return all;
        }
        request.after = page.edges.last().map(|edge| edge.cursor.clone());
        assert!(all.len() < 100, "the list never ends: {all:?}");
    }
}

/// Every page of a list, from its end.
async fn walk_backward(db: &TestDb, order: AccountOrder) -> Vec<String> {
    let mut request = PageRequest {
        backward: true,
        ..PageRequest::first(3)
    };
    let mut all = Vec::new();
    loop {
        let page = listed(db, &AccountFilter::default(), order, &request).await;
        assert_eq!(page.has_next_page, request.before.is_some());
        all.splice(0..0, external_ids(&page));
        if !page.has_previous_page {
            return all;
        }
        request.before = page.edges.first().map(|edge| edge.cursor.clone());
        assert!(all.len() < 100, "the list never ends: {all:?}");
    }
}

on_both_databases! {
    async fn accounts_come_in_every_order_both_ways_page_by_page(db: TestDb) {
        use AccountOrderField::{Arr, Change, EngagementScore, Name, RenewalDate};
        stage(db).await;
        // What has no key comes last in either direction; ties are in the order of ids, which says nothing here.
        for (field, descending, expected) in [
            (Name, false, &["a4", "a2", "a3", "a6", "a8", "a1|a7", "a1|a7", "a5"][..]),
            (Name, true, &["a5", "a1|a7", "a1|a7", "a8", "a6", "a3", "a2", "a4"]),
            (EngagementScore, false, &["a6", "a1|a2", "a1|a2", "a4", "*", "*", "*", "*"]),
            (EngagementScore, true, &["a4", "a1|a2", "a1|a2", "a6", "*", "*", "*", "*"]),
            (RenewalDate, false, &["a5", "a1|a3|a6", "a1|a3|a6", "a1|a3|a6", "a4", "a8", "a2|a7", "a2|a7"]),
            (RenewalDate, true, &["a8", "a4", "a1|a3|a6", "a1|a3|a6", "a1|a3|a6", "a5", "a2|a7", "a2|a7"]),
            (Arr, false, &["a7", "a5", "a1|a4", "a1|a4", "a3", "a8", "a2|a6", "a2|a6"]),
            (Arr, true, &["a8", "a3", "a1|a4", "a1|a4", "a5", "a7", "a2|a6", "a2|a6"]),
            (Change, false, &["a1|a4", "a1|a4", "a6", "a2", "*", "*", "*", "*"]),
            (Change, true, &["a2", "a6", "a1|a4", "a1|a4", "*", "*", "*", "*"]),
        ] {
            let order = AccountOrder { field, descending };
            let forward = walk_forward(db, order).await;
            assert_eq!(forward.iter().collect::<BTreeSet<_>>().len(), 8, "{field:?}: each account once: {forward:?}");
            for (at, (got, want)) in forward.iter().zip(expected).enumerate() {
                assert!(*want == "*" || want.split('|').any(|w| w == got), "{field:?} {descending}: place {at} of {forward:?}");
            }
            assert_eq!(walk_backward(db, order).await, forward, "{field:?} {descending}: the same list from its end");
        }
    }

    async fn revenue_is_ordered_within_what_it_counts_in(db: TestDb) {
        let accounts = "external_id,name,tier,arr,currency\n\
             e1,E1,smb,100,EUR\ne2,E2,smb,20,EUR\nu1,U1,smb,900,USD\nu2,U2,smb,90,USD\ny1,Y1,smb,5000000,JPY\ny2,Y2,smb,10000,JPY\n\
             n1,N1,smb,50,\ng1,G1,smb,60,GBP\nz1,Z1,smb,,EUR\n";
        let (summary, _) = import_texts(db, &[("accounts.csv", accounts)]).await;
        assert!(summary.is_clean());
        let rates = CurrencyPolicy::new(Some("EUR"), [("USD", 0.9), ("JPY", 0.006)]).unwrap();
        let huge = CurrencyPolicy::new(Some("JPY"), [("EUR", 1e18)]).unwrap();
        let none = CurrencyPolicy::default();
        for (rates, descending, expected) in [
            // One currency after the other, never 5,000,000 yen before 900 dollars because it is the larger number.
            (&none, false, "n1 e2 e1 g1 y2 y1 u2 u1 z1"),
            (&none, true, "u1 u2 y1 y2 g1 e1 e2 n1 z1"),
            // 20, 60, 81, 100, 810 and 30,000 euros; then what has no rate.
            (&rates, false, "e2 y2 u2 e1 u1 y1 n1 g1 z1"),
            (&rates, true, "y1 u1 e1 u2 y2 e2 g1 n1 z1"),
            (&huge, false, "y2 y1 e1|e2 e1|e2 n1 g1 u2 u1 z1"),
        ] {
            let order = AccountOrder { field: AccountOrderField::Arr, descending };
            for (limit, backward) in [(2, false), (3, true)] {
                let mut request = PageRequest { backward, ..PageRequest::first(limit) };
                let mut all: Vec<String> = Vec::new();
                loop {
                    let page = account_list::list(db, &db.system(), rates, &AccountFilter::default(), order, &request, false).await.unwrap();
                    let keys = external_ids(&page);
                    assert!(!keys.is_empty() && all.len() < 20, "{all:?}");
                    if backward {
                        all.splice(0..0, keys);
                        request.before = page.edges.first().map(|edge| edge.cursor.clone());
                    } else {
                        all.extend(keys);
                        request.after = page.edges.last().map(|edge| edge.cursor.clone());
                    }
                    if !(if backward { page.has_previous_page } else { page.has_next_page }) {
                        break;
                    }
                }
                assert_eq!(all.len(), 9, "{all:?}");
                let fits = all.iter().zip(expected.split(' ')).all(|(got, want)| want.split('|').any(|want| want == got));
                assert!(fits, "{all:?}, expected {expected}");
            }
        }
    }

    async fn accounts_are_filtered_and_counted(db: TestDb) {
        let ids = stage(db).await;
        let some = |patterns| AccountFilter { patterns: Some(patterns), ..AccountFilter::default() };
        let search = |text: &str| AccountFilter { search: Some(text.to_owned()), ..AccountFilter::default() };
        for (filter, expected) in [
            (AccountFilter { tiers: Some(vec![AccountTier::Enterprise]), ..AccountFilter::default() }, &["a2", "a3", "a8"][..]),
            (some(vec![Pattern::LowEngaged]), &["a2", "a1"]),
            (some(vec![Pattern::HighlyEngaged, Pattern::Disengaged]), &["a4", "a6"]),
            (AccountFilter { ids: Some(ids[..2].to_vec()), ..AccountFilter::default() }, &["a2", "a1"]),
            (AccountFilter { ids: Some(Vec::new()), ..AccountFilter::default() }, &[]),
            (search("ACME"), &["a2", "a3"]),
            (search("_"), &["a4"]),
            (search("100%"), &["a5"]),
            (search("%"), &["a5"]),
            (search("\\"), &[]),
            (search("'; DROP TABLE account; --"), &[]),
            (AccountFilter { tiers: Some(vec![AccountTier::Enterprise]), ..some(vec![Pattern::LowEngaged]) }, &["a2"]),
        ] {
            let page = listed(db, &filter, AccountOrder::default(), &PageRequest::first(100)).await;
            assert_eq!(external_ids(&page), expected, "{filter:?}");
            assert_eq!(page.total_count, Some(expected.len() as u64), "{filter:?}");
        }
    }

    async fn a_cursor_of_nowhere_is_refused(db: TestDb) {
        let request = PageRequest { after: Some("nonsense".to_owned()), ..PageRequest::first(3) };
        let refused = account_list::list(db, &db.system(), &CurrencyPolicy::default(), &AccountFilter::default(), AccountOrder::default(), &request, false).await;
        assert!(matches!(refused, Err(ServiceError::BadInput { ref field, .. }) if field == "after"), "{refused:?}");
    }

    async fn an_account_is_found_by_what_a_person_calls_it(db: TestDb) {
        let ids = stage(db).await;
        let found = |named: String| async move { account::find(db, &db.system(), &named).await.unwrap().map(|a| a.external_id) };
        assert_eq!(found("a2".to_owned()).await.as_deref(), Some("a2"));
        assert_eq!(found(ids[0].to_string()).await.as_deref(), Some("a1"));
        assert_eq!(found("nobody".to_owned()).await, None);
        let acme = account::find(db, &db.system(), "a3").await.unwrap().unwrap();
        assert_eq!(acme.arr.map(|arr| (arr.amount(), arr.currency().map(str::to_owned))), Some(("250.50".to_owned(), Some("USD".to_owned()))));
    }

    async fn contacts_are_paged_for_many_accounts_at_once(db: TestDb) {
        let ids = stage(db).await;
        let today = db.clock.now().date_naive();
        let names = |page: &Page<contact::Contact>| page.edges.iter().map(|e| e.node.name.clone()).collect::<Vec<_>>();
        let first = contact::pages_of(db, &db.system(), &ids, None, today, &PageRequest::first(2), true).await.unwrap();
        assert_eq!((names(&first[&ids[0]]), first[&ids[0]].total_count, first[&ids[0]].has_next_page), (vec!["abe".into(), "Bea".into()], Some(4), true));
        assert_eq!((names(&first[&ids[1]]), first[&ids[1]].has_next_page), (vec!["Eve".into(), "Fay".into()], false));
        assert_eq!((names(&first[&ids[2]]), first[&ids[2]].total_count), (Vec::<String>::new(), Some(0)));
        let after = PageRequest { after: Some(first[&ids[0]].edges[1].cursor.clone()), ..PageRequest::first(2) };
        let second = contact::pages_of(db, &db.system(), &ids[..1], None, today, &after, false).await.unwrap();
        assert_eq!(names(&second[&ids[0]]), ["Cleo", "Dan"]);
        let last = PageRequest { backward: true, ..PageRequest::first(1) };
        let last = contact::pages_of(db, &db.system(), &ids[..1], None, today, &last, false).await.unwrap();
        assert_eq!((names(&last[&ids[0]]), last[&ids[0]].has_previous_page), (vec!["Dan".to_owned()], true));
    }

    async fn roles_are_as_they_are_on_the_day(db: TestDb) {
        let ids = stage(db).await;
        for (roles, day, expected) in [
            (&[ContactRole::CLevel, ContactRole::Vp][..], "2026-06-17", [&["abe", "Cleo", "Dan"][..], &[]]),
            (&[ContactRole::Executive], "2026-06-17", [&["abe", "Bea", "Cleo"], &["Fay"]]),
            (&[ContactRole::Executive, ContactRole::Director], "2026-01-01", [&["abe", "Bea", "Cleo", "Dan"], &["Eve"]]),
            (&[ContactRole::ExecutiveSponsor], "2026-06-17", [&["Bea"], &["Fay"]]),
            (&[ContactRole::ExecutiveSponsor], "2025-12-31", [&["Dan"], &["Eve"]]),
            (&[ContactRole::ExecutiveSponsor], "2026-01-01", [&["Bea", "Dan"], &[]]),
            (&[ContactRole::ExecutiveSponsor, ContactRole::Director], "2026-06-16", [&["Bea"], &["Eve"]]),
        ] {
            let pages = contact::pages_of(db, &db.system(), &ids[..2], Some(roles), day.parse().unwrap(), &PageRequest::first(9), true).await.unwrap();
            for (account, expected) in ids.iter().zip(expected) {
                let names: Vec<&str> = pages[account].edges.iter().map(|e| e.node.name.as_str()).collect();
                assert_eq!(names, expected, "{roles:?} on {day}");
                assert_eq!(pages[account].total_count, Some(expected.len() as u64));
            }
        }
    }

    async fn interactions_are_paged_newest_first(db: TestDb) {
        let ids = stage(db).await;
        let today = db.clock.now().date_naive();
        let read = |filter: InteractionFilter| {
            let ids = ids.clone();
            async move {
                let pages = interaction::pages_of(db, &db.system(), &ids[..2], &filter, &PageRequest::first(10), true).await.unwrap();
                pages[&ids[0]].edges.iter().map(|e| e.node.external_id.clone()).collect::<Vec<_>>()
            }
        };
        let all = read(InteractionFilter::default()).await;
        assert_eq!((all.len(), &all[2..]), (4, &["i2".to_owned(), "i1".to_owned()][..]), "two share an instant: {all:?}");
        assert_eq!(read(InteractionFilter { kinds: Some(vec![InteractionKind::Meeting]), ..Default::default() }).await, ["i2"]);
        let span = InteractionFilter { from: Some("2026-06-02T10:00:00Z".parse().unwrap()), until: Some("2026-06-03T10:00:00Z".parse().unwrap()), ..Default::default() };
        assert_eq!(read(span).await, ["i2"], "the first instant counts, the last does not");
        let vps = InteractionFilter { contact_roles: Some((vec![ContactRole::Vp], today)), ..Default::default() };
        assert_eq!(read(vps).await, ["i3", "i2"], "as participant, and as who wrote");
        let sponsors = InteractionFilter { contact_roles: Some((vec![ContactRole::ExecutiveSponsor], today)), ..Default::default() };
        assert_eq!(read(sponsors).await, ["i2", "i1"]);
        let one = interaction::pages_of(db, &db.system(), &ids[..1], &InteractionFilter::default(), &PageRequest::first(9), false).await.unwrap();
        let keys: Vec<_> = one[&ids[0]].edges.iter().map(|e| (e.node.account_id, e.node.id)).collect();
        let people = interaction::participants_of(db, &db.system(), &keys).await.unwrap();
        assert_eq!(people.values().map(Vec::len).sum::<usize>(), 4);
        for key in &keys {
            let whole = people.get(&key.1).cloned().unwrap_or_default();
            for backward in [false, true] {
                let (mut walked, mut request) = (Vec::new(), PageRequest { backward, ..PageRequest::first(1) });
                loop {
                    let page = interaction::participant_pages_of(db, &db.system(), &[*key], &request, true).await.unwrap().remove(&key.1).unwrap();
                    assert_eq!(page.total_count, Some(whole.len() as u64));
                    let cursor = page.edges.last().map(|edge| edge.cursor.clone());
                    walked.extend(page.edges.into_iter().map(|edge| edge.node));
                    if !(if backward { page.has_previous_page } else { page.has_next_page }) {
                        break;
                    }
                    let (after, before) = if backward { (None, cursor) } else { (cursor, None) };
                    request = PageRequest { after, before, ..request };
                }
                if backward {
                    walked.reverse();
                }
                assert_eq!(walked, whole);
            }
        }
    }

    async fn what_stands_beside_an_account(db: TestDb) {
        let ids = stage(db).await;
        let teams = team::pages_of(db, &db.system(), &ids, &PageRequest::first(9), true).await.unwrap();
        assert_eq!(teams[&ids[0]].edges.iter().map(|m| (m.node.user.name.as_str(), m.node.team_role.as_str())).collect::<Vec<_>>(), [("Ann", "CSM"), ("Bob", "MANAGER")]);
        let goals = goal::goals_of(db, &db.system(), &ids).await.unwrap();
        assert_eq!(goals[&ids[0]].iter().map(|g| g.goal.as_str()).collect::<Vec<_>>(), ["Ship", "Grow", "Save"]);
        let today = db.clock.now().date_naive();
        let metrics = metric::latest_of(db, &db.system(), &ids, None, today).await.unwrap();
        let shown: Vec<_> = metrics[&ids[0]].iter().map(|m| (m.name.as_str(), m.value, m.change())).collect();
        assert_eq!(shown, [("nps", 40.0, None), ("roi", 2.25, Some(0.75))], "what is dated ahead has not been observed yet");
        let roi = metric::latest_of(db, &db.system(), &ids, Some(&["roi".to_owned()]), today).await.unwrap();
        assert_eq!((roi[&ids[0]].len(), roi[&ids[1]].len()), (1, 1));
        let latest = assessment::latest_of(db, &db.system(), &ids).await.unwrap();
        assert_eq!((latest[&ids[0]].overall, latest[&ids[0]].pattern), (Some(50.25), Some(Pattern::LowEngaged)));
        let history = assessment::history_of(db, &db.system(), &ids, "2026-01-01".parse().unwrap(), today).await.unwrap();
        assert_eq!(history[&ids[0]].iter().map(|a| a.overall).collect::<Vec<_>>(), [Some(95.0), Some(50.25)]);
    }

    async fn a_page_costs_the_same_however_many_accounts_it_shows(db: TestDb) {
        let ids = stage(db).await;
        let cost = |accounts: Vec<AccountId>| async move {
            let (before, today, system) = (db.statements(), db.clock.now().date_naive(), db.system());
            contact::pages_of(db, &system, &accounts, None, today, &PageRequest::first(5), true).await.unwrap();
            interaction::pages_of(db, &system, &accounts, &InteractionFilter::default(), &PageRequest::first(5), true).await.unwrap();
            team::pages_of(db, &system, &accounts, &PageRequest::first(5), false).await.unwrap();
            metric::pages_of(db, &system, &accounts, None, today, &PageRequest::first(5), false).await.unwrap();
            assessment::latest_of(db, &system, &accounts).await.unwrap();
            db.statements() - before
        };
        let (one, three) = (cost(ids[..1].to_vec()).await, cost(ids.clone()).await);
        assert_eq!((one, three), (7, 7));
    }
}
