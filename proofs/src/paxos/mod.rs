//! Single-decree Paxos: the chain `consensus <- voting <- paxos`, and the bugs to break it with.

mod bugs;
mod bugs_impl;
mod bugs_model;
mod chain;
mod conformance;
mod evidence;
mod exceptions;
mod implementation;
mod sampled;
mod scope;

use bisim_models::paxos::consensus::Consensus;
use bisim_models::paxos::paxos::Paxos;
use bisim_models::paxos::voting::Voting;

pub use bugs_impl::IMPLEMENTATION_BUGS;
pub use bugs_model::MODEL_BUGS;
pub use chain::{PaxosRefinesVoting, VotingRefinesConsensus};
pub use conformance::{PaxosChain, VotingChain};
pub use evidence::{PaxosConformance, Published, REFINED, SMALL};
pub use implementation::Implementation;
pub use sampled::{Faulty, scopes};
pub use scope::{PaxosCluster, PaxosState, Proposal, Scope, chosen};

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
            simulation: None,
            bugs: Vec::new(),
            deferred: &[],
        },
        Entry {
            folder: "paxos",
            title: "acceptors vote for values in numbered ballots",
            papers: &["tlaplus/Examples, PaxosHowToWinATuringAward/Voting.tla"],
            files: &["models/src/paxos/voting.rs", "proofs/src/paxos/mod.rs"],
            model: SpecTarget::<Voting>::boxed(&[]),
            conformance: Some(Box::new(VotingChain)),
            simulation: None,
            bugs: Vec::new(),
            deferred: &[],
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
                "impls/src/paxos/README.md",
                "impls/src/paxos/node.rs",
                "impls/src/paxos/proposer.rs",
                "impls/src/paxos/acceptor.rs",
                "impls/src/paxos/learner.rs",
                "proofs/src/paxos/implementation.rs",
            ],
            model: SpecTarget::<Paxos>::boxed(&MODEL_BUGS),
            conformance: Some(Box::new(PaxosConformance)),
            simulation: None,
            bugs: bugs::bugs(),
            deferred: &bugs::DEFERRED,
        },
    ]
}
