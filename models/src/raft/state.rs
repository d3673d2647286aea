//! The state: what each server holds, by what it survives, and the network.

use std::hash::{Hash, Hasher};
use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::ghost::Ghost;
use super::{Constants, Index, Message, ServerId, Term, ValueId};
use crate::common::{Bag, Sequence, Shared, SharedList, SmallSet};

/// An entry of a log.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Entry {
    /// The term of the leader that received the request.
    pub term: Term,
    /// The request.
    pub value: ValueId,
}

/// A log; the entry of index `i` is at place `i - 1`.
pub type Log = Sequence<Entry, 3>;

/// An index for each server. In a trace it is their list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "Vec<Index>", try_from = "Vec<Index>")]
pub struct Indices {
    /// Places for servers that there are not hold 0.
    of: [Index; Constants::SERVERS],
    servers: u8,
}

impl Indices {
    /// The same index for each of so many servers.
    pub fn repeat(index: Index, servers: usize) -> Self {
        debug_assert!(servers <= Constants::SERVERS, "there is a place for each server");
        let mut of = [0; Constants::SERVERS];
        of[..servers].fill(index);
        Self { of, servers: servers as u8 }
    }

    /// Changes the index of a server; of one that there is not, there is none.
    pub fn set(&mut self, server: usize, index: Index) {
        if let Some(of) = self.of[..self.servers.into()].get_mut(server) {
            *of = index;
        }
    }
}

/// As their list, which is shorter than all places, item by item.
impl Hash for Indices {
    #[inline]
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u8(self.servers);
        self.iter().for_each(|&index| hasher.write_u16(index));
    }
}

impl Deref for Indices {
    type Target = [Index];

    #[inline]
    fn deref(&self) -> &[Index] {
        &self.of[..self.servers.into()]
    }
}

/// Indices of the first servers, of as many as there are places for.
impl FromIterator<Index> for Indices {
    fn from_iter<I: IntoIterator<Item = Index>>(indices: I) -> Self {
        let mut all = Self::repeat(0, 0);
        for (place, index) in all.of.iter_mut().zip(indices) {
            *place = index;
            all.servers += 1;
        }
        all
    }
}

impl From<Indices> for Vec<Index> {
    fn from(indices: Indices) -> Self {
        indices.to_vec()
    }
}

impl TryFrom<Vec<Index>> for Indices {
    type Error = String;

    fn try_from(list: Vec<Index>) -> Result<Self, String> {
        if list.len() > Constants::SERVERS {
            return Err(format!("{} servers, at most {}", list.len(), Constants::SERVERS));
        }
        Ok(list.into_iter().collect())
    }
}

/// The term of an entry, if the log has it. Index 0 is before the first.
pub fn term_at(log: &[Entry], index: Index) -> Option<Term> {
    let place = usize::from(index).checked_sub(1)?;
    log.get(place).map(|entry| entry.term)
}

/// `LastTerm`: the term of the last entry, 0 if there is none.
pub fn last_term(log: &[Entry]) -> Term {
    log.last().map_or(0, |entry| entry.term)
}

/// `Len`, as an index: that of the last entry, 0 if there is none.
pub fn last_index(log: &[Entry]) -> Index {
    Index::try_from(log.len()).unwrap_or(Index::MAX)
}

/// What a server is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Role {
    /// It answers candidates and leaders.
    #[default]
    Follower,
    /// It asks for votes.
    Candidate,
    /// It serves clients and replicates its log.
    Leader,
}

/// What survives a restart: "persistent state on all servers" in Figure 2 of the paper.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Durable {
    /// `currentTerm`: the latest term that the server has seen.
    pub current_term: Term,
    /// `votedFor`: the candidate that has its vote in this term.
    pub voted_for: Option<ServerId>,
    /// `log`.
    pub log: Log,
}

/// What a restart forgets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Volatile {
    /// `state`.
    pub state: Role,
    /// `commitIndex`: the last entry known to be committed.
    pub commit_index: Index,
    /// `votesResponded`: who has answered this candidate.
    pub votes_responded: SmallSet,
    /// `votesGranted`: who has given it a vote.
    pub votes_granted: SmallSet,
    /// `nextIndex`: the next entry that this leader sends to each server.
    pub next_index: Indices,
    /// `matchIndex`: how far each server's log is known to agree with this leader's.
    pub match_index: Indices,
}

impl Volatile {
    /// What a server holds when it starts.
    pub fn started(servers: usize) -> Self {
        Self {
            state: Role::Follower,
            commit_index: 0,
            votes_responded: SmallSet::EMPTY,
            votes_granted: SmallSet::EMPTY,
            next_index: Indices::repeat(1, servers),
            match_index: Indices::repeat(0, servers),
        }
    }
}

/// A server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Server {
    /// What survives a restart.
    pub durable: Durable,
    /// What does not.
    pub volatile: Volatile,
}

impl Server {
    /// The server of `Init`, among `servers` of them.
    pub fn initial(servers: usize) -> Self {
        Self {
            durable: Durable { current_term: 1, voted_for: None, log: Log::new() },
            volatile: Volatile::started(servers),
        }
    }
}

/// The servers, the network, and what only properties may read.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// One entry for each server.
    pub servers: SharedList<Server>,
    /// `messages`: what is in flight, and how often.
    pub messages: Bag<Message>,
    /// The history variables, if they are kept.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ghost: Option<Shared<Ghost>>,
}

/// One part after the other, so that `clone_from` leaves alone what is shared already.
impl Clone for State {
    fn clone(&self) -> Self {
        let Self { servers, messages, ghost } = self;
        Self { servers: servers.clone(), messages: messages.clone(), ghost: ghost.clone() }
    }

    #[inline]
    fn clone_from(&mut self, from: &Self) {
        self.servers.clone_from(&from.servers);
        self.messages.clone_from(&from.messages);
        self.ghost.clone_from(&from.ghost);
    }
}

impl State {
    /// A server.
    pub fn server(&self, i: ServerId) -> &Server {
        &self.servers[usize::from(i)]
    }

    /// A server, to be changed.
    pub fn server_mut(&mut self, i: ServerId) -> &mut Server {
        &mut self.servers.change()[usize::from(i)]
    }

    /// `Send`.
    pub fn send(&mut self, m: Message) {
        self.messages.insert(m);
    }

    /// `Discard`.
    pub fn discard(&mut self, m: &Message) {
        self.messages.remove(m);
    }

    /// `Reply`: sends a response and discards the request.
    pub fn reply(&mut self, response: Message, request: &Message) {
        self.discard(request);
        self.send(response);
    }

    /// The state as it is when history is off.
    #[must_use]
    pub fn without_history(&self) -> Self {
        let messages = self.messages.iter().map(|(m, count)| (m.without_history(), count));
        Self { servers: self.servers.clone(), messages: messages.collect(), ghost: None }
    }
}
