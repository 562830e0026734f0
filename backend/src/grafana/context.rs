//! From Grafana's plugin context to an [`Instance`].

use std::collections::HashMap;

use grafana_plugin_sdk::pluginv2;
use serde_json::Value;

use super::source::{Instance, User};

/// The instance a call is about. `headers` are those Grafana adds to queries and health checks.
///
/// Fails, with a sentence for the host, where there are no data source settings or they are no JSON: the call is
/// refused as a whole, since there is nothing to answer it with.
pub(super) fn instance(
    context: Option<pluginv2::PluginContext>,
    headers: &HashMap<String, String>,
) -> Result<Instance, String> {
    let context = context.ok_or_else(|| "call without a plugin context".to_owned())?;
    let settings = context
        .data_source_instance_settings
        .ok_or_else(|| "call without data source settings".to_owned())?;
    let json_data = match settings.json_data.as_slice() {
        [] | b"null" => Value::Object(serde_json::Map::new()),
        json => serde_json::from_slice(json)
            .map_err(|error| format!("jsonData of data source {:?}: {error}", settings.uid))?,
    };
    let from_alert = headers
        .iter()
        .any(|(name, value)| name.eq_ignore_ascii_case("FromAlert") && value.eq_ignore_ascii_case("true"));
    Ok(Instance {
        org_id: context.org_id,
        uid: settings.uid,
        name: settings.name,
        url: settings.url,
        basic_auth_enabled: settings.basic_auth_enabled,
        basic_auth_user: settings.basic_auth_user,
        json_data,
        secrets: settings.decrypted_secure_json_data.into_iter().collect(),
        updated_ms: settings.last_updated_ms,
        user: context.user.map(|user| User { login: user.login, role: user.role }),
        from_alert,
    })
}
