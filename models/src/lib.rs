//! Stateright models of concurrent and distributed algorithms, written to be read beside their
//! papers.
//!
//! Each model is a [`stateright::Model`] on a small value-type state, and implements the suite's
//! [`Spec`](common::Spec): one function per action that holds guard and effect together. Nothing
//! here knows the implementations; only `bisim-proofs` sees both.

#![forbid(unsafe_code)]

pub mod channel;
pub mod classics;
pub mod common;
pub mod counter;
pub mod hash_ring;
pub mod lock;
pub mod paxos;
pub mod raft;
pub mod scheduler;
