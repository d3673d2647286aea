//! The acceptor.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::{Ballot, Durable, Ignored, Members, Message, Node, Record, Step, Vote};
use crate::protocol::{Data, Effects, NodeId, Steps};

/// An acceptor: it promises, and it votes.
///
/// Its memory runs ahead of its disk. Nothing that it says leaves before the write that it
/// follows from is durable, and writes become durable in order, so what a message tells of the
/// acceptor is on disk when the message leaves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Acceptor<V> {
    /// The highest ballot that it took part in, `maxBal`: it accepts nothing below.
    promised: Option<Ballot>,
    /// Its vote in the highest ballot, `maxVBal, maxVal`.
    accepted: Option<Vote<V>>,
}

impl<V: Data> Acceptor<V> {
    /// An acceptor that remembers what it promised and accepted.
    pub fn recover(durable: &Durable<V>) -> Self {
        Self { promised: durable.promised, accepted: durable.accepted.clone() }
    }

    /// The highest ballot that it took part in.
    pub fn promised(&self) -> Option<Ballot> {
        self.promised
    }

    /// Its vote in the highest ballot.
    pub fn accepted(&self) -> Option<&Vote<V>> {
        self.accepted.as_ref()
    }

    /// Phase 1 (b): "if an acceptor receives a prepare request with number n greater than that
    /// of any prepare request to which it has already responded", it promises (Lamport 2001,
    /// section 2.2).
    pub fn phase1b<S: Steps<Step<V>>>(
        &mut self,
        me: NodeId,
        proposer: NodeId,
        ballot: Ballot,
        effects: &mut Effects<Node<V>, S>,
    ) {
        if self.promised == Some(ballot) {
            return effects.ignore(Ignored::AlreadyPromised);
        }
        if self.promised > Some(ballot) {
            return effects.ignore(Ignored::PromisedHigher);
        }
        self.promised = Some(ballot);
        let written = effects.write(Record::Promised(ballot));
        effects.step(written, || Step::Phase1b { acceptor: me, ballot });
        let accepted = self.accepted.clone();
        effects.send(written, proposer, Message::Promise { ballot, accepted });
    }

    /// Phase 2 (b): it accepts the proposal "unless it has already responded to a prepare
    /// request having a number greater than n" (Lamport 2001, section 2.2), and tells every
    /// learner.
    pub fn phase2b<S: Steps<Step<V>>>(
        &mut self,
        me: NodeId,
        members: &Members,
        vote: Vote<V>,
        effects: &mut Effects<Node<V>, S>,
    ) {
        if self.promised > Some(vote.ballot) {
            return effects.ignore(Ignored::PromisedHigher);
        }
        if self.accepted.as_ref().is_some_and(|accepted| accepted.ballot == vote.ballot) {
            return effects.ignore(Ignored::AlreadyAccepted);
        }
        // A vote is also a promise: the acceptor may never have seen this ballot's prepare.
        self.promised = Some(vote.ballot);
        self.accepted = Some(vote.clone());
        let written = effects.write(Record::Accepted(vote.clone()));
        let Vote { ballot, value } = vote;
        effects.step(written, || Step::Phase2b { acceptor: me, ballot, value: value.clone() });
        for &learner in members.learners() {
            effects.send(written, learner, Message::Accepted { ballot, value: value.clone() });
        }
    }
}
