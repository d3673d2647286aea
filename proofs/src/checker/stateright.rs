//! Stateright's own searches, as a second opinion.
//!
//! Stateright stops early once every property has an example, and at once when there is none; so
//! it is given the model with one more property, which always holds. Its counts are its own: it
//! counts no transitions to states outside the boundary and checks no property there, a depth
//! bound counts the states one level below it too, and the depth of its depth-first search is
//! that of the longest path that it happened to take. A bound on the number of states is looked at
//! from outside, about a hundred times a second.

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bisim_models::common::{StepLaw, Value};
use stateright::{Checker, HasDiscoveries, Model, Path, Property};

use super::progress::Progress;
use super::{
    ActionCount, Classes, Cut, Engine, Options, Outcome, PropertyOutcome, PropertyVerdict, Story,
    memory, omission_probability, state_properties,
};

/// Explores a model with the engine of Stateright that the options name.
pub(super) fn explore<M>(
    model: Arc<M>,
    classes: &Classes<M>,
    options: &Options,
) -> Outcome<M::State, M::Action>
where
    M: Model<State: Value, Action: Value> + Send + Sync + 'static,
{
    let started = Instant::now();
    let memory = memory::Watch::start();
    let stop = Arc::new(AtomicBool::new(false));
    let whole = Whole::new(model, classes, Arc::clone(&stop));
    let (properties, taken) = (state_properties(&*whole.model), Arc::clone(&whole.taken));
    let steps = Arc::clone(&whole.steps);
    let mut builder = whole.checker().threads(options.workers.max(1));
    if !options.keep_going {
        builder = builder.finish_when(HasDiscoveries::AnyFailures);
    }
    if let Some(most) = options.max_depth {
        // Stateright neither checks nor explores the states at its bound.
        builder = builder.target_max_depth(most as usize + 1);
    }
    let found = match options.engine {
        Engine::StaterightDfs => supervise(builder.spawn_dfs(), options, &stop),
        _ => supervise(builder.spawn_bfs(), options, &stop),
    };
    let taken = taken.iter().map(|taken| taken.load(Relaxed));
    let actions = classes.names.iter().zip(taken);
    let mut paths = found.paths;
    let properties = properties.iter().map(|property| {
        let path = paths.remove(property.name);
        let told = path.is_some();
        PropertyOutcome {
            story: path.map(story),
            ..PropertyOutcome::of(property.name, &property.expectation, told)
        }
    });
    // A step has no place in Stateright's paths to states: what it shows is told without a story.
    let of_steps = steps
        .iter()
        .map(|(law, told)| PropertyOutcome::of(law.name, &law.expectation, told.load(Relaxed)));
    let properties: Vec<_> = properties.chain(of_steps).collect();
    let violated = properties.iter().any(|p| p.verdict == PropertyVerdict::Violated);
    let violated = (violated && !options.keep_going).then_some(Cut::Violation);
    Outcome {
        distinct: found.distinct,
        generated: found.generated,
        depth: found.depth,
        cut: found.cut.or(violated).or(found.too_deep),
        properties,
        graph: None,
        actions: actions.map(|(name, taken)| ActionCount { name, taken }).collect(),
        engine: options.engine,
        workers: options.workers,
        elapsed: started.elapsed(),
        peak_bytes: memory.peak_bytes(),
        omission_probability: omission_probability(found.distinct),
    }
}

/// What a search of Stateright ended with.
struct Found<S, A> {
    distinct: u64,
    generated: u64,
    depth: u32,
    /// What we cut.
    cut: Option<Cut>,
    /// What the bound on the depth cut.
    too_deep: Option<Cut>,
    paths: HashMap<&'static str, Path<S, A>>,
}

/// Waits for the end of a search, and brings it about when a bound is reached.
fn supervise<M>(
    mut checker: impl Checker<Whole<M>>,
    options: &Options,
    stop: &AtomicBool,
) -> Found<M::State, M::Action>
where
    M: Model<State: Value, Action: Value> + Send + Sync + 'static,
{
    let mut progress = options.progress.then(Progress::start);
    let handles = checker.handles();
    let too_many = |distinct| options.max_states.is_some_and(|most| distinct > most);
    while !handles.iter().all(|handle| handle.is_finished()) {
        let distinct = checker.unique_state_count() as u64;
        if too_many(distinct) || options.interrupt.load(Relaxed) {
            stop.store(true, Relaxed);
        }
        if let Some(progress) = &mut progress {
            progress.tell(distinct, checker.max_depth() as u32);
        }
        sleep(Duration::from_millis(if distinct < 10_000 { 1 } else { 10 }));
    }
    for handle in handles {
        if let Err(payload) = handle.join() {
            resume_unwind(payload);
        }
    }
    let distinct = checker.unique_state_count() as u64;
    let interrupted = stop.load(Relaxed) && options.interrupt.load(Relaxed);
    let depth = checker.max_depth() as u32;
    // The stories are told by the model as it is, and not counted.
    let generated = checker.state_count() as u64;
    stop.store(false, Relaxed);
    checker.model().counting.store(false, Relaxed);
    Found {
        distinct,
        generated,
        depth: options.max_depth.map_or(depth, |most| depth.min(most)),
        cut: match interrupted {
            true => Some(Cut::Interrupt),
            false => too_many(distinct).then_some(Cut::States),
        },
        too_deep: options.max_depth.filter(|&most| depth > most).map(|_| Cut::Depth),
        paths: checker.discoveries(),
    }
}

