//! What lies within the bounds, and what is cut.

use bisim_proofs::checker::{Cut, Engine, Options, PropertyVerdict, Verdict};
use stateright::{Checker, Model};

use crate::graph::{Graph, with_workers};

#[test]
fn a_bound_on_the_depth_loses_nothing_above_it() {
    // 5 is four steps away by the branch that a depth-first search takes first, and two by the
    // other one; 6, which comes after it, is within the bound only by the other one.
    let graph = Graph::new(&[(0, 1), (0, 2), (1, 5), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7)]);
    let bound = Options { max_depth: Some(4), ..Options::default() };
    let ours = graph.run(&bound);
    assert_eq!((ours.distinct, ours.depth, ours.cut), (7, 4, Some(Cut::Depth)));

    let stateright = graph.checker().target_max_depth(5).spawn_dfs().join();
    assert_eq!(stateright.unique_state_count(), 6, "Stateright's DFS now reaches 6");
}

#[test]
fn the_depth_cuts_only_what_is_there() {
    let graph = Graph::chain(5);
    for (most, cut) in [(5, Some(Cut::Depth)), (6, None), (7, None)] {
        for workers in [1, 2] {
            let options = Options { max_depth: Some(most), ..with_workers(workers) };
            let ours = graph.run(&options);
            assert_eq!((ours.cut, ours.depth), (cut, most.min(6)), "at most {most}");
            assert_eq!(ours.distinct, u64::from(most.min(6)));
        }
    }
}

#[test]
fn outside_the_boundary_is_checked_but_neither_counted_nor_explored() {
    // As TLC does with CONSTRAINT.
    let graph = Graph::new(&[(0, 1), (1, 2), (2, 3), (0, 3), (1, 0)]).outside(&[2]);
    for workers in [1, 2] {
        let ours = graph.run(&with_workers(workers));
        assert_eq!((ours.distinct, ours.depth, ours.generated), (3, 2, 5));
        assert_eq!(ours.properties[0].verdict, PropertyVerdict::Holds);
        for max_depth in [None, Some(2)] {
            let options = Options { max_depth, ..with_workers(workers) };
            let ours = graph.clone().bad(&[2]).run(&options);
            let story = ours.properties[0].story.as_ref().expect("2 is checked");
            assert_eq!(story.steps, [(1, 1), (2, 2)]);
        }
    }
    let outside = Graph::chain(3).outside(&[0]).bad(&[0]).run(&Options::default());
    assert_eq!((outside.distinct, outside.depth, outside.verdict()), (0, 0, Verdict::Violated));
}

#[test]
fn a_bound_on_the_states_cuts_below_the_count_only() {
    let graph = Graph::new(&[(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 5), (5, 0)]);
    for workers in [1, 2] {
        for most in 1..=7 {
            let options = Options { max_states: Some(most), ..with_workers(workers) };
            let ours = graph.run(&options);
            assert_eq!(ours.distinct, most.min(6));
            assert_eq!(ours.cut, (most < 6).then_some(Cut::States), "at most {most}");
        }
    }
    let chain = Graph::chain(3_000);
    for engine in [Engine::StaterightBfs, Engine::StaterightDfs] {
        let run = |most| chain.run(&Options { engine, max_states: most, ..Options::default() });
        assert_eq!(run(Some(10)).cut, Some(Cut::States));
        assert_eq!(run(Some(3_001)).cut, None);
    }
}
