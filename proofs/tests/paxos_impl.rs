//! The shipped Paxos nodes: refined, covered and sampled, and the teeth of each check.

use std::sync::Arc;

use bisim::paxos::{Ballot, Durable, Members, Message, Node, Phase, Propose, Step, Timer, Vote};
use bisim::protocol::{Effect, Effects, Event, NodeId, Protocol, Taken, WriteId};
use bisim_models::paxos::paxos::{self as model, Action, Paxos};
use bisim_proofs::checker::{Options, Verdict};
use bisim_proofs::cluster::{ClusterAction, Remembers, Sabotage, SentSet};
use bisim_proofs::paxos::{
    Faulty, Implementation, PaxosCluster, PaxosConformance, PaxosState, Proposal, SMALL, Scope,
    implementation_bug, sampled, scopes,
};
use bisim_proofs::refinement::{Claim, Exception, Failure, RefinedOf, Refinement, refine};
use bisim_proofs::registry::{ConformOptions, Conformance, Evidence};
use bisim_proofs::report::{Trace, TraceError};
use bisim_proofs::sampling::{Sampling, Scheduled, sample};
use proptest::prelude::*;

type Published = SentSet<Message<Proposal>>;

fn sampling(cases: u32) -> Sampling {
    Sampling { seed: 7, cases, longest: 300, interrupt: Arc::default() }
}

#[test]
fn the_shipped_nodes_refine_and_cover_the_model() {
    let outcome = refine(&Implementation::<Published>::new(SMALL, None), &Options::default());
    assert_eq!((outcome.refined(), outcome.covered()), (Verdict::Holds, Verdict::Holds));
    assert_eq!(outcome.cut, None);
    let coverage = outcome.coverage;
    let excepted: u64 = coverage.excepted.iter().map(|class| class.pairs).sum();
    assert_eq!(coverage.covered() + excepted, coverage.pairs);
    // The figures of the implementation's README.
    assert_eq!((outcome.states, outcome.edges, outcome.image), (52_680, 202_956, 1_777));
    assert_eq!((coverage.covered(), coverage.pairs), (122_485, 186_576));
}

#[test]
fn random_schedules_conform_and_the_seed_decides_them() {
    let (one, two) = (sampled(&sampling(300), None), sampled(&sampling(300), None));
    assert!(one.failed.is_none());
    assert!(one.done > 0 && one.actions.iter().all(|action| action.taken > 0));
    assert!(one.kinds.iter().all(|(_, count)| *count > 0), "{:?}", one.kinds);
    assert_eq!((one.edges, one.steps, one.kinds), (two.edges, two.steps, two.kinds));
}

#[test]
fn the_command_reports_what_was_run() {
    let options = ConformOptions {
        exhaustive: false,
        weaken: false,
        seed: 3,
        cases: 100,
        quick: true,
        interrupt: Arc::default(),
    };
    let reports = PaxosConformance.conform(&options);
    let evidence: Vec<_> = reports.iter().map(|report| report.evidence).collect();
    assert_eq!(evidence, [Evidence::Sampled, Evidence::Refined, Evidence::Covered]);
    assert!(reports.iter().all(|report| report.verdict == Verdict::Holds), "{reports:?}");
}

/// An implementation with its map and its labels exchanged.
struct Wrong<N: Remembers<Message<Proposal>>> {
    right: Implementation<N>,
    map: fn(&PaxosState<N>, model::State) -> model::State,
    label: fn(Vec<Action>) -> Vec<Action>,
    without: &'static str,
}

impl<N: Remembers<Message<Proposal>>> Wrong<N> {
    fn new(right: Implementation<N>) -> Self {
        Self { right, map: |_, image| image, label: |label| label, without: "" }
    }
}

impl<N: Remembers<Message<Proposal>>> Refinement for Wrong<N> {
    type Concrete = PaxosCluster<N>;
    type Abstract = Paxos;

