//! Whole files in, whole pages out.

use super::*;
use crate::alert::{Alert, AlertState};
use crate::evidence::{EvidenceKind, Finding, FindingState};

/// A document of many alerts as teams write them, with every construct the reader knows.
const DOCUMENT: &str = "\u{feff}# Web memory\r\n
## Overview
For the shop.

## Alert Types

### 1. MemoryRises / MemoryRisesFast
**Trigger**: more than 1 MB/h (warning)

**First**:
1. Look at the graph
   - by hour
     - and by day
2. Read the log `kubectl logs <pod-name>`

**Then look closer**:
```bash
# What it uses
kubectl top pods -l app=shop

# What it printed
kubectl exec -it <pod-name> -c shop -- python manage.py shell -c \"
print(1)
\"

# Look at the page of targets
# It names every job
```

### 2. Watchdog
**Trigger:** always

**Actions**:
1. Nothing

## When all else fails
1. First:
   - a
2. Second

## Files
- Middleware: `shop/memory.py`

| What | Where |
|---|---|
| Rules | `rules.yml` |
";

fn alert(name: &str, labels: &[(&str, &str)]) -> Alert {
    Alert {
        name: name.to_owned(),
        state: AlertState::Firing,
        severity: "warning".to_owned(),
        labels: labels.iter().copied().collect(),
        ..Alert::default()
    }
}

fn parse(name: &str, text: &str) -> Library {
    let (library, problems) = Library::parse(&[(name, text)]);
    assert_eq!(problems, []);
    library
}

fn titles(library: &Library) -> Vec<(&str, Vec<&str>)> {
    library
        .pages()
        .map(|page| (page.title.as_str(), page.alerts.iter().map(String::as_str).collect()))
        .collect()
}

#[test]
fn a_document_falls_into_its_alerts_and_general_sections() {
    let library = parse("web-memory.md", DOCUMENT);
    assert_eq!(
        titles(&library),
        [
            ("Overview", vec![]),
            ("MemoryRises / MemoryRisesFast", vec!["MemoryRises", "MemoryRisesFast"]),
            ("Watchdog", vec!["Watchdog"]),
            ("When all else fails", vec![]),
            ("Files", vec![]),
        ]
    );
    let filled =
        library.fill(&[alert("MemoryRises", &[("pod", "shop-0")])], None, &RunbookSettings::default());
    insta::assert_snapshot!("document", serde_json::to_string_pretty(&filled).unwrap());
}

#[test]
fn a_file_per_alert_is_one_page_whatever_its_title() {
    let sections = "## Meaning\n\nIt is slow.\n\n## Impact\n\nSlow.\n\n## Diagnosis\n\n- Look at `kubectl -n $NAMESPACE get pod $POD`\n\n## Mitigation\n\nWait.\n";
    for (file, head) in [
        (
            "CPUThrottlingHigh.md",
            "---\ntitle: CPU Throttling High\nweight: 20\n---\n\n# CPU Throttling High\n\n",
        ),
        ("kubernetes/CPUThrottlingHigh.md", "# CPUThrottlingHigh\n\n"),
        ("page.md", "# CPUThrottlingHigh\n\n"),
        ("CPUThrottlingHigh.md", ""),
        ("notes.md", "---\nalert: CPUThrottlingHigh\n---\n"),
    ] {
        let library = parse(file, &format!("{head}{sections}"));
        let pages: Vec<_> = library.pages().collect();
        assert_eq!(pages.len(), 1, "{file}");
        assert_eq!(pages[0].alerts, ["CPUThrottlingHigh"], "{file}");
        let groups: Vec<_> = pages[0].groups.iter().map(|group| group.title.as_str()).collect();
        assert_eq!(groups, ["Meaning", "Impact", "Diagnosis", "Mitigation"], "{file}");
        let labels = [("namespace", "a b"), ("pod", "p")];
        let filled = library.fill(&[alert("CPUThrottlingHigh", &labels)], None, &RunbookSettings::default());
        assert_eq!(filled.pages[0].groups[2].steps[0].commands[0].filled, "kubectl -n 'a b' get pod p");
    }
}

