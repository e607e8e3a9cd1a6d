//! Metrics as text, in the format that every scraper reads (`text/plain; version=0.0.4`). The library writes OpenMetrics;
//! the two differ in how the families of counters are named and in two kinds of lines.

use std::fmt;

use prometheus_client::encoding::text::encode_registry;
use prometheus_client::registry::Registry;

/// Everything in some registries.
///
/// # Errors
/// When the library cannot write it.
pub(super) fn render(registries: &[&Registry]) -> Result<String, fmt::Error> {
    let mut written = String::new();
    for registry in registries {
        encode_registry(&mut written, registry)?;
    }
    Ok(from_openmetrics(&written))
}

/// OpenMetrics names the family of `x_total` `x`, and an info's `x_info` too.
fn from_openmetrics(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 256);
    let mut help = None;
    for line in text.lines() {
        if line.starts_with("# HELP ") {
            help = Some(line);
        } else if let Some((name, kind)) = line
            .strip_prefix("# TYPE ")
            .and_then(|rest| rest.rsplit_once(' '))
        {
            let (suffix, kind) = match kind {
                "counter" => ("_total", "counter"),
                "info" => ("_info", "gauge"),
                "unknown" => ("", "untyped"),
                other => ("", other),
            };
            let said = help
                .take()
                .and_then(|line| line.strip_prefix("# HELP ")?.strip_prefix(name));
            if let Some(said) = said {
                out.extend(["# HELP ", name, suffix, said, "\n"]);
            }
            out.extend(["# TYPE ", name, suffix, " ", kind, "\n"]);
        } else if !line.starts_with('#') {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_and_infos_are_named_as_their_samples() {
        let text = "# HELP a_runs Runs.\n# TYPE a_runs counter\na_runs_total{x=\"1\"} 2\n# HELP a_depth Depth.\n# TYPE a_depth gauge\n\
            # UNIT a_depth x\na_depth 3.0\n# HELP b Build.\n# TYPE b info\nb_info{v=\"1\"} 1\n# EOF\n";
        assert_eq!(
            from_openmetrics(text),
            "# HELP a_runs_total Runs.\n# TYPE a_runs_total counter\na_runs_total{x=\"1\"} 2\n# HELP a_depth Depth.\n# TYPE a_depth gauge\n\
            a_depth 3.0\n# HELP b_info Build.\n# TYPE b_info gauge\nb_info{v=\"1\"} 1\n"
        );
    }
}
