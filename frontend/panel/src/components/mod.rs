//! What is on the page.

pub mod alert_strip;
pub mod app;
pub mod chart;
pub mod command;
pub mod copy;
pub mod evidence;
pub mod header;
pub mod history;
pub mod judging;
pub mod links;
pub mod mark;
pub mod pack;
pub mod progress;
pub mod root;
pub mod runbook;
pub mod size;
pub mod sparkline;
pub mod states;
pub mod suspects;
pub mod tabs;
pub mod text;
pub mod ui;