    fn name(&self) -> &'static str {
        self.right.name()
    }

    fn concrete(&self) -> &PaxosCluster<N> {
        self.right.concrete()
    }

    fn specification(&self) -> &Paxos {
        self.right.specification()
    }

    fn map(&self, state: &PaxosState<N>) -> model::State {
        (self.map)(state, self.right.map(state))
    }

    fn label(
        &self,
        before: &PaxosState<N>,
        action: &ClusterAction<Node<Proposal>>,
        after: &PaxosState<N>,
    ) -> Vec<Action> {
        (self.label)(self.right.label(before, action, after))
    }

    fn exceptions(&self) -> Vec<Exception<Self>> {
        let applies = [class::<N, 0>, class::<N, 1>, class::<N, 2>];
        let classes = self.right.exceptions().into_iter().zip(applies);
        let kept = classes.filter(|(class, _)| class.name != self.without);
        kept.map(|(Exception { name, reason, .. }, applies)| Exception { name, reason, applies })
            .collect()
    }
}

/// A class of the right implementation.
fn class<N: Remembers<Message<Proposal>>, const PLACE: usize>(
    wrong: &Wrong<N>,
    state: &PaxosState<N>,
    action: &Action,
) -> bool {
    (wrong.right.exceptions()[PLACE].applies)(&wrong.right, state, action)
}

impl Scheduled for Wrong<Faulty> {
    const KINDS: &'static [(&'static str, u32)] = <Implementation<Faulty> as Scheduled>::KINDS;

    fn kind_of(action: &ClusterAction<Node<Proposal>>) -> usize {
        <Implementation<Faulty> as Scheduled>::kind_of(action)
    }

    fn done(&self, state: &PaxosState<Faulty>) -> bool {
        self.right.done(state)
    }
}

/// The map takes what an acceptor remembers for what it has written.
fn memory_for_disk<N>(state: &PaxosState<N>, mut image: model::State) -> model::State {
    let nodes = state.sites.iter().filter_map(|site| site.node.as_ref()?.acceptor());
    for (acceptor, node) in image.acceptors.iter_mut().zip(nodes) {
        acceptor.max_bal = node.promised().map(|ballot| u8::try_from(ballot.0).expect("small"));
    }
    image
}

/// Accepting is called promising.
fn accepting_is_promising(label: Vec<Action>) -> Vec<Action> {
    let rename = |action| match action {
        Action::Phase2b { acc, bal, .. } => Action::Phase1b { acc, bal },
        other => other,
    };
    label.into_iter().map(rename).collect()
}

fn failure<R: Refinement>(outcome: &RefinedOf<R>) -> Option<Failure> {
    outcome.divergence.as_ref().map(|divergence| divergence.failure)
}

#[test]
fn a_wrong_map_is_caught() {
    let wrong =
        Wrong::<Published> { map: memory_for_disk, ..Wrong::new(Implementation::new(SMALL, None)) };
    let outcome = refine(&wrong, &Options::default());
    assert_eq!(failure::<Wrong<Published>>(&outcome), Some(Failure::SilentChange));

    let make = |scope: &_| Wrong::<Faulty> {
        map: memory_for_disk,
        ..Wrong::new(Implementation::new(*scope, None))
    };
    let failed = sample(&sampling(200), scopes(), make).failed.expect("it is caught");
    assert_eq!(failed.divergence.failure, Failure::SilentChange);
    // A request, its write, and the delivery at which memory runs ahead of the disk.
    assert_eq!(failed.actions.len(), 3, "the schedule has shrunk");
    assert_eq!(failed.config.acceptors, 3, "the cluster has shrunk");
}

#[test]
fn a_wrong_label_is_caught() {
    let wrong = Wrong::<Published> {
        label: accepting_is_promising,
        ..Wrong::new(Implementation::new(SMALL, None))
    };
    let outcome = refine(&wrong, &Options::default());
    assert_eq!(failure::<Wrong<Published>>(&outcome), Some(Failure::Disabled));

    let make = |scope: &_| Wrong::<Faulty> {
        label: accepting_is_promising,
        ..Wrong::new(Implementation::new(*scope, None))
    };
    let failed = sample(&sampling(300), scopes(), make).failed.expect("it is caught");
    assert_eq!(failed.divergence.failure, Failure::Disabled);
}

#[test]
fn a_lost_label_is_caught() {
    let wrong = Wrong::<Published> {
        label: |_| Vec::new(),
        ..Wrong::new(Implementation::new(SMALL, None))
    };
    let outcome = refine(&wrong, &Options::default());
    assert_eq!(failure::<Wrong<Published>>(&outcome), Some(Failure::SilentChange));
}

