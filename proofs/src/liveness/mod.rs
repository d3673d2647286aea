//! Fair liveness on a stored graph: is there a behaviour, fair to all that it must be fair to, in
//! which something never happens?
//!
//! # Meaning
//!
//! A behaviour is an infinite path of the [`Graph`] in which any state may also repeat, as in TLA+.
//! The edges of a graph are the steps that change the state. Each edge belongs to some fairness
//! *conditions*, and a condition is *enabled* in a state from which some edge of it leads away,
//! also when that edge leads out of the boundary and is not part of the graph. A behaviour is
//!
//! - *weakly* fair to a condition unless the condition is, from some point on, enabled in every
//!   state, and none of its edges is ever taken;
//! - *strongly* fair to it unless it is enabled in infinitely many states, and, from some point
//!   on, none of its edges is taken.
//!
//! So a behaviour may stop in a state, its last one for ever, if no condition is enabled there. A
//! path that a bound cuts is no behaviour: where it was cut, what is enabled is known, and what
//! would come of it is not.
//!
//! # How
//!
//! Each of the three kinds of properties ([`Claim`]) is broken by a path that reaches a state from
//! which the goal never holds again. In the part of the graph without the goal, the states that a
//! behaviour visits infinitely often are strongly connected, or one state for ever. In a strongly
//! connected component that is not weakly fair no smaller set of states is either, and one that is
//! not strongly fair to some condition can only be so without the states in which it is enabled:
//! they are taken out, and what remains falls into components again (Streett automata; Emerson and
//! Lei, *Modalities for model checking*, 1987). What is found is told as a lasso: a path, and a
//! cycle that comes back to where the path ends.

mod cycle;
mod fair;
mod graph;
mod region;

pub use graph::{Claim, Conditions, Graph, Lasso, Start};
