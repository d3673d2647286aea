//! Teeth of the refinement machinery: each thing that can be wrong with a refinement makes the
//! check of that name fail, with a story that replays.
//!
//! The good case is the chain of `paxos`; the wrong ones change one piece of it.

mod peterson;
mod stutters;
mod teeth;
mod wrong;
