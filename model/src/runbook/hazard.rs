//! What a command may break, and what to mind before running it.

/// kubectl's options that take their value as the next word.
const TAKES_VALUE: &[&str] = &[
    "-n",
    "--namespace",
    "--context",
    "--cluster",
    "--kubeconfig",
    "-s",
    "--server",
    "--as",
    "--user",
    "-l",
    "--selector",
    "-o",
    "--output",
    "-f",
    "--filename",
    "-c",
    "--container",
];

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent findings, not states")]
pub(super) struct Hazard {
    /// Deletes, restarts, scales or changes something.
    pub(super) destructive: bool,
    /// Ends a process whose logs and memory are worth saving first.
    pub(super) ends_process: bool,
    /// Replicas a scale command asks for.
    pub(super) scales_to: Option<u32>,
    /// Whether a kubectl command names no namespace though its object has one.
    pub(super) no_namespace: bool,
    /// Whether a kubectl command names no context.
    pub(super) no_context: bool,
    /// Whether values of secrets are written to the terminal.
    pub(super) prints_secrets: bool,
    /// Whether a command is run in a container.
    pub(super) runs_inside: bool,
}

/// Judges the simple commands of one command.
pub(super) fn judge(commands: &[Vec<String>]) -> Hazard {
    let mut hazard = Hazard::default();
    for words in commands {
        hazard.prints_secrets |= prints_secrets(words);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        for (index, word) in words.iter().enumerate() {
            match base_name(word) {
                "kubectl" | "oc" => kubectl(&words[index + 1..], &mut hazard),
                "docker" | "podman" | "crictl" | "systemctl" | "service" | "supervisorctl" | "helm" => {
                    let verbs = [
                        "delete",
                        "down",
                        "kill",
                        "prune",
                        "restart",
                        "rm",
                        "rmi",
                        "rollback",
                        "stop",
                        "uninstall",
                        "upgrade",
                    ];
                    let verb = words[index + 1..].iter().take(3).any(|word| verbs.contains(word));
                    hazard.destructive |= verb;
                    hazard.ends_process |= verb;
                }
                "kill" | "pkill" | "killall" | "reboot" | "shutdown" | "halt" | "poweroff"
                    if runs(&words, index) =>
                {
                    hazard.destructive |= !words[index + 1..].contains(&"-l");
                    hazard.ends_process = true;
                }
                "rm" | "rmdir" | "shred" | "truncate" | "dd" | "mkfs" | "unlink" if runs(&words, index) => {
                    hazard.destructive = true;
                }
                _ => {}
            }
        }
    }
    hazard
}

/// Whether a word is a command rather than an argument: it is first, or follows a command that runs others.
fn runs(words: &[&str], index: usize) -> bool {
    let runners =
        ["sudo", "xargs", "exec", "env", "time", "nohup", "timeout", "nice", "--", "-exec", "command"];
    index == 0 || words[..index].iter().any(|word| runners.contains(&base_name(word)))
}

