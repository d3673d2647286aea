//! Fair liveness on tiny graphs: what breaks a property, what does not, and that each lasso is one;
//! and on the models of the suite.

mod models;

use std::collections::BTreeSet;
use std::sync::Arc;

use bisim_models::common::{Fairness, LiveLaw, Model, Property, Strength, Value};
use bisim_proofs::checker::{
    Classes, Cut, Engine, Options, Outcome, PropertyOutcome, PropertyVerdict, Story, Verdict, check,
};
use bisim_proofs::registry::breaks;
use proptest::prelude::*;
use stateright::Checker;

/// A graph: its states are numbers, and the actions of each state are its edges. An edge is from,
/// to, and the kind of action; no state needs a name.
#[derive(Clone, Debug, Default)]
struct Graph {
    initial: Vec<u8>,
    edges: Vec<(u8, u8, usize)>,
    /// `p` and `q` of a property.
    cause: BTreeSet<u8>,
    goal: BTreeSet<u8>,
    outside: BTreeSet<u8>,
    /// Whether Stateright is asked for the goal too.
    eventually: bool,
}

type Edge = (u8, u8, usize);

impl Graph {
    fn new(edges: &[Edge]) -> Self {
        Self { initial: vec![0], edges: edges.to_vec(), ..Self::default() }
    }

    fn goal(mut self, states: &[u8]) -> Self {
        self.goal.extend(states);
        self
    }

    fn cause(mut self, states: &[u8]) -> Self {
        self.cause.extend(states);
        self
    }

    fn outside(mut self, states: &[u8]) -> Self {
        self.outside.extend(states);
        self
    }
}

impl Model for Graph {
    type State = u8;
    type Action = Edge;

    fn init_states(&self) -> Vec<u8> {
        self.initial.clone()
    }

    fn actions(&self, state: &u8, actions: &mut Vec<Edge>) {
        actions.extend(self.edges.iter().filter(|(from, ..)| from == state));
    }

    fn next_state(&self, _: &u8, (_, to, _): Edge) -> Option<u8> {
        Some(to)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let explored = Property::always("everything is explored", |_, _| true);
        let goal = Property::eventually("goal", |graph: &Self, state| graph.goal.contains(state));
        if self.eventually { vec![explored, goal] } else { vec![explored] }
    }

    fn within_boundary(&self, state: &u8) -> bool {
        !self.outside.contains(state)
    }
}

/// The three kinds of properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Eventually,
    AlwaysEventually,
    LeadsTo,
}

const KINDS: [Kind; 3] = [Kind::Eventually, Kind::AlwaysEventually, Kind::LeadsTo];

fn law(kind: Kind, fairness: &Fairness<Graph>) -> LiveLaw<Graph> {
    let goal = |graph: &Graph, state: &u8| graph.goal.contains(state);
    let cause = |graph: &Graph, state: &u8| graph.cause.contains(state);
    let law = match kind {
        Kind::Eventually => LiveLaw::eventually("goal", "a test", goal),
        Kind::AlwaysEventually => LiveLaw::always_eventually("goal", "a test", goal),
        Kind::LeadsTo => LiveLaw::leads_to("goal", "a test", cause, goal),
    };
    law.under(fairness)
}

/// Fairness to the actions of these kinds, each for itself.
fn to(strength: Strength, kinds: &[usize]) -> Fairness<Graph> {
    let kinds = kinds.to_vec();
    Fairness::of(strength, "each kind", move |_, _, &(_, _, kind): &Edge| {
        kinds.contains(&kind).then_some(kind)
    })
}

fn weak(kinds: &[usize]) -> Fairness<Graph> {
    to(Strength::Weak, kinds)
}

fn strong(kinds: &[usize]) -> Fairness<Graph> {
    to(Strength::Strong, kinds)
}

