//! Raft.

mod events;
mod figures;

use bisim_models::raft::{self as model, Action};
use bisim_proofs::checker::{Options, Verdict};
use bisim_proofs::raft::{
    Implementation, REFINED, RaftConformance, RaftState, SMALL, Scope, scopes, servers,
};
use bisim_proofs::refinement::{Failure, refine};
use bisim_proofs::report::count;
use bisim_proofs::sampling::sample;
use bisim_proofs::shipped::{Bounds, Shipped};

use crate::shared::{self, failure, refined, sampling};
use crate::wrong::Wrong;

type Refined = Wrong<Implementation>;

/// The shipped nodes refine and cover the model, with the figures that the README has for it.
fn holds_as_in_the_readme(scope: Scope) {
    let (seen, pairs) = shared::refines_and_covers::<Implementation>(scope);
    let [states, edges, image] = seen.map(count);
    let [covered, all] = pairs.map(count);
    let row = format!("| {scope} | {states} | {edges} | 0 | {image} | {covered} of {all} |");
    let readme = include_str!("../../../../impls/src/raft/README.md");
    assert!(readme.contains(&row), "the README should have\n{row}");
}

#[test]
fn the_shipped_nodes_refine_and_cover_the_model() {
    let (small, large): (Vec<_>, Vec<_>) =
        REFINED.into_iter().partition(|scope| !LARGE.contains(scope));
    assert_eq!((small.len(), large.len()), (3, LARGE.len()), "every scope is tested");
    small.into_iter().for_each(holds_as_in_the_readme);
}

/// The scopes that take a minute or more in a build for tests.
const LARGE: [Scope; 3] = [REFINED[1], REFINED[2], REFINED[3]];

#[test]
#[ignore = "for a release build: minutes otherwise"]
fn they_do_so_at_the_larger_bounds() {
    LARGE.into_iter().for_each(holds_as_in_the_readme);
}

#[test]
fn random_schedules_conform_and_the_seed_decides_them() {
    shared::conforms_on_schedules::<Implementation>();
}

#[test]
fn the_command_reports_what_was_run() {
    shared::reports_what_was_run(&RaftConformance, 300);
}

/// The map takes the term that a server remembers for the one that it has written.
fn memory_for_disk(state: &RaftState, mut image: model::State) -> model::State {
    for (id, server) in servers(state) {
        let term = u16::try_from(server.current_term().0).expect("small");
        let server = u8::try_from(id.0).expect("small");
        image.server_mut(server).durable.current_term = term + 1;
    }
    image
}

/// Winning an election is called beginning one.
fn winning_is_beginning(label: Vec<Action>) -> Vec<Action> {
    let rename = |action| match action {
        Action::BecomeLeader { i } => Action::Timeout { i },
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
        |scope: &_| Wrong { map: memory_for_disk, ..Refined::of(Implementation::of(*scope, None)) };
    let failed = sample(&sampling(200), scopes(), make).failed.expect("it is caught");
    assert_eq!(failed.divergence.failure, Failure::SilentChange);
    assert_eq!(failed.config.nodes, 3, "the cluster has shrunk");
}

#[test]
fn a_wrong_label_is_caught() {
    let wrong = Wrong { label: winning_is_beginning, ..Refined::within(SMALL) };
    let outcome = refine(&wrong, &Options::default());
    assert_eq!(failure::<Refined>(&outcome), Some(Failure::Disabled));

    let make = |scope: &_| Wrong {
        label: winning_is_beginning,
        ..Refined::of(Implementation::of(*scope, None))
    };
    let failed = sample(&sampling(300), scopes(), make).failed.expect("it is caught");
    assert!(matches!(failed.divergence.failure, Failure::Disabled | Failure::WrongEnd));
}

#[test]
fn a_lost_label_is_caught() {
    let wrong = Wrong { label: |_| Vec::new(), ..Refined::within(SMALL) };
    let outcome = refine(&wrong, &Options::default());
    assert_eq!(failure::<Refined>(&outcome), Some(Failure::SilentChange));
}

#[test]
fn a_message_sent_before_its_write_is_caught() {
    for slug in ["raft/answers-before-write", "raft/leader-sends-before-write"] {
        let outcome = refined::<Implementation>(SMALL, Some(slug));
        assert_eq!(failure::<Implementation>(&outcome), Some(Failure::SilentChange), "{slug}");
    }
}

#[test]
fn an_action_that_the_nodes_do_not_offer_needs_its_reason() {
    let wrong = Wrong { without: "a candidate asks for votes once", ..Refined::within(SMALL) };
    let outcome = refine(&wrong, &Options::default());
    assert_eq!(outcome.refined(), Verdict::Holds);
    assert_eq!(outcome.gap.map(|gap| gap.failure), Some(Failure::Missing));
}

#[test]
fn an_action_that_the_nodes_never_take_is_missing() {
    let outcome = refined::<Implementation>(SMALL, Some("raft/silent-leader"));
    assert_eq!(outcome.divergences, 0);
    assert_eq!(outcome.gap.map(|gap| gap.failure), Some(Failure::Missing));
}

/// An edge covers its first step only: what follows in the same event is not excused for that.
#[test]
fn a_message_that_is_never_sent_to_one_server_is_missing() {
    let of_three = Scope {
        nodes: 3,
        max_log: 0,
        writes: 1,
        crashes: 0,
        clients: 0,
        commands: 0,
        no_op: false,
        ..SMALL
    };
    let gap = |bug| {
        let outcome = refined::<Implementation>(of_three, bug);
        assert_eq!((outcome.divergences, outcome.cut), (0, None), "{bug:?}");
        outcome.gap.map(|gap| (gap.failure, gap.explanation))
    };
    assert_eq!(gap(None), None);
    for (bug, action) in
        [("raft/silent-to-one", "AppendEntries"), ("raft/asks-all-but-one", "RequestVote")]
    {
        let (failure, why) = gap(Some(bug)).expect("it is missing");
        assert_eq!(failure, Failure::Missing);
        assert!(why.contains(action), "{why}");
    }
}

#[test]
fn a_term_that_begins_without_promises_is_caught() {
    let scope = Scope {
        max_log: 0,
        writes: 1,
        crashes: 0,
        polls: 2,
        clients: 0,
        commands: 0,
        no_op: false,
        pre_vote: true,
        ..SMALL
    };
    let violation = |bug| {
        let outcome = refined::<Implementation>(scope, bug);
        assert_eq!(outcome.divergences, 0, "the model allows it");
        outcome.violation.map(|violation| violation.failure)
    };
    assert_eq!(violation(None), None);
    let property = Failure::Property("a term begins with the promises of a majority");
    assert_eq!(violation(Some("raft/skips-pre-vote")), Some(property));
}

#[test]
fn a_trace_with_damaged_bounds_no_longer_applies() {
    let trace = shared::hunted_trace::<Implementation>(SMALL, "raft/answers-before-write");
    let bounds = SMALL.params();
    let damages: Vec<_> = bounds.keys().map(|name| (name.as_str(), u32::MAX)).collect();
    shared::stale_when_damaged(&RaftConformance, &trace, &damages);
}

#[test]
fn every_row_of_the_catalogue_is_decided() {
    let readme = include_str!("../../../../impls/src/raft/README.md");
    shared::every_row_is_decided("raft", 'T', 36, readme);
}
