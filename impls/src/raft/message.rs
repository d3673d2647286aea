//! What servers tell each other, and what they and their clients do.

use alloc::vec::Vec;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::{Entries, LogIndex, Term};
use crate::state_machine::Command;

/// The messages: the two calls of Figure 2, each a request and a response, and the two of
/// pre-vote. Any of them may be lost, duplicated, delayed and reordered. The sender is on the
/// envelope: it is the `candidateId` or `leaderId` of the figure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub enum Message<C> {
    /// "Invoked by candidates to gather votes".
    RequestVote(RequestVote),
    /// The answer.
    RequestVoteResponse(RequestVoteResponse),
    /// "Invoked by leader to replicate log entries; also used as heartbeat".
    AppendEntries(AppendEntries<C>),
    /// The answer.
    AppendEntriesResponse(AppendEntriesResponse),
    /// Would I get your vote, if I began this term?
    PreVote(RequestVote),
    /// Yes, you would in this term. Who would not vote stays silent.
    PreVoteResponse {
        /// The term that was asked for.
        term: Term,
    },
}

/// RequestVote, arguments. In a pre-vote, the term is the one that would be begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct RequestVote {
    /// "Candidate's term".
    pub term: Term,
    /// "Index of candidate's last log entry".
    pub last_log_index: LogIndex,
    /// "Term of candidate's last log entry".
    pub last_log_term: Term,
}

/// RequestVote, results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct RequestVoteResponse {
    /// "CurrentTerm, for candidate to update itself".
    pub term: Term,
    /// "True means candidate received vote".
    pub vote_granted: bool,
}

/// AppendEntries, arguments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct AppendEntries<C> {
    /// "Leader's term".
    pub term: Term,
    /// "Index of log entry immediately preceding new ones".
    pub prev_log_index: LogIndex,
    /// "Term of prevLogIndex entry".
    pub prev_log_term: Term,
    /// "Log entries to store (empty for heartbeat)".
    pub entries: Entries<C>,
    /// "Leader's commitIndex".
    pub leader_commit: LogIndex,
}

/// AppendEntries, results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct AppendEntriesResponse {
    /// "CurrentTerm, for leader to update itself".
    pub term: Term,
    /// What came of the request.
    pub result: AppendResult,
}

/// What came of an AppendEntries request. The figure says only true or false; but an answer may
/// be late, and then the leader must know to which request it belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub enum AppendResult {
    /// "True if follower contained entry matching prevLogIndex and prevLogTerm".
    Success {
        /// The follower's log is the leader's up to here: the last entry of the request.
        match_index: LogIndex,
    },
    /// The follower's term is higher, or its log holds no such entry.
    Failure {
        /// The request's.
        prev_log_index: LogIndex,
        /// Where the follower's log goes wrong, if it says so.
        conflict: Option<Conflict>,
    },
}

/// Where a follower's log goes wrong: "the term of the conflicting entry and the first index it
/// stores for that term" (section 5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Conflict {
    /// The term of the entry at `prev_log_index`; `None` if the log is shorter than that.
    pub term: Option<Term>,
    /// The first place with that term, or the first beyond the end of the log.
    pub first_index: LogIndex,
}

/// What a client asks of a server. It may ask again, and ask any server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub enum Request<C> {
    /// That a command be carried out.
    Propose(Command<C>),
    /// That several commands be carried out, which share one write and one message to each
    /// follower.
    ProposeAll(Vec<Command<C>>),
}

/// The timers of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub enum Timer {
    /// Follower, candidate: "If election timeout elapses". A driver draws the time at random
    /// between one and two election timeouts, each time afresh (section 5.2).
    Election,
    /// Leader: the next heartbeat is due. A driver makes it several times shorter than the
    /// election timeout.
    Heartbeat,
    /// One election timeout, exactly: for so long a leader may be silent before its followers
    /// grant pre-votes, and a majority before its leader steps down. Armed only when the
    /// configuration asks for one of the two.
    Lease,
}
