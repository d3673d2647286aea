//! Raft: the model `raft`, and the bugs to break it with.

mod bugs;
mod bugs_model;

use bisim_models::raft::Raft;

pub use bugs_model::MODEL_BUGS;

use crate::registry::{Entry, SpecTarget};

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
            "proofs/src/raft/bugs.rs",
            "proofs/src/raft/bugs_model.rs",
        ],
        model: SpecTarget::<Raft>::boxed(&MODEL_BUGS),
        conformance: None,
        bugs: bugs::bugs(),
    }]
}
