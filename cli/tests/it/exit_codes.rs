//! One sentence and the right exit code for everything that cannot work.

use std::net::TcpListener;
use std::process::Stdio;

use crate::process::{Ended, Place, Running};

#[test]
fn a_database_that_is_not_there_is_not_made_by_looking() {
    let place = Place::new();
    for looking in [
        "report engagement x",
        "jobs",
        "recompute",
        "token create --user a@b.example",
    ] {
        let ended = place.run(looking);
        assert!(
            ended
                .refusal(2)
                .starts_with("there is no database at rapport.db: make one with"),
            "{ended:?}"
        );
    }
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn an_unreachable_database() {
    let place = Place::new();
    let ended =
        place.run("serve --bind 127.0.0.1:0 --database-url postgres://rapport:hunter2@127.0.0.1:1/rapport");
    let said = ended.refusal(2);
    assert!(
        said.contains("cannot reach postgres://") && said.contains("check DATABASE_URL"),
        "{said}"
    );
    assert!(!said.contains("hunter2"), "{said}");
    let ended = place.run("migrate --database-url sqlite://no/such/folder/rapport.db?mode=rwc");
    assert!(
        ended
            .refusal(2)
            .contains("cannot reach sqlite://no/such/folder/rapport.db"),
        "{ended:?}"
    );
}

#[test]
fn a_read_only_database() {
    let place = Place::new();
    place.run("migrate").good();
    let ended = place.run("recompute --database-url sqlite://rapport.db?mode=ro");
    let said = ended.refusal(2);
    assert!(said.contains("is read-only"), "{said}");
}

#[test]
fn a_file_that_is_no_database() {
    let place = Place::new();
    place.write("rapport.db", &"this is a letter, not a database\n".repeat(200));
    let ended = place.run("migrate");
    let said = ended.stderr.trim_end();
    assert!(
        matches!(ended.code, Some(1 | 2)) && said.starts_with("error: ") && !said.contains('\n'),
        "{ended:?}"
    );
}

#[test]
fn a_busy_port() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let place = Place::new();
    for serving in ["serve", "demo"] {
        let ended = place.run(&format!("{serving} --bind {address}"));
        let said = ended.refusal(2);
        assert!(
            said.contains(&address.to_string()) && said.contains("in use") && said.contains("RAPPORT_BIND"),
            "{said}"
        );
    }
    assert_eq!(
        std::fs::read_dir(place.path()).unwrap().count(),
        0,
        "nothing was made"
    );
}

#[test]
fn bad_usage() {
    let place = Place::new();
    for usage in ["", "frobnicate", "serve --frobnicate", "init", "report"] {
        let ended = place.run(usage);
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(2), ""),
            "{usage}: {ended:?}"
        );
    }
    assert_eq!(place.run("--version").code, Some(0));
}

#[test]
fn an_unknown_job_account_or_user() {
    let place = Place::new();
    place.run("init --admin ada@example.com").good();
    let ended = place.run("jobs run backup");
    assert_eq!(
        ended.refusal(2),
        "there is no job 'backup'; there are recompute, recompute_touched, guardrails, queue_digests, prune, deliver"
    );
    let ended = place.run("report engagement acme");
    assert!(
        ended
            .refusal(1)
            .starts_with("there is no account 'acme' in sqlite://rapport.db"),
        "{ended:?}"
    );
    let ended = place.run("token create --user eve@example.com");
    assert!(
        ended
            .refusal(1)
            .starts_with("there is no user eve@example.com in sqlite://rapport.db"),
        "{ended:?}"
    );
    let ended = place.run("init --admin bob@example.com");
    assert!(ended.refusal(1).contains("users already"), "{ended:?}");
}

#[test]
fn a_token_is_all_that_stdout_gets() {
    let place = Place::new();
    let ended = place.run("init --admin ada@example.com");
    assert!(
        ended.good().starts_with("rap_") && ended.stdout.lines().count() == 1,
        "{ended:?}"
    );
    let ended = place.run("token create --user ADA@example.com --expires 12h");
    assert!(ended.good().starts_with("rap_"), "{ended:?}");
    assert!(ended.stderr.contains("Token of ada until "), "{ended:?}");
}

#[test]
fn jobs_are_listed_and_run() {
    let place = Place::new();
    place.run("init --admin ada@example.com").good();
    let listed = place.run("jobs");
    for line in [
        "recompute\n",
        "recompute_touched\n",
        "0 2 * * * (UTC)",
        "last run  none yet",
        "next due  2",
    ] {
        assert!(listed.good().contains(line), "{line} is missing in {listed:?}");
    }
    assert!(
        place
            .run("jobs run recompute")
            .good()
            .starts_with("recompute done: ")
    );
    assert!(place.run("jobs").good().contains("done in "));
    // The zone's wall clock decides.
    assert!(
        place
            .run("jobs --time-zone Europe/Berlin")
            .good()
            .contains("0 2 * * * (Europe/Berlin)")
    );
}

#[test]
fn a_day_that_has_not_come_is_refused() {
    let place = Place::new();
    place.run("init --admin ada@example.com").good();
    assert!(
        place
            .run("recompute --as-of 2190-01-01")
            .refusal(2)
            .starts_with("--as-of: 2190-01-01 is in the future")
    );
    assert!(
        place
            .run("recompute --as-of 2020-01-01")
            .good()
            .starts_with("0 accounts scored as of 2020-01-01")
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = Place::new();
    let mut child = place
        .command("schema")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Gone before the first byte.
    drop(child.stdout.take());
    let ended = Ended::of(child.wait_with_output().unwrap());
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert!(place.run("schema").good().contains("type Query"));
}

#[test]
fn a_schema_newer_than_the_binary() {
    let place = Place::new();
    place.run("migrate").good();
    let add = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_later', 0)";
    let changed = std::process::Command::new("sqlite3")
        .arg(place.path().join("rapport.db"))
        .arg(add)
        .status();
    assert!(
        changed.is_ok_and(|status| status.success()),
        "sqlite3 is needed for this test"
    );
    for command in ["migrate", "serve --bind 127.0.0.1:0", "worker", "jobs"] {
        let ended = place.run(command);
        assert!(ended.refusal(2).contains("newer than this binary"), "{ended:?}");
    }
    drop(Running::start(place.command("schema")));
}
