//! One test for each statement of the paper that a node has to keep.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{
    Ballot, Chosen, Durable, Ignored, Members, Message, Node, Phase, Propose, Record, Step, Timer,
    Vote, value_to_propose,
};
use crate::protocol::{Effect, Effects, Event, NodeId, Protocol, Taken, WriteId};

type Log = Effects<Node<u8>, Vec<Taken<Step<u8>>>>;

const PROPOSER: NodeId = NodeId(0);
const ACCEPTOR: NodeId = NodeId(2);
const LEARNER: NodeId = NodeId(5);

/// Proposers 0 and 1, acceptors 2 to 4, learner 5.
fn start(me: NodeId, durable: Durable<u8>) -> Node<u8> {
    let ids = |range: core::ops::Range<u32>| range.map(NodeId);
    let mut node = Node::new(me, Arc::new(Members::new(ids(0..2), ids(2..5), ids(5..6))));
    assert_eq!(give(&mut node, Event::Recover(durable)).list(), []);
    node
}

fn give(node: &mut Node<u8>, event: Event<Node<u8>>) -> Log {
    let mut log = Log::new();
    node.handle(event, &mut log);
    log
}

fn hear(node: &mut Node<u8>, from: u32, message: Message<u8>) -> Log {
    give(node, Event::Message { from: NodeId(from), message })
}

fn prepare(ballot: u64) -> Message<u8> {
    Message::Prepare { ballot: Ballot(ballot) }
}

fn promise(ballot: u64, accepted: Option<(u64, u8)>) -> Message<u8> {
    Message::Promise { ballot: Ballot(ballot), accepted: accepted.map(vote) }
}

fn accept(ballot: u64, value: u8) -> Message<u8> {
    Message::Accept { ballot: Ballot(ballot), value }
}

fn accepted(ballot: u64, value: u8) -> Message<u8> {
    Message::Accepted { ballot: Ballot(ballot), value }
}

fn vote((ballot, value): (u64, u8)) -> Vote<u8> {
    Vote { ballot: Ballot(ballot), value }
}

fn ignored(log: &Log) -> Option<Ignored> {
    match log.list() {
        [Effect::Ignore(why)] if log.steps().is_empty() => Some(*why),
        _ => None,
    }
}

#[test]
fn a_promise_leaves_after_its_write() {
    let mut node = start(ACCEPTOR, Durable { accepted: Some(vote((1, 7))), ..Durable::default() });
    let log = hear(&mut node, 0, prepare(4));
    let id = WriteId(0);
    assert_eq!(
        log.list(),
        [
            Effect::Write { id, record: Record::Promised(Ballot(4)) },
            Effect::Send { to: PROPOSER, message: promise(4, Some((1, 7))), after: Some(id) },
        ]
    );
    let step = Step::Phase1b { acceptor: ACCEPTOR, ballot: Ballot(4) };
    assert_eq!(log.steps(), &[Taken { step, after: Some(id) }]);
}

#[test]
fn an_acceptor_keeps_its_promise() {
    let mut node = start(ACCEPTOR, Durable { promised: Some(Ballot(4)), ..Durable::default() });
    assert_eq!(ignored(&hear(&mut node, 0, prepare(4))), Some(Ignored::AlreadyPromised));
    assert_eq!(ignored(&hear(&mut node, 1, prepare(3))), Some(Ignored::PromisedHigher));
    assert_eq!(ignored(&hear(&mut node, 1, accept(3, 7))), Some(Ignored::PromisedHigher));
}

#[test]
fn an_acceptor_votes_also_in_a_ballot_that_it_never_prepared_and_tells_the_learners() {
    let mut node = start(ACCEPTOR, Durable { promised: Some(Ballot(1)), ..Durable::default() });
    let log = hear(&mut node, 0, accept(2, 7));
    let id = WriteId(0);
    assert_eq!(
        log.list(),
        [
            Effect::Write { id, record: Record::Accepted(vote((2, 7))) },
            Effect::Send { to: LEARNER, message: accepted(2, 7), after: Some(id) },
        ]
    );
    assert_eq!(ignored(&hear(&mut node, 0, accept(2, 7))), Some(Ignored::AlreadyAccepted));
    assert_eq!(ignored(&hear(&mut node, 0, prepare(2))), Some(Ignored::AlreadyPromised));
    assert_eq!(ignored(&hear(&mut node, 1, accept(1, 8))), Some(Ignored::PromisedHigher));
}

