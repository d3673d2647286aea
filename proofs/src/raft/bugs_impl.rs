//! Known bugs of Raft, seeded in the implementation: each changes one event, effect, record or
//! recovered state on its way between the shipped node and the world.

use bisim::protocol::{Effect, Event, Taken, WriteId};
use bisim::raft::{
    AppendEntries, AppendResult, Durable, Entries, HardState, LogIndex, Message, Payload, Record,
    Request, RequestVoteResponse, Role, Server, Step, Term,
};
use bisim::state_machine::Counter;

use super::bugs_rules as rules;
use super::bugs_silent::{
    asks_all_but_one, polls_nobody, promised_by_all, silent_leader, silent_to_one,
};
use super::scope::RaftNode;
use crate::cluster::Sabotage;

type Lie = Sabotage<RaftNode>;
pub(super) type Given = Event<RaftNode>;
pub(super) type Done = Vec<Effect<RaftNode>>;
pub(super) type Named = Vec<Taken<Step<u64>>>;

/// A bug of the implementation: its slug, and what it changes.
pub const IMPLEMENTATION_BUGS: [(&str, Lie); 21] = [
    ("raft/forgotten-vote", Lie { events: forgotten_vote, ..Lie::NONE }),
    ("raft/forgotten-term", Lie { events: forgotten_term, ..Lie::NONE }),
    ("raft/pre-vote-is-a-vote", Lie { events: pre_vote_is_a_vote, ..Lie::NONE }),
    ("raft/counted-twice", Lie { events: counted_twice, ..Lie::NONE }),
    (
        "raft/truncates-match",
        Lie { events: truncates_match, effects: writes_all_anew, ..Lie::NONE },
    ),
    ("raft/stale-tail", Lie { apply: stale_tail, ..Lie::NONE }),
    (
        "raft/unclamped-commit",
        Lie { events: unclamped_commit, effects: silently_commits, ..Lie::NONE },
    ),
    ("raft/own-length", Lie { effects: own_length, ..Lie::NONE }),
    ("raft/answers-before-write", Lie { effects: answers_before_write, ..Lie::NONE }),
    ("raft/leader-sends-before-write", Lie { effects: leader_sends_before_write, ..Lie::NONE }),
    ("raft/never-writes", Lie { effects: never_writes, ..Lie::NONE }),
    ("raft/stays-leader", Lie { events: stays_leader, ..Lie::NONE }),
    ("raft/no-session", Lie { events: no_session, ..Lie::NONE }),
    ("raft/silent-leader", Lie { events: silent_leader, ..Lie::NONE }),
    ("raft/votes-in-the-past", Lie { effects: rules::votes_in_the_past, ..Lie::NONE }),
    ("raft/accepts-the-past", Lie { effects: rules::accepts_the_past, ..Lie::NONE }),
    ("raft/ignores-the-gap", Lie { events: rules::ignores_the_gap, ..Lie::NONE }),
    ("raft/never-goes-back", Lie { events: rules::never_goes_back, ..Lie::NONE }),
    ("raft/silent-to-one", Lie { effects: silent_to_one, ..Lie::NONE }),
    ("raft/asks-all-but-one", Lie { effects: asks_all_but_one, ..Lie::NONE }),
    ("raft/skips-pre-vote", Lie { events: promised_by_all, effects: polls_nobody, ..Lie::NONE }),
];

/// What a node that recovers is told that its disk holds.
fn recovering(event: Given, change: impl FnOnce(&mut HardState)) -> Vec<Given> {
    match event {
        Event::Recover(mut durable) => {
            change(&mut durable.hard);
            vec![Event::Recover(durable)]
        }
        other => vec![other],
    }
}

/// Row T1: a restarted server remembers its term, but not its vote.
fn forgotten_vote(_: &RaftNode, event: Given) -> Vec<Given> {
    recovering(event, |hard| hard.voted_for = None)
}

/// Row T2: a restarted server remembers neither.
fn forgotten_term(_: &RaftNode, event: Given) -> Vec<Given> {
    recovering(event, |hard| *hard = HardState::default())
}

/// Row T4: the promise of a vote, which comes late, is taken for the vote.
fn pre_vote_is_a_vote(node: &RaftNode, event: Given) -> Vec<Given> {
    let candidate = |term: Term| {
        node.server()
            .is_some_and(|server| server.role() == Role::Candidate && server.current_term() == term)
    };
    vec![match event {
        Event::Message { from, message: Message::PreVoteResponse { term } } if candidate(term) => {
            let response = RequestVoteResponse { term, vote_granted: true };
            Event::Message { from, message: Message::RequestVoteResponse(response) }
        }
        other => other,
    }]
}

/// Row T6: votes are counted, not collected: a vote that arrives twice is two votes.
fn counted_twice(node: &RaftNode, event: Given) -> Vec<Given> {
    let Event::Message { from, message: message @ Message::RequestVoteResponse(_) } = event else {
        return vec![event];
    };
    let members = node.config().members.ids();
    let peers = node.server().map_or(&[][..], |server| server.peers());
    let missing = members.iter().zip(peers).find(|(_, peer)| peer.vote().is_none());
    let again = node.config().members.place(from).and_then(|place| peers.get(place)?.vote());
    let from = match (again, missing) {
        (Some(_), Some((other, _))) => *other,
        _ => from,
    };
    vec![Event::Message { from, message }]
}

/// The request of an event, if it is one that the node accepts as a follower of its own term.
fn accepted<'e>(
    server: Option<&Server<Counter>>,
    event: &'e Given,
) -> Option<(&'e AppendEntries<u64>, LogIndex)> {
    let Event::Message { message: Message::AppendEntries(request), .. } = event else {
        return None;
    };
    let server = server.filter(|server| server.role() == Role::Follower)?;
    let log_ok = server.log().term_at(request.prev_log_index) == Some(request.prev_log_term);
    let last_new = request.prev_log_index.forward(request.entries.len())?;
    (log_ok && request.term == server.current_term()).then_some((request, last_new))
}

