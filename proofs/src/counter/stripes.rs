//! The shipped striped counter beside its model: every addition and every look is a step of both.
//!
//! Each addition is of a power of two of its own, as in the model, so that a sum says which ones
//! it has counted. A look loads with relaxed loads, which under loom may see old values: there it
//! is judged by its sum. Under shuttle each load is a step of the model.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{Acquire, Relaxed};

use bisim_models::common::{Params, Preset, Spec};
use bisim_models::counter::striped::StripedCounter;
use proptest::collection::vec;
use proptest::prelude::{BoxedStrategy, Strategy};

use super::StripedMapping;
use crate::checker::Verdict;
use crate::interleaving::{
    Algorithm, Bounds, Call, Exploration, Group, Interleaved, Loom, Mutant, Run, Scenario,
    Schedule, Subject, Survivor, Word, World, alone, replayed, story_of,
};
use crate::registry::{ConformOptions, ConformReport, Conformance, Evidence};
use crate::report::{Replayed, Trace, TraceError};

use Call::{Get, Increment};

/// The additions of each thread, at most.
const EACH: u32 = 2;
/// The threads, at most.
const THREADS: u32 = 4;
/// The stripes of the shipped counter under an explorer.
const STRIPES: u32 = 2;

/// What a striped counter does under an explorer.
pub trait Stripes: Default + Send + Sync + 'static {
    /// Adds.
    fn add(&self, summand: u64);

    /// The sum.
    fn sum(&self) -> u64;

    /// The number of the thread that runs.
    fn thread() -> usize;
}

macro_rules! stripes {
    ($($copy:ident)*) => {$(
        impl Stripes for $copy::counter::StripedCounter {
            fn add(&self, summand: u64) {
                self.add(summand);
            }

            fn sum(&self) -> u64 {
                self.sum()
            }

            fn thread() -> usize {
                $copy::sync::probe::thread_number().unwrap_or(0)
            }
        }
    )*};
}

stripes!(bisim_loom bisim_shuttle);

/// A striped counter, and what it is to count, which no explorer sees.
#[derive(Debug, Default)]
pub struct PowersOfTwo<C> {
    counter: C,
    /// The additions of each thread that have ended.
    ended: [AtomicU32; THREADS as usize],
    /// All additions that have begun.
    begun: AtomicU32,
}

impl<C: Stripes> Subject for PowersOfTwo<C> {
    fn call(&self, call: Call) -> u32 {
        let thread = C::thread();
        if call == Increment {
            let made = self.ended[thread].load(Relaxed).count_ones();
            let addition = 1 << (thread as u32 * EACH + (EACH - 1 - made));
            self.begun.fetch_or(addition, Relaxed);
            self.counter.add(addition.into());
            self.ended[thread].fetch_or(addition, Relaxed);
            return 1;
        }
        // What this thread has added itself happened before. Of what others have added, nobody
        // has told it.
        let before = self.ended[thread].load(Relaxed);
        let sum = self.counter.sum() as u32;
        let begun = self.begun.load(Relaxed);
        assert!(sum & before == before, "count: {sum:b} without {before:b}, which was there");
        assert!(sum & begun == sum, "count: {sum:b}, where no more than {begun:b} had begun");
        sum
    }

    fn end(&self, _results: &[(Call, u32)]) -> Result<(), String> {
        let (sum, begun) = (self.counter.sum() as u32, self.begun.load(Relaxed));
        if sum == begun {
            return Ok(());
        }
        Err(format!("count: {sum:b} in the end, after the additions {begun:b}"))
    }
}

/// The shipped striped counter beside its model.
#[derive(Clone, Copy, Debug)]
pub struct StripedAlgorithm;

impl Algorithm for StripedAlgorithm {
    type Spec = StripedCounter;
    type Mapping = StripedMapping;
    type OnLoom = PowersOfTwo<bisim_loom::counter::StripedCounter>;
    type OnShuttle = PowersOfTwo<bisim_shuttle::counter::StripedCounter>;

    const CALLS: &'static [Call] = &[Increment, Get];
    const SURVIVORS: &'static [Survivor] = &[];

    fn model(scenarios: &[Scenario]) -> StripedCounter {
        let threads = scenarios.iter().map(Scenario::threads).max().unwrap_or(1);
        let params = Params::preset(StripedCounter::PARAMETERS, Preset::Standard)
            .with("threads", u32::try_from(threads).expect("a scenario is small"))
            .with("stripes", STRIPES)
            .with("increments", EACH);
        StripedCounter::new(&params).expect("every number of threads makes a model")
    }

    fn groups(quick: bool) -> Vec<Group> {
        let two = Group::new(
            "additions",
            vec![
                Scenario::new([&[Increment], &[Increment]]),
                Scenario::new([&[Increment, Increment], &[Increment, Increment]]),
            ],
        );
        let three = Scenario::new([&[Increment], &[Increment], &[Increment]]);
        let three = Group { name: "additions of three", ..Group::of(three) };
        // The model's looks are between the additions: most of its steps are not taken here.
        let (two, three) = (two.uncovered(), three.uncovered());
        if quick { vec![two] } else { vec![two, three] }
    }

