//! What is asked of every protocol.

use std::collections::BTreeMap;
use std::sync::Arc;

use bisim_proofs::checker::{Options, Verdict};
use bisim_proofs::refinement::{Failure, RefinedOf, Refinement, refine};
use bisim_proofs::registry::{ConformOptions, Conformance, Evidence, entries};
use bisim_proofs::report::{Trace, TraceError};
use bisim_proofs::sampling::{Sampling, Scheduled};
use bisim_proofs::shipped::{Shipped, sampled};

/// Schedules of up to 300 choices from one seed.
pub(crate) fn sampling(cases: u32) -> Sampling {
    Sampling { seed: 7, cases, longest: 300, interrupt: Arc::default() }
}

/// The check that what the system does fails first.
pub(crate) fn failure<R: Refinement>(outcome: &RefinedOf<R>) -> Option<Failure> {
    outcome.divergence.as_ref().map(|divergence| divergence.failure)
}

/// Refines and covers the shipped nodes, or those with this bug.
pub(crate) fn refined<I: Shipped>(scope: I::Scope, bug: Option<&str>) -> RefinedOf<I> {
    let sabotage = bug.map(|slug| I::sabotage(slug).expect("the bug is known"));
    refine(&I::of(scope, sabotage).memoized(), &Options::default())
}

/// The shipped nodes refine and cover their model. Returns states, edges, model states in the
/// image; pairs that are covered, and all pairs.
pub(crate) fn refines_and_covers<I: Shipped>(scope: I::Scope) -> ([u64; 3], [u64; 2]) {
    let outcome = refined::<I>(scope, None);
    assert_eq!((outcome.refined(), outcome.covered()), (Verdict::Holds, Verdict::Holds));
    assert_eq!(outcome.cut, None);
    let coverage = outcome.coverage;
    let excepted: u64 = coverage.excepted.iter().map(|class| class.pairs).sum();
    assert_eq!(coverage.covered() + excepted, coverage.pairs);
    let seen = [outcome.states, outcome.edges, outcome.image];
    (seen, [coverage.covered(), coverage.pairs])
}

/// Random schedules conform, everything happens on them, and the seed decides them.
pub(crate) fn conforms_on_schedules<S: Shipped + Scheduled>() {
    let run = || sampled::<S>(&sampling(300), None);
    let (one, two) = (run(), run());
    assert!(one.failed.is_none());
    assert!(one.done > 0 && one.actions.iter().all(|action| action.taken > 0));
    assert!(one.kinds.iter().all(|(_, count)| *count > 0), "{:?}", one.kinds);
    assert_eq!((one.edges, one.steps, one.kinds), (two.edges, two.steps, two.kinds));
}

/// The command reports all evidence, and all of it holds.
pub(crate) fn reports_what_was_run(conformance: &impl Conformance, cases: u32) {
    let options = ConformOptions {
        exhaustive: false,
        weaken: false,
        seed: 3,
        cases,
        quick: true,
        interrupt: Arc::default(),
    };
    let reports = conformance.conform(&options);
    let evidence: Vec<_> = reports.iter().map(|report| report.evidence).collect();
    assert_eq!(evidence, [Evidence::Sampled, Evidence::Refined, Evidence::Covered]);
    assert!(reports.iter().all(|report| report.verdict == Verdict::Holds), "{reports:?}");
}

/// The trace of a bug of the implementation that a small cluster shows.
pub(crate) fn hunted_trace<I: Shipped>(scope: I::Scope, slug: &'static str) -> Trace {
    let implementation = I::of(scope, I::sabotage(slug)).memoized();
    let caught = implementation.claim(Some(slug)).hunt(Evidence::Refined, &Options::default());
    caught.trace.expect("it is caught")
}

/// A trace replays, and no longer does with these bounds damaged, or with any bound missing.
pub(crate) fn stale_when_damaged(
    conformance: &impl Conformance,
    trace: &Trace,
    damages: &[(&str, u32)],
) {
    assert!(conformance.replay(trace).is_ok());
    let stale = |params: BTreeMap<String, u32>| {
        let replayed = conformance.replay(&Trace { params, ..trace.clone() });
        matches!(replayed, Err(TraceError::NoLongerApplies(_)))
    };
    for &(name, value) in damages {
        let mut params = trace.params.clone();
        params.insert(name.to_owned(), value).expect("the trace has this bound");
        assert!(stale(params), "{name} {value}");
    }
    for name in trace.params.keys() {
        let mut params = trace.params.clone();
        params.remove(name);
        assert!(stale(params), "no {name}");
    }
}

/// Every row of the catalogue of known bugs, from `{letter}1` on, is seeded, or waits for something
/// that the README names; and none is both.
pub(crate) fn every_row_is_decided(target: &str, letter: char, rows: u32, readme: &str) {
    let all = entries();
    let entry = all.iter().find(|entry| entry.name() == target).expect("it is a target");
    for row in (1..=rows).map(|number| format!("{letter}{number}")) {
        let seeded = entry.bugs.iter().any(|bug| bug.row == row);
        let waits = entry.deferred.iter().any(|deferred| deferred.row == row);
        assert!(seeded != waits, "{row} is seeded: {seeded}, waits: {waits}");
    }
    for bug in &entry.bugs {
        assert!(readme.contains(&format!("`{}`", bug.slug)), "{} is in the README", bug.slug);
    }
    for deferred in entry.deferred {
        let (row, title, with) = (deferred.row, deferred.title, deferred.with);
        let line = format!("| {row} | {title} | {with} | {} |", deferred.reason);
        assert!(readme.contains(&line), "{line}");
    }
}
