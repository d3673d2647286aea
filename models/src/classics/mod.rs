#![doc = include_str!("README.md")]

pub mod mutual_exclusion;
pub mod peterson;
pub mod termination_detection;
pub mod two_phase_commit;
