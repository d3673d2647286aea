//! A ring with virtual nodes, weights and preference lists: `hash-ring`.
//!
//! Constants: the slots of the circle, the nodes, the points of a node for each unit of its weight,
//! and how many of the nodes may have weight 2 (the others have 1). Which slot each point has is
//! left to the hash, and a hash may do anything: every assignment is an initial state, so that
//! every collision occurs. Keys are slots too.
//!
//! A look-up changes nothing: it is an action that holds its answer, and is enabled if the answer
//! is right.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::{Point, Slots, assignments, not_too_many, preference};
use crate::common::{ActionClass, Disabled, Law, Parameter, ParameterError, Params, Spec, StepLaw};
use crate::spec_model;

/// A state of the ring.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct State {
    /// The slot of each point that each node may have, node by node.
    pub slots: Slots,
    /// The weight of each node; nothing for a node that is no member.
    pub weights: SmallVec<[Option<u8>; 4]>,
    /// The points of the members, in the order of the ring.
    pub ring: SmallVec<[Point; 6]>,
}

/// What happens to the ring.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Action {
    /// A node becomes a member.
    AddNode {
        /// The node.
        node: u8,
        /// Its weight.
        weight: u8,
    },
    /// A node is no member any more.
    RemoveNode {
        /// The node.
        node: u8,
    },
    /// A member has another weight from now on.
    Reweigh {
        /// The node.
        node: u8,
        /// Its new weight.
        weight: u8,
    },
    /// Somebody asks for the owner of a key.
    LookUp {
        /// The slot of the key.
        key: u64,
        /// The answer.
        node: Option<u8>,
    },
    /// Somebody asks for the nodes that keep the replicas of a key.
    PreferenceList {
        /// The slot of the key.
        key: u64,
        /// The answer: all nodes, the owner first.
        nodes: SmallVec<[u8; 4]>,
    },
}

/// The model `hash-ring`.
#[derive(Clone, Debug)]
pub struct HashRing {
    slots: u32,
    virtual_nodes: u8,
    /// The largest weight of each node.
    heaviest: Vec<u8>,
}

spec_model!(HashRing, State, Action);

impl HashRing {
    /// A ring of nodes with these largest weights, each with `virtual_nodes` points for a unit.
    /// Any 64-bit number may be a slot; keys are enumerated for `slots` of them.
    pub fn of(slots: u32, virtual_nodes: u8, heaviest: Vec<u8>) -> Self {
        Self { slots, virtual_nodes, heaviest }
    }

    /// The nodes, members or not.
    pub fn nodes(&self) -> u8 {
        self.heaviest.len() as u8
    }

    /// The slots that keys are looked up at.
    pub fn keys(&self) -> std::ops::Range<u64> {
        0..u64::from(self.slots)
    }

    /// The largest weight of a node.
    pub fn heaviest(&self, node: u8) -> u8 {
        self.heaviest[usize::from(node)]
    }

    /// The points that a node has with this weight.
    pub fn points(&self, state: &State, node: u8, weight: u8) -> impl Iterator<Item = Point> {
        let before: u8 = self.heaviest[..usize::from(node)].iter().sum();
        let first = usize::from(before) * usize::from(self.virtual_nodes);
        (0..weight * self.virtual_nodes).map(move |replica| {
            let slot = state.slots[first + usize::from(replica)];
            Point { slot, node, replica }
        })
    }

    /// The state in which nobody is a member, for an assignment of slots.
    pub fn empty(&self, slots: Slots) -> State {
        let weights = self.heaviest.iter().map(|_| None).collect();
        State { slots, weights, ring: SmallVec::new() }
    }

    /// The ring as its members define it: all their points in order.
    pub fn defined(&self, state: &State) -> SmallVec<[Point; 6]> {
        let members =
            (0..).zip(&state.weights).filter_map(|(node, weight)| Some((node, (*weight)?)));
        let mut ring: SmallVec<_> =
            members.flat_map(|(node, weight)| self.points(state, node, weight)).collect();
        ring.sort_unstable();
        ring
    }

    /// The owner of a key by definition: the node of the first point at or after it, and of several
    /// there the first in the order of the nodes; behind the last point, the first of all.
    pub(super) fn defined_owner(&self, state: &State, key: u64) -> Option<u8> {
        let ring = self.defined(state);
        let behind = ring.iter().filter(|point| point.slot >= key).min();
        behind.or(ring.iter().min()).map(|point| point.node)
    }

    fn member(&self, state: &State, node: u8) -> Result<Option<u8>, Disabled> {
        let weight = state.weights.get(usize::from(node));
        weight.copied().ok_or(Disabled("there is no such node"))
    }

    fn add_node(&self, state: &State, node: u8, weight: u8) -> Result<State, Disabled> {
        if self.member(state, node)?.is_some() {
            return Err(Disabled("the node is a member"));
        }
        self.with_weight(state, node, weight)
    }

    fn reweigh(&self, state: &State, node: u8, weight: u8) -> Result<State, Disabled> {
        match self.member(state, node)? {
            None => Err(Disabled("the node is no member")),
            Some(before) if before == weight => Err(Disabled("the node has this weight")),
            Some(_) => self.with_weight(state, node, weight),
        }
    }

