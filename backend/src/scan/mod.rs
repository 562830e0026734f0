//! Finds and ranks the suspects of a scope: fetch, join what belongs together, judge, each and together, rank.
//!
//! Of many processes only the lowest values of `windows` are fetched first, in `shards` where need be; whatever they
//! make look worst is then looked at in full resolution; a refresh builds on what is known of the `recent` look.

mod context;
mod fetch;
mod flight;
mod looks;
mod rank;
mod recent;
mod shards;
mod together;
mod windows;

use std::sync::Arc;

use futures_util::future::{try_join, try_join_all};
use model::detect::{Assessment, Context, Verdict, assess, worth_a_look};
use model::labels::{Labels, Role};
use model::query::Scope;
use model::series::Series;

pub(crate) use self::fetch::by_process;
pub use self::fetch::{ScanError, chosen_profiles};
pub use self::together::{Rows, judge_together};
pub use self::windows::Windows;
use crate::profiles::Profile;
use crate::prometheus::Client;
use crate::promql::Selector;
use crate::settings::Settings;

/// The time a scan looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Its start, seconds since the epoch.
    pub from_secs: f64,
    /// Its end, seconds since the epoch.
    pub to_secs: f64,
}

impl Window {
    /// Its length, at least a second.
    pub fn length_secs(self) -> f64 {
        (self.to_secs - self.from_secs).max(1.0)
    }
}

/// What a scan is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Subject {
    /// Every suspect of a scope.
    Scope(Scope),
    /// The suspects with these labels, their metric among them as `__name__`.
    These(Vec<Arc<Labels>>),
}

impl Subject {
    /// Whether it names the pods or targets it is about.
    fn names_each(&self) -> bool {
        match self {
            Self::Scope(scope) => !scope.pod.is_any() || !scope.instance.is_any(),
            Self::These(_) => true,
        }
    }

    /// Who has a row of its own: whoever is named by a person is shown.
    pub fn rows(&self) -> Rows {
        if self.names_each() { Rows::Each } else { Rows::Latest }
    }
}

/// Whom a scan asks.
#[derive(Debug, Clone, Copy)]
pub struct Server<'a> {
    /// The server.
    pub client: &'a Client,
    /// The data source's settings.
    pub settings: &'a Settings,
}

/// One process or container whose memory was judged.
#[derive(Debug, Clone)]
pub struct Suspect {
    /// Its labels, the metric among them as `__name__`, the label of its views not.
    pub labels: Arc<Labels>,
    /// The profile that knows it.
    pub profile: Arc<Profile>,
    /// Its memory in bytes, in full resolution.
    pub series: Series,
    /// What was known beside it; of a coarse look nothing, all the same.
    pub context: Arc<Context>,
    /// What is concluded. Apart, because thousands of suspects are moved when they are ranked.
    pub assessment: Box<Assessment>,
    /// The ids of those in [`Scan::replaced`] that it stands for.
    pub stands_for: Vec<String>,
}

impl Suspect {
    /// Identifies it across refreshes: its labels as a JSON object with sorted keys.
    pub fn id(&self) -> String {
        serde_json::json!(*self.labels).to_string()
    }

    /// The metric that was judged.
    pub fn metric(&self) -> &str {
        self.labels.get("__name__").unwrap_or_default()
    }

    /// The selector of everything that was joined into it.
    pub fn selector(&self) -> Selector {
        let labels = self.labels.iter().filter(|(name, _)| *name != "__name__");
        labels.fold(Selector::metric(self.metric()), |selector, (name, value)| selector.equal(name, value))
    }

    /// The value of the label that plays a role, or the empty string.
    pub fn role(&self, role: Role) -> &str {
        self.profile.role(&self.labels, role).unwrap_or_default()
    }

    /// The workload it belongs to: its label, else what its pod's name tells; `None` where neither does.
    pub fn workload(&self) -> Option<&str> {
        self.profile.workload(&self.labels)
    }

