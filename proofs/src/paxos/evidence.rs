//! The implementation's evidence, as the commands `conform`, `bugs` and `replay` see it.

use bisim::paxos::Message;

use super::PaxosChain;
use super::implementation::Implementation;
use super::sampled::Faulty;
use super::scope::{Proposal, Scope};
use crate::cluster::SentSet;
use crate::registry::{ConformOptions, ConformReport, Conformance, Evidence};
use crate::report::{Replayed, Trace, TraceError};
use crate::shipped::{self, Bounds};

/// The network of the exhaustive evidence: that of the published model.
pub type Published = SentSet<Message<Proposal>>;

/// The bounds at which the implementation is refined and covered: one crash with ballots 0..1,
/// where each of the two proposers has one ballot, and none with ballots 0..2.
pub const REFINED: [Scope; 2] = [SMALL.with_crashes(1), SMALL.with_max_ballot(2)];

/// Seconds rather than minutes.
pub const SMALL: Scope = Scope {
    proposers: 2,
    acceptors: 3,
    learners: 1,
    all_roles: false,
    max_ballot: 1,
    crashes: 0,
    values: 2,
};

/// Paxos: the shipped nodes beside the model, and the model beside those above it.
#[derive(Clone, Copy, Debug, Default)]
pub struct PaxosConformance;

impl Conformance for PaxosConformance {
    fn evidence(&self) -> &'static [Evidence] {
        &[Evidence::Sampled, Evidence::Refined, Evidence::Covered]
    }

    fn conform(&self, options: &ConformOptions) -> Vec<ConformReport> {
        let mut reports = shipped::conform::<Implementation<Faulty>, Implementation<Published>>(
            options, SMALL, &REFINED,
        );
        if !options.quick {
            reports.extend(PaxosChain.conform(options));
        }
        reports
    }

    /// A trace of the implementation has the bounds of a cluster, one of the chain has not.
    fn replay(&self, trace: &Trace) -> Result<Replayed, TraceError> {
        match Scope::from_params(&trace.params) {
            None => PaxosChain.replay(trace),
            Some(scope) if scope.all_roles => shipped::replay::<Implementation<Faulty>>(trace),
            Some(_) => shipped::replay::<Implementation<Published>>(trace),
        }
    }
}
