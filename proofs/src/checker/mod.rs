//! An explicit-state model checker over Stateright's [`Model`] trait.
//!
//! # What it decides
//!
//! [`check`] visits every reachable state once, breadth first, and says of each `always` property
//! whether some state violates it, and of each `sometimes` property whether some state has it. The
//! [`Outcome`] holds exact counts (distinct states, transitions, depth, how often each class of
//! actions was taken), a shortest story for what was found, and what cut the search, if anything
//! did. A bound never passes for an end: a run that was cut is [`Verdict::Truncated`].
//!
//! A state outside the model's boundary is checked but neither counted nor explored, as TLC does
//! with a `CONSTRAINT`. (It is checked wherever it is reached from within the bounds.)
//!
//! What must happen ([`LiveLaw`](bisim_models::common::LiveLaw), and Stateright's `eventually`) is
//! decided under the fairness that each property names, on the graph of all states: see
//! [`crate::liveness`]. What breaks it is told
//! as a lasso. In a run that was cut only a lasso decides.
//!
//! # How
//!
//! - The search is a timely dataflow with one operator in a loop, the same for 1 and for n workers.
//!   States travel to the worker that owns their [`fingerprint()`]; a timestamp is a depth; a
//!   worker explores a depth when no state of it can arrive any more. So all counts and verdicts,
//!   the state in which each story ends, and (see `stories`) the stories themselves are the same
//!   whatever the number of workers.
//! - A worker keeps the fingerprints of its states in a table of 8 bytes a slot, their parents'
//!   fingerprints in a list of 16 bytes a state, and the states themselves for two levels only. A
//!   story is told by running the model again along the fingerprints.
//! - Most duplicates never travel: each worker knows what it sent lately.
//!
//! # What it does not decide
//!
//! - Two states with one fingerprint are taken for one. The probability that this happened
//!   anywhere in a run, if fingerprints are as good as random, is in the outcome.
//! - A model whose `Hash` leaves something out, or whose steps depend on more than the state, is
//!   not the model that was written down. Counting twice and by Stateright's searches
//!   ([`Engine`]) finds some of that.
//! - A `max_states` bound cuts within a level; which states of that level were seen depends on the
//!   schedule, if there are several workers.

mod classes;
mod control;
mod dataflow;
mod fingerprint;
mod live;
mod memory;
mod outcome;
mod parcel;
mod progress;
mod search;
mod stateright;
mod steps;
mod store;
mod story;
mod table;

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Instant;

use ::stateright::{Expectation, Model, Property};
use bisim_models::common::{StepLaw, Value};

pub use classes::Classes;
pub use fingerprint::{ByFingerprint, Unhashed, fingerprint};
pub use outcome::{
    ActionCount, Cut, Engine, GraphFigures, Options, Outcome, PropertyOutcome, PropertyVerdict,
    Story, Verdict,
};

use search::{End, Part, Search};
use steps::StepEnd;

/// Explores a model with the engine that the options name, and decides its properties. What must
/// happen is decided by the suite itself, whatever the engine.
///
/// # Panics
/// As [`search()`].
pub fn check<M>(
    model: Arc<M>,
    classes: &Classes<M>,
    options: &Options,
) -> Outcome<M::State, M::Action>
where
    M: Model<State: Value, Action: Value> + Send + Sync + 'static,
{
    match options.engine {
        Engine::Bisim => search(model, classes, options),
        Engine::StaterightBfs | Engine::StaterightDfs => {
            with_liveness(model, classes, options, stateright::explore)
        }
    }
}

/// Explores a model with the suite's own engine, whatever the options name. A program that calls
/// only this is spared the compilation of Stateright's searches for its model.
///
/// # Panics
/// If the model panics, with its message; and if its liveness properties have more instances, or
/// its fairness more actions, than a [graph](crate::liveness::Graph) has room for.
pub fn search<M>(
    model: Arc<M>,
    classes: &Classes<M>,
    options: &Options,
) -> Outcome<M::State, M::Action>
where
    M: Model<State: Value, Action: Value> + Send + Sync + 'static,
{
    let options = Options { engine: Engine::Bisim, ..options.clone() };
    with_liveness(model, classes, &options, explore)
}

/// One of the searches.
type Explore<M> =
    fn(Arc<M>, &Classes<M>, &Options) -> Outcome<<M as Model>::State, <M as Model>::Action>;

/// Explores a model in one way or the other, and adds what is known of the liveness properties.
fn with_liveness<M>(
    model: Arc<M>,
    classes: &Classes<M>,
    options: &Options,
    explore: Explore<M>,
) -> Outcome<M::State, M::Action>
where
    M: Model<State: Value, Action: Value> + 'static,
{
    let memory = memory::Watch::start();
    let mut outcome = explore(Arc::clone(&model), classes, options);
    let laws = classes.liveness(&model);
    if laws.is_empty() || !options.liveness {
        return outcome;
    }
    let started = Instant::now();
    let decided = live::decide(&*model, &laws, options, outcome.cut);
    outcome.properties.extend(decided.properties);
    outcome.graph = decided.figures;
    if decided.interrupted {
        outcome.cut = Some(Cut::Interrupt);
    }
    outcome.elapsed += started.elapsed();
    // Since the first start: what the search has freed may be in use again.
    outcome.peak_bytes = memory.peak_bytes();
    outcome
}

