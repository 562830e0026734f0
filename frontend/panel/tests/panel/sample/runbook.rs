//! The page of the alert and two general sections.

use model::evidence::{EvidenceKind, Finding, FindingState};
use model::frames::RunbookRow;
use model::runbook::{Block, FilledCommand, FilledGroup, FilledPage, FilledStep, Span, SpanStyle};

/// The pod the commands name.
const POD: &str = "checkout-7f9c6d5b8-x2x4k";

fn plain(text: &str) -> Span {
    Span { text: text.to_owned(), ..Span::default() }
}

fn step(id: &str, text: &str, findings: Vec<Finding>, commands: Vec<FilledCommand>) -> FilledStep {
    FilledStep {
        id: id.to_owned(),
        text: text.to_owned(),
        spans: vec![plain(text)],
        findings,
        commands,
        ..FilledStep::default()
    }
}

fn finding(kind: EvidenceKind, state: FindingState, sentence: &str) -> Finding {
    let course =
        if kind == EvidenceKind::RequestRate { vec![Some(1.0), Some(3.0), Some(2.0)] } else { Vec::new() };
    Finding { kind, state, sentence: sentence.to_owned(), query: String::new(), course }
}

fn command(title: &str, filled: &str) -> FilledCommand {
    FilledCommand {
        title: title.to_owned(),
        language: "bash".to_owned(),
        text: filled.to_owned(),
        filled: filled.to_owned(),
        ..FilledCommand::default()
    }
}

/// The page of the alert and two general sections.
pub(crate) fn runbook() -> Vec<RunbookRow> {
    let restart = FilledCommand {
        destructive: true,
        caution: "Save the logs first: they are gone after this".to_owned(),
        ..command("Restart the pod", &format!("kubectl -n shop delete pod {POD}"))
    };
    let gap = FilledCommand {
        missing: vec!["<deployment>".to_owned()],
        ..command("See what was deployed", "kubectl -n shop rollout history deployment/<deployment>")
    };
    let page = FilledPage {
        id: "high-memory-growth".to_owned(),
        title: "Memory grows too fast".to_owned(),
        alerts: vec!["HighMemoryGrowthRate".to_owned(), "CriticalMemoryGrowthRate".to_owned()],
        trigger: "memory grows by more than 10 MiB/h (warning) or 50 MiB/h (critical)".to_owned(),
        source: "memory.md".to_owned(),
        hash: "c0ffee".to_owned(),
        groups: vec![
            first(gap),
            FilledGroup {
                title: "Then".to_owned(),
                steps: vec![step(
                    "5",
                    "Read the logs",
                    vec![],
                    vec![command(
                        "Last hour of logs",
                        &format!("kubectl -n shop logs {POD} -c app --since=1h | grep -i -E 'memory|error'"),
                    )],
                )],
                commands: vec![restart],
                ..FilledGroup::default()
            },
        ],
    };
    let general = |id: &str, title: &str| FilledPage {
        id: id.to_owned(),
        title: title.to_owned(),
        groups: vec![FilledGroup {
            steps: vec![step("1", "Call the owner of the service", vec![], vec![])],
            ..FilledGroup::default()
        }],
        ..FilledPage::default()
    };
    let row = |role: &str, page: FilledPage| RunbookRow {
        id: page.id.clone(),
        title: page.title.clone(),
        role: role.to_owned(),
        page: serde_json::to_string(&page).expect("a page is JSON"),
    };
    vec![
        row("alert", page),
        row("general", general("mitigation", "Mitigation")),
        row("general", general("escalation", "Escalation")),
    ]
}

fn first(gap: FilledCommand) -> FilledGroup {
    FilledGroup {
        title: "First".to_owned(),
        notes: vec![Block::Paragraph {
            spans: vec![
                plain("A process that keeps growing is killed when it reaches its limit. See "),
                Span {
                    text: "memory limits".to_owned(),
                    href: "https://kubernetes.io/docs/".to_owned(),
                    ..Span::default()
                },
                plain(" and look at "),
                Span { text: "RSS".to_owned(), style: SpanStyle::Code, ..Span::default() },
                plain("."),
            ],
        }],
        steps: vec![
            step(
                "1",
                "See whether it still grows, and how fast",
                vec![finding(
                    EvidenceKind::Growth,
                    FindingState::Bad,
                    "Grows 61 MiB/h since 23:10, 97 % sure",
                )],
                vec![],
            ),
            step(
                "2",
                "Compare usage with the limit",
                vec![finding(
                    EvidenceKind::Usage,
                    FindingState::Attention,
                    "743 MiB of 1 GiB; at this rate the limit is reached in 4 h 36 min",
                )],
                vec![command("Usage of every pod", "kubectl -n shop top pods --containers")],
            ),
            step(
                "3",
                "Look for restarts and OOM kills",
                vec![finding(
                    EvidenceKind::Restarts,
                    FindingState::Ok,
                    "1 restart 10 h ago, no OOM kill in this range",
                )],
                vec![],
            ),
            step(
                "4",
                "Check that the figures are fresh",
                vec![finding(
                    EvidenceKind::ScrapeHealth,
                    FindingState::Unknown,
                    "The server lists no targets, so 401 and 500 cannot be told apart",
                )],
                vec![gap],
            ),
        ],
        ..FilledGroup::default()
    }
}