/// Row T11: a follower cuts its log off after the entry before the new ones, conflict or not.
fn truncates_match(node: &RaftNode, event: Given) -> Vec<Given> {
    let Some(server) = node.server() else { return vec![event] };
    let cut = accepted(Some(server), &event).filter(|(request, last_new)| {
        *last_new < server.log().last_index() && !request.entries.is_empty()
    });
    let Some((request, _)) = cut else { return vec![event] };
    let mut log = server.log().clone();
    log.cut_after(request.prev_log_index);
    let (current_term, voted_for) = (server.current_term(), server.voted_for());
    let hard = HardState { current_term, voted_for };
    vec![Event::Recover(Durable { hard, log }), event]
}

/// Row T11, on disk.
fn writes_all_anew(_: &RaftNode, event: &Given, effects: &mut Done, _: &mut Named) {
    let Event::Message { message: Message::AppendEntries(request), .. } = event else { return };
    for effect in effects {
        if let Effect::Write { record, .. } = effect
            && record.append == request.entries
        {
            record.truncate_to = Some(request.prev_log_index);
        }
    }
}

/// Row T12: entries that are in the way are overwritten, and what follows them stays.
fn stale_tail(durable: &mut Durable<u64>, record: &Record<u64>) {
    let overwritten = record.truncate_to.and_then(|last| last.forward(record.append.len()));
    let tail: Entries<u64> = match overwritten {
        Some(last) => durable.log.entries_from(last.next(), usize::MAX),
        None => Entries::default(),
    };
    record.apply(durable);
    durable.log.append(&tail);
}

/// Marks a request that no leader has sent.
const MARK: LogIndex = LogIndex(u64::MAX);

/// Row T13: a follower commits what the leader has committed, also entries that the request did
/// not show to be the leader's.
fn unclamped_commit(node: &RaftNode, event: Given) -> Vec<Given> {
    let Some(server) = node.server() else { return vec![event] };
    let (Some((request, last_new)), Event::Message { from, .. }) =
        (accepted(Some(server), &event), &event)
    else {
        return vec![event];
    };
    let index = request.leader_commit.min(server.log().last_index());
    let Some(prev_log_term) = server.log().term_at(index).filter(|_| index > last_new) else {
        return vec![event];
    };
    let commits = AppendEntries {
        term: request.term,
        prev_log_index: index,
        prev_log_term,
        entries: Entries::default(),
        leader_commit: MARK,
    };
    let commits = Event::Message { from: *from, message: Message::AppendEntries(commits) };
    vec![event, commits]
}

/// Row T13: nobody is told.
fn silently_commits(_: &RaftNode, event: &Given, effects: &mut Done, steps: &mut Named) {
    if let Event::Message { message: Message::AppendEntries(request), .. } = event
        && request.leader_commit == MARK
    {
        effects.clear();
        steps.clear();
    }
}

/// Row T15: a follower answers with the length of its own log.
fn own_length(node: &RaftNode, _: &Given, effects: &mut Done, _: &mut Named) {
    let Some(server) = node.server() else { return };
    for effect in effects {
        if let Effect::Send { message: Message::AppendEntriesResponse(response), .. } = effect
            && let AppendResult::Success { match_index } = &mut response.result
        {
            *match_index = server.log().last_index().max(*match_index);
        }
    }
}

fn sends_at_once(effects: &mut Done, which: fn(&Message<u64>) -> bool) {
    for effect in effects {
        if let Effect::Send { message, after, .. } = effect
            && which(message)
        {
            *after = None;
        }
    }
}

/// Row T28: a follower answers before what it answers is durable.
fn answers_before_write(_: &RaftNode, _: &Given, effects: &mut Done, _: &mut Named) {
    sends_at_once(effects, |message| matches!(message, Message::AppendEntriesResponse(_)));
}

/// Row T29: a leader sends entries that are not on its own disk, and counts itself for them.
fn leader_sends_before_write(_: &RaftNode, _: &Given, effects: &mut Done, _: &mut Named) {
    sends_at_once(effects, |message| matches!(message, Message::AppendEntries(_)));
}

/// Nothing is ever written, and nothing waits for it.
fn never_writes(_: &RaftNode, _: &Given, effects: &mut Done, steps: &mut Named) {
    effects.retain(|effect| !matches!(effect, Effect::Write { .. }));
    sends_at_once(effects, |_| true);
    steps.iter_mut().for_each(|taken| taken.after = None::<WriteId>);
}

/// Row T32: a leader does not look at the terms of what it is answered.
fn stays_leader(node: &RaftNode, event: Given) -> Vec<Given> {
    let leads = node.server().filter(|server| server.role() == Role::Leader);
    match (&event, leads) {
        (
            Event::Message { message: Message::AppendEntriesResponse(response), .. },
            Some(leader),
        ) if response.term > leader.current_term() => Vec::new(),
        _ => vec![event],
    }
}

/// A number that maps a sequence number to one of the same command, for every scope.
const RETRY: u64 = 720_720;

/// Row T35: a command that is sent again comes under a new number.
fn no_session(node: &RaftNode, event: Given) -> Vec<Given> {
    let Event::Request(Request::Propose(mut command)) = event else { return vec![event] };
    let entries = node.server().map_or(&[][..], |server| server.log().entries());
    if entries.iter().any(|entry| entry.payload == Payload::Command(command)) {
        command.sequence.0 += RETRY;
    }
    vec![Event::Request(Request::Propose(command))]
}
