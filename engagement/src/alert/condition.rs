//! What an evaluation finds to hold now, and what makes two findings the same cause.

use super::rule::AlertRule;
use super::subject::Subject;
use crate::measure::Evidence;
use crate::vocabulary::Severity;

/// What makes two findings the same cause, within one account (or within the installation, for what is about none).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The rule.
    pub rule: AlertRule,
    /// What it is about.
    pub subject: Subject,
}

/// Something that an evaluation found to hold now.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Which cause.
    pub key: Key,
    /// How bad.
    pub severity: Severity,
    /// One sentence or two, with the numbers in them. Names of people are plain text from outside.
    pub message: String,
    /// The interactions behind it.
    pub evidence: Evidence,
}

impl Condition {
    /// A condition about the account as a whole, without rows behind it.
    pub fn new(rule: AlertRule, severity: Severity, message: String) -> Self {
        Self {
            key: Key {
                rule,
                subject: Subject::None,
            },
            severity,
            message,
            evidence: Evidence::default(),
        }
    }

    /// The same about one thing.
    pub fn about(self, subject: Subject) -> Self {
        Self {
            key: Key { subject, ..self.key },
            ..self
        }
    }

    /// The same with the rows behind it.
    pub fn with(self, evidence: Evidence) -> Self {
        Self { evidence, ..self }
    }
}
