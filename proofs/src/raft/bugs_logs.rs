//! The steps of the bugs of replication that are seeded in the model.

use bisim_models::common::{Disabled, Spec};
use bisim_models::raft::{Action, Constants, Entry, Message, Raft, State, last_index};

/// A step of a wrong algorithm, or `None` for the step of the right one.
pub(super) type Step = Option<Result<State, Disabled>>;

/// Row T9: what a majority has is committed, of whatever term it is. The step is that of a leader
/// whose entries are of its own term.
pub(super) fn commits_old_term(raft: &Raft, state: &State, action: &Action) -> Step {
    let Action::AdvanceCommitIndex { i } = *action else { return None };
    let log = &state.server(i).durable.log;
    let term = state.server(i).durable.current_term;
    let mut own = state.clone();
    own.server_mut(i).durable.log = log.iter().map(|entry| Entry { term, ..*entry }).collect();
    Some(raft.step(&own, action).map(|mut next| {
        next.server_mut(i).durable.log = log.clone();
        next
    }))
}

/// The message that a step sends.
fn sent(state: &State, next: &State) -> Option<Message> {
    let count = |of: &State, m: &Message| {
        of.messages.iter().find(|(known, _)| *known == m).map_or(0, |(_, count)| count)
    };
    let more = next.messages.iter().find(|&(m, now)| now > count(state, m));
    more.map(|(m, _)| m.clone())
}

/// The receiver's last step for a request of entries, the one that answers success, and what is
/// wrong about it: a function of the state after it, the request and the response.
fn when_done(
    raft: &Raft,
    state: &State,
    action: &Action,
    wrong: impl Fn(&mut State, &Message, Message),
) -> Step {
    let Action::Receive { m } = action else { return None };
    Some(raft.step(state, action).map(|mut next| {
        let response = sent(state, &next);
        let done = |m: &_| matches!(m, Message::AppendEntriesResponse { msuccess: true, .. });
        if let Some(response) = response.filter(done) {
            wrong(&mut next, m, response);
        }
        next
    }))
}

/// Row T11: what a request does not mention is cut off, also when all that it mentions agrees.
pub(super) fn truncates_match(raft: &Raft, state: &State, action: &Action) -> Step {
    when_done(raft, state, action, |next, m, response| {
        if let Message::AppendEntriesResponse { mmatch_index, .. } = response {
            let log = &mut next.server_mut(m.mdest()).durable.log;
            *log = log.first(mmatch_index.into());
        }
    })
}

/// Row T15: a follower answers with the length of its log, of which the request may say nothing.
pub(super) fn own_length(raft: &Raft, state: &State, action: &Action) -> Step {
    when_done(raft, state, action, |next, m, mut response| {
        next.discard(&response);
        if let Message::AppendEntriesResponse { mmatch_index, .. } = &mut response {
            *mmatch_index = last_index(&next.server(m.mdest()).durable.log);
        }
        next.send(response);
    })
}

/// Row T12: the entry that conflicts is overwritten, what follows it stays.
pub(super) fn stale_tail(raft: &Raft, state: &State, action: &Action) -> Step {
    let Action::Receive { m } = action else { return None };
    let Message::AppendEntriesRequest { mprev_log_index, mentries, .. } = m else { return None };
    let old = &state.server(m.mdest()).durable.log;
    Some(raft.step(state, action).map(|mut next| {
        let log = &mut next.server_mut(m.mdest()).durable.log;
        if log.len() < old.len() {
            *log = old.clone();
            for (place, &entry) in (usize::from(*mprev_log_index)..).zip(mentries.iter()) {
                log.set(place, entry);
            }
        }
        next
    }))
}

/// Row T13: a leader tells its commitIndex as it is, however little it sends along.
pub(super) fn unclamped_commit(raft: &Raft, state: &State, action: &Action) -> Step {
    let Action::AppendEntries { i, .. } = *action else { return None };
    Some(raft.step(state, action).map(|mut next| {
        if let Some(mut m) = sent(state, &next) {
            next.discard(&m);
            if let Message::AppendEntriesRequest { mcommit_index, .. } = &mut m {
                *mcommit_index = state.server(i).volatile.commit_index;
            }
            next.send(m);
        }
        next
    }))
}

/// Row T30: what was published in 2014, where more was promised.
pub(super) fn goes_backwards(raft: &Raft, state: &State, action: &Action) -> Step {
    let constants = Constants { hardened: false, ..raft.constants.clone() };
    Some(Raft { constants }.step(state, action))
}

/// Row T36: a new leader begins with what it knows to be committed.
pub(super) fn leader_truncates(raft: &Raft, state: &State, action: &Action) -> Step {
    let Action::BecomeLeader { i } = *action else { return None };
    let mut truncated = state.clone();
    let candidate = truncated.server_mut(i);
    candidate.durable.log = candidate.durable.log.first(candidate.volatile.commit_index.into());
    Some(raft.step(&truncated, action))
}
