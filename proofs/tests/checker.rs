//! Tiny graphs on which the checker is right, and where Stateright 0.31 is not. Each claim about
//! Stateright is asserted on Stateright, so that these tests tell when a later one is better.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bisim_models::classics::two_phase_commit::TwoPhaseCommit;
use bisim_models::common::{Params, Spec, StepLaw};
use bisim_proofs::checker::{
    Classes, Cut, Engine, Options, Outcome, PropertyVerdict, Story, Verdict, check,
};
use proptest::prelude::*;
use stateright::{Checker, HasDiscoveries, Model, Property};

const ENGINES: [Engine; 3] = [Engine::Bisim, Engine::StaterightBfs, Engine::StaterightDfs];

/// A graph, state by state. An action is the state that it leads to.
#[derive(Clone, Debug, Default)]
struct Graph {
    initial: Vec<u16>,
    edges: Vec<(u16, u16)>,
    bad: BTreeSet<u16>,
    goal: BTreeSet<u16>,
    outside: BTreeSet<u16>,
    without_properties: bool,
    /// Exploring this state panics.
    panics_at: Option<u16>,
    /// Exploring this state sets the flag.
    interrupts_at: Option<(u16, Arc<AtomicBool>)>,
}

impl Graph {
    fn new(edges: &[(u16, u16)]) -> Self {
        Self { initial: vec![0], edges: edges.to_vec(), ..Self::default() }
    }

    /// `0 -> 1 -> .. -> last`.
    fn chain(last: u16) -> Self {
        Self::new(&(0..last).map(|at| (at, at + 1)).collect::<Vec<_>>())
    }

    fn bad(mut self, states: &[u16]) -> Self {
        self.bad.extend(states);
        self
    }

    fn outside(mut self, states: &[u16]) -> Self {
        self.outside.extend(states);
        self
    }

    fn run(&self, options: &Options) -> Outcome<u16, u16> {
        check(Arc::new(self.clone()), &Classes::one("edge"), options)
    }
}

impl Model for Graph {
    type State = u16;
    type Action = u16;

    fn init_states(&self) -> Vec<u16> {
        self.initial.clone()
    }

    fn actions(&self, state: &u16, actions: &mut Vec<u16>) {
        assert!(self.panics_at != Some(*state), "state {state} cannot be explored");
        if let Some((_, flag)) = self.interrupts_at.as_ref().filter(|(at, _)| at == state) {
            flag.store(true, Ordering::Relaxed);
        }
        actions.extend(self.edges.iter().filter(|(from, _)| from == state).map(|(_, to)| to));
    }

    fn next_state(&self, _: &u16, action: u16) -> Option<u16> {
        Some(action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        if self.without_properties {
            return Vec::new();
        }
        vec![
            Property::always("good", |graph, state| !graph.bad.contains(state)),
            Property::sometimes("goal", |graph, state| graph.goal.contains(state)),
        ]
    }

    fn within_boundary(&self, state: &u16) -> bool {
        !self.outside.contains(state)
    }
}

fn with_workers(workers: usize) -> Options {
    Options { workers, ..Options::default() }
}

/// What must not depend on the number of workers.
#[derive(Debug, PartialEq)]
struct Summary<S, A> {
    counts: (u64, u64, u32),
    cut: Option<Cut>,
    taken: Vec<u64>,
    properties: Vec<(PropertyVerdict, Option<Story<S, A>>)>,
}

fn summary<S: Clone, A: Clone>(outcome: &Outcome<S, A>) -> Summary<S, A> {
    Summary {
        counts: (outcome.distinct, outcome.generated, outcome.depth),
        cut: outcome.cut,
        taken: outcome.actions.iter().map(|action| action.taken).collect(),
        properties: outcome.properties.iter().map(|p| (p.verdict, p.story.clone())).collect(),
    }
}

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
#[should_panic(expected = "liveness is not decided")]
fn an_eventually_is_refused() {
    struct Eventually;
    impl Model for Eventually {
        type State = u8;
        type Action = u8;

        fn init_states(&self) -> Vec<u8> {
            vec![0]
        }

        fn actions(&self, _: &u8, _: &mut Vec<u8>) {}

        fn next_state(&self, _: &u8, _: u8) -> Option<u8> {
            None
        }

        fn properties(&self) -> Vec<Property<Self>> {
            vec![Property::eventually("one", |_, state| *state == 1)]
        }
    }
    check(Arc::new(Eventually), &Classes::one("none"), &Options::default());
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

/// The depth of each state, by the plainest search.
fn depths(graph: &Graph) -> BTreeMap<u16, u32> {
    let mut depths = BTreeMap::new();
    let mut level: Vec<u16> = graph.initial.clone();
    for depth in 1.. {
        level.retain(|state| !depths.contains_key(state));
        if level.is_empty() {
            break;
        }
        depths.extend(level.iter().map(|&state| (state, depth)));
        level.retain(|state| !graph.outside.contains(state));
        let next = graph.edges.iter().filter(|(from, _)| level.contains(from));
        level = next.map(|&(_, to)| to).collect();
    }
    depths
}

fn graphs() -> impl Strategy<Value = Graph> {
    let states = || prop::collection::btree_set(0..40u16, 0..4);
    let edges = prop::collection::vec((0..40u16, 0..40u16), 0..90);
    (prop::collection::vec(0..40u16, 0..3), edges, states(), states(), states()).prop_map(
        |(initial, edges, bad, goal, outside)| Graph {
            initial,
            edges,
            bad,
            goal,
            outside,
            ..Graph::default()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn a_random_graph_is_explored_as_by_the_plainest_search(
        graph in graphs(),
        workers in 1..=3usize,
    ) {
        let ours = graph.run(&Options { keep_going: true, ..with_workers(workers) });
        let depths = depths(&graph);
        let inside = || depths.iter().filter(|(state, _)| !graph.outside.contains(state));
        prop_assert_eq!(ours.distinct, inside().count() as u64);
        prop_assert_eq!(ours.depth, inside().map(|(_, &depth)| depth).max().unwrap_or(0));
        let edges = graph.edges.iter().filter(|(from, _)| inside().any(|(state, _)| state == from));
        prop_assert_eq!(ours.generated, (graph.initial.len() + edges.count()) as u64);
        prop_assert_eq!(ours.cut, None);
        for (property, wanted) in ours.properties.iter().zip([&graph.bad, &graph.goal]) {
            let nearest = wanted.iter().filter_map(|state| depths.get(state)).min();
            let story = property.story.as_ref();
            prop_assert_eq!(story.map(|s| s.steps.len() as u32 + 1), nearest.copied());
            let Some(story) = story else { continue };
            prop_assert!(wanted.contains(story.last()));
            prop_assert!(graph.initial.contains(&story.initial));
            let mut at = story.initial;
            for &(_, next) in &story.steps {
                prop_assert!(graph.edges.contains(&(at, next)));
                at = next;
            }
        }
        let again = graph.run(&Options { keep_going: true, ..with_workers(1) });
        prop_assert_eq!(summary(&ours), summary(&again));
    }
}
