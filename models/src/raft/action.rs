//! The actions. `i`, `j`, `v` and `m` are raft.tla's: a server, another, a value, a message.

use serde::{Deserialize, Serialize};

use super::{Index, Message, ServerId, ValueId};
use crate::common::ActionClass;

/// An action of `Next`, or one of the two that the model adds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// A server restarts from stable storage.
    Restart {
        /// The server.
        i: ServerId,
    },
    /// A server starts an election.
    Timeout {
        /// The server.
        i: ServerId,
    },
    /// A candidate asks a server for its vote.
    RequestVote {
        /// The candidate.
        i: ServerId,
        /// The server; it may be the candidate itself.
        j: ServerId,
    },
    /// A candidate has the votes of a majority.
    BecomeLeader {
        /// The candidate.
        i: ServerId,
    },
    /// A leader receives a request of a client.
    ClientRequest {
        /// The leader.
        i: ServerId,
        /// The request.
        v: ValueId,
    },
    /// A leader looks what a majority has.
    AdvanceCommitIndex {
        /// The leader.
        i: ServerId,
    },
    /// A leader sends entries, or a heartbeat.
    AppendEntries {
        /// The leader.
        i: ServerId,
        /// The follower.
        j: ServerId,
        /// How many entries.
        entries: Index,
    },
    /// A server receives a message. (Published, `Receive` is a disjunction; which of its handlers
    /// applies follows from message and state.)
    Receive {
        /// The message.
        m: Message,
    },
    /// The network duplicates a message.
    DuplicateMessage {
        /// The message.
        m: Message,
    },
    /// The network loses a message.
    DropMessage {
        /// The message.
        m: Message,
    },
    /// Extension: a leader gives up.
    StepDown {
        /// The leader.
        i: ServerId,
    },
    /// Extension: a leader decides what to send next.
    SetNextIndex {
        /// The leader.
        i: ServerId,
        /// The follower.
        j: ServerId,
        /// The index of the entry.
        next: Index,
    },
}

impl Action {
    /// The classes, in the order of [`class`](Action::class).
    pub const CLASSES: &'static [ActionClass] = &[
        ActionClass::new("Restart", "raft.tla, Restart; Raft 5, Figure 2, persistent state"),
        ActionClass::new("Timeout", "raft.tla, Timeout; Raft 5.2"),
        ActionClass::new("RequestVote", "raft.tla, RequestVote; Raft 5.2"),
        ActionClass::new("BecomeLeader", "raft.tla, BecomeLeader; Raft 5.2"),
        ActionClass::new("ClientRequest", "raft.tla, ClientRequest; Raft 5.3"),
        ActionClass::new("AdvanceCommitIndex", "raft.tla, AdvanceCommitIndex; Raft 5.3, 5.4.2"),
        ActionClass::new("AppendEntries", "raft.tla, AppendEntries; Raft 5.3"),
        ActionClass::new("Receive", "raft.tla, Receive; Raft, Figure 2, receiver implementation"),
        ActionClass::new("DuplicateMessage", "raft.tla, DuplicateMessage"),
        ActionClass::new("DropMessage", "raft.tla, DropMessage"),
        ActionClass::new("StepDown", "Ongaro 2014, 6.2: a leader without a majority steps down"),
        ActionClass::new("SetNextIndex", "Raft 5.3: nextIndex; Ongaro 2014, 10.2.1: pipelining"),
    ];

    /// The index of the action's class.
    pub fn class(&self) -> usize {
        match self {
            Self::Restart { .. } => 0,
            Self::Timeout { .. } => 1,
            Self::RequestVote { .. } => 2,
            Self::BecomeLeader { .. } => 3,
            Self::ClientRequest { .. } => 4,
            Self::AdvanceCommitIndex { .. } => 5,
            Self::AppendEntries { .. } => 6,
            Self::Receive { .. } => 7,
            Self::DuplicateMessage { .. } => 8,
            Self::DropMessage { .. } => 9,
            Self::StepDown { .. } => Self::STEP_DOWN,
            Self::SetNextIndex { .. } => Self::SET_NEXT_INDEX,
        }
    }

    /// The class of `StepDown`.
    pub const STEP_DOWN: usize = 10;
    /// The class of `SetNextIndex`.
    pub const SET_NEXT_INDEX: usize = 11;

    /// The server that acts, if the action is not the network's.
    pub fn server(&self) -> Option<ServerId> {
        match *self {
            Self::Restart { i }
            | Self::Timeout { i }
            | Self::RequestVote { i, .. }
            | Self::BecomeLeader { i }
            | Self::ClientRequest { i, .. }
            | Self::AdvanceCommitIndex { i }
            | Self::AppendEntries { i, .. }
            | Self::StepDown { i }
            | Self::SetNextIndex { i, .. } => Some(i),
            Self::Receive { ref m } => Some(m.mdest()),
            Self::DuplicateMessage { .. } | Self::DropMessage { .. } => None,
        }
    }

    /// The other server that the action names, if there is one.
    pub(super) fn other(&self) -> Option<ServerId> {
        match *self {
            Self::RequestVote { j, .. }
            | Self::AppendEntries { j, .. }
            | Self::SetNextIndex { j, .. } => Some(j),
            Self::Receive { ref m } => Some(m.msource()),
            _ => None,
        }
    }

    /// The action as it is when history is off.
    #[must_use]
    pub fn without_history(&self) -> Self {
        match self {
            Self::Receive { m } => Self::Receive { m: m.without_history() },
            Self::DuplicateMessage { m } => Self::DuplicateMessage { m: m.without_history() },
            Self::DropMessage { m } => Self::DropMessage { m: m.without_history() },
            other => other.clone(),
        }
    }
}
