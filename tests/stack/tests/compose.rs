//! docker-compose.yaml against the compose specification, and against the files it mounts.

use std::fs;

use compose_spec::{Compose, Options};
use serde_yaml_ng::Value;

fn text() -> String {
    fs::read_to_string(stack::root().join("docker-compose.yaml")).expect("docker-compose.yaml")
}

#[test]
fn it_follows_the_specification() {
    // Compose fills in variables before it reads the file.
    let filled = text().replace("${GRAFANA_VERSION:-", "").replace("12.4.0}", "12.4.0");
    assert!(!filled.contains("${"), "another variable needs a value here");
    let compose: Compose = Options::default().from_yaml_str(&filled).expect("the specification");
    compose.validate_all().expect("every network, volume, config and secret is declared");
    assert!(compose.services.len() >= 5);
}

#[test]
fn what_it_mounts_and_builds_from_is_there() {
    let compose: Value = serde_yaml_ng::from_str(&text()).expect("YAML");
    let mut seen = 0;
    for (name, service) in compose["services"].as_mapping().expect("services") {
        let volumes = service["volumes"].as_sequence().into_iter().flatten().filter_map(Value::as_str);
        let mounted =
            volumes.filter_map(|volume| volume.split(':').next()).filter(|path| path.starts_with("./"));
        let context = service["build"].as_str().or_else(|| service["build"]["dockerfile"].as_str());
        // dist is what `make build` makes.
        for path in mounted.chain(context).filter(|path| !path.starts_with("./dist")) {
            assert!(stack::root().join(path).exists(), "{name:?} needs {path}");
            seen += 1;
        }
    }
    assert!(seen >= 8, "{seen} paths");
}

#[test]
fn links_and_messages_lead_to_its_ports() {
    let compose = text();
    let rules = fs::read_to_string(stack::rules::directory().join(stack::rules::RENDERED)).expect("rules");
    assert!(compose.contains("127.0.0.1:3000:3000") && rules.contains("http://localhost:3000/d/leaklens/"));
    let path = stack::root().join("provisioning/alertmanager/alertmanager.yaml");
    let messages = fs::read_to_string(path).expect("Alertmanager's configuration");
    assert!(
        compose.contains("--listen 127.0.0.1:9099") && messages.contains("http://127.0.0.1:9099/webhook")
    );
}
