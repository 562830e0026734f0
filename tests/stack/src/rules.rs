//! The alert rules, rendered from one template, shared expressions and one file of values.
//!
//! `<<name>>` in the template is a value: durations (`_secs`) read `30m`, everything else as written.
//! `<<name:number>>` is a duration in plain seconds, `<<name:mib>>` bytes in MiB. Values may hold placeholders.
//! `<<name(a, b)>>` is the expression of that name with `a` for its `$1` and `b` for its `$2`; lines after its first
//! are indented like the one it stands in.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use serde_yaml_ng::Value;

const NOTICE: &str = "# Rendered from leaklens.rules.template.yaml, rules.expressions.yaml and rules.values.yaml by\n\
                      # `cargo xtask rules render`.\n";

/// For whom the rules are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A rules file of Prometheus.
    Plain,
    /// A `PrometheusRule` object for the Prometheus operator.
    PrometheusRule,
    /// A rules file of vmalert.
    Vmalert,
    /// A namespace of Mimir's ruler, as `mimirtool rules load` reads it.
    Mimir,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 4] = [Self::Plain, Self::PrometheusRule, Self::Vmalert, Self::Mimir];

    /// The rendered file's name in [`directory`].
    pub fn file(self) -> &'static str {
        match self {
            Self::Plain => RENDERED,
            Self::PrometheusRule => "leaklens.prometheusrule.yaml",
            Self::Vmalert => "leaklens.vmalert.yaml",
            Self::Mimir => "leaklens.mimir.yaml",
        }
    }

    fn write(self, groups: &str, values: &Values) -> Result<String> {
        Ok(match self {
            Self::Plain => groups.to_owned(),
            Self::PrometheusRule => {
                let labels = values.fill("<<prometheus_rule_labels>>")?;
                let head = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule";
                let groups = indented(groups, "  ");
                format!("{head}\nmetadata:\n  name: leaklens\n  labels: {labels}\nspec:\n  {groups}")
            }
            // Expressions keep to what PromQL and MetricsQL have in common.
            Self::Vmalert => {
                let typed = |line: &str| {
                    if line.starts_with("  - name: ") {
                        format!("{line}\n    type: prometheus\n")
                    } else {
                        format!("{line}\n")
                    }
                };
                groups.lines().map(typed).collect()
            }
            Self::Mimir => format!("namespace: leaklens\n{groups}"),
        })
    }
}