fn run<M>(model: &Arc<M>, law: &LiveLaw<M>, options: &Options) -> Outcome<M::State, M::Action>
where
    M: Model<State: Value, Action: Value> + Send + Sync + 'static,
{
    let classes = Classes::one("edge").with_liveness(vec![law.clone()]);
    check(Arc::clone(model), &classes, options)
}

/// What the checker says of the goal: a lasso, by its states, if there is one. The lasso is judged
/// again from its states alone.
fn lasso(graph: &Graph, law: &LiveLaw<Graph>) -> Option<(Vec<u8>, Vec<u8>)> {
    lasso_within(graph, law, &Options::default())
}

fn lasso_within(
    graph: &Graph,
    law: &LiveLaw<Graph>,
    options: &Options,
) -> Option<(Vec<u8>, Vec<u8>)> {
    let outcome = run(&Arc::new(graph.clone()), law, options);
    let found = outcome.properties.into_iter().find(|p| p.name == "goal").expect("it is judged");
    let PropertyOutcome { verdict, story, cycle, .. } = found;
    let Some((story, cycle)) = story.zip(cycle) else {
        assert_eq!(verdict, PropertyVerdict::Holds);
        return None;
    };
    assert_eq!(verdict, PropertyVerdict::Violated);
    assert_eq!(breaks(graph, law, &story, &cycle), Ok(()), "{story:?} {cycle:?}");
    assert!(cycle.last().is_none_or(|(_, back)| back == story.last()));
    let states = |steps: &[(Edge, u8)]| steps.iter().map(|(_, state)| *state).collect::<Vec<_>>();
    let mut stem = vec![story.initial];
    stem.extend(states(&story.steps));
    Some((stem, states(&cycle)))
}

/// Stateright's word on the goal as an `eventually`: whether it finds a counterexample.
fn stateright(graph: &Graph) -> bool {
    let graph = Graph { eventually: true, ..graph.clone() };
    graph.checker().spawn_bfs().join().discovery("goal").is_some()
}

#[test]
fn a_lasso_breaks_what_must_happen() {
    // 0 -> 1 <-> 2, and a way out to 3 that nobody has to take.
    let graph = Graph::new(&[(0, 1, 0), (1, 2, 0), (2, 1, 0), (2, 3, 1)]).goal(&[3]);
    let found = lasso(&graph, &law(Kind::Eventually, &Fairness::progress()));
    assert_eq!(found, Some((vec![0, 1], vec![2, 1])));
    assert!(!stateright(&graph), "Stateright now sees that the goal may be missed for ever");
    // Weak fairness does not help: the way out is open every other time. Strong fairness does.
    assert!(lasso(&graph, &law(Kind::Eventually, &weak(&[0, 1]))).is_some());
    assert_eq!(lasso(&graph, &law(Kind::Eventually, &strong(&[0, 1]))), None);
}

/// A state that is reached with and without the goal behind it: a search that remembers of each
/// state only the first way to it misses one of the two, depending on the order of the actions.
#[test]
fn two_ways_that_join_are_two_ways() {
    let mut missed = 0;
    for edges in [[(0, 1, 0), (0, 2, 0)], [(0, 2, 0), (0, 1, 0)]] {
        let joined = [(1, 3, 0), (2, 3, 0)];
        let graph = Graph::new(&[edges.as_slice(), joined.as_slice()].concat()).goal(&[1]);
        let found = lasso(&graph, &law(Kind::Eventually, &Fairness::progress()));
        assert_eq!(found, Some((vec![0, 2, 3], vec![])));
        missed += usize::from(!stateright(&graph));
    }
    assert_eq!(missed, 1, "Stateright now finds the goal missed in either order, or in none");
}

