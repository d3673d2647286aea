//! Clusters of the shipped Paxos node at small bounds, and what must hold in them.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use bisim::paxos::{Ballot, Chosen, Members, Message, Node, Propose};
use bisim::protocol::NodeId;
use stateright::Property;

use crate::cluster::{Cluster, ClusterState, Remembers};
use crate::shipped::Bounds;

/// The values that clients propose: small numbers, as the model has them.
pub type Proposal = u8;
/// A cluster of shipped nodes.
pub type PaxosCluster<N> = Cluster<Node<Proposal>, N>;
/// Its state.
pub type PaxosState<N> = ClusterState<Node<Proposal>, N>;

/// The bounds of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Nodes that propose; ballot `b` is of proposer `b mod proposers`.
    pub proposers: u32,
    /// Nodes that accept.
    pub acceptors: u32,
    /// Nodes that learn.
    pub learners: u32,
    /// Whether the roles share nodes, so that each node plays all three; the three numbers are
    /// then equal.
    pub all_roles: bool,
    /// The highest ballot that is tried.
    pub max_ballot: u32,
    /// Crashes in all.
    pub crashes: u32,
    /// The values that clients ask for. A proposer is asked for the value of its rank, modulo
    /// this number.
    pub values: u32,
}

impl Scope {
    /// The same with another number of crashes.
    #[must_use]
    pub const fn with_crashes(self, crashes: u32) -> Self {
        Self { crashes, ..self }
    }

    /// The same with another highest ballot.
    #[must_use]
    pub const fn with_max_ballot(self, max_ballot: u32) -> Self {
        Self { max_ballot, ..self }
    }

    /// The nodes that each of the roles is given.
    pub fn members(&self) -> Members {
        if self.all_roles {
            return Members::all_roles(self.acceptors);
        }
        let proposers = (0..self.proposers).map(NodeId);
        let acceptors = (self.proposers..self.proposers + self.acceptors).map(NodeId);
        let first = self.proposers + self.acceptors;
        let learners = (first..first + self.learners).map(NodeId);
        Members::new(proposers, acceptors, learners)
    }

    /// The number of nodes.
    pub fn nodes(&self) -> u32 {
        match self.all_roles {
            true => self.acceptors,
            false => self.proposers + self.acceptors + self.learners,
        }
    }

    /// What clients may ask: of each proposer its own value.
    fn requests(&self, members: &Members) -> Vec<(NodeId, Propose<Proposal>)> {
        let values = u8::try_from(self.values.max(1)).unwrap_or(u8::MAX);
        let ids = members.proposers().iter().zip((0..values).cycle());
        ids.map(|(&id, value)| (id, Propose(value))).collect()
    }

    /// The cluster.
    pub fn cluster<N: Remembers<Message<Proposal>>>(&self) -> PaxosCluster<N> {
        let members = Arc::new(self.members());
        let node = |id| Node::new(NodeId(id), Arc::clone(&members));
        let max_ballot = Ballot(u64::from(self.max_ballot));
        let tried = |node: &Node<Proposal>| node.proposer().and_then(|proposer| proposer.tried());
        Cluster::new((0..self.nodes()).map(node).collect(), N::default())
            .with_requests(self.requests(&members))
            .with_crashes(self.crashes)
            .bounded_by(move |node| tried(node) <= Some(max_ballot))
            .without_write_names()
            .with_properties(properties())
    }
}

