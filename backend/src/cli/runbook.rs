//! `leaklens runbook`: a filled page in a terminal, and faults of runbooks for continuous integration.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use model::alert::{Alert, AlertState};
use model::labels::Labels;
use model::runbook::{Library, Problem, RuleRef, RunbookSettings};
use serde::Deserialize;
use serde_yaml_ng::Value;

use super::page_text;
use crate::library;

/// The commands about runbooks.
#[derive(Debug, Subcommand)]
pub enum Runbook {
    /// Shows the pages of an alert with the labels filled in
    Show(Show),
    /// Lists what is wrong with runbooks; exit code 1 where anything is
    Check(Check),
}

/// Arguments of `show`.
#[derive(Debug, Args)]
pub struct Show {
    /// Runbook files, or folders of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The alert that fires; may be repeated. Without it all pages are shown
    #[arg(long, value_name = "NAME")]
    alert: Vec<String>,
    /// A label of the alert, as pod=web-0
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    label: Vec<(String, String)>,
    /// An annotation of the alert, as `runbook_url`=...
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    annotation: Vec<(String, String)>,
    #[command(flatten)]
    parameters: Parameters,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Runbook files, or folders of them
    #[arg(required = true, value_name = "DIR")]
    files: Vec<PathBuf>,
    /// Rule files: each alert must have a page, each page an alert
    #[arg(long, value_name = "FILE")]
    rules: Vec<PathBuf>,
    #[command(flatten)]
    parameters: Parameters,
}

#[derive(Debug, Args)]
struct Parameters {
    /// A value for a placeholder no label answers, as selector=app=web
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
}

impl Parameters {
    fn settings(self) -> RunbookSettings {
        RunbookSettings { parameters: self.set.into_iter().collect(), clusters: BTreeMap::new() }
    }
}

/// How a page is printed.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    /// A page to read
    #[default]
    Text,
    /// One JSON object
    Json,
}

