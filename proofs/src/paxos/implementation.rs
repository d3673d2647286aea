//! The map from clusters of shipped nodes to the model `paxos`.
//!
//! An acceptor of the model is what the acceptor's disk holds; the model's messages are the
//! messages that were sent, without their addresses. What a node keeps in memory alone - votes
//! that a learner has heard, promises that a proposer has collected, writes that are not durable
//! yet - is no part of the image: it stutters.

use bisim::paxos::{self as shipped, Message, Node, Step};
use bisim::protocol::NodeId;
use bisim_models::common::SortedSet;
use bisim_models::paxos::paxos::{self as model, AcceptorState, Action, Paxos};
use bisim_models::paxos::{Acceptor, Ballot, Constants};
use proptest::strategy::Strategy;

use super::bugs_impl::IMPLEMENTATION_BUGS;
use super::sampled::scopes;
use super::scope::{PaxosCluster, PaxosState, Proposal, Scope};
use crate::cluster::{ClusterAction, Envelope, Remembers, Sabotage, Transition};
use crate::refinement::{Exception, LabelledEnd, Refinement};
use crate::shipped::Shipped;

/// The claim that a cluster of shipped nodes refines the model `paxos`.
pub struct Implementation<N: Remembers<Message<Proposal>>> {
    scope: Scope,
    cluster: PaxosCluster<N>,
    specification: Paxos,
}

impl<N: Remembers<Message<Proposal>>> Shipped for Implementation<N> {
    type Node = Node<Proposal>;
    type Scope = Scope;

    const BUGS: &'static [(&'static str, Sabotage<Node<Proposal>>)] = &IMPLEMENTATION_BUGS;
    const DRAWN: &'static str = "3 to 7 nodes of all roles";
    const DONE: &'static str = "a value was learned";

    fn of(scope: Scope, sabotage: Option<Sabotage<Node<Proposal>>>) -> Self {
        let small = |count: u32| u8::try_from(count).expect("the bounds of a scope are small");
        let constants =
            Constants::new(small(scope.acceptors), small(scope.values), small(scope.max_ballot));
        Self {
            scope,
            cluster: scope.cluster().sabotaged(sabotage),
            specification: Paxos { constants },
        }
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

impl<N: Remembers<Message<Proposal>>> Implementation<N> {
    /// The proposers, by rank.
    pub(super) fn proposers(&self) -> &[NodeId] {
        self.cluster.nodes().first().map_or(&[], |node| node.members().proposers())
    }

    /// The acceptors: the model's acceptor `i` is the one at place `i`.
    pub(super) fn acceptors(&self) -> &[NodeId] {
        self.cluster.nodes().first().map_or(&[], |node| node.members().acceptors())
    }

    /// The model's acceptor that a node plays.
    pub fn acceptor(&self, node: NodeId) -> Option<Acceptor> {
        u8::try_from(self.acceptors().binary_search(&node).ok()?).ok()
    }

    fn message(&self, envelope: &Envelope<Message<Proposal>>) -> Option<model::Message> {
        let acc = || self.acceptor(envelope.from);
        Some(match &envelope.message {
            Message::Prepare { ballot } => model::Message::OneA { bal: number(*ballot) },
            Message::Promise { ballot, accepted } => model::Message::OneB {
                acc: acc()?,
                bal: number(*ballot),
                mbal: accepted.as_ref().map(|vote| number(vote.ballot)),
                mval: accepted.as_ref().map(|vote| vote.value),
            },
            Message::Accept { ballot, value } => {
                model::Message::TwoA { bal: number(*ballot), val: *value }
            }
            Message::Accepted { ballot, value } => {
                model::Message::TwoB { acc: acc()?, bal: number(*ballot), val: *value }
            }
        })
    }

    /// The action that a recorded step names.
    pub fn action(&self, step: &Step<Proposal>) -> Option<Action> {
        Some(match step {
            Step::Phase1a { ballot } => Action::Phase1a { bal: number(*ballot) },
            Step::Phase1b { acceptor, ballot } => {
                Action::Phase1b { acc: self.acceptor(*acceptor)?, bal: number(*ballot) }
            }
            Step::Phase2a { ballot, value } => {
                Action::Phase2a { bal: number(*ballot), val: *value }
            }
            Step::Phase2b { acceptor, ballot, value } => Action::Phase2b {
                acc: self.acceptor(*acceptor)?,
                bal: number(*ballot),
                val: *value,
            },
        })
    }
}

/// The model's ballots are one byte: more than any scope reaches.
fn number(ballot: shipped::Ballot) -> Ballot {
    Ballot::try_from(ballot.0).expect("a scope bounds the ballots far below 256")
}

impl<N: Remembers<Message<Proposal>>> Refinement for Implementation<N> {
    type Concrete = PaxosCluster<N>;
    type Abstract = Paxos;

    fn name(&self) -> &'static str {
        "the implementation refines paxos"
    }

    fn concrete(&self) -> &PaxosCluster<N> {
        &self.cluster
    }

    fn specification(&self) -> &Paxos {
        &self.specification
    }

    fn map(&self, state: &PaxosState<N>) -> model::State {
        let acceptor = |id: &NodeId| {
            let disk = &state.sites[id.0 as usize].disk;
            AcceptorState {
                max_bal: disk.promised.map(number),
                max_vbal: disk.accepted.as_ref().map(|vote| number(vote.ballot)),
                max_val: disk.accepted.as_ref().map(|vote| vote.value),
            }
        };
        let sent = state.network.sent().iter();
        let mut msgs: Vec<_> = sent.filter_map(|envelope| self.message(envelope)).collect();
        // One message to three nodes is one message, and the three are neighbours.
        msgs.dedup();
        let acceptors = self.acceptors().iter().map(acceptor).collect();
        model::State { acceptors, msgs: SortedSet::from(msgs) }
    }

    fn label(
        &self,
        before: &PaxosState<N>,
        action: &ClusterAction<Node<Proposal>>,
        _after: &PaxosState<N>,
    ) -> Vec<Action> {
        let steps = self.cluster.run(before, action).map(|transition| transition.steps);
        steps.iter().flatten().filter_map(|step| self.action(step)).collect()
    }

    /// One run tells both.
    fn edge(
        &self,
        before: &PaxosState<N>,
        action: &ClusterAction<Node<Proposal>>,
    ) -> Option<LabelledEnd<Self>> {
        let Transition { state, steps, .. } = self.cluster.run(before, action)?;
        let label = steps.iter().filter_map(|step| self.action(step)).collect();
        (state != *before || !steps.is_empty()).then_some((state, label))
    }

    fn exceptions(&self) -> Vec<Exception<Self>> {
        self.classes()
    }

    fn lanes(&self) -> Vec<String> {
        self.cluster.nodes().iter().map(|node| self.lane(node)).collect()
    }

    fn lane_of(&self, action: &ClusterAction<Node<Proposal>>) -> Option<usize> {
        action.node().map(|node| node.0 as usize)
    }
}

impl<N: Remembers<Message<Proposal>>> Implementation<N> {
    /// What a story calls a node: its role, where it has one of its own.
    fn lane(&self, node: &Node<Proposal>) -> String {
        let (id, members) = (node.id(), node.members());
        if self.scope.all_roles {
            return format!("node {}", id.0);
        }
        let place = |role: &[NodeId]| role.binary_search(&id).ok();
        let roles = [
            ("proposer", members.proposers()),
            ("acceptor", members.acceptors()),
            ("learner", members.learners()),
        ];
        let named = roles.iter().find_map(|(name, role)| Some(format!("{name} {}", place(role)?)));
        named.unwrap_or_else(|| id.to_string())
    }
}
