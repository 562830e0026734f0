//! Every key of the settings, and what becomes of it.

use serde_json::{Map, Value};

/// Where a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Beside `jsonData`.
    Top,
    /// In `jsonData`.
    Json,
    /// In `secureJsonData`, encrypted by Grafana.
    Secure,
}

/// What becomes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Does what it does in Grafana's own Prometheus data source.
    Honoured,
    /// Our own.
    Own,
    /// Concerns Grafana's editors or its own caching: may be set, changes nothing here.
    Harmless,
    /// Asks for what is not built: where it is set, the health check fails by its name.
    Unsupported,
}

/// One key.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// As it is written; `*` stands for a number.
    pub name: &'static str,
    /// Where it stands.
    pub place: Place,
    /// What becomes of it.
    pub standing: Standing,
    /// Its default, as a reader understands it.
    pub default: &'static str,
    /// What it does, or why it does nothing.
    pub meaning: &'static str,
}

const fn key(
    place: Place,
    standing: Standing,
    name: &'static str,
    default: &'static str,
    meaning: &'static str,
) -> Key {
    Key { name, place, standing, default, meaning }
}

/// All keys.
#[rustfmt::skip] // one key a row
pub const KEYS: &[Key] = {
    use Place::{Json, Secure, Top};
    use Standing::{Harmless, Honoured, Own, Unsupported};
    &[
        key(Top, Honoured, "url", "none", "The server with its path prefix, http:// or https://. Credentials in it count as basic auth."),
        key(Top, Honoured, "basicAuth", "false", "Send `basicAuthUser` and `basicAuthPassword`."),
        key(Top, Honoured, "basicAuthUser", "empty", "The user."),
        key(Secure, Honoured, "basicAuthPassword", "empty", "The password."),
        key(Json, Honoured, "httpMethod", "POST", "POST or GET. A server that answers POST with 405 is asked by GET from then on."),
        key(Json, Honoured, "timeout", "30", "Longest wait for one request, retries included, in seconds or as `1m30s`. All requests of one query have twice that."),
        key(Json, Honoured, "queryTimeout", "as `timeout`", "Passed on as `timeout=`, at most nine tenths of `timeout`, so that the server's own reason still arrives."),
        key(Json, Honoured, "customQueryParameters", "none", "Added to every request, as `dedup=true&partial_response=false`."),
        key(Json, Honoured, "httpHeaderName*", "none", "Name of a custom header, numbered from 1, such as `X-Scope-OrgID`."),
        key(Secure, Honoured, "httpHeaderValue*", "none", "Its value. A custom `Authorization` goes before `bearerToken`, and that before basic auth."),
        key(Json, Honoured, "tlsSkipVerify", "false", "Accept any certificate."),
        key(Json, Honoured, "tlsAuthWithCACert", "false", "Trust `tlsCACert` and nothing else."),
        key(Secure, Honoured, "tlsCACert", "the machine's CAs", "CAs in PEM."),
        key(Json, Honoured, "tlsAuth", "false", "Show `tlsClientCert` to the server."),
        key(Secure, Honoured, "tlsClientCert", "none", "Client certificate and its chain in PEM."),
        key(Secure, Honoured, "tlsClientKey", "none", "Its private key in PEM, not encrypted."),

        key(Secure, Own, "bearerToken", "none", "Sent as `Authorization: Bearer`."),
        key(Json, Own, "profile", "auto", "Which metrics mean memory; `auto` takes what is there."),
        key(Json, Own, "growthBytesPerHour", "10485760", "Growth that makes a leak, bytes per hour."),
        key(Json, Own, "criticalGrowthBytesPerHour", "52428800", "Growth that is critical, bytes per hour."),
        key(Json, Own, "usageBytes", "524288000", "Usage worth a warning, bytes."),
        key(Json, Own, "criticalUsageBytes", "1048576000", "Usage that is critical, bytes."),
        key(Json, Own, "minEvidenceSecs", "1800", "Shortest history from which anything is concluded, seconds."),
        key(Json, Own, "gzip", "auto", "`on`, `off` or `auto`: compressed answers where they are small and come over a network. A server takes several times as long to compress raw samples as to send them."),
        key(Json, Own, "clusters", "none", "An object from a cluster's label value to the kubectl context of that cluster."),
        key(Json, Own, "runbooks", "our own pack", "A file or folder of runbooks, or the text of one itself (more than one line), or a list of these."),
        key(Json, Own, "runbookParameters", "none", "An object of values for placeholders that no label answers: `selector`, `container`, `port`, `secret`, `repository` and whatever else the runbooks name."),
        key(Json, Own, "userActivityMetric", "none", "A counter of what users do, summed over all its series, that memory is compared with."),
        key(Json, Own, "prometheusUid", "the only Prometheus data source, else the default one", "The `uid` of the Prometheus data source in Grafana that findings link to in Explore."),
        key(Json, Own, "rulerUrl", "as `url`", "Where alerts and their rules are read when the server has none itself: vmalert, or a ruler's path prefix. Asked with the credentials of `url`."),
        key(Json, Own, "alertmanagerUrl", "none", "The Alertmanager (API v2), with its path prefix, whose alerts, silences and inhibitions are shown. Credentials in it count as basic auth. Without any, those of `url` go to the same host and port, and none elsewhere."),
        key(Json, Own, "alertmanagerUser", "empty", "User of basic auth for `alertmanagerUrl`."),
        key(Secure, Own, "alertmanagerPassword", "empty", "Its password."),
        key(Secure, Own, "alertmanagerToken", "none", "Sent to `alertmanagerUrl` as `Authorization: Bearer`."),
        key(Json, Own, "logsLink", "none", "Link template to a suspect's logs; see below."),
        key(Json, Own, "profilesLink", "none", "Link template to a suspect's profiles."),
        key(Json, Own, "changesLink", "none", "Link template to the changes of its repository, such as `https://git.example/${repository}/commits?since=${since}`."),
        key(Json, Own, "exploreLink", "Explore, on this data source", "Link template to a suspect's series."),
        key(Json, Own, "ruleLink", "what Alertmanager names, else Grafana's list", "Link template to an alert's rule."),
        key(Json, Own, "silenceLink", "Grafana's form, filled in", "Link template to a form that silences an alert."),
        key(Json, Own, "recordedMetric", "none", "Name of recorded five-minute minima of memory metrics, `${metric}` for the metric's own name, such as `leaklens:${metric}:min5m`. Ranges of 12 hours and more are looked at through them first; see scale.md."),
        key(Json, Own, "maxSeries", "100000", "Most series read from one answer; what is left out is named in a notice."),
        key(Json, Own, "maxSamples", "20000000", "Most samples read from one answer; likewise."),
        key(Json, Own, "maxResponseBytes", "536870912", "Largest answer, bytes after decompression; of larger ones the series that came before are read."),
        key(Json, Own, "concurrency", "4", "Requests to the server at once, at most 64."),

        key(Json, Unsupported, "sigV4Auth", "false", "AWS request signing. Put a signing proxy before the server."),
        key(Json, Unsupported, "azureCredentials", "none", "Azure authentication. Put an authenticating proxy before the server, or use a custom header."),
        key(Json, Unsupported, "oauthPassThru", "false", "Passing the user's token on. The data source has its own credentials, so that alert rules work."),
        key(Json, Unsupported, "keepCookies", "none", "Passing the user's cookies on; likewise."),
        key(Json, Unsupported, "serverName", "none", "Another name in the server's certificate than in `url`. Use that name in `url`."),
        key(Json, Unsupported, "enableSecureSocksProxy", "false", "Grafana's SOCKS proxy."),

        key(Top, Harmless, "access", "proxy", "The backend always asks the server itself, as with `proxy`."),
        key(Top, Harmless, "withCredentials", "false", "Concerns requests by the browser, of which there are none."),
        key(Json, Harmless, "manageAlerts", "true", "Grafana's alerting pages."),
        key(Json, Harmless, "allowAsRecordingRulesTarget", "true", "Grafana's alerting pages."),
        key(Json, Harmless, "alertmanagerUid", "none", "Grafana's alerting pages."),
        key(Json, Harmless, "timeInterval", "15s", "The interval is read off the samples."),
        key(Json, Harmless, "prometheusType", "none", "The server is asked what it is."),
        key(Json, Harmless, "prometheusVersion", "none", "The server is asked what it is."),
        key(Json, Harmless, "cacheLevel", "Low", "Grafana's editor."),
        key(Json, Harmless, "incrementalQuerying", "false", "Grafana's own caching in the browser."),
        key(Json, Harmless, "incrementalQueryOverlapWindow", "10m", "Grafana's own caching in the browser."),
        key(Json, Harmless, "disableRecordingRules", "false", "Grafana's editor."),
        key(Json, Harmless, "disableMetricsLookup", "false", "Grafana's editor."),
        key(Json, Harmless, "defaultEditor", "builder", "Grafana's editor."),
        key(Json, Harmless, "codeModeMetricNamesSuggestionLimit", "20000", "Grafana's editor."),
        key(Json, Harmless, "seriesEndpoint", "false", "Grafana's editor."),
        key(Json, Harmless, "seriesLimit", "40000", "Grafana's editor."),
        key(Json, Harmless, "maxSamplesProcessedWarningThreshold", "none", "Grafana's query inspector."),
        key(Json, Harmless, "maxSamplesProcessedErrorThreshold", "none", "Grafana's query inspector; see `maxSamples`."),
        key(Json, Harmless, "exemplarTraceIdDestinations", "none", "Exemplars are not read."),
        key(Json, Harmless, "directUrl", "none", "Links to the server's own page in Grafana's editor."),
    ]
};

/// The unsupported keys that are set.
pub(super) fn unsupported_in(json: &Map<String, Value>) -> Vec<String> {
    let off = |value: &Value| match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::String(text) => text.is_empty() || text == "false",
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Number(_) => false,
    };
    let set = |name: &str| json.get(name).is_some_and(|value| !off(value));
    let keys = KEYS.iter().filter(|key| key.standing == Standing::Unsupported && set(key.name));
    keys.map(|key| key.name.to_owned()).collect()
}