/// Why a command could not be done.
#[derive(Debug, thiserror::Error)]
pub enum RunbookError {
    /// A file is missing or forbidden.
    #[error("cannot read the runbooks: {0}")]
    Unreadable(String),
    /// A rule file is no rule file.
    #[error("cannot read the rules in {file}: {reason}")]
    Rules {
        /// Which file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// The output cannot be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
}

impl RunbookError {
    /// Whether the reader of our output has gone.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// Runs one of them. Answers with the exit code.
pub fn run(command: Runbook, output: &mut impl Write) -> Result<ExitCode, RunbookError> {
    match command {
        Runbook::Show(show) => run_show(show, output),
        Runbook::Check(check) => run_check(check, output),
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn read(paths: &[PathBuf]) -> Result<(Library, Vec<Problem>), RunbookError> {
    let (files, unreadable) = library::read(paths);
    match unreadable.into_iter().next() {
        Some(problem) => Err(RunbookError::Unreadable(problem)),
        None => Ok(Library::parse(&files)),
    }
}

fn run_show(show: Show, output: &mut impl Write) -> Result<ExitCode, RunbookError> {
    let (library, problems) = read(&show.files)?;
    for problem in &problems {
        eprintln!("{}", page_text::problem(problem));
    }
    let labels: Labels = show.label.into_iter().collect();
    let annotations: Labels = show.annotation.into_iter().collect();
    let alert = |name: String| Alert {
        name,
        state: AlertState::Firing,
        severity: labels.get("severity").unwrap_or_default().to_owned(),
        labels: labels.clone(),
        annotations: annotations.clone(),
        ..Alert::default()
    };
    // Without an alert, all pages are shown.
    let names = if show.alert.is_empty() {
        library.pages().flat_map(|page| page.alerts.clone()).collect()
    } else {
        show.alert
    };
    let alerts: Vec<Alert> = names.into_iter().map(alert).collect();
    for alert in alerts.iter().filter(|alert| library.of_alert(&alert.name).next().is_none()) {
        eprintln!("no page names the alert {}", alert.name);
    }
    let filled = library.fill(&alerts, Some(&labels), &show.parameters.settings());
    match show.format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *output, &filled).map_err(io::Error::from)?;
            writeln!(output)?;
        }
        Format::Text => page_text::runbook(&filled, output)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn run_check(check: Check, output: &mut impl Write) -> Result<ExitCode, RunbookError> {
    let (library, mut problems) = read(&check.files)?;
    let mut rules = Vec::new();
    for file in &check.rules {
        let name = file.display().to_string();
        let text = fs::read_to_string(file)
            .map_err(|error| RunbookError::Rules { file: name.clone(), reason: error.to_string() })?;
        rules.extend(alerts_of(&name, &text)?);
    }
    let compared = (!check.rules.is_empty()).then_some(&rules[..]);
    problems.extend(library.lint(compared, &check.parameters.settings()));
    problems.sort();
    problems.dedup();
    for problem in &problems {
        writeln!(output, "{}", page_text::problem(problem))?;
    }
    let pages = library.pages().count();
    eprintln!("{pages} pages, {} problems", problems.len());
    Ok(ExitCode::from(u8::from(!problems.is_empty())))
}

/// The alerts of a rule file: Prometheus' own, a `PrometheusRule` object, or Grafana's provisioning.
fn alerts_of(file: &str, text: &str) -> Result<Vec<RuleRef>, RunbookError> {
    let fault = |reason: String| RunbookError::Rules { file: file.to_owned(), reason };
    let mut found = Vec::new();
    for document in serde_yaml_ng::Deserializer::from_str(text) {
        let value = Value::deserialize(document).map_err(|error| fault(error.to_string()))?;
        let groups = value.get("groups").or_else(|| value.get("spec").and_then(|spec| spec.get("groups")));
        let rules = groups.and_then(Value::as_sequence).into_iter().flatten();
        let rules = rules.filter_map(|group| group.get("rules")?.as_sequence()).flatten();
        for rule in rules {
            let name = rule.get("alert").or_else(|| rule.get("title")).and_then(Value::as_str);
            found.extend(name.map(|name| RuleRef {
                alert: name.to_owned(),
                file: file.to_owned(),
                line: line_of(text, name),
            }));
        }
    }
    if found.is_empty() {
        return Err(fault("it holds no alert rule under `groups`".to_owned()));
    }
    Ok(found)
}

/// The line that names an alert, or 0.
fn line_of(text: &str, name: &str) -> usize {
    let names = |line: &str| {
        let line = line.trim_start().trim_start_matches("- ");
        let value = line.strip_prefix("alert:").or(line.strip_prefix("title:"));
        value.is_some_and(|value| value.trim().trim_matches(['"', '\'']) == name)
    };
    text.lines().position(names).map_or(0, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, alert: &str, format: Format) -> String {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("page.md"), text).unwrap();
        let show = Show {
            files: vec![folder.path().to_owned()],
            alert: vec![alert.to_owned()],
            label: vec![pair("pod=web 0").unwrap()],
            annotation: Vec::new(),
            parameters: Parameters { set: vec![pair("db=x=y").unwrap()] },
            format,
        };
        let mut output = Vec::new();
        run(Runbook::Show(show), &mut output).unwrap();
        String::from_utf8(output).unwrap()
    }

    const PAGE: &str = "# Help\n## FirstAlert\n**Trigger**: soon\n**Actions**:\n1. Look\n\n\
        ```bash\n# Delete\nkubectl -n <namespace> delete pod <pod> <db>\n```\n## Later\n1. Rest\n";

    #[test]
    fn a_page_is_shown_as_json_of_the_promised_shape() {
        let json: serde_json::Value = serde_json::from_str(&shown(PAGE, "FirstAlert", Format::Json)).unwrap();
        let page = &json["pages"][0];
        assert_eq!(
            (page["alerts"][0].as_str(), page["trigger"].as_str()),
            (Some("FirstAlert"), Some("soon"))
        );
        let group = &page["groups"][0];
        assert_eq!(
            (group["title"].as_str(), group["steps"][0]["text"].as_str()),
            (Some("Actions"), Some("Look"))
        );
        let command = &group["commands"][0];
        assert_eq!(command["title"], "Delete");
        assert_eq!(command["language"], "bash");
        assert_eq!(command["filled"], "kubectl -n <namespace> delete pod 'web 0' 'x=y'");
        assert_eq!(command["missing"], serde_json::json!(["<namespace>"]));
        assert_eq!(command["destructive"], true);
        assert_eq!(json["general"][0]["title"], "Later");
    }

    #[test]
    fn a_page_reads_well() {
        insta::assert_snapshot!(shown(PAGE, "FirstAlert", Format::Text));
    }

    #[test]
    fn faults_make_the_exit_code() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("page.md");
        let check = |files: Vec<PathBuf>| {
            let check = Check { files, rules: Vec::new(), parameters: Parameters { set: Vec::new() } };
            let mut output = Vec::new();
            let code = run(Runbook::Check(check), &mut output);
            (code.map(|code| format!("{code:?}")), String::from_utf8(output).unwrap())
        };
        fs::write(&file, "# FirstAlert\n```bash\nping <moon>\n```\n").unwrap();
        let (code, output) = check(vec![file.clone()]);
        assert_eq!(code.unwrap(), format!("{:?}", ExitCode::from(1)));
        assert!(output.starts_with(&format!("{}:3: `<moon>`", file.display())), "{output}");
        fs::write(&file, "# FirstAlert\n1. Look\n").unwrap();
        assert_eq!(check(vec![file]).0.unwrap(), format!("{:?}", ExitCode::SUCCESS));
        assert!(check(vec![folder.path().join("missing.md")]).0.is_err());
    }

    #[test]
    fn rules_of_three_kinds_are_read_with_their_lines() {
        let prometheus =
            "groups:\n- name: a\n  rules:\n  - record: x\n    expr: y\n  - alert: One\n    expr: y\n";
        let operator = "---\nkind: PrometheusRule\nspec:\n  groups:\n  - name: a\n    rules:\n    - expr: y\n      alert: 'Two'\n";
        let grafana = "apiVersion: 1\ngroups:\n- name: a\n  rules:\n  - uid: x\n    title: Three\n";
        for (text, alert, line) in [(prometheus, "One", 6), (operator, "Two", 8), (grafana, "Three", 6)] {
            let rules = alerts_of("r.yaml", text).unwrap();
            assert_eq!(rules, [RuleRef { alert: alert.to_owned(), file: "r.yaml".to_owned(), line }]);
        }
        assert!(alerts_of("r.yaml", "a: 1").is_err());
        assert!(alerts_of("r.yaml", "a: [").is_err());
    }
}
