//! The learner.

use alloc::collections::BTreeMap;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::{Chosen, Ignored, Members, Node, Step, Vote};
use crate::protocol::{Data, Effects, NodeId, Steps};

/// A learner: it finds out what is chosen (Lamport 2001, section 2.3).
///
/// It needs no disk: what it has forgotten in a crash, it learns again from the next proposal
/// that is accepted. It keeps one vote for each acceptor, the latest, so its memory is bounded
/// however long the proposers compete.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Learner<V> {
    /// The latest vote of each acceptor, while nothing is learned.
    votes: BTreeMap<NodeId, Vote<V>>,
    /// What is chosen.
    learned: Option<V>,
}

impl<V> Default for Learner<V> {
    fn default() -> Self {
        Self { votes: BTreeMap::new(), learned: None }
    }
}

impl<V: Data> Learner<V> {
    /// What the learner knows to be chosen.
    pub fn learned(&self) -> Option<&V> {
        self.learned.as_ref()
    }

    /// Counts a vote: a value is chosen when a majority of the acceptors have accepted it *in one
    /// ballot*. Returns whether the learner has just learned.
    pub fn learn<S: Steps<Step<V>>>(
        &mut self,
        members: &Members,
        acceptor: NodeId,
        vote: Vote<V>,
        effects: &mut Effects<Node<V>, S>,
    ) -> bool {
        if self.learned.is_some() {
            effects.ignore(Ignored::AlreadyLearned);
            return false;
        }
        if self.votes.get(&acceptor).is_some_and(|known| known.ballot >= vote.ballot) {
            effects.ignore(Ignored::VoteCounted);
            return false;
        }
        let Vote { ballot, value } = vote.clone();
        self.votes.insert(acceptor, vote);
        let votes = self.votes.values().filter(|known| known.ballot == ballot).count();
        if !members.is_quorum(votes) {
            return false;
        }
        self.votes.clear();
        self.learned = Some(value.clone());
        effects.reply(None, Chosen(value));
        true
    }
}
