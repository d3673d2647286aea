//! The fault simulator: the same seed is the same run, correct nodes pass, and broken ones do not.

use std::sync::atomic::AtomicBool;

use bisim::protocol::{Effect, Protocol};
use bisim::raft::{Durable, HardState, Node, Record};
use bisim::state_machine::KeyValue;
use bisim_proofs::cluster::Sabotage;
use bisim_proofs::raft::SimulatedRaft;
use bisim_proofs::simulation::{Operation, Simulation, Summary, simulate};

type Raft = Node<KeyValue<u32, u64>>;

fn run(first: u64, seeds: u64, nodes: u32, sabotage: Option<Sabotage<Raft>>) -> Summary {
    simulate::<SimulatedRaft>(
        &Simulation::of(first, seeds, nodes),
        sabotage,
        &AtomicBool::new(false),
    )
}

#[test]
fn a_seed_is_a_run() {
    let (one, again, other) = (run(3, 1, 3, None), run(3, 1, 3, None), run(4, 1, 3, None));
    assert_eq!((one.hash, &one.counts), (again.hash, &again.counts));
    assert_ne!(one.hash, other.hash);
}

#[test]
fn correct_nodes_pass_and_everything_happens() {
    for nodes in [1, 2, 3, 4, 5, 7] {
        let summary = run(100, 8, nodes, None);
        assert_eq!(summary.failed.map(|failed| failed.why), None, "{nodes} nodes");
        assert_eq!(summary.runs, 8);
    }
    let summary = run(0, 30, 5, None);
    assert_eq!(summary.failed.map(|failed| failed.why), None);
    for name in [
        "crashes",
        "writes lost",
        "partitions",
        "one-way partitions",
        "pauses",
        "storms",
        "slow disks",
        "messages lost",
        "messages doubled",
        "messages much delayed",
        "messages cut off",
        "retries",
        "operations acknowledged",
        "terms with a leader",
        "entries committed",
    ] {
        assert!(summary.counts.get(name).is_some_and(|&count| count > 0), "no {name}");
    }
}

/// A bug must be found within so many seeds, by this property.
fn caught(sabotage: Sabotage<Raft>, by: &[&str]) {
    let summary = run(0, 300, 3, Some(sabotage));
    let failed = summary.failed.expect("the bug is found");
    assert!(
        by.iter().any(|name| failed.why.contains(name)),
        "seed {}: {}",
        failed.seed,
        failed.why
    );
    assert!(!failed.transcript.is_empty(), "it tells what happened");
}

#[test]
fn a_vote_that_is_not_written_is_found() {
    fn forget(durable: &mut Durable<Operation>, record: &Record<Operation>) {
        Raft::apply(durable, record);
        durable.hard = HardState { voted_for: None, ..durable.hard };
    }
    caught(Sabotage { apply: forget, ..Sabotage::NONE }, &["Election Safety", "vote on its disk"]);
}

#[test]
fn messages_that_do_not_wait_for_their_writes_are_found() {
    let hurry = Sabotage {
        effects: |_, _, effects, _| {
            for effect in effects {
                if let Effect::Send { after, .. } | Effect::Reply { after, .. } = effect {
                    *after = None;
                }
            }
        },
        ..Sabotage::NONE
    };
    caught(hurry, &["Safety", "Leader Completeness", "not linearizable", "not agree"]);
}

#[test]
fn a_log_that_is_not_written_is_found() {
    fn forget(durable: &mut Durable<Operation>, record: &Record<Operation>) {
        if let Some(hard) = record.hard {
            durable.hard = hard;
        }
    }
    let by = &["Safety", "Leader Completeness", "not linearizable", "not agree"];
    caught(Sabotage { apply: forget, ..Sabotage::NONE }, by);
}

#[test]
fn nodes_that_never_elect_are_found() {
    let mute = Sabotage { events: |_, _| Vec::new(), ..Sabotage::NONE };
    let summary = run(0, 1, 3, Some(mute));
    let why = summary.failed.expect("nobody is served").why;
    assert!(why.contains("no progress"), "{why}");
}
