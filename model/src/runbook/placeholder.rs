//! Finds placeholders: `<pod-name>`, `$POD`, `${NAMESPACE}`, `{{ $labels.pod }}`.

use std::ops::Range;

/// Names that `$NAME` and `<name>` are known by; every other `$NAME` is the shell's own variable.
const KNOWN: &[(&str, &[&str])] = &[
    ("namespace", &["ns", "kube-namespace", "k8s-namespace"]),
    ("pod", &["podname", "kube-pod"]),
    ("container", &["ctr"]),
    ("deployment", &["deploy"]),
    ("statefulset", &["sts"]),
    ("daemonset", &["ds"]),
    ("workload", &["controller", "owner"]),
    ("instance", &["target"]),
    ("job", &["scrape-job"]),
    ("node", &["nodename", "host"]),
    ("service", &["svc"]),
    ("selector", &["label-selector"]),
    ("context", &["kube-context"]),
    ("cluster", &[]),
    ("secret", &[]),
    ("port", &["metrics-port"]),
    ("view", &[]),
    ("alert", &["alertname"]),
];

/// Further names that settings or conclusions fill; `$NAME` is not read as one of these.
const PARAMETERS: &[&str] = &[
    "cronjob",
    "dashboard-path",
    "deployment-path",
    "middleware-path",
    "next-contact",
    "owner",
    "repository",
    "rules-path",
    "scrape-path",
    "secrets-path",
    "service-path",
    "settings-path",
    "workload-kind",
];

/// A placeholder in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placeholder {
    pub(super) range: Range<usize>,
    pub(super) name: Name,
}

/// What a placeholder asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    /// A fact by its canonical name.
    Fact(String),
    /// Exactly this label of the alert.
    Label(String),
    /// Something of the alert that is no label, such as `{{ $value }}`.
    Other,
}

/// The canonical name of a placeholder, label or setting: `POD_NAME`, `your-pod` and `pod` are all `pod`.
pub(super) fn canonical(name: &str) -> String {
    let mut key: String =
        name.chars().map(|ch| if ch == '_' || ch == ' ' { '-' } else { ch.to_ascii_lowercase() }).collect();
    for prefix in [
        "your-",
        "the-",
        "my-",
        "affected-",
        "leaking-",
        "name-of-the-",
        "name-of-",
        "value-of-the-",
        "value-of-",
        "kubernetes-",
    ] {
        if let Some(rest) = key.strip_prefix(prefix).filter(|rest| !rest.is_empty()) {
            key = rest.into();
        }
    }
    for suffix in ["-from-the-alert", "-from-alert", "-label"] {
        if let Some(rest) = key.strip_suffix(suffix) {
            key = rest.into();
        }
    }
    if let Some(rest) = key.strip_suffix("-name").filter(|rest| !rest.is_empty()) {
        key = rest.into();
    }
    let known = KNOWN.iter().find(|(_, others)| others.contains(&key.as_str()));
    known.map_or(key, |(canonical, _)| (*canonical).to_owned())
}

/// Whether a canonical name is one of the names everybody uses.
fn is_known(key: &str) -> bool {
    KNOWN.iter().any(|(canonical, _)| *canonical == key)
}

/// Whether our pack or everybody uses a canonical name.
pub(super) fn has_meaning(key: &str) -> bool {
    is_known(key) || PARAMETERS.contains(&key)
}

/// The placeholders of a text in order. `assigned` are variables the text's block sets itself.
pub(super) fn find(text: &str, assigned: &[String]) -> Vec<Placeholder> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = text[at..].find(['<', '$', '{']) {
        let start = at + offset;
        let rest = &text[start..];
        let before = text[..start].chars().next_back();
        let hit = match rest.as_bytes() {
            [b'<', ..] => angle(rest, before),
            [b'{', b'{', ..] => template(rest),
            [b'$', ..] if before != Some('\\') && before != Some('$') => variable(rest, assigned),
            _ => None,
        };
        at = start + hit.as_ref().map_or(1, |(length, _)| *length);
        found.extend(hit.map(|(length, name)| Placeholder { range: start..start + length, name }));
    }
    found
}

/// `<pod-name>`, not `<<EOF` and not `<in >out`.
fn angle(rest: &str, before: Option<char>) -> Option<(usize, Name)> {
    if before == Some('<') {
        return None;
    }
    let inner = &rest[1..rest.find('>')?];
    let fits = inner.len() <= 64
        && inner.starts_with(|ch: char| ch.is_ascii_alphabetic())
        && inner.ends_with(|ch: char| ch.is_ascii_alphanumeric())
        && inner.chars().all(|ch| ch.is_ascii_alphanumeric() || matches!(ch, '-' | '_' | ' '));
    fits.then(|| (inner.len() + 2, Name::Fact(canonical(inner))))
}

/// `{{ $labels.pod }}`, `{{ $value }}`.
fn template(rest: &str) -> Option<(usize, Name)> {
    let end = rest.find("}}")?;
    let inner = rest[2..end].trim().trim_matches('-').trim();
    let name = if let Some(label) = inner.strip_prefix("$labels.").or(inner.strip_prefix(".Labels.")) {
        let plain = !label.is_empty() && label.chars().all(|ch| ch.is_ascii_alphanumeric() || ch == '_');
        if plain { Name::Label(label.to_owned()) } else { Name::Other }
    } else if inner.starts_with("$labels")
        || inner.starts_with("$value")
        || inner.starts_with("$externalLabels")
    {
        Name::Other
    } else {
        return None;
    };
    Some((end + 2, name))
}

/// `$POD` or `${POD}`, upper case, of a known name.
fn variable(rest: &str, assigned: &[String]) -> Option<(usize, Name)> {
    let (name, length) = if let Some(braced) = rest.strip_prefix("${") {
        let name = &braced[..braced.find('}')?];
        (name, name.len() + 3)
    } else {
        let name = &rest[1..];
        let end = name.find(|ch: char| !ch.is_ascii_alphanumeric() && ch != '_').unwrap_or(name.len());
        (&name[..end], end + 1)
    };
    let upper = name.starts_with(|ch: char| ch.is_ascii_uppercase())
        && name.chars().all(|ch| ch.is_ascii_uppercase() || ch.is_ascii_digit() || ch == '_');
    let key = canonical(name);
    let ours = upper && is_known(&key) && !assigned.iter().any(|own| own == name);
    ours.then_some((length, Name::Fact(key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found_and_shell_syntax_is_left_alone() {
        let names = |text: &str| {
            find(text, &["NS".to_owned()])
                .into_iter()
                .map(|p| (text[p.range].to_owned(), p.name))
                .collect::<Vec<_>>()
        };
        let fact = |text: &str, name: &str| (text.to_owned(), Name::Fact(name.to_owned()));
        assert_eq!(
            names("get <pod-name> -n ${NAMESPACE}"),
            [fact("<pod-name>", "pod"), fact("${NAMESPACE}", "namespace")]
        );
        assert_eq!(names("$POD_NAME $NS $METRICS_AUTH_USERNAME \\$POD $$POD"), [fact("$POD_NAME", "pod")]);
        assert_eq!(
            names("x {{ $labels.exported_pod }} {{.spec}}"),
            [("{{ $labels.exported_pod }}".to_owned(), Name::Label("exported_pod".to_owned()))]
        );
        assert_eq!(
            names("cat <<EOF <in >out <(x) a<b.c>d <Your Namespace>"),
            [fact("<Your Namespace>", "namespace")]
        );
        assert_eq!(
            names("${POD:-x} ${POD} <file-path>"),
            [fact("${POD}", "pod"), fact("<file-path>", "file-path")]
        );
    }
}
