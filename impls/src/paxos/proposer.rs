//! The proposer.

use alloc::collections::BTreeMap;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::{Ballot, Durable, Ignored, Members, Message, Node, Record, Step, Timer, Vote};
use crate::protocol::{Data, Effects, NodeId, Steps};

/// A proposer: it issues proposals until it is told to rest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Proposer<V> {
    /// The highest ballot that it ever began.
    tried: Option<Ballot>,
    /// What its client wants chosen.
    wanted: Option<V>,
    /// How far the ballot `tried` has come.
    phase: Phase<V>,
}

/// How far a ballot has come.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub enum Phase<V> {
    /// No ballot is running.
    Resting,
    /// Promises are being collected: for each acceptor that promised, its latest vote.
    One(BTreeMap<NodeId, Option<Vote<V>>>),
    /// The proposal has been issued.
    Two,
}

impl<V: Data> Proposer<V> {
    /// A proposer that remembers which ballots it may not use again.
    pub fn recover(durable: &Durable<V>) -> Self {
        Self { tried: durable.tried, wanted: None, phase: Phase::Resting }
    }

    /// The highest ballot that it ever began.
    pub fn tried(&self) -> Option<Ballot> {
        self.tried
    }

    /// What its client wants chosen, until something is.
    pub fn wanted(&self) -> Option<&V> {
        self.wanted.as_ref()
    }

    /// How far that ballot has come.
    pub fn phase(&self) -> &Phase<V> {
        &self.phase
    }

    /// A client wants a value chosen. The ballot will be above `floor`, the highest that the
    /// node knows of.
    pub fn propose<S: Steps<Step<V>>>(
        &mut self,
        me: NodeId,
        members: &Members,
        value: V,
        floor: Option<Ballot>,
        effects: &mut Effects<Node<V>, S>,
    ) {
        if self.wanted.is_some() {
            return effects.ignore(Ignored::AlreadyProposing);
        }
        let Some(ballot) = members.next_ballot(me, self.tried.max(floor)) else {
            return effects.ignore(Ignored::OutOfBallots);
        };
        self.wanted = Some(value);
        self.phase1a(members, ballot, effects);
    }

    /// The ballot takes too long: the proposer abandons it for a higher one.
    pub fn retry<S: Steps<Step<V>>>(
        &mut self,
        me: NodeId,
        members: &Members,
        floor: Option<Ballot>,
        effects: &mut Effects<Node<V>, S>,
    ) {
        if self.wanted.is_none() {
            return effects.ignore(Ignored::NothingToRetry);
        }
        let Some(ballot) = members.next_ballot(me, self.tried.max(floor)) else {
            return effects.ignore(Ignored::OutOfBallots);
        };
        self.phase1a(members, ballot, effects);
    }

    /// Its client has what it wants: there is nothing more to propose.
    pub fn rest<S: Steps<Step<V>>>(&mut self, effects: &mut Effects<Node<V>, S>) {
        if self.wanted.take().is_some() {
            self.phase = Phase::Resting;
            effects.cancel(Timer::Retry);
        }
    }

    /// Phase 1 (a): "a proposer chooses a new proposal number n and sends a request to each
    /// member of some set of acceptors" (Lamport 2001, section 2.2); here, to all.
    fn phase1a<S: Steps<Step<V>>>(
        &mut self,
        members: &Members,
        ballot: Ballot,
        effects: &mut Effects<Node<V>, S>,
    ) {
        self.tried = Some(ballot);
        self.phase = Phase::One(BTreeMap::new());
        let written = effects.write(Record::Tried(ballot));
        effects.step(written, || Step::Phase1a { ballot });
        for &acceptor in members.acceptors() {
            effects.send(written, acceptor, Message::Prepare { ballot });
        }
        effects.arm(Timer::Retry);
    }

    /// Phase 2 (a): "if the proposer receives a response to its prepare requests (numbered n)
    /// from a majority of acceptors, then it sends an accept request" with the value that the
    /// responses allow (Lamport 2001, section 2.2).
    pub fn phase2a<S: Steps<Step<V>>>(
        &mut self,
        members: &Members,
        acceptor: NodeId,
        ballot: Ballot,
        accepted: Option<Vote<V>>,
        effects: &mut Effects<Node<V>, S>,
    ) {
        let (Some(wanted), Phase::One(promises)) = (&self.wanted, &mut self.phase) else {
            return effects.ignore(Ignored::NotMyBallot);
        };
        if self.tried != Some(ballot) {
            return effects.ignore(Ignored::NotMyBallot);
        }
        if promises.contains_key(&acceptor) {
            return effects.ignore(Ignored::PromiseCounted);
        }
        promises.insert(acceptor, accepted);
        if !members.is_quorum(promises.len()) {
            return;
        }
        let value = value_to_propose(promises.values().flatten(), wanted).clone();
        self.phase = Phase::Two;
        effects.step(None, || Step::Phase2a { ballot, value: value.clone() });
        for &acceptor in members.acceptors() {
            effects.send(None, acceptor, Message::Accept { ballot, value: value.clone() });
        }
    }
}

/// The value of a proposal: "the value of the highest-numbered proposal among the responses, or
/// any value if the responses reported no proposals" (Lamport 2001, section 2.2). This choice is
/// what makes a value that is chosen the only one that can be.
pub fn value_to_propose<'a, V>(
    reported: impl IntoIterator<Item = &'a Vote<V>>,
    wanted: &'a V,
) -> &'a V {
    let highest = reported.into_iter().max_by_key(|vote| vote.ballot);
    highest.map_or(wanted, |vote| &vote.value)
}