    /// What a person calls it: container and pod, or whatever else names it.
    pub fn name(&self) -> String {
        let (pod, container) = (self.role(Role::Pod), self.role(Role::Container));
        match (pod.is_empty(), container.is_empty()) {
            (false, false) => format!("{container} in {pod}"),
            (false, true) => pod.to_owned(),
            (true, false) => format!("{container} at {}", self.role(Role::Instance)),
            (true, true) => self.role(Role::Instance).to_owned(),
        }
    }

    /// Time and value of its last finite sample.
    pub fn last_sample(&self) -> Option<(f64, f64)> {
        model::report::last_sample(&self.series)
    }
}

/// What a scan found.
#[derive(Debug, Clone, Default)]
pub struct Scan {
    /// The suspects, most suspicious first.
    pub suspects: Vec<Suspect>,
    /// Pods that came and went, for each of which the suspect stands that came after it.
    pub replaced: Vec<Suspect>,
    /// What could not be read and what the server remarked.
    pub notices: Vec<String>,
    /// The PromQL that was asked for memory.
    pub queries: Vec<String>,
}

impl Scan {
    /// The suspects and whom they stand for.
    pub fn everyone(&self) -> impl Iterator<Item = &Suspect> {
        self.suspects.iter().chain(&self.replaced)
    }
}

/// So many processes are looked at in full resolution however calm they look.
const FULL_AT_LEAST: usize = 100;
/// No more than this many are, however bad they look: whoever has more leaks begins with the worst.
const FULL_AT_MOST: usize = 500;

/// Fetches, joins, judges and ranks. Who scans the same at the same time shares one scan.
pub async fn scan(
    server: Server<'_>,
    known: &Windows,
    subject: &Subject,
    window: Window,
) -> Result<Arc<Scan>, ScanError> {
    let alone = async {
        let mut scan = in_two_passes(server, known, subject, window).await?;
        // Which workload a series belongs to is no matter of matchers alone.
        if let Subject::Scope(Scope { workload, .. }) = subject {
            let admitted = |one: &Suspect| workload.is_any() || workload.admits(one.role(Role::Workload));
            scan.suspects.retain(admitted);
            scan.replaced.retain(admitted);
        }
        Ok(scan)
    };
    known.flights.join(subject, window, alone).await
}

/// Coarsely first where there may be many.
async fn in_two_passes(
    server: Server<'_>,
    known: &Windows,
    subject: &Subject,
    window: Window,
) -> Result<Scan, ScanError> {
    // What names its pods or targets is small.
    if subject.names_each() {
        return ranked(each(server, Some(known), subject, window).await?, subject).await;
    }
    let (worst, rest, remarks) = screened(server, known, subject, window).await?;
    if rest.is_empty() {
        return ranked(each(server, Some(known), subject, window).await?, subject).await;
    }
    let these = Subject::These(worst.into_iter().map(|one| one.labels).collect());
    let mut scan = each(server, Some(known), &these, window).await?;
    scan.suspects.extend(rest);
    scan.notices.extend(remarks);
    scan.notices.sort();
    scan.notices.dedup();
    ranked(scan, subject).await
}

/// As [`scan`], with every suspect looked at in full resolution.
pub async fn in_full(server: Server<'_>, subject: &Subject, window: Window) -> Result<Scan, ScanError> {
    ranked(each_in_full(server, subject, window).await?, subject).await
}

/// Judged by each other as well, the most suspicious first.
async fn ranked(mut scan: Scan, subject: &Subject) -> Result<Scan, ScanError> {
    let rows = subject.rows();
    blocking(move || {
        judge_together(&mut scan, rows);
        rank::sort(&mut scan.suspects, rank::most_suspicious_first);
        scan
    })
    .await
}

