//! The hash rings: the models at their bounds, the implementations beside them, and the known bugs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bisim_models::common::{Params, Preset, Spec};
use bisim_models::hash_ring::bounded_load::BoundedLoad;
use bisim_models::hash_ring::ring::HashRing;
use bisim_proofs::checker::{Classes, Options, Verdict, check};
use bisim_proofs::hash_ring::{Beside, BoundedBeside, Cut, RingBeside, entries, sample};
use bisim_proofs::registry::{ConformOptions, Evidence, HuntOptions};
use bisim_proofs::report::Subject;

/// Distinct states and depth of a complete run without a violation.
fn counts<S: Spec>(constants: &[(&str, u32)]) -> (u64, u32) {
    let quick = Params::preset(S::PARAMETERS, Preset::Quick);
    let params = constants.iter().fold(quick, |params, &(name, value)| params.with(name, value));
    let model = Arc::new(S::new(&params).expect("these constants make a model"));
    let mut outcome = check(Arc::clone(&model), &Classes::of_spec(&*model), &Options::default());
    outcome.leave_out(|class| !model.has(class));
    assert_eq!(outcome.verdict(), Verdict::Holds, "{} {constants:?}", S::NAME);
    (outcome.distinct, outcome.depth)
}

/// A state is an assignment of slots and the weights of the members: since the ring is a function
/// of these, every order of changes ends in the same states, and there are exactly so many.
#[test]
fn the_ring_has_one_state_for_each_membership() {
    let states = |slots: u32, nodes: u32, virtual_nodes: u32, heavy: u32| {
        let constants = [
            ("slots", slots),
            ("nodes", nodes),
            ("virtual_nodes", virtual_nodes),
            ("heavy", heavy),
        ];
        let expected = u64::from(slots).pow((nodes + heavy) * virtual_nodes)
            * 2_u64.pow(nodes - heavy)
            * 3_u64.pow(heavy);
        assert_eq!(counts::<HashRing>(&constants), (expected, nodes + 1), "{constants:?}");
    };
    states(8, 2, 1, 1);
    states(8, 2, 2, 0);
    states(3, 3, 1, 1);
    states(4, 4, 1, 0);
    states(2, 3, 2, 1);
}

#[test]
fn bounded_loads_have_one_state_for_each_pair_of_sets() {
    for (slots, bins, balls, percent) in [(3, 2, 3, 125), (2, 3, 3, 100), (3, 2, 4, 110)] {
        let constants = [("slots", slots), ("bins", bins), ("balls", balls), ("percent", percent)];
        let expected = u64::from(2 * slots).pow(bins + balls);
        let depth = bins + balls + 1;
        assert_eq!(counts::<BoundedLoad>(&constants), (expected, depth), "{constants:?}");
    }
}

#[test]
fn what_is_too_large_is_refused_with_advice() {
    let standard = Params::preset(HashRing::PARAMETERS, Preset::Standard);
    let large = standard.clone().with("slots", 64).with("virtual_nodes", 8);
    assert!(HashRing::new(&large).is_err_and(|why| why.0.contains("take fewer of slots")));
    let heavy = HashRing::new(&standard.with("heavy", 4));
    assert_eq!(heavy.expect_err("there are three nodes").0, "heavy=4: there are 3 nodes");
    let large = Params::preset(BoundedLoad::PARAMETERS, Preset::Deep).with("balls", 8);
    assert!(BoundedLoad::new(&large).is_err_and(|why| why.0.contains("take fewer of slots")));
}

/// The same seed, the same run; and nothing diverges.
#[test]
fn the_implementations_step_as_their_models_do() {
    let options = ConformOptions {
        exhaustive: false,
        weaken: false,
        seed: 7,
        cases: 300,
        quick: true,
        interrupt: Arc::default(),
    };
    for entry in entries() {
        let conformance = entry.conformance.as_ref().expect("both are implemented");
        assert_eq!(conformance.evidence(), [Evidence::Sampled]);
        let [first, again] = [0, 1].map(|_| conformance.conform(&options));
        for (report, again) in first.iter().zip(&again) {
            assert_eq!(report.verdict, Verdict::Holds, "{report:?}");
            let figures = |report: &bisim_proofs::registry::ConformReport| {
                report.figures.iter().map(|f| f.value.clone()).collect::<Vec<_>>()
            };
            assert_eq!(figures(report), figures(again));
        }
        assert_eq!(first.len(), 1);
    }
}

