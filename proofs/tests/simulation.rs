//! The fault simulator: the same seed is the same run, correct nodes pass, and broken ones do not.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bisim::protocol::{Effect, Effects, Event, NodeId, Protocol};
use bisim::raft::{Config, Durable, HardState, Members, Node, Record, Request, Term, Timer};
use bisim::session::{ClientId, SequenceNumber};
use bisim::state_machine::{Command, KeyValue, KeyValueCommand};
use bisim_proofs::cluster::Sabotage;
use bisim_proofs::raft::SimulatedRaft;
use bisim_proofs::simulation::{Invariants, Operation, Simulated, Simulation, Summary, simulate};

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
    caught(Sabotage { apply: forget, ..Sabotage::NONE }, &["Election Safety"]);
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

/// The only member of its cluster, leading in this term, with this many commands committed.
fn alone(id: NodeId, term: u64, commands: u64) -> Raft {
    let config = Arc::new(Config::figure_2(Members::new([id])));
    let mut node = Raft::new(id, config, KeyValue::default());
    let hard = HardState { current_term: Term(term - 1), voted_for: None };
    let durable = Durable { hard, ..Durable::default() };
    let commands = (1..=commands).map(|sequence| {
        let (client, sequence) = (ClientId(0), SequenceNumber(sequence));
        let command = KeyValueCommand::Put(0, 100 * term + sequence.0);
        Event::Request(Request::Propose(Command { client, sequence, command }))
    });
    let mut events = VecDeque::from([Event::Recover(durable), Event::Fired(Timer::Election)]);
    events.extend(commands);
    let mut effects: Effects<Raft> = Effects::new();
    while let Some(event) = events.pop_front() {
        node.handle(event, &mut effects);
        for effect in effects.drain() {
            if let Effect::Write { id, .. } = effect {
                events.push_front(Event::Durable(id));
            }
        }
    }
    node
}

/// What the invariants say when they see these nodes one after the other.
fn judged(nodes: &[(NodeId, Raft)], pending: bool) -> Result<(), String> {
    let mut invariants = SimulatedRaft::invariants(3);
    let disk = Durable::default();
    nodes.iter().try_for_each(|(id, node)| invariants.look(*id, Some(node), &disk, pending))
}

#[test]
fn each_invariant_can_fail() {
    let (n0, n1) = (NodeId(0), NodeId(1));
    let (one, two) = (alone(n0, 1, 1), alone(n0, 1, 2));
    assert_eq!(judged(&[(n0, one.clone()), (n0, two.clone())], false), Ok(()));
    let fails = |nodes: &[(NodeId, Raft)], pending, name: &str| {
        let why = judged(nodes, pending).expect_err(name);
        assert!(why.contains(name), "{why}");
    };
    fails(&[(n0, two.clone()), (n0, one.clone())], false, "went back");
    fails(&[(n0, two.clone()), (n0, one.clone())], true, "Leader Append-Only");
    fails(&[(n0, one.clone()), (n1, alone(n1, 1, 1))], false, "Election Safety");
    fails(&[(n0, one.clone()), (n1, alone(n1, 2, 0))], false, "Leader Completeness");
    fails(&[(n0, one.clone()), (n1, alone(n1, 2, 1))], false, "State Machine Safety");
    let invariants = SimulatedRaft::invariants(3);
    assert_eq!(invariants.settled(&[&one, &one]), Ok(()));
    let why = invariants.settled(&[&one, &two]).expect_err("their commits differ");
    assert!(why.contains("do not agree"), "{why}");
}

#[test]
fn a_disk_that_forgets_is_seen() {
    let after = |first: HardState, then: HardState| {
        let mut invariants = SimulatedRaft::invariants(3);
        let mut look = |hard| {
            let disk = Durable { hard, ..Durable::default() };
            invariants.look(NodeId(0), None, &disk, false)
        };
        look(first).expect("nothing was seen before");
        look(then).expect_err("it forgets")
    };
    let voted = HardState { current_term: Term(2), voted_for: Some(NodeId(1)) };
    let why = after(voted, HardState { current_term: Term(1), ..voted });
    assert!(why.contains("term on its disk went back"), "{why}");
    let why = after(voted, HardState { voted_for: None, ..voted });
    assert!(why.contains("vote on its disk changed"), "{why}");
}
