//! What the doctor found, one line for each check, for people or for programs.

use std::time::Duration;

use serde::Serialize;

/// How long a check may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    /// It is as it should be.
    Fine,
    /// It works, and somebody should look at it.
    Warning,
    /// It does not work.
    Failed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Finding {
    check: String,
    verdict: Verdict,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

/// Everything that was found.
#[derive(Debug, Default)]
pub(super) struct Report(Vec<Finding>);

impl Report {
    /// It is as it should be.
    pub(super) fn fine(&mut self, check: &str, found: impl Into<String>) {
        self.add(check, Verdict::Fine, found, None);
    }

    /// It works, and somebody should look at it.
    pub(super) fn warn(&mut self, check: &str, found: impl Into<String>, advice: &str) {
        self.add(check, Verdict::Warning, found, Some(advice));
    }

    /// It does not work.
    pub(super) fn fail(&mut self, check: &str, found: impl Into<String>, advice: &str) {
        self.add(check, Verdict::Failed, found, Some(advice));
    }

    fn add(&mut self, check: &str, verdict: Verdict, found: impl Into<String>, advice: Option<&str>) {
        // One line for each check, whatever a server said.
        let found = found.into().replace(char::is_control, " ");
        self.0.push(Finding {
            check: check.to_owned(),
            verdict,
            found,
            advice: advice.map(str::to_owned),
        });
    }

    /// Whether anything does not work.
    pub(super) fn has_failed(&self) -> bool {
        self.0.iter().any(|finding| finding.verdict == Verdict::Failed)
    }

    /// For people.
    pub(super) fn to_text(&self) -> String {
        let width = self
            .0
            .iter()
            .map(|finding| finding.check.chars().count())
            .max()
            .unwrap_or(0);
        let lines = self.0.iter().map(
            |Finding {
                 check,
                 verdict,
                 found,
                 advice,
             }| {
                let mark = match verdict {
                    Verdict::Fine => '✓',
                    Verdict::Warning => '!',
                    Verdict::Failed => '✗',
                };
                let advice = advice
                    .as_ref()
                    .map_or_else(String::new, |advice| format!(": {advice}"));
                format!("{mark} {check:<width$}  {found}{advice}\n")
            },
        );
        let lines: String = lines.collect();
        let count = |wanted| self.0.iter().filter(|finding| finding.verdict == wanted).count();
        format!(
            "{lines}\n{} fine, {} to look at, {} failed",
            count(Verdict::Fine),
            count(Verdict::Warning),
            count(Verdict::Failed)
        )
    }

    /// For programs.
    pub(super) fn to_json(&self) -> String {
        serde_json::json!({ "failed": self.has_failed(), "checks": self.0 }).to_string()
    }
}

/// Lets a check take only so long.
pub(super) async fn in_time<T, E: std::fmt::Display>(
    check: impl Future<Output = Result<T, E>>,
) -> Result<T, String> {
    match tokio::time::timeout(PATIENCE, check).await {
        Ok(done) => done.map_err(|error| error.to_string()),
        Err(_) => Err(format!("there was no answer within {} s", PATIENCE.as_secs())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_for_each_check() {
        let mut report = Report::default();
        report.fine("database", "SQLite 3.50");
        report.warn("mail", "slow\r\nserver", "look");
        assert!(!report.has_failed());
        report.fail("schema", "old", "migrate");
        assert!(report.has_failed());
        assert_eq!(
            report.to_text(),
            "✓ database  SQLite 3.50\n! mail      slow  server: look\n✗ schema    old: migrate\n\n1 fine, 1 to look at, 1 failed"
        );
        let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
        assert_eq!(json["failed"], true);
        assert_eq!(
            json["checks"][2],
            serde_json::json!({"check": "schema", "verdict": "failed", "found": "old", "advice": "migrate"})
        );
    }
}
