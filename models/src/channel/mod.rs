//! Channels. The problem, the picture and the mapping from model to code are in
//! `impls/src/channel/README.md`.

pub mod blocking_queue;
#[expect(clippy::module_inception, reason = "each target has a module of its name")]
pub mod channel;
pub mod fifo;
pub mod rendezvous;
