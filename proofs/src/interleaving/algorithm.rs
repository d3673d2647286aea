//! A shared-memory algorithm with all that its evidence needs.

use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bisim_models::common::{Model, Params, Preset, Spec};
use proptest::collection::vec;
use proptest::prelude::{BoxedStrategy, Strategy};
use proptest::sample::select;

use super::{
    Bounds, Call, Choices, Exploration, Failure, Group, Lockstep, Mapping, Run, Scenario, Schedule,
    Subject, Witness, explore, orderings, replayed, reported, story_of, weaken,
};
use crate::registry::{
    Caught, ConformOptions, ConformReport, Conformance, Evidence, Hunt, HuntOptions,
};
use crate::report::{Replayed, Trace, TraceError};

/// An ordering as it displays itself, and why weakening it makes no difference.
pub type Survivor = (&'static str, &'static str);

/// A shared-memory algorithm: the shipped code on the types of each explorer, its model, what ties
/// the two, and what is explored.
pub trait Algorithm: Send + Sync + 'static {
    /// The model. Its parameters are `threads` and `rounds`, unless [`model`](Self::model) says
    /// otherwise.
    type Spec: Spec;
    /// How the steps of the code are steps of the model.
    type Mapping: Mapping<Model = Self::Spec> + Default;
    /// The shipped code on loom's types.
    type OnLoom: Subject;
    /// The shipped code on shuttle's types.
    type OnShuttle: Subject;

    /// What threads ask of it.
    const CALLS: &'static [Call];
    /// The orderings that may be weakened without loom noticing, each with the reason. A survivor
    /// that is not here fails, and so does an entry that survives no more or names no ordering.
    const SURVIVORS: &'static [Survivor];
    /// The bound on preemptions while orderings are weakened, where all interleavings are too many.
    const WEAKENED_WITHIN: Option<usize> = None;

    /// The model for these scenarios.
    fn model(scenarios: &[Scenario]) -> Self::Spec {
        let small =
            |count: Option<usize>| u32::try_from(count.unwrap_or(1)).expect("a scenario is small");
        let params = Params::preset(Self::Spec::PARAMETERS, Preset::Standard)
            .with("threads", small(scenarios.iter().map(Scenario::threads).max()))
            .with("rounds", small(scenarios.iter().map(Scenario::rounds).max()));
        Self::Spec::new(&params).expect("every number of threads and calls makes a model")
    }

    /// What is explored with loom: in seconds, or in minutes.
    fn groups(quick: bool) -> Vec<Group>;

    /// The scenarios in which orderings are weakened.
    fn weakened_in() -> Vec<Scenario>;

    /// What is sampled: the calls of two to four threads, one to four each.
    fn scripts() -> BoxedStrategy<Vec<Vec<Call>>> {
        vec(vec(select(Self::CALLS), 1..=4), 2..=4).boxed()
    }

    /// Mistakes in the code.
    fn mutants() -> &'static [Mutant];

    /// Why the code cannot take a step of the model; none if this state does not show it.
    fn reason(
        _group: &Group,
        _state: &<Self::Spec as Model>::State,
        _action: &<Self::Spec as Model>::Action,
    ) -> Option<&'static str> {
        None
    }
}

/// A mistake in the code of an algorithm.
pub struct Mutant {
    /// The bug's slug.
    pub slug: &'static str,
    /// What must show it.
    pub scenario: fn() -> Scenario,
    /// The bound on preemptions under which it shows.
    pub preemptions: Option<usize>,
    /// Explores the code with the mistake.
    pub explore: fn(&Scenario, &Bounds) -> Exploration<()>,
}

impl Mutant {
    /// The hunt of the mistake with loom.
    pub fn hunt(&'static self, target: &'static str) -> Hunt {
        Hunt::new(Evidence::Interleaved, move |options: &HuntOptions| {
            let scenario = (self.scenario)();
            let bounds = Bounds {
                preemptions: self.preemptions,
                interrupt: Arc::clone(&options.interrupt),
                ..Bounds::default()
            };
            let seen = (self.explore)(&scenario, &bounds);
            let Some(failure) = seen.failure else {
                let by = format!("survives {} executions of {scenario}", seen.executions);
                return Caught { caught: false, by, story: None, trace: None };
            };
            let run = Run::explored(&scenario, &bounds, &failure);
            Caught {
                caught: true,
                by: failure.what.clone(),
                story: Some(story_of(&failure.events, scenario.threads())),
                trace: Some(run.trace(target, Some(self.slug), &failure)),
            }
        })
    }
}

