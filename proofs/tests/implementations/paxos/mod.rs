//! Paxos.

mod events;

use bisim::paxos::{Message, Node, Phase, Step};
use bisim::protocol::{Effect, Event, NodeId, Taken};
use bisim_models::paxos::paxos::{self as model, Action};
use bisim_proofs::checker::{Options, Verdict};
use bisim_proofs::cluster::Sabotage;
use bisim_proofs::paxos::{
    Faulty, Implementation, PaxosConformance, PaxosState, Proposal, Published, SMALL, Scope, scopes,
};
use bisim_proofs::refinement::{Failure, Refinement, refine};
use bisim_proofs::sampling::sample;
use bisim_proofs::shipped::{Shipped, sampled};

use crate::shared::{self, failure, refined, sampling};
use crate::wrong::Wrong;

type Refined = Wrong<Implementation<Published>>;
type Sampled = Wrong<Implementation<Faulty>>;

#[test]
fn the_shipped_nodes_refine_and_cover_the_model() {
    let (seen, pairs) = shared::refines_and_covers::<Implementation<Published>>(SMALL);
    // The figures of the implementation's README.
    assert_eq!(seen, [52_680, 202_956, 1_777]);
    assert_eq!(pairs, [122_485, 186_576]);
}

#[test]
fn random_schedules_conform_and_the_seed_decides_them() {
    shared::conforms_on_schedules::<Implementation<Faulty>>();
}

#[test]
fn the_command_reports_what_was_run() {
    shared::reports_what_was_run(&PaxosConformance, 100);
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

#[test]
fn a_wrong_map_is_caught() {
    let wrong = Wrong { map: memory_for_disk, ..Refined::within(SMALL) };
    let outcome = refine(&wrong, &Options::default());
    assert_eq!(failure::<Refined>(&outcome), Some(Failure::SilentChange));

    let make =
        |scope: &_| Wrong { map: memory_for_disk, ..Sampled::of(Implementation::of(*scope, None)) };
    let failed = sample(&sampling(200), scopes(), make).failed.expect("it is caught");
    assert_eq!(failed.divergence.failure, Failure::SilentChange);
    // A request, its write, and the delivery at which memory runs ahead of the disk.
    assert_eq!(failed.actions.len(), 3, "the schedule has shrunk");
    assert_eq!(failed.config.acceptors, 3, "the cluster has shrunk");
}

#[test]
fn a_wrong_label_is_caught() {
    let wrong = Wrong { label: accepting_is_promising, ..Refined::within(SMALL) };
    let outcome = refine(&wrong, &Options::default());
    assert_eq!(failure::<Refined>(&outcome), Some(Failure::Disabled));

    let make = |scope: &_| Wrong {
        label: accepting_is_promising,
        ..Sampled::of(Implementation::of(*scope, None))
    };
    let failed = sample(&sampling(300), scopes(), make).failed.expect("it is caught");
    assert_eq!(failed.divergence.failure, Failure::Disabled);
}

#[test]
fn a_lost_label_is_caught() {
    let wrong = Wrong { label: |_| Vec::new(), ..Refined::within(SMALL) };
    let outcome = refine(&wrong, &Options::default());
    assert_eq!(failure::<Refined>(&outcome), Some(Failure::SilentChange));
}

#[test]
fn a_message_sent_before_its_write_is_caught() {
    let slug = "paxos/sends-before-write";
    let outcome = refined::<Implementation<Published>>(SMALL, Some(slug));
    assert_eq!(failure::<Implementation<Published>>(&outcome), Some(Failure::SilentChange));
    let early = Implementation::<Faulty>::sabotage(slug);
    let failed = sampled::<Implementation<Faulty>>(&sampling(50), early).failed;
    assert_eq!(failed.expect("it is caught").divergence.failure, Failure::SilentChange);
}

#[test]
fn an_action_that_the_nodes_do_not_offer_needs_its_reason() {
    let without = "the proposer has a value of its own";
    let outcome = refine(&Wrong { without, ..Refined::within(SMALL) }, &Options::default());
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
    let refine_it = |sabotage| {
        let implementation = Implementation::<Published>::of(scope, sabotage).memoized();
        assert_eq!(implementation.exceptions().len(), 5);
        refine(&implementation, &Options::default())
    };
    let right = refine_it(None).coverage;
    assert_eq!((right.unexplained, right.ambiguous), (0, 0));
    let wrong = refine_it(Some(sabotage));
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
    let at_once = Implementation::<Published>::of(SMALL, sabotage).memoized();
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
    let apart = Refined::of(Implementation::of(SMALL, sabotage).memoized());
    let outcome = refine(&apart, &Options::default());
    assert_eq!(failure::<Refined>(&outcome), Some(Failure::Disabled));
}

#[test]
fn a_trace_with_damaged_bounds_no_longer_applies() {
    let slug = "paxos/sends-before-write";
    let trace = shared::hunted_trace::<Implementation<Published>>(SMALL, slug);
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
    shared::stale_when_damaged(&PaxosConformance, &trace, &damages);
}

#[test]
fn every_row_of_the_catalogue_is_decided() {
    let readme = include_str!("../../../../impls/src/paxos/README.md");
    shared::every_row_is_decided("paxos", 'X', 17, readme);
}
