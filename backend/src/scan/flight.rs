//! Scans under way: who asks for the same meanwhile waits for the one answer, and all share it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use model::query::{Scope, Selection};

use super::{Scan, ScanError, Subject, Window};

/// Ranges whose ends are no further apart see the same samples, but perhaps for one: targets are seldom scraped more
/// often.
const SAME_SECS: f64 = 15.0;

type Outcome = Result<Arc<Scan>, ScanError>;
type Landed = Arc<tokio::sync::Mutex<Option<(Instant, Outcome)>>>;

/// The scans of one data source's settings that somebody waits for. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Flights {
    under_way: Arc<Mutex<Vec<Flight>>>,
}

#[derive(Debug)]
struct Flight {
    subject: Subject,
    window: Window,
    landed: Landed,
}

impl Flights {
    /// What a scan of the same finds that is under way, or this one.
    ///
    /// Whoever scans and goes away, leaves it to the next who waits. A failure is everybody's: a server that did not
    /// answer in time would let each wait as long again.
    pub(super) async fn join(
        &self,
        subject: &Subject,
        window: Window,
        scan: impl Future<Output = Result<Scan, ScanError>>,
    ) -> Outcome {
        let arrived = Instant::now();
        let seat = self.seat(subject, window);
        let mut landed = seat.landed.lock().await;
        if let Some((when, outcome)) = &*landed
            && *when >= arrived
        {
            return outcome.clone();
        }
        let outcome = scan.await.map(Arc::new);
        *landed = Some((Instant::now(), outcome.clone()));
        outcome
    }

    fn seat(&self, subject: &Subject, window: Window) -> Seat<'_> {
        let subject = of_memory(subject);
        let mut under_way = self.lock();
        let known = under_way.iter().find(|flight| flight.subject == subject && same(flight.window, window));
        let landed = if let Some(flight) = known {
            Arc::clone(&flight.landed)
        } else {
            let landed = Landed::default();
            under_way.push(Flight { subject, window, landed: Arc::clone(&landed) });
            landed
        };
        Seat { flights: self, landed }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Flight>> {
        // A poisoned lock only means that another scan panicked; the list itself is whole.
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in a flight, which is forgotten with the last that leaves it.
struct Seat<'a> {
    flights: &'a Flights,
    landed: Landed,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut under_way = self.flights.lock();
        // The list's and this one.
        if Arc::strong_count(&self.landed) <= 2 {
            under_way.retain(|flight| !Arc::ptr_eq(&flight.landed, &self.landed));
        }
    }
}

/// Alerts are read beside memory and choose none of it.
fn of_memory(subject: &Subject) -> Subject {
    match subject {
        Subject::Scope(scope) => Subject::Scope(Scope {
            alertname: Selection::default(),
            starts_at: Selection::default(),
            ..scope.clone()
        }),
        these @ Subject::These(_) => these.clone(),
    }
}

fn same(a: Window, b: Window) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= SAME_SECS;
    near(a.from_secs, b.from_secs) && near(a.to_secs, b.to_secs)
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;

    use super::*;

    fn window(to_secs: f64) -> Window {
        Window { from_secs: to_secs - 3600.0, to_secs }
    }

    fn scope(namespace: &str) -> Subject {
        Subject::Scope(Scope { namespace: Selection::one(namespace), ..Scope::default() })
    }

    #[tokio::test]
    async fn who_asks_meanwhile_shares_the_answer_and_nothing_is_left_behind() {
        let (flights, scans) = (Flights::default(), AtomicUsize::new(0));
        let ask = async |namespace: &str, to_secs: f64| {
            let scan = async {
                scans.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                Ok(Scan::default())
            };
            flights.join(&scope(namespace), window(to_secs), scan).await
        };
        let at_once = join_all((0..50).map(|number| ask("shop", 7200.0 + f64::from(number) / 10.0))).await;
        assert!(at_once.iter().all(Result::is_ok));
        assert_eq!(scans.load(Ordering::SeqCst), 1);
        // Another namespace, another time, and the same again later.
        drop(tokio::join!(ask("shop", 7200.0), ask("back", 7200.0), ask("shop", 9000.0)));
        assert_eq!(scans.load(Ordering::SeqCst), 4);
        assert!(flights.lock().is_empty());
    }

    #[tokio::test]
    async fn who_goes_away_leaves_it_to_the_next() {
        let flights = Flights::default();
        let (subject, range) = (scope("shop"), window(7200.0));
        let (gone, next) = tokio::join!(
            async {
                tokio::select! {
                    _ = flights.join(&subject, range, pending()) => false,
                    () = tokio::task::yield_now() => true,
                }
            },
            flights.join(&subject, range, async { Ok(Scan::default()) }),
        );
        assert!(gone && next.is_ok());
        assert!(flights.lock().is_empty());
    }

    #[tokio::test]
    async fn a_failure_is_everybodys() {
        let (flights, scans) = (Flights::default(), AtomicUsize::new(0));
        let ask = || async {
            let scan = async {
                scans.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                Err(ScanError::Interrupted)
            };
            flights.join(&scope("shop"), window(7200.0), scan).await
        };
        assert!(join_all((0..5).map(|_| ask())).await.iter().all(Result::is_err));
        assert_eq!(scans.load(Ordering::SeqCst), 1);
    }
}
