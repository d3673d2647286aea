//! The states and the steps between them.

use std::collections::HashMap;

/// A set of fairness conditions, or of facts about a state: one bit for each.
pub type Conditions = u128;

/// A state's number: its place in the order in which the states were found, breadth first.
pub(super) type Id = u32;

/// A step that changes the state.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    /// The state that it leads to.
    pub(super) target: Id,
    /// The number of the set of conditions that it belongs to.
    label: u32,
}

/// The graph of all states that were found. It is built breadth first: [`begin`](Graph::begin)
/// each initial state, then [`explore`](Graph::explore) the states in the order of their numbers.
#[derive(Debug, Default)]
pub struct Graph {
    /// Where the edges of each state begin; the last entry is where the next ones would.
    first_edges: Vec<usize>,
    edges: Vec<Edge>,
    /// For each state, the number of the set of conditions that are enabled in it.
    enabled: Vec<u32>,
    /// For each state, the number of the set of facts that are true of it.
    facts: Vec<u32>,
    /// The state that each state was found from; an initial state is its own.
    parents: Vec<Id>,
    /// The number of steps from an initial state.
    pub(super) depths: Vec<u32>,
    sets: Sets,
}

/// Sets, each stored once.
#[derive(Debug, Default)]
struct Sets {
    numbers: HashMap<Conditions, u32>,
    sets: Vec<Conditions>,
}

impl Sets {
    fn number(&mut self, set: Conditions) -> u32 {
        *self.numbers.entry(set).or_insert_with(|| {
            self.sets.push(set);
            u32::try_from(self.sets.len() - 1).expect("there are fewer sets than states and edges")
        })
    }
}

/// Where a behaviour that breaks a property begins to do so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// In an initial state: `<>goal`.
    Initial,
    /// In any state: `[]<>goal`.
    Anywhere,
    /// In a state of which this fact is true: `fact ~> goal`.
    Where(Conditions),
}

/// A liveness property, as facts and conditions of a graph.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// From where on the goal is claimed.
    pub start: Start,
    /// The fact that is claimed to become true.
    pub goal: Conditions,
    /// The conditions to which behaviours are weakly fair.
    pub weak: Conditions,
    /// The conditions to which behaviours are strongly fair.
    pub strong: Conditions,
}

/// A behaviour that breaks a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lasso {
    /// The states from an initial one to the first of the cycle, by their numbers.
    pub stem: Vec<u32>,
    /// The steps of the cycle, each by its conditions and the state that it leads to; the last
    /// leads back to the end of the stem. Empty if the behaviour stops there.
    pub cycle: Vec<(Conditions, u32)>,
}

impl Graph {
    /// Stands for every step: where it is not enabled, nothing is.
    const STEP: Conditions = 1 << 127;
    /// The largest number of conditions, and of facts.
    pub const MOST: usize = 127;

    /// Adds an initial state, of which these facts are true. Returns its number.
    ///
    /// # Panics
    /// If there are more states than numbers of 32 bits.
    pub fn begin(&mut self, facts: Conditions) -> u32 {
        let id = self.next_id();
        self.push(id, 0, facts)
    }

    /// Adds a state that is found from another one; see [`begin`](Graph::begin).
    ///
    /// # Panics
    /// As [`begin`](Graph::begin).
    pub fn find(&mut self, parent: u32, facts: Conditions) -> u32 {
        self.push(parent, self.depths[parent as usize] + 1, facts)
    }

    fn next_id(&self) -> Id {
        let id = u32::try_from(self.facts.len()).ok().filter(|&id| id < u32::MAX);
        id.expect("states are numbered in 32 bits")
    }

    fn push(&mut self, parent: Id, depth: u32, facts: Conditions) -> Id {
        let id = self.next_id();
        self.parents.push(parent);
        self.depths.push(depth);
        let facts = self.sets.number(facts);
        self.facts.push(facts);
        id
    }

    /// Adds the steps of the first state that has none yet: each with its conditions, and with the
    /// state that it leads to, unless that is not part of the graph. Steps that change nothing do
    /// not belong here.
    pub fn explore(&mut self, steps: impl IntoIterator<Item = (Conditions, Option<u32>)>) {
        let first = self.edges.len();
        self.first_edges.push(first);
        let mut enabled = 0;
        for (conditions, target) in steps {
            enabled |= conditions | Self::STEP;
            let Some(target) = target else { continue };
            let label = self.sets.number(conditions);
            self.edges.push(Edge { target, label });
        }
        let enabled = self.sets.number(enabled);
        self.enabled.push(enabled);
        // Several actions of one kind may lead to the same state: one edge says it.
        self.edges[first..].sort_unstable_by_key(|edge| (edge.target, edge.label));
        let mut last = first;
        for index in first..self.edges.len() {
            let edge = self.edges[index];
            let same = |other: Edge| (other.target, other.label) == (edge.target, edge.label);
            if index == first || !same(self.edges[last - 1]) {
                self.edges[last] = edge;
                last += 1;
            }
        }
        self.edges.truncate(last);
    }

    /// The number of states.
    pub fn states(&self) -> usize {
        self.facts.len()
    }

    /// The number of edges.
    pub fn edges(&self) -> usize {
        self.edges.len()
    }

    /// The number of states whose steps are known.
    pub fn explored(&self) -> usize {
        self.enabled.len()
    }

    /// The edges of a state.
    pub(super) fn edges_of(&self, state: Id) -> &[Edge] {
        let state = state as usize;
        let end = self.first_edges.get(state + 1).copied().unwrap_or(self.edges.len());
        &self.edges[self.first_edges[state]..end]
    }

    /// The conditions of an edge.
    pub(super) fn conditions(&self, edge: Edge) -> Conditions {
        self.sets.sets[edge.label as usize]
    }

    /// The conditions that are enabled in a state.
    pub(super) fn enabled(&self, state: Id) -> Conditions {
        self.sets.sets[self.enabled[state as usize] as usize]
    }

    /// Whether no step leads away from a state.
    pub(super) fn is_terminal(&self, state: Id) -> bool {
        self.enabled(state) & Self::STEP == 0
    }

    /// Whether the claim's goal is reached in a state.
    pub(super) fn has(&self, state: Id, fact: Conditions) -> bool {
        self.sets.sets[self.facts[state as usize] as usize] & fact != 0
    }

    /// Whether a behaviour that breaks the claim may begin to do so in a state.
    pub(super) fn starts(&self, state: Id, claim: &Claim) -> bool {
        !self.has(state, claim.goal)
            && match claim.start {
                Start::Initial => self.depths[state as usize] == 0,
                Start::Anywhere => true,
                Start::Where(cause) => self.has(state, cause),
            }
    }

    /// The states from an initial one to this one, by a shortest path.
    pub(super) fn path_to(&self, state: Id) -> Vec<Id> {
        let mut path = vec![state];
        let mut at = state;
        while self.parents[at as usize] != at {
            at = self.parents[at as usize];
            path.push(at);
        }
        path.reverse();
        path
    }

    /// A behaviour that breaks the claim, if there is one: with a cycle or at an end of the model
    /// if possible, and else one that stops although it could go on; among those, one that gets
    /// there soonest.
    ///
    /// # Panics
    /// If a state is not explored.
    pub fn lasso(&self, claim: &Claim) -> Option<Lasso> {
        assert_eq!(self.explored(), self.states(), "every state is explored");
        let region = super::region::Region::new(self, claim);
        let component = super::fair::first(self, claim, &region)?;
        Some(super::cycle::lasso(self, claim, &region, &component))
    }
}