/// The properties of a model that are decided state by state.
fn state_properties<M: Model>(model: &M) -> Vec<Property<M>> {
    let mut properties = model.properties();
    properties.retain(|property| property.expectation != Expectation::Eventually);
    properties
}

fn explore<M>(
    model: Arc<M>,
    classes: &Classes<M>,
    options: &Options,
) -> Outcome<M::State, M::Action>
where
    M: Model<State: Value, Action: Value> + Send + Sync + 'static,
{
    let started = Instant::now();
    let memory = memory::Watch::start();
    let search = Arc::new(Search::new(model, classes, options));
    let parts = search.run();
    if let Some(payload) = search.control.take_panic() {
        resume_unwind(payload);
    }
    let distinct = parts.iter().map(|part| part.distinct).sum();
    let taken = |class| parts.iter().map(|part| part.taken[class]).sum::<u64>();
    let actions: Vec<_> = (classes.names.iter().enumerate())
        .map(|(class, name)| ActionCount { name, taken: taken(class) })
        .collect();
    let cut = search.control.cut();
    let initial: u64 = parts.iter().map(|part| part.initial).sum();
    Outcome {
        distinct,
        generated: initial + actions.iter().map(|action| action.taken).sum::<u64>(),
        depth: parts.iter().map(|part| part.depth).max().unwrap_or(0),
        cut,
        properties: stories(&search, &parts, distinct, cut),
        graph: None,
        actions,
        engine: options.engine,
        workers: parts.len(),
        elapsed: started.elapsed(),
        peak_bytes: memory.peak_bytes(),
        omission_probability: omission_probability(distinct),
    }
}

/// What was found, with its stories.
///
/// With several workers the ancestors of a state depend on who came first. Unless that would take
/// long, a single worker then finds the same states again, so that the stories are always the
/// same.
fn stories<M>(
    search: &Search<M>,
    parts: &[Part<M>],
    distinct: u64,
    cut: Option<Cut>,
) -> Vec<PropertyOutcome<M::State, M::Action>>
where
    M: Model<State: Value, Action: Value> + Send + Sync + 'static,
{
    /// As many distinct states as one worker explores in a second or so.
    const SOON: u64 = 1_000_000;
    let whole_levels = !matches!(cut, Some(Cut::States | Cut::Interrupt));
    let of_states = (0..search.properties.len()).filter_map(|index| end(parts, index));
    let of_steps = (0..search.steps.len()).filter_map(|index| step_end(parts, index));
    let of_states = of_states.map(|end| end.depth);
    let deepest = of_states.chain(of_steps.map(|end| end.from.depth)).max();
    let again = match deepest.filter(|_| parts.len() > 1 && whole_levels && distinct <= SOON) {
        None => Vec::new(),
        Some(depth) => Arc::new(search.alone(depth)).run(),
    };
    let parts = if again.is_empty() { parts } else { &again };
    let parents: Vec<_> = parts.iter().map(|part| &part.parents).collect();
    let outcome = |(index, property): (usize, &Property<M>)| {
        let end = end(parts, index);
        PropertyOutcome {
            story: end.map(|end| story::story(&*search.model, end, &parents)),
            ..PropertyOutcome::of(property.name, &property.expectation, end.is_some())
        }
    };
    let outcome_of_steps = |(index, law): (usize, &StepLaw<M>)| {
        let end = step_end(parts, index);
        PropertyOutcome {
            story: end.map(|end| steps::story_of_step(search, index, end, &parents)),
            ..PropertyOutcome::of(law.name, &law.expectation, end.is_some())
        }
    };
    let of_states = search.properties.iter().enumerate().map(outcome);
    of_states.chain(search.steps.iter().enumerate().map(outcome_of_steps)).collect()
}

/// Where the shortest story of a property ends, if it has one.
fn end<M: Model>(parts: &[Part<M>], property: usize) -> Option<End> {
    parts.iter().filter_map(|part| part.ends[property]).min()
}

/// The same for a property of steps.
fn step_end<M: Model>(parts: &[Part<M>], property: usize) -> Option<StepEnd> {
    parts.iter().filter_map(|part| part.step_ends[property]).min()
}

/// The probability that some two of n states share one of 2^64 fingerprints: at most that of each
/// of the n (n - 1) / 2 pairs.
fn omission_probability(distinct: u64) -> f64 {
    let n = distinct as f64;
    (n * (n - 1.0) / 2.0 / 2f64.powi(64)).max(0.0)
}