#[test]
fn a_vote_on_disk_is_also_a_promise() {
    let mut durable = Durable::default();
    Node::apply(&mut durable, &Record::Promised(Ballot(1)));
    Node::apply(&mut durable, &Record::Accepted(vote((3, 7))));
    let mut node = start(ACCEPTOR, durable);
    assert_eq!(ignored(&hear(&mut node, 0, prepare(2))), Some(Ignored::PromisedHigher));
}

#[test]
fn a_proposer_issues_its_proposal_when_a_majority_has_promised() {
    let mut node = start(PROPOSER, Durable::default());
    let log = give(&mut node, Event::Request(Propose(9)));
    let id = WriteId(0);
    assert_eq!(log.list()[0], Effect::Write { id, record: Record::Tried(Ballot(0)) });
    let after: Vec<_> = log.list().iter().filter(|e| sends(e, &prepare(0), Some(id))).collect();
    assert_eq!(after.len(), 3, "one prepare request for each acceptor");
    assert_eq!(log.list().last(), Some(&Effect::Arm(Timer::Retry)));

    assert_eq!(hear(&mut node, 2, promise(0, None)).list(), []);
    let again = hear(&mut node, 2, promise(0, None));
    assert_eq!(ignored(&again), Some(Ignored::PromiseCounted));
    let log = hear(&mut node, 4, promise(0, None));
    assert_eq!(log.list().iter().filter(|e| sends(e, &accept(0, 9), None)).count(), 3);
    assert_eq!(
        log.steps(),
        &[Taken { step: Step::Phase2a { ballot: Ballot(0), value: 9 }, after: None }]
    );
    assert_eq!(ignored(&hear(&mut node, 3, promise(0, None))), Some(Ignored::NotMyBallot));
}

fn sends(effect: &Effect<Node<u8>>, wanted: &Message<u8>, held: Option<WriteId>) -> bool {
    matches!(effect, Effect::Send { message, after, .. } if message == wanted && *after == held)
}

#[test]
fn a_proposer_takes_over_the_highest_vote_that_is_reported() {
    let (low, high) = (vote((0, 5)), vote((3, 6)));
    assert_eq!(*value_to_propose([&high, &low], &9), 6);
    assert_eq!(*value_to_propose([&low, &high], &9), 6);
    // Ballot 0 is a ballot like any other: a vote in it binds.
    assert_eq!(*value_to_propose([&low], &9), 5);
    assert_eq!(*value_to_propose([], &9), 9);
}

#[test]
fn a_retry_uses_a_higher_ballot_of_its_own() {
    let mut node = start(PROPOSER, Durable::default());
    assert_eq!(
        ignored(&give(&mut node, Event::Fired(Timer::Retry))),
        Some(Ignored::NothingToRetry)
    );
    give(&mut node, Event::Request(Propose(9)));
    assert_eq!(
        ignored(&give(&mut node, Event::Request(Propose(8)))),
        Some(Ignored::AlreadyProposing)
    );
    let log = give(&mut node, Event::Fired(Timer::Retry));
    let step = Step::Phase1a { ballot: Ballot(2) };
    assert_eq!(log.steps(), &[Taken { step, after: Some(WriteId(0)) }]);
    assert_eq!(ignored(&hear(&mut node, 2, promise(0, None))), Some(Ignored::NotMyBallot));
}

#[test]
fn a_restarted_proposer_uses_no_ballot_twice() {
    let mut node = start(PROPOSER, Durable { tried: Some(Ballot(4)), ..Durable::default() });
    give(&mut node, Event::Request(Propose(9)));
    assert_eq!(node.proposer().and_then(|p| p.tried()), Some(Ballot(6)));
}