/// Who takes a step that changes nothing has not moved: `<<A>>_v`.
#[test]
fn a_step_that_changes_nothing_is_no_step() {
    let graph = Graph::new(&[(0, 0, 0), (0, 1, 0)]).goal(&[1]);
    for fairness in [weak(&[0]), strong(&[0]), Fairness::progress()] {
        assert_eq!(lasso(&graph, &law(Kind::Eventually, &fairness)), None);
    }
    // Nor is it enabled if it can do nothing else: the state may stay.
    let graph = Graph::new(&[(0, 0, 0)]).goal(&[1]);
    for fairness in [weak(&[0]), strong(&[0])] {
        let found = lasso(&graph, &law(Kind::Eventually, &fairness));
        assert_eq!(found, Some((vec![0], vec![])));
    }
}

/// Kind 1 is enabled in one state of the cycle, and not in the other.
#[test]
fn weak_fairness_is_not_strong_fairness() {
    let graph = Graph::new(&[(0, 1, 0), (1, 0, 0), (1, 2, 1)]).goal(&[2]);
    let with = |fairness: &Fairness<Graph>| lasso(&graph, &law(Kind::Eventually, fairness));
    assert_eq!(with(&weak(&[0, 1])), Some((vec![0], vec![1, 0])));
    assert_eq!(with(&weak(&[0]).and(strong(&[1]))), None);
    // Enabled in both: weak fairness is enough.
    let graph = Graph::new(&[(0, 1, 0), (1, 0, 0), (1, 2, 1), (0, 2, 1)]).goal(&[2]);
    assert_eq!(lasso(&graph, &law(Kind::Eventually, &weak(&[1]))), None);
    assert!(lasso(&graph, &law(Kind::Eventually, &weak(&[0]))).is_some());
}

/// Strong fairness is not lost with a component that is not fair: a part of it may be.
#[test]
fn a_part_of_an_unfair_component_may_be_fair() {
    // 0 <-> 1 <-> 2, and kind 1 leads from 2 to the goal: who never goes to 2 is fair.
    let edges = [(0, 1, 0), (1, 0, 0), (1, 2, 0), (2, 1, 0), (2, 3, 1)];
    let graph = Graph::new(&edges).goal(&[3]);
    let found = lasso(&graph, &law(Kind::Eventually, &strong(&[1]).and(Fairness::progress())));
    assert_eq!(found, Some((vec![0], vec![1, 0])));
}

/// Fairness to several actions at once: the cycle has to take each of them.
#[test]
fn a_cycle_is_fair_to_all() {
    let edges = [(0, 1, 0), (1, 0, 0), (1, 2, 1), (2, 1, 1), (2, 3, 2), (3, 2, 2)];
    let graph = Graph::new(&edges);
    let (_, cycle) = lasso(&graph, &law(Kind::AlwaysEventually, &strong(&[0, 1, 2]))).unwrap();
    assert_eq!(BTreeSet::from_iter(cycle), BTreeSet::from([0, 1, 2, 3]));
}

#[test]
fn leads_to_is_asked_of_each_state_with_the_cause() {
    // The goal before the cause does not count; nor does a cycle that the cause is not before.
    let graph = Graph::new(&[(0, 1, 0), (1, 2, 0), (2, 2, 0), (0, 3, 0), (3, 4, 0), (4, 3, 0)]);
    let graph = graph.goal(&[0]);
    let fair = Fairness::progress();
    let with = |cause: &[u8]| lasso(&graph.clone().cause(cause), &law(Kind::LeadsTo, &fair));
    assert_eq!(with(&[0]), None, "the goal is reached where the cause is");
    assert_eq!(with(&[1]), Some((vec![0, 1, 2], vec![])));
    assert_eq!(with(&[4]), Some((vec![0, 3, 4], vec![3, 4])));
    assert_eq!(with(&[9]), None);
    // A goal in between answers the cause.
    let chain = Graph::new(&[(0, 1, 0), (1, 2, 0), (2, 3, 0)]).goal(&[2]);
    assert_eq!(lasso(&chain.clone().cause(&[0, 1]), &law(Kind::LeadsTo, &fair)), None);
    assert!(lasso(&chain.cause(&[3]), &law(Kind::LeadsTo, &fair)).is_some());
}

