//! The targets that the commands work on: one entry per model or algorithm, without types.

mod bug;
mod buggy;
mod conformance;
mod lasso;
mod replay;
mod target;
mod told;

pub use bug::{Bug, Caught, Deferred, Evidence, Hunt, HuntOptions, hunt_model};
pub(crate) use buggy::model_bug;
pub use buggy::{Buggy, BuggyState, ModelBug};
pub use conformance::{ConformOptions, ConformReport, Conformance, Figure};
pub use lasso::breaks;
pub use replay::{Laws, replay_model, replay_story, trace_of, verdict_of};
pub use target::{ModelTarget, SpecTarget};
pub use told::{CheckReport, LawInfo, PropertyReport};

use std::sync::atomic::AtomicBool;

use crate::simulation::{Simulation, Summary};

/// One target: a model, and where there is one, the implementation that is checked against it.
pub struct Entry {
    /// The folder of the algorithm in models, impls, proofs and benches.
    pub folder: &'static str,
    /// What it is, in a few words.
    pub title: &'static str,
    /// The papers and the published specification that it follows.
    pub papers: &'static [&'static str],
    /// The files of model, implementation and mapping, from the root of the repository.
    pub files: &'static [&'static str],
    /// The model.
    pub model: Box<dyn ModelTarget>,
    /// What ties the implementation to the model.
    pub conformance: Option<Box<dyn Conformance>>,
    /// The fault simulator, for an implementation that has one.
    pub simulation: Option<Simulate>,
    /// The bugs seeded in the model or the implementation.
    pub bugs: Vec<Bug>,
    /// The rows of the catalogue that wait for something.
    pub deferred: &'static [Deferred],
}

/// Runs a simulation until it ends, goes wrong, or is interrupted.
pub type Simulate = fn(&Simulation, &AtomicBool) -> Summary;

impl Entry {
    /// The target's name on the command line.
    pub fn name(&self) -> &'static str {
        self.model.name()
    }

    /// The kinds of evidence that there are of it.
    pub fn evidence(&self) -> Vec<Evidence> {
        let tied = self.conformance.as_ref().map_or(&[][..], |tied| tied.evidence());
        let simulated = self.simulation.map(|_| Evidence::Simulated);
        [Evidence::Explored].into_iter().chain(tied.iter().copied()).chain(simulated).collect()
    }
}

/// All targets, in reading order.
#[cfg(not(test))]
pub fn entries() -> Vec<Entry> {
    let folders = [
        crate::counter::entries(),
        crate::lock::entries(),
        crate::channel::entries(),
        crate::scheduler::entries(),
        crate::paxos::entries(),
        crate::raft::entries(),
        crate::hash_ring::entries(),
        crate::classics::entries(),
    ];
    folders.into_iter().flatten().collect()
}

/// None: the unit tests of this crate are compiled without the algorithms.
#[cfg(test)]
pub fn entries() -> Vec<Entry> {
    Vec::new()
}
