//! Liveness: after the search the model is explored once more, breadth first and by one worker, and
//! its graph is stored; the properties are decided on the graph.
//!
//! Only a model that has liveness properties pays for this, and the search itself stores no edges.
//! The graph takes about 60 bytes a state and 8 an edge; edges between the same states that belong
//! to the same conditions are one.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use bisim_models::common::{FairActions, LiveKind, LiveLaw, Strength, Value};
use stateright::Model;

use super::fingerprint::{ByFingerprint, fingerprint};
use super::{Cut, GraphFigures, Options, PropertyOutcome, Story};
use crate::liveness::{Claim, Conditions, Graph, Lasso, Start};

/// What came of the liveness properties of a model.
pub(super) struct Decided<S, A> {
    pub(super) properties: Vec<PropertyOutcome<S, A>>,
    /// What was stored; nothing if the properties were not looked at.
    pub(super) figures: Option<GraphFigures>,
    /// Whether the user interrupted it.
    pub(super) interrupted: bool,
}

/// Decides the liveness properties within the bounds of a search that has ended, unless it ended
/// before it came to its bounds.
pub(super) fn decide<M>(
    model: &M,
    laws: &[LiveLaw<M>],
    options: &Options,
    cut: Option<Cut>,
) -> Decided<M::State, M::Action>
where
    M: Model<State: Value, Action: Value>,
{
    let undecided = |interrupted| Decided {
        properties: laws.iter().map(|law| outcome(law, None)).collect(),
        figures: None,
        interrupted,
    };
    if laws.is_empty() || matches!(cut, Some(Cut::Violation | Cut::Interrupt)) {
        return undecided(false);
    }
    let started = Instant::now();
    let mut builder = Builder::new(model, laws);
    if !builder.build(options) {
        return undecided(true);
    }
    let properties = laws.iter().enumerate().map(|(index, law)| {
        let lassos = (0..law.instances).filter_map(|i| builder.lasso(index, i));
        // Of several instances the shortest story is told; of equally long ones, the first.
        let lasso = lassos.min_by_key(|lasso| lasso.stem.len() + lasso.cycle.len());
        outcome(law, lasso.map(|lasso| builder.tell(&lasso)))
    });
    let properties = properties.collect();
    let figures = GraphFigures {
        edges: builder.graph.edges() as u64,
        elapsed: started.elapsed(),
        left_boundary: builder.left_boundary,
    };
    Decided { properties, figures: Some(figures), interrupted: false }
}

/// A path, and the cycle in which it goes on.
type Told<S, A> = (Story<S, A>, Vec<(A, S)>);

fn outcome<M: Model>(
    law: &LiveLaw<M>,
    told: Option<Told<M::State, M::Action>>,
) -> PropertyOutcome<M::State, M::Action> {
    let plain = PropertyOutcome::of(law.name, &law.expectation(), told.is_some());
    let (story, cycle) = told.unzip();
    let fairness = Some(law.fairness.name());
    PropertyOutcome { kind: law.word(), fairness, story, cycle, ..plain }
}

/// Explores a model into a graph.
struct Builder<'m, M: Model> {
    model: &'m M,
    laws: &'m [LiveLaw<M>],
    /// The fairness of all laws, each once.
    fairness: Vec<FairActions<M>>,
    /// The number of each condition: one for each action that somebody is fair to.
    conditions: BTreeMap<(usize, usize), u32>,
    graph: Graph,
    ids: HashMap<u64, u32, ByFingerprint>,
    /// The fingerprint of each state.
    fingerprints: Vec<u64>,
    /// The states that are not explored yet, the next one last, and those that follow them.
    level: Vec<M::State>,
    next_level: Vec<M::State>,
    left_boundary: bool,
}

impl<'m, M: Model<State: Value, Action: Value>> Builder<'m, M> {
    fn new(model: &'m M, laws: &'m [LiveLaw<M>]) -> Self {
        let facts: usize = laws.iter().map(|law| 2 * law.instances).sum();
        assert!(facts <= Graph::MOST, "{facts} of {} facts for liveness", Graph::MOST);
        let mut fairness: Vec<FairActions<M>> = Vec::new();
        for fair in laws.iter().flat_map(|law| &law.fairness.to) {
            if !fairness.iter().any(|known| Arc::ptr_eq(&known.key, &fair.key)) {
                fairness.push(fair.clone());
            }
        }
        Self {
            model,
            laws,
            fairness,
            conditions: BTreeMap::new(),
            graph: Graph::default(),
            ids: HashMap::default(),
            fingerprints: Vec::new(),
            level: Vec::new(),
            next_level: Vec::new(),
            left_boundary: false,
        }
    }

    /// Builds the graph within the bounds; whether that was not interrupted.
    fn build(&mut self, options: &Options) -> bool {
        let most = options.max_states.unwrap_or(u64::MAX);
        for state in self.model.init_states() {
            let place = fingerprint(&state);
            self.visit(state, place, None, most);
        }
        let mut depth = 1;
        loop {
            self.level = std::mem::take(&mut self.next_level);
            self.level.reverse();
            if self.level.is_empty() {
                return true;
            }
            // A state at the deepest level has steps, but those that lead on are cut.
            let deepest = options.max_depth.is_some_and(|most| depth >= most);
            let most = if deepest { 0 } else { most };
            while let Some(state) = self.level.pop() {
                if options.interrupt.load(Relaxed) {
                    return false;
                }
                self.explore(&state, most);
            }
            depth += 1;
        }
    }