fn fails<B: Beside>(bug: &str, cases: u32) -> Option<String> {
    let seen = sample::<B>((3, cases), Some(bug), None, &AtomicBool::new(false));
    seen.failed.map(|(.., failed)| failed.to_string())
}

/// Without being told what to look for, the checks of `conform` see every bug.
#[test]
fn conform_has_teeth() {
    for entry in entries() {
        for bug in &entry.bugs {
            let found = match entry.name() {
                "hash-ring" => fails::<RingBeside>(bug.slug, 4_000),
                _ => fails::<BoundedBeside>(bug.slug, 4_000),
            };
            let found = found.unwrap_or_else(|| panic!("{} survives", bug.slug));
            println!("{}: {found}", bug.slug);
        }
    }
}

/// Every bug is caught by each piece of evidence set against it, with a story that replays to the
/// same verdict.
#[test]
fn the_bugs_are_caught() {
    let mut rows = BTreeMap::new();
    for entry in entries() {
        for bug in &entry.bugs {
            rows.insert(bug.row, bug.slug);
            assert!(!bug.hunts.is_empty(), "{} is hunted", bug.slug);
            for set in &bug.hunts {
                let options = HuntOptions { preset: Preset::Standard, ..HuntOptions::default() };
                let caught = (set.run)(&options);
                assert!(caught.is_by(set), "{} {}: {}", bug.slug, set.evidence, caught.by);
                println!("{} {} {}: {}", bug.row, bug.slug, set.evidence, caught.by);
                let trace = caught.trace.as_ref().expect("whatever is caught has a trace");
                let replayed = match trace.subject {
                    Subject::Model => {
                        let mut params = Params::preset(entry.model.parameters(), set.from);
                        for (name, value) in &trace.params {
                            params = params.with(name, *value);
                        }
                        entry.model.replay(&params, trace)
                    }
                    _ => entry.conformance.as_ref().unwrap().replay(trace),
                };
                let replayed = replayed.unwrap();
                assert_eq!(replayed.verdict, Verdict::Violated, "{} {}", bug.slug, set.evidence);
                assert_eq!(replayed.story.len(), caught.story.as_ref().unwrap().len());
            }
        }
    }
    let decided = (1..=13).chain([15]).map(|row| format!("K{row}"));
    decided.for_each(|row| assert!(rows.contains_key(&*row), "row {row} is hunted"));
}

/// A story of the shipped ring holds, and a trace of something else is refused.
#[test]
fn a_trace_of_the_shipped_ring_replays() {
    let entry = entries().into_iter().next().expect("the ring is first");
    let conformance = entry.conformance.expect("it is implemented");
    let bug = entry.bugs.into_iter().find(|bug| bug.row == "K3").expect("it is seeded");
    let hunt = bug.hunts.iter().find(|hunt| hunt.evidence == Evidence::Sampled).unwrap();
    let mut trace = (hunt.run)(&HuntOptions::default()).trace.expect("it is caught");
    trace.bug = None;
    assert_eq!(conformance.replay(&trace).unwrap().verdict, Verdict::Holds);
    let broken: [fn(&mut bisim_proofs::report::Trace); 4] = [
        |trace| _ = trace.params.insert("bits".to_owned(), 99),
        |trace| trace.bug = Some("hash_ring/unknown".to_owned()),
        |trace| trace.property = "unknown".to_owned(),
        |trace| trace.steps.push(serde_json::to_value("unknown").unwrap()),
    ];
    for change in broken {
        let mut trace = trace.clone();
        change(&mut trace);
        assert!(conformance.replay(&trace).is_err());
    }
    trace.last = serde_json::Value::Null;
    assert!(conformance.replay(&trace).is_err(), "the model ends elsewhere");
    assert_eq!(Cut::to(3), Cut { bits: 3, seed: 0 });
}
