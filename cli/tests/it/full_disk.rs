//! The disk full, and room again, under everything that writes: what was acknowledged is stored, what was refused is not there,
//! in part or whole, whoever was refused says why, and all go on by themselves.
//!
//! The disk is a real one of 24 MB, in memory, of a mount namespace of its own: the test runs itself again within it. Where
//! the machine allows neither that nor a mount, the test says so and passes.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::process::{Ended, Running, free_port, get, graphql, wait_ready, wait_until};

/// The variable that says where the small disk is: for the test that runs within.
const DISK: &str = "RAPPORT_TEST_SMALL_DISK";
const PATIENCE: Duration = Duration::from_mins(2);
/// Rows of a batch.
const ROWS: usize = 100;

/// Runs a test of this file on a small disk.
fn on_a_small_disk(name: &str, test: impl FnOnce(&Disk)) {
    #[expect(
        clippy::disallowed_methods,
        reason = "the test tells itself where the disk is"
    )]
    if let Some(folder) = std::env::var_os(DISK) {
        return test(&Disk(PathBuf::from(folder)));
    }
    let folder = tempfile::tempdir().unwrap();
    let itself = std::env::current_exe().unwrap();
    let test = format!("full_disk::{name}");
    // A mapped user may mount; where namespaces are refused, root may without them.
    let script = r#"mount -t tmpfs -o size=24m tmpfs "$0" || exit 77; exec "$@""#;
    for apart in [&["-U", "-r", "-m"][..], &["-m"][..]] {
        let mut command = Command::new("unshare");
        command
            .args(apart)
            .args(["sh", "-c", script])
            .arg(folder.path())
            .arg(&itself)
            .args(["--exact", &test, "--nocapture"]);
        let ran = command.env(DISK, folder.path()).output();
        let refused = |output: &std::process::Output| {
            output.status.code() == Some(77)
                || !String::from_utf8_lossy(&output.stdout).contains("running 1 test")
        };
        match ran {
            Ok(output) if refused(&output) => {}
            Ok(output) => {
                println!(
                    "within `unshare {}`:\n{}",
                    apart.join(" "),
                    String::from_utf8_lossy(&output.stdout)
                );
                assert!(
                    output.status.success(),
                    "{}",
                    String::from_utf8_lossy(&output.stderr)
                );
                return;
            }
            Err(_) => {}
        }
    }
    let mut stderr = std::io::stderr();
    let _ = writeln!(
        stderr,
        "SKIPPED {test}: no small disk can be mounted here (neither `unshare -Urm` nor `unshare -m` works)"
    );
}

/// A disk of 24 MB.
struct Disk(PathBuf);

impl Disk {
    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
        // What commands stage goes to another disk: it is the database's that is full.
        let elsewhere = std::env::temp_dir();
        command
            .args(arguments.split_whitespace())
            .current_dir(&self.0)
            .env_clear()
            .env("TMPDIR", elsewhere);
        command.stdin(std::process::Stdio::null());
        command
    }

    fn run(&self, arguments: &str) -> Ended {
        Ended::of(self.command(arguments).output().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Takes all the room there is.
    fn fill(&self) {
        let mut filler = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.path("filler"))
            .unwrap();
        let mut size = 1 << 20;
        while size > 0 {
            if filler.write_all(&vec![7; size]).is_err() {
                size /= 2;
            }
        }
    }

    fn make_room(&self) {
        std::fs::remove_file(self.path("filler")).unwrap();
    }

    fn write_accounts(&self, folder: &str, prefix: &str, accounts: usize) {
        let mut text = "external_id,name,tier\n".to_owned();
        for n in 0..accounts {
            writeln!(
                text,
                "{prefix}{n},Account {n} of a long enough name to take some room on a small disk,smb"
            )
            .unwrap();
        }
        std::fs::create_dir_all(self.path(folder)).unwrap();
        std::fs::write(self.path(folder).join("accounts.csv"), text).unwrap();
    }
}

/// Sends one batch; whether it was acknowledged.
fn upsert(port: u16, token: &str, batch: usize) -> Result<(), Value> {
    let rows: Vec<_> = (0..ROWS)
        .map(|n| json!({"externalId": format!("b{batch}-{n}"), "name": format!("Account {n} of batch {batch}"), "tier": "SMB"}))
        .collect();
    let query =
        "mutation($rows: [AccountInput!]!) { upsertAccounts(input: {rows: $rows}) { inserted rejected } }";
    let (_, answer) = graphql(port, token, query, &json!({ "rows": rows })).expect("an answer");
    if answer["data"]["upsertAccounts"]["inserted"] == ROWS {
        Ok(())
    } else {
        Err(answer)
    }
}

