//! An explicit-state model checker over Stateright's [`Model`] trait.

mod dataflow;
mod fingerprint;
mod memory;
mod outcome;
mod progress;
mod search;
mod stateright;
mod story;
mod table;

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use ::stateright::{Expectation, Model};
use bisim_models::common::Value;

pub use fingerprint::fingerprint;
pub use outcome::{
    ActionCount, Cut, Engine, Options, Outcome, PropertyOutcome, PropertyVerdict, Story, Verdict,
};

use search::{Part, Search};

/// The classes of a model's actions: what is counted, and what must not be dead.
pub struct Classes<M: Model> {
    names: Vec<&'static str>,
    of: fn(&M::Action) -> usize,
}

impl<M: Model> Classes<M> {
    /// Classes by name, and the index of an action's class.
    pub fn new(names: Vec<&'static str>, of: fn(&M::Action) -> usize) -> Self {
        Self { names, of }
    }

    /// One class for all actions.
    pub fn one(name: &'static str) -> Self {
        Self { names: vec![name], of: |_| 0 }
    }
}

/// Explores a model, and decides its `always` and `sometimes` properties.
///
/// # Panics
/// If the model panics, with its message; and if it has an `eventually` property, which this
/// checker does not decide (it would have to say "holds" of what it did not look at).
pub fn check<M>(
    model: Arc<M>,
    classes: &Classes<M>,
    options: &Options,
) -> Outcome<M::State, M::Action>
where
    M: Model<State: Value, Action: Value> + Send + Sync + 'static,
{
    for property in model.properties() {
        let decided = property.expectation != Expectation::Eventually;
        assert!(decided, "`{}` is an `eventually`: liveness is not decided here", property.name);
    }
    match options.engine {
        Engine::Bisim => explore(model, classes, options),
        Engine::StaterightBfs | Engine::StaterightDfs => {
            stateright::explore(model, classes, options)
        }
    }
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
    let parts = dataflow::run(&search);
    let panic = search.panic.lock().expect("nothing panics while it holds this lock").take();
    if let Some(payload) = panic {
        resume_unwind(payload);
    }
    let distinct = parts.iter().map(|part| part.distinct).sum();
    let taken = |class| parts.iter().map(|part| part.taken[class]).sum::<u64>();
    let actions: Vec<_> = (classes.names.iter().enumerate())
        .map(|(class, name)| ActionCount { name, taken: taken(class) })
        .collect();
    let initial: u64 = parts.iter().map(|part| part.initial).sum();
    Outcome {
        distinct,
        generated: initial + actions.iter().map(|action| action.taken).sum::<u64>(),
        depth: parts.iter().map(|part| part.depth).max().unwrap_or(0),
        cut: cut(&search),
        properties: properties(&search, &parts),
        actions,
        engine: options.engine,
        workers: parts.len(),
        elapsed: started.elapsed(),
        peak_bytes: memory.peak_bytes(),
        omission_probability: omission_probability(distinct),
    }
}

/// Why the search ended early, if it did. What the user did is told before what the bounds did.
fn cut<M: Model>(search: &Search<M>) -> Option<Cut> {
    if search.interrupted.load(Relaxed) {
        Some(Cut::Interrupt)
    } else if search.too_many.load(Relaxed) {
        Some(Cut::States)
    } else if !search.options.keep_going && search.violation.load(Relaxed) != u32::MAX {
        Some(Cut::Violation)
    } else if search.deeper.load(Relaxed) {
        Some(Cut::Depth)
    } else {
        None
    }
}

fn properties<M>(search: &Search<M>, parts: &[Part<M>]) -> Vec<PropertyOutcome<M::State, M::Action>>
where
    M: Model<State: Value, Action: Value>,
{
    let parents: Vec<_> = parts.iter().map(|part| &part.parents).collect();
    let outcome = |(index, property): (usize, &::stateright::Property<M>)| {
        let end = parts.iter().filter_map(|part| part.ends[index]).min();
        PropertyOutcome {
            name: property.name,
            expectation: property.expectation.clone(),
            verdict: PropertyVerdict::of(&property.expectation, end.is_some()),
            story: end.map(|end| story::story(&*search.model, end, &parents)),
        }
    };
    search.properties.iter().enumerate().map(outcome).collect()
}

/// The probability that some two of n states share one of 2^64 fingerprints: at most that of each
/// of the n (n - 1) / 2 pairs.
fn omission_probability(distinct: u64) -> f64 {
    let n = distinct as f64;
    (n * (n - 1.0) / 2.0 / 2f64.powi(64)).max(0.0)
}
