//! A viewer sees every account only where the users file says so, and while they are in no team. Losing the last team, by
//! whatever way, shows nobody anything.

use chrono::TimeDelta;
use rapport_tests::mail::plant;
use rapport_tests::{TestDb, on_both_databases};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::link::{ReportKind, ReportLink, ReportReader};
use service::outbox::NewMessage;
use service::record::{account, user};
use service::sql::page::PageRequest;
use worker::mail::deliver_due;

use crate::access_stage::{Actor, stage};
use crate::graphql_mutations::{ask_as, token_of};
use crate::graphql_server::Server;
use crate::import_stage::{import_texts, texts};
use crate::mail_stage::{context, mail_into, new, of_alert, queue};
use crate::subscriptions::Watcher;

/// Ways in which a viewer of `north` loses their only team.
const LOSSES: [&str; 3] = ["the team's row", "the account", "by hand"];

async fn lose(db: &TestDb, way: &str) {
    match way {
        "the team's row" => {
            import_texts(
                db,
                &[(
                    "teams.csv",
                    "account_external_id,user_email,deleted\nnorth,vera@example.com,true\n",
                )],
            )
            .await;
        }
        "the account" => {
            import_texts(db, &[("accounts.csv", "external_id,deleted\nnorth,true\n")]).await;
        }
        _ => {
            let north = account::find(db, &db.system(), "north")
                .await
                .unwrap()
                .unwrap()
                .id;
            let (admin, vera) = (Actor::Admin.access(db).await, Actor::Viewer.user(db).await.id);
            service::record::team::remove(db, &admin, db.clock.now(), north, vera)
                .await
                .unwrap();
        }
    }
}

