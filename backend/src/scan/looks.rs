//! What was made of window minima, so that those that have not changed are not judged again: in a refresh that is
//! nearly all of them, for only the newest window of each can change before a new one begins.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, PoisonError};

use model::detect::{Assessment, Context, screen};
use model::series::Series;

/// So many are kept, and as many of those before them.
const MOST: usize = 20_000;

/// The coarse looks of one data source's settings, which fix what counts as too much.
#[derive(Debug, Default)]
pub(super) struct Looks {
    kept: Mutex<Generations>,
}

/// What was not asked for while as many others came as there is room for, is forgotten.
#[derive(Debug, Default)]
struct Generations {
    young: HashMap<u64, Box<Assessment>>,
    old: HashMap<u64, Box<Assessment>>,
}

impl Looks {
    /// As [`screen`]; of minima that have not changed, what was found the last time.
    pub(super) fn screen(&self, minima: &Series, context: &Context) -> Box<Assessment> {
        let key = key(minima);
        if let Some(found) = self.kept().find(key) {
            return found;
        }
        let found = Box::new(screen(minima, context));
        self.kept().keep(key, found.clone());
        found
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Generations> {
        // A poisoned lock only means that another scan panicked; the maps themselves are whole.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    fn find(&mut self, key: u64) -> Option<Box<Assessment>> {
        if let Some(found) = self.young.get(&key) {
            return Some(found.clone());
        }
        let found = self.old.remove(&key)?;
        self.keep(key, found.clone());
        Some(found)
    }

    fn keep(&mut self, key: u64, found: Box<Assessment>) {
        if self.young.len() >= MOST {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, found);
    }
}

/// Where the windows begin and what they hold. The newest is not over yet: when it was read changes nothing.
fn key(minima: &Series) -> u64 {
    let mut hasher = DefaultHasher::new();
    let (_, over) = minima.times_secs.split_last().unwrap_or((&0.0, &[]));
    for number in over.iter().chain(&minima.values) {
        number.to_bits().hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minima(last_secs: f64, last_bytes: f64) -> Series {
        let (mut times, mut values): (Vec<f64>, Vec<f64>) =
            (1..48).map(|window| (f64::from(window) * 1800.0, 3e8 + f64::from(window % 7) * 1e5)).unzip();
        times.push(last_secs);
        values.push(last_bytes);
        Series::new(times, values)
    }

    #[test]
    fn what_has_not_changed_is_not_judged_again() {
        let looks = Looks::default();
        let look = |minima: &Series| looks.screen(minima, &Context::default());
        let first = look(&minima(85_000.0, 3e8));
        assert_eq!(look(&minima(85_060.0, 3e8)), first, "a minute later");
        assert_eq!(looks.kept().young.len(), 1);
        let risen = minima(85_060.0, 9e8);
        assert_eq!(*look(&risen), screen(&risen, &Context::default()));
        assert_eq!(looks.kept().young.len(), 2);
    }

    #[test]
    fn what_was_not_asked_for_is_forgotten() {
        let mut kept = Generations::default();
        let found = Box::new(screen(&Series::default(), &Context::default()));
        for key in 0..MOST as u64 * 2 {
            assert!(kept.find(0).is_some() || key == 0);
            kept.keep(key, found.clone());
        }
        assert!(kept.find(0).is_some(), "it was asked for all the time");
        assert!(kept.find(1).is_none());
        assert!(kept.young.len() <= MOST && kept.old.len() <= MOST);
    }
}
