//! What an attempt means: whether the mail server, the message or the recipient was the problem, and whether another
//! attempt may do. A pure function of where the conversation stood and what was said.

use std::sync::atomic::{AtomicU8, Ordering};

/// How far an attempt has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Stage {
    /// Looking for the server, greeting, TLS, logging in.
    Connecting,
    /// Naming the sender.
    Sender,
    /// Naming the recipient.
    Recipient,
    /// Asking to send the message.
    Data,
    /// Sending it, and waiting for the server to take it: from here on nobody knows but the server.
    Message,
}

impl Stage {
    const ALL: [Self; 5] = [
        Self::Connecting,
        Self::Sender,
        Self::Recipient,
        Self::Data,
        Self::Message,
    ];

    const fn doing(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Sender => "naming the sender",
            Self::Recipient => "naming the recipient",
            Self::Data => "announcing the message",
            Self::Message => "handing over the message",
        }
    }
}

/// How far an attempt has come, seen from outside: it may be broken off at any point.
#[derive(Debug, Default)]
pub struct Progress(AtomicU8);

impl Progress {
    /// Notes that a stage begins.
    pub fn reach(&self, stage: Stage) {
        self.0.store(stage as u8, Ordering::Release);
    }

    /// The stage that began last.
    pub fn stage(&self) -> Stage {
        Stage::ALL[usize::from(self.0.load(Ordering::Acquire)).min(Stage::ALL.len() - 1)]
    }
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The server said no.
    Refused {
        /// Its three digits.
        code: u16,
        /// Its words.
        text: String,
    },
    /// The connection broke, or never was; or the server said something that is no SMTP.
    Broken(String),
    /// The server took too long.
    TimedOut,
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The server has the message.
    Sent,
    /// Another attempt may do. Ambiguous: the server may have the message all the same.
    Retry {
        /// What was wrong.
        error: String,
        /// Whether the server may have it.
        ambiguous: bool,
    },
    /// No attempt will do.
    Failed {
        /// What was wrong.
        error: String,
        /// The server does not know the recipient.
        unknown_recipient: bool,
    },
    /// The server takes no mail at all at the moment: it is not this message's fault.
    ServerDown {
        /// What was wrong.
        error: String,
    },
}

/// What follows from a problem at a stage.
pub fn judge(stage: Stage, problem: &Problem) -> Verdict {
    let error = describe(stage, problem);
    let Problem::Refused { code, text } = problem else {
        return match stage {
            Stage::Connecting => Verdict::ServerDown { error },
            _ => Verdict::Retry {
                error,
                ambiguous: stage == Stage::Message,
            },
        };
    };
    let permanent = *code >= 500;
    match stage {
        Stage::Connecting => Verdict::ServerDown { error },
        // Not logged in, or not allowed to: no message will fare better.
        _ if matches!(code, 530 | 534 | 535 | 538) => Verdict::ServerDown { error },
        // Every message has the same sender; and 421 is the server hanging up.
        Stage::Sender if permanent || *code == 421 => Verdict::ServerDown { error },
        _ if !permanent => Verdict::Retry {
            error,
            ambiguous: false,
        },
        // Servers that put off what they hold against the sender until they are told a recipient.
        Stage::Recipient if matches!(enhanced_code(text), Some((5, 1, 7 | 8))) => {
            Verdict::ServerDown { error }
        }
        Stage::Recipient => Verdict::Failed {
            error,
            unknown_recipient: is_unknown_recipient(*code, text),
        },
        _ => Verdict::Failed {
            error,
            unknown_recipient: false,
        },
    }
}

fn describe(stage: Stage, problem: &Problem) -> String {
    let doing = stage.doing();
    match problem {
        Problem::Refused { code, text } => {
            format!("the mail server answered {code} {} when {doing}", text.trim())
        }
        Problem::Broken(what) => format!("the connection to the mail server failed when {doing}: {what}"),
        Problem::TimedOut => format!("the mail server took too long when {doing}"),
    }
}

/// What servers that give no enhanced code say, in small letters, when there is no such mailbox. One that says something else
/// refuses for a reason that we cannot tell, policy more often than not.
const NO_SUCH_MAILBOX: [&str; 9] = [
    "user unknown",
    "unknown user",
    "user not found",
    "no such user",
    "no such mailbox",
    "no mailbox here",
    "mailbox unavailable",
    "mailbox not found",
    "does not exist",
];

/// Whether a refusal says that there is no such mailbox: by the enhanced code (RFC 3463, RFC 7505) where there is one, else by
/// the words of a 550. It must be certain, for a user gets no more mail after it: a refusal for reasons of policy, a full
/// mailbox, a message too large or a sender that somebody dislikes is not about the recipient's existence.
fn is_unknown_recipient(code: u16, text: &str) -> bool {
    match enhanced_code(text) {
        Some((5, 1, 1 | 2 | 3 | 6 | 10) | (5, 2, 1)) => true,
        Some(_) => false,
        None => {
            let text = text.to_lowercase();
            // A server that asks the sender's own one about them quotes what it was told.
            code == 550
                && !text.contains("sender")
                && NO_SUCH_MAILBOX.iter().any(|words| text.contains(words))
        }
    }
}

