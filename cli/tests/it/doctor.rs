//! The doctor: one line for each check, what to do where something is wrong, exit codes, and no secret in any of it.

use harness::smtp::{Answer, SmtpServer, Verb};
use serde_json::Value;

use crate::process::{Ended, Place};

/// Asks for JSON; returns it with the exit code.
fn examine(place: &Place, arguments: &str) -> (Value, Option<i32>) {
    let ended = place.run(&format!("doctor --json {arguments}"));
    (
        serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}")),
        ended.code,
    )
}

/// How a check ended, and what was found; absent where it was not made.
fn of<'v>(report: &'v Value, check: &str) -> Option<(&'v str, &'v str)> {
    let found = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|found| found["check"] == check)?;
    Some((
        found["verdict"].as_str().unwrap(),
        found["found"].as_str().unwrap(),
    ))
}

#[test]
fn a_healthy_installation() {
    let place = Place::new();
    place.run("init --admin ada@example.com").good();
    let ended = place.run("doctor");
    let said = ended.good();
    assert!(
        said.lines()
            .filter(|line| !line.is_empty())
            .all(|line| line.starts_with('✓') || line.starts_with('!') || line.ends_with("0 failed")),
        "{said}"
    );
    let (report, code) = examine(&place, "");
    assert_eq!(
        (code, &report["failed"]),
        (Some(0), &Value::Bool(false)),
        "{report}"
    );
    for check in [
        "database",
        "disk",
        "writing",
        "schema",
        "policy",
        "policy in force",
        "time zone",
        "jobs",
        "mail due",
        "users",
        "admin's token",
        "outbox",
    ] {
        assert_eq!(
            of(&report, check).map(|found| found.0),
            Some("fine"),
            "{check}: {report}"
        );
    }
    assert!(of(&report, "database").unwrap().1.starts_with("SQLite 3."));
    assert!(!place.path().join("outbox").exists(), "it changes nothing");
}

#[test]
fn viewers_who_see_everything_and_those_who_see_nothing_are_counted() {
    let place = Place::new();
    place.run("init --admin ada@example.com").good();
    place.write(
        "users.csv",
        "email,name,role,sees_everything\nvic@example.com,Vic,viewer,true\nvera@example.com,Vera,viewer,\nval@example.com,Val,viewer,true\n\
         bo@example.com,Bo,csm,true\n",
    );
    place.write("accounts.csv", "external_id,name,tier\nacme,Acme,smb\n");
    place.write(
        "teams.csv",
        "account_external_id,user_email\nacme,val@example.com\n",
    );
    place.run("import .").good();
    let (report, _) = examine(&place, "");
    assert_eq!(
        of(&report, "viewers who see everything"),
        Some(("fine", "1")),
        "{report}"
    );
    assert_eq!(
        of(&report, "viewers who see nothing"),
        Some(("warning", "1 of 5")),
        "{report}"
    );
}

#[test]
fn every_setting_is_shown_with_where_it_comes_from() {
    let place = Place::new();
    place.run("init --admin ada@example.com").good();
    place.write("rapport.toml", "mail_from = 'Rapport <rapport@vendor.example>'\ntime_zone = 'UTC'\nescalation_to = ['boss@x.example']\n");
    let mut command = place.command("doctor --json --bind 127.0.0.1:9");
    command
        .env("RAPPORT_PUBLIC_URL", "https://rapport.example")
        .env("RAPPORT_TIME_ZONE", "Europe/Berlin")
        .env("RAPPORT_POLICY", "");
    let ended = Ended::of(command.output().unwrap());
    let report: Value = serde_json::from_str(ended.good()).unwrap();
    for (setting, value) in [
        ("DATABASE_URL", "sqlite://rapport.db (default)"),
        ("RAPPORT_BIND", "127.0.0.1:9 (flag)"),
        ("RAPPORT_PUBLIC_URL", "https://rapport.example (environment)"),
        ("RAPPORT_MAIL_FROM", "Rapport <r…@vendor.example> (file)"),
        ("RAPPORT_ESCALATION_TO", "1 addresses (file)"),
        ("RAPPORT_TIME_ZONE", "Europe/Berlin (environment)"),
        ("RAPPORT_POLICY", "none (default)"),
    ] {
        assert_eq!(of(&report, setting), Some(("fine", value)), "{report}");
    }
    assert_eq!(
        of(&report, "time zone").unwrap().0,
        "warning",
        "the database knows another"
    );
}

