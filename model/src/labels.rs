//! Label sets, and the roles that labels play.

use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};

/// A label set, sorted by name. Values are untrusted text.
///
/// Names and values are shared: in thousands of sets most are the same, and sets are copied from answers to caches, suspects
/// and rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Labels(Vec<(Arc<str>, Arc<str>)>);

impl Labels {
    /// The value of a label, or `None` where it is absent or empty (Prometheus does not tell them apart).
    pub fn get(&self, name: &str) -> Option<&str> {
        let place = self.place(name).ok()?;
        Some(&*self.0[place].1).filter(|value| !value.is_empty())
    }

    /// Whether there is a label of that name, be it empty.
    pub fn has(&self, name: &str) -> bool {
        self.place(name).is_ok()
    }

    /// Names and values, in the order of names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a label, or gives one that is there another value.
    pub fn set(&mut self, name: impl Into<Arc<str>>, value: impl Into<Arc<str>>) {
        let name = name.into();
        match self.place(&name) {
            Ok(place) => self.0[place].1 = value.into(),
            Err(place) => self.0.insert(place, (name, value.into())),
        }
    }

    /// Takes out a label, and tells its value.
    pub fn remove(&mut self, name: &str) -> Option<Arc<str>> {
        self.place(name).ok().map(|place| self.0.remove(place).1)
    }

    /// The labels whose names are wanted.
    #[must_use]
    pub fn filtered(&self, is_wanted: impl Fn(&str) -> bool) -> Self {
        Self(self.0.iter().filter(|(name, _)| is_wanted(name)).cloned().collect())
    }

    /// Where a label is, or belongs.
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| (**known).cmp(name))
    }

    /// In order; of several values of one name the last.
    fn sorted(mut all: Vec<(Arc<str>, Arc<str>)>) -> Self {
        if !all.windows(2).all(|pair| pair[0].0 < pair[1].0) {
            all.reverse();
            all.sort_by(|one, other| one.0.cmp(&other.0));
            all.dedup_by(|later, earlier| later.0 == earlier.0);
        }
        Self(all)
    }
}

impl<N: Into<Arc<str>>, V: Into<Arc<str>>> FromIterator<(N, V)> for Labels {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self::sorted(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl Serialize for Labels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (name, value) in self.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        LabelsLike(&Self::default()).deserialize(deserializer)
    }
}

/// Reads a label set that shares what it has in common with another: the next one of an answer mostly has the same names,
/// and many of its values.
#[derive(Debug)]
pub struct LabelsLike<'a>(pub &'a Labels);

impl<'de> DeserializeSeed<'de> for LabelsLike<'_> {
    type Value = Labels;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Labels, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for LabelsLike<'_> {
    type Value = Labels;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("labels")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Labels, A::Error> {
        let mut all = Vec::with_capacity(self.0.len());
        let mut likely = self.0.0.iter();
        loop {
            let like = likely.next();
            let Some(name) = map.next_key_seed(TextLike(like.map(|(name, _)| name)))? else { break };
            let value = map.next_value_seed(TextLike(like.map(|(_, value)| value)))?;
            all.push((name, value));
        }
        Ok(Labels::sorted(all))
    }
}

/// Reads a text that is likely the same as another.
struct TextLike<'a>(Option<&'a Arc<str>>);

impl<'de> DeserializeSeed<'de> for TextLike<'_> {
    type Value = Arc<str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Arc<str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for TextLike<'_> {
    type Value = Arc<str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("text")
    }

    fn visit_str<E>(self, text: &str) -> Result<Arc<str>, E> {
        Ok(self.0.filter(|like| ***like == *text).map_or_else(|| text.into(), Arc::clone))
    }
}

/// What a label says about where a series comes from. Which label plays which role is a profile's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Kubernetes namespace.
    Namespace,
    /// Pod name.
    Pod,
    /// Container name.
    Container,
    /// Deployment, stateful set or whatever owns the pod.
    Workload,
    /// The scraped target, `host:port`.
    Instance,
    /// The scrape job.
    Job,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_in_order_and_of_two_values_the_last_counts() {
        let mut labels: Labels = serde_json::from_str(r#"{"pod":"a","app":"x","pod":"b"}"#).unwrap();
        assert_eq!(labels, [("pod", "a"), ("app", "x"), ("pod", "b")].into_iter().collect());
        assert_eq!(labels.iter().collect::<Vec<_>>(), [("app", "x"), ("pod", "b")]);
        labels.set("job", "j");
        labels.set("app", "");
        assert_eq!(serde_json::json!(labels).to_string(), r#"{"app":"","job":"j","pod":"b"}"#);
        assert_eq!((labels.get("app"), labels.has("app"), labels.get("node")), (None, true, None));
        assert_eq!(labels.remove("pod").as_deref(), Some("b"));
        assert_eq!(labels.filtered(|name| name != "app"), [("job", "j")].into_iter().collect());
    }

    #[test]
    fn what_two_have_in_common_is_shared() {
        let one: Labels = [("app", "x"), ("pod", "a")].into_iter().collect();
        let mut json = serde_json::Deserializer::from_str(r#"{"app":"x","pod":"b"}"#);
        let other = LabelsLike(&one).deserialize(&mut json).unwrap();
        assert_eq!(other, [("app", "x"), ("pod", "b")].into_iter().collect());
        assert!(Arc::ptr_eq(&one.0[0].1, &other.0[0].1) && Arc::ptr_eq(&one.0[1].0, &other.0[1].0));
    }
}