#[test]
fn again_and_again_is_more_than_once() {
    let graph = Graph::new(&[(0, 1, 0), (1, 2, 0), (2, 2, 0)]).goal(&[1]);
    let fair = Fairness::progress();
    assert_eq!(lasso(&graph, &law(Kind::Eventually, &fair)), None);
    assert_eq!(lasso(&graph, &law(Kind::AlwaysEventually, &fair)), Some((vec![0, 1, 2], vec![])));
    let round = Graph::new(&[(0, 1, 0), (1, 2, 0), (2, 0, 0)]).goal(&[1]);
    assert_eq!(lasso(&round, &law(Kind::AlwaysEventually, &fair)), None);
}

#[test]
fn what_ends_stays_where_it_is() {
    let graph = Graph::new(&[(0, 1, 0), (1, 2, 0)]).goal(&[9]);
    let found = lasso(&graph, &law(Kind::Eventually, &strong(&[0])));
    assert_eq!(found, Some((vec![0, 1, 2], vec![])));
    assert_eq!(lasso(&graph.goal(&[2]), &law(Kind::AlwaysEventually, &weak(&[0]))), None);
}

/// Without fairness a behaviour may stop anywhere; a cycle and an end are told first.
#[test]
fn without_fairness_everything_may_stop() {
    let graph = Graph::new(&[(0, 1, 0)]).goal(&[1]);
    let none = law(Kind::Eventually, &Fairness::none());
    assert_eq!(lasso(&graph, &none), Some((vec![0], vec![])));
    let graph = Graph::new(&[(0, 1, 0), (1, 2, 0), (2, 1, 0)]);
    assert_eq!(lasso(&graph, &none), Some((vec![0, 1], vec![2, 1])));
}

#[test]
fn a_path_over_the_boundary_is_no_lasso() {
    // From 1 the only way leads outside: nothing ends there.
    let graph = Graph::new(&[(0, 1, 0), (1, 2, 0)]).goal(&[9]).outside(&[2]);
    let fair = law(Kind::Eventually, &weak(&[0]));
    assert_eq!(lasso(&graph, &fair), None);
    let outcome = run(&Arc::new(graph.clone()), &fair, &Options::default());
    assert_eq!(outcome.verdict(), Verdict::Holds);
    assert!(outcome.graph.expect("a graph was stored").left_boundary);
    // A cycle within is one, unless fairness leads out of it.
    let graph = Graph::new(&[(0, 1, 0), (1, 0, 0), (1, 2, 1), (0, 2, 1)]).goal(&[9]).outside(&[2]);
    assert!(lasso(&graph, &law(Kind::Eventually, &weak(&[0]))).is_some());
    assert_eq!(lasso(&graph, &law(Kind::Eventually, &weak(&[1]))), None);
    let within = Graph::new(&[(0, 1, 0)]);
    let outcome = run(&Arc::new(within), &fair, &Options::default());
    assert!(!outcome.graph.expect("a graph was stored").left_boundary);
}

#[test]
fn a_run_that_was_cut_decides_by_a_lasso_alone() {
    let chain = Graph::new(&[(0, 1, 0), (1, 2, 0), (2, 3, 0), (3, 4, 0)]).goal(&[9]);
    let fair = law(Kind::Eventually, &weak(&[0]));
    for bound in [
        Options { max_depth: Some(3), ..Options::default() },
        Options { max_states: Some(3), ..Options::default() },
    ] {
        assert_eq!(lasso_within(&chain, &fair, &bound), None);
        let outcome = run(&Arc::new(chain.clone()), &fair, &bound);
        assert_eq!(outcome.verdict(), Verdict::Truncated);
        // A lasso within the bounds is one.
        let mut lassos = chain.clone();
        lassos.edges.push((1, 0, 0));
        let outcome = run(&Arc::new(lassos), &fair, &bound);
        assert_eq!(outcome.verdict(), Verdict::Violated);
        assert!(matches!(outcome.cut, Some(Cut::Depth | Cut::States)));
    }
    assert!(lasso(&chain, &fair).is_some());
}