    fn explore(&mut self, state: &M::State, most: u64) {
        let id = u32::try_from(self.graph.explored()).expect("states are numbered in 32 bits");
        let here = self.fingerprints[id as usize];
        let mut actions = Vec::new();
        self.model.actions(state, &mut actions);
        let mut steps = Vec::with_capacity(actions.len());
        for action in actions {
            let Some(next) = self.model.next_state(state, action.clone()) else { continue };
            let place = fingerprint(&next);
            if place != here {
                let conditions = self.conditions_of(state, &action);
                steps.push((conditions, self.visit(next, place, Some(id), most)));
            }
        }
        self.graph.explore(steps);
    }

    /// Looks a state up by its fingerprint, and adds a new one if it is within the boundary and
    /// there is room.
    fn visit(
        &mut self,
        state: M::State,
        place: u64,
        parent: Option<u32>,
        most: u64,
    ) -> Option<u32> {
        if let Some(&known) = self.ids.get(&place) {
            return Some(known);
        }
        if !self.model.within_boundary(&state) {
            self.left_boundary = true;
            return None;
        }
        if self.graph.states() as u64 >= most {
            return None;
        }
        let facts = self.facts_of(&state);
        let id = match parent {
            None => self.graph.begin(facts),
            Some(parent) => self.graph.find(parent, facts),
        };
        self.ids.insert(place, id);
        self.fingerprints.push(place);
        self.next_level.push(state);
        Some(id)
    }

    /// Two facts for each instance of each law: its cause and its goal.
    fn facts_of(&self, state: &M::State) -> Conditions {
        let mut facts = 0;
        let mut bit = 1;
        for law in self.laws {
            for instance in 0..law.instances {
                for condition in [&law.cause, &law.goal] {
                    facts |= if condition(self.model, state, instance) { bit } else { 0 };
                    bit <<= 1;
                }
            }
        }
        facts
    }

    /// The conditions that a step belongs to.
    fn conditions_of(&mut self, state: &M::State, action: &M::Action) -> Conditions {
        let mut set = 0;
        for (index, fair) in self.fairness.iter().enumerate() {
            let Some(key) = (fair.key)(self.model, state, action) else { continue };
            let next = self.conditions.len();
            let number = *self.conditions.entry((index, key)).or_insert(next as u32);
            let most = Graph::MOST;
            assert!((number as usize) < most, "more than {most} actions that somebody is fair to");
            set |= 1 << number;
        }
        set
    }

    /// The conditions of a law's fairness of this strength.
    fn conditions_of_law(&self, law: &LiveLaw<M>, strength: Strength) -> Conditions {
        let same = |one: &FairActions<M>, other: &FairActions<M>| Arc::ptr_eq(&one.key, &other.key);
        let of_law = |index: usize| {
            let mut asked = law.fairness.to.iter().filter(|fair| fair.strength == strength);
            asked.any(|fair| same(fair, &self.fairness[index]))
        };
        let numbers = self.conditions.iter().filter(|((index, _), _)| of_law(*index));
        numbers.fold(0, |set, (_, number)| set | 1 << number)
    }

    /// A behaviour that breaks an instance of a law.
    fn lasso(&self, index: usize, instance: usize) -> Option<Lasso> {
        let law = &self.laws[index];
        let before: usize = self.laws[..index].iter().map(|law| law.instances).sum();
        let cause = 1 << (2 * (before + instance));
        let start = match law.kind {
            LiveKind::Eventually => Start::Initial,
            LiveKind::AlwaysEventually => Start::Anywhere,
            LiveKind::LeadsTo => Start::Where(cause),
        };
        let weak = self.conditions_of_law(law, Strength::Weak);
        let strong = self.conditions_of_law(law, Strength::Strong);
        self.graph.lasso(&Claim { start, goal: cause << 1, weak, strong })
    }

    /// The lasso with its states and actions: the model is run again along it.
    fn tell(&mut self, lasso: &Lasso) -> Told<M::State, M::Action> {
        let first = self.fingerprints[lasso.stem[0] as usize];
        let mut initial = self.model.init_states().into_iter();
        let initial = initial.find(|state| fingerprint(state) == first);
        let initial = initial.expect("the model has the same initial states as before");
        let mut story = Story { initial, steps: Vec::with_capacity(lasso.stem.len() - 1) };
        for &state in &lasso.stem[1..] {
            let step = self.step(story.last(), None, state);
            story.steps.push(step);
        }
        let mut cycle: Vec<(M::Action, M::State)> = Vec::with_capacity(lasso.cycle.len());
        for &(conditions, state) in &lasso.cycle {
            let from = cycle.last().map_or(story.last(), |(_, state)| state).clone();
            cycle.push(self.step(&from, Some(conditions), state));
        }
        (story, cycle)
    }

    /// The step that an edge stands for.
    fn step(
        &mut self,
        from: &M::State,
        conditions: Option<Conditions>,
        to: u32,
    ) -> (M::Action, M::State) {
        let target = self.fingerprints[to as usize];
        let mut actions = Vec::new();
        self.model.actions(from, &mut actions);
        let step = actions.into_iter().find_map(|action| {
            let next = self.model.next_state(from, action.clone())?;
            let asked = conditions.is_none_or(|set| set == self.conditions_of(from, &action));
            (asked && fingerprint(&next) == target).then_some((action, next))
        });
        step.expect("the model takes the same steps as before")
    }
}
