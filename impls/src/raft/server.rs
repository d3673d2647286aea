//! The state of a server: Figure 2, "State".

use alloc::vec::Vec;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::{Durable, HardState, Log, LogIndex, Term};
use crate::protocol::NodeId;
use crate::state_machine::{Replicated, StateMachine};

/// What a server is: section 5.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub enum Role {
    /// It answers candidates and leaders.
    Follower,
    /// It asks for votes.
    Candidate,
    /// It serves clients and replicates its log.
    Leader,
}

/// The state of a server, but for what its timers know.
///
/// Its memory runs ahead of its disk. Nothing that it says leaves before the latest write is
/// durable, so that, seen from outside, it does one thing after the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(bound(
        serialize = "M: Serialize, M::Command: Serialize, M::Output: Serialize",
        deserialize = "M: Deserialize<'de>, M::Command: Deserialize<'de>, \
                       M::Output: Deserialize<'de>"
    ))
)]
pub struct Server<M: StateMachine> {
    /// Persistent: `currentTerm` and `votedFor`.
    pub(super) hard: HardState,
    /// Persistent: `log[]`.
    pub(super) log: Log<M::Command>,
    /// What it is.
    pub(super) role: Role,
    /// The leader of this term, as far as it is known and not silent for too long.
    pub(super) leader: Option<NodeId>,
    /// Volatile: "index of highest log entry known to be committed".
    pub(super) commit_index: LogIndex,
    /// Volatile: "index of highest log entry applied to state machine".
    pub(super) last_applied: LogIndex,
    /// The state machine, with the sessions of its clients.
    pub(super) replicated: Replicated<M>,
    /// Whether it asks the others if it could win.
    pub(super) polling: bool,
    /// What it knows of each member, itself included, in the order of the members.
    pub(super) peers: Vec<Peer>,
}

/// What a candidate or a leader knows of a member. As in the figure, what a candidate collected
/// stays until the next election, and what a leader knew until it leads again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Peer {
    /// Pre-vote: it would vote for us.
    pub(super) pre_vote: bool,
    /// Candidate: its vote, when it is known.
    pub(super) vote: Option<bool>,
    /// Leader: "index of the next log entry to send to that server".
    pub(super) next_index: LogIndex,
    /// Leader: "index of highest log entry known to be replicated on server".
    pub(super) match_index: LogIndex,
    /// Leader: how many messages with entries it was sent and has not taken, since the last
    /// heartbeat.
    pub(super) in_flight: usize,
    /// Leader: how many may be. There is no use in more than one, a probe, before it is known where
    /// the logs meet; then each one that brought something allows one more, up to the window.
    pub(super) allowed: usize,
    /// Leader: the last commit index that it was told, if commits are told eagerly.
    pub(super) told_commit: LogIndex,
    /// Leader: check-quorum has heard from it.
    pub(super) active: bool,
}

impl Peer {
    /// What is known of a member at the start.
    const UNKNOWN: Self = Self {
        pre_vote: false,
        vote: None,
        next_index: LogIndex(1),
        match_index: LogIndex(0),
        in_flight: 0,
        allowed: 1,
        told_commit: LogIndex(0),
        active: false,
    };

    /// Pre-vote: whether it has said, since it was last asked, that it would vote for this server.
    pub fn pre_vote(&self) -> bool {
        self.pre_vote
    }

    /// Its vote, when it is known.
    pub fn vote(&self) -> Option<bool> {
        self.vote
    }

    /// "Index of the next log entry to send to that server".
    pub fn next_index(&self) -> LogIndex {
        self.next_index
    }

    /// "Index of highest log entry known to be replicated on server".
    pub fn match_index(&self) -> LogIndex {
        self.match_index
    }

    /// Whether it is sent one message at a time: always, unless the leader pipelines; then, until
    /// it has accepted something since it last rejected something.
    pub fn is_probing(&self) -> bool {
        self.allowed <= 1
    }
}

impl<M: StateMachine> Server<M> {
    /// A server that starts from its disk: as a follower.
    pub(super) fn recover(durable: Durable<M::Command>, machine: M, members: usize) -> Self {
        let Durable { hard, log } = durable;
        Self {
            hard,
            log,
            role: Role::Follower,
            leader: None,
            commit_index: LogIndex(0),
            last_applied: LogIndex(0),
            replicated: Replicated::new(machine),
            polling: false,
            peers: core::iter::repeat_n(Peer::UNKNOWN, members).collect(),
        }
    }

    /// "Latest term server has seen".
    pub fn current_term(&self) -> Term {
        self.hard.current_term
    }

    /// "CandidateId that received vote in current term (or null if none)".
    pub fn voted_for(&self) -> Option<NodeId> {
        self.hard.voted_for
    }

    /// The log, with what is not on disk yet.
    pub fn log(&self) -> &Log<M::Command> {
        &self.log
    }

    /// What it is.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The leader of this term, as far as it is known and not silent for too long.
    pub fn leader(&self) -> Option<NodeId> {
        self.leader
    }

    /// "Index of highest log entry known to be committed".
    pub fn commit_index(&self) -> LogIndex {
        self.commit_index
    }

    /// "Index of highest log entry applied to state machine".
    pub fn last_applied(&self) -> LogIndex {
        self.last_applied
    }

    /// The state machine, with the sessions of its clients.
    pub fn replicated(&self) -> &Replicated<M> {
        &self.replicated
    }

    /// Whether it asks the others if it could win an election.
    pub fn is_polling(&self) -> bool {
        self.polling
    }

    /// What it knows of each member, itself included, in the order of the members.
    pub fn peers(&self) -> &[Peer] {
        &self.peers
    }
}
