//! Leader election: section 5.2, the restriction of section 5.4.1, and pre-vote.

use super::Turn;
use crate::protocol::{NodeId, Steps};
use crate::raft::quorum::{self, VoteResult};
use crate::raft::{
    Entries, Entry, HardState, Ignored, LogIndex, Message, Payload, RequestVote,
    RequestVoteResponse, Role, Step, Term, Timer,
};
use crate::state_machine::StateMachine;

impl<M: StateMachine, S: Steps<Step<M::Command>>> Turn<'_, M, S> {
    /// Followers and candidates: "If election timeout elapses" the server starts an election, or
    /// first asks whether it could win one.
    pub(super) fn election_timeout(&mut self) {
        match self.server.hard.current_term.next() {
            None => self.effects.ignore(Ignored::OutOfTerms),
            Some(term) if self.config.pre_vote => self.poll(term),
            Some(term) => self.start_election(term),
        }
    }

    /// "On conversion to candidate, start election: increment currentTerm, vote for self, reset
    /// election timer, send RequestVote RPCs to all other servers".
    fn start_election(&mut self, term: Term) {
        let me = self.me;
        self.become_follower(None);
        self.server.role = Role::Candidate;
        self.server.hard = HardState { current_term: term, voted_for: Some(me) };
        for (peer, id) in self.server.peers.iter_mut().zip(self.config.members.ids()) {
            peer.vote = (*id == me).then_some(true);
        }
        let wins = self.has_majority_of_votes();
        let opening = if wins { self.opening() } else { Entries::default() };
        self.write(true, None, opening.clone());
        self.effects.arm(Timer::Election);
        self.step(|| Step::Timeout { server: me });
        self.vote_for_self();
        if wins {
            return self.become_leader(&opening);
        }
        let request = self.vote_request(term);
        for peer in self.others() {
            self.step(|| Step::RequestVote { server: me, peer });
            self.send(peer, Message::RequestVote(request));
        }
    }

    /// The specification's candidate votes for itself by messages to itself.
    fn vote_for_self(&mut self) {
        let me = self.me;
        let (term, vote_granted) = (self.server.hard.current_term, true);
        let request = self.vote_request(term);
        self.step(|| Step::RequestVote { server: me, peer: me });
        self.receive(me, || Message::RequestVote(request));
        self.receive(me, || {
            Message::RequestVoteResponse(RequestVoteResponse { term, vote_granted })
        });
    }

    /// The request of a candidate of this term.
    fn vote_request(&self, term: Term) -> RequestVote {
        let log = &self.server.log;
        RequestVote { term, last_log_index: log.last_index(), last_log_term: log.last_term() }
    }

    /// RequestVote, receiver implementation:
    /// 1. "Reply false if term < currentTerm";
    /// 2. "If votedFor is null or candidateId, and candidate's log is at least as up-to-date as
    ///    receiver's log, grant vote".
    pub(super) fn request_vote(&mut self, candidate: NodeId, request: RequestVote) {
        if request.term == Term(0) {
            return self.effects.ignore(Ignored::Malformed);
        }
        let later = self.enter_later_term(request.term);
        let hard = &mut self.server.hard;
        let term = hard.current_term;
        let free = hard.voted_for.is_none_or(|voted_for| voted_for == candidate);
        let vote_granted = request.term == term && free && self.is_up_to_date(&request);
        let votes = vote_granted && self.server.hard.voted_for.is_none();
        if vote_granted {
            self.server.hard.voted_for = Some(candidate);
            self.effects.arm(Timer::Election);
        }
        if later || votes {
            self.write_hard_state();
        }
        let message = || Message::RequestVote(request);
        if later {
            self.receive(candidate, message);
        }
        self.receive(candidate, message);
        let response = RequestVoteResponse { term, vote_granted };
        self.send(candidate, Message::RequestVoteResponse(response));
    }

    /// "Raft determines which of two logs is more up-to-date by comparing the index and term of
    /// the last entries in the logs": the later term first, then the longer log (5.4.1).
    fn is_up_to_date(&self, request: &RequestVote) -> bool {
        let log = &self.server.log;
        (request.last_log_term, request.last_log_index) >= (log.last_term(), log.last_index())
    }

    /// Candidates: "If votes received from majority of servers: become leader".
    pub(super) fn request_vote_response(
        &mut self,
        from: NodeId,
        peer: usize,
        response: RequestVoteResponse,
    ) {
        let message = || Message::RequestVoteResponse(response);
        if self.enter_later_term(response.term) {
            return self.leave_term(from, message);
        }
        if response.term < self.server.hard.current_term {
            return self.effects.ignore(Ignored::OldTerm);
        }
        if self.server.role != Role::Candidate {
            return self.effects.ignore(Ignored::OldRole);
        }
        let vote = &mut self.server.peers[peer].vote;
        if *vote >= Some(response.vote_granted) {
            return self.effects.ignore(Ignored::VoteCounted);
        }
        *vote = Some(response.vote_granted);
        let wins = self.has_majority_of_votes();
        let opening = if wins { self.opening() } else { Entries::default() };
        if !opening.is_empty() {
            self.write(false, None, opening.clone());
        }
        self.receive(from, message);
        if wins {
            self.become_leader(&opening);
        }
    }

    fn has_majority_of_votes(&self) -> bool {
        let votes = self.server.peers.iter().map(|peer| peer.vote);
        quorum::vote_result(votes) == VoteResult::Won
    }

    /// The entries with which a new leader opens its term, appended to its log.
    fn opening(&mut self) -> Entries<M::Command> {
        if !self.config.no_op {
            return Entries::default();
        }
        let term = self.server.hard.current_term;
        let opening = Entries::from(Entry { term, payload: Payload::NoOp });
        self.server.log.append(&opening);
        opening
    }

    /// Leaders, "upon election: send initial empty AppendEntries RPCs (heartbeat) to each
    /// server", or what the term opens with.
    fn become_leader(&mut self, opening: &Entries<M::Command>) {
        let server = self.me;
        let opened = u64::try_from(opening.len()).unwrap_or_default();
        let last = LogIndex(self.server.log.last_index().0.saturating_sub(opened));
        self.server.role = Role::Leader;
        self.server.leader = Some(server);
        // A candidate that is asking for its next term may still win this one.
        self.server.polling = false;
        for peer in &mut self.server.peers {
            peer.next_index = last.next();
            peer.match_index = LogIndex(0);
            (peer.in_flight, peer.allowed) = (0, 1);
            (peer.told_commit, peer.active) = (LogIndex(0), false);
        }
        self.effects.cancel(Timer::Election);
        if self.config.check_quorum {
            self.effects.arm(Timer::Lease);
        }
        self.step(|| Step::BecomeLeader { server });
        for entry in opening.iter() {
            self.step(|| Step::ClientRequest { server, payload: entry.payload.clone() });
        }
        self.advance_commit_index();
        self.heartbeat();
    }

    /// Pre-vote: the server asks the others whether they would vote for it in its next term,
    /// and meanwhile remains the follower or candidate that it is.
    fn poll(&mut self, term: Term) {
        if self.server.leader.take().is_some() {
            self.effects.cancel(Timer::Lease);
        }
        self.server.polling = true;
        for (peer, id) in self.server.peers.iter_mut().zip(self.config.members.ids()) {
            peer.pre_vote = *id == self.me;
        }
        if self.has_majority_of_pre_votes() {
            return self.start_election(term);
        }
        self.effects.arm(Timer::Election);
        let request = self.vote_request(term);
        for peer in self.others() {
            self.send(peer, Message::PreVote(request));
        }
    }

    /// A server would vote for a candidate whose log is up to date, unless it has lately heard
    /// from a leader. Its own term does not matter: a candidate that is behind learns of it when
    /// it asks for real votes, and asks again.
    pub(super) fn pre_vote(&mut self, candidate: NodeId, request: RequestVote) {
        if self.server.leader.is_some() || !self.is_up_to_date(&request) {
            return self.effects.ignore(Ignored::WouldNotVote);
        }
        self.send(candidate, Message::PreVoteResponse { term: request.term });
    }

    /// With the promises of a majority the server starts its election.
    pub(super) fn pre_vote_response(&mut self, peer: usize, term: Term) {
        if !self.server.polling || self.server.hard.current_term.next() != Some(term) {
            return self.effects.ignore(Ignored::OldTerm);
        }
        let pre_vote = &mut self.server.peers[peer].pre_vote;
        if core::mem::replace(pre_vote, true) {
            return self.effects.ignore(Ignored::VoteCounted);
        }
        if self.has_majority_of_pre_votes() {
            self.start_election(term);
        }
    }

    fn has_majority_of_pre_votes(&self) -> bool {
        let votes = self.server.peers.iter().map(|peer| peer.pre_vote.then_some(true));
        quorum::vote_result(votes) == VoteResult::Won
    }
}
