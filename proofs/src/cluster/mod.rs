//! A cluster of nodes of the shipped protocol type, as a Stateright [`Model`]: what the
//! exhaustive and the sampled evidence drive.
//!
//! The nodes are the real ones: a [`Cluster`] gives them events and carries out their effects,
//! in every order that a driver may (see [`bisim::protocol`]). It decides when a write becomes
//! durable, which message arrives, when a timer fires and who crashes; nothing else. A message
//! that waits for a write is in the hands of the driver until the write is durable, and is lost
//! with it in a crash.

mod local;
mod network;
mod run;
mod sabotage;
mod shared;
mod state;

use bisim::protocol::{NodeId, Protocol};
use bisim_models::common::Value;
use stateright::{Model, Property};

use local::Memo;

pub use network::{Bag, Envelope, Move, Network, NoSuchMessage, RememberedBag, Remembers, SentSet};
pub use run::Transition;
pub(crate) use sabotage::{Reaction, handle, write};
pub use sabotage::{Sabotage, Tamper};
pub use shared::Shared;
pub use state::{ClusterAction, ClusterState, Hindsight, Pending, Site};

/// A protocol whose states, messages and steps can be explored and written to a trace.
pub trait Checked:
    Value
    + Protocol<
        Durable: Value,
        Record: Value,
        Message: Value,
        Request: Value,
        Reply: Value,
        Timer: Value,
        Step: Value,
        Ignored: Value,
    >
{
}

impl<P> Checked for P where
    P: Value
        + Protocol<
            Durable: Value,
            Record: Value,
            Message: Value,
            Request: Value,
            Reply: Value,
            Timer: Value,
            Step: Value,
            Ignored: Value,
        >
{
}

/// Nodes, what their clients may ask, and the bounds of what may happen to them.
pub struct Cluster<P: Checked, N: Network<P::Message>> {
    nodes: Vec<P>,
    network: N,
    requests: Vec<(NodeId, P::Request)>,
    crashes: u32,
    within: Box<dyn Fn(&P) -> bool + Send + Sync>,
    explored: Box<Explored<P, N>>,
    counted: fn(&ClusterAction<P>) -> bool,
    remembers_writes: bool,
    hindsight: bool,
    properties: Vec<Property<Self>>,
    sabotage: Option<Sabotage<P>>,
    memo: Option<Memo<P>>,
}

/// A bound on the states that are explored.
type Explored<P, N> = dyn Fn(&ClusterState<P, N>) -> bool + Send + Sync;

impl<P: Checked, N: Network<P::Message>> Cluster<P, N> {
    /// A cluster of these nodes, which have not recovered yet. The id of a node is its place in
    /// the vector, from 0. No client asks anything, and nobody crashes.
    pub fn new(nodes: Vec<P>, network: N) -> Self {
        Self {
            nodes,
            network,
            requests: Vec::new(),
            crashes: 0,
            within: Box::new(|_| true),
            explored: Box::new(|_| true),
            counted: |_| false,
            remembers_writes: true,
            hindsight: false,
            properties: Vec::new(),
            sabotage: None,
            memo: None,
        }
    }

    /// What clients may ask of which node, at any time and any number of times.
    #[must_use]
    pub fn with_requests(mut self, requests: Vec<(NodeId, P::Request)>) -> Self {
        self.requests = requests;
        self
    }

    /// How many crashes there may be in all. A node that has crashed may restart.
    #[must_use]
    pub fn with_crashes(mut self, crashes: u32) -> Self {
        self.crashes = crashes;
        self
    }

    /// Leaves out every event that would make a node of which `within` is false: the bound of a
    /// protocol that could go on for ever.
    #[must_use]
    pub fn bounded_by(mut self, within: impl Fn(&P) -> bool + Send + Sync + 'static) -> Self {
        self.within = Box::new(within);
        self
    }

    /// Explores nothing beyond states of which `explored` is false. The edges that lead there are
    /// still there to be judged.
    #[must_use]
    pub fn exploring(
        mut self,
        explored: impl Fn(&ClusterState<P, N>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.explored = Box::new(explored);
        self
    }

    /// Counts how often these actions happen, for a bound on that.
    #[must_use]
    pub fn counting(mut self, counted: fn(&ClusterAction<P>) -> bool) -> Self {
        self.counted = counted;
        self
    }

    /// Keeps, with each write that is not durable yet, what was before it: for a protocol whose
    /// nodes do everything in the order of their writes.
    #[must_use]
    pub fn with_hindsight(mut self) -> Self {
        self.hindsight = true;
        self
    }

    /// For a protocol whose nodes keep no names of writes: a write is then named by its place
    /// among those that are not durable, and states that differ in such names alone are one.
    #[must_use]
    pub fn without_write_names(mut self) -> Self {
        self.remembers_writes = false;
        self
    }

    /// What is to hold in every state, or in some.
    #[must_use]
    pub fn with_properties(mut self, properties: Vec<Property<Self>>) -> Self {
        self.properties = properties;
        self
    }

    /// Seeds a bug between the nodes and the driver.
    #[must_use]
    pub fn sabotaged(mut self, sabotage: Option<Sabotage<P>>) -> Self {
        self.sabotage = sabotage;
        self
    }

    /// Remembers what came of everything that happened at a site, which is the same whenever it
    /// happens again: for an exhaustive search. A site's state is known by its
    /// [`fingerprint`](crate::checker::fingerprint()), as in the search itself.
    #[must_use]
    pub fn memoized(mut self) -> Self {
        self.memo = Some(Memo::new());
        self
    }

    /// The nodes before they first recover.
    pub fn nodes(&self) -> &[P] {
        &self.nodes
    }

    /// What clients may ask of which node.
    pub fn requests(&self) -> &[(NodeId, P::Request)] {
        &self.requests
    }

    /// The number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}

impl<P: Checked, N: Network<P::Message>> Model for Cluster<P, N> {
    type State = ClusterState<P, N>;
    type Action = ClusterAction<P>;

    fn init_states(&self) -> Vec<Self::State> {
        vec![self.start()]
    }

    fn actions(&self, state: &Self::State, actions: &mut Vec<Self::Action>) {
        self.offer(state, actions);
    }

    fn next_state(&self, state: &Self::State, action: Self::Action) -> Option<Self::State> {
        // An event that changes nothing is no step: else every duplicate that is ignored would
        // be a loop. But one that claims a step of the model is there to be judged.
        let Transition { state: next, steps, .. } = self.run(state, &action)?;
        (next != *state || !steps.is_empty()).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        self.properties.clone()
    }

    fn within_boundary(&self, state: &Self::State) -> bool {
        (self.explored)(state)
    }
}