/// The external ids of all accounts.
fn accounts(port: u16, token: &str) -> Vec<String> {
    let query = "query($after: String) { accounts(first: 100, after: $after) { pageInfo { hasNextPage endCursor } nodes { externalId } } }";
    let (mut found, mut after) = (Vec::new(), Value::Null);
    loop {
        let (_, answer) = graphql(port, token, query, &json!({ "after": after })).expect("an answer");
        let page = &answer["data"]["accounts"];
        found.extend(
            page["nodes"]
                .as_array()
                .unwrap_or_else(|| panic!("{answer}"))
                .iter()
                .map(|node| node["externalId"].as_str().unwrap().to_owned()),
        );
        if page["pageInfo"]["hasNextPage"] != true {
            return found;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

fn first_token(disk: &Disk) -> String {
    disk.run("init --admin ann@x.example")
        .good()
        .split_whitespace()
        .last()
        .unwrap()
        .to_owned()
}

fn works(port: u16, token: &str) -> bool {
    let (status, _) =
        graphql(port, token, "{ accounts(first: 1) { totalCount } }", &json!({})).expect("an answer");
    !status.contains("401")
}

#[test]
fn what_is_acknowledged_is_stored() {
    on_a_small_disk("what_is_acknowledged_is_stored", |disk| {
        let token = first_token(disk);
        let port = free_port();
        let serve = format!("serve --bind 127.0.0.1:{port}");
        let mut running = Running::start_logging_to(
            disk.command(&serve),
            &std::env::temp_dir().join("full-disk-serve.log"),
        );
        wait_ready(&mut running, port);
        let create = "mutation { createApiToken(input: {name: \"leaked\"}) { token apiToken { id } } }";
        let (_, made) = graphql(port, &token, create, &json!({})).expect("an answer");
        let made = &made["data"]["createApiToken"];
        let (leaked, leaked_id) = (made["token"].as_str().unwrap(), &made["apiToken"]["id"]);
        assert!(works(port, leaked));

        let (mut stored, mut refused) = (Vec::new(), Vec::new());
        let mut batches = 0..;
        let mut send = |stored: &mut Vec<usize>, refused: &mut Vec<usize>| {
            let batch = batches.next().unwrap();
            match upsert(port, &token, batch) {
                Ok(()) => stored.push(batch),
                Err(answer) => {
                    assert_eq!(
                        answer["errors"][0]["extensions"]["code"], "UNAVAILABLE",
                        "{answer}"
                    );
                    refused.push(batch);
                }
            }
        };
        (0..3).for_each(|_| send(&mut stored, &mut refused));
        assert_eq!((stored.len(), refused.len()), (3, 0));
        disk.fill();
        for _ in 0..12 {
            send(&mut stored, &mut refused);
        }
        println!("{} acknowledged, {} refused", stored.len(), refused.len());
        assert!(
            refused.len() >= 5,
            "{} of 12 were acknowledged although there is no room",
            12 - refused.len()
        );
        wait_until("readiness says so", PATIENCE, || {
            get(port, "/readyz")
                .is_some_and(|answer| answer.starts_with("HTTP/1.1 503") && answer.contains("disk is full"))
        });
        assert!(
            get(port, "/healthz").is_some_and(|answer| answer.starts_with("HTTP/1.1 200")),
            "the process is there all the same"
        );
        let (status, _) =
            graphql(port, &token, "{ accounts(first: 5) { totalCount } }", &json!({})).expect("an answer");
        assert!(status.contains("200"), "what is there can be read: {status}");
        let other = disk.run("token create --user ann@x.example");
        assert!(
            other.code == Some(1)
                && other.stderr.contains("is full: make room")
                && !other.stderr.contains("locked"),
            "{other:?}"
        );

        disk.make_room();
        wait_until("it is ready again", PATIENCE, || {
            get(port, "/readyz").is_some_and(|answer| answer.starts_with("HTTP/1.1 200"))
        });
        let before = refused.len();
        (0..5).for_each(|_| send(&mut stored, &mut refused));
        assert_eq!(refused.len(), before, "there is room");
        let revoke =
            "mutation($id: ID!) { revokeApiToken(input: {tokenId: $id}) { apiToken { revokedAt } } }";
        let (_, revoked) = graphql(port, &token, revoke, &json!({ "id": leaked_id })).expect("an answer");
        assert!(
            revoked["data"]["revokeApiToken"]["apiToken"]["revokedAt"].is_string(),
            "{revoked}"
        );
        disk.run("token create --user ann@x.example").good();

        running.signal("-TERM");
        assert_eq!(running.end().code, Some(0));
        let mut running = Running::start_logging_to(
            disk.command(&serve),
            &std::env::temp_dir().join("full-disk-again.log"),
        );
        wait_ready(&mut running, port);
        let found = accounts(port, &token);
        let rows = |batch: &usize| {
            found
                .iter()
                .filter(|id| id.starts_with(&format!("b{batch}-")))
                .count()
        };
        let lost: Vec<_> = stored.iter().filter(|batch| rows(batch) != ROWS).collect();
        let half: Vec<_> = refused.iter().filter(|batch| rows(batch) != 0).collect();
        assert_eq!(
            (lost.len(), half.len()),
            (0, 0),
            "of {} acknowledged lost {lost:?}; of {} refused there {half:?}",
            stored.len(),
            refused.len()
        );
        assert!(!works(port, leaked), "the revocation is stored");
        let checked = disk.run("backup copy.db");
        assert!(
            checked.code == Some(0) || checked.stderr.contains("full"),
            "whole: {checked:?}"
        );
    });
}

#[test]
fn an_import_that_finds_no_room_says_so_and_is_done_by_the_next() {
    on_a_small_disk(
        "an_import_that_finds_no_room_says_so_and_is_done_by_the_next",
        |disk| {
            first_token(disk);
            disk.write_accounts("first", "f", 200);
            disk.run("import first").good();
            disk.write_accounts("import", "i", 2_000);
            disk.fill();
            let refused = disk.run("import import");
            assert!(
                refused.code == Some(1) && refused.stderr.contains("is full: make room"),
                "{refused:?}"
            );
            let refused = disk.run("recompute");
            assert!(
                refused.code == Some(1) && refused.stderr.contains("is full: make room"),
                "{refused:?}"
            );
            disk.make_room();
            disk.run("import import").good();
            let again = disk.run("import import");
            assert!(again.good().contains("2000"), "all are there: {again:?}");
            disk.run("recompute").good();
        },
    );
}

#[test]
fn a_worker_that_finds_no_room_goes_on_when_there_is_some() {
    on_a_small_disk("a_worker_that_finds_no_room_goes_on_when_there_is_some", |disk| {
        let token = first_token(disk);
        let port = free_port();
        let log = std::env::temp_dir().join("full-disk-worker.log");
        let mut running = Running::start_logging_to(
            disk.command(&format!("serve --worker --bind 127.0.0.1:{port}")),
            &log,
        );
        wait_ready(&mut running, port);
        for batch in 0..3 {
            upsert(port, &token, batch).expect("there is room");
        }
        disk.fill();
        wait_until("the disk is full", PATIENCE, || upsert(port, &token, 99).is_err());
        let told = |line: &str| line.contains("recompute_touched") && line.contains("is full: make room");
        wait_until("a job says why it cannot be done", PATIENCE, || {
            std::fs::read_to_string(&log).unwrap().lines().any(told)
        });
        disk.make_room();
        wait_until("it is ready again", PATIENCE, || {
            get(port, "/readyz").is_some_and(|answer| answer.starts_with("HTTP/1.1 200"))
        });
        upsert(port, &token, 3).expect("there is room again");
        wait_until("all that waited is scored", Duration::from_mins(4), || {
            !accounts_wait(port)
        });
        assert!(!running.has_ended());
        running.signal("-TERM");
        assert_eq!(running.end().code, Some(0));
    });
}

/// Whether accounts wait to be scored.
fn accounts_wait(port: u16) -> bool {
    let text = get(port, "/metrics").unwrap_or_default();
    let waiting = text
        .lines()
        .find_map(|line| line.strip_prefix("rapport_touched_accounts "));
    waiting.is_none_or(|waiting| waiting.parse::<f64>().map_or(true, |accounts| accounts > 0.0))
}
