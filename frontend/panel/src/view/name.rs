//! What a suspect is called.

use model::frames::SuspectRow;

use super::text::{NAME_CHARS, visible};

/// A name and where it belongs. Fit to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Pod and container, or whatever else tells the process apart.
    pub main: String,
    /// Namespace, workload, target; may be empty.
    pub context: String,
}

/// The name of a suspect.
pub fn of(row: &SuspectRow) -> Name {
    let mut parts = [&row.pod, &row.container, &row.instance, &row.job, &row.workload, &row.metric]
        .into_iter()
        .filter(|part| !part.is_empty());
    let main = match (row.pod.is_empty(), row.container.is_empty()) {
        (false, false) => {
            format!("{} / {}", visible(&row.pod, NAME_CHARS), visible(&row.container, NAME_CHARS))
        }
        _ => parts.next().map(|part| visible(part, NAME_CHARS)).unwrap_or_default(),
    };
    let named = [&row.pod, &row.container].into_iter().filter(|part| !part.is_empty()).count();
    let further: &[&String] =
        if named > 0 { &[&row.namespace, &row.workload, &row.instance] } else { &[&row.namespace, &row.job] };
    let context: Vec<_> = further
        .iter()
        .filter(|part| !part.is_empty())
        .map(|part| visible(part, NAME_CHARS))
        .filter(|part| *part != main)
        .collect();
    Name { main, context: context.join(" · ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(pod: &str, container: &str, instance: &str) -> SuspectRow {
        SuspectRow {
            namespace: "shop".to_owned(),
            pod: pod.to_owned(),
            container: container.to_owned(),
            instance: instance.to_owned(),
            metric: "process_resident_memory_bytes".to_owned(),
            ..SuspectRow::default()
        }
    }

    #[test]
    fn the_most_telling_labels_name_a_suspect() {
        let cases = [
            (row("cart-1", "app", "10.0.0.1:80"), "cart-1 / app", "shop · 10.0.0.1:80"),
            (row("", "app", "10.0.0.1:80"), "app", "shop · 10.0.0.1:80"),
            (row("", "", "10.0.0.1:80"), "10.0.0.1:80", "shop"),
            (row("", "", ""), "process_resident_memory_bytes", "shop"),
        ];
        for (row, main, context) in cases {
            assert_eq!(of(&row), Name { main: main.to_owned(), context: context.to_owned() });
        }
    }
}
