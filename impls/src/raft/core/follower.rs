//! AppendEntries at its receiver: section 5.3.

use super::Turn;
use crate::protocol::{NodeId, Steps};
use crate::raft::log::Comparison;
use crate::raft::{
    AppendEntries, AppendEntriesResponse, AppendResult, Conflict, Ignored, LogIndex, Message, Role,
    Step, Term,
};
use crate::state_machine::StateMachine;

/// Terms begin with 1 and never decrease along a log; no entry is of a later term than its leader.
fn has_terms_in_order<C>(request: &AppendEntries<C>) -> bool {
    let terms = request.entries.iter().map(|entry| entry.term);
    let first = request.prev_log_term.max(Term(1));
    request.term > Term(0)
        && terms.clone().chain([request.term]).is_sorted()
        && terms.min().is_none_or(|least| least >= first)
}

impl<M: StateMachine, S: Steps<Step<M::Command>>> Turn<'_, M, S> {
    /// AppendEntries, receiver implementation, rules 1 and 2: "Reply false if term <
    /// currentTerm", and "if log doesn't contain an entry at prevLogIndex whose term matches
    /// prevLogTerm".
    pub(super) fn append_entries(&mut self, leader: NodeId, request: AppendEntries<M::Command>) {
        let term = self.server.hard.current_term;
        let last_new = request.prev_log_index.forward(request.entries.len());
        let Some(last_new) = last_new.filter(|_| has_terms_in_order(&request)) else {
            return self.effects.ignore(Ignored::Malformed);
        };
        if request.term < term {
            return self.reject(leader, &request, None);
        }
        let log = &self.server.log;
        let log_ok = log.term_at(request.prev_log_index) == Some(request.prev_log_term);
        let found = log.compare(request.prev_log_index, &request.entries);
        let second_leader = request.term == term && self.server.role == Role::Leader;
        let cuts = log_ok && found.cut_after.is_some_and(|last| last < self.server.commit_index);
        if second_leader || cuts {
            return self.effects.ignore(Ignored::Impossible);
        }
        let later = self.enter_later_term(request.term);
        let yields = self.server.role == Role::Candidate;
        self.become_follower(Some(leader));
        match log_ok {
            true => self.accept(leader, &request, last_new, found, [later, yields]),
            false => {
                if later {
                    self.write_hard_state();
                }
                self.follow(leader, &request, [later, yields]);
                self.reject(leader, &request, self.conflict(request.prev_log_index));
            }
        }
    }

    /// Takes note of the steps by which the server has become a follower of the sender.
    fn follow(
        &mut self,
        leader: NodeId,
        request: &AppendEntries<M::Command>,
        [later, yields]: [bool; 2],
    ) {
        let message = || Message::AppendEntries(request.clone());
        if later {
            self.receive(leader, message);
        }
        if yields {
            self.receive(leader, message);
        }
    }

    fn reject(
        &mut self,
        leader: NodeId,
        request: &AppendEntries<M::Command>,
        conflict: Option<Conflict>,
    ) {
        let message = || Message::AppendEntries(request.clone());
        self.receive(leader, message);
        let prev_log_index = request.prev_log_index;
        self.answer(leader, AppendResult::Failure { prev_log_index, conflict });
    }

    /// "The follower can include the term of the conflicting entry and the first index it stores
    /// for that term" (section 5.3).
    fn conflict(&self, prev: LogIndex) -> Option<Conflict> {
        let log = &self.server.log;
        let beyond = Conflict { term: None, first_index: log.last_index().next() };
        let within = log.first_of_term_at(prev);
        let within = within.map(|first_index| Conflict { term: log.term_at(prev), first_index });
        self.config.fast_backtracking.then(|| within.unwrap_or(beyond))
    }

    /// Rules 3 to 5:
    /// 3. "If an existing entry conflicts with a new one (same index but different terms),
    ///    delete the existing entry and all that follow it";
    /// 4. "Append any new entries not already in the log";
    /// 5. "If leaderCommit > commitIndex, set commitIndex = min(leaderCommit, index of last new
    ///    entry)".
    fn accept(
        &mut self,
        leader: NodeId,
        request: &AppendEntries<M::Command>,
        last_new: LogIndex,
        Comparison { known, cut_after }: Comparison,
        changes: [bool; 2],
    ) {
        let before = self.server.log.last_index();
        let new = request.entries.get(known..).unwrap_or_default();
        if let Some(last) = cut_after {
            self.server.log.cut_after(last);
        }
        self.server.log.append(new);
        let [later, _] = changes;
        if later || cut_after.is_some() || !new.is_empty() {
            // What a message brings is shared with the write, when all of it is new.
            let append = if known == 0 { request.entries.clone() } else { new.into() };
            self.write(later, cut_after, append);
        }
        self.follow(leader, request, changes);
        let message = || Message::AppendEntries(request.clone());
        for _ in cut_after.map_or(0, |last| last.0)..cut_after.map_or(0, |_| before.0) {
            self.receive(leader, message);
        }
        for _ in new {
            self.receive(leader, message);
        }
        self.receive(leader, message);
        self.commit_up_to(request.leader_commit.min(last_new));
        self.answer(leader, AppendResult::Success { match_index: last_new });
    }

    fn answer(&mut self, leader: NodeId, result: AppendResult) {
        let term = self.server.hard.current_term;
        let response = AppendEntriesResponse { term, result };
        self.send(leader, Message::AppendEntriesResponse(response));
    }
}
