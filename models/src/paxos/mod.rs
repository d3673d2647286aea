//! Single-decree Paxos, in three steps: `consensus <- voting <- paxos`, each a refinement of the
//! one before.
//!
//! The models follow Lamport's specifications for his lecture "How to win a Turing award"
//! (tlaplus/Examples, `PaxosHowToWinATuringAward`), which restate "Paxos Made Simple" (2001) and
//! the appendix of "The Part-Time Parliament" (1998):
//!
//! - [`consensus`]: a value is chosen, at most once;
//! - [`voting`]: acceptors vote in numbered ballots, and see each other's votes;
//! - [`paxos`]: acceptors and leaders see messages only.
//!
//! That each refines the one before is checked on every edge in `bisim-proofs`. The README of the
//! implementation's folder, `impls/src/paxos`, maps paper, model, code and evidence.

mod constants;
mod invariant;
mod state;

pub mod consensus;
#[expect(clippy::module_inception, reason = "the specification of that name is the third of three")]
pub mod paxos;
pub mod voting;

pub use constants::{Acceptor, Ballot, Constants, ValueId};
