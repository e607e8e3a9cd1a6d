//! The policy file: TOML laid over the defaults, so that every field is optional and a misspelt one is refused by name.

use engagement::policy::{CurrencyPolicy, Policy};
use engagement::vocabulary::Period;
use sha2::{Digest, Sha256};

/// How many hexadecimal digits of the hash are shown and stored: enough to tell two policies apart.
const HASH_DIGITS: usize = 16;

/// A policy file that cannot be used. The message names the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PolicyFileError(String);

/// Reads a policy file.
///
/// # Errors
/// When the text is no TOML, names a field that does not exist, or holds a value out of range.
pub fn parse(text: &str) -> Result<Policy, PolicyFileError> {
    let mut file: toml::Table = text
        .parse()
        .map_err(|e: toml::de::Error| PolicyFileError(format!("not TOML: {}", e.message())))?;
    let mut merged = toml::Table::try_from(Policy::default()).map_err(|e| PolicyFileError(e.to_string()))?;
    let currency = file
        .remove("currency")
        .map_or_else(|| Ok(CurrencyPolicy::default()), currency)?;
    lay_over(&mut merged, file, "")?;
    let mut policy: Policy = merged
        .try_into()
        .map_err(|e: toml::de::Error| PolicyFileError(e.to_string().trim().to_owned()))?;
    policy.currency = currency;
    policy.validate().map_err(|e| PolicyFileError(e.to_string()))?;
    Ok(policy)
}

/// Reads the section `[currency]`, which has no defaults to be laid over: which currencies it names is the organisation's.
fn currency(section: toml::Value) -> Result<CurrencyPolicy, PolicyFileError> {
    let wrong = |field: &str, value: &toml::Value, expected: &str| {
        PolicyFileError(format!(
            "`{field}` is {}; it must be {expected}",
            value.type_str()
        ))
    };
    let toml::Value::Table(section) = section else {
        return Err(wrong("currency", &section, "a table"));
    };
    let (mut reporting, mut rates) = (None, Vec::new());
    for (key, value) in &section {
        match (key.as_str(), value) {
            ("reporting", toml::Value::String(code)) => reporting = Some(code.as_str()),
            ("reporting", value) => {
                return Err(wrong(
                    "currency.reporting",
                    value,
                    "a text: an ISO 4217 code such as EUR",
                ));
            }
            ("rates", toml::Value::Table(given)) => {
                for (code, rate) in given {
                    let rate = match rate {
                        toml::Value::Float(rate) => *rate,
                        toml::Value::Integer(rate) => *rate as f64,
                        other => return Err(wrong(&format!("currency.rates.{code}"), other, "a number")),
                    };
                    rates.push((code.as_str(), rate));
                }
            }
            ("rates", value) => return Err(wrong("currency.rates", value, "a table")),
            _ => {
                return Err(PolicyFileError(format!(
                    "unknown field `currency.{key}`; here there are reporting, rates"
                )));
            }
        }
    }
    CurrencyPolicy::new(reporting, rates).map_err(|e| PolicyFileError(format!("policy: {e}")))
}