impl Bounds for Scope {
    fn params(&self) -> BTreeMap<String, u32> {
        let Self { proposers, acceptors, learners, all_roles, max_ballot, crashes, values } = *self;
        let params = [
            ("proposers", proposers),
            ("acceptors", acceptors),
            ("learners", learners),
            ("all_roles", u32::from(all_roles)),
            ("max_ballot", max_ballot),
            ("crashes", crashes),
            ("values", values),
        ];
        params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn from_params(params: &BTreeMap<String, u32>) -> Option<Self> {
        let get = |name, range: RangeInclusive<u32>| {
            params.get(name).copied().filter(|value| range.contains(value))
        };
        let scope = Self {
            proposers: get("proposers", 1..=16)?,
            acceptors: get("acceptors", 1..=16)?,
            learners: get("learners", 1..=16)?,
            all_roles: get("all_roles", 0..=1)? == 1,
            max_ballot: get("max_ballot", 0..=254)?,
            crashes: get("crashes", 0..=1_000)?,
            values: get("values", 1..=16)?,
        };
        let equal = [scope.proposers, scope.learners] == [scope.acceptors; 2];
        (equal || !scope.all_roles).then_some(scope)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { proposers, acceptors, learners, max_ballot, crashes, .. } = self;
        match self.all_roles {
            true => write!(f, "{acceptors} nodes of all roles, ")?,
            false => write!(
                f,
                "{acceptors} acceptors, {proposers} proposers, {learners} learner{}, ",
                if *learners == 1 { "" } else { "s" }
            )?,
        }
        write!(f, "ballots 0..{max_ballot}")?;
        match crashes {
            0 => write!(f, ", no crash"),
            1 => write!(f, ", one crash and restart"),
            more => write!(f, ", {more} crashes and restarts"),
        }
    }
}

/// What must hold in every state, and what must happen in some.
fn properties<N: Remembers<Message<Proposal>>>() -> Vec<Property<PaxosCluster<N>>> {
    vec![
        Property::always("agreement", agreement),
        Property::always("what is learned was chosen", learned_was_chosen),
        Property::always("at most one value is chosen", at_most_one_chosen),
        Property::sometimes("a value is learned", something_learned),
    ]
}

/// No two clients are ever told different values, also by a node that has crashed in between.
fn agreement<N: Remembers<Message<Proposal>>>(_: &PaxosCluster<N>, state: &PaxosState<N>) -> bool {
    state.told.len() <= 1
}

/// "A process never learns that a value has been chosen unless it actually has been" (Lamport
/// 2001, section 2.1).
fn learned_was_chosen<N: Remembers<Message<Proposal>>>(
    cluster: &PaxosCluster<N>,
    state: &PaxosState<N>,
) -> bool {
    state.told.is_empty() || {
        let chosen = chosen(cluster, state);
        state.told.iter().all(|Chosen(value)| chosen.contains(value))
    }
}

/// "Only a single value is chosen" (Lamport 2001, section 2.1).
fn at_most_one_chosen<N: Remembers<Message<Proposal>>>(
    cluster: &PaxosCluster<N>,
    state: &PaxosState<N>,
) -> bool {
    chosen(cluster, state).len() <= 1
}

fn something_learned<N: Remembers<Message<Proposal>>>(
    _: &PaxosCluster<N>,
    state: &PaxosState<N>,
) -> bool {
    !state.told.is_empty()
}

/// The values that are chosen: those that a majority of the acceptors say they have accepted in
/// one ballot.
pub fn chosen<N: Remembers<Message<Proposal>>>(
    cluster: &PaxosCluster<N>,
    state: &PaxosState<N>,
) -> Vec<Proposal> {
    let mut votes: BTreeMap<(Ballot, Proposal), Vec<NodeId>> = BTreeMap::new();
    for envelope in state.network.sent().iter() {
        if let Message::Accepted { ballot, value } = envelope.message {
            votes.entry((ballot, value)).or_default().push(envelope.from);
        }
    }
    let members = cluster.nodes().first().map(Node::members);
    let quorum = |voters: &mut Vec<NodeId>| {
        voters.sort_unstable();
        voters.dedup();
        members.is_some_and(|members| members.is_quorum(voters.len()))
    };
    let mut values: Vec<_> = votes
        .into_iter()
        .filter_map(|((_, value), mut by)| quorum(&mut by).then_some(value))
        .collect();
    values.sort_unstable();
    values.dedup();
    values
}
