#![doc = include_str!("README.md")]

mod acceptor;
mod ballot;
mod durable;
mod learner;
mod members;
mod message;
mod node;
mod proposer;
mod step;
#[cfg(test)]
mod tests;

pub use acceptor::Acceptor;
pub use ballot::{Ballot, Vote};
pub use durable::{Durable, Record};
pub use learner::Learner;
pub use members::Members;
pub use message::{Chosen, Message, Propose, Timer};
pub use node::Node;
pub use proposer::{Phase, Proposer, value_to_propose};
pub use step::{Ignored, Step};