/// The first look: what is worth a second one, and the rest, both the worst first, and what the server remarked.
async fn screened(
    server: Server<'_>,
    known: &Windows,
    subject: &Subject,
    window: Window,
) -> Result<(Vec<Suspect>, Vec<Suspect>, Vec<String>), ScanError> {
    let fetch::Memory { found, notices, .. } =
        fetch::memory(server, subject, window, fetch::Look::Coarse(known)).await?;
    let context = Context { thresholds: server.settings.thresholds.clone(), ..Context::default() };
    // One for all.
    let context = Arc::new(context);
    let contexts = vec![context; found.len()];
    let looks = known.looks();
    let screen = move |minima: &Series, context: &Context| looks.screen(minima, context);
    let mut worst = judged(found, contexts, screen).await?;
    // Those that cannot be judged coarsely come after those that look bad: in a rollout they are many.
    let place = |one: &Suspect| match (worth_a_look(&one.assessment), one.assessment.verdict) {
        (true, Verdict::Screened) => 0,
        (true, _) => 1,
        (false, _) => 2,
    };
    rank::sort(&mut worst, |a, b| place(a).cmp(&place(b)).then_with(|| rank::most_suspicious_first(a, b)));
    let worth = worst.iter().filter(|one| worth_a_look(&one.assessment)).count();
    let rest = worst.split_off(worth.clamp(FULL_AT_LEAST, FULL_AT_MOST).min(worst.len()));
    Ok((worst, rest, notices))
}

/// Each suspect of the subject in full resolution, judged alone: `judge_together` is to follow.
pub async fn each_in_full(server: Server<'_>, subject: &Subject, window: Window) -> Result<Scan, ScanError> {
    each(server, None, subject, window).await
}

/// The same, where some samples may be known.
async fn each(
    server: Server<'_>,
    known: Option<&Windows>,
    subject: &Subject,
    window: Window,
) -> Result<Scan, ScanError> {
    let look = fetch::Look::Full(known.map(Windows::recent));
    let memory = fetch::memory(server, subject, window, look);
    let beside =
        |profiles: Vec<_>| async move { context::read(server.client, subject, &profiles, window).await };
    let (fetch::Memory { found, mut notices, queries }, beside) = match subject {
        // Whose samples are known by name needs no samples to say which profiles know them.
        Subject::These(these) => {
            let profiles = fetch::profiles_of(server.settings, these)?;
            try_join(memory, async { Ok(beside(profiles).await) }).await?
        }
        Subject::Scope(_) => {
            let memory = memory.await?;
            let profiles = fetch::profiles_among(&memory.found);
            (memory, beside(profiles).await)
        }
    };
    notices.extend(beside.notices.iter().cloned());
    let contexts = beside.of(&found, server.settings);
    let assess = |series: &Series, context: &Context| Box::new(assess(series, context));
    let suspects = judged(found, contexts, assess).await?;
    Ok(Scan { suspects, notices, queries, ..Scan::default() })
}

/// What the judge says of each, in their order.
async fn judged(
    found: Vec<fetch::Found>,
    contexts: Vec<Arc<Context>>,
    judge: impl Fn(&Series, &Context) -> Box<Assessment> + Clone + Send + 'static,
) -> Result<Vec<Suspect>, ScanError> {
    let judge_one = move |(fetch::Found { labels, profile, series }, context): (_, Arc<Context>)| {
        let assessment = judge(&series, &context);
        Suspect { labels, profile, series, context, assessment, stands_for: Vec::new() }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = found.len().div_ceil(cores).max(1);
    let mut pairs = found.into_iter().zip(contexts);
    let mut shares = Vec::new();
    loop {
        let pairs: Vec<_> = pairs.by_ref().take(share).collect();
        if pairs.is_empty() {
            break;
        }
        let judge_one = judge_one.clone();
        shares.push(blocking(move || pairs.into_iter().map(judge_one).collect::<Vec<_>>()));
    }
    let mut shares = try_join_all(shares).await?.into_iter();
    let mut suspects = shares.next().unwrap_or_default();
    suspects.extend(shares.flatten());
    Ok(suspects)
}

/// Judging takes a good part of a millisecond each; other queries must not wait for thousands of them.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ScanError> {
    tokio::task::spawn_blocking(work).await.map_err(|_cancelled| ScanError::Interrupted)
}
