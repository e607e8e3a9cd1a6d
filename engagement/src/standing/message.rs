//! The sentence of a reason: who, when, how many, in words that can be read aloud.

use super::reason::Reason;
use crate::markdown::capital;
use crate::vocabulary::{OrgChangeKind, Severity, Signal, StandingReason};

impl Reason {
    /// The sentence. `name` is that of [`Reason::contact`]; without it the sentence says what they are to us.
    pub fn message(&self, name: Option<&str>) -> String {
        let day = self.on.map(|day| day.to_string()).unwrap_or_default();
        let number = self.number.unwrap_or_default();
        let against = self.against.unwrap_or_default();
        let sponsor = name.map_or_else(
            || "the primary sponsor".to_owned(),
            |name| format!("{name}, the primary sponsor,"),
        );
        match self.reason {
            StandingReason::Organisation => {
                let what = match self.change {
                    Some(OrgChangeKind::Layoff) => "Layoffs at the customer",
                    _ => "A merger or an acquisition at the customer",
                };
                format!("{what}, known since {day}, {}.", days_ago(number))
            }
            StandingReason::SponsorChanged => {
                let who = name.unwrap_or("A sponsor");
                match self.change {
                    Some(OrgChangeKind::Departure) => {
                        format!("{who}, who sponsored us, left on {day}, {}.", days_ago(number))
                    }
                    Some(_) => format!(
                        "{who}, a sponsor of ours, changed their role on {day}, {}.",
                        days_ago(number)
                    ),
                    None => format!(
                        "{} took over as primary sponsor on {day}, {}.",
                        name.unwrap_or("Somebody new"),
                        days_ago(number)
                    ),
                }
            }
            StandingReason::SponsorDeclines => {
                let who = capital(&sponsor);
                format!("{who} declined or missed the last {number:.0} meetings, the latest on {day}.")
            }
            StandingReason::SponsorCold => match (self.number, self.against) {
                (None, _) if self.on.is_some() => format!("There has been no primary sponsor since {day}."),
                (None, _) => "There is no primary sponsor.".to_owned(),
                (Some(days), Some(_)) => format!(
                    "{} has never been in contact in the {days:.0} days since {day}.",
                    capital(&sponsor)
                ),
                (Some(days), None) => format!(
                    "{} has been silent for {days:.0} days, since {day}.",
                    capital(&sponsor)
                ),
            },
            StandingReason::Fell => format!("The score fell from {against:.0} to {number:.0} since {day}."),
            StandingReason::UsageFell => {
                format!(
                    "Use of the product fell from {against:.0} to {number:.0} days of use per 30 days since {day}."
                )
            }
            StandingReason::HangsOnOne => {
                let who = name.unwrap_or("one of them");
                let last = if self.on.is_some() {
                    format!(", last in contact on {day},")
                } else {
                    String::new()
                };
                format!("The relationship rests on {number:.1} people: {who}{last} carries most of it.")
            }
            StandingReason::Signals => format!(
                "{number:.0} grave warning signs at once: {}.",
                signs(&self.signals)
            ),
            StandingReason::Support => {
                format!("Requests for support rose from {against:.0} to {number:.0} per 30 days.")
            }
            StandingReason::Score => format!("The score is {number:.0} of 100."),
            StandingReason::Signal if self.signals.len() > 1 => {
                format!("Grave warning signs: {}.", signs(&self.signals))
            }
            StandingReason::Signal => format!("A grave warning sign: {}.", signs(&self.signals)),
        }
    }
}

fn days_ago(days: f64) -> String {
    match days as i64 {
        0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        days => format!("{days} days ago"),
    }
}

fn signs(signals: &[(Signal, Severity)]) -> String {
    let words: Vec<&str> = signals.iter().map(|(signal, _)| signal.in_words()).collect();
    words.join(", ")
}
