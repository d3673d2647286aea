//! Who plays which role.

use alloc::vec::Vec;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::Ballot;
use crate::protocol::NodeId;

/// Who proposes, who accepts and who learns. A node may be in any of the lists, or in all. Every
/// node of a cluster must be given the same lists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Members {
    proposers: Vec<NodeId>,
    acceptors: Vec<NodeId>,
    learners: Vec<NodeId>,
}

impl Members {
    /// The members by role. Order and repetition do not matter.
    pub fn new(
        proposers: impl IntoIterator<Item = NodeId>,
        acceptors: impl IntoIterator<Item = NodeId>,
        learners: impl IntoIterator<Item = NodeId>,
    ) -> Self {
        Self {
            proposers: sorted(proposers),
            acceptors: sorted(acceptors),
            learners: sorted(learners),
        }
    }

    /// Nodes `0..nodes`, each of which plays all three roles.
    pub fn all_roles(nodes: u32) -> Self {
        let all = || (0..nodes).map(NodeId);
        Self::new(all(), all(), all())
    }

    /// The proposers, in the order of their ids, which is the order of their ranks.
    pub fn proposers(&self) -> &[NodeId] {
        &self.proposers
    }

    /// The acceptors, in the order of their ids.
    pub fn acceptors(&self) -> &[NodeId] {
        &self.acceptors
    }

    /// The learners, in the order of their ids.
    pub fn learners(&self) -> &[NodeId] {
        &self.learners
    }

    /// Whether so many acceptors are a majority, so that any two such sets have one in common
    /// (Lamport 2001, section 2.2).
    pub fn is_quorum(&self, acceptors: usize) -> bool {
        acceptors > self.acceptors.len() / 2
    }

    /// The lowest ballot of a proposer above `floor`; see [`Ballot::next_of`].
    pub fn next_ballot(&self, proposer: NodeId, floor: Option<Ballot>) -> Option<Ballot> {
        let rank = self.proposers.binary_search(&proposer).ok()?;
        Ballot::next_of(rank as u64, self.proposers.len() as u64, floor)
    }
}

fn sorted(ids: impl IntoIterator<Item = NodeId>) -> Vec<NodeId> {
    let mut ids: Vec<_> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

#[cfg(test)]
mod tests {
    use super::Members;

    #[test]
    fn two_quorums_always_meet() {
        for nodes in 0..9 {
            let members = Members::all_roles(nodes);
            let least = (0..=nodes as usize).find(|&count| members.is_quorum(count));
            assert_eq!(least.is_none(), nodes == 0);
            assert!(least.is_none_or(|least| 2 * least > nodes as usize));
        }
    }
}
