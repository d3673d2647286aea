//! Known bugs of Raft, seeded in the model; the steps of those of elections.
//!
//! Most need few servers and few terms, but not all: the presets start at `Init`, and an exhaustive
//! search from there does not come as far as Figure 8 of the paper. The bugs of elections over logs
//! that differ start in that figure instead, by the parameter `start`.

use bisim_models::common::{Disabled, Spec};
use bisim_models::raft::{
    Action, Index, Log, Message, Raft, Role, ServerId, State, last_index, last_term,
};

use super::bugs_logs::{
    Step, commits_old_term, goes_backwards, leader_truncates, own_length, stale_tail,
    truncates_match, unclamped_commit,
};
use crate::registry::{ModelBug, model_bug};

pub(super) const FORGOTTEN_VOTE: ModelBug<Raft> = model_bug!("raft/forgotten-vote", forgotten_vote);
pub(super) const FORGOTTEN_TERM: ModelBug<Raft> = model_bug!("raft/forgotten-term", forgotten_term);
pub(super) const CLEARED_VOTE: ModelBug<Raft> = model_bug!("raft/cleared-vote", cleared_vote);
pub(super) const STALE_VOTE: ModelBug<Raft> = model_bug!("raft/stale-vote", stale_vote);
pub(super) const NO_LOG_CHECK: ModelBug<Raft> = model_bug!("raft/no-log-check", no_log_check);
pub(super) const LONGEST_LOG: ModelBug<Raft> = model_bug!("raft/longest-log", longest_log);
pub(super) const COMMITS_OLD_TERM: ModelBug<Raft> =
    model_bug!("raft/commits-old-term", commits_old_term);
pub(super) const HALF_IS_A_QUORUM: ModelBug<Raft> =
    model_bug!("raft/half-is-a-quorum", half_is_a_quorum);
pub(super) const TRUNCATES_MATCH: ModelBug<Raft> =
    model_bug!("raft/truncates-match", truncates_match);
pub(super) const STALE_TAIL: ModelBug<Raft> = model_bug!("raft/stale-tail", stale_tail);
pub(super) const UNCLAMPED_COMMIT: ModelBug<Raft> =
    model_bug!("raft/unclamped-commit", unclamped_commit);
pub(super) const OWN_LENGTH: ModelBug<Raft> = model_bug!("raft/own-length", own_length);
pub(super) const GOES_BACKWARDS: ModelBug<Raft> = model_bug!("raft/goes-backwards", goes_backwards);
pub(super) const TWO_TERMS: ModelBug<Raft> = model_bug!("raft/two-terms", two_terms);
pub(super) const STAYS_LEADER: ModelBug<Raft> = model_bug!("raft/stays-leader", stays_leader);
pub(super) const LEADER_TRUNCATES: ModelBug<Raft> =
    model_bug!("raft/leader-truncates", leader_truncates);

/// Row T6: what is remembered is the number of votes that each server has counted, eight bits
/// each.
pub(super) const COUNTED_TWICE: ModelBug<Raft> =
    ModelBug { slug: "raft/counted-twice", step: counted_twice, candidates: |_, _, _, _| {} };

/// All bugs of the model.
pub const MODEL_BUGS: [ModelBug<Raft>; 17] = [
    FORGOTTEN_VOTE,
    FORGOTTEN_TERM,
    CLEARED_VOTE,
    STALE_VOTE,
    COUNTED_TWICE,
    NO_LOG_CHECK,
    LONGEST_LOG,
    COMMITS_OLD_TERM,
    HALF_IS_A_QUORUM,
    TRUNCATES_MATCH,
    STALE_TAIL,
    UNCLAMPED_COMMIT,
    OWN_LENGTH,
    GOES_BACKWARDS,
    TWO_TERMS,
    STAYS_LEADER,
    LEADER_TRUNCATES,
];

/// Restart, and then what the disk did not keep.
fn restarted(raft: &Raft, state: &State, action: &Action, lose: fn(&mut State, ServerId)) -> Step {
    let Action::Restart { i } = *action else { return None };
    Some(raft.step(state, action).map(|mut next| {
        lose(&mut next, i);
        next
    }))
}

/// Row T1: the vote is not on disk.
fn forgotten_vote(raft: &Raft, state: &State, action: &Action) -> Step {
    restarted(raft, state, action, |next, i| next.server_mut(i).durable.voted_for = None)
}

/// Row T2: the term is not on disk.
fn forgotten_term(raft: &Raft, state: &State, action: &Action) -> Step {
    restarted(raft, state, action, |next, i| next.server_mut(i).durable.current_term = 1)
}

/// Row T3: a candidate that learns of the leader of its term forgets its vote as it becomes a
/// follower.
fn cleared_vote(raft: &Raft, state: &State, action: &Action) -> Step {
    let Action::Receive { m } = action else { return None };
    let i = m.mdest();
    Some(raft.step(state, action).map(|mut next| {
        let candidate = state.server(i).volatile.state == Role::Candidate;
        if candidate && next.server(i).volatile.state == Role::Follower {
            next.server_mut(i).durable.voted_for = None;
        }
        next
    }))
}

