//! Sets of states in which a behaviour can go on for ever and be fair.

use super::graph::{Claim, Conditions, Graph, Id};
use super::region::Region;

/// A fair set of states: strongly connected, or one state.
pub(super) struct Component {
    /// Its states.
    pub(super) states: Vec<Id>,
    /// How soon it is reached, and whether it must be left to the last.
    rank: (bool, u32),
}

/// The fair component that is told: one that stops where it could go on comes last, and one that
/// is reached sooner comes first.
pub(super) fn first(graph: &Graph, claim: &Claim, region: &Region) -> Option<Component> {
    let mut search = Search::new(graph, claim, region);
    search.pending.push(region.states().collect());
    while let Some(states) = search.pending.pop() {
        search.split(&states);
    }
    search.best
}

/// What Tarjan's algorithm (*Depth-first search and linear graph algorithms*, 1972) knows of a
/// state: when it was met, and the earliest state that it leads back to.
#[derive(Clone, Copy, Default)]
struct Visit {
    /// The set of states that is split, by its number.
    of: u32,
    /// 0 for a state not met yet.
    met: u32,
    back: u32,
    /// The number of its component; 0 while it has none.
    component: u32,
}

struct Search<'g> {
    graph: &'g Graph,
    claim: &'g Claim,
    region: &'g Region,
    visits: Vec<Visit>,
    /// Numbers given so far: to sets of states, to states when they are met, to components.
    sets: u32,
    met: u32,
    components: u32,
    /// States that are met and in no component yet.
    open: Vec<Id>,
    /// The path under way, each state with its next edge.
    path: Vec<(Id, usize)>,
    /// Sets of states that may hold fair components.
    pending: Vec<Vec<Id>>,
    best: Option<Component>,
}

impl<'g> Search<'g> {
    fn new(graph: &'g Graph, claim: &'g Claim, region: &'g Region) -> Self {
        Self {
            graph,
            claim,
            region,
            visits: vec![Visit::default(); graph.states()],
            sets: 0,
            met: 0,
            components: 0,
            open: Vec::new(),
            path: Vec::new(),
            pending: Vec::new(),
            best: None,
        }
    }

    /// Splits a set of states into its strongly connected components, and judges each.
    fn split(&mut self, states: &[Id]) {
        self.sets += 1;
        for &state in states {
            self.visits[state as usize] = Visit { of: self.sets, ..Visit::default() };
        }
        for &state in states {
            if self.visits[state as usize].met == 0 {
                self.meet(state);
                self.follow();
            }
        }
    }

    fn meet(&mut self, state: Id) {
        self.met += 1;
        let visit = &mut self.visits[state as usize];
        (visit.met, visit.back) = (self.met, self.met);
        self.open.push(state);
        self.path.push((state, 0));
    }

    fn follow(&mut self) {
        while let Some((state, next)) = self.path.last_mut() {
            let state = *state;
            if let Some(edge) = self.graph.edges_of(state).get(*next) {
                *next += 1;
                let target = self.visits[edge.target as usize];
                if target.of != self.sets || target.component != 0 {
                    continue;
                }
                if target.met == 0 {
                    self.meet(edge.target);
                } else {
                    let visit = &mut self.visits[state as usize];
                    visit.back = visit.back.min(target.met);
                }
                continue;
            }
            self.path.pop();
            let visit = self.visits[state as usize];
            if let Some(&(before, _)) = self.path.last() {
                let before = &mut self.visits[before as usize];
                before.back = before.back.min(visit.back);
            }
            if visit.back == visit.met {
                self.close(state);
            }
        }
    }

    /// A component is complete: the open states from this one on.
    fn close(&mut self, first: Id) {
        let start = self.open.iter().rposition(|&state| state == first);
        let states = self.open.split_off(start.expect("a state that is left is open"));
        self.components += 1;
        for &state in &states {
            self.visits[state as usize].component = self.components;
        }
        self.judge(states);
    }

    fn judge(&mut self, states: Vec<Id>) {
        let Claim { weak, strong, .. } = *self.claim;
        let mut sums = Sums { always: !0, ever: 0, taken: 0 };
        for &state in &states {
            let enabled = self.graph.enabled(state);
            sums.always &= enabled;
            sums.ever |= enabled;
            for &edge in self.graph.edges_of(state) {
                let target = self.visits[edge.target as usize];
                if target.component == self.components && target.of == self.sets {
                    sums.taken |= self.graph.conditions(edge);
                }
            }
        }
        if weak & sums.always & !sums.taken != 0 {
            // Nor is any part of it fair: what is always enabled here is so there.
            return;
        }
        let unfair = strong & sums.ever & !sums.taken;
        if unfair != 0 {
            let mut rest = states;
            rest.retain(|&state| self.graph.enabled(state) & unfair == 0);
            if !rest.is_empty() {
                self.pending.push(rest);
            }
            return;
        }
        self.keep(states);
    }

    fn keep(&mut self, states: Vec<Id>) {
        let stops = states.len() == 1 && !self.graph.is_terminal(states[0]);
        let distances = states.iter().map(|&state| self.region.distances[state as usize]);
        let rank = (stops, distances.min().expect("a component has a state"));
        if self.best.as_ref().is_none_or(|best| rank < best.rank) {
            self.best = Some(Component { states, rank });
        }
    }
}

/// What is true of the states and edges of a component.
struct Sums {
    /// The conditions that are enabled in each state.
    always: Conditions,
    /// The conditions that are enabled in some state.
    ever: Conditions,
    /// The conditions that some edge belongs to.
    taken: Conditions,
}
