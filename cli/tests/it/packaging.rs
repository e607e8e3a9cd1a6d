//! The files for systemd name a command and settings that this binary has, and give it time to stop.

use crate::process::Place;

const UNIT: &str = include_str!("../../../packaging/rapport.service");
const LIFECYCLE: &str = include_str!("../../src/lifecycle.rs");
const ENVIRONMENT: &str = include_str!("../../../packaging/rapport.env");

fn of_unit(key: &str) -> &'static str {
    let mut found = UNIT
        .lines()
        .filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    let value = found.next().unwrap_or_else(|| panic!("{key} is missing"));
    assert_eq!(found.next(), None, "{key} once");
    value
}

/// The settings of the example, those that are commented out too.
fn settings() -> Vec<(&'static str, &'static str, bool)> {
    let lines = ENVIRONMENT
        .lines()
        .map(|line| (line.trim_start_matches('#'), line.starts_with('#')));
    lines
        .filter(|(line, _)| line.starts_with("RAPPORT_") || line.starts_with("DATABASE_URL"))
        .map(|(line, commented)| {
            let (name, value) = line.split_once('=').unwrap_or_else(|| panic!("{line}"));
            (name, value, commented)
        })
        .collect()
}

#[test]
fn the_unit_starts_a_command_that_there_is() {
    let started = of_unit("ExecStart")
        .strip_prefix("/usr/local/bin/rapport ")
        .expect("the binary where it is installed");
    assert_eq!(started, "serve --worker", "the API and the worker");
    let place = Place::new();
    let help = place
        .run(&format!("{started} --help"))
        .good()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    for (name, ..) in settings() {
        assert!(
            help.contains(&format!("[env: {name}")),
            "{name} is no setting:\n{help}"
        );
    }
    let grace = LIFECYCLE
        .split("GRACE: Duration = Duration::from_secs(")
        .nth(1)
        .and_then(|rest| rest.split(')').next());
    let grace: u32 = grace
        .expect("how long running work may take to finish")
        .parse()
        .unwrap();
    assert!(
        grace < 10 && of_unit("TimeoutStopSec").parse::<u32>().unwrap() > grace + 5,
        "it stops within ten seconds"
    );
    assert!(
        of_unit("LimitNOFILE").parse::<u32>().unwrap() >= 16_384,
        "a file for each connection, and more"
    );
    assert_eq!(
        of_unit("RestartPreventExitStatus"),
        "2",
        "bad settings do not get better"
    );
    assert_eq!(of_unit("EnvironmentFile"), "/etc/rapport/rapport.env");
}

#[test]
fn the_example_is_a_set_of_settings_that_can_be_started_with() {
    let place = Place::new();
    for all in [false, true] {
        let mut command = place.command("migrate");
        // A policy file would have to be there.
        let chosen = settings()
            .into_iter()
            .filter(|(name, _, commented)| (all || !commented) && *name != "RAPPORT_POLICY");
        command.envs(chosen.map(|(name, value, _)| (name, value)));
        let ended = command.output().unwrap();
        assert!(
            ended.status.success(),
            "{}",
            String::from_utf8_lossy(&ended.stderr)
        );
    }
}
