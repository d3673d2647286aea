//! Published models without an implementation; see [`bisim_models::classics`].

use bisim_models::classics::two_phase_commit::TwoPhaseCommit;

use crate::registry::{Entry, SpecTarget};

/// The targets of this folder.
pub fn entries() -> Vec<Entry> {
    vec![Entry {
        folder: "classics",
        title: "two-phase commit: one manager decides for all",
        papers: &["Gray & Lamport, Consensus on Transaction Commit, 2006"],
        files: &["models/src/classics/two_phase_commit.rs"],
        model: SpecTarget::<TwoPhaseCommit>::boxed(&[]),
        conformance: None,
        bugs: Vec::new(),
    }]
}