/// What a viewer is told over the API.
async fn told(server: &Server, token: &str) -> Value {
    let query = "{ accounts { totalCount nodes { externalId } } alerts { totalCount } users { totalCount }
        south: accountByExternalId(externalId: \"south\") { name } portfolioReport { accounts } }";
    ask_as(server, token, query, json!({})).await.json()["data"].take()
}

on_both_databases! {
    async fn a_viewer_whose_last_team_is_gone_sees_nothing(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        for way in LOSSES {
            stage(db).await;
            let vera = token_of(db, Actor::Viewer).await;
            let before = told(&server, &vera).await;
            assert_eq!(before["accounts"], json!({"totalCount": 1, "nodes": [{"externalId": "north"}]}), "{way}: {before}");
            lose(db, way).await;
            let after = told(&server, &vera).await;
            assert_eq!(after, json!({
                "accounts": {"totalCount": 0, "nodes": []}, "alerts": {"totalCount": 0}, "users": {"totalCount": 1},
                "south": null, "portfolioReport": {"accounts": 0},
            }), "{way}");
        }
        server.stop().await;
    }

    async fn neither_sockets_nor_links_nor_mails_show_more_than_the_lists(db: TestDb) {
        let [_, south] = stage(db).await;
        let server = Server::start(db).await;
        let mut watchers = Vec::new();
        for actor in [Actor::Admin, Actor::FreeViewer, Actor::Viewer] {
            let mut watcher = Watcher::connect(&server, &token_of(db, actor).await).await;
            watcher.watch("all", "subscription { alertRaised { account { externalId } } }").await;
            watchers.push(watcher);
        }
        lose(db, LOSSES[0]).await;
        let text = "account_external_id,kind,observed_on,contact_external_id,summary\nsouth,departure,2026-06-16,c1,Left\n";
        import_texts(db, &[("org_changes.csv", text)]).await;
        let told = json!({"alertRaised": {"account": {"externalId": "south"}}});
        assert_eq!(watchers[0].hear().await["payload"]["data"], told);
        assert_eq!(watchers[1].hear().await["payload"]["data"], told, "Vic sees everything");
        assert_eq!(watchers[2].until_pong().await, Vec::<Value>::new(), "Vera sees nothing any more");

        let key = service::link::SigningKey::new(&[7; 32]);
        let now = db.clock.now();
        let mut mails = Vec::new();
        for (actor, status) in [(Actor::FreeViewer, 200), (Actor::Viewer, 404)] {
            let user = actor.user(db).await;
            let reader = ReportReader::User(user.id);
            let link = ReportLink { kind: ReportKind::Engagement, account: south, reader, as_of: now, until: now + TimeDelta::days(14) };
            let page = server.send(&format!("GET /r/{} HTTP/1.1", link.token(&key)), b"").await;
            assert_eq!(page.status, status, "{actor:?}");
            mails.push(NewMessage { account: Some(south), user: Some(user.id), ..new(actor.email(), actor.email(), of_alert(), now) });
        }
        db.write_tx(async |tx| tx.execute_unprepared("DELETE FROM outbox").await.map(drop).map_err(|_| unreachable!())).await.unwrap();
        plant(db, now).await;
        queue(db, mails).await;
        let delivered = deliver_due(&context(db, "w"), &mail_into(db.scratch())).await;
        assert_eq!((delivered.sent, delivered.canceled), (1, 1));
        assert_eq!(texts(db, "SELECT recipient FROM outbox WHERE status = 'SENT'").await, ["vic@example.com"]);
        server.stop().await;
    }

    async fn whom_the_file_lets_see_everything_does_and_others_do_not(db: TestDb) {
        stage(db).await;
        let server = Server::start(db).await;
        let vic = token_of(db, Actor::FreeViewer).await;
        let who = "{ viewer { seesEverything } accounts { totalCount } }";
        let sees = async || ask_as(&server, &vic, who, json!({})).await.json()["data"].take();
        assert_eq!(sees().await, json!({"viewer": {"seesEverything": true}, "accounts": {"totalCount": 2}}));
        // The column left away changes nothing; an empty cell is the default.
        import_texts(db, &[("users.csv", "email,name,role\nvic@example.com,Victor,viewer\n")]).await;
        assert_eq!(sees().await["accounts"]["totalCount"], 2);
        import_texts(db, &[("users.csv", "email,sees_everything\nvic@example.com,\n")]).await;
        assert_eq!(sees().await, json!({"viewer": {"seesEverything": false}, "accounts": {"totalCount": 0}}));
        let (summary, told) = import_texts(db, &[("users.csv", "email,sees_everything\nvic@example.com,perhaps\n")]).await;
        assert!(!summary.is_clean() && told.rejected().len() == 1, "{:?}", told.rejected());
        import_texts(db, &[("users.csv", "email,sees_everything\nvic@example.com,TRUE\n")]).await;
        assert_eq!(sees().await["accounts"]["totalCount"], 2);
        // What a csm is said to see, they do not: it is a viewer's.
        import_texts(db, &[("users.csv", "email,sees_everything\numa@example.com,true\n")]).await;
        let uma = token_of(db, Actor::LoneCsm).await;
        assert_eq!(ask_as(&server, &uma, who, json!({})).await.json()["data"], json!({"viewer": {"seesEverything": false}, "accounts": {"totalCount": 0}}));
        let page = user::list(db, &Actor::LoneCsm.access(db).await, None, &PageRequest::first(9), true).await.unwrap();
        assert_eq!(page.total_count, Some(1));
        server.stop().await;
    }

    async fn what_viewers_saw_before_the_step_they_see_after_it(db: TestDb) {
        stage(db).await;
        let before = "UPDATE app_user SET sees_everything = (1 = 0)";
        let names = "SELECT name FROM app_user WHERE sees_everything ORDER BY name";
        db.write_tx(async |tx| {
            tx.execute_unprepared(before).await.unwrap();
            Ok(())
        })
        .await
        .unwrap();
        let steps = {
            use migration::MigratorTrait;
            let all = migration::Migrator::migrations();
            let at = all.iter().position(|step| step.name().contains("sees_everything")).expect("the step");
            u32::try_from(all.len() - at).unwrap()
        };
        db.schema_tx(async |tx| {
            use migration::MigratorTrait;
            migration::Migrator::down(tx, Some(steps)).await.unwrap();
            migration::Migrator::up(tx, None).await.unwrap();
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(texts(db, names).await, ["Vic"], "viewers in no team, and nobody else");
    }
}
