//! What the product writes down about people is its own user's to read, from the first byte and whatever the umask.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Ended, Place, Running, free_port, wait_ready};

/// Runs the binary as somebody who hides nothing: umask 000.
fn open_handed(place: &Place, arguments: &str) -> Command {
    let binary = place.command(arguments);
    let mut command = Command::new("sh");
    command
        .args(["-c", "umask 000; exec \"$@\"", "sh"])
        .arg(binary.get_program())
        .args(binary.get_args());
    command
        .current_dir(place.path())
        .env_clear()
        .stdin(std::process::Stdio::null())
        .process_group(0);
    command
}

fn run(place: &Place, arguments: &str) -> Ended {
    Ended::of(open_handed(place, arguments).output().unwrap())
}

/// Every file and folder below a folder with its mode.
fn modes(folder: &Path) -> BTreeMap<PathBuf, u32> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Ok(known) = std::fs::symlink_metadata(&path) else {
            continue;
        };
        found.insert(path.clone(), known.permissions().mode() & 0o777);
        if known.is_dir() {
            found.extend(modes(&path));
        }
    }
    found
}

/// What others may read or write below a folder, but for what the test has put there itself.
fn exposed(place: &Place) -> Vec<String> {
    let own = |path: &Path| {
        path.strip_prefix(place.path())
            .is_ok_and(|path| path.starts_with("import") || path.starts_with("foreign"))
    };
    let open = modes(place.path())
        .into_iter()
        .filter(|(path, mode)| mode & 0o077 != 0 && !own(path));
    open.map(|(path, mode)| format!("{} {mode:o}", path.strip_prefix(place.path()).unwrap().display()))
        .collect()
}

fn files(place: &Place) {
    std::fs::create_dir(place.path().join("import")).unwrap();
    place.write(
        "import/users.csv",
        "email,name,role\nno address,Ann,csm\nbo@example.com,Bo,csm\n",
    );
    place.write(
        "import/accounts.csv",
        "external_id,name,tier,status\nacme,Acme,enterprise,active\n",
    );
    place.write(
        "import/teams.csv",
        "account_external_id,user_email,team_role\nacme,bo@example.com,csm\n",
    );
    place.write(
        "import/contacts.csv",
        "external_id,account_external_id,name,title\nada,acme,Ada Okafor,CEO\n",
    );
    place.write(
        "import/sponsorships.csv",
        "account_external_id,contact_external_id,since,rank\nacme,ada,2026-01-01,primary\n",
    );
}

#[test]
fn database_log_report_mail_and_backup_are_nobody_elses_to_read() {
    let (place, port) = (Place::new(), free_port());
    files(&place);
    run(&place, "init --admin ada@example.com").good();
    assert_eq!(exposed(&place), Vec::<String>::new(), "after init");
    assert_eq!(
        run(&place, "import import").code,
        Some(1),
        "a row is rejected, so there is a report"
    );
    assert!(place.path().join("import-report/rejected.csv").exists());
    assert_eq!(exposed(&place), Vec::<String>::new(), "after the import");
    // While a server has it open there is a log, and somebody who leaves is written to a file.
    let mut serving = Running::start(open_handed(
        &place,
        &format!("serve --worker --bind 127.0.0.1:{port}"),
    ));
    wait_ready(&mut serving, port);
    std::fs::remove_file(place.path().join("import/users.csv")).unwrap();
    let today = run(&place, "doctor --json").stdout;
    assert!(!today.is_empty());
    let day = String::from_utf8(
        Command::new("date")
            .args(["-u", "+%Y-%m-%d"])
            .output()
            .unwrap()
            .stdout,
    )
    .unwrap();
    let text = format!(
        "account_external_id,kind,observed_on,contact_external_id,summary,source,certainty\nacme,departure,{},ada,Left,manual,confirmed\n",
        day.trim()
    );
    place.write("import/org_changes.csv", &text);
    run(&place, "import import").good();
    let started = std::time::Instant::now();
    while !place.path().join("outbox").read_dir().is_ok_and(|mut files| {
        files.any(|file| file.unwrap().path().extension().is_some_and(|ext| ext == "eml"))
    }) {
        assert!(
            started.elapsed() < std::time::Duration::from_mins(2),
            "no mail was written"
        );
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(place.path().join("rapport.db-wal").exists());
    assert_eq!(exposed(&place), Vec::<String>::new(), "while it serves");
    run(&place, "backup copies.db").good();
    assert_eq!(exposed(&place), Vec::<String>::new(), "after the backup");
    serving.signal("-TERM");
    assert_eq!(serving.end().code, Some(0));
}

#[test]
fn a_backup_is_private_while_it_is_unfinished_and_when_its_database_is_not() {
    let place = Place::new();
    files(&place);
    run(&place, "init --admin ada@example.com").good();
    // Somebody has opened it to others.
    std::fs::set_permissions(
        place.path().join("rapport.db"),
        std::fs::Permissions::from_mode(0o644),
    )
    .unwrap();
    // The process is stopped as soon as the file is there: before the first byte, or after some.
    for round in 0..20 {
        let mut command = open_handed(&place, &format!("backup copy{round}.db"));
        let mut backing = command.stdout(std::process::Stdio::null()).spawn().unwrap();
        let unfinished = place.path().join(format!(".copy{round}.db.unfinished"));
        let seen = loop {
            if let Ok(known) = std::fs::metadata(&unfinished) {
                break Some(known.permissions().mode() & 0o777);
            }
            if backing.try_wait().unwrap().is_some() {
                break None;
            }
        };
        assert!(
            seen.is_none_or(|mode| mode == 0o600),
            "unfinished it is {:o}",
            seen.unwrap_or_default()
        );
        assert!(backing.wait().unwrap().success());
        let mode = std::fs::metadata(place.path().join(format!("copy{round}.db")))
            .unwrap()
            .permissions()
            .mode()
            & 0o777;
        assert_eq!(mode, 0o600, "finished it is {mode:o}");
    }
}

#[test]
fn the_doctor_says_what_others_may_read() {
    let place = Place::new();
    place.run("init --admin ada@example.com").good();
    let said = place.run("doctor").good().to_owned();
    assert!(
        said.lines()
            .any(|line| line.starts_with('✓') && line.contains("private files")),
        "{said}"
    );
    std::fs::set_permissions(
        place.path().join("rapport.db"),
        std::fs::Permissions::from_mode(0o644),
    )
    .unwrap();
    let said = place.run("doctor").good().to_owned();
    let line = said
        .lines()
        .find(|line| line.contains("private files"))
        .unwrap_or_else(|| panic!("{said}"));
    assert!(
        line.starts_with('!') && line.contains("rapport.db (644)") && line.contains("chmod"),
        "{line}"
    );
}