#[test]
fn a_message_sent_before_its_write_is_caught() {
    let early = implementation_bug("paxos/sends-before-write");
    let outcome = refine(&Implementation::<Published>::new(SMALL, early), &Options::default());
    assert_eq!(failure::<Implementation<Published>>(&outcome), Some(Failure::SilentChange));
    let failed = sampled(&sampling(50), early).failed.expect("it is caught");
    assert_eq!(failed.divergence.failure, Failure::SilentChange);
}

#[test]
fn an_action_that_the_nodes_do_not_offer_needs_its_reason() {
    let without = "the proposer has a value of its own";
    let wrong = Wrong::<Published> { without, ..Wrong::new(Implementation::new(SMALL, None)) };
    let outcome = refine(&wrong, &Options::default());
    assert_eq!(outcome.refined(), Verdict::Holds);
    assert_eq!(outcome.gap.map(|gap| gap.failure), Some(Failure::Missing));
}

/// The second proposer asks nobody to accept anything.
fn never_asks(
    node: &Node<Proposal>,
    _: &Event<Node<Proposal>>,
    effects: &mut Vec<Effect<Node<Proposal>>>,
    steps: &mut Vec<Taken<Step<Proposal>>>,
) {
    if node.id() == NodeId(1) {
        let asks =
            |effect: &_| matches!(effect, Effect::Send { message: Message::Accept { .. }, .. });
        effects.retain(|effect| !asks(effect));
        steps.retain(|taken| !matches!(taken.step, Step::Phase2a { .. }));
    }
}

#[test]
fn a_proposal_that_is_never_made_is_no_exception() {
    // All five classes are in force; with one acceptor the search takes no time.
    let scope = Scope { acceptors: 1, crashes: 1, max_ballot: 2, ..SMALL };
    let sabotage = Sabotage { effects: never_asks, ..Sabotage::NONE };
    let refined = |sabotage| {
        let implementation = Implementation::<Published>::new(scope, sabotage);
        assert_eq!(implementation.exceptions().len(), 5);
        refine(&implementation, &Options::default())
    };
    let right = refined(None).coverage;
    assert_eq!((right.unexplained, right.ambiguous), (0, 0));
    let wrong = refined(Some(sabotage));
    assert_eq!(wrong.gap.map(|gap| gap.failure), Some(Failure::Missing));
    assert_eq!(wrong.coverage.ambiguous, 0);
}

/// A proposer names its proposal once more at each promise that it no longer needs.
fn proposes_again(
    node: &Node<Proposal>,
    event: &Event<Node<Proposal>>,
    _: &mut Vec<Effect<Node<Proposal>>>,
    steps: &mut Vec<Taken<Step<Proposal>>>,
) {
    let Event::Message { message: Message::Promise { ballot, .. }, .. } = *event else { return };
    let Some(proposer) = node.proposer() else { return };
    if let (Phase::Two, Some(&value)) = (proposer.phase(), proposer.wanted())
        && proposer.tried() == Some(ballot)
    {
        steps.push(Taken { step: Step::Phase2a { ballot, value }, after: None });
    }
}

#[test]
fn a_step_at_an_event_that_changes_nothing_is_caught() {
    let sabotage = Some(Sabotage { effects: proposes_again, ..Sabotage::NONE });
    // The implementation tells end and label of an edge from one run ...
    let at_once = Implementation::<Published>::new(SMALL, sabotage);
    let outcome = refine(&at_once, &Options::default());
    let divergence = outcome.divergence.expect("it is caught");
    assert_eq!(divergence.failure, Failure::Disabled);
    let story = divergence.story.expect("an edge has a story");
    let (before, after) = match story.steps.as_slice() {
        [.., (_, before), (_, after)] => (before, after),
        _ => panic!("a request comes first"),
    };
    assert!(before == after, "the system itself does nothing");
    // ... and asks the cluster for the end alone, as random schedules and replays do.
    let apart = Wrong::<Published>::new(Implementation::new(SMALL, sabotage));
    let outcome = refine(&apart, &Options::default());
    assert_eq!(failure::<Wrong<Published>>(&outcome), Some(Failure::Disabled));
}

