//! The map from clusters of shipped nodes to the model `raft`.
//!
//! - A server of the model has the term, the vote and the log that are on the *disk*. All else is
//!   what the node's memory held before its oldest write that is not durable yet: a node does
//!   everything in the order of its writes, so that nothing it has done since has happened yet.
//!   A node that is down holds what a restart leaves.
//! - A message is in the model's bag from the write that it waited for, until the last step that
//!   it leads to has happened. Pre-votes are no messages of the model.
//! - Terms count from 0 here and from 1 there. The leader's `leader_commit` is the figure's; the
//!   specification's `mcommitIndex` ends with the entries of the message.
//! - A rejection's hint is no part of the model's message: where the leader goes on is a step of
//!   its own, `SetNextIndex`.

use bisim::raft::{self as shipped, AppendResult, Message, Payload, Received, Step};
use bisim_models::raft::Log;
use bisim_models::raft::{
    self as model, Action, Constants, Durable, Entry, Raft, State, ValueId, Volatile,
};
use proptest::strategy::Strategy;

use super::bugs_impl::IMPLEMENTATION_BUGS;
use super::image::{index, number, server, term, term_before, volatile};
use super::sampled::scopes;
use super::scope::{RaftCluster, RaftNetwork, RaftNode, RaftState, Scope};
use crate::cluster::{ClusterAction, Envelope, Move, Sabotage, Site, Transition};
use crate::refinement::{Exception, LabelledEnd, Refinement};
use crate::shipped::Shipped;

/// The claim that a cluster of shipped nodes refines the model `raft`.
pub struct Implementation {
    scope: Scope,
    cluster: RaftCluster,
    specification: Raft,
}

impl Shipped for Implementation {
    type Node = RaftNode;
    type Scope = Scope;

    const BUGS: &'static [(&'static str, Sabotage<RaftNode>)] = &IMPLEMENTATION_BUGS;
    const DRAWN: &'static str = "3 to 7 nodes";
    const DONE: &'static str = "a client was answered";

    fn of(scope: Scope, sabotage: Option<Sabotage<RaftNode>>) -> Self {
        let values = u32::from(scope.no_op) + scope.clients * scope.commands;
        let constants = Constants {
            start: Default::default(),
            servers: u8::try_from(scope.nodes).expect("a scope has a few nodes"),
            values: u16::try_from(values).expect("a scope has a few commands"),
            max_term: number(scope.max_term.into()),
            max_log: scope.max_log as usize,
            max_msgs: scope.room as usize,
            max_dup: 1,
            // With 1, the published step, which must send an entry if there is one.
            max_entries: scope.max_entries as usize,
            history: false,
            hardened: true,
            step_down: scope.check_quorum,
            free_next: scope.window > 1 || scope.fast_backtracking,
        };
        let cluster = scope.cluster().sabotaged(sabotage);
        Self { scope, cluster, specification: Raft { constants } }
    }

    fn memoized(self) -> Self {
        Self { cluster: self.cluster.memoized(), ..self }
    }

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn drawn() -> impl Strategy<Value = Scope> {
        scopes()
    }
}

impl Implementation {
    /// The cluster.
    pub fn cluster(&self) -> &RaftCluster {
        &self.cluster
    }

    /// The value that stands for what an entry holds. Clients have only so many commands: a number
    /// beyond those, which a bug may make up, stands for the same command as a smaller one.
    pub fn value(&self, payload: &Payload<u64>) -> ValueId {
        let first = u16::from(self.scope.no_op);
        match payload {
            Payload::NoOp => 0,
            Payload::Command(command) => {
                let commands = u64::from(self.scope.commands.max(1));
                let place = command.sequence.0.saturating_sub(1) % commands;
                let of_client = command.client.0.saturating_mul(commands);
                first.saturating_add(number(of_client.saturating_add(place)))
            }
        }
    }

    fn log(&self, entries: &[shipped::Entry<u64>]) -> Log {
        let entry = |entry: &shipped::Entry<u64>| Entry {
            term: term(entry.term),
            value: self.value(&entry.payload),
        };
        entries.iter().map(entry).collect()
    }

    fn server(&self, site: &Site<RaftNode>) -> model::Server {
        let durable = Durable {
            current_term: term(site.disk.hard.current_term),
            voted_for: site.disk.hard.voted_for.map(server),
            log: self.log(site.disk.log.entries()),
        };
        let oldest = site.pending.first().and_then(|pending| pending.hindsight.as_ref());
        let node = oldest.map(|hindsight| &*hindsight.node).or(site.node.as_ref());
        let volatile = node.and_then(RaftNode::server).map(volatile);
        let started = || Volatile::started(self.scope.nodes as usize);
        model::Server { durable, volatile: volatile.unwrap_or_else(started) }
    }