#[test]
fn a_database_that_is_not_there_keeps_no_other_check_from_its_answer() {
    let place = Place::new();
    let (report, code) = examine(
        &place,
        "--database-url postgres://rapport:hunter2@127.0.0.1:1/rapport",
    );
    assert_eq!(
        (code, of(&report, "database").unwrap().0),
        (Some(1), "failed"),
        "{report}"
    );
    assert_eq!(of(&report, "outbox").unwrap().0, "fine");
    assert!(!report.to_string().contains("hunter2"), "{report}");
    let (report, code) = examine(&place, "");
    assert_eq!(
        (code, of(&report, "database").unwrap().0),
        (Some(1), "failed"),
        "{report}"
    );
    assert!(!place.path().join("rapport.db").exists(), "looking makes nothing");
    assert_eq!(
        place.run("doctor --time-zone Mars").code,
        Some(2),
        "settings that nothing can be started with"
    );
    assert_eq!(place.run("doctor --send-to nobody").code, Some(2));
}

#[test]
fn what_is_wrong_is_said_with_what_to_do() {
    let place = Place::new();
    place.run("init --admin ada@example.com").good();
    place.write("policy.toml", "[weights]\nquality = 0.5\n");
    let (report, code) = examine(&place, "--policy policy.toml");
    assert_eq!(
        (code, of(&report, "policy in force").unwrap().0),
        (Some(1), "failed"),
        "{report}"
    );
    let advice = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|found| found["check"] == "policy in force")
        .unwrap()["advice"]
        .to_string();
    assert!(advice.contains("--adopt-policy"), "{advice}");
    place.write("policy.toml", "[weights]\nqualty = 0.5\n");
    let (report, code) = examine(&place, "--policy policy.toml");
    assert_eq!(
        (code, of(&report, "policy").unwrap().0),
        (Some(1), "failed"),
        "{report}"
    );
    assert_eq!(
        of(&report, "schema").unwrap().0,
        "fine",
        "and the others are looked at"
    );
    place.write("outbox", "a file where the folder should be");
    let (report, code) = examine(&place, "--outbox-dir outbox/mail");
    assert_eq!(code, Some(1), "{report}");
}

#[test]
fn the_mail_server_is_asked_without_sending_unless_it_is_to() {
    let place = Place::new();
    place.run("init --admin ada@example.com").good();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let _inside = runtime.enter();
    let server = SmtpServer::start();
    let at = format!("--smtp-url {}", server.url());
    let (report, code) = examine(&place, &at);
    assert_eq!(
        (code, of(&report, "mail server").unwrap().0),
        (Some(0), "fine"),
        "{report}"
    );
    assert_eq!(
        of(&report, "public URL").unwrap().0,
        "warning",
        "links would lead to this machine"
    );
    assert_eq!(of(&report, "sender").unwrap().0, "warning");
    assert!(
        server.received().is_empty() && !server.verbs().contains(&Verb::Mail),
        "{:?}",
        server.verbs()
    );
    let (report, code) = examine(&place, &format!("{at} --send-to ada@x.example"));
    assert_eq!(
        (code, of(&report, "test mail")),
        (Some(0), Some(("fine", "handed over for a…@x.example"))),
        "{report}"
    );
    let received = server.accepted();
    assert_eq!((received.len(), received[0].to.as_str()), (1, "ada@x.example"));
    assert_eq!(
        received[0].header("Subject").as_deref(),
        Some("Test mail of Rapport")
    );
    server.script(|moment| {
        if moment.verb == Verb::Connect {
            Answer::Say("554 go away")
        } else {
            Answer::Accept
        }
    });
    let (report, code) = examine(&place, &at);
    assert_eq!(code, Some(1));
    let (verdict, found) = of(&report, "mail server").unwrap();
    assert!(verdict == "failed" && found.contains("554"), "{report}");
    drop(server);
}
