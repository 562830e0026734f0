//! Holds the invariants of docs/architecture.md.

use system::invariants::{Invariant, all};
use system::repository::Repository;

fn breaches(invariant: &Invariant, repository: &Repository) -> Vec<String> {
    (invariant.check)(repository).expect("sources that parse")
}

#[test]
fn the_repository_keeps_its_promises() {
    let repository = Repository::read().expect("the repository");
    let mut broken = Vec::new();
    for invariant in all() {
        for breach in breaches(&invariant, &repository) {
            broken.push(format!("{}\n    {breach}", invariant.sentence));
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn every_check_finds_what_it_forbids_and_only_that() {
    for invariant in all() {
        assert!(!invariant.bad.is_empty() && !invariant.good.is_empty(), "{}", invariant.sentence);
        let judged = |sample: (&str, &str)| {
            let files: Vec<_> = invariant.context.iter().copied().chain([sample]).collect();
            breaches(&invariant, &Repository::of(&files))
        };
        for &sample in invariant.bad {
            assert!(!judged(sample).is_empty(), "{}\nlets pass: {sample:?}", invariant.sentence);
        }
        for &sample in invariant.good {
            let found = judged(sample);
            assert!(found.is_empty(), "{}\nwrongly finds {found:?}", invariant.sentence);
        }
    }
}

#[test]
fn the_document_and_the_checks_name_the_same_invariants() {
    let repository = Repository::read().expect("the repository");
    let document = &repository.file("docs/architecture.md").expect("docs/architecture.md").text;
    let boxed: Vec<_> = document.lines().filter_map(|line| line.strip_prefix("> **Invariant:** ")).collect();
    let held: Vec<_> = all().iter().map(|invariant| invariant.sentence).collect();
    assert_eq!(boxed, held);
}
