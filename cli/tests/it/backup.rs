//! A backup that is made while a server works is a database that a server can start on, with the same reports.

use std::process::Command;

use crate::process::{Place, Running, free_port, request, wait_ready};

const REPORT: &str = "report engagement acme --ending-on 2026-06-30";

/// A database with a customer that has something to report.
fn company() -> Place {
    let place = Place::new();
    std::fs::create_dir(place.path().join("import")).unwrap();
    place.write("import/accounts.csv", "external_id,name,tier,status,arr,currency,contract_start,renewal_date\nacme,Acme,enterprise,active,120000,EUR,2025-01-01,2027-01-01\n");
    place.write(
        "import/contacts.csv",
        "external_id,account_external_id,name,title\nada,acme,Ada Okafor,CEO\nben,acme,Ben Ruiz,CTO\n",
    );
    let head = "external_id,account_external_id,kind,direction,status,occurred_at,participants\n".to_owned();
    let row = |day| format!("i{day},acme,call,outbound,completed,2026-06-{day:02}T10:00:00Z,ada\n");
    let rows: String = std::iter::once(head).chain((1..=28).map(row)).collect();
    place.write("import/interactions.csv", &rows);
    place.run("init --admin ada@example.com").good();
    place.run("import import").good();
    place
}

#[test]
fn a_backup_made_while_a_server_works_brings_everything_back() {
    let (place, port) = (company(), free_port());
    let report = place.run(REPORT).good().to_owned();
    assert!(report.contains("Acme"), "{report}");
    let mut serving = Running::start(place.command(&format!("serve --worker --bind 127.0.0.1:{port}")));
    wait_ready(&mut serving, port);
    let said = place.run("backup copies.db").good().to_owned();
    assert!(
        said.starts_with("copies.db: ") && said.contains("checked") && said.contains("To bring it back"),
        "{said}"
    );
    assert!(
        request(
            port,
            "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        .is_some(),
        "the server goes on"
    );
    serving.signal("-TERM");
    assert_eq!(serving.end().code, Some(0));

    // The disk is lost; the backup is put in the database's place.
    for file in ["rapport.db", "rapport.db-wal", "rapport.db-shm"] {
        let _ = std::fs::remove_file(place.path().join(file));
    }
    std::fs::copy(place.path().join("copies.db"), place.path().join("rapport.db")).unwrap();
    assert_eq!(place.run(REPORT).good(), report);
    let port = free_port();
    let mut serving = Running::start(place.command(&format!("serve --worker --bind 127.0.0.1:{port}")));
    wait_ready(&mut serving, port);
    serving.signal("-TERM");
    assert_eq!(serving.end().code, Some(0));
    let left: Vec<_> = std::fs::read_dir(place.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(!left.iter().any(|name| name.contains("unfinished")), "{left:?}");
}

#[test]
fn nothing_is_overwritten_unless_it_is_asked_for_and_never_the_database() {
    let place = company();
    place.write("taken.db", "a letter");
    let ended = place.run("backup taken.db");
    assert!(ended.refusal(2).contains("taken.db exists"), "{ended:?}");
    assert_eq!(
        std::fs::read_to_string(place.path().join("taken.db")).unwrap(),
        "a letter"
    );
    place.run("backup taken.db --force").good();
    assert!(
        std::fs::read(place.path().join("taken.db"))
            .unwrap()
            .starts_with(b"SQLite format 3")
    );
    for file in ["rapport.db", "./rapport.db"] {
        let ended = place.run(&format!("backup {file} --force"));
        assert!(ended.refusal(2).contains("is the database itself"), "{ended:?}");
    }
    let ended = place.run("backup no/such/folder/b.db");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let ended = Place::new().run("backup b.db");
    assert!(
        ended.refusal(2).starts_with("there is no database at rapport.db"),
        "{ended:?}"
    );
    let ended = place.run("backup b.db --database-url postgres://u:hunter2@127.0.0.1:1/r");
    let said = ended.refusal(2);
    assert!(said.contains("pg_dump") && !said.contains("hunter2"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_backup_is_as_private_as_the_database() {
    use std::os::unix::fs::PermissionsExt;
    let place = company();
    let mode = |file: &str| {
        std::fs::metadata(place.path().join(file))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert!(
        Command::new("chmod")
            .args(["600", "rapport.db"])
            .current_dir(place.path())
            .status()
            .unwrap()
            .success()
    );
    place.run("backup b.db").good();
    assert_eq!((mode("rapport.db"), mode("b.db")), (0o600, 0o600));
}