fn kubectl(words: &[&str], hazard: &mut Hazard) {
    let own = words.split(|word| *word == "--").next().unwrap_or_default();
    let mut positional = Vec::new();
    let mut skip = false;
    for word in own {
        if std::mem::take(&mut skip) {
            continue;
        }
        if word.starts_with('-') {
            skip = TAKES_VALUE.contains(word);
        } else {
            positional.push(*word);
        }
    }
    let has = |names: &[&str]| {
        own.iter().any(|word| names.iter().any(|name| word == name || word.starts_with(&format!("{name}="))))
    };
    let verb = positional.first().copied().unwrap_or_default();
    let second = positional.get(1).copied().unwrap_or_default();
    let dry = own.iter().any(|word| word.starts_with("--dry-run") && !word.ends_with("none"));
    let (destructive, ends_process) = match (verb, second) {
        ("delete" | "drain" | "evict", _)
        | ("rollout", "restart" | "undo")
        | ("set", "image" | "resources" | "env") => (true, true),
        ("set", _) if has(&["--list"]) => (false, false),
        (
            "replace" | "patch" | "apply" | "edit" | "scale" | "autoscale" | "cordon" | "taint" | "label"
            | "annotate",
            _,
        ) => (true, false),
        _ => (false, false),
    };
    let reads = dry || (verb == "set" && has(&["--list"]));
    hazard.destructive |= destructive && !reads;
    hazard.ends_process |= ends_process && !reads;
    hazard.runs_inside |= verb == "exec";
    if verb == "scale" {
        let value = own.iter().position(|word| *word == "--replicas").and_then(|at| own.get(at + 1).copied());
        let value = value.or_else(|| own.iter().find_map(|word| word.strip_prefix("--replicas=")));
        hazard.scales_to = value.and_then(|value| value.parse().ok());
    }
    let kind = second.split('/').next().unwrap_or_default();
    let cluster_wide = matches!(
        verb,
        "" | "config"
            | "version"
            | "cluster-info"
            | "api-resources"
            | "api-versions"
            | "drain"
            | "cordon"
            | "uncordon"
            | "taint"
            | "explain"
            | "completion"
            | "plugin"
            | "auth"
    ) || matches!(
        kind,
        "node"
            | "nodes"
            | "no"
            | "ns"
            | "namespace"
            | "namespaces"
            | "pv"
            | "persistentvolumes"
            | "clusterrole"
            | "clusterroles"
            | "storageclass"
            | "crd"
    );
    let named = has(&["-n", "--namespace", "-A", "--all-namespaces"])
        || own.iter().any(|word| word.starts_with("-n") && word.len() > 2);
    hazard.no_namespace |= !cluster_wide && !named;
    hazard.no_context |= !has(&["--context"]) && verb != "config";
}

/// Whether a simple command writes the values of secrets to the terminal.
fn prints_secrets(words: &[String]) -> bool {
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    let gets_secret =
        has("get") && words.iter().any(|word| matches!(word.split('/').next(), Some("secret" | "secrets")));
    let whole = words.iter().any(|word| {
        let format = word.trim_start_matches("--output=").trim_start_matches("-o");
        matches!(format, "yaml" | "json") || format.starts_with("jsonpath") && format.contains("data")
    });
    gets_secret && whole || words.last().is_some_and(|word| word == "printenv" || word == "env")
}

fn base_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::quoting::analyse;
    use super::*;

    fn of(text: &str) -> Hazard {
        judge(&analyse(text, &[]).commands)
    }

    #[test]
    fn what_ends_or_changes_something_is_destructive() {
        for text in [
            "kubectl delete pod x",
            "kubectl -n a delete pod x",
            "kubectl -n a rollout undo deployment/x",
            "kubectl get pods -o name | xargs kubectl delete",
            "kubectl scale deployment x --replicas=3",
            "kubectl exec x -- kill -9 1",
            "kubectl exec x -- sh -c 'rm -rf /tmp/cache'",
            "sudo systemctl restart app",
            "for p in a b; do kubectl delete pod $p; done",
            "kubectl drain n1",
            "helm rollback web 3",
        ] {
            assert!(of(text).destructive, "{text}");
        }
        for text in [
            "kubectl get pods",
            "kubectl logs x | grep -i 'delete\\|kill'",
            "kubectl rollout history deployment/x",
            "kubectl delete pod x --dry-run=server",
            "kubectl exec x -- cat /sys/fs/cgroup/memory.current",
            "echo kubectl-delete",
            "kubectl set env pod/x --list",
            "kubectl describe pod kill",
        ] {
            assert!(!of(text).destructive, "{text}");
        }
    }

    #[test]
    fn namespace_and_replicas_are_read() {
        assert!(of("kubectl get pods").no_namespace);
        assert!(!of("kubectl get nodes").no_namespace);
        assert!(!of("kubectl -n a get pods").no_namespace);
        assert!(!of("kubectl get pods --namespace=a").no_namespace);
        assert!(of("kubectl exec x -- tail -n 5 f").no_namespace);
        assert_eq!(of("kubectl scale deployment x --replicas=3").scales_to, Some(3));
        assert_eq!(of("kubectl scale deployment x --replicas 6").scales_to, Some(6));
    }
}
