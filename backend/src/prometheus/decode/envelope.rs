//! The envelope around every answer.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

/// `{"status":"success","data":...,"warnings":[...]}`, or an error of the server.
#[derive(Debug)]
pub(in crate::prometheus) struct Envelope<T> {
    pub(in crate::prometheus) status: String,
    pub(in crate::prometheus) data: Option<T>,
    pub(in crate::prometheus) error_type: String,
    pub(in crate::prometheus) error: String,
    pub(in crate::prometheus) notices: Vec<String>,
}

/// Reads any envelope.
pub(in crate::prometheus) fn envelope<'de, S: DeserializeSeed<'de>>(
    body: &'de [u8],
    seed: S,
) -> Result<Envelope<S::Value>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let envelope = deserializer.deserialize_map(EnvelopeVisitor(seed))?;
    deserializer.end()?;
    Ok(envelope)
}

struct EnvelopeVisitor<S>(S);

impl<'de, S: DeserializeSeed<'de>> Visitor<'de> for EnvelopeVisitor<S> {
    type Value = Envelope<S::Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Prometheus' envelope")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut seed = Some(self.0);
        let mut envelope = Envelope {
            status: String::new(),
            data: None,
            error_type: String::new(),
            error: String::new(),
            notices: Vec::new(),
        };
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "status" => envelope.status = map.next_value()?,
                "data" => {
                    let seed = seed.take().ok_or_else(|| de::Error::duplicate_field("data"))?;
                    envelope.data = map.next_value_seed(Nullable(seed))?;
                }
                "errorType" => envelope.error_type = map.next_value()?,
                "error" => envelope.error = map.next_value()?,
                "warnings" | "infos" => {
                    envelope.notices.extend(map.next_value::<Option<Vec<String>>>()?.unwrap_or_default());
                }
                // VictoriaMetrics clusters
                "isPartial" => {
                    if map.next_value::<bool>()? {
                        envelope
                            .notices
                            .push("the server answered in part: some of its storage did not reply".into());
                    }
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(envelope)
    }
}

/// `null` where data belongs is no data.
struct Nullable<S>(S);

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Nullable<S> {
    type Value = Option<S::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, S: DeserializeSeed<'de>> Visitor<'de> for Nullable<S> {
    type Value = Option<S::Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("data")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.0.deserialize(deserializer).map(Some)
    }
}