#[test]
fn nothing_is_stored_without_liveness() {
    let graph = Arc::new(Graph::new(&[(0, 1, 0)]));
    let outcome = check(Arc::clone(&graph), &Classes::one("edge"), &Options::default());
    assert_eq!(outcome.graph, None);
    let left_out = Options { liveness: false, ..Options::default() };
    let outcome = run(&graph, &law(Kind::Eventually, &Fairness::none()), &left_out);
    assert_eq!((outcome.graph, outcome.properties.len()), (None, 1));
}

#[test]
fn what_stateright_calls_eventually_is_decided() {
    let graph = Graph { eventually: true, ..Graph::new(&[(0, 1, 0), (1, 0, 0), (1, 2, 0)]) };
    let verdict = |graph: Graph, engine| {
        let options = Options { engine, ..Options::default() };
        check(Arc::new(graph), &Classes::one("edge"), &options).verdict()
    };
    for engine in [Engine::Bisim, Engine::StaterightBfs] {
        assert_eq!(verdict(graph.clone().goal(&[2]), engine), Verdict::Violated);
        assert_eq!(verdict(graph.clone().goal(&[1]), engine), Verdict::Holds);
    }
}

#[test]
fn a_refuted_law_is_reached_or_vacuous() {
    let graph = Arc::new(Graph::new(&[(0, 1, 0), (1, 0, 0)]).goal(&[1]));
    let verdict = |kind, fairness: &Fairness<Graph>| {
        let outcome = run(&graph, &law(kind, fairness).refuted(), &Options::default());
        let found = outcome.properties.last().expect("it is judged");
        assert_eq!((found.kind, found.story.is_some()), ("sometimes", found.cycle.is_some()));
        (found.verdict, outcome.verdict())
    };
    let none = Fairness::none();
    assert_eq!(verdict(Kind::Eventually, &none), (PropertyVerdict::Reached, Verdict::Holds));
    let fair = weak(&[0]);
    assert_eq!(verdict(Kind::Eventually, &fair), (PropertyVerdict::Unreached, Verdict::Vacuous));
}

/// What is told as a lasso is judged again from its states; here are stories that are none.
#[test]
fn a_story_that_breaks_nothing_is_refused() {
    let graph = Graph::new(&[(0, 1, 0), (1, 0, 0), (1, 2, 1)]).goal(&[2]);
    let story = Story { initial: 0, steps: vec![] };
    let round = vec![((0, 1, 0), 1), ((1, 0, 0), 0)];
    let judge = |fairness: &Fairness<Graph>, cycle: &[(Edge, u8)]| {
        breaks(&graph, &law(Kind::Eventually, fairness), &story, cycle)
    };
    assert_eq!(judge(&weak(&[0, 1]), &round), Ok(()));
    let unfair = judge(&strong(&[1]), &round).expect_err("kind 1 is enabled in 1");
    assert!(unfair.contains("strong fairness to each kind, 1"), "{unfair}");
    assert!(judge(&weak(&[0]), &[]).is_err(), "kind 0 is enabled in 0");
    let there = Graph { goal: BTreeSet::from([1]), ..graph.clone() };
    let happens = breaks(&there, &law(Kind::Eventually, &Fairness::none()), &story, &round);
    assert!(happens.is_err_and(|why| why.contains("it happens now")));
}

