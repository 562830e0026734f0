//! The key table, the reader and docs/settings.md say the same.
#![allow(clippy::unwrap_used)] // helpers of tests may panic as tests do

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use backend::settings::keys::{KEYS, Key, Place, Standing};
use backend::settings::{Secret, Settings, SettingsError, Source};
use model::thresholds::Thresholds;
use serde_json::{Value, json};

fn read(url: &str, json_data: &Value, secure: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let secure: BTreeMap<String, Secret> =
        secure.iter().map(|(key, text)| ((*key).to_owned(), Secret::new(*text))).collect();
    Settings::read(Source {
        url,
        basic_auth_enabled: false,
        basic_auth_user: "",
        json_data,
        secure_json_data: &secure,
    })
}

fn json_keys(standings: &[Standing]) -> Vec<String> {
    let keys = KEYS.iter().filter(|key| key.place == Place::Json && standings.contains(&key.standing));
    keys.map(|key| key.name.replace('*', "1")).collect()
}

#[test]
fn everything_is_optional() {
    for json_data in [Value::Null, json!({}), json!({ "timeout": null, "profile": "", "tlsAuth": false })] {
        assert_eq!(read("", &json_data, &[]).unwrap(), Settings::default());
    }
}

#[test]
fn a_malformed_value_is_an_error_that_names_its_key() {
    for key in json_keys(&[Standing::Honoured, Standing::Own]) {
        // No key means an object of numbers.
        let error = read("http://x", &json!({ key.clone(): { "planted": 1 } }), &[]).unwrap_err();
        assert_eq!(error.key, key);
        assert!(!error.to_string().contains("planted"), "{error}");
    }
    let wrong = [
        ("timeout", json!(0)),
        ("timeout", json!("soon")),
        ("httpMethod", json!("DELETE")),
        ("gzip", json!("sometimes")),
        ("maxSeries", json!(0)),
        ("maxSamples", json!(1.5)),
        ("concurrency", json!(-1)),
        ("growthBytesPerHour", json!("1e999")),
        ("growthBytesPerHour", json!(-1)),
        ("logsLink", json!("javascript:alert(1)")),
        ("logsLink", json!("//elsewhere.example/x")),
        ("tlsAuth", json!("yes")),
        ("runbooks", json!(["a", 1])),
    ];
    for (key, value) in wrong {
        let json_data = json!({ key: value });
        assert_eq!(read("http://x", &json_data, &[]).unwrap_err().key, key, "{json_data}");
    }
    assert_eq!(read("http://x", &json!([]), &[]).unwrap_err().key, "jsonData");
}

#[test]
fn what_belongs_together_must_be_there() {
    let missing = |json_data: Value| read("http://x", &json_data, &[]).unwrap_err().key;
    assert_eq!(missing(json!({ "tlsAuthWithCACert": true })), "tlsCACert");
    assert_eq!(missing(json!({ "tlsAuth": true })), "tlsClientCert");
    assert_eq!(missing(json!({ "httpHeaderName1": "X-Scope-OrgID" })), "httpHeaderValue1");
}

#[test]
fn urls() {
    for wrong in [
        "prometheus:9090",
        "localhost",
        "ftp://x",
        "file:///etc/passwd",
        "http://",
        "http://x/?a=b",
        "http://x/#a",
    ] {
        assert_eq!(read(wrong, &Value::Null, &[]).unwrap_err().key, "url", "{wrong}");
    }
    let settings = read(" http://me:p%40ss@x:9090/prom ", &Value::Null, &[]).unwrap();
    assert_eq!(settings.url.unwrap().as_str(), "http://x:9090/prom");
    let basic = settings.basic_auth.unwrap();
    assert_eq!((basic.user.as_str(), basic.password.reveal()), ("me", "p@ss"));
}

