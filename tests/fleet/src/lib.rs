//! A seeded fleet of pods with a day of history.
