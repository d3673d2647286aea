//! All interleavings, and the memory orderings of C11: loom.

use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use bisim_loom::sync::probe::{self, Site, Weakening};

use super::failure::catch;
use super::scenario::run;
use super::{Event, Failure, Loom, Recorder, Scenario, Subject, Witness, World};

/// How far loom goes.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// The most executions.
    pub executions: u64,
    /// The most switches away from a thread that could go on; none for all interleavings.
    pub preemptions: Option<usize>,
    /// Set from outside to end the run.
    pub interrupt: Arc<AtomicBool>,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { executions: 1_000_000, preemptions: None, interrupt: Arc::default() }
    }
}

/// What loom saw.
#[derive(Debug)]
pub struct Exploration<T, E = Event> {
    /// The executions that were begun.
    pub executions: u64,
    /// Whether these were all interleavings of the scenario.
    pub exhaustive: bool,
    /// Whether the run was ended from outside.
    pub interrupted: bool,
    /// The first execution that failed; the exploration ends with it.
    pub failure: Option<Failure<E>>,
    /// The witness of all executions, unless a failed one still refers to it.
    pub witness: Option<T>,
}

/// A memory ordering in the source that is not relaxed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ordered(Site);

impl Ordered {
    /// The orderings that are one step weaker.
    pub fn weaker(self) -> Vec<(&'static str, Weakening)> {
        let weakening = |name, to| (name, Weakening { site: self.0, to });
        match (self.0.releases, self.0.acquires) {
            (true, true) => vec![
                weakening("Acquire", Ordering::Acquire),
                weakening("Release", Ordering::Release),
            ],
            _ => vec![weakening("Relaxed", Ordering::Relaxed)],
        }
    }

    /// Whether the ordering has a release half.
    pub fn releases(self) -> bool {
        self.0.releases
    }
}

impl std::fmt::Display for Ordered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at: &Location<'_> = self.0.at;
        // The copies see the source through a path of their own.
        let file = at.file().rsplit("../").next().unwrap_or(at.file());
        let order = match (self.0.releases, self.0.acquires) {
            (true, true) => "AcqRel",
            (true, false) => "Release",
            _ => "Acquire",
        };
        let failure = if self.0.failure { ", on failure" } else { "" };
        write!(f, "{order}{failure} at {file}:{}:{}", at.line(), at.column())
    }
}

/// What an execution panics with when the run is ended from outside.
const INTERRUPTED: &str = "the run was interrupted";

/// Explores a scenario until an execution fails or none is left.
pub fn explore<S: Subject, T: Witness>(
    scenario: &Scenario,
    bounds: &Bounds,
    weakening: Option<Weakening>,
    witness: T,
) -> Exploration<T> {
    let recorder = Recorder::new(witness);
    let body = {
        let (scenario, recorder) = (scenario.clone(), Arc::clone(&recorder));
        move || run::<Loom, S, T>(&scenario, &recorder)
    };
    explore_body(bounds, weakening, recorder, body)
}

/// Explores whatever `body` runs and tells the recorder; it holds the only other reference to it.
pub fn explore_body<T, E: Clone>(
    bounds: &Bounds,
    weakening: Option<Weakening>,
    recorder: Arc<Mutex<Recorder<T, E>>>,
    body: impl Fn() + Send + Sync + 'static,
) -> Exploration<T, E> {
    let mut builder = loom::model::Builder::new();
    // Neither the environment nor a wall clock decides what is explored; and loom looks at its
    // limits only at checkpoints.
    builder.max_duration = None;
    builder.checkpoint_file = None;
    builder.checkpoint_interval = 1;
    builder.max_branches = 10_000;
    builder.preemption_bound = bounds.preemptions;
    // loom returns before the execution with this number.
    builder.max_permutations =
        usize::try_from(bounds.executions).ok().map(|most| most.saturating_add(1));
    let interrupt = Arc::clone(&bounds.interrupt);
    let body = move || {
        assert!(!interrupt.load(Ordering::Relaxed), "{INTERRUPTED}");
        body();
    };
    probe::weaken(weakening);
    let result = catch(move || builder.check(body));
    probe::weaken(None);
    Loom::end();
    let (witness, executions, events) = Recorder::finish(recorder);
    let interrupted = result.as_ref().is_err_and(|what| what == INTERRUPTED);
    let failure = result.err().filter(|_| !interrupted);
    let failure = failure.map(|what| Failure { what, execution: executions, events });
    Exploration {
        executions,
        exhaustive: failure.is_none()
            && !interrupted
            && bounds.preemptions.is_none()
            && executions < bounds.executions,
        interrupted,
        failure,
        witness,
    }
}

/// The memory orderings that a subject uses in these scenarios and that are not relaxed, in the
/// order of the source.
pub fn orderings<S: Subject>(scenarios: &[Scenario]) -> Vec<Ordered> {
    orderings_of(|| {
        for scenario in scenarios {
            // Loom meets every site within a few preemptions.
            let bounds = Bounds { preemptions: Some(2), ..Bounds::default() };
            explore::<S, ()>(scenario, &bounds, None, ());
        }
    })
}

/// The memory orderings that are not relaxed in what `explored` explores on this thread.
pub fn orderings_of(explored: impl FnOnce()) -> Vec<Ordered> {
    probe::take_sites();
    explored();
    probe::take_sites().into_iter().map(Ordered).collect()
}
