#![doc = include_str!("README.md")]

pub mod striped;
mod wait_group;

pub use wait_group::{Action, Counter, Goroutine, Main, State};
