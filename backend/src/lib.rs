//! The Leaklens data source.
