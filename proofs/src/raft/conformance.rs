//! The implementation's evidence, as the commands `conform`, `bugs` and `replay` see it.

use super::implementation::Implementation;
use super::scope::Scope;
use crate::registry::{ConformOptions, ConformReport, Conformance, Evidence};
use crate::report::{Replayed, Trace, TraceError};
use crate::shipped;

/// Two nodes in one election: seconds rather than minutes.
pub const SMALL: Scope = Scope {
    nodes: 2,
    max_term: 2,
    max_log: 2,
    room: 2,
    writes: 2,
    crashes: 1,
    polls: 0,
    clients: 1,
    commands: 1,
    max_entries: 2,
    window: 1,
    no_op: true,
    fast_backtracking: false,
    eager_commit: false,
    pre_vote: false,
    check_quorum: false,
};

/// Three nodes in one election, with a crash: Figure 2 alone.
pub(super) const FIGURE_2: Scope = Scope { nodes: 3, max_log: 1, writes: 1, no_op: false, ..SMALL };

/// Two nodes in two elections, with pre-vote and check-quorum.
pub(super) const POLLS: Scope = Scope {
    max_term: 3,
    max_log: 1,
    writes: 1,
    crashes: 0,
    polls: 3,
    no_op: false,
    pre_vote: true,
    check_quorum: true,
    ..SMALL
};

/// The same with a crash, a longer log, and one message under way.
pub(super) const POLLS_AND_CRASH: Scope =
    Scope { max_log: 2, room: 1, crashes: 1, polls: 4, no_op: true, ..POLLS };

/// Two nodes in two elections, whose logs can go apart: fast backtracking.
pub(super) const BACKTRACKING: Scope =
    Scope { max_term: 3, room: 1, writes: 1, window: 2, fast_backtracking: true, ..SMALL };

/// Two nodes in one election, whose leader sends ahead, and tells at once what it commits.
pub(super) const PIPELINING: Scope =
    Scope { crashes: 0, max_entries: 1, window: 2, eager_commit: true, ..SMALL };

/// The bounds at which the implementation is refined and covered.
pub const REFINED: [Scope; 6] = [SMALL, FIGURE_2, POLLS, POLLS_AND_CRASH, BACKTRACKING, PIPELINING];

/// Raft: the shipped nodes beside the model.
#[derive(Clone, Copy, Debug, Default)]
pub struct RaftConformance;

impl Conformance for RaftConformance {
    fn evidence(&self) -> &'static [Evidence] {
        &[Evidence::Sampled, Evidence::Refined, Evidence::Covered]
    }

    fn conform(&self, options: &ConformOptions) -> Vec<ConformReport> {
        shipped::conform::<Implementation, Implementation>(options, SMALL, &REFINED)
    }

    fn replay(&self, trace: &Trace) -> Result<Replayed, TraceError> {
        shipped::replay::<Implementation>(trace)
    }
}