#[test]
fn general_files_and_nested_alerts_keep_their_shape() {
    let files = [
        ("notes.md", "no heading\n\n- at all\n"),
        ("alerts_manual.md", "# Writing alerts\n## Overview\nx\n## Fields\ny\n"),
        (
            "manual.md",
            "# ShopRunbook\n## HighLoad\n### HighLoadCritical\n1. a\n## LowDisk\n1. b\n## PromQL\nz\n",
        ),
        ("HighQueue.md", "# QueueFull\n## Meaning\nx\n## Impact\ny\n"),
        ("two.md", "# FirstAlert\n## Meaning\nx\n## Impact\ny\n# SecondAlert\n## Meaning\nx\n"),
    ];
    let (library, problems) = Library::parse(&files);
    assert_eq!(problems, []);
    assert_eq!(
        titles(&library),
        [
            ("notes", vec![]),
            ("Writing alerts", vec![]),
            ("HighLoad", vec!["HighLoad", "HighLoadCritical"]),
            ("LowDisk", vec!["LowDisk"]),
            ("PromQL", vec![]),
            ("QueueFull", vec!["QueueFull", "HighQueue"]),
            ("FirstAlert", vec!["FirstAlert"]),
            ("SecondAlert", vec!["SecondAlert"]),
        ]
    );
}

#[test]
fn deep_and_large_files_are_read_in_bounded_space() {
    let large = format!("# Large\n{}", "1. Look at `kubectl get pod <pod>` and **think**\n\n".repeat(20_000));
    assert!(large.len() > 1_000_000);
    for text in [
        large,
        ">".repeat(200_000),
        "- ".repeat(20_000),
        (0..400).flat_map(|depth| ["  ".repeat(depth), "- x\n".to_owned()]).collect(),
        "[".repeat(50_000),
        "<details>".repeat(20_000),
        "**".repeat(50_000),
        format!("```bash\n{}", "echo $(".repeat(20_000)),
        format!("```bash\n{}", "sh -c '".repeat(5_000)),
        format!("```bash\n{}", "cat <<A\n".repeat(5_000)),
        format!("```bash\n{}", "echo '\n\n".repeat(5_000)),
        "|a|b|\n|-|-|\n".to_owned() + &"|x|".repeat(50_000),
    ] {
        let (library, _) = Library::parse(&[("x.md", &text)]);
        let filled = library.fill(&[alert("Large", &[("pod", "p")])], None, &RunbookSettings::default());
        assert!(!serde_json::to_string(&filled).unwrap().is_empty());
    }
}

