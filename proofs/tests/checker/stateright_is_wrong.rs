//! Where Stateright answers wrongly, and the checker does not.

use std::collections::BTreeSet;
use std::sync::Arc;

use bisim_proofs::checker::{Classes, Cut, Options, PropertyVerdict, Verdict, check};
use stateright::{Checker, HasDiscoveries, Model, Property};

use crate::graph::{ENGINES, Graph};

#[test]
fn two_hash_sets_alias_in_stateright() {
    #[expect(clippy::disallowed_types, reason = "shows why the type is banned")]
    type Sets = (stateright::util::HashableHashSet<u8>, stateright::util::HashableHashSet<u8>);

    /// Adds `a` or `b` to one of two sets.
    struct TwoSets;

    impl Model for TwoSets {
        type State = Sets;
        type Action = (bool, u8);

        fn init_states(&self) -> Vec<Sets> {
            vec![Sets::default()]
        }

        fn actions(&self, _: &Sets, actions: &mut Vec<(bool, u8)>) {
            actions.extend([(false, b'a'), (false, b'b'), (true, b'a'), (true, b'b')]);
        }

        fn next_state(&self, sets: &Sets, (second, member): (bool, u8)) -> Option<Sets> {
            let mut next = sets.clone();
            if second {
                next.1.insert(member)
            } else {
                next.0.insert(member)
            };
            Some(next)
        }

        fn properties(&self) -> Vec<Property<Self>> {
            // Both are violated: nothing keeps the second set from being filled first.
            vec![
                Property::always("the first is filled first", |_, sets: &Sets| {
                    !sets.0.is_empty() || sets.1.is_empty()
                }),
                Property::always("the second does not have all", |_, sets: &Sets| {
                    !sets.0.is_empty() || sets.1.len() < 2
                }),
                Property::always("everything is explored", |_, _| true),
            ]
        }
    }

    /// The same with sets that hash their length.
    struct TwoTrees;
    type Trees = (BTreeSet<u8>, BTreeSet<u8>);

    impl Model for TwoTrees {
        type State = Trees;
        type Action = (bool, u8);

        fn init_states(&self) -> Vec<Trees> {
            vec![Trees::default()]
        }

        fn actions(&self, _: &Trees, actions: &mut Vec<(bool, u8)>) {
            actions.extend([(false, b'a'), (false, b'b'), (true, b'a'), (true, b'b')]);
        }

        fn next_state(&self, sets: &Trees, (second, member): (bool, u8)) -> Option<Trees> {
            let mut next = sets.clone();
            if second {
                next.1.insert(member)
            } else {
                next.0.insert(member)
            };
            Some(next)
        }

        fn properties(&self) -> Vec<Property<Self>> {
            vec![
                Property::always("the first is filled first", |_, sets: &Trees| {
                    !sets.0.is_empty() || sets.1.is_empty()
                }),
                Property::always("the second does not have all", |_, sets: &Trees| {
                    !sets.0.is_empty() || sets.1.len() < 2
                }),
            ]
        }
    }

    let stateright = TwoSets.checker().spawn_bfs().join();
    assert_eq!(stateright.unique_state_count(), 12, "Stateright merges other states now");
    assert!(stateright.discovery("the first is filled first").is_none());
    assert!(stateright.discovery("the second does not have all").is_none());

    let options = Options { keep_going: true, ..Options::default() };
    let ours = check(Arc::new(TwoTrees), &Classes::one("add"), &options);
    assert_eq!(ours.distinct, 16);
    assert!(ours.properties.iter().all(|p| p.verdict == PropertyVerdict::Violated));
}

#[test]
fn the_story_is_a_shortest_one() {
    // Two bad states: one step away, and four.
    let graph = Graph::new(&[(0, 1), (0, 2), (2, 3), (3, 4), (4, 5)]).bad(&[1, 5]);
    let ours = graph.run(&Options { keep_going: true, ..Options::default() });
    let story = ours.properties[0].story.as_ref().expect("the property is violated");
    assert_eq!((story.initial, &story.steps[..]), (0, &[(1, 1)][..]));

    let stateright = graph.checker().spawn_bfs().join();
    let path = stateright.discovery("good").expect("Stateright finds a violation");
    assert_eq!(path.into_actions().len(), 4, "Stateright now tells a shorter story");
}

#[test]
fn a_truncated_run_does_not_hold() {
    let graph = Graph::chain(5_000).bad(&[5_000]);
    let ours = graph.run(&Options { max_states: Some(100), ..Options::default() });
    assert_eq!((ours.verdict(), ours.cut), (Verdict::Truncated, Some(Cut::States)));
    assert_eq!(ours.distinct, 100);

    let stateright = graph.clone().checker().target_state_count(100).spawn_bfs().join();
    assert!(stateright.unique_state_count() < 5_000);
    assert!(stateright.is_done(), "Stateright now tells that it was cut");
    assert!(stateright.discovery("good").is_none());
}

#[test]
fn a_model_without_properties_is_explored() {
    let mut graph = Graph::chain(10);
    graph.without_properties = true;
    for engine in ENGINES {
        let outcome = graph.run(&Options { engine, ..Options::default() });
        assert_eq!((outcome.distinct, outcome.depth, outcome.cut), (11, 11, None), "{engine:?}");
        assert_eq!(outcome.verdict(), Verdict::Holds);
    }
    let stateright = graph.checker().spawn_bfs().join();
    assert!(stateright.unique_state_count() < 11, "Stateright now explores it by itself");
}

#[test]
fn stateright_stops_early_unless_it_is_given_more_to_find() {
    let mut graph = Graph::chain(5_000).bad(&[1]);
    graph.goal.insert(2);
    let alone = graph.clone().checker().finish_when(HasDiscoveries::All).spawn_bfs().join();
    assert!(alone.unique_state_count() < 5_001, "Stateright now explores it by itself");
    for engine in ENGINES {
        let options = Options { engine, keep_going: true, ..Options::default() };
        let outcome = graph.run(&options);
        assert_eq!((outcome.distinct, outcome.verdict()), (5_001, Verdict::Violated), "{engine:?}");
    }
}
