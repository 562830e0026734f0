//! What dashboards are made of, in a form that Grafana 9.4 and all later versions read.

use serde_json::{Map, Value, json};

/// The oldest schema in use: later versions of Grafana bring it to theirs.
const SCHEMA_VERSION: u32 = 37;
/// Columns of Grafana's grid.
const GRID_COLUMNS: u32 = 24;

/// A kind of data source, and the variable that chooses one.
pub(super) struct Source {
    pub(super) variable: &'static str,
    pub(super) label: &'static str,
    pub(super) kind: &'static str,
}

/// Our own.
pub(super) const LEAKLENS: Source =
    Source { variable: "source", label: "Data source", kind: "leaklens-datasource" };
/// What PromQL is asked of.
pub(super) const PROMETHEUS: Source =
    Source { variable: "prometheus", label: "Prometheus", kind: "prometheus" };

impl Source {
    /// What a panel and its queries name it by.
    pub(super) fn reference(&self) -> Value {
        json!({ "type": self.kind, "uid": format!("${{{}}}", self.variable) })
    }

    /// The variable.
    pub(super) fn choice(&self) -> Value {
        json!({
            "type": "datasource", "name": self.variable, "label": self.label, "query": self.kind, "regex": "",
            "hide": 0, "multi": false, "includeAll": false, "skipUrlSync": false, "refresh": 1, "options": [],
            "current": { "text": "", "value": "" },
        })
    }

    /// A variable with what the server lists: several can be chosen, or all, for which `all` stands in queries.
    pub(super) fn list(&self, name: &str, label: &str, query: &Value, all: &str) -> Value {
        json!({
            "type": "query", "name": name, "label": label, "datasource": self.reference(), "query": query,
            "refresh": 2, "regex": "", "sort": 1, "multi": true, "includeAll": true, "allValue": all,
            "hide": 0, "skipUrlSync": false, "options": [], "current": { "text": ["All"], "value": ["$__all"] },
        })
    }
}

/// A variable that links set and people may type.
pub(super) fn text(name: &str, label: &str, shown: bool) -> Value {
    let empty = json!({ "text": "", "value": "" });
    json!({
        "type": "textbox", "name": name, "label": label, "query": "", "current": empty,
        "options": [{ "selected": true, "text": "", "value": "" }],
        "hide": if shown { 0 } else { 2 }, "skipUrlSync": false,
    })
}

/// A dashboard as a whole.
pub(super) struct Board {
    pub(super) uid: &'static str,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) from: &'static str,
    pub(super) refresh: &'static str,
    /// Whether one panel's crosshair shows in all of them.
    pub(super) shared_crosshair: bool,
    pub(super) variables: Vec<Value>,
    pub(super) panels: Vec<Panel>,
}

impl Board {
    /// Lays the panels out in the order they come in, as a line of text is laid out.
    pub(super) fn render(self) -> Value {
        let (mut x, mut y, mut row_height) = (0, 0, 0);
        let panels = self.panels.into_iter().zip(1..).map(|(panel, id)| {
            let (width, height) = panel.size;
            if x + width > GRID_COLUMNS {
                (x, y) = (0, y + row_height);
                row_height = 0;
            }
            let place = json!({ "x": x, "y": y, "w": width, "h": height });
            x += width;
            row_height = row_height.max(height);
            panel.render(id, &place)
        });
        let panels: Vec<_> = panels.collect();
        json!({
            "uid": self.uid, "title": self.title, "description": self.description,
            "tags": ["leaklens", "memory"], "editable": true, "graphTooltip": u8::from(self.shared_crosshair),
            "schemaVersion": SCHEMA_VERSION, "version": 1, "refresh": self.refresh,
            "time": { "from": self.from, "to": "now" }, "timezone": "browser", "timepicker": {},
            // Each of the three leads to the others. Variables of one are not those of another: the leak view's say
            // what an alert is about.
            "links": [{
                "type": "dashboards", "title": "Memory leaks", "tags": ["leaklens"], "asDropdown": true,
                "icon": "external link", "includeVars": false, "keepTime": true, "targetBlank": false,
                "tooltip": "", "url": "",
            }],
            "annotations": { "list": [] }, "templating": { "list": self.variables }, "panels": panels,
        })
    }
}

/// A panel; its number and its place come from where it stands.
pub(super) struct Panel {
    pub(super) kind: &'static str,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    /// Columns and rows of Grafana's grid.
    pub(super) size: (u32, u32),
    pub(super) source: &'static Source,
    pub(super) queries: Vec<Value>,
    /// What becomes of the answer before it is drawn.
    pub(super) transformations: Vec<Value>,
    /// How every field looks.
    pub(super) defaults: Value,
    /// How single fields differ from that.
    pub(super) overrides: Vec<Value>,
    pub(super) options: Value,
}

impl Panel {
    fn render(self, id: u32, place: &Value) -> Value {
        let queries = self.queries.into_iter().zip('A'..).map(|(query, letter)| {
            merged(json!({ "refId": letter, "datasource": self.source.reference() }), query)
        });
        let mut panel = json!({
            "id": id, "type": self.kind, "title": self.title, "description": self.description, "gridPos": place,
            "datasource": self.source.reference(), "targets": queries.collect::<Vec<_>>(),
            "fieldConfig": { "defaults": self.defaults, "overrides": self.overrides }, "options": self.options,
        });
        if !self.transformations.is_empty() {
            panel["transformations"] = self.transformations.into();
        }
        if self.kind == "timeseries" {
            // Counters want two scrapes in a step.
            panel["interval"] = "2m".into();
        }
        panel
    }
}

/// A field that differs from the others.
pub(super) fn field(name: &str, properties: &Value) -> Value {
    let properties = properties.as_object().into_iter().flatten();
    let properties: Vec<_> = properties.map(|(id, value)| json!({ "id": id, "value": value })).collect();
    json!({ "matcher": { "id": "byName", "options": name }, "properties": properties })
}

/// Colours by value: the first from the bottom up, each further one from its value on.
pub(super) fn thresholds(first: &str, others: &[(&str, f64)]) -> Value {
    let others = others.iter().map(|(color, value)| json!({ "color": color, "value": value }));
    let steps: Vec<_> = std::iter::once(json!({ "color": first, "value": null })).chain(others).collect();
    json!({ "mode": "absolute", "steps": steps })
}

/// Both objects in one; the second has the last word.
pub(super) fn merged(first: Value, second: Value) -> Value {
    let fields = |value: Value| match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    let mut all = fields(first);
    all.extend(fields(second));
    Value::Object(all)
}
