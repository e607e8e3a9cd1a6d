//! To whom an escalation goes.

use rapport_engagement::alert::ladder::Rung;
use rapport_engagement::alert::recipients::{Directory, Member};
use rapport_engagement::email_address::EmailAddress;
use rapport_engagement::vocabulary::TeamRole;

use Rung::{Escalation, Managers, Team};

fn address(name: &str) -> EmailAddress {
    format!("{name}@example.com").parse().unwrap()
}

fn member(name: &str, team_role: TeamRole, manager: Option<&str>) -> Member {
    Member {
        email: address(name),
        team_role,
        manager_email: manager.map(address),
        reachable: true,
    }
}

fn directory(team: Vec<Member>) -> Directory {
    Directory {
        team,
        escalation: vec![address("vp")],
        admins: vec![address("admin"), address("root")],
    }
}

fn names(directory: &Directory, rungs: &[Rung]) -> Vec<String> {
    directory
        .recipients(rungs)
        .iter()
        .map(|r| r.email.expose().trim_end_matches("@example.com").to_owned())
        .collect()
}

#[test]
fn each_rung_has_its_people() {
    let d = directory(vec![
        member("csm", TeamRole::Csm, Some("boss")),
        member("ae", TeamRole::AccountExecutive, Some("boss")),
        member("lead", TeamRole::Manager, None),
    ]);
    assert_eq!(names(&d, &[Team]), ["csm", "ae", "lead"]);
    assert_eq!(names(&d, &[Managers]), ["boss", "lead"]);
    assert_eq!(names(&d, &[Escalation]), ["vp"]);
}

#[test]
fn nobody_is_told_twice() {
    let d = Directory {
        escalation: vec![address("BOSS"), address("vp")],
        ..directory(vec![member("boss", TeamRole::Manager, Some("boss"))])
    };
    let told = d.recipients(&[Team, Managers, Escalation]);
    assert_eq!(
        told.iter()
            .map(|r| (r.email.expose(), r.rung))
            .collect::<Vec<_>>(),
        [("boss@example.com", Team), ("vp@example.com", Escalation)]
    );
}

#[test]
fn never_nobody() {
    let mut gone = member("csm", TeamRole::Csm, Some("boss"));
    gone.reachable = false;
    assert_eq!(
        names(&directory(vec![gone.clone()]), &[Team]),
        ["boss"],
        "first whom they report to"
    );
    gone.manager_email = None;
    gone.team_role = TeamRole::Manager;
    assert_eq!(
        names(&directory(vec![gone]), &[Team]),
        ["vp"],
        "a manager whom mail does not reach is none"
    );
    assert_eq!(names(&directory(vec![]), &[Team]), ["vp"]);
    let alone = Directory {
        escalation: vec![],
        ..directory(vec![])
    };
    for rung in Rung::ALL {
        assert_eq!(names(&alone, &[*rung]), ["admin", "root"]);
    }
    let unmanaged = directory(vec![member("csm", TeamRole::Csm, None)]);
    assert_eq!(names(&unmanaged, &[Managers]), ["vp"]);
}

#[test]
fn what_goes_to_everybody_at_once_spares_the_administrators_while_it_reaches_somebody() {
    let named = |d: &Directory| -> Vec<(String, Rung)> {
        let told = d.recipients_at_once().into_iter();
        told.map(|r| {
            (
                r.email.expose().trim_end_matches("@example.com").to_owned(),
                r.rung,
            )
        })
        .collect()
    };
    let of = |name: &str, rung| (name.to_owned(), rung);
    let team = directory(vec![member("csm", TeamRole::Csm, Some("boss"))]);
    assert_eq!(
        named(&team),
        [of("csm", Team), of("boss", Managers), of("vp", Escalation)]
    );
    // One of the three is enough, whichever it is.
    let unnamed = Directory {
        escalation: vec![],
        ..team.clone()
    };
    assert_eq!(named(&unnamed), [of("csm", Team), of("boss", Managers)]);
    assert_eq!(
        names(&unnamed, &[Escalation]),
        ["admin", "root"],
        "a rung by itself is never nobody's"
    );
    let mut gone = member("csm", TeamRole::Csm, Some("boss"));
    gone.reachable = false;
    assert_eq!(
        named(&Directory {
            escalation: vec![],
            ..directory(vec![gone.clone()])
        }),
        [of("boss", Managers)]
    );
    gone.manager_email = None;
    assert_eq!(named(&directory(vec![gone.clone()])), [of("vp", Escalation)]);
    // Nobody there: the administrators.
    let nobody = Directory {
        escalation: vec![],
        ..directory(vec![gone])
    };
    assert_eq!(named(&nobody), [of("admin", Escalation), of("root", Escalation)]);
    assert_eq!(named(&Directory::default()), []);
}
