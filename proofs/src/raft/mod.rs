//! Raft: the model `raft`, the shipped nodes that refine it, and the bugs to break both with. The
//! README of `impls/src/raft` maps paper, model, code and evidence.

mod bugs;
mod bugs_impl;
mod bugs_logs;
mod bugs_model;
mod bugs_rules;
mod bugs_silent;
mod conformance;
mod deferred;
mod exceptions;
mod hunts;
mod image;
mod implementation;
mod property;
mod sampled;
mod scope;
mod simulation;
mod withheld;

use bisim_models::raft::Raft;

use crate::registry::{Entry, SpecTarget};
use crate::simulation::simulate;

pub use bugs_impl::IMPLEMENTATION_BUGS;
pub use bugs_model::MODEL_BUGS;
pub use conformance::{REFINED, RaftConformance, SMALL};
pub use implementation::Implementation;
pub use property::servers;
pub use sampled::scopes;
pub use scope::{RaftCluster, RaftNetwork, RaftNode, RaftState, Scope};
pub use simulation::{Figure3, SimulatedRaft};

/// The target `raft`.
pub fn entries() -> Vec<Entry> {
    vec![Entry {
        folder: "raft",
        title: "a replicated log by one leader at a time",
        papers: &[
            "Ongaro & Ousterhout, In Search of an Understandable Consensus Algorithm, 2014",
            "ongardie/raft.tla",
        ],
        files: &[
            "models/src/raft/mod.rs",
            "models/src/raft/state.rs",
            "models/src/raft/election.rs",
            "models/src/raft/replication.rs",
            "models/src/raft/network.rs",
            "models/src/raft/property.rs",
            "models/src/raft/scenario.rs",
            "impls/src/raft/README.md",
            "impls/src/raft/node.rs",
            "impls/src/raft/server.rs",
            "impls/src/raft/core/mod.rs",
            "impls/src/raft/core/election.rs",
            "impls/src/raft/core/follower.rs",
            "impls/src/raft/core/leader.rs",
            "impls/src/raft/core/commit.rs",
            "proofs/src/raft/implementation.rs",
            "proofs/src/raft/simulation.rs",
            "benches/raft.rs",
        ],
        model: SpecTarget::<Raft>::boxed(&MODEL_BUGS),
        conformance: Some(Box::new(RaftConformance)),
        simulation: Some(|simulation, interrupt| {
            simulate::<SimulatedRaft>(simulation, None, interrupt)
        }),
        bugs: hunts::with_implementation(bugs::bugs()),
        deferred: &deferred::DEFERRED,
    }]
}