/// Row T5: a vote of an earlier term counts.
fn stale_vote(raft: &Raft, state: &State, action: &Action) -> Step {
    let Action::Receive { m } = action else { return None };
    let (voter, term, i) = m.vote()?;
    if term >= state.server(i).durable.current_term {
        return None;
    }
    Some(raft.step(state, action).map(|mut next| {
        let candidate = &mut next.server_mut(i).volatile;
        candidate.votes_granted = candidate.votes_granted.with(voter.into());
        next
    }))
}

/// Row T6: votes are counted as they come, not by who gives them.
fn counted_twice(
    raft: &Raft,
    state: &State,
    action: &Action,
    counts: u64,
) -> Option<Result<(State, u64), Disabled>> {
    let count = |i: ServerId| counts >> (8 * i) & 0xff;
    match *action {
        Action::Restart { i } | Action::Timeout { i } => {
            let counts = counts & !(0xff << (8 * i));
            Some(raft.step(state, action).map(|next| (next, counts)))
        }
        Action::Receive { ref m } => {
            let (_, term, i) = m.vote()?;
            let counted = term == state.server(i).durable.current_term && count(i) < 0xff;
            let counts = counts + (u64::from(counted) << (8 * i));
            Some(raft.step(state, action).map(|next| (next, counts)))
        }
        Action::BecomeLeader { i } => {
            let majority = state.servers.len() as u64 / 2 + 1;
            Some(match count(i) >= majority {
                true => leader_regardless(raft, state, i).map(|next| (next, counts)),
                false => Err(Disabled("the candidate has not counted enough votes")),
            })
        }
        _ => None,
    }
}

/// `BecomeLeader(i)`, as if everybody had voted for `i`.
fn leader_regardless(raft: &Raft, state: &State, i: ServerId) -> Result<State, Disabled> {
    let votes = state.server(i).volatile.votes_granted;
    let mut elected = state.clone();
    elected.server_mut(i).volatile.votes_granted = (0..state.servers.len()).collect();
    let mut next = raft.step(&elected, &Action::BecomeLeader { i })?;
    next.server_mut(i).volatile.votes_granted = votes;
    Ok(next)
}

/// Row T10: half of the servers elect a leader.
fn half_is_a_quorum(raft: &Raft, state: &State, action: &Action) -> Step {
    let Action::BecomeLeader { i } = *action else { return None };
    let half = 2 * state.server(i).volatile.votes_granted.len() >= state.servers.len();
    half.then(|| leader_regardless(raft, state, i))
}

/// `HandleRequestVoteRequest` with another check of the candidate's log: the term and the length
/// are made those that pass where the check passes, and such that do not where it does not.
fn with_log_check(
    raft: &Raft,
    state: &State,
    action: &Action,
    passes: impl Fn(&Log, Index) -> bool,
) -> Step {
    let Action::Receive { m: request } = action else { return None };
    let Message::RequestVoteRequest { mterm, mlast_log_index, msource, mdest, .. } = *request
    else {
        return None;
    };
    let voter = &state.server(mdest).durable;
    if mterm != voter.current_term || !state.messages.contains(request) {
        return None;
    }
    let (mlast_log_term, mlast_log_index) = match passes(&voter.log, mlast_log_index) {
        true => (last_term(&voter.log), last_index(&voter.log)),
        false => (0, 0),
    };
    let m = Message::RequestVoteRequest { mterm, mlast_log_term, mlast_log_index, msource, mdest };
    let mut judged = state.clone();
    judged.discard(request);
    judged.send(m.clone());
    Some(raft.step(&judged, &Action::Receive { m }))
}

/// Row T7: whoever asks first gets the vote.
fn no_log_check(raft: &Raft, state: &State, action: &Action) -> Step {
    with_log_check(raft, state, action, |_, _| true)
}

/// Row T8: the longer log is the more up-to-date one.
fn longest_log(raft: &Raft, state: &State, action: &Action) -> Step {
    with_log_check(raft, state, action, |log, length| length >= last_index(log))
}

/// Row T31: a request of a larger term is judged in that term, and the voter stays in its own.
fn two_terms(raft: &Raft, state: &State, action: &Action) -> Step {
    let Action::Receive { m } = action else { return None };
    let Message::RequestVoteRequest { mterm, mdest: i, .. } = *m else { return None };
    let own = &state.server(i).durable;
    if mterm <= own.current_term {
        return None;
    }
    let mut judged = state.clone();
    let voter = &mut judged.server_mut(i).durable;
    (voter.current_term, voter.voted_for) = (mterm, None);
    Some(raft.step(&judged, action).map(|mut next| {
        next.server_mut(i).durable = own.clone();
        next
    }))
}

/// Row T32: a leader adopts a larger term, and stays leader.
fn stays_leader(raft: &Raft, state: &State, action: &Action) -> Step {
    let Action::Receive { m } = action else { return None };
    let i = m.mdest();
    if state.server(i).volatile.state != Role::Leader {
        return None;
    }
    Some(raft.step(state, action).map(|mut next| {
        next.server_mut(i).volatile.state = Role::Leader;
        next
    }))
}
