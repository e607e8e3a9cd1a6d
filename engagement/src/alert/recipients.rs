//! To whom an escalation goes: never to nobody (docs/scoring.md § 11).

use super::ladder::Rung;
use crate::vocabulary::TeamRole;
use crate::vocabulary::email_address::EmailAddress;

/// A member of an account's team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Their address.
    pub email: EmailAddress,
    /// What they do in the team.
    pub team_role: TeamRole,
    /// Whom they report to.
    pub manager_email: Option<EmailAddress>,
    /// Mail reaches them: false for an address that is known to refuse it.
    pub reachable: bool,
}

/// Everybody an escalation of one account may go to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directory {
    /// The account's team.
    pub team: Vec<Member>,
    /// The extra addresses for escalations.
    pub escalation: Vec<EmailAddress>,
    /// All administrators.
    pub admins: Vec<EmailAddress>,
}

/// Who gets a message, and on which rung.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Where to.
    pub email: EmailAddress,
    /// The rung that asked for it; the first one where several did.
    pub rung: Rung,
}

impl Directory {
    /// Who gets the message of these rungs, each address once. A rung without anybody is taken by the next one, and in the
    /// end by the administrators: nobody gets it only where there is no administrator.
    pub fn recipients(&self, rungs: &[Rung]) -> Vec<Recipient> {
        once(
            rungs
                .iter()
                .flat_map(|rung| self.of(*rung).into_iter().map(|email| (*rung, email))),
        )
    }

    /// Who gets a message that goes to the team, its managers and the escalation addresses at once, each address once: the
    /// administrators only where it would reach nobody else.
    pub fn recipients_at_once(&self) -> Vec<Recipient> {
        let recipients = once(
            Rung::ALL
                .iter()
                .flat_map(|rung| self.on(*rung).into_iter().map(|email| (*rung, email))),
        );
        if recipients.is_empty() {
            self.recipients(&[Rung::Escalation])
        } else {
            recipients
        }
    }

    fn of(&self, rung: Rung) -> Vec<&EmailAddress> {
        let people = self.on(rung);
        match (people.is_empty(), rung) {
            (false, _) => people,
            (true, Rung::Team) => self.of(Rung::Managers),
            (true, Rung::Managers) => self.of(Rung::Escalation),
            (true, Rung::Escalation) => self.admins.iter().collect(),
        }
    }

    /// The people of a rung itself, whom it may lack.
    fn on(&self, rung: Rung) -> Vec<&EmailAddress> {
        match rung {
            Rung::Team => self
                .team
                .iter()
                .filter(|member| member.reachable)
                .map(|member| &member.email)
                .collect(),
            Rung::Managers => self.managers(),
            Rung::Escalation => self.escalation.iter().collect(),
        }
    }

    /// Whom the members report to, and the members who manage the team.
    fn managers(&self) -> Vec<&EmailAddress> {
        let of_members = self
            .team
            .iter()
            .filter_map(|member| member.manager_email.as_ref());
        let members = self
            .team
            .iter()
            .filter(|member| member.reachable && member.team_role == TeamRole::Manager)
            .map(|member| &member.email);
        of_members.chain(members).collect()
    }
}

/// Each address once, by the first rung that asked for it.
fn once<'a>(asked: impl Iterator<Item = (Rung, &'a EmailAddress)>) -> Vec<Recipient> {
    let mut recipients: Vec<Recipient> = vec![];
    for (rung, email) in asked {
        if recipients.iter().all(|known| known.email != *email) {
            recipients.push(Recipient {
                email: email.clone(),
                rung,
            });
        }
    }
    recipients
}