#[test]
fn a_trace_with_damaged_bounds_no_longer_applies() {
    let trace = hunted_trace();
    assert!(PaxosConformance.replay(&trace).is_ok());
    let damages = [
        ("proposers", 0),
        ("acceptors", 0),
        ("learners", 0),
        ("values", 0),
        ("all_roles", 1),
        ("all_roles", 2),
        ("max_ballot", 255),
        ("proposers", u32::MAX),
        ("acceptors", u32::MAX),
        ("learners", u32::MAX),
        ("max_ballot", u32::MAX),
        ("crashes", u32::MAX),
        ("values", u32::MAX),
    ];
    for (name, value) in damages {
        let mut damaged = trace.clone();
        damaged.params.insert(name.to_owned(), value).expect("the trace has this bound");
        let replayed = PaxosConformance.replay(&damaged);
        assert!(matches!(replayed, Err(TraceError::NoLongerApplies(_))), "{name} {value}");
    }
    let mut without = trace;
    without.params.remove("proposers");
    let replayed = PaxosConformance.replay(&without);
    assert!(matches!(replayed, Err(TraceError::NoLongerApplies(_))));
}

/// The trace of a bug of the implementation that a small cluster shows.
fn hunted_trace() -> Trace {
    let slug = "paxos/sends-before-write";
    let implementation = Implementation::<Published>::new(SMALL, implementation_bug(slug));
    let claim = Claim {
        target: "paxos",
        refinement: &implementation,
        scope: SMALL.to_string(),
        params: SMALL.params(),
        bug: Some(slug),
    };
    let caught = claim.hunt(Evidence::Refined, &Options::default());
    caught.trace.expect("it is caught")
}

/// Any message from anybody, any timer, any request, any disk, in any order.
fn any_event() -> impl Strategy<Value = Event<Node<Proposal>>> {
    let small = prop_oneof![0..4_u64, Just(u64::MAX - 1), Just(u64::MAX)].prop_map(Ballot);
    let vote = (small.clone(), 0..3_u8).prop_map(|(ballot, value)| Vote { ballot, value });
    let vote = proptest::option::of(vote);
    let message = prop_oneof![
        small.clone().prop_map(|ballot| Message::Prepare { ballot }),
        (small.clone(), vote.clone())
            .prop_map(|(ballot, accepted)| Message::Promise { ballot, accepted }),
        (small.clone(), 0..3_u8).prop_map(|(ballot, value)| Message::Accept { ballot, value }),
        (small.clone(), 0..3_u8).prop_map(|(ballot, value)| Message::Accepted { ballot, value }),
    ];
    let disk = (proptest::option::of(small.clone()), proptest::option::of(small), vote);
    prop_oneof![
        8 => (0..6_u32, message)
            .prop_map(|(from, message)| Event::Message { from: NodeId(from), message }),
        1 => Just(Event::Fired(Timer::Retry)),
        1 => (0..3_u8).prop_map(|value| Event::Request(Propose(value))),
        1 => any::<u64>().prop_map(|id| Event::Durable(WriteId(id))),
        1 => disk.prop_map(|(tried, promised, accepted)| {
            Event::Recover(Durable { tried, promised, accepted })
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A node is total and deterministic, and an event that it ignores leaves it as it was.
    #[test]
    fn a_node_takes_any_event(
        me in 0..6_u32,
        nodes in 0..5_u32,
        events in proptest::collection::vec(any_event(), 1..60),
    ) {
        let mut node = Node::new(NodeId(me), Arc::new(Members::all_roles(nodes)));
        for event in events {
            let before = node.clone();
            let (mut one, mut two) = (Effects::<_, ()>::new(), Effects::<_, ()>::new());
            node.handle(event.clone(), &mut one);
            let mut again = before.clone();
            again.handle(event, &mut two);
            prop_assert_eq!(&again, &node);
            prop_assert_eq!(one.list(), two.list());
            if one.list().iter().any(|effect| matches!(effect, Effect::Ignore(_))) {
                prop_assert_eq!(one.list().len(), 1);
                prop_assert_eq!(&before, &node);
            }
        }
    }
}
