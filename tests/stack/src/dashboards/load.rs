//! Memory beside what may move with it, on one time axis.

use serde_json::{Value, json};

use super::parts::{Board, PROMETHEUS, Panel};

/// A pod's series, a process' or container's, and those that Kubernetes tells.
const POD: &str = r#"namespace=~"$namespace", pod=~"$pod""#;
const CONTAINER: &str = r#"namespace=~"$namespace", pod=~"$pod", container=~"$container""#;

/// PromQL with `@pod` and `@container` for the matchers of what is chosen, and its legend.
fn query(expr: &str, legend: &str) -> Value {
    let expr = expr.replace("@pod", POD).replace("@container", CONTAINER);
    json!({ "expr": expr, "legendFormat": legend, "range": true, "editorMode": "code" })
}

fn rate(by: &str, metric: &str, matchers: &str) -> String {
    format!("sum by ({by}) (rate({metric}{{{matchers}}}[$__rate_interval]))")
}

/// A graph of half the width.
fn graph(title: &'static str, description: &'static str, unit: &str, queries: Vec<Value>) -> Panel {
    Panel {
        kind: "timeseries",
        title,
        description,
        size: (12, 8),
        source: &PROMETHEUS,
        queries,
        transformations: vec![],
        defaults: json!({
            "unit": unit,
            "min": 0,
            "color": { "mode": "palette-classic" },
            "custom": {
                "drawStyle": "line", "lineWidth": 1, "fillOpacity": 0, "showPoints": "never", "spanNulls": false,
            },
        }),
        overrides: vec![],
        options: json!({
            "legend": { "displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": [] },
            "tooltip": { "mode": "multi", "sort": "desc" },
        }),
    }
}

pub(super) fn board() -> Value {
    let list = |name: &str, label: &str, matchers: &str| {
        let query = format!("label_values(django_memory_usage_bytes{matchers}, {name})");
        PROMETHEUS.list(name, label, &json!({ "query": query, "refId": name }), ".*")
    };
    Board {
        uid: "leaklens-correlations",
        title: "Memory and load",
        description: "Memory beside requests, database, errors, CPU and the collector, on one time axis.",
        from: "now-6h",
        refresh: "1m",
        shared_crosshair: true,
        variables: vec![
            PROMETHEUS.choice(),
            list("namespace", "Namespace", ""),
            list("pod", "Pod", r#"{namespace=~"$namespace"}"#),
            list("container", "Container", &format!("{{{POD}}}")),
        ],
        panels: panels(),
    }
    .render()
}

fn panels() -> Vec<Panel> {
    let pod = "{{namespace}}/{{pod}}";
    let container = "{{namespace}}/{{pod}}/{{container}}";
    let memory = graph(
        "Memory",
        "The process as its busiest view saw it, and what Kubernetes counts.",
        "bytes",
        vec![
            query("max by (namespace, pod, container) (django_memory_usage_bytes{@container})", container),
            query(
                "max by (namespace, pod, container) (container_memory_working_set_bytes{@container})",
                &format!("{container} working set"),
            ),
        ],
    );
    let requests = [
        rate("namespace, pod", "django_http_requests_before_middlewares_total", "@pod"),
        rate("namespace, pod", "django_allocation_bytes_count", "@pod"),
    ];
    let cpu = [
        rate("namespace, pod", "container_cpu_usage_seconds_total", "@container"),
        rate("namespace, pod", "process_cpu_seconds_total", "@pod"),
    ];
    let errors =
        rate("namespace, pod", "django_http_responses_total_by_status_total", r#"@pod, status=~"5..""#);
    let mut left_behind = graph(
        "What requests leave behind",
        "Bytes a second by which requests raised resident memory, by view.",
        "Bps",
        vec![query(
            &rate("namespace, pod, view_name", "django_allocation_bytes_sum", "@pod"),
            &format!("{pod} {{{{view_name}}}}"),
        )],
    );
    // Some give back more than they take.
    if let Some(look) = left_behind.defaults.as_object_mut() {
        look.remove("min");
    }
    let mut restarts = graph(
        "Restarts",
        "Container restarts so far; a step is a restart.",
        "none",
        vec![query(
            "max by (namespace, pod, container) (kube_pod_container_status_restarts_total{@container})",
            container,
        )],
    );
    restarts.defaults["decimals"] = 0.into();
    vec![
        Panel { size: (24, 9), ..memory },
        graph(
            "Requests",
            "Requests a second: django-prometheus' count, or else those whose allocation was measured.",
            "reqps",
            vec![query(&requests.join(" or "), pod)],
        ),
        graph(
            "Errors",
            "Answers with a status of 500 and above, a second.",
            "reqps",
            vec![query(&errors, pod)],
        ),
        graph(
            "Database queries",
            "Queries a second, all databases together.",
            "ops",
            vec![query(&rate("namespace, pod", "django_db_execute_total", "@pod"), pod)],
        ),
        graph(
            "CPU",
            "Share of one core: the container's, or else the process'.",
            "percentunit",
            vec![query(&cpu.join(" or "), pod)],
        ),
        graph(
            "Live objects",
            "Objects the collector tracks, by type. A gauge, whatever its name says.",
            "short",
            vec![query(
                "max by (namespace, pod, container, object_type) (django_python_objects_total{@container})",
                &format!("{pod} {{{{object_type}}}}"),
            )],
        ),
        graph(
            "Garbage collections",
            "A second, by generation; 2 is the full one.",
            "ops",
            vec![query(
                &rate("namespace, pod, generation", "django_gc_collections_total", "@container"),
                &format!("{pod} {{{{generation}}}}"),
            )],
        ),
        left_behind,
        restarts,
    ]
}
