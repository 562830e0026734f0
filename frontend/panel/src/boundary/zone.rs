//! The clock of a zone, from the browser's own time zone data.

use js_sys::{Array, Date, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::view::clock::Clock;

/// The clock of `browser`, `utc` or an IANA name. A name the browser does not know is read as `browser`.
pub fn clock(zone: &str) -> Clock {
    match zone {
        "utc" | "UTC" => Clock::utc(),
        "" | "browser" => browser(),
        name => match formatter(name) {
            Ok(formatter) => Clock::new(name, move |at_ms| offset_secs(&formatter, at_ms).unwrap_or(0.0)),
            Err(_) => browser(),
        },
    }
}

fn browser() -> Clock {
    Clock::new("browser", |at_ms| -60.0 * Date::new(&at_ms.into()).get_timezone_offset())
}

/// An `Intl.DateTimeFormat` of the zone that spells every part. The constructor throws on a zone it does not know.
fn formatter(zone: &str) -> Result<JsValue, JsValue> {
    let intl = Reflect::get(&js_sys::global(), &"Intl".into())?;
    let constructor: Function = Reflect::get(&intl, &"DateTimeFormat".into())?.dyn_into()?;
    let options = Object::new();
    Reflect::set(&options, &"timeZone".into(), &zone.into())?;
    Reflect::set(&options, &"hourCycle".into(), &"h23".into())?;
    for part in ["year", "month", "day", "hour", "minute", "second"] {
        Reflect::set(&options, &part.into(), &"numeric".into())?;
    }
    Reflect::construct(&constructor, &Array::of2(&"en-US".into(), &options))
}

fn offset_secs(formatter: &JsValue, at_ms: f64) -> Result<f64, JsValue> {
    let whole_secs = (at_ms / 1000.0).floor();
    let to_parts: Function = Reflect::get(formatter, &"formatToParts".into())?.dyn_into()?;
    let parts: Array = to_parts.call1(formatter, &Date::new(&(whole_secs * 1000.0).into()))?.dyn_into()?;
    let part = |wanted: &str| -> f64 {
        let is = |part: &JsValue| Reflect::get(part, &"type".into()).is_ok_and(|kind| kind == wanted);
        let value = parts.iter().find(is).and_then(|part| Reflect::get(&part, &"value".into()).ok());
        value.and_then(|value| value.as_string()?.parse::<i32>().ok()).map_or(f64::NAN, f64::from)
    };
    let local_ms = Date::utc(part("year"), part("month") - 1.0);
    let days = part("day") - 1.0;
    let local_secs =
        local_ms / 1000.0 + days * 86_400.0 + part("hour") * 3600.0 + part("minute") * 60.0 + part("second");
    Ok(local_secs - whole_secs)
}
