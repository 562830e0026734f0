//! All pages at hand: our pack, an operator's files, or both.

use std::collections::BTreeMap;

use crate::alert::{Alert, AlertState};
use crate::labels::Labels;

use super::facts::{Facts, RunbookSettings};
use super::fill::Filler;
use super::layout::{self, stem};
use super::markdown;
use super::page::FilledRunbook;
use super::source::{Page, Problem};
use super::text::{decode, slug, unique};

/// Label or annotation by which an alert names its page itself.
pub const PAGE_LABEL: &str = "leaklens_runbook";

/// Words by which general sections of different authors are known to be the same.
const GENERAL: &[&str] =
    &["overview", "troubleshoot", "mitigation", "cause", "prevention", "escalation", "command", "configur"];

/// Runbook pages and the general sections that serve every alert.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Library {
    pages: Vec<(Page, bool)>,
}

impl Library {
    /// Parses files of either layout. What is wrong with them is reported and never hides the rest.
    pub fn parse<N: AsRef<str>, B: AsRef<[u8]>>(files: &[(N, B)]) -> (Self, Vec<Problem>) {
        let mut library = Self::default();
        let mut problems = Vec::new();
        for (file, bytes) in files {
            let file = file.as_ref();
            let document = markdown::parse(&decode(file, bytes.as_ref(), &mut problems));
            let said = document.problems.iter();
            problems.extend(said.map(|(line, text)| Problem {
                file: file.to_owned(),
                line: *line,
                text: text.clone(),
            }));
            let pages = layout::pages(file, &document, &mut problems);
            if pages.is_empty() {
                let text = "holds no text".to_owned();
                problems.push(Problem { file: file.to_owned(), line: 0, text });
            }
            for page in pages {
                library.report_duplicates(&page, &mut problems);
                library.pages.push((page, false));
            }
        }
        library.number();
        (library, problems)
    }

    /// Our own pack.
    pub fn builtin() -> Self {
        let (mut library, _) = Self::parse(super::builtin::FILES);
        for (_, ours) in &mut library.pages {
            *ours = true;
        }
        library
    }

    /// These pages over those: an alert or a general section that both know is the operator's.
    #[must_use]
    pub fn over(self, base: Self) -> Self {
        let mut library = Self::default();
        for (mut page, ours) in base.pages {
            let replaced = if page.alerts.is_empty() {
                self.general().any(|own| section_key(&own.title) == section_key(&page.title))
            } else {
                page.alerts.retain(|alert| self.of_alert(alert).next().is_none());
                page.alerts.is_empty()
            };
            if !replaced {
                library.pages.push((page, ours));
            }
        }
        library.pages.splice(0..0, self.pages);
        library.number();
        library
    }

    /// Every page, in the order of the files.
    pub fn pages(&self) -> impl Iterator<Item = &Page> {
        self.pages.iter().map(|(page, _)| page)
    }

    /// The sections that serve every alert.
    pub fn general(&self) -> impl Iterator<Item = &Page> {
        self.pages().filter(|page| page.alerts.is_empty())
    }

    /// The pages of an alert.
    pub fn of_alert<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Page> {
        self.pages().filter(move |page| page.alerts.iter().any(|alert| alert == name))
    }