/// Explores code that claims to be an algorithm, and looks only at what the code itself says.
pub fn alone<S: Subject>(scenario: &Scenario, bounds: &Bounds) -> Exploration<()> {
    explore::<S, ()>(scenario, bounds, None, ())
}

/// Explores shipped code with its first ordering that has a release half relaxed.
pub fn relaxed_release<S: Subject>(scenario: &Scenario, bounds: &Bounds) -> Exploration<()> {
    let orderings = orderings::<S>(std::slice::from_ref(scenario));
    let release = orderings.into_iter().find(|ordering| ordering.releases());
    let weakening = release
        .and_then(|release| release.weaker().into_iter().next())
        .map(|(_, weakening)| weakening);
    explore::<S, ()>(scenario, bounds, weakening, ())
}

/// Explores code that claims to be an algorithm beside its model.
pub fn beside<A: Algorithm, S: Subject>(scenario: &Scenario, bounds: &Bounds) -> Exploration<()> {
    explore::<S, _>(scenario, bounds, None, lockstep::<A>(scenario)).without_witness()
}

/// The model of an algorithm for one scenario, ready to step beside it.
pub(super) fn lockstep<A: Algorithm>(scenario: &Scenario) -> Lockstep<A::Mapping> {
    let model = Arc::new(A::model(std::slice::from_ref(scenario)));
    Lockstep::new(A::Mapping::default(), model, scenario.threads())
}

/// The evidence of an [`Algorithm`], as the commands see it.
#[derive(Clone, Copy, Debug)]
pub struct Interleaved<A>(PhantomData<fn() -> A>);

impl<A> Default for Interleaved<A> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<A: Algorithm> Conformance for Interleaved<A> {
    fn evidence(&self) -> &'static [Evidence] {
        &[Evidence::Interleaved, Evidence::Sampled]
    }

    fn conform(&self, options: &ConformOptions) -> Vec<ConformReport> {
        let interrupt = &options.interrupt;
        if options.weaken {
            return weaken::<A>(A::SURVIVORS, interrupt);
        }
        let groups = A::groups(options.quick);
        let explored = groups.iter().map(|group| reported::<A, A::OnLoom>(group, interrupt));
        let mut reports: Vec<_> = explored.collect();
        reports.push(super::sampled::conform::<A>(options.seed, options.cases, interrupt));
        reports
    }

    fn replay(&self, trace: &Trace) -> Result<Replayed, TraceError> {
        let run: Run = Run::of(trace)?;
        let scenario = run.script.clone();
        let failure = match &run.schedule {
            Schedule::Explored { preemptions, execution } => {
                let bounds = Bounds {
                    executions: *execution,
                    preemptions: *preemptions,
                    interrupt: Arc::<AtomicBool>::default(),
                };
                explored_again::<A>(trace.bug.as_deref(), &scenario, &bounds)?
            }
            Schedule::Chosen(_) if trace.bug.is_some() => {
                let why = "no bug is sampled: it is explored in all interleavings";
                return Err(TraceError::NoLongerApplies(why.to_owned()));
            }
            Schedule::Chosen(choices) => {
                let choices = Choices(choices.clone());
                super::sampled::run::<A, A::OnShuttle>(&scenario, &choices).0.err()
            }
        };
        replayed(trace, failure, |events| story_of(events, scenario.threads()))
    }
}

/// What fails in the shipped code, or in the code with a bug.
fn explored_again<A: Algorithm>(
    bug: Option<&str>,
    scenario: &Scenario,
    bounds: &Bounds,
) -> Result<Option<Failure>, TraceError> {
    let Some(slug) = bug else {
        return Ok(beside::<A, A::OnLoom>(scenario, bounds).failure);
    };
    match A::mutants().iter().find(|mutant| mutant.slug == slug) {
        Some(mutant) => Ok((mutant.explore)(scenario, bounds).failure),
        None => {
            let why = format!("there is no bug {slug} any more");
            Err(TraceError::NoLongerApplies(why))
        }
    }
}

impl<T: Witness> Exploration<T> {
    /// The same without what the witness has seen.
    fn without_witness(self) -> Exploration<()> {
        let Self { executions, exhaustive, interrupted, failure, .. } = self;
        Exploration { executions, exhaustive, interrupted, failure, witness: None }
    }
}
