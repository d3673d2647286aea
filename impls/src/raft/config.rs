//! What the servers of a cluster are told.

use alloc::vec::Vec;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::quorum;
use crate::protocol::NodeId;

/// The servers of a cluster, in the order of their ids.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(from = "Vec<NodeId>"))]
pub struct Members(Vec<NodeId>);

impl From<Vec<NodeId>> for Members {
    fn from(ids: Vec<NodeId>) -> Self {
        Self::new(ids)
    }
}

impl Members {
    /// These servers. Order and repetition do not matter.
    pub fn new(ids: impl IntoIterator<Item = NodeId>) -> Self {
        let mut ids: Vec<_> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        Self(ids)
    }

    /// Servers `0..count`.
    pub fn first(count: u32) -> Self {
        Self::new((0..count).map(NodeId))
    }

    /// Their ids, in order.
    pub fn ids(&self) -> &[NodeId] {
        &self.0
    }

    /// The place of a server among them.
    pub fn place(&self, id: NodeId) -> Option<usize> {
        self.0.binary_search(&id).ok()
    }

    /// Whether so many of them are a majority.
    pub fn is_majority(&self, count: usize) -> bool {
        quorum::is_majority(count, self.0.len())
    }
}

/// What the servers of a cluster are told. The members must be the same for all of them; the
/// rest may differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Config {
    /// The servers of the cluster.
    pub members: Members,
    /// A leader begins its term with an entry of its own, so that it soon knows which entries of
    /// earlier terms are committed (section 8). The figure alone does without.
    pub no_op: bool,
    /// The most entries in one message, at least 1.
    pub max_entries: usize,
    /// How many messages with entries a follower may be sent between two heartbeats before it has
    /// taken any. With 1, the next entries wait for the answer, and `next_index` moves when it
    /// comes. With more, the leader sends them in the hope that the last ones arrive (dissertation,
    /// section 10.2.1); how many more grows with what is accepted, and falls with a rejection.
    pub window: usize,
    /// A follower that rejects entries says where the conflicting term begins, and the leader
    /// goes back by whole terms rather than entry by entry (section 5.3).
    pub fast_backtracking: bool,
    /// A leader tells its followers at once when it commits something, and does not wait for the
    /// next entry or heartbeat.
    pub eager_commit: bool,
    /// A server asks whether it could win before it begins a term (dissertation, section 9.6).
    pub pre_vote: bool,
    /// A leader that has not heard from a majority for an election timeout steps down
    /// (dissertation, section 6.2).
    pub check_quorum: bool,
}

impl Config {
    /// Figure 2 and nothing else, but for several entries in a message.
    pub fn figure_2(members: Members) -> Self {
        Self {
            members,
            no_op: false,
            max_entries: 1024,
            window: 1,
            fast_backtracking: false,
            eager_commit: false,
            pre_vote: false,
            check_quorum: false,
        }
    }

    /// Everything on, as one would run it.
    pub fn recommended(members: Members) -> Self {
        Self {
            no_op: true,
            window: 256,
            fast_backtracking: true,
            eager_commit: true,
            pre_vote: true,
            check_quorum: true,
            ..Self::figure_2(members)
        }
    }
}
