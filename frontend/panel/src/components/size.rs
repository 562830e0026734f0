//! The size of an element on the page.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlElement, ResizeObserver};
use yew::prelude::*;

/// The size of an element, CSS pixels, as long as it is on the page.
#[hook]
pub fn use_size(area: &NodeRef) -> Rc<(f64, f64)> {
    let size = use_state_eq(|| (0.0, 0.0));
    {
        let (size, area) = (size.clone(), area.clone());
        use_effect_with((), move |()| {
            let element = area.cast::<HtmlElement>();
            let measure = {
                let element = element.clone();
                move || {
                    if let Some(element) = &element {
                        size.set((f64::from(element.client_width()), f64::from(element.client_height())));
                    }
                }
            };
            measure();
            let callback = Closure::<dyn FnMut()>::new(measure);
            let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok();
            if let (Some(observer), Some(element)) = (&observer, &element) {
                observer.observe(element);
            }
            move || {
                if let Some(observer) = observer {
                    observer.disconnect();
                }
                drop(callback);
            }
        });
    }
    Rc::new(*size)
}
