//! Tokens on the command line: which there are, and their end.

use crate::process::Place;

/// The id in a line of `token list`.
fn id(line: &str) -> &str {
    line.split_whitespace().next().unwrap()
}

#[test]
fn tokens_are_listed_and_revoked() {
    let place = Place::new();
    place.run("init --admin ada@example.com").good();
    place.write("users.csv", "email,name\nbob@example.com,Bob\n");
    place.run("import .").good();
    let secret = place
        .run("token create --user bob@example.com --name sync")
        .good()
        .trim()
        .to_owned();
    place
        .run("token create --user bob@example.com --name other --expires 12h")
        .good();
    let all = place.run("token list");
    assert_eq!(all.good().lines().count(), 3, "{all:?}");
    let bobs = place.run("token list --user BOB@example.com");
    let lines: Vec<&str> = bobs.good().lines().collect();
    assert!(
        lines.len() == 2
            && lines
                .iter()
                .all(|line| line.starts_with("tok_") && line.contains("bob@example.com")),
        "{bobs:?}"
    );
    let sync = lines.iter().find(|line| line.contains("sync")).unwrap();
    assert!(
        sync.contains("until ") && sync.contains(&secret[secret.len() - 4..]) && sync.contains("never used"),
        "{sync}"
    );
    assert!(!bobs.stdout.contains("rap_pat_"));

    let revoked = place.run(&format!("token revoke {}", id(sync)));
    assert!(
        revoked
            .good()
            .starts_with(&format!("{} (sync) is revoked", id(sync))),
        "{revoked:?}"
    );
    let after = place.run("token list --user bob@example.com");
    assert!(
        after
            .good()
            .lines()
            .any(|line| line.contains("sync") && line.contains("revoked 2")),
        "{after:?}"
    );
    let rest = place.run("token revoke --user bob@example.com");
    assert!(rest.good().starts_with("1 revoked"), "{rest:?}");
    let rest = place.run("token list --user bob@example.com");
    assert!(
        rest.good().lines().all(|line| line.contains("revoked 2")),
        "{rest:?}"
    );
    let adas = place.run("token list --user ada@example.com");
    assert!(adas.good().contains("until "), "{adas:?}");
}

#[test]
fn what_cannot_be_revoked() {
    let place = Place::new();
    place.run("init --admin ada@example.com").good();
    let unknown = "tok_01kvaq7pg0egbr0nwnzjmeze30";
    assert_eq!(
        place.run(&format!("token revoke {unknown}")).refusal(1),
        format!("there is no token {unknown}")
    );
    assert!(
        place
            .run("token revoke nonsense")
            .refusal(2)
            .contains("not an id")
    );
    assert!(
        place
            .run("token revoke --user eve@example.com")
            .refusal(1)
            .starts_with("there is no user eve@example.com")
    );
    assert!(
        place
            .run("token list --user eve@example.com")
            .refusal(1)
            .starts_with("there is no user eve@example.com")
    );
    for usage in [
        "token revoke",
        &format!("token revoke {unknown} --user ada@example.com"),
    ] {
        assert_eq!(place.run(usage).code, Some(2), "{usage}");
    }
}
