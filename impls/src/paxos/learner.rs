//! The learner.

use alloc::collections::BTreeSet;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::{Ballot, Chosen, Ignored, Members, Node, Step, Vote};
use crate::protocol::{Data, Effects, NodeId, Steps};

/// A learner: it finds out what is chosen (Lamport 2001, section 2.3).
///
/// It counts the votes of the highest ballot that it has heard of, so its memory is bounded
/// however long the proposers compete. It may so miss a choice in a lower ballot; but then a
/// higher ballot is under way, which can only choose the same. It needs no disk: what it has
/// forgotten in a crash, it learns again from the next ballot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Learner<V> {
    /// The highest ballot that it has heard of.
    ballot: Option<Ballot>,
    /// Who has accepted that ballot's proposal, while nothing is learned.
    voters: BTreeSet<NodeId>,
    /// What is chosen.
    learned: Option<V>,
}

impl<V> Default for Learner<V> {
    fn default() -> Self {
        Self { ballot: None, voters: BTreeSet::new(), learned: None }
    }
}

impl<V: Data> Learner<V> {
    /// What the learner knows to be chosen.
    pub fn learned(&self) -> Option<&V> {
        self.learned.as_ref()
    }

    /// The acceptors that are known to have voted in the highest ballot heard of.
    pub fn voters(&self) -> &BTreeSet<NodeId> {
        &self.voters
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
        if self.ballot > Some(vote.ballot) {
            effects.ignore(Ignored::LowerBallot);
            return false;
        }
        if self.ballot < Some(vote.ballot) {
            self.ballot = Some(vote.ballot);
            self.voters.clear();
        }
        if !self.voters.insert(acceptor) {
            effects.ignore(Ignored::VoteCounted);
            return false;
        }
        if !members.is_quorum(self.voters.len()) {
            return false;
        }
        *self = Self { learned: Some(vote.value.clone()), ..Self::default() };
        effects.reply(None, Chosen(vote.value));
        true
    }
}