/// The lines after the first with something before each that is not empty.
fn indented(text: &str, indent: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (number, line) in text.lines().enumerate() {
        if number > 0 && !line.is_empty() {
            out.push_str(indent);
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// The values of a rules file and the expressions rules share, by name.
#[derive(Debug, Clone)]
pub struct Values(BTreeMap<String, String>);

impl Values {
    /// Reads a file of values.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let values: BTreeMap<String, Value> =
            serde_yaml_ng::from_str(&text).with_context(|| format!("cannot parse {}", path.display()))?;
        let values = values.into_iter().map(|(name, value)| match value {
            Value::String(text) => Ok((name, text)),
            Value::Number(number) => Ok((name, number.to_string())),
            other => Err(anyhow!("{name} is neither text nor a number: {other:?}")),
        });
        Ok(Self(values.collect::<Result<_>>()?))
    }

    /// Adds what another file holds; no name may stand in both.
    fn join(&mut self, other: Self) -> Result<()> {
        for (name, value) in other.0 {
            ensure!(self.0.insert(name.clone(), value).is_none(), "{name} is there twice");
        }
        Ok(())
    }

    /// Replaces one value; it must exist.
    pub fn set(&mut self, name: &str, value: impl Into<String>) -> Result<()> {
        *self.0.get_mut(name).with_context(|| format!("no value is called {name}"))? = value.into();
        Ok(())
    }

    /// Makes hours into hours / `scale`: shorter windows, faster growth, the same levels.
    pub fn scale(&mut self, scale: f64) -> Result<()> {
        ensure!(scale.is_finite() && scale > 0.0, "the scale must be a positive number, not {scale}");
        for (name, value) in &mut self.0 {
            let factor = match name {
                name if name.ends_with("_secs") => 1.0 / scale,
                name if name.ends_with("_per_hour") => scale,
                _ => continue,
            };
            let number: f64 = value.parse().with_context(|| format!("{name} is no number: {value}"))?;
            *value = (number * factor).to_string();
        }
        Ok(())
    }

    /// Fills a template.
    pub fn fill(&self, template: &str) -> Result<String> {
        self.fill_within(template, 0)
    }

    fn fill_within(&self, template: &str, depth: usize) -> Result<String> {
        ensure!(depth < 8, "values refer to each other in a circle");
        let mut filled = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("<<") {
            let (placeholder, after) = after.split_once(">>").context("a placeholder has no end")?;
            filled.push_str(before);
            let value = self.value(placeholder, depth)?;
            let line = filled.rsplit('\n').next().unwrap_or_default();
            let indent = line[..line.len() - line.trim_start().len()].to_owned();
            filled.push_str(indented(&value, &indent).trim_end_matches('\n'));
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn value(&self, placeholder: &str, depth: usize) -> Result<String> {
        if let Some((name, arguments)) = placeholder.split_once('(') {
            let arguments = arguments.strip_suffix(')').context("a list of arguments has no end")?;
            let mut text =
                self.0.get(name).with_context(|| format!("no expression is called {name}"))?.clone();
            for (place, argument) in arguments.split(',').map(str::trim).enumerate() {
                text = text.replace(&format!("${}", place + 1), argument);
            }
            return self.fill_within(&text, depth + 1);
        }
        let (name, form) = placeholder.split_once(':').unwrap_or((placeholder, ""));
        let value = self.0.get(name).with_context(|| format!("no value is called {name}"))?;
        let number = || value.parse::<f64>().with_context(|| format!("{name} is no number: {value}"));
        Ok(match form {
            "" if name.ends_with("_secs") => duration(number()?)?,
            "" => self.fill_within(value, depth + 1)?,
            "number" => number()?.to_string(),
            "mib" => (number()? / 1_048_576.0).to_string(),
            _ => bail!("{name} cannot be written as {form}"),
        })
    }
}

/// A duration as Prometheus reads it: `30m`, `90s`, `500ms`, `0s`.
fn duration(secs: f64) -> Result<String> {
    if secs == 0.0 {
        return Ok("0s".to_owned());
    }
    let millis = (secs * 1000.0).round();
    ensure!(millis >= 1.0, "{secs} s is too short a duration for a rule");
    let (unit_millis, unit) = [(3_600_000.0, "h"), (60_000.0, "m"), (1000.0, "s")]
        .into_iter()
        .find(|(unit_millis, _)| millis % unit_millis == 0.0)
        .unwrap_or((1.0, "ms"));
    Ok(format!("{}{unit}", millis / unit_millis))
}

/// Where template, values and the rendered rules lie.
pub fn directory() -> PathBuf {
    crate::root().join("provisioning/prometheus")
}

/// The rendered rules' name in [`directory`].
pub const RENDERED: &str = "leaklens.rules.yaml";

/// The rules in a form and at a scale, after `change` had a say in their values.
pub fn render(form: Form, scale: f64, change: impl FnOnce(&mut Values) -> Result<()>) -> Result<String> {
    let mut values = Values::read(&directory().join("rules.values.yaml"))?;
    values.scale(scale)?;
    change(&mut values)?;
    values.join(Values::read(&directory().join("rules.expressions.yaml"))?)?;
    let template = directory().join("leaklens.rules.template.yaml");
    let text =
        fs::read_to_string(&template).with_context(|| format!("cannot read {}", template.display()))?;
    let filled = values.fill(&text).with_context(|| format!("cannot fill {}", template.display()))?;
    Ok(format!("{NOTICE}{}", form.write(&filled, &values)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        Values(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_scale_shortens_windows_and_raises_rates_and_leaves_levels() {
        let mut values =
            values(&[("a_for_secs", "1800"), ("b_bytes_per_hour", "10485760"), ("c_bytes", "1048576000")]);
        values.scale(60.0).expect("a scale");
        let filled = values.fill("<<a_for_secs>> <<a_for_secs:number>> <<b_bytes_per_hour>> <<c_bytes:mib>>");
        assert_eq!(filled.expect("filled"), "30s 30 629145600 1000");
    }

    #[test]
    fn what_cannot_be_filled_is_named() {
        let values = values(&[("word", "x"), ("circle", "<<circle>>")]);
        for (template, complaint) in [
            ("<<unknown>>", "no value is called unknown"),
            ("<<word:mib>>", "word is no number: x"),
            ("<<word", "a placeholder has no end"),
            ("<<circle>>", "values refer to each other in a circle"),
            ("<<word(x", "a placeholder has no end"),
            ("<<word(x>>", "a list of arguments has no end"),
            ("<<unknown(x)>>", "no expression is called unknown"),
        ] {
            let error = values.fill(template).expect_err(template);
            assert!(format!("{error:#}").contains(complaint), "{error:#}");
        }
    }

    #[test]
    fn durations_are_whole_in_their_largest_unit() {
        for (secs, written) in [(5400.0, "90m"), (3600.0, "1h"), (90.0, "90s"), (0.5, "500ms"), (0.0, "0s")] {
            assert_eq!(duration(secs).expect("a duration"), written);
        }
        assert!(duration(0.0004).is_err());
    }

    #[test]
    fn an_expression_takes_names_and_keeps_the_indentation() {
        let values = values(&[
            ("a", "metric"),
            ("a_without", "view"),
            ("limit_secs", "90"),
            ("sum", "sum without (<<$1_without>>) (\n  <<$1>>\n) > <<$2:number>>\n"),
        ]);
        let filled = values.fill("  x: |\n    <<sum(a, limit_secs)>>\n  y: 1\n").expect("filled");
        assert_eq!(filled, "  x: |\n    sum without (view) (\n      metric\n    ) > 90\n  y: 1\n");
    }

    #[test]
    fn the_rules_in_the_repository_are_the_rendering_at_scale_one() {
        for form in Form::ALL {
            let rendered = render(form, 1.0, |_| Ok(())).expect("rendered");
            let kept = fs::read_to_string(directory().join(form.file())).expect("the rendered rules");
            assert_eq!(rendered, kept, "{}: run `cargo xtask rules render`", form.file());
        }
    }

    #[test]
    fn every_form_has_the_same_rules() {
        let parse = |form: Form| -> Value {
            serde_yaml_ng::from_str(&render(form, 1.0, |_| Ok(())).expect("rendered")).expect("YAML")
        };
        let plain = parse(Form::Plain);
        assert_eq!(parse(Form::Mimir)["groups"], plain["groups"]);
        assert_eq!(parse(Form::PrometheusRule)["spec"], plain);
        let mut vmalert = parse(Form::Vmalert);
        for group in vmalert["groups"].as_sequence_mut().expect("groups") {
            assert_eq!(group.as_mapping_mut().expect("a group").remove("type"), Some("prometheus".into()));
        }
        assert_eq!(vmalert, plain);
    }
}
