//! The sampled evidence: proptest picks what happens, and the implementation and its model take
//! each step together.
//!
//! A schedule is a list of [`Choice`]s, each of which picks one of the actions that are possible
//! when its turn comes: which message arrives, arrives twice or is lost, which write becomes
//! durable, which timer fires, who crashes. On every step the label that the implementation
//! recorded is taken on the model, and the model must end in the image of the implementation's
//! state. A schedule that fails shrinks to a short one. The seed decides everything.

mod run;
mod walk;

pub use run::{Choice, Failed, Sampled, Sampling, sample};
pub use walk::Walk;

use crate::refinement::{ConcreteAction, ConcreteState, Refinement};

/// An implementation, wrapped as a model, that can be run on random schedules.
pub trait Scheduled: Refinement {
    /// The kinds of things that happen, each with its weight: how often it is picked.
    const KINDS: &'static [(&'static str, u32)];

    /// The kind of an action: an index into [`KINDS`](Scheduled::KINDS).
    fn kind_of(action: &ConcreteAction<Self>) -> usize;

    /// Whether the nodes have reached what they are for.
    fn done(&self, state: &ConcreteState<Self>) -> bool;
}
