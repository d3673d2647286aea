//! What a search ends with, and that its workers change nothing of that.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bisim_models::classics::two_phase_commit::TwoPhaseCommit;
use bisim_models::common::{Params, Spec, StepLaw};
use bisim_proofs::checker::{Classes, Cut, Engine, Options, PropertyVerdict, Verdict, check};

use crate::graph::{ENGINES, Graph, summary, with_workers};

#[test]
fn a_violation_ends_the_search_after_its_level() {
    let graph = Graph::new(&[(0, 1), (0, 2), (1, 3), (2, 4), (3, 5)]).bad(&[1]);
    for workers in [1, 2, 3] {
        let ours = graph.run(&with_workers(workers));
        assert_eq!((ours.distinct, ours.depth), (3, 2));
        assert_eq!((ours.cut, ours.verdict()), (Some(Cut::Violation), Verdict::Violated));
        let ours = graph.run(&Options { keep_going: true, ..with_workers(workers) });
        assert_eq!((ours.distinct, ours.depth, ours.cut), (6, 4, None));
        assert_eq!(ours.verdict(), Verdict::Violated);
    }
}

#[test]
fn several_initial_states_may_be_equal() {
    let mut graph = Graph::new(&[(0, 1), (1, 2), (7, 2), (2, 7)]);
    graph.initial = vec![0, 7, 7, 0];
    for workers in [1, 2, 3] {
        let ours = graph.run(&with_workers(workers));
        assert_eq!((ours.distinct, ours.depth, ours.generated), (4, 2, 8));
    }
    let nothing = Graph::default().run(&Options::default());
    assert_eq!((nothing.distinct, nothing.depth, nothing.generated), (0, 0, 0));
}

#[test]
fn an_action_that_is_never_taken_is_vacuous() {
    let mut graph = Graph::chain(3);
    graph.goal.insert(3);
    let classes = || Classes::new(vec!["up", "down"], |_: &u16| 0);
    let ours = check(Arc::new(graph.clone()), &classes(), &Options::default());
    assert_eq!(ours.verdict(), Verdict::Vacuous);
    let taken: BTreeMap<_, _> = ours.actions.iter().map(|a| (a.name, a.taken)).collect();
    assert_eq!(taken, BTreeMap::from([("down", 0), ("up", 3)]));
    graph.goal.clear();
    assert_eq!(graph.run(&Options::default()).verdict(), Verdict::Vacuous, "goal is not reached");
    let cut = graph.run(&Options { max_states: Some(2), ..Options::default() });
    assert_eq!(cut.verdict(), Verdict::Truncated, "what was not reached may come later");
}

/// A property of steps sees the step that closes a diamond, and the one that leaves the boundary,
/// where a property of states sees only states that were there before.
#[test]
fn a_property_of_steps_sees_every_step() {
    let edges = [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4), (4, 3), (3, 9)];
    let mut graph = Graph::new(&edges).outside(&[9]);
    graph.goal.insert(0);
    let law = |from: u16, to: u16| StepLaw::<Graph> {
        name: "the step",
        source: "a test",
        expectation: stateright::Expectation::Sometimes,
        condition: Arc::new(move |_, state, action, next| {
            assert_eq!(action, next, "an action is the state that it leads to");
            (*state, *next) == (from, to)
        }),
    };
    let told = |(from, to), always, options: &Options| {
        let mut law = law(from, to);
        if always {
            let reached = Arc::clone(&law.condition);
            law.expectation = stateright::Expectation::Always;
            law.condition = Arc::new(move |g, s, a, n| !reached(g, s, a, n));
        }
        let classes = Classes::one("edge").with_steps(vec![law]);
        let outcome = check(Arc::new(graph.clone()), &classes, options);
        let complete = outcome.complete();
        (outcome.properties.last().expect("the property of steps comes last").clone(), complete)
    };
    for workers in [1, 2, 3] {
        let options = with_workers(workers);
        for (step, length) in edges.into_iter().zip([1, 1, 2, 2, 3, 4, 3]) {
            let (reached, complete) = told(step, false, &options);
            assert_eq!((reached.verdict, complete), (PropertyVerdict::Reached, true));
            let story = reached.story.expect("it has a story");
            let before = story.steps.iter().rev().nth(1).map_or(0, |(_, state)| *state);
            assert_eq!((before, *story.last(), story.steps.len()), (step.0, step.1, length));
            let (violated, complete) = told(step, true, &options);
            assert_eq!((violated.verdict, complete), (PropertyVerdict::Violated, false));
        }
        assert_eq!(told((0, 3), false, &options).0.verdict, PropertyVerdict::Unreached);
        assert_eq!(told((0, 3), true, &options).0.verdict, PropertyVerdict::Holds);
    }
    for engine in [Engine::StaterightBfs, Engine::StaterightDfs] {
        let options = Options { engine, ..Options::default() };
        assert_eq!(told((3, 4), false, &options).0.verdict, PropertyVerdict::Reached);
        assert_eq!(told((0, 3), false, &options).0.verdict, PropertyVerdict::Unreached);
    }
}

#[test]
fn an_interrupt_ends_with_what_was_seen() {
    for engine in ENGINES {
        for workers in [1, 2] {
            let flag = Arc::new(AtomicBool::new(false));
            let mut graph = Graph::chain(60_000);
            graph.edges.truncate(3_000);
            graph.interrupts_at = Some((1_000, Arc::clone(&flag)));
            let options = Options { engine, interrupt: flag, ..with_workers(workers) };
            let outcome = graph.run(&options);
            if engine == Engine::Bisim {
                assert_eq!(outcome.cut, Some(Cut::Interrupt));
                assert!((1_000..3_000).contains(&outcome.distinct), "{}", outcome.distinct);
            } else {
                // Stateright may be done before the flag is looked at.
                assert!(outcome.cut == Some(Cut::Interrupt) || outcome.distinct == 3_001);
            }
        }
    }
}

#[test]
fn a_panic_of_the_model_is_a_panic_of_check() {
    for engine in ENGINES {
        for workers in [1, 2, 3] {
            let mut graph = Graph::chain(200);
            graph.panics_at = Some(150);
            let options = Options { engine, ..with_workers(workers) };
            let panic = catch_unwind(AssertUnwindSafe(|| graph.run(&options)));
            let payload = panic.expect_err("the panic goes through");
            let message = payload.downcast_ref::<String>().expect("a message with an argument");
            assert_eq!(message, "state 150 cannot be explored", "{engine:?}, {workers} workers");
        }
    }
}

#[test]
fn the_number_of_workers_changes_nothing() {
    let params = Params::preset(TwoPhaseCommit::PARAMETERS, Default::default());
    let spec = Arc::new(TwoPhaseCommit::new(&params.with("managers", 4)).unwrap());
    let names = || TwoPhaseCommit::ACTIONS.iter().map(|class| class.name).collect();
    let run = |workers| {
        let classes = Classes::new(names(), TwoPhaseCommit::class_of);
        check(Arc::clone(&spec), &classes, &with_workers(workers))
    };
    let one = run(1);
    assert_eq!(one.verdict(), Verdict::Holds);
    for workers in [1, 2, 3, 5] {
        assert_eq!(summary(&run(workers)), summary(&one), "{workers} workers");
    }
}
