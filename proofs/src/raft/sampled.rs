//! Raft on random schedules: 3 to 7 nodes with all switches, under every fault.

use bisim::raft::Timer;
use proptest::prelude::*;

use super::implementation::Implementation;
use super::scope::{RaftNode, RaftState, Scope};
use crate::cluster::{ClusterAction, Move};
use crate::sampling::Scheduled;

impl Scheduled for Implementation {
    const KINDS: &'static [(&'static str, u32)] = &[
        ("delivered", 48),
        ("duplicated", 3),
        ("dropped", 3),
        ("made durable", 30),
        ("election timeouts", 2),
        ("heartbeats", 4),
        ("leases ended", 1),
        ("requests", 6),
        ("crashes", 1),
        ("restarts", 3),
    ];

    fn kind_of(action: &ClusterAction<RaftNode>) -> usize {
        match action {
            ClusterAction::Network(Move::Deliver(_)) => 0,
            ClusterAction::Network(Move::Duplicate(_) | Move::Copy(_)) => 1,
            ClusterAction::Network(Move::Drop(_)) => 2,
            ClusterAction::Durable { .. } => 3,
            ClusterAction::Fire { timer: Timer::Election, .. } => 4,
            ClusterAction::Fire { timer: Timer::Heartbeat, .. } => 5,
            ClusterAction::Fire { timer: Timer::Lease, .. } => 6,
            ClusterAction::Request { .. } => 7,
            ClusterAction::Crash { .. } => 8,
            ClusterAction::Restart { .. } => 9,
        }
    }

    fn done(&self, state: &RaftState) -> bool {
        !state.told.is_empty()
    }
}

/// The clusters that are sampled: 3 to 7 nodes, three clients with four commands each, up to 20
/// crashes, and each switch on or off.
pub fn scopes() -> impl Strategy<Value = Scope> {
    let switches = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (3..=7_u32, 1..=4_u32, 1..=3_u32, switches).prop_map(
        |(nodes, max_entries, window, switches)| {
            let (no_op, fast_backtracking, eager_commit, pre_vote, check_quorum) = switches;
            Scope {
                nodes,
                // A heartbeat holds what fits: that is the published step for one entry, too.
                max_entries,
                window,
                no_op,
                fast_backtracking,
                eager_commit,
                pre_vote,
                check_quorum,
                ..LONG
            }
        },
    )
}

/// More of everything than a schedule can use.
const LONG: Scope = Scope {
    nodes: 3,
    max_term: 10_000,
    max_log: 10_000,
    room: 10_000,
    writes: 10_000,
    crashes: 20,
    polls: 10_000,
    clients: 3,
    commands: 4,
    max_entries: 1,
    window: 1,
    no_op: false,
    fast_backtracking: false,
    eager_commit: false,
    pre_vote: false,
    check_quorum: false,
};
