//! Elections: section 5.2 of the paper, and 5.4.1, who may be elected.

use super::state::{last_index, last_term};
use super::{Indices, Message, Next, Raft, Role, ServerId, State, Taken, Volatile};
use crate::common::{Disabled, SmallSet};

impl Raft {
    /// `Restart(i)`: server `i` loses everything but its term, its vote and its log.
    pub(super) fn restart(&self, state: &State, next: Next<'_>, i: ServerId) -> Taken {
        let next = next.of(state);
        let started = Volatile::started(state.servers.len());
        if state.server(i).volatile != started {
            next.server_mut(i).volatile = started;
        }
        next.forget_voter_logs(i);
        Ok(())
    }

    /// `Timeout(i)`: server `i` starts an election. It votes for itself by a message, like anybody
    /// else.
    pub(super) fn timeout(&self, state: &State, next: Next<'_>, i: ServerId) -> Taken {
        let server = state.server(i);
        if server.volatile.state == Role::Leader {
            return Err(Disabled("a leader does not time out"));
        }
        let Some(term) = server.durable.current_term.checked_add(1) else {
            return Err(Disabled("there is no larger term"));
        };
        // Properties speak of votes and of leaders; a new candidate has none and is none.
        if term > self.constants.max_term && next.leave_out() {
            return Ok(());
        }
        let next = next.of(state);
        let server = next.server_mut(i);
        server.durable.current_term = term;
        server.durable.voted_for = None;
        server.volatile.state = Role::Candidate;
        server.volatile.votes_responded = SmallSet::EMPTY;
        server.volatile.votes_granted = SmallSet::EMPTY;
        next.forget_voter_logs(i);
        Ok(())
    }

    /// `RequestVote(i, j)`: candidate `i` asks `j` for its vote.
    pub(super) fn request_vote(
        &self,
        state: &State,
        next: Next<'_>,
        i: ServerId,
        j: ServerId,
    ) -> Taken {
        let server = state.server(i);
        if server.volatile.state != Role::Candidate {
            return Err(Disabled("the server is not a candidate"));
        }
        if server.volatile.votes_responded.contains(j.into()) {
            return Err(Disabled("that server has answered"));
        }
        let request = Message::RequestVoteRequest {
            mterm: server.durable.current_term,
            mlast_log_term: last_term(&server.durable.log),
            mlast_log_index: last_index(&server.durable.log),
            msource: i,
            mdest: j,
        };
        self.only_send(state, next, &request);
        Ok(())
    }

    /// `BecomeLeader(i)`: candidate `i` has the votes of a majority.
    pub(super) fn become_leader(&self, state: &State, next: Next<'_>, i: ServerId) -> Taken {
        let server = state.server(i);
        if server.volatile.state != Role::Candidate {
            return Err(Disabled("the server is not a candidate"));
        }
        let servers = state.servers.len();
        if !server.volatile.votes_granted.is_majority_of(servers) {
            return Err(Disabled("the candidate has no majority"));
        }
        let after_last = last_index(&server.durable.log).saturating_add(1);
        let next = next.of(state);
        next.remember_election(i);
        let leader = &mut next.server_mut(i).volatile;
        leader.state = Role::Leader;
        leader.next_index = Indices::repeat(after_last, servers);
        leader.match_index = Indices::repeat(0, servers);
        Ok(())
    }

    /// `StepDown(i)`: leader `i` becomes a follower in its own term. Not in raft.tla, where only
    /// a larger term or a restart ends a leader.
    pub(super) fn step_down(&self, state: &State, next: Next<'_>, i: ServerId) -> Taken {
        if !self.constants.step_down {
            return Err(Disabled("leaders do not step down"));
        }
        if state.server(i).volatile.state != Role::Leader {
            return Err(Disabled("the server is not a leader"));
        }
        let next = next.of(state);
        next.server_mut(i).volatile.state = Role::Follower;
        Ok(())
    }

    /// `HandleRequestVoteRequest`: a server votes for the first candidate of its term whose log
    /// is at least as up-to-date as its own.
    pub(super) fn handle_request_vote_request(
        &self,
        state: &State,
        next: Next<'_>,
        m: &Message,
    ) -> Taken {
        let &Message::RequestVoteRequest { mterm, mlast_log_term, mlast_log_index, .. } = m else {
            return Err(Disabled("the message is not a RequestVote request"));
        };
        let (i, j) = (m.mdest(), m.msource());
        let voter = &state.server(i).durable;
        let log_ok =
            (mlast_log_term, mlast_log_index) >= (last_term(&voter.log), last_index(&voter.log));
        let grant = mterm == voter.current_term
            && log_ok
            && voter.voted_for.is_none_or(|candidate| candidate == j);
        let response = Message::RequestVoteResponse {
            mterm: voter.current_term,
            mvote_granted: grant,
            mlog: self.constants.history.then(|| voter.log.clone().into()),
            msource: i,
            mdest: j,
        };
        let next = next.of(state);
        if grant {
            next.server_mut(i).durable.voted_for = Some(j);
        }
        next.reply(response, m);
        Ok(())
    }

    /// `HandleRequestVoteResponse`, of the receiver's own term. Votes are tallied also when the
    /// server is no candidate any more; nobody looks at them then.
    pub(super) fn handle_request_vote_response(
        &self,
        state: &State,
        next: Next<'_>,
        m: &Message,
    ) -> Taken {
        let Message::RequestVoteResponse { mvote_granted, mlog, .. } = m else {
            return Err(Disabled("the message is not a RequestVote response"));
        };
        let (i, j) = (m.mdest(), m.msource());
        let next = next.of(state);
        let candidate = &mut next.server_mut(i).volatile;
        candidate.votes_responded = candidate.votes_responded.with(j.into());
        if *mvote_granted {
            candidate.votes_granted = candidate.votes_granted.with(j.into());
            next.remember_voter_log(i, j, mlog.as_deref().map_or(&[], |log| &log[..]));
        }
        next.discard(m);
        Ok(())
    }
}