    /// The message of the model that a message stands for, if it stands for one.
    pub fn message(&self, envelope: &Envelope<Message<u64>>) -> Option<model::Message> {
        let (msource, mdest) = (server(envelope.from), server(envelope.to));
        Some(match &envelope.message {
            Message::RequestVote(request) => model::Message::RequestVoteRequest {
                mterm: term(request.term),
                mlast_log_term: term_before(request.last_log_index, request.last_log_term),
                mlast_log_index: index(request.last_log_index),
                msource,
                mdest,
            },
            Message::RequestVoteResponse(response) => model::Message::RequestVoteResponse {
                mterm: term(response.term),
                mvote_granted: response.vote_granted,
                mlog: None,
                msource,
                mdest,
            },
            Message::AppendEntries(request) => {
                let prev = index(request.prev_log_index);
                let entries = self.log(&request.entries);
                model::Message::AppendEntriesRequest {
                    mterm: term(request.term),
                    mprev_log_index: prev,
                    mprev_log_term: term_before(request.prev_log_index, request.prev_log_term),
                    mlog: None,
                    mcommit_index: index(request.leader_commit)
                        .min(prev.saturating_add(number(entries.len() as u64))),
                    mentries: entries,
                    msource,
                    mdest,
                }
            }
            Message::AppendEntriesResponse(response) => {
                let (msuccess, mmatch_index) = match response.result {
                    AppendResult::Success { match_index } => (true, index(match_index)),
                    AppendResult::Failure { .. } => (false, 0),
                };
                let mterm = term(response.term);
                model::Message::AppendEntriesResponse {
                    mterm,
                    msuccess,
                    mmatch_index,
                    msource,
                    mdest,
                }
            }
            Message::PreVote(_) | Message::PreVoteResponse { .. } => return None,
        })
    }

    fn received(&self, received: &Received<u64>) -> Option<model::Message> {
        let Received { from, to, message } = received.clone();
        self.message(&Envelope { from, to, message })
    }

    /// The action that a recorded step names.
    pub fn action(&self, step: &Step<u64>) -> Option<Action> {
        Some(match step {
            Step::Timeout { server: i } => Action::Timeout { i: server(*i) },
            Step::RequestVote { server: i, peer } => {
                Action::RequestVote { i: server(*i), j: server(*peer) }
            }
            Step::BecomeLeader { server: i } => Action::BecomeLeader { i: server(*i) },
            Step::ClientRequest { server: i, payload } => {
                Action::ClientRequest { i: server(*i), v: self.value(payload) }
            }
            Step::AdvanceCommitIndex { server: i } => Action::AdvanceCommitIndex { i: server(*i) },
            Step::AppendEntries { server: i, peer, entries } => Action::AppendEntries {
                i: server(*i),
                j: server(*peer),
                entries: number(*entries as u64),
            },
            Step::Receive(received) => Action::Receive { m: self.received(received)? },
            Step::DropMessage(received) => Action::DropMessage { m: self.received(received)? },
            Step::StepDown { server: i } => Action::StepDown { i: server(*i) },
            Step::SetNextIndex { server: i, peer, next } => {
                Action::SetNextIndex { i: server(*i), j: server(*peer), next: index(*next) }
            }
        })
    }

    /// What an edge names: what the network or a crash does to the model, the steps that the
    /// nodes recorded, and the messages that have said nothing.
    fn named(
        &self,
        action: &ClusterAction<RaftNode>,
        transition: &Transition<RaftNode, RaftNetwork>,
    ) -> Vec<Action> {
        let by_driver = match action {
            ClusterAction::Network(Move::Duplicate(envelope) | Move::Copy(envelope)) => {
                self.message(envelope).map(|m| Action::DuplicateMessage { m })
            }
            ClusterAction::Crash { node } => Some(Action::Restart { i: server(*node) }),
            _ => None,
        };
        let steps = transition.steps.iter().filter_map(|step| self.action(step));
        let lost = transition.lost.iter().filter_map(|envelope| self.message(envelope));
        by_driver.into_iter().chain(steps).chain(lost.map(|m| Action::DropMessage { m })).collect()
    }
}

impl Refinement for Implementation {
    type Concrete = RaftCluster;
    type Abstract = Raft;

    fn name(&self) -> &'static str {
        "the implementation refines raft"
    }

    fn concrete(&self) -> &RaftCluster {
        &self.cluster
    }

    fn specification(&self) -> &Raft {
        &self.specification
    }

    fn map(&self, state: &RaftState) -> State {
        let servers = state.sites.iter().map(|site| self.server(site)).collect();
        let mut image = State { servers, messages: Default::default(), ghost: None };
        let pending = state.sites.iter().flat_map(|site| &site.pending);
        let hindsight = pending.filter_map(|pending| pending.hindsight.as_ref());
        let arrived = hindsight.flat_map(|hindsight| &hindsight.arrived);
        for envelope in state.network.under_way().iter().chain(arrived) {
            self.message(envelope).into_iter().for_each(|m| image.send(m));
        }
        image
    }

    fn label(
        &self,
        before: &RaftState,
        action: &ClusterAction<RaftNode>,
        _after: &RaftState,
    ) -> Vec<Action> {
        let transition = self.cluster.run(before, action);
        transition.map_or_else(Vec::new, |transition| self.named(action, &transition))
    }

    /// One run tells both.
    fn edge(
        &self,
        before: &RaftState,
        action: &ClusterAction<RaftNode>,
    ) -> Option<LabelledEnd<Self>> {
        let transition = self.cluster.run(before, action)?;
        let label = self.named(action, &transition);
        let changes = transition.state != *before || !transition.steps.is_empty();
        changes.then_some((transition.state, label))
    }

    fn exceptions(&self) -> Vec<Exception<Self>> {
        self.classes()
    }

    fn lanes(&self) -> Vec<String> {
        (0..self.scope.nodes).map(|node| format!("node {node}")).collect()
    }

    fn lane_of(&self, action: &ClusterAction<RaftNode>) -> Option<usize> {
        action.node().map(|node| node.0 as usize)
    }
}
