//! The chosen suspect's samples, asked for when it is chosen and after every refresh.

use model::query::{Query, QueryType};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::boundary::{Bridge, query};
use crate::data::History;
use crate::same::Same;

/// What is known of a suspect's history.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Loaded {
    /// Whose history it is.
    pub suspect: String,
    /// The newest answer; it stays while the next one is under way.
    pub history: Option<Same<History>>,
    /// Why the last request failed.
    pub error: Option<String>,
    /// Whether a request is under way.
    pub loading: bool,
}

/// Asks for the history of `suspect` whenever it or `answer` (the panel's own answer) changes. An answer that
/// comes after the next question is dropped.
#[hook]
pub fn use_history(bridge: &Bridge, suspect: Option<String>, answer: &str) -> Loaded {
    let loaded = use_state_eq(Loaded::default);
    let newest = use_mut_ref(|| 0_u64);
    {
        let (loaded, bridge) = (loaded.clone(), bridge.clone());
        use_effect_with((suspect.clone(), answer.to_owned()), move |(suspect, _)| {
            *newest.borrow_mut() += 1;
            let Some(suspect) = suspect.clone() else {
                loaded.set(Loaded::default());
                return;
            };
            let asked = *newest.borrow();
            let before = (loaded.suspect == suspect).then(|| loaded.history.clone()).flatten();
            loaded.set(Loaded {
                suspect: suspect.clone(),
                history: before.clone(),
                error: None,
                loading: true,
            });
            spawn_local(async move {
                let question =
                    Query { query_type: QueryType::History, suspect: suspect.clone(), ..Query::default() };
                let answer = query(&bridge, &question).await;
                if *newest.borrow() != asked {
                    return;
                }
                loaded.set(match answer {
                    Ok(answer) if answer.frames.json.is_empty() && !answer.errors.is_empty() => Loaded {
                        suspect,
                        history: before,
                        error: Some(answer.errors.join("; ")),
                        loading: false,
                    },
                    Ok(answer) => Loaded {
                        suspect,
                        history: Some(Same::new(History::decode(&answer.frames, answer.errors))),
                        error: None,
                        loading: false,
                    },
                    Err(error) => Loaded { suspect, history: before, error: Some(error), loading: false },
                });
            });
        });
    }
    let Some(suspect) = suspect else { return Loaded::default() };
    let current = (*loaded).clone();
    // Between the choice and the effect the old history is still here: it is not this suspect's.
    if current.suspect == suspect { current } else { Loaded { loading: true, ..Loaded::default() } }
}
