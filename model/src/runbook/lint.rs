//! What can be known to be wrong with runbooks before any alert fires.

use std::collections::BTreeSet;

use super::facts::RunbookSettings;
use super::fill::is_shell;
use super::hazard;
use super::library::Library;
use super::placeholder::{self, Name};
use super::quoting::{self, Analysis};
use super::source::{Command, Page, Problem};

/// An alert rule, as far as runbooks are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRef {
    /// The alert's name.
    pub alert: String,
    /// The file it stands in.
    pub file: String,
    /// The line it stands on, or 0.
    pub line: usize,
}

impl Library {
    /// Faults of the pages, in the order of files and lines: placeholders nothing can fill, places where no value
    /// can be quoted, variables the wrong shell expands, printed secrets; and with `rules`, alerts without a page
    /// and pages without an alert.
    pub fn lint(&self, rules: Option<&[RuleRef]>, settings: &RunbookSettings) -> Vec<Problem> {
        let mut problems = Vec::new();
        for page in self.pages() {
            for command in page.commands() {
                let mut said = BTreeSet::new();
                faults(command, settings, |text| {
                    if said.insert(text.clone()) {
                        problems.push(Problem { file: page.file.clone(), line: command.line, text });
                    }
                });
            }
        }
        if let Some(rules) = rules {
            self.compare(rules, &mut problems);
        }
        problems.sort();
        problems
    }

    fn compare(&self, rules: &[RuleRef], problems: &mut Vec<Problem>) {
        for rule in rules.iter().filter(|rule| self.of_alert(&rule.alert).next().is_none()) {
            let text = format!("the alert {} has no page", rule.alert);
            problems.push(Problem { file: rule.file.clone(), line: rule.line, text });
        }
        for page in self.pages() {
            for alert in page.alerts.iter().filter(|alert| rules.iter().all(|rule| rule.alert != **alert)) {
                let text = format!("no rule raises the alert {alert}");
                problems.push(Problem { file: page.file.clone(), line: page.line, text });
            }
        }
    }
}

impl Page {
    /// All its commands: of steps and of groups, in the order in which they are shown.
    pub fn commands(&self) -> impl Iterator<Item = &Command> {
        self.groups
            .iter()
            .flat_map(|group| group.steps.iter().flat_map(|step| &step.commands).chain(&group.commands))
    }
}

fn faults(command: &Command, settings: &RunbookSettings, mut fault: impl FnMut(String)) {
    let text = command.text.as_str();
    let placeholders = placeholder::find(text, &command.assigned);
    let ranges: Vec<_> = placeholders.iter().map(|placeholder| placeholder.range.clone()).collect();
    let shell = is_shell(&command.language);
    let analysis = if shell { quoting::analyse(text, &ranges) } else { Analysis::default() };
    for (index, placeholder) in placeholders.iter().enumerate() {
        let written = &text[placeholder.range.clone()];
        match &placeholder.name {
            Name::Fact(name) => {
                let set = settings.parameters.keys().any(|key| placeholder::canonical(key) == *name);
                if !placeholder::has_meaning(name) && !set {
                    fault(format!(
                        "`{written}` is no known placeholder; a parameter of that name would fill it"
                    ));
                }
            }
            Name::Label(_) => {}
            Name::Other => fault(format!("`{written}` cannot be filled in a command")),
        }
        // A port is a number and needs no quoting anywhere.
        let number = placeholder.name == Name::Fact("port".to_owned());
        let weakness = analysis.places.get(index).and_then(quoting::weakness);
        if let Some(reason) = weakness.filter(|_| !number) {
            fault(format!("`{written}` {reason}"));
        }
    }
    if !shell {
        return;
    }
    for (name, bare) in quoting::expansions(text) {
        let ours = placeholders.iter().any(|placeholder| text[placeholder.range.clone()].contains(&name));
        if bare && !ours {
            fault(format!(
                "`${name}` is expanded without quotes, by the shell of whoever pastes the command"
            ));
        }
    }
    if hazard::judge(&analysis.commands).prints_secrets {
        fault("prints secrets; ask for names or lengths only".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lint(text: &str, rules: &[&str]) -> Vec<(usize, String)> {
        let (library, _) = Library::parse(&[("a.md", text)]);
        let rule = |alert: &&str| RuleRef { alert: (*alert).to_owned(), file: "r.yaml".to_owned(), line: 7 };
        let rules: Vec<_> = rules.iter().map(rule).collect();
        let settings = RunbookSettings {
            parameters: [("db-host".to_owned(), "x".to_owned())].into(),
            ..RunbookSettings::default()
        };
        library
            .lint(Some(&rules), &settings)
            .into_iter()
            .map(|problem| (problem.line, problem.text))
            .collect()
    }

    #[test]
    fn faults_are_found_where_they_stand() {
        let text = "# SomeAlert\n```bash\nkubectl get pod <pod-name> -n <namespace>\nping <db_host>\nping <moon>\n\
                    python3 -c \"print('<pod>')\"\ncurl -u $USER_NAME:x localhost\nfor i in 1; do echo $i; done\n\
                    kubectl get secret x -o yaml | grep y\nkubectl exec x -- printenv | grep y\n\
                    kubectl exec x -- sh -c 'echo $HOME'\n```\n";
        let found = lint(text, &["SomeAlert", "OtherAlert"]);
        let lines: Vec<_> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [5, 6, 7, 9, 10, 7], "{found:#?}");
        assert!(found[0].1.contains("<moon>") && found[5].1.contains("OtherAlert"));
    }

    #[test]
    fn our_pack_is_without_fault() {
        assert_eq!(Library::builtin().lint(None, &RunbookSettings::default()), []);
    }
}
