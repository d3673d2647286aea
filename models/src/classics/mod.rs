#![doc = include_str!("README.md")]

pub mod peterson;
pub mod two_phase_commit;