#[test]
fn a_proposer_without_ballots_says_so() {
    let last = Some(Ballot(u64::MAX));
    let mut node = start(PROPOSER, Durable { tried: last, ..Durable::default() });
    let log = give(&mut node, Event::Request(Propose(9)));
    assert_eq!(ignored(&log), Some(Ignored::OutOfBallots));
    assert_eq!(node.proposer().and_then(|p| p.wanted()), None);
}

#[test]
fn a_learner_learns_from_a_majority_in_one_ballot() {
    let mut node = start(LEARNER, Durable::default());
    assert_eq!(hear(&mut node, 2, accepted(0, 7)).list(), []);
    assert_eq!(ignored(&hear(&mut node, 2, accepted(0, 7))), Some(Ignored::VoteCounted));
    // The same value in another ballot is another proposal: no majority for either.
    assert_eq!(hear(&mut node, 3, accepted(1, 7)).list(), []);
    assert_eq!(ignored(&hear(&mut node, 4, accepted(0, 7))), Some(Ignored::LowerBallot));
    let log = hear(&mut node, 4, accepted(1, 7));
    assert_eq!(log.list(), [Effect::Reply { reply: Chosen(7), after: None }]);
    assert_eq!(ignored(&hear(&mut node, 2, accepted(1, 7))), Some(Ignored::AlreadyLearned));
    let log = give(&mut node, Event::Request(Propose(9)));
    assert_eq!(log.list(), [Effect::Reply { reply: Chosen(7), after: None }]);
}

#[test]
fn a_node_of_all_roles_rests_when_it_has_learned() {
    let mut node = Node::new(NodeId(0), Arc::new(Members::all_roles(3)));
    give(&mut node, Event::Recover(Durable { promised: Some(Ballot(7)), ..Durable::default() }));
    give(&mut node, Event::Request(Propose(9)));
    // Its own acceptor has promised 7, so that it need not try anything below.
    assert_eq!(node.proposer().and_then(|p| p.tried()), Some(Ballot(9)));
    hear(&mut node, 1, accepted(1, 5));
    let log = hear(&mut node, 2, accepted(1, 5));
    let told = Effect::Reply { reply: Chosen(5), after: None };
    assert_eq!(log.list(), [told, Effect::Cancel(Timer::Retry)]);
    assert_eq!(node.proposer().map(|p| p.phase()), Some(&Phase::Resting));
}

#[test]
fn strangers_and_foreign_roles_are_ignored() {
    let mut node = start(ACCEPTOR, Durable::default());
    for (from, message) in [(2, prepare(1)), (99, prepare(1)), (0, accepted(1, 1))] {
        assert_eq!(ignored(&hear(&mut node, from, message)), Some(Ignored::NotFromThatRole));
    }
    assert_eq!(ignored(&hear(&mut node, 3, promise(1, None))), Some(Ignored::NotMyRole));
    assert_eq!(ignored(&hear(&mut node, 3, accepted(1, 1))), Some(Ignored::NotMyRole));
    assert_eq!(ignored(&give(&mut node, Event::Request(Propose(1)))), Some(Ignored::NotMyRole));
    let fired = give(&mut node, Event::Fired(Timer::Retry));
    assert_eq!(ignored(&fired), Some(Ignored::NotMyRole));
    assert_eq!(ignored(&give(&mut node, Event::Durable(WriteId(3)))), Some(Ignored::NoNews));
}

#[test]
fn a_node_that_has_not_recovered_takes_no_part() {
    let mut node = Node::new(ACCEPTOR, Arc::new(Members::all_roles(3)));
    assert_eq!(ignored(&hear(&mut node, 0, prepare(1))), Some(Ignored::NotMyRole));
}

#[test]
fn steps_are_dropped_at_no_cost() {
    let mut node = start(ACCEPTOR, Durable::default());
    let mut effects: Effects<Node<u8>> = Effects::new();
    let message = prepare(1);
    node.handle(Event::Message { from: PROPOSER, message }, &mut effects);
    assert_eq!(effects.drain().count(), 2);
    assert_eq!(size_of_val(effects.steps()), 0);
    assert_eq!(effects.list(), []);
}
