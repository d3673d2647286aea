//! Known bugs of Paxos, seeded in the implementation: each changes one event, effect, record or
//! recovered state on its way between the shipped node and the world.

use bisim::paxos::{Ballot, Durable, Message, Node, Phase, Record, Step, Vote};
use bisim::protocol::{Effect, Event, NodeId, Taken};

use super::scope::Proposal;
use crate::cluster::Sabotage;

type ShippedNode = Node<Proposal>;
type Lie = Sabotage<ShippedNode>;
type Given = Event<ShippedNode>;
type Done = Vec<Effect<ShippedNode>>;
type Named = Vec<Taken<Step<Proposal>>>;

/// A bug of the implementation: its slug, and what it changes.
pub const IMPLEMENTATION_BUGS: [(&str, Lie); 14] = [
    ("paxos/adopts-any-value", Lie { effects: adopts_any_value, ..Lie::NONE }),
    ("paxos/ignores-reported-values", Lie { effects: ignores_reported_values, ..Lie::NONE }),
    ("paxos/takes-ballot-0-for-none", Lie { effects: takes_ballot_0_for_none, ..Lie::NONE }),
    ("paxos/forgets-promise", Lie { events: forgets_promise, ..Lie::NONE }),
    ("paxos/forgets-vote", Lie { events: forgets_vote, ..Lie::NONE }),
    ("paxos/reuses-ballot", Lie { events: reuses_ballot, ..Lie::NONE }),
    ("paxos/half-is-a-quorum", Lie { events: half_is_a_quorum, ..Lie::NONE }),
    ("paxos/accept-ignores-promise", Lie { events: accept_ignores_promise, ..Lie::NONE }),
    ("paxos/rejects-newer-accept", Lie { events: rejects_newer_accept, ..Lie::NONE }),
    (
        "paxos/vote-is-no-promise",
        Lie { events: vote_is_no_promise, apply: without_the_promise, ..Lie::NONE },
    ),
    ("paxos/counts-promise-twice", Lie { events: counts_promise_twice, ..Lie::NONE }),
    ("paxos/mixes-ballots", Lie { events: mixes_ballots, ..Lie::NONE }),
    ("paxos/sends-before-write", Lie { effects: sends_before_write, ..Lie::NONE }),
    ("paxos/never-writes", Lie { effects: never_writes, ..Lie::NONE }),
];

/// Puts another value into a proposal that the node has just issued: the one that `choose` makes
/// of the reported votes and the node's own value.
fn propose_instead(
    node: &ShippedNode,
    event: &Given,
    effects: &mut Done,
    steps: &mut Named,
    choose: fn(&[Vote<Proposal>], Proposal) -> Proposal,
) {
    let Some(proposer) = node.proposer() else { return };
    let Event::Message { message: Message::Promise { accepted, .. }, .. } = event else { return };
    let (Phase::One(promises), Some(&wanted)) = (proposer.phase(), proposer.wanted()) else {
        return;
    };
    let reported: Vec<_> = promises.values().chain([accepted]).flatten().cloned().collect();
    let wrong = choose(&reported, wanted);
    for effect in effects {
        if let Effect::Send { message: Message::Accept { value, .. }, .. } = effect {
            *value = wrong;
        }
    }
    for Taken { step, .. } in steps {
        if let Step::Phase2a { value, .. } = step {
            *value = wrong;
        }
    }
}

/// Row X1: the value of any report will do; here, that of the lowest ballot.
fn adopts_any_value(node: &ShippedNode, event: &Given, effects: &mut Done, steps: &mut Named) {
    propose_instead(node, event, effects, steps, |reported, wanted| {
        reported.iter().min_by_key(|vote| vote.ballot).map_or(wanted, |vote| vote.value)
    });
}

/// Row X2: whatever is reported, the proposer proposes its client's value.
fn ignores_reported_values(
    node: &ShippedNode,
    event: &Given,
    effects: &mut Done,
    steps: &mut Named,
) {
    propose_instead(node, event, effects, steps, |_, wanted| wanted);
}

/// Row X3: a vote in ballot 0 is taken for no vote.
fn takes_ballot_0_for_none(
    node: &ShippedNode,
    event: &Given,
    effects: &mut Done,
    steps: &mut Named,
) {
    propose_instead(node, event, effects, steps, |reported, wanted| {
        let last = reported.iter().max_by_key(|vote| vote.ballot);
        last.filter(|vote| vote.ballot > Ballot(0)).map_or(wanted, |vote| vote.value)
    });
}

/// What a node that recovers is told that its disk holds.
fn recovering(event: Given, change: impl FnOnce(&mut Durable<Proposal>)) -> Vec<Given> {
    match event {
        Event::Recover(mut durable) => {
            change(&mut durable);
            vec![Event::Recover(durable)]
        }
        other => vec![other],
    }
}

/// Row X4: a restarted acceptor remembers its vote, but not what it promised since.
fn forgets_promise(_: &ShippedNode, event: Given) -> Vec<Given> {
    recovering(event, |durable| {
        durable.promised = durable.accepted.as_ref().map(|vote| vote.ballot);
    })
}

