//! What the implementation leaves out of what the model allows, and why it may.

use bisim::protocol::NodeId;
use bisim::raft::{self as shipped, AppendResult, Payload, Request, Role, Server, Timer};
use bisim::session::Seen;
use bisim::state_machine::Counter;
use bisim_models::raft::{Action, Message, ServerId};
use stateright::Model;

use super::implementation::Implementation;
use super::scope::{RaftNode, RaftState};
use crate::cluster::{ClusterAction, Envelope, Move, Site};
use crate::refinement::{Exception, Refinement};
use crate::shipped::Shipped;

/// A condition of a class: whether it is the reason why an action is missing in a state.
type Applies = fn(&Implementation, &RaftState, &Action) -> bool;

fn class(name: &'static str, reason: &'static str, applies: Applies) -> Exception<Implementation> {
    Exception { name, reason, applies }
}

impl Implementation {
    /// The classes that occur within the scope.
    pub(super) fn classes(&self) -> Vec<Exception<Self>> {
        let scope = self.scope();
        let mut classes = Self::of_every_scope();
        if scope.nodes > 2 {
            classes.push(class(
                "a heartbeat goes to another follower first",
                "a leader sends to all followers at one event, in the order of their ids: its next \
                 heartbeat takes this step, too",
                Self::another_follower_first,
            ));
        }
        if scope.max_log > 0 && scope.max_entries > 1 {
            classes.push(class(
                "a message holds what fits",
                "where the model may send any number of entries, a leader sends as many as there \
                 are and a message may hold",
                Self::holds_what_fits,
            ));
        }
        if scope.no_op {
            classes.push(class(
                "a leader makes its no-op when its term begins",
                "the model may request any value at any time",
                Self::is_a_no_op,
            ));
        }
        if scope.clients > 0 {
            classes.push(class(
                "the command was carried out",
                "a leader answers from the client's session, and appends no entry",
                Self::was_carried_out,
            ));
        }
        if scope.window > 1 || scope.fast_backtracking {
            classes.push(class(
                "nextIndex follows what is sent and answered",
                "the model may set it to any value above matchIndex at any time",
                |this, state, action| {
                    matches!(action, Action::SetNextIndex { .. }) && !this.is_busy(state, action)
                },
            ));
        }
        if scope.pre_vote {
            classes.push(class(
                "a term begins when a majority would vote",
                "with pre-vote, a server that cannot win does not time out",
                |this, state, action| {
                    matches!(action, Action::Timeout { .. }) && !this.is_busy(state, action)
                },
            ));
        }
        classes
    }

    /// The classes that need no switch.
    fn of_every_scope() -> Vec<Exception<Self>> {
        vec![
            class(
                "the server writes something else first",
                "a server does everything in the order of its writes",
                Self::is_busy,
            ),
            class(
                "the message has arrived",
                "its receiver is writing down what follows from it, and the network cannot lose or \
                 copy it any more",
                Self::has_arrived,
            ),
            class(
                "no crash is left",
                "a bound of the search: the model may restart a server at any time",
                Self::no_crash_is_left,
            ),
            class(
                "the write is beyond the bounds",
                "a bound of the search: the server would begin to write down the step, in a state \
                 that is not explored",
                Self::is_beyond_the_bounds,
            ),
            class(
                "a candidate asks for votes once",
                "it asked this server when its term began, and asks again in its next term",
                Self::has_asked,
            ),
            class(
                "the response says nothing new",
                "a server ignores a response of an old term or role, or one that it has counted; \
                 the model receives it",
                Self::says_nothing_new,
            ),
        ]
    }

