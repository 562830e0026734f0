//! Which workload a pod belongs to, told from its name by Kubernetes' own naming rules.
//!
//! A replica set is named after its deployment and a hash, a pod after its owner and five random characters,
//! both from an alphabet without vowels and the digits 0, 1 and 3 (k8s.io/apimachinery `util/rand`); a
//! stateful set numbers its pods; a cron job's job carries the minute it was scheduled for. Names are cut to fit
//! 63 characters, after which nothing can be told.

const ALPHABET: &str = "bcdfghjklmnpqrstvwxz2456789";
const RANDOM_LENGTH: usize = 5;
const LONGEST_NAME: usize = 63;

/// What owns a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnerKind {
    Deployment,
    StatefulSet,
    CronJob,
}

impl OwnerKind {
    /// As placeholders name it.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::StatefulSet => "statefulset",
            Self::CronJob => "cronjob",
        }
    }
}

/// The owner a pod's name tells of. A single random part may be a daemon set's, a job's or a bare replica set's
/// pod: that is not told.
pub(super) fn owner_of(pod: &str) -> Option<(OwnerKind, &str)> {
    let (owner, last) = pod.rsplit_once('-')?;
    if owner.is_empty() || pod.len() >= LONGEST_NAME {
        return None;
    }
    if last.len() == RANDOM_LENGTH && is_random(last) {
        let (name, hash) = owner.rsplit_once('-').filter(|(name, _)| !name.is_empty())?;
        if hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some((OwnerKind::CronJob, name));
        }
        return ((6..=10).contains(&hash.len()) && is_random(hash)).then_some((OwnerKind::Deployment, name));
    }
    let ordinal = last.bytes().all(|byte| byte.is_ascii_digit())
        && last.len() <= 4
        && (last == "0" || !last.starts_with('0'));
    ordinal.then_some((OwnerKind::StatefulSet, owner))
}

/// The workload a pod's name tells of.
pub fn workload_of(pod: &str) -> Option<&str> {
    owner_of(pod).map(|(_, name)| name)
}

/// The hash of the pod template a deployment's pod was made from: another one means that something in the template
/// changed, be it only its configuration.
pub fn pod_template_of(pod: &str) -> Option<&str> {
    let (OwnerKind::Deployment, name) = owner_of(pod)? else { return None };
    pod.strip_prefix(name)?.strip_prefix('-')?.split('-').next()
}

fn is_random(text: &str) -> bool {
    text.chars().all(|ch| ALPHABET.contains(ch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_told_of_a_deployments_pod_only() {
        assert_eq!(pod_template_of("web-7d4b9c6f5d-x2vqk"), Some("7d4b9c6f5d"));
        assert_eq!((pod_template_of("web-0"), workload_of("web-0")), (None, Some("web")));
        assert_eq!((pod_template_of("plain"), workload_of("plain")), (None, None));
    }

    #[test]
    fn owners_are_told_from_names_or_not_at_all() {
        use OwnerKind::{CronJob, Deployment, StatefulSet};
        let cases = [
            ("web-7d4b9c6f5d-x2vqk", Some((Deployment, "web"))),
            ("my-web-api-5f7f9b7d4-zk9bd", Some((Deployment, "my-web-api"))),
            ("db-0", Some((StatefulSet, "db"))),
            ("db-shard-12", Some((StatefulSet, "db-shard"))),
            ("report-28391040-c9xhw", Some((CronJob, "report"))),
            ("node-exporter-x2vqk", None),
            ("web", None),
            ("web-canary", None),
            ("-0", None),
            ("", None),
        ];
        for (pod, owner) in cases {
            assert_eq!(owner_of(pod), owner, "{pod}");
        }
        let cut = format!("{}-7d4b9c6f5d-x2vqk", "w".repeat(46));
        assert_eq!(owner_of(&cut), None, "a cut name tells nothing");
    }
}