#[test]
fn pages_are_chosen_by_name_then_key_then_address_then_in_general() {
    let (library, _) = Library::parse(&[
        ("web.md", DOCUMENT),
        ("general/troubleshooting.md", "# Troubleshooting\n1. Look\n"),
        ("HighLoadOnNode.md", "## Meaning\nx\n## Impact\ny\n"),
    ]);
    let chosen = |alert: Alert| {
        library.choose(&[alert]).iter().map(|(page, _)| page.title.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        chosen(alert("MemoryRisesFast", &[(PAGE_LABEL, "Watchdog")])),
        ["MemoryRises / MemoryRisesFast"]
    );
    assert_eq!(chosen(alert("Other", &[(PAGE_LABEL, "Watchdog")])), ["Watchdog"]);
    let mut by_url = alert("Other", &[]);
    by_url.annotations =
        [("runbook_url", "https://example.org/runbooks/node/highloadonnode/?x=1")].into_iter().collect();
    assert_eq!(chosen(by_url), ["HighLoadOnNode"]);
    assert_eq!(chosen(alert("Unknown", &[])), ["Troubleshooting"]);

    let mut critical = alert("Watchdog", &[]);
    critical.severity = "critical".to_owned();
    let both = [alert("MemoryRises", &[]), critical];
    let order: Vec<_> = library.choose(&both).iter().map(|(page, _)| page.title.as_str()).collect();
    assert_eq!(order, ["Watchdog", "MemoryRises / MemoryRisesFast"]);
}

#[test]
fn an_operators_pages_replace_ours_alert_by_alert() {
    let own = parse("own.md", "# CriticalMemoryGrowthRate\n## Meaning\nOurs\n## Impact\nx\n");
    let library = own.over(Library::builtin());
    let sources = |name| library.of_alert(name).map(|page| page.file.clone()).collect::<Vec<_>>();
    assert_eq!(sources("CriticalMemoryGrowthRate"), ["own.md"]);
    assert_eq!(sources("HighMemoryGrowthRate"), ["HighMemoryGrowthRate.md"]);
}

#[test]
fn our_pack_has_no_problems_and_no_gaps_where_the_labels_are_there() {
    let (_, problems) = Library::parse(builtin::FILES);
    assert_eq!(problems, []);
    let library = Library::builtin();
    let labels = [
        ("namespace", "shop"),
        ("pod", "web-7d4b9c6f5d-x2vqk"),
        ("container", "app"),
        ("instance", "10.0.0.3:8000"),
        ("job", "web"),
    ];
    let alerts: Vec<_> =
        library.pages().flat_map(|page| &page.alerts).map(|name| alert(name, &labels)).collect();
    let filled = library.fill(&alerts, None, &RunbookSettings::default());
    for page in filled.pages.iter().chain(&filled.general) {
        let groups = &page.groups;
        let commands = groups
            .iter()
            .flat_map(|group| group.steps.iter().flat_map(|step| &step.commands).chain(&group.commands));
        for command in commands {
            assert_eq!(command.missing, Vec::<String>::new(), "{}: {}", page.title, command.text);
            assert!(
                !command.text.contains("kubectl") || command.filled.contains("kubectl -n shop "),
                "{}",
                command.text
            );
        }
        if !page.alerts.is_empty() {
            let order: Vec<_> =
                groups.iter().map(|group| group.title.as_str()).filter(|title| !title.is_empty()).collect();
            assert_eq!(order, ["Meaning", "Impact", "Diagnosis", "Mitigation"], "{}", page.title);
            assert!(!page.trigger.is_empty(), "{}", page.title);
        }
    }
}

#[test]
fn our_pack_has_a_page_for_every_alert_of_the_rules() {
    let library = Library::builtin();
    for name in [
        "HighMemoryGrowthRate",
        "CriticalMemoryGrowthRate",
        "MemoryLeakEventsDetected",
        "HighPythonObjectGrowth",
        "HighMemoryUsage",
        "CriticalMemoryUsage",
        "ExcessiveGarbageCollection",
        "MemoryMetricsMissing",
        "ContainerMemoryGrowthRate",
        "ContainerHighMemoryUsage",
        "MetricsAuthenticationFailure",
    ] {
        assert_eq!(library.of_alert(name).count(), 1, "{name}");
    }
}

/// What is easily got wrong in such commands, and what the shell, the container or the reader makes of it.
#[test]
fn our_commands_do_what_they_claim() {
    let library = Library::builtin();
    let groups = library.pages().flat_map(|page| &page.groups);
    let commands: Vec<&Command> = groups
        .flat_map(|group| group.steps.iter().flat_map(|step| &step.commands).chain(&group.commands))
        .collect();
    assert!(commands.len() > 60);
    for command in &commands {
        let text = command.text.as_str();
        // The container's variables must not be read by the shell of the person who pastes.
        let outer = quoting::expansions(text);
        assert!(!outer.iter().any(|(name, _)| name.starts_with("METRICS_AUTH")), "{text}");
        assert!(!text.contains("unset "), "a new shell's variables say nothing of the server: {text}");
        assert!(!text.contains("/proc/meminfo"), "the node's memory, not the container's: {text}");
        assert!(!text.contains("tracemalloc.take_snapshot"), "a new process's memory: {text}");
        assert!(!text.contains("-m tracemalloc"), "there is no such module to run: {text}");
        assert!(!text.contains("--replicas=1") && !text.contains("--replicas=3"), "may scale down: {text}");
        let prints_secrets = text.contains("get secret") && !text.contains("custom-columns")
            || text.contains("printenv")
            || text.contains("environ") && !text.contains("cut -d= -f1") && !text.contains("os.environ.get");
        assert!(!prints_secrets, "{text}");
        assert_eq!(
            text.matches("kubectl").count(),
            text.matches("kubectl -n <namespace> ").count(),
            "{text}"
        );
        assert!(
            !text.contains("curl")
                || command.title.contains("where the image has it")
                || text.contains("grep"),
            "{text}"
        );
    }
    let says = |words: &str| commands.iter().any(|command| command.text.contains(words));
    assert!(says("--previous") && says("memory.current") && says("smaps_rollup") && says("-X tracemalloc"));
}

#[test]
fn kubectl_chooses_the_container_where_none_is_known() {
    let labels = [
        ("namespace", "shop"),
        ("pod", "web-7d4b9c6f5d-x2vqk"),
        ("instance", "10.0.0.3:8000"),
        ("job", "web"),
    ];
    let filled =
        Library::builtin().fill(&[alert("MemoryMetricsMissing", &labels)], None, &RunbookSettings::default());
    for group in &filled.pages[0].groups {
        for command in group.steps.iter().flat_map(|step| &step.commands) {
            assert_eq!(command.missing, Vec::<String>::new(), "{}", command.filled);
        }
    }
}

#[test]
fn our_commands_name_the_context_of_the_alerts_cluster() {
    let settings = RunbookSettings {
        clusters: [("eu".to_owned(), "prod eu".to_owned())].into(),
        ..RunbookSettings::default()
    };
    let filled = Library::builtin().fill(
        &[alert("HighMemoryUsage", &[("cluster", "eu"), ("namespace", "n")])],
        None,
        &settings,
    );
    let json = serde_json::to_string(&filled.pages).unwrap();
    assert!(json.contains("kubectl --context 'prod eu' -n n "), "{json}");
}

#[test]
fn findings_go_to_the_steps_that_ask_for_them() {
    let text = "# SomeAlert\n## Diagnosis\n1. One <!-- leaklens: evidence=growth,cpu -->\n2. Two\n<!-- leaklens: evidence=usage -->\n";
    let library = parse("a.md", text);
    let mut filled = library.fill(&[alert("SomeAlert", &[])], None, &RunbookSettings::default());
    let finding = |kind| Finding {
        kind,
        state: FindingState::Ok,
        sentence: "x".to_owned(),
        query: String::new(),
        course: Vec::new(),
    };
    filled.attach(&[finding(EvidenceKind::Usage), finding(EvidenceKind::Growth)]);
    let steps = &filled.pages[0].groups[0].steps;
    let kinds = |index: usize| steps[index].findings.iter().map(|finding| finding.kind).collect::<Vec<_>>();
    assert_eq!((kinds(0), kinds(1)), (vec![EvidenceKind::Growth], vec![EvidenceKind::Usage]));
}

#[test]
fn a_fence_that_is_never_closed_is_said() {
    let lines = |text: &str| {
        let (_, problems) = Library::parse(&[("a.md", text)]);
        problems.iter().map(|problem| problem.line).collect::<Vec<_>>()
    };
    assert_eq!(lines("# A\n\n```bash\nls -l\n## B\n"), [3]);
    let (library, _) = Library::parse(&[("a.md", "## FirstAlert\n```bash\nls -l\n\n## SecondAlert\n1. x\n")]);
    assert_eq!(titles(&library), [("FirstAlert", vec!["FirstAlert"]), ("SecondAlert", vec!["SecondAlert"])]);
    assert_eq!(
        lines("# A\n1. x\n   ```bash\n   ls -l\n   ```\n> ~~~\n> ls\n> ~~~\n\n    indented\n"),
        [0; 0]
    );
}

#[test]
fn the_manual_names_every_kind_of_evidence() {
    let manual = include_str!("../../../docs/runbooks.md");
    for kind in EvidenceKind::ALL {
        assert!(manual.contains(&format!("`{}`", kind.as_str())), "{kind:?}");
    }
}

#[test]
fn an_operators_commands_say_what_to_mind() {
    let caution = |command: &str| {
        let library = parse("a.md", &format!("# SomeAlert\n```bash\n{command}\n```\n"));
        let labels = [("namespace", "shop"), ("pod", "web-0"), ("container", "app")];
        let mut filled = library.fill(&[alert("SomeAlert", &labels)], None, &RunbookSettings::default());
        filled.pages.remove(0).groups.remove(0).commands.remove(0).caution
    };
    assert!(caution("kubectl -n shop get pods").is_empty());
    assert!(caution("kubectl get pods").contains("names no namespace"));
    let secrets = caution("kubectl -n shop exec <pod> -- curl -u $METRICS_USER:$METRICS_PASSWORD localhost");
    assert!(secrets.contains("$METRICS_USER, $METRICS_PASSWORD"), "{secrets}");
    assert!(caution("kubectl -n shop exec <pod> -- sh -c 'echo $HOME'").is_empty());
    assert!(caution("kubectl -n shop exec <pod> -- printenv | grep AUTH").contains("secrets"));
    assert!(
        caution("kubectl -n shop delete pod <pod>")
            .contains("kubectl -n shop logs web-0 -c app --timestamps > web-0.log")
    );
    assert!(caution("kubectl -n shop scale deployment web --replicas=3").contains("scales down"));
}

#[test]
fn what_is_wrong_is_said_with_file_and_line() {
    let text = "# SomeAlert\n1. x\n<!-- leaklens: evidence=moon -->\n<!-- leaklens: colour=red -->\n";
    let (_, problems) = Library::parse(&[("a.md", text), ("b.md", "# SomeAlert\ntext\n"), ("c.md", "")]);
    let said: Vec<_> = problems.iter().map(|p| (p.file.as_str(), p.line)).collect();
    assert_eq!(said, [("a.md", 3), ("a.md", 4), ("b.md", 1), ("c.md", 0)], "{problems:?}");
}

/// Ticks are kept by these names.
#[test]
fn steps_are_told_apart_whatever_they_are_called() {
    let text = "# Mitigation\n\n1. look\n2. look\n3. look 2\n4. look\n5. look-2\n";
    let (library, _) = Library::parse(&[("a.md", text)]);
    let filled = library.fill(&[], None, &RunbookSettings::default());
    let pages = filled.pages.iter().chain(&filled.general);
    let steps = pages.flat_map(|page| &page.groups).flat_map(|group| &group.steps);
    let ids: Vec<_> = steps.map(|step| step.id.as_str()).collect();
    assert_eq!(ids, ["look", "look-2", "look-2-2", "look-3", "look-2-3"]);
}