    pub(super) fn site<'s>(&self, state: &'s RaftState, i: ServerId) -> &'s Site<RaftNode> {
        &state.sites[usize::from(i)]
    }

    pub(super) fn running<'s>(
        &self,
        state: &'s RaftState,
        i: ServerId,
    ) -> Option<&'s Server<Counter>> {
        self.site(state, i).node.as_ref()?.server()
    }

    /// The server that acts has a write under way, and will take another step with it first.
    pub(super) fn is_busy(&self, state: &RaftState, action: &Action) -> bool {
        let Some(i) = action.server() else { return false };
        let next = self.site(state, i).pending.iter().flat_map(|pending| &pending.steps).next();
        !matches!(action, Action::Restart { .. })
            && next.is_some_and(|step| self.action(step).as_ref() != Some(action))
    }

    fn has_arrived(&self, state: &RaftState, action: &Action) -> bool {
        let (Action::DuplicateMessage { m } | Action::DropMessage { m }) = action else {
            return false;
        };
        let pending = &self.site(state, m.mdest()).pending;
        let hindsight = pending.iter().filter_map(|pending| pending.hindsight.as_ref());
        let mut arrived = hindsight.flat_map(|hindsight| &hindsight.arrived);
        arrived.any(|envelope| self.message(envelope).as_ref() == Some(m))
    }

    fn no_crash_is_left(&self, state: &RaftState, action: &Action) -> bool {
        matches!(action, Action::Restart { .. }) && state.crashes_left == 0
    }

    /// What the driver would do for a server, which runs, to take a step that needs a write.
    fn driven(&self, state: &RaftState, action: &Action) -> Option<ClusterAction<RaftNode>> {
        match action {
            Action::Timeout { i } if !self.scope().pre_vote => {
                Some(ClusterAction::Fire { node: NodeId((*i).into()), timer: Timer::Election })
            }
            Action::ClientRequest { i, v } => {
                let is_it = |command: &_| self.value(&Payload::Command(*command)) == *v;
                let request = self.scope().all_commands().find(is_it).map(Request::Propose)?;
                Some(ClusterAction::Request { node: NodeId((*i).into()), request })
            }
            Action::Receive { m } => {
                let is_it = |envelope: &&Envelope<_>| self.message(envelope).as_ref() == Some(m);
                let envelope = state.network.under_way().iter().find(is_it)?;
                Some(ClusterAction::Network(Move::Deliver(envelope.clone())))
            }
            _ => None,
        }
    }

    fn is_beyond_the_bounds(&self, state: &RaftState, action: &Action) -> bool {
        let Some(i) = action.server() else { return false };
        let site = self.site(state, i);
        if !site.pending.is_empty() {
            return false;
        }
        let node = NodeId(i.into());
        let restarted = match site.node {
            Some(_) => None,
            None => self.cluster().run(state, &ClusterAction::Restart { node }),
        };
        let state = restarted.as_ref().map_or(state, |transition| &transition.state);
        let after =
            self.driven(state, action).and_then(|driven| self.cluster().run(state, &driven));
        after.is_some_and(|after| {
            let writes = self.site(&after.state, i).pending.first();
            let next = writes.and_then(|pending| pending.steps.first());
            next.and_then(|step| self.action(step)).as_ref() == Some(action)
                && !self.cluster().within_boundary(&after.state)
        })
    }

    /// A response to a server that is not busy: of an old term; to what the server is no longer; a
    /// vote that is counted; or a rejection that the leader has acted on.
    fn says_nothing_new(&self, state: &RaftState, action: &Action) -> bool {
        let Action::Receive { m } = action else { return false };
        let term = self.map_term(state, m.mdest());
        let server = self.running(state, m.mdest());
        let peer = server.and_then(|server| server.peers().get(usize::from(m.msource())));
        let is = |role| server.is_some_and(|server| server.role() == role);
        let old = match m {
            Message::RequestVoteResponse { mvote_granted, .. } => {
                let counted = peer.is_some_and(|peer| peer.vote() >= Some(*mvote_granted));
                !is(Role::Candidate) || counted
            }
            Message::AppendEntriesResponse { .. } => {
                let rejection = |envelope: &Envelope<_>| match &envelope.message {
                    shipped::Message::AppendEntriesResponse(response) => match response.result {
                        AppendResult::Failure { prev_log_index, .. } => Some(prev_log_index),
                        AppendResult::Success { .. } => None,
                    },
                    _ => None,
                };
                let is_it = |envelope: &&Envelope<_>| self.message(envelope).as_ref() == Some(m);
                let under_way = state.network.under_way().iter();
                let rejected = under_way.filter(is_it).filter_map(rejection);
                let news = |prev| {
                    peer.is_some_and(|peer| {
                        let sent = peer.match_index() < prev && prev < peer.next_index();
                        sent && (!peer.is_probing() || prev.next() == peer.next_index())
                    })
                };
                let acted_on = !rejected.into_iter().any(news);
                !is(Role::Leader) || (self.is_rejection(m) && acted_on)
            }
            Message::RequestVoteRequest { .. } | Message::AppendEntriesRequest { .. } => false,
        };
        let response =
            !matches!(m, Message::RequestVoteRequest { .. } | Message::AppendEntriesRequest { .. });
        response && !self.is_busy(state, action) && (m.mterm() < term || (m.mterm() == term && old))
    }

    fn is_rejection(&self, m: &Message) -> bool {
        matches!(m, Message::AppendEntriesResponse { msuccess: false, .. })
    }

    /// The term of a server, as the model counts it.
    fn map_term(&self, state: &RaftState, i: ServerId) -> bisim_models::raft::Term {
        self.map(state).server(i).durable.current_term
    }

    fn is_a_no_op(&self, state: &RaftState, action: &Action) -> bool {
        let no_op = self.value(&Payload::NoOp);
        matches!(action, Action::ClientRequest { v, .. } if *v == no_op)
            && !self.is_busy(state, action)
    }

    fn was_carried_out(&self, state: &RaftState, action: &Action) -> bool {
        let Action::ClientRequest { i, v } = *action else { return false };
        let Some(leader) = self.running(state, i) else { return false };
        let carried_out = self.scope().all_commands().any(|command| {
            let seen = leader.replicated().sessions().seen(command.client, command.sequence);
            self.value(&Payload::Command(command)) == v && seen != Seen::New
        });
        carried_out && !self.is_busy(state, action)
    }
}
