//! A node: the one entry point.

use alloc::sync::Arc;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::core::Turn;
use super::{Config, Durable, Ignored, Message, Record, Request, Server, Step, Timer};
use crate::protocol::{Effects, Event, NodeId, Protocol, Steps};
use crate::state_machine::{Applied, StateMachine};

/// A node of a Raft cluster, whose servers replicate the state machine `M`.
///
/// It takes part from its first [`Event::Recover`] on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(bound(
        serialize = "M: Serialize, M::Command: Serialize, M::Output: Serialize",
        deserialize = "M: Deserialize<'de>, M::Command: Deserialize<'de>, \
                       M::Output: Deserialize<'de>"
    ))
)]
pub struct Node<M: StateMachine> {
    me: NodeId,
    config: Arc<Config>,
    /// The state machine before its first command.
    machine: M,
    server: Option<Server<M>>,
}

impl<M: StateMachine> Node<M> {
    /// The node `me`, before it is first given [`Event::Recover`]: until then it ignores
    /// everything, for it does not know whom it may have voted for. All nodes of a cluster are
    /// given equal machines.
    pub fn new(me: NodeId, config: Arc<Config>, machine: M) -> Self {
        Self { me, config, machine, server: None }
    }

    /// Its name.
    pub fn id(&self) -> NodeId {
        self.me
    }

    /// What it was told.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The server in it, once it has recovered; `None` for ever if it is not a member.
    pub fn server(&self) -> Option<&Server<M>> {
        self.server.as_ref()
    }

    fn recover<S: Steps<Step<M::Command>>>(
        &mut self,
        durable: Durable<M::Command>,
        effects: &mut Effects<Self, S>,
    ) {
        if self.config.members.place(self.me).is_none() {
            return effects.ignore(Ignored::NotAMember);
        }
        let members = self.config.members.ids().len();
        self.server = Some(Server::recover(durable, self.machine.clone(), members));
        effects.arm(Timer::Election);
    }
}

impl<M: StateMachine> Protocol for Node<M> {
    type Durable = Durable<M::Command>;
    type Record = Record<M::Command>;
    type Message = Message<M::Command>;
    type Request = Request<M::Command>;
    type Reply = Applied<M::Output>;
    type Timer = Timer;
    type Step = Step<M::Command>;
    type Ignored = Ignored;

    fn apply(durable: &mut Self::Durable, record: &Self::Record) {
        record.apply(durable);
    }

    fn handle<S: Steps<Self::Step>>(&mut self, event: Event<Self>, effects: &mut Effects<Self, S>) {
        if let Event::Recover(durable) = event {
            return self.recover(durable, effects);
        }
        let Some(server) = &mut self.server else {
            return effects.ignore(Ignored::NotAMember);
        };
        let mut turn = Turn { me: self.me, config: &self.config, server, effects };
        match event {
            Event::Message { from, message } => turn.message(from, message),
            Event::Fired(timer) => turn.fired(timer),
            Event::Request(request) => turn.request(request),
            Event::Durable(_) => turn.effects.ignore(Ignored::NoNews),
            Event::Recover(_) => {}
        }
    }
}
