//! Single-decree Paxos: the chain `consensus <- voting <- paxos`, and the bugs to break it with.

mod bugs_model;
mod chain;
mod conformance;
pub mod scope;

use bisim_models::paxos::consensus::Consensus;
use bisim_models::paxos::paxos::Paxos;
use bisim_models::paxos::voting::Voting;

pub use bugs_model::MODEL_BUGS;
pub use chain::{PaxosRefinesVoting, VotingRefinesConsensus};
pub use conformance::{PaxosChain, VotingChain};

use crate::registry::{Entry, SpecTarget};

/// The targets `consensus`, `voting` and `paxos`.
pub fn entries() -> Vec<Entry> {
    vec![
        Entry {
            folder: "paxos",
            title: "a value is chosen, at most once",
            papers: &["tlaplus/Examples, PaxosHowToWinATuringAward/Consensus.tla"],
            files: &["models/src/paxos/consensus.rs"],
            model: SpecTarget::<Consensus>::boxed(&[]),
            conformance: None,
            bugs: Vec::new(),
        },
        Entry {
            folder: "paxos",
            title: "acceptors vote for values in numbered ballots",
            papers: &["tlaplus/Examples, PaxosHowToWinATuringAward/Voting.tla"],
            files: &["models/src/paxos/voting.rs", "proofs/src/paxos/mod.rs"],
            model: SpecTarget::<Voting>::boxed(&[]),
            conformance: Some(Box::new(VotingChain)),
            bugs: Vec::new(),
        },
        Entry {
            folder: "paxos",
            title: "single-decree Paxos: consensus by messages",
            papers: &[
                "Lamport, Paxos Made Simple, 2001",
                "tlaplus/Examples, PaxosHowToWinATuringAward/Paxos.tla",
            ],
            files: &[
                "models/src/paxos/paxos.rs",
                "models/src/paxos/state.rs",
                "models/src/paxos/invariant.rs",
                "proofs/src/paxos/mod.rs",
            ],
            model: SpecTarget::<Paxos>::boxed(&MODEL_BUGS),
            conformance: Some(Box::new(PaxosChain)),
            bugs: bugs_model::bugs(),
        },
    ]
}
mod exceptions;
pub mod implementation;
pub mod sampled;