#[test]
fn values_from_the_environment_are_texts() {
    let json_data = json!({
        "timeout": "1m30s", "maxSeries": "5", "tlsSkipVerify": "true", "httpMethod": "get", "minEvidenceSecs": "60",
        "clusters": { "eu": "prod-eu" }, "runbooks": "/etc/leaklens/runbooks", "customQueryParameters": "?dedup=true",
    });
    let settings = read("http://x", &json_data, &[]).unwrap();
    assert_eq!((settings.timeout_secs, settings.query_timeout_secs, settings.max_series), (90.0, 90.0, 5));
    assert!(settings.tls.skip_verify);
    assert_eq!(settings.thresholds, Thresholds { min_evidence_secs: 60.0, ..Thresholds::default() });
    assert_eq!(settings.clusters["eu"], "prod-eu");
    assert_eq!(settings.runbooks, ["/etc/leaklens/runbooks"]);
    assert_eq!(settings.query_params, [("dedup".to_owned(), "true".to_owned())]);
}

#[test]
fn harmless_keys_do_no_harm_and_unsupported_ones_are_named() {
    let all = |standing| {
        let pairs = json_keys(&[standing]).into_iter().map(|key| (key, json!({ "anything": 1 })));
        Value::Object(pairs.collect())
    };
    assert_eq!(read("", &all(Standing::Harmless), &[]).unwrap(), Settings::default());
    let unsupported = json_keys(&[Standing::Unsupported]);
    assert!(unsupported.contains(&"sigV4Auth".to_owned()));
    assert_eq!(read("", &all(Standing::Unsupported), &[]).unwrap().unsupported, unsupported);
    let off = json!({ "sigV4Auth": false, "oauthPassThru": "false", "keepCookies": [], "azureCredentials": {}, "serverName": "" });
    assert!(read("", &off, &[]).unwrap().unsupported.is_empty());
}

#[test]
fn the_table_has_every_threshold_and_the_true_defaults() {
    let default_of = |name: &str| KEYS.iter().find(|key| key.name == name).map(|key| key.default);
    let thresholds = serde_json::to_value(Thresholds::default()).unwrap();
    for (key, value) in thresholds.as_object().unwrap() {
        assert_eq!(default_of(key), Some(value.as_f64().unwrap().to_string().as_str()), "{key}");
    }
    let defaults = Settings::default();
    assert_eq!(default_of("timeout"), Some(defaults.timeout_secs.to_string().as_str()));
    assert_eq!(default_of("maxSeries"), Some(defaults.max_series.to_string().as_str()));
    assert_eq!(default_of("maxSamples"), Some(defaults.max_samples.to_string().as_str()));
    assert_eq!(default_of("maxResponseBytes"), Some(defaults.max_response_bytes.to_string().as_str()));
    assert_eq!(default_of("concurrency"), Some(defaults.concurrency.to_string().as_str()));
    assert_eq!(default_of("profile"), Some(defaults.profile.as_str()));
}

fn row(key: &Key) -> String {
    let place = match key.place {
        Place::Top => "",
        Place::Json => "jsonData",
        Place::Secure => "secureJsonData",
    };
    format!("| `{}` | {place} | {} | {} |\n", key.name, key.default, key.meaning)
}

/// `UPDATE_DOCS=1 cargo test -p backend --test settings` writes the tables anew.
#[test]
fn the_document_has_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/settings.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let mut updated = document.clone();
    for (standing, title) in [
        (Standing::Honoured, "honoured"),
        (Standing::Own, "own"),
        (Standing::Unsupported, "unsupported"),
        (Standing::Harmless, "harmless"),
    ] {
        let mut table = String::from("\n| Key | in | Default | |\n|---|---|---|---|\n");
        for key in KEYS.iter().filter(|key| key.standing == standing) {
            write!(table, "{}", row(key)).unwrap();
        }
        let (start, end) = (format!("<!-- {title} keys -->\n"), format!("\n<!-- end of {title} keys -->"));
        let (before, rest) = updated.split_once(&start).unwrap();
        let (_, after) = rest.split_once(&end).unwrap();
        updated = format!("{before}{start}{table}{end}{after}");
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &updated).unwrap();
    } else {
        assert_eq!(document, updated, "docs/settings.md is not what settings/keys.rs says");
    }
}