/// Whether a behaviour of a small graph breaks a property, by trying every set of states that a
/// behaviour may visit infinitely often. Nothing of the checker is used.
fn brute_force(graph: &Graph, kind: Kind, weak: &[usize], strong: &[usize]) -> bool {
    let edges: Vec<Edge> = graph.edges.iter().copied().filter(|(a, b, _)| a != b).collect();
    let inside = |state: u8| !graph.outside.contains(&state);
    let initial: BTreeSet<u8> = graph.initial.iter().copied().filter(|&s| inside(s)).collect();
    let reach = |from: &BTreeSet<u8>, within: &dyn Fn(u8) -> bool| {
        let mut seen = from.clone();
        while let Some(&(_, to, _)) = edges
            .iter()
            .find(|&&(a, b, _)| seen.contains(&a) && !seen.contains(&b) && inside(b) && within(b))
        {
            seen.insert(to);
        }
        seen
    };
    let reachable = reach(&initial, &|_| true);
    let misses = |state: u8| !graph.goal.contains(&state);
    let starts: BTreeSet<u8> = match kind {
        Kind::Eventually => initial.clone(),
        Kind::AlwaysEventually => reachable.clone(),
        Kind::LeadsTo => reachable.intersection(&graph.cause).copied().collect(),
    };
    let starts: BTreeSet<u8> = starts.into_iter().filter(|&s| misses(s)).collect();
    let region: Vec<u8> = reach(&starts, &misses).into_iter().collect();
    let enabled = |state: u8, kind: usize| edges.iter().any(|e| e.0 == state && e.2 == kind);
    (1..1_u32 << region.len()).any(|chosen| {
        let set: BTreeSet<u8> =
            (0..region.len()).filter(|i| chosen >> i & 1 == 1).map(|i| region[i]).collect();
        let connected =
            set.iter().all(|&s| reach(&BTreeSet::from([s]), &|s| set.contains(&s)) == set);
        let taken = |kind: usize| {
            edges.iter().any(|e| set.contains(&e.0) && set.contains(&e.1) && e.2 == kind)
        };
        connected
            && weak.iter().all(|&k| taken(k) || !set.iter().all(|&s| enabled(s, k)))
            && strong.iter().all(|&k| taken(k) || !set.iter().any(|&s| enabled(s, k)))
    })
}

/// Graphs of up to eight states, with three kinds of actions.
fn graphs() -> impl Strategy<Value = Graph> {
    let states = || prop::collection::btree_set(0..8_u8, 0..4);
    let edges = prop::collection::vec((0..8_u8, 0..8_u8, 0..3_usize), 0..20);
    let initial = prop::collection::vec(0..8_u8, 1..3);
    let outside = prop::collection::btree_set(0..8_u8, 0..2);
    (initial, edges, states(), states(), outside).prop_map(
        |(initial, edges, cause, goal, outside)| Graph {
            initial,
            edges,
            cause,
            goal,
            outside,
            eventually: false,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_decided_is_what_trying_everything_finds(
        graph in graphs(),
        strengths in prop::collection::vec(0..3_usize, 3),
    ) {
        let of = |strength| -> Vec<usize> {
            (0..3).filter(|&kind| Strength::ALL[strengths[kind]] == strength).collect()
        };
        let (weakly, strongly) = (of(Strength::Weak), of(Strength::Strong));
        let fairness = weak(&weakly).and(strong(&strongly));
        for kind in KINDS {
            let found = lasso(&graph, &law(kind, &fairness)).is_some();
            let expected = brute_force(&graph, kind, &weakly, &strongly);
            prop_assert_eq!(found, expected, "{:?} under {}", kind, fairness.name());
        }
    }
}

/// Some of the random graphs break each kind of property, and some do not; some need the strength
/// of strong fairness.
#[test]
fn random_graphs_are_of_all_sorts() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..500 {
        let graph = graphs().new_tree(&mut runner).expect("nothing is rejected").current();
        for (index, kind) in KINDS.into_iter().enumerate() {
            let weakly = brute_force(&graph, kind, &[0, 1, 2], &[]);
            let strongly = brute_force(&graph, kind, &[], &[0, 1, 2]);
            seen.insert((index, weakly, strongly));
        }
    }
    let sorts = [(false, false), (true, false), (true, true)];
    let all = (0..KINDS.len()).flat_map(|kind| sorts.map(|(weak, strong)| (kind, weak, strong)));
    assert_eq!(seen, all.collect());
}
