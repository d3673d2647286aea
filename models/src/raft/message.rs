//! What servers send each other. The fields are those of raft.tla.

use serde::{Deserialize, Serialize};

use super::{Index, Log, ServerId, Term};
use crate::common::Shared;

/// A request or a response.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    /// A candidate asks for a vote.
    RequestVoteRequest {
        /// The candidate's term.
        mterm: Term,
        /// The term of the candidate's last entry, 0 if it has none.
        mlast_log_term: Term,
        /// The length of the candidate's log.
        mlast_log_index: Index,
        /// The candidate.
        msource: ServerId,
        /// Whom it asks.
        mdest: ServerId,
    },
    /// The answer to it.
    RequestVoteResponse {
        /// The voter's term.
        mterm: Term,
        /// Whether it gives its vote.
        mvote_granted: bool,
        /// History: the voter's log.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        mlog: Option<Shared<Log>>,
        /// The voter.
        msource: ServerId,
        /// The candidate.
        mdest: ServerId,
    },
    /// A leader sends entries, or none, which is a heartbeat.
    AppendEntriesRequest {
        /// The leader's term.
        mterm: Term,
        /// The index of the entry before the first that is sent.
        mprev_log_index: Index,
        /// Its term, 0 if there is none.
        mprev_log_term: Term,
        /// The entries.
        mentries: Log,
        /// History: the leader's log.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        mlog: Option<Shared<Log>>,
        /// How far what is sent is committed.
        mcommit_index: Index,
        /// The leader.
        msource: ServerId,
        /// The follower.
        mdest: ServerId,
    },
    /// The answer to it.
    AppendEntriesResponse {
        /// The follower's term.
        mterm: Term,
        /// Whether the follower's log now agrees with the leader's up to `mmatch_index`.
        msuccess: bool,
        /// See `msuccess`; 0 without success.
        mmatch_index: Index,
        /// The follower.
        msource: ServerId,
        /// The leader.
        mdest: ServerId,
    },
}

impl From<Shared<Log>> for Log {
    fn from(shared: Shared<Log>) -> Self {
        (*shared).clone()
    }
}

impl Message {
    /// The sender's term.
    pub fn mterm(&self) -> Term {
        match *self {
            Self::RequestVoteRequest { mterm, .. }
            | Self::RequestVoteResponse { mterm, .. }
            | Self::AppendEntriesRequest { mterm, .. }
            | Self::AppendEntriesResponse { mterm, .. } => mterm,
        }
    }

    /// The sender.
    pub fn msource(&self) -> ServerId {
        match *self {
            Self::RequestVoteRequest { msource, .. }
            | Self::RequestVoteResponse { msource, .. }
            | Self::AppendEntriesRequest { msource, .. }
            | Self::AppendEntriesResponse { msource, .. } => msource,
        }
    }

    /// The receiver.
    pub fn mdest(&self) -> ServerId {
        match *self {
            Self::RequestVoteRequest { mdest, .. }
            | Self::RequestVoteResponse { mdest, .. }
            | Self::AppendEntriesRequest { mdest, .. }
            | Self::AppendEntriesResponse { mdest, .. } => mdest,
        }
    }

    /// The voter, the term and the candidate, if the message gives a vote.
    pub fn vote(&self) -> Option<(ServerId, Term, ServerId)> {
        match *self {
            Self::RequestVoteResponse { mterm, mvote_granted: true, msource, mdest, .. } => {
                Some((msource, mterm, mdest))
            }
            _ => None,
        }
    }

    /// The message without `mlog`, as it is when history is off.
    #[must_use]
    pub fn without_history(&self) -> Self {
        let mut plain = self.clone();
        match &mut plain {
            Self::RequestVoteResponse { mlog, .. } | Self::AppendEntriesRequest { mlog, .. } => {
                *mlog = None;
            }
            Self::RequestVoteRequest { .. } | Self::AppendEntriesResponse { .. } => {}
        }
        plain
    }
}
