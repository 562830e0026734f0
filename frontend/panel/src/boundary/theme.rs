//! Grafana's theme as custom properties on our own root.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Colours the panel uses: key in the snapshot (which for the chart's own is never there), custom property, Grafana's dark and light value.
const COLORS: [(&str, &str, &str, &str); 29] = [
    ("background.primary", "bg", "#181b1f", "#ffffff"),
    ("background.secondary", "bg-raised", "#22252b", "#f4f5f5"),
    ("background.canvas", "bg-canvas", "#111217", "#f4f5f5"),
    ("border.weak", "border-weak", "rgba(204, 204, 220, 0.12)", "rgba(36, 41, 46, 0.12)"),
    ("border.medium", "border", "rgba(204, 204, 220, 0.2)", "rgba(36, 41, 46, 0.3)"),
    ("border.strong", "border-strong", "rgba(204, 204, 220, 0.3)", "rgba(36, 41, 46, 0.4)"),
    ("text.primary", "text", "rgb(204, 204, 220)", "rgba(36, 41, 46, 1)"),
    ("text.secondary", "text-weak", "rgba(204, 204, 220, 0.65)", "rgba(36, 41, 46, 0.75)"),
    ("text.disabled", "text-disabled", "rgba(204, 204, 220, 0.6)", "rgba(36, 41, 46, 0.64)"),
    ("text.link", "link", "#6e9fff", "#1f62e0"),
    ("text.maxContrast", "text-strong", "#ffffff", "#000000"),
    ("primary.main", "primary", "#3d71d9", "#3871dc"),
    ("primary.text", "primary-text", "#6e9fff", "#1f62e0"),
    ("primary.contrastText", "on-primary", "#ffffff", "#ffffff"),
    ("error.main", "error", "#d10e5c", "#e0226e"),
    ("error.text", "error-text", "#ff5286", "#cf0e5b"),
    ("warning.main", "warning", "#ff9900", "#ff9900"),
    ("warning.text", "warning-text", "#fbad37", "#8a4b00"),
    ("success.main", "success", "#1a7f4b", "#1b855e"),
    ("success.text", "success-text", "#6ccf8e", "#0a764e"),
    ("info.text", "info-text", "#6e9fff", "#1f62e0"),
    ("chartSamples", "chart-samples", "rgba(138, 159, 196, 0.75)", "rgba(90, 108, 140, 0.7)"),
    ("chartSiblings", "chart-siblings", "rgba(138, 159, 196, 0.35)", "rgba(90, 108, 140, 0.35)"),
    ("chartFloor", "chart-floor", "#5794f2", "#1f60c4"),
    ("chartTrend", "chart-trend", "#ff9830", "#b85c00"),
    ("chartLimit", "chart-limit", "#ff5286", "#cf0e5b"),
    ("chartRequest", "chart-request", "#b877d9", "#7c2ea3"),
    ("chartMark", "chart-mark", "#ccccdc", "#3f464d"),
    ("action.hover", "hover", "rgba(204, 204, 220, 0.16)", "rgba(36, 41, 46, 0.12)"),
];

/// Colours and fonts of the host.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Theme {
    /// Whether text is light on dark.
    pub is_dark: bool,
    /// CSS colours by Grafana's names, see README.md.
    pub colors: BTreeMap<String, String>,
    /// Font of text.
    pub font_family: String,
    /// Font of commands.
    pub font_family_monospace: String,
    /// Size of text, CSS pixels.
    pub font_size_px: f64,
    /// Radius of corners, CSS pixels.
    pub radius_px: f64,
}

impl Default for Theme {
    fn default() -> Self {
        Self {
            is_dark: true,
            colors: BTreeMap::new(),
            font_family: "Inter, Helvetica, Arial, sans-serif".to_owned(),
            font_family_monospace: "'Roboto Mono', monospace".to_owned(),
            font_size_px: 14.0,
            radius_px: 2.0,
        }
    }
}

impl Theme {
    /// The colour of that custom property.
    pub fn color(&self, property: &str) -> &str {
        let Some((key, _, dark, light)) = COLORS.iter().find(|(_, name, ..)| *name == property) else {
            return "currentColor";
        };
        let given = self.colors.get(*key).map(String::as_str).filter(|color| is_value(color));
        given.unwrap_or(if self.is_dark { dark } else { light })
    }

    /// The declarations of all custom properties, for a `style` attribute.
    pub fn style(&self) -> String {
        let colors = COLORS.iter().map(|(_, property, ..)| (*property, self.color(property).to_owned()));
        let fonts = [("font", self.font_family.clone()), ("mono", self.font_family_monospace.clone())];
        let sizes = [("size", self.font_size_px), ("radius", self.radius_px)];
        let sizes = sizes.map(|(property, pixels)| (property, format!("{pixels}px")));
        let declarations = colors.chain(fonts.into_iter().filter(|(_, font)| is_value(font))).chain(sizes);
        let mut style = if self.is_dark { "color-scheme:dark;" } else { "color-scheme:light;" }.to_owned();
        for (property, value) in declarations {
            for piece in ["--leaklens-", property, ":", &value, ";"] {
                style.push_str(piece);
            }
        }
        style
    }
}

/// Whether a text can stand as the value of one declaration without ending it.
fn is_value(text: &str) -> bool {
    !text.is_empty() && !text.contains([';', '{', '}', '<', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_colour_wins_and_a_declaration_cannot_be_smuggled_in() {
        let mut theme = Theme { is_dark: false, ..Theme::default() };
        assert_eq!(theme.color("bg"), "#ffffff");
        theme.colors.insert("background.primary".to_owned(), "#fafafa".to_owned());
        theme.colors.insert("text.link".to_owned(), "red; position: fixed".to_owned());
        assert_eq!(theme.color("bg"), "#fafafa");
        assert!(theme.style().contains("--leaklens-bg:#fafafa;"));
        assert!(!theme.style().contains("fixed"));
    }
}
