//! What holds for the project as a whole: the architecture's invariants and the frame contract.

pub mod contract;
pub mod invariants;
pub mod repository;
pub mod source;