/// Lays the file's values over the defaults. The defaults hold every field there is, so an unknown one shows at once.
fn lay_over(defaults: &mut toml::Table, file: toml::Table, path: &str) -> Result<(), PolicyFileError> {
    for (key, value) in file {
        let field = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        let Some(default) = defaults.get_mut(&key) else {
            // The one section that has no defaults.
            let currency = path.is_empty().then_some("currency");
            let known = defaults
                .keys()
                .map(String::as_str)
                .chain(currency)
                .collect::<Vec<_>>()
                .join(", ");
            return Err(PolicyFileError(format!(
                "unknown field `{field}`; here there are {known}"
            )));
        };
        match (default, value) {
            // An empty table of the defaults takes keys of the file's own, such as currencies.
            (toml::Value::Table(inner), toml::Value::Table(value)) if inner.is_empty() => *inner = value,
            (toml::Value::Table(inner), toml::Value::Table(value)) => lay_over(inner, value, &field)?,
            (toml::Value::Float(number), toml::Value::Float(value)) => *number = value,
            (toml::Value::Float(number), toml::Value::Integer(value)) => *number = value as f64,
            (toml::Value::Integer(number), toml::Value::Integer(value))
                if (0..=i64::from(i32::MAX)).contains(&value) =>
            {
                *number = value;
            }
            (toml::Value::String(word), toml::Value::String(value)) if field == "response_clock" => {
                *word = value.trim().to_lowercase();
            }
            (toml::Value::String(word), toml::Value::String(value)) if field == "standard_period" => {
                *word = value
                    .parse::<Period>()
                    .map_err(|e| PolicyFileError(format!("`{field}`: {e}")))?
                    .to_string();
            }
            (toml::Value::String(word), toml::Value::String(value)) => *word = value,
            (default, value) => {
                let expected = match default {
                    toml::Value::Integer(_) => "a whole number from 0 up",
                    toml::Value::Float(_) => "a number",
                    toml::Value::Table(_) => "a table",
                    _ => "a text",
                };
                return Err(PolicyFileError(format!(
                    "`{field}` is {}; it must be {expected}",
                    value.type_str()
                )));
            }
        }
    }
    Ok(())
}

