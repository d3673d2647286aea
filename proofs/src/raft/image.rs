//! The small parts of the map: numbers, and what a server's memory stands for.

use bisim::protocol::NodeId;
use bisim::raft::{self as shipped, LogIndex};
use bisim::state_machine::Counter;
use bisim_models::common::SmallSet;
use bisim_models::raft::{self as model, Indices, Role, Volatile};

/// What a restart forgets.
pub(super) fn volatile(node: &shipped::Server<Counter>) -> Volatile {
    let peers = || node.peers().iter().enumerate();
    let voted = |grants: fn(bool) -> bool| -> SmallSet {
        let voters = peers().filter(|(_, peer)| peer.vote().is_some_and(grants));
        voters.map(|(place, _)| place).collect()
    };
    Volatile {
        state: match node.role() {
            shipped::Role::Follower => Role::Follower,
            shipped::Role::Candidate => Role::Candidate,
            shipped::Role::Leader => Role::Leader,
        },
        commit_index: index(node.commit_index()),
        votes_responded: voted(|_| true),
        votes_granted: voted(|granted| granted),
        next_index: peers().map(|(_, peer)| index(peer.next_index())).collect::<Indices>(),
        match_index: peers().map(|(_, peer)| index(peer.match_index())).collect::<Indices>(),
    }
}

/// A number within the bounds of a scope; what a sabotaged node may make of it is larger than any.
pub(super) fn number(value: u64) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}

pub(super) fn server(id: NodeId) -> model::ServerId {
    u8::try_from(id.0).unwrap_or(u8::MAX)
}

pub(super) fn term(term: shipped::Term) -> model::Term {
    number(term.0).saturating_add(1)
}

pub(super) fn index(index: LogIndex) -> model::Index {
    number(index.0)
}

/// The term at a place of the log: 0 for the place before the log, in both.
pub(super) fn term_before(index: LogIndex, at: shipped::Term) -> model::Term {
    if index == LogIndex(0) { 0 } else { term(at) }
}
