//! An algorithm under proptest: it picks the calls of the threads and the schedule, and the model
//! takes each step together with the implementation.

use std::cell::RefCell;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::collection::vec;
use proptest::prelude::{Strategy, prop_oneof};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use bisim_models::common::Spec;

use super::algorithm::lockstep;
use super::{Algorithm, Choices, Event, Failure, Run, Scenario, Subject, Tally, sample, story_of};
use crate::checker::Verdict;
use crate::registry::{ConformReport, Evidence};

/// The calls of the threads, and a schedule for them.
fn cases<A: Algorithm>() -> impl Strategy<Value = (Scenario, Choices)> {
    // Half of the choices let the running thread go on.
    let choices = vec(prop_oneof![proptest::strategy::Just(0_u8), 0_u8..4], 0..160);
    (A::scripts(), choices).prop_map(|(calls, choices)| (Scenario { calls }, Choices(choices)))
}

/// Runs one case beside the model.
pub(super) fn run<A: Algorithm, S: Subject>(
    scenario: &Scenario,
    choices: &Choices,
) -> (Result<(), Failure>, Option<Tally>) {
    let (result, lockstep) = sample::<S, _>(scenario, choices, lockstep::<A>(scenario));
    (result, lockstep.map(|lockstep| lockstep.tally))
}

/// What the cases have shown; a failure is the smallest that proptest has found.
#[derive(Debug)]
pub struct Sampled<S = Scenario, E = Event> {
    /// The cases that ran.
    pub cases: u64,
    /// The steps that were compared.
    pub steps: u64,
    /// The smallest case that fails.
    pub failure: Option<(S, Choices, Failure<E>)>,
    /// Whether the run was ended from outside.
    pub interrupted: bool,
}

/// What runs this many cases, all of them decided by a seed.
pub(crate) fn runner(seed: u64, cases: u32) -> TestRunner {
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 4096, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// Runs this many cases on code that claims to be the algorithm of the model.
pub fn sampled<A: Algorithm, S: Subject>(
    seed: u64,
    cases_at_most: u32,
    interrupt: &AtomicBool,
) -> Sampled {
    sampled_cases(&cases::<A>(), seed, cases_at_most, interrupt, run::<A, S>)
}

/// Runs this many of some cases: what threads do, and a schedule for them.
pub fn sampled_cases<S: Debug, E>(
    strategy: &impl Strategy<Value = (S, Choices)>,
    seed: u64,
    cases_at_most: u32,
    interrupt: &AtomicBool,
    run: impl Fn(&S, &Choices) -> (Result<(), Failure<E>>, Option<Tally>),
) -> Sampled<S, E> {
    let counts = RefCell::new((0, 0));
    let mut runner = runner(seed, cases_at_most);
    let result = runner.run(strategy, |(script, choices)| {
        if interrupt.load(Ordering::Relaxed) {
            return Ok(());
        }
        let (result, tally) = run(&script, &choices);
        let mut counts = counts.borrow_mut();
        counts.0 += 1;
        counts.1 += tally.map_or(0, |tally| tally.steps);
        result.map_err(|failure| TestCaseError::fail(failure.what))
    });
    let (cases, steps) = counts.into_inner();
    let failure = match result {
        Ok(()) => None,
        Err(TestError::Fail(_, (script, choices))) => {
            let failure = run(&script, &choices).0.err();
            let failure = failure.expect("a schedule that fails does so again");
            Some((script, choices, failure))
        }
        Err(TestError::Abort(why)) => panic!("proptest gave up without a case: {why}"),
    };
    Sampled { cases, steps, failure, interrupted: interrupt.load(Ordering::Relaxed) }
}

/// The report on the shipped code.
pub(super) fn conform<A: Algorithm>(
    seed: u64,
    cases: u32,
    interrupt: &Arc<AtomicBool>,
) -> ConformReport {
    let scope = "shuttle: 2 to 4 threads, 1 to 4 calls each, schedules by proptest";
    let mut report = ConformReport::new(A::Spec::NAME, Evidence::Sampled, scope);
    let seen = sampled::<A, A::OnShuttle>(seed, cases, interrupt);
    report.figure("cases", seen.cases);
    report.figure("steps compared with the model", seen.steps);
    report.figure("divergences", u64::from(seen.failure.is_some()));
    report.figure("seed", seed.to_string());
    if seen.interrupted {
        report.verdict = Verdict::Truncated;
    }
    if let Some((scenario, choices, failure)) = seen.failure {
        report.verdict = Verdict::Violated;
        report.divergence = Some(format!("{scenario}: {}", failure.what));
        report.story = Some(story_of(&failure.events, scenario.threads()));
        report.trace = Some(Run::chosen(&scenario, &choices).trace(A::Spec::NAME, None, &failure));
    }
    report
}
