#![doc = include_str!("README.md")]

mod config;
mod core;
mod durable;
mod entries;
mod ids;
mod log;
mod message;
mod node;
pub mod quorum;
mod server;
mod step;
#[cfg(test)]
mod tests;

pub use config::{Config, Members};
pub use durable::{Durable, HardState, Record};
pub use entries::Entries;
pub use ids::{LogIndex, Term};
pub use log::{Comparison, Entry, Log, Payload};
pub use message::{
    AppendEntries, AppendEntriesResponse, AppendResult, Conflict, Message, Request, RequestVote,
    RequestVoteResponse, Timer,
};
pub use node::Node;
pub use server::{Peer, Role, Server};
pub use step::{Ignored, Received, Step};
