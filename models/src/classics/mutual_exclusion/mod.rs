#![doc = include_str!("README.md")]

pub mod abstract_lock;
pub mod bakery;
pub mod dijkstra;
pub mod lamport;
pub mod readers_writers;
