//! What the short pages say: what a link would do, what was done, and why a link does nothing. A link that is made up,
//! damaged, or for somebody who has lost their rights is told the same: nothing.

use actix_web::http::StatusCode;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use engagement::schedule::digest::DigestTime;
use engagement::vocabulary::{AlertStatus, Disposition, Severity};
use serde::Serialize;
use service::link::{ACKNOWLEDGE_DAYS, AlertView, REPORT_DAYS};

use super::address::frontend;

/// A short page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Notice {
    /// The status of the answer.
    #[serde(skip)]
    pub(super) status: StatusCode,
    /// How bad what it is about is.
    severity: Option<Severity>,
    /// What it says above all.
    heading: String,
    /// What it says.
    paragraphs: Vec<String>,
    /// What can be done.
    button: Option<Button>,
    /// The account in the user's own frontend.
    frontend: Option<Frontend>,
    /// What it says in passing.
    footnote: Option<String>,
}

/// What can be done on a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Button {
    /// What it is called.
    text: &'static str,
    /// The link that does it, where it is another one than that of the page.
    token: Option<String>,
    /// It takes back what was done.
    second: bool,
}

/// An account elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Frontend {
    url: String,
    name: String,
}

impl Notice {
    fn of(status: StatusCode, heading: impl Into<String>, paragraphs: &[&str]) -> Self {
        let paragraphs = paragraphs.iter().map(|text| (*text).to_owned()).collect();
        Self {
            status,
            severity: None,
            heading: heading.into(),
            paragraphs,
            button: None,
            frontend: None,
            footnote: None,
        }
    }

    fn ok(heading: impl Into<String>, paragraphs: &[&str]) -> Self {
        Self::of(StatusCode::OK, heading, paragraphs)
    }

    fn with_button(self, text: &'static str) -> Self {
        Self {
            button: Some(Button {
                text,
                token: None,
                second: false,
            }),
            ..self
        }
    }

    fn with_way_back(self, text: &'static str, token: String) -> Self {
        Self {
            button: Some(Button {
                text,
                token: Some(token),
                second: true,
            }),
            ..self
        }
    }

    /// There is nothing behind the link; why is not said.
    pub(super) fn nothing() -> Self {
        Self::of(
            StatusCode::NOT_FOUND,
            "This link does not work",
            &[
                "It may be damaged, or what it led to is not there for you any more.",
                "Take the link of a newer mail, or ask whoever runs Rapport for you.",
            ],
        )
    }

    /// The time of a link to a report is over.
    pub(super) fn report_expired() -> Self {
        let days = format!(
            "Reports can be read for {REPORT_DAYS} days from the mail on. A newer mail has newer links."
        );
        Self::of(StatusCode::GONE, "This link has expired", &[&days])
    }

    /// The time of a link to an action is over.
    pub(super) fn action_expired() -> Self {
        let days = format!(
            "An alert can be taken up from a mail for {ACKNOWLEDGE_DAYS} days. Nothing was changed; you can still do it in Rapport."
        );
        Self::of(StatusCode::GONE, "This link has expired", &[&days])
    }

    /// What came is longer than anything that a page sends.
    pub(super) fn too_long() -> Self {
        Self::of(
            StatusCode::PAYLOAD_TOO_LARGE,
            "That was too long",
            &["Nothing was changed."],
        )
    }

    /// Too much is asked for at once, or the database is slow.
    pub(super) fn busy() -> Self {
        Self::of(
            StatusCode::SERVICE_UNAVAILABLE,
            "Rapport is busy",
            &["Please try again in a minute."],
        )
    }

    /// It is our fault.
    pub(super) fn fault(trace_id: &str) -> Self {
        let notice = Self::of(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something went wrong",
            &["Please try again in a minute."],
        );
        Self {
            footnote: Some(format!(
                "Whoever runs Rapport finds the reason in its log under {trace_id}."
            )),
            ..notice
        }
    }

    /// The link is not asked in this way.
    pub(super) fn wrong_method() -> Self {
        Self::of(
            StatusCode::METHOD_NOT_ALLOWED,
            "This link cannot be used so",
            &["Open it in a browser."],
        )
    }

    /// What unsubscribing would do.
    pub(super) fn unsubscribe() -> Self {
        let notice = Self::ok(
            "End the weekly digest?",
            &[
                "You will get no more weekly digests from Rapport. Alerts about your accounts still reach you.",
            ],
        );
        notice.with_button("Unsubscribe")
    }

