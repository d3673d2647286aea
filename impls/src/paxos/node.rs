//! A node: the roles that its membership gives it, behind the one entry point.

use alloc::sync::Arc;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::{
    Acceptor, Ballot, Chosen, Durable, Ignored, Learner, Members, Message, Propose, Proposer,
    Record, Step, Timer, Vote,
};
use crate::protocol::{Data, Effects, Event, NodeId, Protocol, Steps};

/// A node of single-decree Paxos: proposer, acceptor, learner, or any of them together.
///
/// It takes part from its first [`Event::Recover`] on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Node<V> {
    me: NodeId,
    members: Arc<Members>,
    proposer: Option<Proposer<V>>,
    acceptor: Option<Acceptor<V>>,
    learner: Option<Learner<V>>,
}

impl<V: Data> Node<V> {
    /// The node `me` of a cluster, before it is first given [`Event::Recover`]: until then it
    /// ignores everything, for it does not know what it may have promised.
    pub fn new(me: NodeId, members: Arc<Members>) -> Self {
        Self { me, members, proposer: None, acceptor: None, learner: None }
    }

    /// Its name.
    pub fn id(&self) -> NodeId {
        self.me
    }

    /// Who plays which role.
    pub fn members(&self) -> &Members {
        &self.members
    }

    /// The proposer in it, if it is one.
    pub fn proposer(&self) -> Option<&Proposer<V>> {
        self.proposer.as_ref()
    }

    /// The acceptor in it, if it is one.
    pub fn acceptor(&self) -> Option<&Acceptor<V>> {
        self.acceptor.as_ref()
    }

    /// The learner in it, if it is one.
    pub fn learner(&self) -> Option<&Learner<V>> {
        self.learner.as_ref()
    }

    /// The highest ballot that the node's acceptor knows of: a proposal below it is in vain.
    fn floor(&self) -> Option<Ballot> {
        self.acceptor.as_ref().and_then(Acceptor::promised)
    }

    fn recover(&mut self, durable: &Durable<V>) {
        let plays = |role: &[NodeId]| role.contains(&self.me);
        let (proposes, accepts, learns) = (
            plays(self.members.proposers()),
            plays(self.members.acceptors()),
            plays(self.members.learners()),
        );
        self.proposer = proposes.then(|| Proposer::recover(durable));
        self.acceptor = accepts.then(|| Acceptor::recover(durable));
        self.learner = learns.then(Learner::default);
    }

    fn request<S: Steps<Step<V>>>(&mut self, value: V, effects: &mut Effects<Self, S>) {
        if let Some(learned) = self.learner.as_ref().and_then(Learner::learned) {
            return effects.reply(None, Chosen(learned.clone()));
        }
        let floor = self.floor();
        match &mut self.proposer {
            Some(proposer) => proposer.propose(self.me, &self.members, value, floor, effects),
            None => effects.ignore(Ignored::NotMyRole),
        }
    }

    fn fired<S: Steps<Step<V>>>(&mut self, timer: Timer, effects: &mut Effects<Self, S>) {
        let floor = self.floor();
        match (timer, &mut self.proposer) {
            (Timer::Retry, Some(proposer)) => {
                proposer.retry(self.me, &self.members, floor, effects);
            }
            (Timer::Retry, None) => effects.ignore(Ignored::NotMyRole),
        }
    }

    fn message<S: Steps<Step<V>>>(
        &mut self,
        from: NodeId,
        message: Message<V>,
        effects: &mut Effects<Self, S>,
    ) {
        let senders = match message {
            Message::Prepare { .. } | Message::Accept { .. } => self.members.proposers(),
            Message::Promise { .. } | Message::Accepted { .. } => self.members.acceptors(),
        };
        if !senders.contains(&from) {
            return effects.ignore(Ignored::NotFromThatRole);
        }
        match (message, &mut self.proposer, &mut self.acceptor, &mut self.learner) {
            (Message::Prepare { ballot }, _, Some(acceptor), _) => {
                acceptor.phase1b(self.me, from, ballot, effects);
            }
            (Message::Promise { ballot, accepted }, Some(proposer), _, _) => {
                proposer.phase2a(&self.members, from, ballot, accepted, effects);
            }
            (Message::Accept { ballot, value }, _, Some(acceptor), _) => {
                acceptor.phase2b(self.me, &self.members, Vote { ballot, value }, effects);
            }
            (Message::Accepted { ballot, value }, proposer, _, Some(learner)) => {
                let learned = learner.learn(&self.members, from, Vote { ballot, value }, effects);
                if let (true, Some(proposer)) = (learned, proposer) {
                    proposer.rest(effects);
                }
            }
            _ => effects.ignore(Ignored::NotMyRole),
        }
    }
}

impl<V: Data> Protocol for Node<V> {
    type Durable = Durable<V>;
    type Record = Record<V>;
    type Message = Message<V>;
    type Request = Propose<V>;
    type Reply = Chosen<V>;
    type Timer = Timer;
    type Step = Step<V>;
    type Ignored = Ignored;

    fn apply(durable: &mut Durable<V>, record: &Record<V>) {
        record.apply(durable);
    }

    fn handle<S: Steps<Step<V>>>(&mut self, event: Event<Self>, effects: &mut Effects<Self, S>) {
        match event {
            Event::Recover(durable) => self.recover(&durable),
            Event::Message { from, message } => self.message(from, message, effects),
            Event::Fired(timer) => self.fired(timer, effects),
            Event::Request(Propose(value)) => self.request(value, effects),
            Event::Durable(_) => effects.ignore(Ignored::NoNews),
        }
    }
}
