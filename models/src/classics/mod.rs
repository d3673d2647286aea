#![doc = include_str!("README.md")]

pub mod two_phase_commit;