/// `5.1.1` at the start of a reply's text.
fn enhanced_code(text: &str) -> Option<(u16, u16, u16)> {
    let mut parts = text
        .split_whitespace()
        .next()?
        .splitn(3, '.')
        .map(|part| part.parse::<u16>().ok());
    match (parts.next()??, parts.next()??, parts.next()??) {
        (class @ (2 | 4 | 5), subject, detail) => Some((class, subject, detail)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(stage: Stage, code: u16, text: &str) -> Verdict {
        judge(
            stage,
            &Problem::Refused {
                code,
                text: text.to_owned(),
            },
        )
    }

    fn unknown(verdict: &Verdict) -> Option<bool> {
        if let Verdict::Failed {
            unknown_recipient, ..
        } = verdict
        {
            Some(*unknown_recipient)
        } else {
            None
        }
    }

    #[test]
    fn only_a_mailbox_that_is_not_there_is_the_recipients_end() {
        for (code, text, expected) in [
            (550, "5.1.1 no such user", true),
            (550, "5.1.2 no such host", true),
            (553, "5.1.3 bad address", true),
            (550, "5.1.6 mailbox has moved", true),
            (556, "5.1.10 null MX", true),
            (550, "5.2.1 mailbox disabled", true),
            (550, "5.1.0 address rejected", false),
            (550, "5.1.4 ambiguous", false),
            (550, "5.1.9 not here", false),
            (550, "5.2.0 no such user", false),
            (551, "user not local", false),
            (551, "no such user", false),
            (553, "user unknown", false),
            (554, "user unknown", false),
            (550, "relay not permitted", false),
            (550, "rejected because 192.0.2.1 is in a black list", false),
            (
                550,
                "Sender verify failed: the server said: 550 No such user here",
                false,
            ),
            (550, "The sender's domain does not exist", false),
            (550, "", false),
            (550, "5.7.1 relaying denied", false),
            (554, "5.7.1 blocked", false),
            (552, "5.2.2 mailbox full", false),
            (552, "mailbox full", false),
            (554, "transaction failed", false),
        ] {
            assert_eq!(
                unknown(&refused(Stage::Recipient, code, text)),
                Some(expected),
                "{code} {text}"
            );
        }
        assert_eq!(
            unknown(&refused(Stage::Message, 550, "5.1.1 no such user")),
            Some(false)
        );
    }

    #[test]
    fn every_way_to_say_without_a_code_that_there_is_no_such_mailbox() {
        for text in [
            "<ada@x.example>: User unknown in local recipient table",
            "Unknown user account",
            "User not found",
            "No Such User Here",
            "no such mailbox",
            "Sorry, no mailbox here by that name.",
            "Requested action not taken: mailbox unavailable",
            "Mailbox not found",
            "ada@x.example does not exist",
        ] {
            assert_eq!(
                unknown(&refused(Stage::Recipient, 550, text)),
                Some(true),
                "{text}"
            );
            assert_eq!(
                unknown(&refused(Stage::Recipient, 552, text)),
                Some(false),
                "{text}"
            );
        }
        for words in NO_SUCH_MAILBOX {
            assert_eq!(words, words.to_lowercase(), "it is looked for in small letters");
            assert_eq!(
                unknown(&refused(Stage::Recipient, 550, words)),
                Some(true),
                "{words}"
            );
        }
    }

    #[test]
    fn what_is_wrong_with_the_server_is_not_blamed_on_a_message() {
        let down = |verdict: Verdict| matches!(verdict, Verdict::ServerDown { .. });
        for problem in [Problem::TimedOut, Problem::Broken("refused".to_owned())] {
            assert!(down(judge(Stage::Connecting, &problem)));
        }
        assert!(down(refused(Stage::Connecting, 554, "go away")));
        assert!(down(refused(Stage::Connecting, 421, "too many connections")));
        assert!(down(refused(Stage::Connecting, 535, "5.7.8 bad password")));
        assert!(down(refused(Stage::Sender, 550, "5.7.1 sender not allowed")));
        assert!(down(refused(Stage::Sender, 421, "closing")));
        assert!(down(refused(
            Stage::Recipient,
            530,
            "5.7.0 authentication required"
        )));
        assert!(down(refused(
            Stage::Recipient,
            550,
            "5.1.8 <rapport@nowhere>: Sender address rejected: Domain not found"
        )));
        assert!(down(refused(Stage::Recipient, 553, "5.1.7 bad sender's address")));
        assert!(!down(refused(
            Stage::Recipient,
            450,
            "4.1.8 Sender address rejected: Domain not found"
        )));
        assert!(!down(refused(Stage::Sender, 451, "later")));
        assert!(!down(refused(Stage::Recipient, 421, "closing")));
    }

    #[test]
    fn only_silence_after_the_message_is_ambiguous() {
        for stage in [Stage::Sender, Stage::Recipient, Stage::Data, Stage::Message] {
            for problem in [Problem::TimedOut, Problem::Broken("closed".to_owned())] {
                let expected = stage == Stage::Message;
                assert!(
                    matches!(judge(stage, &problem), Verdict::Retry { ambiguous, .. } if ambiguous == expected),
                    "{stage:?}"
                );
            }
            assert!(
                matches!(
                    refused(stage, 451, "4.3.0 later"),
                    Verdict::Retry { ambiguous: false, .. }
                ),
                "{stage:?}"
            );
        }
        assert!(matches!(refused(Stage::Data, 554, "no"), Verdict::Failed { .. }));
        assert!(matches!(
            refused(Stage::Message, 554, "5.6.0 spam"),
            Verdict::Failed { .. }
        ));
    }

    #[test]
    fn progress_is_seen_from_outside() {
        let progress = Progress::default();
        assert_eq!(progress.stage(), Stage::Connecting);
        for stage in Stage::ALL {
            progress.reach(stage);
            assert_eq!(progress.stage(), stage);
        }
    }

    #[test]
    fn enhanced_codes() {
        assert_eq!(enhanced_code("5.1.1 <x>: unknown"), Some((5, 1, 1)));
        assert_eq!(enhanced_code("4.7.500 slow down"), Some((4, 7, 500)));
        for none in ["", "no such user", "1.2.3 x", "5.1", "192.168.0.1 x"] {
            assert_eq!(enhanced_code(none), None, "{none}");
        }
    }
}