fn story<S, A>(path: Path<S, A>) -> Story<S, A> {
    let mut states = Vec::new();
    let mut actions = Vec::new();
    for (state, action) in path.into_vec() {
        states.push(state);
        actions.extend(action);
    }
    let mut states = states.into_iter();
    let initial = states.next().expect("a path has a first state");
    Story { initial, steps: actions.into_iter().zip(states).collect() }
}

/// A model that Stateright explores to the end.
struct Whole<M: Model> {
    model: Arc<M>,
    properties: Vec<Property<M>>,
    class_of: fn(&M::Action) -> usize,
    taken: Arc<Vec<AtomicU64>>,
    /// The properties of steps, and whether a step has told of each.
    steps: Arc<Vec<(StepLaw<M>, AtomicBool)>>,
    counting: AtomicBool,
    /// No action is offered any more.
    stop: Arc<AtomicBool>,
}

impl<M: Model> Whole<M> {
    fn new(model: Arc<M>, classes: &Classes<M>, stop: Arc<AtomicBool>) -> Self {
        let properties = state_properties(&*model);
        let most = Self::CONDITIONS.len();
        assert!(properties.len() <= most, "Stateright is given {most} properties at most");
        let steps = classes.steps.iter().map(|law| (law.clone(), AtomicBool::new(false)));
        let taken = classes.names.iter().map(|_| AtomicU64::new(0)).collect();
        Self {
            model,
            properties,
            class_of: classes.of,
            taken: Arc::new(taken),
            steps: Arc::new(steps.collect()),
            counting: AtomicBool::new(true),
            stop,
        }
    }

    /// Stateright's conditions are plain functions: the index of each is part of its type.
    const CONDITIONS: [fn(&Self, &M::State) -> bool; 16] = [
        Self::nth::<0>,
        Self::nth::<1>,
        Self::nth::<2>,
        Self::nth::<3>,
        Self::nth::<4>,
        Self::nth::<5>,
        Self::nth::<6>,
        Self::nth::<7>,
        Self::nth::<8>,
        Self::nth::<9>,
        Self::nth::<10>,
        Self::nth::<11>,
        Self::nth::<12>,
        Self::nth::<13>,
        Self::nth::<14>,
        Self::nth::<15>,
    ];

    fn nth<const N: usize>(&self, state: &M::State) -> bool {
        (self.properties[N].condition)(&self.model, state)
    }
}

impl<M: Model<Action: Clone>> Model for Whole<M> {
    type State = M::State;
    type Action = M::Action;

    fn init_states(&self) -> Vec<M::State> {
        // Stateright leaves out those outside the boundary, but numbers them when it tells a story.
        let states = self.model.init_states().into_iter();
        states.filter(|state| self.model.within_boundary(state)).collect()
    }

    fn actions(&self, state: &M::State, actions: &mut Vec<M::Action>) {
        if !self.stop.load(Relaxed) {
            self.model.actions(state, actions);
        }
    }

    fn next_state(&self, last: &M::State, action: M::Action) -> Option<M::State> {
        let class = (self.class_of)(&action);
        if !self.counting.load(Relaxed) {
            return self.model.next_state(last, action);
        }
        let next = match self.steps.is_empty() {
            true => self.model.next_state(last, action)?,
            false => {
                let next = self.model.next_state(last, action.clone())?;
                for (law, told) in self.steps.iter().filter(|(_, told)| !told.load(Relaxed)) {
                    if law.is_told_by(&self.model, last, &action, &next) {
                        told.store(true, Relaxed);
                    }
                }
                next
            }
        };
        self.taken[class].fetch_add(1, Relaxed);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let own = self.properties.iter().zip(Self::CONDITIONS);
        let own = own.map(|(property, condition)| Property {
            expectation: property.expectation.clone(),
            name: property.name,
            condition,
        });
        own.chain([Property::always("everything is explored", |_, _| true)]).collect()
    }

    fn within_boundary(&self, state: &M::State) -> bool {
        self.model.within_boundary(state)
    }
}
