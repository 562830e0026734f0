//! What the workbench knows of Grafana's plugins, for other programs that start one.

pub mod frame_json;
pub mod plugin;
