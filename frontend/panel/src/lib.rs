//! The Leaklens panel.
