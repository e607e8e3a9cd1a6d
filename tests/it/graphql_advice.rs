//! What an engagement report advises, over GraphQL: standing, levers, and recommendations with who, with whom and by when.

use rapport_tests::on_both_databases;
use serde_json::{Value, json};

use crate::graphql_server::Server;
use crate::graphql_stage::stage;
use crate::import_stage::import_texts;

const ADVICE: &str = r"
query Advice($externalId: String!, $endingOn: Date) {
  accountByExternalId(externalId: $externalId) {
    engagementReport(endingOn: $endingOn) {
      overall effectivePeople nameless
      standing { state reasons { reason message on contact { name } } }
      levers { change points steps overallAfter }
      improvementPlan { points overallAfter }
      target { overall pattern longTerm }
      recommendations { action reason horizon expectedPoints owner { name } contact { name } dueOn }
      markdown
    }
  }
}";

fn list<'a>(report: &'a Value, field: &str) -> &'a [Value] {
    report[field]
        .as_array()
        .unwrap_or_else(|| panic!("{field} is no list: {report}"))
}

async fn ask(server: &Server, account: &str, ending_on: Option<&str>) -> Value {
    let data = server
        .data(ADVICE, json!({"externalId": account, "endingOn": ending_on}))
        .await;
    data["accountByExternalId"]["engagementReport"].clone()
}

on_both_databases! {
    async fn advice_says_who_with_whom_and_by_when(db: TestDb) {
        stage(db, 6).await;
        let server = Server::start(db).await;
        let report = ask(&server, "acc-004", None).await;
        assert!(report["effectivePeople"].as_f64() > Some(1.0), "{report}");
        assert_eq!(report["standing"]["state"].as_str().map(str::is_empty), Some(false));
        for reason in list(&report["standing"], "reasons") {
            assert!(reason["message"].as_str().unwrap().ends_with('.'), "{reason}");
        }
        let recommended = list(&report, "recommendations");
        assert!(!recommended.is_empty());
        for one in recommended {
            // The account's CSM, not its manager, whoever owned its interactions.
            assert_eq!(one["owner"]["name"], "Kim", "{one}");
            assert_eq!(one["dueOn"].is_null(), one["horizon"] == "STRATEGIC", "{one}");
            // Person 5 has left.
            assert!(one["contact"].is_null() || one["contact"]["name"] != "Person 5 of 004", "{one}");
        }
        let immediate = recommended.iter().find(|one| one["horizon"] == "IMMEDIATE");
        assert!(immediate.is_none_or(|one| one["dueOn"].as_str() >= Some("2026-10-08")), "{immediate:?}");

        let levers = list(&report, "levers");
        assert!(levers.len() <= 5);
        let points: Vec<f64> = levers.iter().map(|lever| lever["points"].as_f64().unwrap()).collect();
        assert!(points.is_sorted_by(|a, b| a >= b || (a - b).abs() < 1e-9), "{points:?}");
        let steps: u64 = levers.iter().map(|lever| lever["steps"].as_u64().unwrap()).sum();
        let plan = list(&report, "improvementPlan");
        if levers.len() < 5 {
            // Nothing is left out: the levers are the steps, told together.
            assert_eq!(steps as usize, plan.len());
            let planned: f64 = plan.iter().map(|step| step["points"].as_f64().unwrap()).sum();
            assert!((planned - points.iter().sum::<f64>()).abs() < 1e-9);
            assert_eq!(levers.last().map(|lever| &lever["overallAfter"]), plan.last().map(|step| &step["overallAfter"]));
        }
        assert_eq!(report["target"]["longTerm"], 75);
        let markdown = report["markdown"].as_str().unwrap();
        let (preface, parts) = markdown.split_once("\n## Engagement score summary\n").unwrap();
        assert!(preface.contains("**Standing: ") && preface.contains("| ARR | Renewal | CSM | Sponsor |"), "{preface}");
        assert!(preface.contains("Kim") && preface.contains("Person 0 of 004"), "{preface}");
        assert_eq!(parts.matches("\n## ").count(), 7);
        server.stop().await;
    }

    async fn without_a_csm_the_owner_of_the_latest_interaction_is_asked(db: TestDb) {
        stage(db, 1).await;
        let accounts = "external_id,name,tier,status\nnew,New Ltd,smb,active\n";
        let teams = "account_external_id,user_email,team_role\nnew,kim@example.com,account_executive\n";
        let contacts = "account_external_id,external_id,name\nnew,c0,Zoe\n";
        let interactions = "account_external_id,external_id,kind,direction,status,occurred_at,subject,owner_email,participants\n\
            new,1,email,outbound,completed,2026-09-01T08:00:00Z,One,kim@example.com,c0\n\
            new,2,email,outbound,completed,2026-09-02T08:00:00Z,Two,lou@example.com,c0\n\
            new,3,email,outbound,completed,2026-09-03T08:00:00Z,Three,,c0\n\
            new,4,meeting,outbound,scheduled,2026-09-20T08:00:00Z,Four,kim@example.com,c0\n";
        let files = [("accounts.csv", accounts), ("teams.csv", teams), ("contacts.csv", contacts), ("interactions.csv", interactions)];
        let (summary, remembered) = import_texts(db, &files).await;
        assert!(summary.is_clean(), "{:?} {:?}", remembered.rejected(), remembered.warned());
        let server = Server::start(db).await;
        let owner = |report: &Value| list(report, "recommendations")[0]["owner"].clone();
        assert_eq!(owner(&ask(&server, "new", None).await), json!({"name": "Lou"}));
        assert_eq!(owner(&ask(&server, "new", Some("2026-09-01")).await), json!({"name": "Kim"}), "Lou's mail was not written yet");
        // The newest rows behind a sign stand under it, by date and subject.
        let markdown = ask(&server, "new", None).await["markdown"].as_str().unwrap().to_owned();
        assert!(markdown.contains("  - 2026-09-03: Three (e-mail)\n  - 2026-09-02: Two (e-mail)\n  - 2026-09-01: One (e-mail)\n"), "{markdown}");
        server.stop().await;
    }

    async fn a_customer_no_more_has_no_standing_and_no_advice(db: TestDb) {
        stage(db, 1).await;
        let accounts = "external_id,name,tier,status,churned_on\nacc-000,Customer 000,enterprise,churned,2026-09-15\n";
        let (summary, _) = import_texts(db, &[("accounts.csv", accounts)]).await;
        assert!(summary.is_clean());
        let server = Server::start(db).await;
        let report = ask(&server, "acc-000", None).await;
        assert_eq!((&report["standing"], &report["recommendations"], &report["levers"], &report["improvementPlan"]), (&Value::Null, &json!([]), &json!([]), &json!([])));
        let markdown = report["markdown"].as_str().unwrap();
        assert!(markdown.contains("**Customer until 2026-09-15.**") && markdown.contains("The last contact was on 2026-09-30, with Person"), "{markdown}");
        // The day before, it was a customer.
        assert!(ask(&server, "acc-000", Some("2026-09-14")).await["standing"]["state"].is_string());
        server.stop().await;
    }
}