    /// There is no digest any more; the token brings it back.
    pub(super) fn unsubscribed(resubscribe: String) -> Self {
        let notice = Self::ok(
            "You are unsubscribed",
            &[
                "You get no more weekly digests from Rapport. Alerts about your accounts still reach you.",
                "If you change your mind, subscribe again here or in Rapport.",
            ],
        );
        notice.with_way_back("Subscribe again", resubscribe)
    }

    /// What resubscribing would do.
    pub(super) fn resubscribe(time: DigestTime) -> Self {
        Self::ok(
            "Get the weekly digest again?",
            &[&format!("It will come every {}.", when(time))],
        )
        .with_button("Subscribe again")
    }

    /// There is a digest; the token ends it.
    pub(super) fn subscribed(time: DigestTime, unsubscribe: String) -> Self {
        let comes = format!(
            "Your weekly digest comes every {}, when there is something to say.",
            when(time)
        );
        Self::ok("You are subscribed", &[&comes]).with_way_back("Unsubscribe", unsubscribe)
    }

    /// An alert: taken up, resolved, or with the button that takes it up.
    pub(super) fn alert(view: &AlertView, account_url: Option<&str>) -> Self {
        let alert = &view.alert.alert;
        let title = alert.key.rule.title();
        let about = view.account.as_ref().map_or_else(
            || title.to_owned(),
            |account| format!("{title}, {}", account.name),
        );
        let moment = |at: Option<DateTime<Utc>>| {
            at.map_or_else(String::new, |at| format!(" on {}", moment(at, view.zone)))
        };
        let who = || {
            if view.by_recipient {
                "You".to_owned()
            } else {
                view.by.clone().unwrap_or_else(|| "Somebody".to_owned())
            }
        };
        let open = |more: Option<String>| {
            let asked = "If you are on it, say so: its escalation ends, and the others see that you have it."
                .to_owned();
            let paragraphs = [Some(alert.message.clone()), more, Some(asked)]
                .into_iter()
                .flatten()
                .collect();
            Self {
                paragraphs,
                severity: Some(alert.severity),
                ..Self::ok(about.clone(), &[]).with_button("I am on it")
            }
        };
        let notice = match alert.status {
            AlertStatus::Open => open(None),
            AlertStatus::Snoozed => open(
                alert
                    .snoozed_until
                    .map(|until| format!("It is put off until {}.", day(until))),
            ),
            AlertStatus::Acknowledged => {
                let heading = match (&view.by, view.by_recipient) {
                    (_, true) => "You are on it".to_owned(),
                    (Some(name), false) => format!("{name} is on it"),
                    (None, false) => "Somebody is on it".to_owned(),
                };
                let taken = format!(
                    "{} took this up{}. It escalates no further.",
                    who(),
                    moment(alert.acknowledged_at)
                );
                Self::ok(heading, &[&taken, &format!("{about}. {}", alert.message)])
            }
            AlertStatus::Resolved => {
                let by_hand = alert.disposition.is_some() || view.by.is_some() || view.by_recipient;
                let resolved = if by_hand {
                    format!(
                        "{} resolved this{}{}.",
                        who(),
                        moment(alert.resolved_at),
                        alert.disposition.map_or("", said)
                    )
                } else {
                    format!("It resolved itself{}.", moment(alert.resolved_at))
                };
                Self::ok(
                    "This is resolved",
                    &[&resolved, &format!("{about}. {}", alert.message)],
                )
            }
        };
        let frontend = view.account.as_ref().and_then(|account| {
            let url = frontend(account_url, &account.external_id)?;
            Some(Frontend {
                url,
                name: account.name.clone(),
            })
        });
        Self { frontend, ..notice }
    }
}

const fn said(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::Acted => ": something was done",
        Disposition::AlreadyKnown => ": it was known already",
        Disposition::Noise => ": it should not have been raised",
    }
}

/// `Monday at 08:00 (Europe/Berlin)`
fn when(time: DigestTime) -> String {
    let name = time.day.as_str();
    let (first, rest) = name.split_at(1);
    format!(
        "{first}{} at {:02}:00 ({})",
        rest.to_lowercase(),
        time.hour,
        time.zone.name()
    )
}

/// `Wed 17 June 2026, 14:00 CEST`
fn moment(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone)
        .format("%a %-d %B %Y, %H:%M %Z")
        .to_string()
}

/// `17 June 2026`
pub(super) fn day(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}
