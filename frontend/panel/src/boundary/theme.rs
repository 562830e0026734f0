//! Grafana's theme as custom properties on our own root.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Colours the panel uses: key in the snapshot, custom property, Grafana's dark and light value.
const COLORS: [(&str, &str, &str, &str); 28] = [
    ("backgroundPrimary", "bg", "#181b1f", "#ffffff"),
    ("backgroundSecondary", "bg-raised", "#22252b", "#f4f5f5"),
    ("backgroundCanvas", "bg-canvas", "#111217", "#f4f5f5"),
    ("borderWeak", "border-weak", "rgba(204, 204, 220, 0.12)", "rgba(36, 41, 46, 0.12)"),
    ("borderMedium", "border", "rgba(204, 204, 220, 0.2)", "rgba(36, 41, 46, 0.3)"),
    ("borderStrong", "border-strong", "rgba(204, 204, 220, 0.3)", "rgba(36, 41, 46, 0.4)"),
    ("textPrimary", "text", "rgb(204, 204, 220)", "rgba(36, 41, 46, 1)"),
    ("textSecondary", "text-weak", "rgba(204, 204, 220, 0.65)", "rgba(36, 41, 46, 0.75)"),
    ("textDisabled", "text-disabled", "rgba(204, 204, 220, 0.6)", "rgba(36, 41, 46, 0.64)"),
    ("textLink", "link", "#6e9fff", "#1f62e0"),
    ("textMaxContrast", "text-strong", "#ffffff", "#000000"),
    ("primaryMain", "primary", "#3d71d9", "#3871dc"),
    ("primaryText", "primary-text", "#6e9fff", "#1f62e0"),
    ("primaryContrastText", "on-primary", "#ffffff", "#ffffff"),
    ("errorMain", "error", "#d10e5c", "#e0226e"),
    ("errorText", "error-text", "#ff5286", "#cf0e5b"),
    ("warningMain", "warning", "#ff9900", "#ff9900"),
    ("warningText", "warning-text", "#fbad37", "#8a4b00"),
    ("successMain", "success", "#1a7f4b", "#1b855e"),
    ("successText", "success-text", "#6ccf8e", "#0a764e"),
    ("infoText", "info-text", "#6e9fff", "#1f62e0"),
    ("chartSamples", "chart-samples", "rgba(138, 159, 196, 0.75)", "rgba(90, 108, 140, 0.7)"),
    ("chartFloor", "chart-floor", "#5794f2", "#1f60c4"),
    ("chartTrend", "chart-trend", "#ff9830", "#b85c00"),
    ("chartLimit", "chart-limit", "#ff5286", "#cf0e5b"),
    ("chartRequest", "chart-request", "#b877d9", "#7c2ea3"),
    ("chartMark", "chart-mark", "#ccccdc", "#3f464d"),
    ("actionHover", "hover", "rgba(204, 204, 220, 0.16)", "rgba(36, 41, 46, 0.12)"),
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
        theme.colors.insert("backgroundPrimary".to_owned(), "#fafafa".to_owned());
        theme.colors.insert("textLink".to_owned(), "red; position: fixed".to_owned());
        assert_eq!(theme.color("bg"), "#fafafa");
        assert!(theme.style().contains("--leaklens-bg:#fafafa;"));
        assert!(!theme.style().contains("fixed"));
    }
}
