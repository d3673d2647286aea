//! From a fair set of states to one behaviour through it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::fair::Component;
use super::graph::{Claim, Conditions, Edge, Graph, Id, Lasso};
use super::region::Region;

/// The behaviour that enters the component as soon as it can, and then goes round in it.
pub(super) fn lasso(graph: &Graph, claim: &Claim, region: &Region, fair: &Component) -> Lasso {
    let entry = fair.states.iter().min_by_key(|&&state| (region.distances[state as usize], state));
    let entry = *entry.expect("a component has a state");
    let stem = region.path_to(graph, entry);
    if fair.states.len() == 1 {
        return Lasso { stem, cycle: Vec::new() };
    }
    let mut round = Round::new(graph, claim, fair, entry);
    while round.open() != 0 {
        round.walk_to(|round, edge| round.settles(edge));
    }
    // Back to the entry; if nothing was needed on the way, by any cycle.
    if round.at != entry || round.steps.is_empty() {
        round.walk_to(|_, edge| edge.target == entry);
    }
    let steps = round.steps.iter().map(|&edge| (graph.conditions(edge), edge.target));
    Lasso { stem, cycle: steps.collect() }
}

/// A walk through a component that takes all that fairness asks for.
struct Round<'g> {
    graph: &'g Graph,
    states: BTreeSet<Id>,
    at: Id,
    steps: Vec<Edge>,
    /// Conditions that must be taken, or seen disabled.
    weak: Conditions,
    /// Conditions that must be taken.
    strong: Conditions,
}

impl<'g> Round<'g> {
    fn new(graph: &'g Graph, claim: &Claim, fair: &Component, entry: Id) -> Self {
        let ever = fair.states.iter().fold(0, |ever, &state| ever | graph.enabled(state));
        let states = fair.states.iter().copied().collect();
        let strong = claim.strong & ever;
        let weak = claim.weak & graph.enabled(entry) & !strong;
        Self { graph, states, at: entry, steps: Vec::new(), weak, strong }
    }

    /// What is still to be done.
    fn open(&self) -> Conditions {
        self.weak | self.strong
    }

    /// Whether an edge does something of what is still to be done.
    fn settles(&self, edge: Edge) -> bool {
        let taken = self.graph.conditions(edge);
        self.open() & taken != 0 || self.weak & !self.graph.enabled(edge.target) != 0
    }

    /// Goes on by a shortest way to an edge that is wanted, and takes that edge.
    fn walk_to(&mut self, wanted: impl Fn(&Self, Edge) -> bool) {
        let mut before: BTreeMap<Id, (Id, Edge)> = BTreeMap::new();
        let mut queue = VecDeque::from([self.at]);
        while let Some(state) = queue.pop_front() {
            for &edge in self.graph.edges_of(state) {
                if !self.states.contains(&edge.target) {
                    continue;
                }
                if wanted(self, edge) {
                    let mut way = vec![edge];
                    let mut at = state;
                    while at != self.at {
                        let (from, edge) = before[&at];
                        way.push(edge);
                        at = from;
                    }
                    way.into_iter().rev().for_each(|edge| self.take(edge));
                    return;
                }
                if edge.target != self.at && !before.contains_key(&edge.target) {
                    before.insert(edge.target, (state, edge));
                    queue.push_back(edge.target);
                }
            }
        }
        unreachable!("the component is strongly connected, and fair to what is still open");
    }

    fn take(&mut self, edge: Edge) {
        let taken = self.graph.conditions(edge);
        self.strong &= !taken;
        self.weak &= !taken & self.graph.enabled(edge.target);
        self.at = edge.target;
        self.steps.push(edge);
    }
}