fn document(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

/// What Grafana makes of a provisioned text, as far as that matters here: a dollar that is meant is written twice.
fn filled(value: &Value) -> Value {
    match value {
        Value::String(text) if text.starts_with('$') && !text.starts_with("$$") => json!("http://filled.in"),
        Value::String(text) => json!(text.replace("$$", "$")),
        Value::Array(list) => list.iter().map(filled).collect(),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, value)| (key.clone(), filled(value))).collect())
        }
        other => other.clone(),
    }
}

/// Every provisioning file that is shown or shipped.
fn examples() -> Vec<Value> {
    let fenced = ["docs/configure.md", "docs/settings.md", "docs/runbooks.md"].map(document);
    let fenced = fenced.iter().flat_map(|page| page.split("```yaml\n").skip(1));
    let mut texts: Vec<String> =
        fenced.map(|rest| rest.split("\n```").next().unwrap_or_default().to_owned()).collect();
    texts.push(document("provisioning/datasources/leaklens.yaml"));
    texts
        .iter()
        .flat_map(|text| {
            let yaml: Value = serde_yaml_ng::from_str(text).unwrap();
            yaml["datasources"].as_array().cloned().unwrap_or_else(|| vec![yaml])
        })
        .collect()
}

#[test]
fn every_example_is_read_and_says_nothing_in_vain() {
    let examples = examples();
    assert!(examples.len() >= 6, "{}", examples.len());
    let empty = Value::Object(serde_json::Map::new());
    for example in &examples {
        let part = |key: &str| example.get(key).unwrap_or(&empty).as_object().unwrap().clone();
        let (json_data, secure) = (part("jsonData"), part("secureJsonData"));
        for (place, map) in [(Place::Json, &json_data), (Place::Secure, &secure)] {
            for name in map.keys() {
                let known = |key: &&Key| key.place == place && key.name.replace('*', "1") == *name;
                let key = KEYS.iter().find(known).unwrap_or_else(|| panic!("{name} is no key: {example}"));
                assert!(matches!(key.standing, Standing::Honoured | Standing::Own), "{name} does nothing");
            }
        }
        let secure: Vec<_> =
            secure.iter().map(|(key, value)| (key.as_str(), value.as_str().unwrap())).collect();
        let url = example["url"].as_str().filter(|url| !url.starts_with('$')).unwrap_or("http://x");
        read(url, &filled(&Value::Object(json_data)), &secure).unwrap();
    }
}

/// The texts between single quotes, in order.
fn quoted(script: &str) -> Vec<&str> {
    script
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split('\'').skip(1).step_by(2))
        .collect()
}

#[test]
fn every_field_of_the_form_is_described_and_every_key_has_its_place() {
    let page = document("docs/configure.md");
    let form = document("frontend/shim/datasource/config_editor.js");
    let texts = quoted(&form);
    let mut fields = 0;
    for pair in texts.windows(2) {
        let [key, label] = pair else { continue };
        let starts_a_line = KEYS.iter().any(|known| known.name == *key);
        if starts_a_line && label.starts_with(|first: char| first.is_uppercase()) {
            assert!(
                page.contains(&format!("| {label} | `{key}` |")),
                "docs/configure.md lacks {label} ({key})"
            );
            fields += 1;
        }
    }
    assert!(fields > 25, "{fields} fields");
    for key in KEYS.iter().filter(|key| matches!(key.standing, Standing::Honoured | Standing::Own)) {
        let name = format!("`{}`", key.name.replace('*', "1"));
        assert!(page.contains(&name), "docs/configure.md does not say when to set {name}");
    }
}