    /// The pages for these alerts, those of the worst alert first, each with its alerts. An alert finds its page by
    /// its name; else by its label or annotation [`PAGE_LABEL`]; else by the last part of `runbook_url`; else
    /// it gets the general troubleshooting.
    pub fn choose<'a>(&'a self, alerts: &'a [Alert]) -> Vec<(&'a Page, Vec<&'a Alert>)> {
        let mut sorted: Vec<&Alert> = alerts.iter().collect();
        sorted.sort_by_key(|alert| (alert.state != AlertState::Firing, alert.severity_rank()));
        let mut chosen: Vec<(&Page, Vec<&Alert>)> = Vec::new();
        for alert in sorted {
            for page in self.for_alert(alert) {
                match chosen.iter_mut().find(|(known, _)| known.id == page.id) {
                    Some((_, alerts)) => alerts.push(alert),
                    None => chosen.push((page, vec![alert])),
                }
            }
        }
        chosen
    }

    fn for_alert<'a>(&'a self, alert: &'a Alert) -> Vec<&'a Page> {
        let by_name: Vec<_> = self.of_alert(&alert.name).collect();
        if !by_name.is_empty() {
            return by_name;
        }
        let named = alert.labels.get(PAGE_LABEL).or(alert.annotations.get(PAGE_LABEL));
        let url = alert.annotations.get("runbook_url").or(alert.labels.get("runbook_url"));
        let keys = named.into_iter().chain(url.into_iter().flat_map(url_keys));
        for key in keys {
            let found: Vec<_> = self.pages().filter(|page| is_called(page, key)).collect();
            if !found.is_empty() {
                return found;
            }
        }
        let title = slug(&alert.name).replace('-', "");
        let titled: Vec<_> =
            self.pages().filter(|page| slug(&page.title).replace('-', "") == title).collect();
        if !titled.is_empty() {
            return titled;
        }
        self.general().filter(|page| section_key(&page.title) == "troubleshoot").collect()
    }

    /// The pages of these alerts, filled in, and the general sections. `suspect` are the labels of the suspect
    /// that is looked at.
    pub fn fill(
        &self,
        alerts: &[Alert],
        suspect: Option<&Labels>,
        settings: &RunbookSettings,
    ) -> FilledRunbook {
        self.fill_with(alerts, |alerts| Facts::gather(alerts, suspect, settings))
    }

    /// As [`Library::fill`], with the facts for a page's alerts made by the caller.
    pub fn fill_with(&self, alerts: &[Alert], facts: impl Fn(&[&Alert]) -> Facts) -> FilledRunbook {
        let chosen = self.choose(alerts);
        let all: Vec<&Alert> = alerts.iter().collect();
        let facts_of_all = facts(&all);
        let ours = |page: &Page| self.pages.iter().any(|(known, ours)| *ours && known.id == page.id);
        let general = self.general().filter(|page| !chosen.iter().any(|(known, _)| known.id == page.id));
        FilledRunbook {
            general: general
                .map(|page| Filler { facts: &facts_of_all, ours: ours(page) }.page(page))
                .collect(),
            pages: chosen
                .iter()
                .map(|(page, alerts)| Filler { facts: &facts(alerts), ours: ours(page) }.page(page))
                .collect(),
        }
    }

    fn report_duplicates(&self, page: &Page, problems: &mut Vec<Problem>) {
        for alert in &page.alerts {
            if let Some(known) = self.of_alert(alert).next() {
                let text =
                    format!("{alert} has another page in {} line {}; both are shown", known.file, known.line);
                problems.push(Problem { file: page.file.clone(), line: page.line, text });
            }
        }
    }

    /// Gives every page its own identifier.
    fn number(&mut self) {
        let mut taken = BTreeMap::new();
        for (page, _) in &mut self.pages {
            let base =
                Some(slug(&page.title)).filter(|slug| !slug.is_empty()).unwrap_or_else(|| "page".to_owned());
            page.id = unique(base, &mut taken);
        }
    }
}

/// What general sections of different authors are compared by.
fn section_key(title: &str) -> String {
    let title = title.to_lowercase();
    let known = GENERAL.iter().find(|word| title.contains(**word));
    known.map_or_else(|| slug(&title), |word| (*word).to_owned())
}

/// The parts of an address that may name a page: its fragment, then the last part of its path.
fn url_keys(url: &str) -> Vec<&str> {
    let (address, fragment) = url.split_once('#').unwrap_or((url, ""));
    let path = address.split('?').next().unwrap_or(address).trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or(path);
    [fragment, last].into_iter().filter(|key| !key.is_empty()).collect()
}

/// Whether a page goes by that name: an alert's, its title's or its file's, whatever the case.
fn is_called(page: &Page, name: &str) -> bool {
    let name = stem(name);
    let same = |other: &str| other.eq_ignore_ascii_case(name);
    page.alerts.iter().any(|alert| same(alert))
        || same(&slug(&page.title))
        || same(&page.id)
        || same(stem(&page.file))
}
