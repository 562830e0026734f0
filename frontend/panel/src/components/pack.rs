//! The compiled-in pages, for where no data source of ours answers with the operator's own.

use model::query::Scope;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::boundary::{Bridge, pages};
use crate::data::Data;
use crate::same::Same;
use crate::strings;

/// `data` with the pages of the alert that `scope` names; as it is where there are pages or no alert is named, and until
/// they have come.
#[hook]
pub fn use_pack(bridge: &Bridge, data: &Same<Data>, scope: &Scope, wanted: bool) -> Same<Data> {
    let wanted = wanted && !data.has_runbook && !scope.alertname.is_any();
    let pack = use_state(|| None::<(Scope, Same<Data>)>);
    let newest = use_mut_ref(Scope::default);
    {
        let (pack, bridge) = (pack.clone(), bridge.clone());
        // With every answer: what could not be loaded is tried again.
        use_effect_with((scope.clone(), wanted, data.clone()), move |(scope, wanted, _)| {
            newest.replace(scope.clone());
            if *wanted && pack.as_ref().is_none_or(|(of, read)| of != scope || !read.faults.is_empty()) {
                let scope = scope.clone();
                spawn_local(async move {
                    let read = match pages(&bridge, &scope).await {
                        Ok(answer) => Data::decode(&answer.frames),
                        Err(error) => Data { faults: vec![strings::no_pack(&error)], ..Data::default() },
                    };
                    if *newest.borrow() == scope {
                        pack.set(Some((scope, Same::new(read))));
                    }
                });
            }
        });
    }
    let read = pack.as_ref().filter(|(of, _)| wanted && of == scope).map(|(_, read)| read.clone());
    let with_pages = use_memo((data.clone(), read), |(data, read)| {
        let read = read.as_ref()?;
        let mut all = Data { pages: read.pages.clone(), ..(**data).clone() };
        all.faults.extend(read.faults.iter().cloned());
        Some(Same::new(all))
    });
    (*with_pages).clone().unwrap_or_else(|| data.clone())
}
