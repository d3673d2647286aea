//! The rules for servers: Figure 2, "Rules for Servers" and the receivers' implementations.

mod commit;
mod election;
mod follower;
mod leader;

use super::{
    Config, Entries, HardState, Ignored, LogIndex, Message, Node, Received, Record, Request, Role,
    Server, Step, Term, Timer,
};
use crate::protocol::{Effects, NodeId, Steps};
use crate::state_machine::StateMachine;

/// One event at a server, and what follows from it.
///
/// Each event leads to one write at most, which is issued before any message is sent; and whatever
/// leaves the server waits for its latest write.
pub(super) struct Turn<'t, M: StateMachine, S> {
    pub(super) me: NodeId,
    pub(super) config: &'t Config,
    pub(super) server: &'t mut Server<M>,
    pub(super) effects: &'t mut Effects<Node<M>, S>,
}

impl<'t, M: StateMachine, S: Steps<Step<M::Command>>> Turn<'t, M, S> {
    /// A message has arrived.
    pub(super) fn message(&mut self, from: NodeId, message: Message<M::Command>) {
        let Some(peer) = self.config.members.place(from).filter(|_| from != self.me) else {
            return self.effects.ignore(Ignored::NotAPeer);
        };
        match message {
            Message::RequestVote(request) => self.request_vote(from, request),
            Message::RequestVoteResponse(response) => {
                self.request_vote_response(from, peer, response);
            }
            Message::AppendEntries(request) => self.append_entries(from, request),
            Message::AppendEntriesResponse(response) => {
                self.append_entries_response(from, peer, response);
            }
            Message::PreVote(request) => self.pre_vote(from, request),
            Message::PreVoteResponse { term } => self.pre_vote_response(peer, term),
        }
    }

    /// A timer has fired.
    pub(super) fn fired(&mut self, timer: Timer) {
        match (timer, self.server.role) {
            (Timer::Election, Role::Follower | Role::Candidate) => self.election_timeout(),
            (Timer::Heartbeat, Role::Leader) => self.heartbeat(),
            (Timer::Lease, Role::Leader) => self.check_quorum(),
            (Timer::Lease, _) if self.server.leader.is_some() => self.server.leader = None,
            _ => self.effects.ignore(Ignored::NotNow),
        }
    }

    /// A client asks for something.
    pub(super) fn request(&mut self, request: Request<M::Command>) {
        if self.server.role != Role::Leader {
            let hint = self.server.leader;
            return self.effects.ignore(Ignored::NotLeader(hint));
        }
        self.propose(request);
    }

    /// All servers: "If RPC request or response contains term T > currentTerm: set currentTerm =
    /// T, convert to follower". Returns whether it does; the caller writes it down.
    fn enter_later_term(&mut self, term: Term) -> bool {
        let later = term > self.server.hard.current_term;
        if later {
            self.server.hard = HardState { current_term: term, voted_for: None };
            self.become_follower(None);
        }
        later
    }

    /// The server follows, this leader if it is known.
    fn become_follower(&mut self, leader: Option<NodeId>) {
        if self.server.role == Role::Leader {
            self.effects.cancel(Timer::Heartbeat);
            self.effects.arm(Timer::Election);
        }
        let was_led = self.server.leader.is_some();
        self.server.role = Role::Follower;
        self.server.polling = false;
        self.server.leader = leader;
        if leader.is_some() {
            self.effects.arm(Timer::Election);
            if self.config.pre_vote {
                self.effects.arm(Timer::Lease);
            }
        } else if was_led && (self.config.pre_vote || self.config.check_quorum) {
            self.effects.cancel(Timer::Lease);
        }
    }

    /// A response of a later term has nothing else to say.
    fn leave_term(&mut self, from: NodeId, message: impl Fn() -> Message<M::Command>) {
        self.write_hard_state();
        self.receive(from, &message);
        let to = self.me;
        self.step(|| Step::DropMessage(Received { from, to, message: message() }));
    }

    /// The other members.
    fn others(&self) -> impl Iterator<Item = NodeId> + use<'t, M, S> {
        let me = self.me;
        self.config.members.ids().iter().copied().filter(move |id| *id != me)
    }

    /// Asks for term and vote to be made durable.
    fn write_hard_state(&mut self) {
        self.write(true, None, Entries::default());
    }

    /// Asks for what is new to be made durable.
    fn write(&mut self, hard: bool, truncate_to: Option<LogIndex>, append: Entries<M::Command>) {
        let hard = hard.then_some(self.server.hard);
        self.effects.write(Record { hard, truncate_to, append });
    }

    /// Sends a message, when all that was written is durable.
    fn send(&mut self, to: NodeId, message: Message<M::Command>) {
        self.effects.send(self.effects.latest_write(), to, message);
    }

    /// Takes note of a step, which happens when all that was written is durable.
    fn step(&mut self, step: impl FnOnce() -> Step<M::Command>) {
        self.effects.step(self.effects.latest_write(), step);
    }

    /// Takes note of a step towards handling a message.
    fn receive(&mut self, from: NodeId, message: impl FnOnce() -> Message<M::Command>) {
        let to = self.me;
        self.step(|| Step::Receive(Received { from, to, message: message() }));
    }
}
