//! Paxos on random schedules: 3 to 7 nodes of all roles, under every fault.

use bisim::paxos::{Message, Node};
use proptest::prelude::*;

use super::implementation::Implementation;
use super::scope::{PaxosState, Proposal, Scope};
use crate::cluster::{ClusterAction, Move, RememberedBag};
use crate::sampling::Scheduled;

/// The network of the sampled evidence.
pub type Faulty = RememberedBag<Message<Proposal>>;

impl Scheduled for Implementation<Faulty> {
    const KINDS: &'static [(&'static str, u32)] = &[
        ("delivered", 48),
        ("duplicated", 6),
        ("dropped", 8),
        ("made durable", 28),
        ("timers fired", 2),
        ("requests", 4),
        ("crashes", 1),
        ("restarts", 3),
    ];

    fn kind_of(action: &ClusterAction<Node<Proposal>>) -> usize {
        match action {
            ClusterAction::Network(Move::Deliver(_)) => 0,
            ClusterAction::Network(Move::Duplicate(_) | Move::Copy(_)) => 1,
            ClusterAction::Network(Move::Drop(_)) => 2,
            ClusterAction::Durable { .. } => 3,
            ClusterAction::Fire { .. } => 4,
            ClusterAction::Request { .. } => 5,
            ClusterAction::Crash { .. } => 6,
            ClusterAction::Restart { .. } => 7,
        }
    }

    fn done(&self, state: &PaxosState<Faulty>) -> bool {
        !state.told.is_empty()
    }
}

/// The clusters that are sampled: 3 to 7 nodes of all roles, each of which is asked for one of 3
/// values; up to 20 crashes, and more ballots than a schedule can use.
pub fn scopes() -> impl Strategy<Value = Scope> {
    (3..=7_u32).prop_map(|nodes| Scope {
        proposers: nodes,
        acceptors: nodes,
        learners: nodes,
        all_roles: true,
        max_ballot: 250,
        crashes: 20,
        values: 3,
    })
}