/// What names a policy: the same for the same numbers, however the file was written. How long things are kept is no part of
/// it: nobody scores otherwise for it, so changing it asks for no consent. Nor are exchange rates, which are not written out at all.
pub fn hash(policy: &Policy) -> String {
    let kept = serde_json::to_string(&policy.retention).unwrap_or_default();
    let text = serde_json::to_string(policy)
        .unwrap_or_default()
        .replace(&format!(",\"retention\":{kept}"), "");
    let digest = Sha256::digest(text.as_bytes());
    digest
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .take(HASH_DIGITS)
        .filter_map(|n| char::from_digit(u32::from(n), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_the_default() {
        assert_eq!(parse("").unwrap(), Policy::default());
    }

    #[test]
    fn one_field_is_changed_and_its_neighbours_stay() {
        let policy =
            parse("standard_period = \"monthly\"\n[frequency.benchmark]\nenterprise = 50\n").unwrap();
        assert_eq!(policy.standard_period, engagement::vocabulary::Period::Monthly);
        assert!((policy.frequency.benchmark.enterprise - 50.0).abs() < f64::EPSILON);
        assert!((policy.frequency.benchmark.mid_market - 30.0).abs() < f64::EPSILON);
        assert_ne!(hash(&policy), hash(&Policy::default()));
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let refused = |text: &str| parse(text).unwrap_err().to_string();
        assert!(refused("[frequency]\nbenchmarks = 3").contains("unknown field `frequency.benchmarks`"));
        assert!(refused("[weights]\nquality = -1").contains("`weights.quality` is -1"));
        assert!(
            refused("[weights]\nquality = \"much\"")
                .contains("`weights.quality` is string; it must be a number")
        );
        assert!(refused("[quality]\nmin_outreaches = 1.5").contains("`quality.min_outreaches` is float"));
        assert!(refused("[quality]\nmin_outreaches = -1").contains("`quality.min_outreaches`"));
        assert!(refused("weights = 3").contains("`weights` is integer; it must be a table"));
        assert!(refused("standard_period = \"weekly\"").contains("monthly, quarterly"));
        assert!(refused("response_clock = \"nights\"").contains("expected `weekdays` or `calendar`"));
        assert!(refused("x = [").contains("not TOML"));
    }

    #[test]
    fn the_clock_of_answers_is_a_word() {
        let clock = |text: &str| parse(text).unwrap().response_clock;
        assert_eq!(
            clock("response_clock = \"calendar\""),
            engagement::policy::ResponseClock::Calendar
        );
        assert_eq!(
            clock("response_clock = \"Weekdays\""),
            engagement::policy::ResponseClock::Weekdays
        );
    }

    #[test]
    fn amounts_are_named_by_their_currency() {
        let policy = parse("[recommendations.escalate_from]\nEUR = 50000\nUSD = 60000.5").unwrap();
        let amounts = policy.recommendations.escalate_from;
        assert_eq!(
            (amounts.get("EUR"), amounts.get("USD"), amounts.len()),
            (Some(&50_000.0), Some(&60_000.5), 2)
        );
        let refused = parse("[recommendations.escalate_from]\nEUR = -1")
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains("`recommendations.escalate_from` is -1"),
            "{refused}"
        );
        assert!(parse("[recommendations.escalate_from]\nEUR = \"much\"").is_err());
    }

    #[test]
    fn the_hash_does_not_depend_on_how_the_file_is_written() {
        assert_eq!(
            hash(&parse("[weights]\nquality = 0.35").unwrap()),
            hash(&Policy::default())
        );
        assert_eq!(hash(&Policy::default()).len(), HASH_DIGITS);
    }

    #[test]
    fn rates_are_read_and_change_no_hash() {
        let policy = parse("[currency]\nreporting = \"eur\"\nrates = { usd = 0.92, JPY = 1 }").unwrap();
        assert_eq!(
            policy.currency,
            CurrencyPolicy::new(Some("EUR"), [("USD", 0.92), ("JPY", 1.0)]).unwrap()
        );
        assert_eq!(
            hash(&policy),
            hash(&Policy::default()),
            "no score depends on them"
        );
        let refused = |text: &str| parse(text).unwrap_err().to_string();
        assert_eq!(
            refused("currency = 3"),
            "`currency` is integer; it must be a table"
        );
        assert_eq!(
            refused("[currency]\nreporting = 3"),
            "`currency.reporting` is integer; it must be a text: an ISO 4217 code such as EUR"
        );
        assert_eq!(
            refused("[currency]\nrate = 3"),
            "unknown field `currency.rate`; here there are reporting, rates"
        );
        assert_eq!(
            refused("[currency]\nrates = 3"),
            "`currency.rates` is integer; it must be a table"
        );
        assert_eq!(
            refused("[currency.rates]\nUSD = \"1\""),
            "`currency.rates.USD` is string; it must be a number"
        );
        assert!(refused("[currency.rates]\nUSD = 1").contains("`currency.reporting` does not name"));
        assert!(
            refused("[currency]\nreporting = \"EUR\"\nrates = { USD = 0 }")
                .contains("`currency.rates.USD` is 0; it must be")
        );
        assert!(
            refused("[currency]\nreporting = \"EUR\"\nrates = { USD = inf }")
                .contains("`currency.rates.USD` is inf; it must be")
        );
        assert!(refused("[money]").ends_with(", currency"));
    }

    #[test]
    fn the_clock_of_answers_can_be_set() {
        use engagement::policy::ResponseClock;
        assert_eq!(
            parse("response_clock = \"calendar\"").unwrap().response_clock,
            ResponseClock::Calendar
        );
        assert_eq!(parse("response_clock = \"weekdays\"").unwrap(), Policy::default());
        assert!(
            parse("response_clock = \"moon\"")
                .unwrap_err()
                .to_string()
                .contains("calendar")
        );
    }

    #[test]
    fn how_long_things_are_kept_changes_no_hash() {
        let policy = parse("[retention]\ndaily_days = 365\njob_run_days = 7").unwrap();
        assert_eq!(
            (
                policy.retention.daily_days,
                policy.retention.job_run_days,
                policy.retention.sunday_days
            ),
            (365, 7, 730)
        );
        assert_ne!(policy, Policy::default());
        assert_eq!(hash(&policy), hash(&Policy::default()));
        assert!(
            parse("[retention]\ndaily_days = 30")
                .unwrap_err()
                .to_string()
                .contains("`retention.daily_days` is 30; it must be at least 60")
        );
    }
}