/// Row X5: a restarted acceptor remembers its promise, but not its vote.
fn forgets_vote(_: &ShippedNode, event: Given) -> Vec<Given> {
    recovering(event, |durable| durable.accepted = None)
}

/// Row X6: a restarted proposer begins with its first ballot again.
fn reuses_ballot(_: &ShippedNode, event: Given) -> Vec<Given> {
    recovering(event, |durable| durable.tried = None)
}

/// The acceptors whose promises a proposer has counted, and one that is not among them.
fn counted(node: &ShippedNode) -> Option<(Vec<NodeId>, Option<NodeId>)> {
    let Phase::One(promises) = node.proposer()?.phase() else { return None };
    let mut others = node.members().acceptors().iter().filter(|id| !promises.contains_key(id));
    Some((promises.keys().copied().collect(), others.next_back().copied()))
}

/// Row X7: one promise less than a majority is enough, because the first counts for two.
fn half_is_a_quorum(node: &ShippedNode, event: Given) -> Vec<Given> {
    let Event::Message { from, message: message @ Message::Promise { .. } } = event else {
        return vec![event];
    };
    let promise = |from| Event::Message { from, message: message.clone() };
    match counted(node) {
        Some((counted, Some(other))) if counted.is_empty() && other != from => {
            vec![promise(from), promise(other)]
        }
        Some((counted, _)) if counted.is_empty() => {
            let first = node.members().acceptors().first().copied();
            first.into_iter().chain([from]).map(promise).collect()
        }
        _ => vec![promise(from)],
    }
}

/// Row X11: promises are counted, not collected: a promise that arrives twice is two promises.
fn counts_promise_twice(node: &ShippedNode, event: Given) -> Vec<Given> {
    match (event, counted(node)) {
        (
            Event::Message { from, message: message @ Message::Promise { .. } },
            Some((counted, Some(other))),
        ) if counted.contains(&from) => vec![Event::Message { from: other, message }],
        (event, _) => vec![event],
    }
}

/// What an acceptor remembers, as if it were to recover now.
fn memory(node: &ShippedNode) -> Option<Durable<Proposal>> {
    let acceptor = node.acceptor()?;
    let (promised, accepted) = (acceptor.promised(), acceptor.accepted().cloned());
    Some(Durable { tried: None, promised, accepted })
}

/// Row X8: an acceptor that has promised a higher ballot accepts all the same.
fn accept_ignores_promise(node: &ShippedNode, event: Given) -> Vec<Given> {
    match (&event, memory(node)) {
        (Event::Message { message: Message::Accept { ballot, .. }, .. }, Some(durable))
            if durable.promised > Some(*ballot) =>
        {
            vec![Event::Recover(Durable { promised: None, ..durable }), event]
        }
        _ => vec![event],
    }
}

/// Row X9: an acceptor accepts only in a ballot that it has promised.
fn rejects_newer_accept(node: &ShippedNode, event: Given) -> Vec<Given> {
    match (&event, memory(node)) {
        (Event::Message { message: Message::Accept { ballot, .. }, .. }, Some(durable))
            if durable.promised < Some(*ballot) =>
        {
            Vec::new()
        }
        _ => vec![event],
    }
}

/// Row X10, in memory: a vote leaves the promise as it was.
fn vote_is_no_promise(node: &ShippedNode, event: Given) -> Vec<Given> {
    match (&event, memory(node)) {
        (Event::Message { message: Message::Accept { ballot, value }, .. }, Some(durable))
            if durable.promised < Some(*ballot) =>
        {
            let accepted = Some(Vote { ballot: *ballot, value: *value });
            vec![event, Event::Recover(Durable { accepted, ..durable })]
        }
        _ => vec![event],
    }
}

/// Row X10, on disk.
fn without_the_promise(durable: &mut Durable<Proposal>, record: &Record<Proposal>) {
    match record {
        Record::Accepted(vote) => durable.accepted = Some(vote.clone()),
        other => other.apply(durable),
    }
}

/// Row X12: a learner counts acceptors that have accepted, in whatever ballot.
fn mixes_ballots(_: &ShippedNode, event: Given) -> Vec<Given> {
    vec![match event {
        Event::Message { from, message: Message::Accepted { value, .. } } => {
            Event::Message { from, message: Message::Accepted { ballot: Ballot(0), value } }
        }
        other => other,
    }]
}

/// What a node says leaves before what it says is durable.
fn sends_before_write(_: &ShippedNode, _: &Given, effects: &mut Done, _: &mut Named) {
    for effect in effects {
        if let Effect::Send { after, .. } | Effect::Reply { after, .. } = effect {
            *after = None;
        }
    }
}

/// Nothing is ever written, and nothing waits for it.
fn never_writes(node: &ShippedNode, event: &Given, effects: &mut Done, steps: &mut Named) {
    effects.retain(|effect| !matches!(effect, Effect::Write { .. }));
    sends_before_write(node, event, effects, steps);
    steps.iter_mut().for_each(|taken| taken.after = None);
}
