//! A graph as a model.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bisim_proofs::checker::{
    Classes, Cut, Engine, Options, Outcome, PropertyVerdict, Story, check,
};
use stateright::{Model, Property};

pub(crate) const ENGINES: [Engine; 3] =
    [Engine::Bisim, Engine::StaterightBfs, Engine::StaterightDfs];

/// A graph, state by state. An action is the state that it leads to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    pub(crate) initial: Vec<u16>,
    pub(crate) edges: Vec<(u16, u16)>,
    pub(crate) bad: BTreeSet<u16>,
    pub(crate) goal: BTreeSet<u16>,
    pub(crate) outside: BTreeSet<u16>,
    pub(crate) without_properties: bool,
    /// Exploring this state panics.
    pub(crate) panics_at: Option<u16>,
    /// Exploring this state sets the flag.
    pub(crate) interrupts_at: Option<(u16, Arc<AtomicBool>)>,
}

impl Graph {
    pub(crate) fn new(edges: &[(u16, u16)]) -> Self {
        Self { initial: vec![0], edges: edges.to_vec(), ..Self::default() }
    }

    /// `0 -> 1 -> .. -> last`.
    pub(crate) fn chain(last: u16) -> Self {
        Self::new(&(0..last).map(|at| (at, at + 1)).collect::<Vec<_>>())
    }

    pub(crate) fn bad(mut self, states: &[u16]) -> Self {
        self.bad.extend(states);
        self
    }

    pub(crate) fn outside(mut self, states: &[u16]) -> Self {
        self.outside.extend(states);
        self
    }

    pub(crate) fn run(&self, options: &Options) -> Outcome<u16, u16> {
        check(Arc::new(self.clone()), &Classes::one("edge"), options)
    }
}

impl Model for Graph {
    type State = u16;
    type Action = u16;

    fn init_states(&self) -> Vec<u16> {
        self.initial.clone()
    }

    fn actions(&self, state: &u16, actions: &mut Vec<u16>) {
        assert!(self.panics_at != Some(*state), "state {state} cannot be explored");
        if let Some((_, flag)) = self.interrupts_at.as_ref().filter(|(at, _)| at == state) {
            flag.store(true, Ordering::Relaxed);
        }
        actions.extend(self.edges.iter().filter(|(from, _)| from == state).map(|(_, to)| to));
    }

    fn next_state(&self, _: &u16, action: u16) -> Option<u16> {
        Some(action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        if self.without_properties {
            return Vec::new();
        }
        vec![
            Property::always("good", |graph, state| !graph.bad.contains(state)),
            Property::sometimes("goal", |graph, state| graph.goal.contains(state)),
        ]
    }

    fn within_boundary(&self, state: &u16) -> bool {
        !self.outside.contains(state)
    }
}

pub(crate) fn with_workers(workers: usize) -> Options {
    Options { workers, ..Options::default() }
}

/// What must not depend on the number of workers.
#[derive(Debug, PartialEq)]
pub(crate) struct Summary<S, A> {
    counts: (u64, u64, u32),
    cut: Option<Cut>,
    taken: Vec<u64>,
    properties: Vec<(PropertyVerdict, Option<Story<S, A>>)>,
}

pub(crate) fn summary<S: Clone, A: Clone>(outcome: &Outcome<S, A>) -> Summary<S, A> {
    Summary {
        counts: (outcome.distinct, outcome.generated, outcome.depth),
        cut: outcome.cut,
        taken: outcome.actions.iter().map(|action| action.taken).collect(),
        properties: outcome.properties.iter().map(|p| (p.verdict, p.story.clone())).collect(),
    }
}
