//! Where the goal does not hold: the states that a behaviour which breaks a claim may go through.

use std::collections::VecDeque;

use super::graph::{Claim, Graph, Id};

/// The states without the goal that can be reached, through states without the goal, from one in
/// which the claim is made.
pub(super) struct Region {
    /// For each state of the graph, the steps to it from an initial state: to where the claim is
    /// made, and from there through the region. [`Region::OUT`] for a state outside.
    pub(super) distances: Vec<u32>,
    /// The state of the region before it on that way; itself where the claim is made.
    parents: Vec<Id>,
}

impl Region {
    const OUT: u32 = u32::MAX;

    pub(super) fn new(graph: &Graph, claim: &Claim) -> Self {
        let mut distances = vec![Self::OUT; graph.states()];
        let mut parents = vec![0; graph.states()];
        // In the order of their depths, as the graph was found breadth first.
        let mut starts = (0..graph.states() as Id).filter(|&id| graph.starts(id, claim)).peekable();
        let mut queue = VecDeque::new();
        loop {
            let distance = queue.front().map(|&id: &Id| distances[id as usize]);
            let sooner = |&id: &Id| distance.is_none_or(|d| graph.depths[id as usize] <= d);
            if let Some(start) = starts.next_if(sooner) {
                if distances[start as usize] == Self::OUT {
                    distances[start as usize] = graph.depths[start as usize];
                    parents[start as usize] = start;
                    queue.push_front(start);
                }
                continue;
            }
            let Some(state) = queue.pop_front() else { break };
            for edge in graph.edges_of(state) {
                let target = edge.target as usize;
                if distances[target] == Self::OUT && !graph.has(edge.target, claim.goal) {
                    distances[target] = distances[state as usize] + 1;
                    parents[target] = state;
                    queue.push_back(edge.target);
                }
            }
        }
        Self { distances, parents }
    }

    /// The states of the region.
    pub(super) fn states(&self) -> impl Iterator<Item = Id> + '_ {
        let states = (0..).zip(&self.distances);
        states.filter(|&(_, &distance)| distance != Self::OUT).map(|(id, _)| id)
    }

    /// The states from an initial one to this one.
    pub(super) fn path_to(&self, graph: &Graph, state: Id) -> Vec<Id> {
        let mut tail = Vec::new();
        let mut at = state;
        while self.parents[at as usize] != at {
            tail.push(at);
            at = self.parents[at as usize];
        }
        let mut path = graph.path_to(at);
        path.extend(tail.into_iter().rev());
        path
    }
}