    fn weakened_in() -> Vec<Scenario> {
        looks()
    }

    /// One thread looks once, before or between or after its additions.
    fn scripts() -> BoxedStrategy<Vec<Vec<Call>>> {
        let additions = vec(0..=EACH as usize, 2..=THREADS as usize);
        let scripts = (additions, 0..THREADS as usize, 0..=EACH as usize);
        let script = |(additions, who, place): (Vec<usize>, usize, usize)| {
            let mut calls: Vec<_> = additions.iter().map(|&many| vec![Increment; many]).collect();
            let threads = calls.len();
            let looks = &mut calls[who % threads];
            looks.insert(place.min(looks.len()), Get);
            calls
        };
        scripts.prop_map(script).boxed()
    }

    fn mutants() -> &'static [Mutant] {
        &MUTANTS
    }
}

/// Looks beside additions, also of the thread that looks.
fn looks() -> Vec<Scenario> {
    vec![
        Scenario::new([&[Get, Get], &[Increment, Increment]]),
        Scenario::new([&[Increment, Get], &[Increment, Get]]),
        Scenario::new([&[Increment, Get], &[Increment, Increment], &[Increment]]),
    ]
}

/// The evidence of the striped counter: beside its model, and its looks under loom.
#[derive(Clone, Copy, Debug, Default)]
pub struct StripedConformance(Interleaved<StripedAlgorithm>);

impl Conformance for StripedConformance {
    fn evidence(&self) -> &'static [Evidence] {
        self.0.evidence()
    }

    fn conform(&self, options: &ConformOptions) -> Vec<ConformReport> {
        let mut reports = self.0.conform(options);
        if !options.weaken {
            let interrupt = options.interrupt.clone();
            let bounds = Bounds { interrupt, preemptions: Some(3), ..Bounds::default() };
            reports.push(judged_looks(&bounds));
        }
        reports
    }

    /// What loom runs with looks in it is judged by its sums, and not beside the model.
    fn replay(&self, trace: &Trace) -> Result<Replayed, TraceError> {
        let run: Run = Run::of(trace)?;
        let looks = run.script.calls.iter().flatten().any(|call| *call == Get);
        match run.schedule {
            Schedule::Explored { preemptions, execution } if looks && trace.bug.is_none() => {
                let bounds = Bounds { executions: execution, preemptions, ..Bounds::default() };
                let failure = judged(&run.script, &bounds).failure;
                replayed(trace, failure, |events| story_of(events, run.script.threads()))
            }
            _ => self.0.replay(trace),
        }
    }
}

fn judged(scenario: &Scenario, bounds: &Bounds) -> Exploration<()> {
    alone::<<StripedAlgorithm as Algorithm>::OnLoom>(scenario, bounds)
}

/// Looks under loom, judged by their sums.
fn judged_looks(bounds: &Bounds) -> ConformReport {
    let most = bounds.preemptions.unwrap_or_default();
    let scope = format!("loom, looks: at most {most} preemptions: bounded, not exhaustive");
    let mut report = ConformReport::new(StripedCounter::NAME, Evidence::Interleaved, scope);
    let mut executions = 0;
    for scenario in looks() {
        let seen = judged(&scenario, bounds);
        executions += seen.executions;
        if seen.interrupted || seen.executions >= bounds.executions {
            report.verdict = Verdict::Truncated;
        }
        if let Some(failure) = seen.failure {
            report.verdict = Verdict::Violated;
            report.divergence = Some(format!("{scenario}: {}", failure.what));
            report.story = Some(story_of(&failure.events, scenario.threads()));
            let run = Run::explored(&scenario, bounds, &failure);
            report.trace = Some(run.trace(StripedCounter::NAME, None, &failure));
            break;
        }
    }
    report.figure("executions", executions);
    report
}

/// A counter that adds by a look and a store.
#[derive(Debug)]
struct TornAdd<W: World>(W::Word);

impl<W: World> Default for TornAdd<W> {
    fn default() -> Self {
        Self(Word::new(0))
    }
}

impl Stripes for TornAdd<Loom> {
    fn add(&self, summand: u64) {
        self.0.store(self.0.load(Acquire) + summand as u32, Relaxed);
    }

    fn sum(&self) -> u64 {
        self.0.load(Acquire).into()
    }

    fn thread() -> usize {
        <bisim_loom::counter::StripedCounter as Stripes>::thread()
    }
}

/// What the lost update shows in.
fn two_additions() -> Scenario {
    Scenario::new([&[Increment], &[Increment]])
}

pub(super) static MUTANTS: [Mutant; 1] = [Mutant {
    slug: "counter/torn-add",
    scenario: two_additions,
    preemptions: None,
    explore: alone::<PowersOfTwo<TornAdd<Loom>>>,
}];
