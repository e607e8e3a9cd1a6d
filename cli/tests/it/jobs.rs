//! `rapport jobs`: every job is listed, and every one of them can be run by hand.

use crate::process::Place;

const JOBS: [&str; 6] = [
    "recompute",
    "recompute_touched",
    "guardrails",
    "queue_digests",
    "deliver",
    "prune",
];

#[test]
fn every_job_is_listed_and_runs_by_hand() {
    let place = Place::new();
    place.run("migrate").good();
    std::fs::create_dir(place.path().join("import")).unwrap();
    place.write("import/accounts.csv", "external_id,name,tier\nacme,Acme,smb\n");
    place.run("import import").good();
    let listed = place.run("jobs").good().to_owned();
    for job in JOBS {
        assert!(listed.contains(&format!("{job}\n  why ")), "{listed}");
    }
    assert_eq!(
        listed.matches("last run  none yet").count(),
        JOBS.len(),
        "{listed}"
    );
    assert!(
        listed.contains("0 3 * * * (UTC)") && listed.contains("at once, whenever mail is queued"),
        "{listed}"
    );
    for job in JOBS {
        let ran = place.run(&format!("jobs run {job}")).good().to_owned();
        assert!(ran.starts_with(&format!("{job} done: ")), "{ran}");
    }
    let listed = place.run("jobs").good().to_owned();
    assert_eq!(listed.matches(", done in ").count(), JOBS.len(), "{listed}");
    assert!(
        listed.contains("accounts 8, days 8"),
        "the account on each day of a week and today: {listed}"
    );
    let refused = place.run("jobs run dig");
    assert!(
        refused
            .refusal(2)
            .ends_with("there is no job 'dig'; there are recompute, recompute_touched, guardrails, queue_digests, prune, deliver"),
        "{refused:?}"
    );
}
