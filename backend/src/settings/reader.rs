//! Typed reading of `jsonData`, where every malformed value is an error that names its key.
//!
//! Provisioning files may fill values from the environment, which makes every one of them a text: numbers and
//! booleans are therefore read from their texts as well. `null` and the empty text mean "not set".

use serde_json::{Map, Value};

use super::SettingsError;

pub(super) struct Reader<'a>(pub(super) Option<&'a Map<String, Value>>);

impl<'a> Reader<'a> {
    /// The value of a key, where it is set.
    pub(super) fn raw(&self, key: &str) -> Option<&'a Value> {
        self.0?
            .get(key)
            .filter(|value| !value.is_null() && value.as_str().is_none_or(|text| !text.trim().is_empty()))
    }

    pub(super) fn bool(&self, key: &str) -> Result<Option<bool>, SettingsError> {
        let Some(value) = self.raw(key) else { return Ok(None) };
        match value {
            Value::Bool(flag) => Ok(Some(*flag)),
            Value::String(text) if text.trim() == "true" => Ok(Some(true)),
            Value::String(text) if text.trim() == "false" => Ok(Some(false)),
            _ => Err(SettingsError::new(key, "is neither true nor false")),
        }
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<&'a str>, SettingsError> {
        let Some(value) = self.raw(key) else { return Ok(None) };
        value.as_str().map(str::trim).map(Some).ok_or_else(|| SettingsError::new(key, "is not a text"))
    }

    /// A finite number of at least `least`.
    pub(super) fn number(&self, key: &str, least: f64) -> Result<Option<f64>, SettingsError> {
        let Some(value) = self.raw(key) else { return Ok(None) };
        let number = match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        match number.filter(|number| number.is_finite()) {
            Some(number) if number >= least => Ok(Some(number)),
            Some(_) => Err(SettingsError::new(key, format!("is less than {least}"))),
            None => Err(SettingsError::new(key, "is not a number")),
        }
    }

    /// A whole number of at least `least`.
    pub(super) fn count(&self, key: &str, least: u32) -> Result<Option<u64>, SettingsError> {
        match self.number(key, f64::from(least))? {
            Some(number) if number.fract() == 0.0 && number <= 9e15 => Ok(Some(number as u64)),
            Some(_) => Err(SettingsError::new(key, "is not a whole number")),
            None => Ok(None),
        }
    }

    /// A duration above zero, as a number of seconds or as Prometheus writes it (`1m30s`), in seconds.
    pub(super) fn duration_secs(&self, key: &str) -> Result<Option<f64>, SettingsError> {
        let Some(value) = self.raw(key) else { return Ok(None) };
        let secs = match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok().or_else(|| parse_duration_secs(text.trim())),
            _ => None,
        };
        match secs {
            Some(secs) if secs.is_finite() && secs > 0.0 => Ok(Some(secs)),
            _ => Err(SettingsError::new(key, "is no duration above zero, such as 30 or 1m30s")),
        }
    }

    /// One text, or a list of texts.
    pub(super) fn texts(&self, key: &str) -> Result<Vec<String>, SettingsError> {
        let wrong = || SettingsError::new(key, "is neither a text nor a list of texts");
        match self.raw(key) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text.trim().to_owned()]),
            Some(Value::Array(items)) => {
                items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
            }
            Some(_) => Err(wrong()),
        }
    }

    /// Names and texts.
    pub(super) fn pairs(&self, key: &str) -> Result<Vec<(String, String)>, SettingsError> {
        let wrong = || SettingsError::new(key, "is not an object of texts");
        let Some(value) = self.raw(key) else { return Ok(Vec::new()) };
        let pairs = value.as_object().ok_or_else(wrong)?.iter();
        pairs.map(|(name, text)| Ok((name.clone(), text.as_str().ok_or_else(wrong)?.to_owned()))).collect()
    }
}

/// Seconds of a duration as Prometheus writes it: `1h30m`, `15s`, `250ms`.
pub(crate) fn parse_duration_secs(text: &str) -> Option<f64> {
    let mut rest = text;
    let mut total_secs = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let amount: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let unit_secs = match &rest[..letters] {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            "w" => 604_800.0,
            "y" => 31_536_000.0,
            _ => return None,
        };
        rest = &rest[letters..];
        total_secs += amount * unit_secs;
    }
    (!text.is_empty()).then_some(total_secs)
}

#[cfg(test)]
mod tests {
    use super::parse_duration_secs;

    #[test]
    fn durations_are_read_as_prometheus_writes_them() {
        let read = |text| parse_duration_secs(text);
        assert_eq!(read("15s"), Some(15.0));
        assert_eq!(read("1h30m"), Some(5400.0));
        assert_eq!(read("250ms"), Some(0.25));
        assert_eq!(read("1w2d"), Some(777_600.0));
        for wrong in ["", "15", "s", "1x", "1h-3m", "m1", "1µs", "1.2.3s"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
