//! What people said of the alerts of a rule, counted: which rules are worth their noise.

use async_graphql::SimpleObject;
use service::alert::Usefulness;

/// What people said of the alerts of a rule when they resolved them: shares from 0 to 1 of those that somebody resolved.
#[derive(SimpleObject)]
pub struct AlertUsefulness {
    /// The rule.
    rule: &'static str,
    /// Something was done about it.
    acted: f64,
    /// It told nothing new.
    already_known: f64,
    /// It should not have been raised.
    noise: f64,
    /// How many alerts of the rule somebody resolved.
    resolved: u64,
}

impl From<&Usefulness> for AlertUsefulness {
    fn from(counted: &Usefulness) -> Self {
        // Never zero: a rule that nobody has judged is not counted.
        let share = |count: u64| count as f64 / counted.resolved() as f64;
        Self {
            rule: counted.rule.as_str(),
            acted: share(counted.acted),
            already_known: share(counted.already_known),
            noise: share(counted.noise),
            resolved: counted.resolved(),
        }
    }
}
