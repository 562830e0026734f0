//! The call that is being answered: the trace it belongs to and when it must be over. What one call sets off knows both,
//! without passing them on by hand.

use std::future::Future;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

tokio::task_local! {
    static CALL: Call;
}

/// One call.
#[derive(Debug, Clone)]
struct Call {
    trace_id: Arc<str>,
    deadline: Option<Instant>,
}

/// Answers as part of a trace: that of the caller's `traceparent` (W3C), else one of its own.
pub async fn traced<F: Future>(traceparent: Option<&str>, answer: F) -> F::Output {
    let trace_id = traceparent.and_then(trace_id_in).unwrap_or_else(new_trace_id);
    CALL.scope(Call { trace_id, deadline: None }, answer).await
}

/// Answers within a time: all requests of this call end by then, however many follow one another.
pub async fn within<F: Future>(time: Duration, answer: F) -> F::Output {
    let trace_id = CALL.try_with(|call| Arc::clone(&call.trace_id)).unwrap_or_else(|_outside| new_trace_id());
    CALL.scope(Call { trace_id, deadline: Instant::now().checked_add(time) }, answer).await
}

/// The trace of the call, or nothing outside of one.
pub fn trace_id() -> Arc<str> {
    CALL.try_with(|call| Arc::clone(&call.trace_id)).unwrap_or_default()
}

/// When the call must be over, if it must.
pub fn deadline() -> Option<Instant> {
    CALL.try_with(|call| call.deadline).ok().flatten()
}

/// `00-<trace id>-<span id>-<flags>`; a trace of zeros is none.
fn trace_id_in(traceparent: &str) -> Option<Arc<str>> {
    let id = traceparent.split('-').nth(1)?;
    let is_id = id.len() == 32
        && id.bytes().all(|byte| byte.is_ascii_hexdigit())
        && id.bytes().any(|byte| byte != b'0');
    is_id.then(|| id.into())
}

/// An identifier that no other call has. Each state has keys of its own.
fn new_trace_id() -> Arc<str> {
    let half = || RandomState::new().hash_one(Instant::now());
    format!("{:016x}{:016x}", half(), half()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_call_belongs_to_its_callers_trace() {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let (id, inner) = traced(Some(parent), async {
            let inner = within(Duration::from_secs(1), async { (trace_id(), deadline()) }).await;
            (trace_id(), inner)
        })
        .await;
        assert_eq!(&*id, "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(inner.0, id);
        assert!(inner.1.is_some());
        assert_eq!((&*trace_id(), deadline()), ("", None), "outside of a call");
    }

    #[tokio::test]
    async fn without_a_trace_each_call_has_one_of_its_own() {
        for none in [
            None,
            Some(""),
            Some("00-0-0-00"),
            Some("00-00000000000000000000000000000000-0000000000000000-00"),
        ] {
            let (one, other) =
                (traced(none, async { trace_id() }).await, traced(none, async { trace_id() }).await);
            assert_eq!(one.len(), 32, "{none:?}");
            assert_ne!(one, other);
        }
    }
}
