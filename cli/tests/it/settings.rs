//! Where settings come from, and what is said about those that make no sense.

use crate::process::Place;

#[test]
fn the_file_gives_way_to_the_environment_and_that_to_flags() {
    let place = Place::new();
    let made = |place: &Place, name: &str| place.path().join(name).exists();
    place.write("rapport.toml", "database_url = 'sqlite://file.db?mode=rwc'\n");
    place.run("migrate").good();
    assert!(made(&place, "file.db"));
    let with_environment = |arguments: &str| {
        let mut command = place.command(arguments);
        command.env("DATABASE_URL", "sqlite://environment.db?mode=rwc");
        crate::process::Ended::of(command.output().unwrap())
    };
    with_environment("migrate").good();
    assert!(made(&place, "environment.db") && !made(&place, "flag.db"));
    with_environment("migrate --database-url sqlite://flag.db?mode=rwc").good();
    assert!(made(&place, "flag.db"));
    assert!(!made(&place, "rapport.db"));
}

#[test]
fn without_anything_the_database_stands_in_the_current_folder() {
    let place = Place::new();
    place.run("migrate").good();
    assert!(place.path().join("rapport.db").exists());
}

#[test]
fn an_unknown_setting_is_named_with_its_line() {
    let place = Place::new();
    place.write("rapport.toml", "bind = '127.0.0.1:8080'\nbindd = 'x'\n");
    let ended = place.run("migrate");
    let said = ended.refusal(2);
    assert!(
        said.starts_with("rapport.toml: line 2: unknown field `bindd`"),
        "{said}"
    );
}

#[test]
fn settings_that_make_no_sense_are_named() {
    let place = Place::new();
    for (arguments, expected) in [
        (
            "migrate --time-zone Mars/Olympus",
            "RAPPORT_TIME_ZONE: 'Mars/Olympus' is no IANA time zone",
        ),
        (
            "worker --metrics-bind nowhere",
            "RAPPORT_METRICS_BIND: 'nowhere' is no address to listen on",
        ),
        (
            "serve --bind nowhere",
            "RAPPORT_BIND: 'nowhere' is no address to listen on",
        ),
        (
            "migrate --database-url mysql://u:secret@h/x",
            "DATABASE_URL: mysql://u:***@h/x must start with",
        ),
        (
            "migrate --account-url https://crm.example/",
            "RAPPORT_ACCOUNT_URL: 'https://crm.example/' must contain {external_id}",
        ),
        (
            "migrate --smtp-url smtp://u:secret@mail.example?tls=maybe",
            "RAPPORT_SMTP_URL: tls is either required or none; one is written like",
        ),
        (
            "migrate --smtp-url smtp://u:secret@mail.example?tls=none",
            "RAPPORT_SMTP_URL: a password is not sent without TLS",
        ),
        (
            "worker --smtp-url smtp://u:secret@mail.example?ca=absent.pem",
            "RAPPORT_SMTP_URL: ca=absent.pem: ",
        ),
        (
            "migrate --mail-from rapport",
            "RAPPORT_MAIL_FROM: 'rapport' is no mail address; one is written like",
        ),
        (
            "migrate --escalation-to a@x.example,b",
            "RAPPORT_ESCALATION_TO: 'b' is no mail address; several are separated by commas",
        ),
        (
            "mail list --status lost",
            "--status: unknown status of a message: expected one of queued, sent, failed, canceled",
        ),
        (
            "mail list --kind spam",
            "--kind: unknown kind of message: expected one of sponsor_departed, alert,",
        ),
        ("mail show 7", "'7': not an id: "),
        (
            "mail retry acc_01h2xcejqtf2nbrexx3vqjhp41",
            "'acc_01h2xcejqtf2nbrexx3vqjhp41': expected an id that starts with `msg_`",
        ),
        (
            "migrate --log-format xml",
            "RAPPORT_LOG_FORMAT: 'xml' is neither text nor json",
        ),
        ("migrate --log =,=,", "RAPPORT_LOG: '=,=,' is no log filter"),
        ("migrate --config absent.toml", "absent.toml: "),
        ("init --admin nobody", "--admin: 'nobody': "),
        ("recompute --as-of yesterday", "--as-of: 'yesterday' is no day"),
        ("report engagement x --period weekly", "--period: unknown period"),
        (
            "token create --user a@b.example --expires 2y",
            "--expires: '2y' is no span",
        ),
    ] {
        let ended = place.run(arguments);
        let said = ended.refusal(2);
        assert!(said.starts_with(expected), "{arguments}: {said}");
        assert!(!said.contains("secret"), "{said}");
    }
}

#[test]
fn help_lists_every_setting() {
    let ended = Place::new().run("serve --help");
    let help = ended.good();
    for setting in [
        "DATABASE_URL",
        "RAPPORT_BIND",
        "RAPPORT_METRICS_BIND",
        "RAPPORT_PUBLIC_URL",
        "RAPPORT_SMTP_URL",
        "RAPPORT_OUTBOX_DIR",
        "RAPPORT_MAIL_FROM",
        "RAPPORT_ESCALATION_TO",
        "RAPPORT_POLICY",
        "RAPPORT_ACCOUNT_URL",
        "RAPPORT_TIME_ZONE",
        "--adopt-policy",
        "--worker",
    ] {
        assert!(help.contains(setting), "{setting} is missing in\n{help}");
    }
}

#[test]
fn another_policy_is_refused_unless_it_is_adopted() {
    let place = Place::new();
    place.run("init --admin ada@example.com").good();
    place.write("policy.toml", "[weights]\nquality = 0.5\n");
    let ended = place.run("recompute --policy policy.toml");
    let said = ended.refusal(2);
    assert!(said.contains("start with --adopt-policy"), "{said}");
    place.run("recompute --policy policy.toml --adopt-policy").good();
    place.run("recompute --policy policy.toml").good();
    place.run("recompute").refusal(2);
    place.write("policy.toml", "[weights]\nqualty = 0.5\n");
    let ended = place.run("recompute --policy policy.toml");
    assert!(
        ended
            .refusal(2)
            .starts_with("RAPPORT_POLICY: policy.toml: unknown field `weights.qualty`"),
        "{ended:?}"
    );
}