    /// The ring with the points of a node that has this weight, in their places.
    fn with_weight(&self, state: &State, node: u8, weight: u8) -> Result<State, Disabled> {
        if weight > self.heaviest(node) {
            return Err(Disabled("the node cannot be so heavy"));
        }
        let mut next = state.clone();
        next.weights[usize::from(node)] = Some(weight);
        next.ring.retain(|point| point.node != node);
        next.ring.extend(self.points(state, node, weight));
        next.ring.sort_unstable();
        Ok(next)
    }

    fn remove_node(&self, state: &State, node: u8) -> Result<State, Disabled> {
        if self.member(state, node)?.is_none() {
            return Err(Disabled("the node is no member"));
        }
        let mut next = state.clone();
        next.weights[usize::from(node)] = None;
        next.ring.retain(|point| point.node != node);
        Ok(next)
    }

    /// Whether all keys whose owner changes satisfy this, given the owners before and after.
    pub(super) fn moved(
        &self,
        state: &State,
        next: &State,
        allowed: impl Fn(Option<u8>, Option<u8>) -> bool,
    ) -> bool {
        self.keys().all(|key| {
            let (from, to) = (owner(&state.ring, key), owner(&next.ring, key));
            from == to || allowed(from, to)
        })
    }
}

/// The owner of a key: the node of the first point at or after it, going round at the end.
pub fn owner(ring: &[Point], key: u64) -> Option<u8> {
    preference(ring, key).next()
}

impl Spec for HashRing {
    const NAME: &'static str = "hash-ring";

    const PARAMETERS: &'static [Parameter] = &[
        Parameter::count("slots", "slots of the circle", (1, 64), [8, 8, 8]),
        Parameter::count("nodes", "nodes that come and go", (1, 6), [2, 3, 3]),
        Parameter::count("virtual_nodes", "points for each unit of weight", (1, 8), [1, 1, 1]),
        Parameter::count("heavy", "nodes that may have weight 2", (0, 6), [1, 1, 2]),
    ];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("AddNode", "Karger et al. 1997, section 4"),
        ActionClass::new("RemoveNode", "Karger et al. 1997, section 4"),
        ActionClass::new("Reweigh", "Dynamo 2007, section 4.2"),
        ActionClass::new("LookUp", "Karger et al. 1997, section 4"),
        ActionClass::new("PreferenceList", "Dynamo 2007, section 4.3"),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        let [slots, nodes, virtual_nodes, heavy] =
            ["slots", "nodes", "virtual_nodes", "heavy"].map(|name| params.get(name));
        if heavy > nodes {
            return Err(ParameterError(format!("heavy={heavy}: there are {nodes} nodes")));
        }
        let heaviest: Vec<_> = (0..nodes).map(|node| if node < heavy { 2 } else { 1 }).collect();
        let points = f64::from((nodes + heavy) * virtual_nodes);
        let members: f64 = heaviest.iter().map(|most| f64::from(most + 1)).product();
        let advice = "take fewer of slots, nodes, virtual_nodes or heavy";
        not_too_many(f64::from(slots).powf(points) * members, advice)?;
        Ok(Self::of(slots, virtual_nodes as u8, heaviest))
    }

    fn initial(&self) -> Vec<State> {
        let weights: u8 = self.heaviest.iter().sum();
        let points = usize::from(weights) * usize::from(self.virtual_nodes);
        assignments(self.slots, points).map(|slots| self.empty(slots)).collect()
    }

    fn candidates(&self, state: &State, actions: &mut Vec<Action>) {
        for node in 0..self.nodes() {
            actions.push(Action::RemoveNode { node });
            for weight in 1..=self.heaviest(node) {
                actions.push(Action::AddNode { node, weight });
                actions.push(Action::Reweigh { node, weight });
            }
        }
        for key in self.keys() {
            actions.push(Action::LookUp { key, node: owner(&state.ring, key) });
            let nodes = preference(&state.ring, key).collect();
            actions.push(Action::PreferenceList { key, nodes });
        }
    }

    fn step(&self, state: &State, action: &Action) -> Result<State, Disabled> {
        match action {
            Action::AddNode { node, weight } => self.add_node(state, *node, *weight),
            Action::RemoveNode { node } => self.remove_node(state, *node),
            Action::Reweigh { node, weight } => self.reweigh(state, *node, *weight),
            Action::LookUp { key, node } if *node == owner(&state.ring, *key) => Ok(state.clone()),
            Action::LookUp { .. } => Err(Disabled("another node owns the key")),
            Action::PreferenceList { key, nodes }
                if preference(&state.ring, *key).eq(nodes.iter().copied()) =>
            {
                Ok(state.clone())
            }
            Action::PreferenceList { .. } => Err(Disabled("the key's list is another")),
        }
    }

    fn class_of(action: &Action) -> usize {
        match action {
            Action::AddNode { .. } => 0,
            Action::RemoveNode { .. } => 1,
            Action::Reweigh { .. } => 2,
            Action::LookUp { .. } => 3,
            Action::PreferenceList { .. } => 4,
        }
    }

    fn has(&self, class: usize) -> bool {
        class != 2 || self.heaviest.iter().any(|most| *most > 1)
    }

    fn laws(&self) -> Vec<Law<Self>> {
        super::law::laws()
    }

    fn step_laws(&self) -> Vec<StepLaw<Self>> {
        super::law::step_laws()
    }
}
