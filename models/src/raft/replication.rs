//! Log replication: section 5.3 of the paper, and 5.4.2, what a majority's copies commit.

use super::state::{last_index, term_at};
use super::{Entry, Index, Log, Message, Next, Raft, Role, ServerId, State, Taken, ValueId};
use crate::common::{Disabled, SmallSet};

impl Raft {
    /// `ClientRequest(i, v)`: leader `i` appends a request to its log.
    pub(super) fn client_request(
        &self,
        state: &State,
        next: Next<'_>,
        i: ServerId,
        v: ValueId,
    ) -> Taken {
        let server = state.server(i);
        if server.volatile.state != Role::Leader {
            return Err(Disabled("the server is not a leader"));
        }
        if last_index(&server.durable.log) == Index::MAX {
            return Err(Disabled("there is no larger index"));
        }
        let entry = Entry { term: server.durable.current_term, value: v };
        let next = next.of(state);
        next.server_mut(i).durable.log = server.durable.log.with(entry);
        Ok(())
    }

    /// How many entries leader `i` may send to `j`: as published, the next one if there is one;
    /// with a larger `max_entries`, any number up to that.
    pub(super) fn batches(
        &self,
        state: &State,
        i: ServerId,
        j: ServerId,
    ) -> std::ops::RangeInclusive<Index> {
        let leader = state.server(i);
        let next = leader.volatile.next_index.get(usize::from(j)).copied().unwrap_or(1).max(1);
        let left = leader.durable.log.len().saturating_sub(usize::from(next) - 1);
        let most = left.min(self.constants.max_entries) as Index;
        if self.constants.max_entries == 1 { most..=most } else { 0..=most }
    }

    /// `AppendEntries(i, j)`: leader `i` sends `j` the entries from `nextIndex` on, or none as a
    /// heartbeat.
    pub(super) fn append_entries(
        &self,
        state: &State,
        next: Next<'_>,
        i: ServerId,
        j: ServerId,
        entries: Index,
    ) -> Taken {
        let leader = state.server(i);
        if i == j {
            return Err(Disabled("a leader sends nothing to itself"));
        }
        if leader.volatile.state != Role::Leader {
            return Err(Disabled("the server is not a leader"));
        }
        if !self.batches(state, i, j).contains(&entries) {
            return Err(Disabled("the leader does not send that many entries"));
        }
        let log = &leader.durable.log;
        let next_index = leader.volatile.next_index.get(usize::from(j)).copied().unwrap_or(1);
        let prev = next_index.saturating_sub(1);
        if usize::from(prev) > log.len() {
            return Err(Disabled("nextIndex is beyond the log"));
        }
        let last = prev + entries;
        let request = Message::AppendEntriesRequest {
            mterm: leader.durable.current_term,
            mprev_log_index: prev,
            mprev_log_term: term_at(log, prev).unwrap_or(0),
            mentries: Log::from(&log[usize::from(prev)..usize::from(last)]),
            mlog: self.constants.history.then(|| log.clone().into()),
            mcommit_index: leader.volatile.commit_index.min(last),
            msource: i,
            mdest: j,
        };
        self.only_send(state, next, &request);
        Ok(())
    }

    /// `SetNextIndex(i, j)`: leader `i` decides what to send to `j` next. Not in raft.tla, where
    /// `nextIndex` follows the responses one by one; with it, a leader may send before it has
    /// the response to what it sent (pipelining), and may go back by more than one entry.
    pub(super) fn set_next_index(
        &self,
        state: &State,
        next: Next<'_>,
        i: ServerId,
        j: ServerId,
        index: Index,
    ) -> Taken {
        if !self.constants.free_next {
            return Err(Disabled("nextIndex follows the responses"));
        }
        let leader = state.server(i);
        if i == j {
            return Err(Disabled("a leader sends nothing to itself"));
        }
        if leader.volatile.state != Role::Leader {
            return Err(Disabled("the server is not a leader"));
        }
        let known = leader.volatile.match_index.get(usize::from(j)).copied().unwrap_or(0);
        if index <= known {
            return Err(Disabled("the entry is known to be there"));
        }
        if usize::from(index) > leader.durable.log.len() + 1 {
            return Err(Disabled("the entry does not exist"));
        }
        let next = next.of(state);
        next.server_mut(i).volatile.next_index.set(j.into(), index);
        Ok(())
    }

    /// `AdvanceCommitIndex(i)`: leader `i` commits what a majority has, if the last of it is of
    /// its own term. (Enabled also when it changes nothing.)
    pub(super) fn advance_commit_index(&self, state: &State, next: Next<'_>, i: ServerId) -> Taken {
        let leader = state.server(i);
        if leader.volatile.state != Role::Leader {
            return Err(Disabled("the server is not a leader"));
        }
        let log = &leader.durable.log;
        let agree = |index: Index| {
            let others = leader.volatile.match_index.iter().enumerate();
            let others = others.filter(|(_, known)| **known >= index).map(|(k, _)| k);
            others.collect::<SmallSet>().with(i.into())
        };
        let agreed = (1..=last_index(log))
            .rev()
            .find(|&index| agree(index).is_majority_of(state.servers.len()));
        let new = agreed.filter(|&max| term_at(log, max) == Some(leader.durable.current_term));
        let next = next.of(state);
        if let Some(new) = new {
            self.set_commit_index(next, i, new);
        }
        Ok(())
    }

    fn set_commit_index(&self, next: &mut State, i: ServerId, new: Index) {
        let old = next.server(i).volatile.commit_index;
        let new = if self.constants.hardened { new.max(old) } else { new };
        if new != old {
            next.server_mut(i).volatile.commit_index = new;
        }
    }

    /// `HandleAppendEntriesRequest`. To accept a request takes several steps: each removes or
    /// appends one entry and leaves the message in flight, and the last one answers.
    pub(super) fn handle_append_entries_request(
        &self,
        state: &State,
        next: Next<'_>,
        m: &Message,
    ) -> Taken {
        let Message::AppendEntriesRequest { mterm, mprev_log_index: prev, mprev_log_term, .. } = m
        else {
            return Err(Disabled("the message is not an AppendEntries request"));
        };
        let i = m.mdest();
        let server = state.server(i);
        let log_ok = *prev == 0 || term_at(&server.durable.log, *prev) == Some(*mprev_log_term);
        if *mterm < server.durable.current_term {
            return self.reject(state, next, m);
        }
        match server.volatile.state {
            Role::Follower if log_ok => self.accept(state, next, m),
            Role::Follower => self.reject(state, next, m),
            Role::Candidate => {
                let next = next.of(state);
                next.server_mut(i).volatile.state = Role::Follower;
                Ok(())
            }
            Role::Leader => Err(Disabled("the receiver is the leader of that term")),
        }
    }

    fn reject(&self, state: &State, next: Next<'_>, m: &Message) -> Taken {
        let response = Message::AppendEntriesResponse {
            mterm: state.server(m.mdest()).durable.current_term,
            msuccess: false,
            mmatch_index: 0,
            msource: m.mdest(),
            mdest: m.msource(),
        };
        let next = next.of(state);
        next.reply(response, m);
        Ok(())
    }

    /// The third disjunct of `HandleAppendEntriesRequest`: the log has what comes before the
    /// entries. Published for at most one entry; several are treated one after the other.
    fn accept(&self, state: &State, next: Next<'_>, m: &Message) -> Taken {
        let Message::AppendEntriesRequest {
            mterm, mprev_log_index, mentries, mcommit_index, ..
        } = m
        else {
            return Err(Disabled("the message is not an AppendEntries request"));
        };
        let i = m.mdest();
        let log = &state.server(i).durable.log;
        let prev = usize::from(*mprev_log_index);
        let present = log.get(prev..).unwrap_or_default();
        let conflict = present.iter().zip(mentries.iter()).any(|(old, new)| old.term != new.term);
        let next = next.of(state);
        if conflict {
            // Remove one entry, from the end.
            next.server_mut(i).durable.log = log.first(log.len() - 1);
        } else if let Some(&entry) = mentries.get(present.len()) {
            next.server_mut(i).durable.log = log.with(entry);
        } else {
            // Already done with the request. As published, commitIndex may go backwards here.
            self.set_commit_index(next, i, *mcommit_index);
            let response = Message::AppendEntriesResponse {
                mterm: *mterm,
                msuccess: true,
                mmatch_index: mprev_log_index.saturating_add(last_index(mentries)),
                msource: i,
                mdest: m.msource(),
            };
            next.reply(response, m);
        }
        Ok(())
    }

    /// `HandleAppendEntriesResponse`, of the receiver's own term. As published, an old response
    /// may set matchIndex back.
    pub(super) fn handle_append_entries_response(
        &self,
        state: &State,
        next: Next<'_>,
        m: &Message,
    ) -> Taken {
        let &Message::AppendEntriesResponse { msuccess, mmatch_index, .. } = m else {
            return Err(Disabled("the message is not an AppendEntries response"));
        };
        let (i, j) = (m.mdest(), usize::from(m.msource()));
        let leader = &state.server(i).volatile;
        let known = leader.match_index.get(j).copied().unwrap_or(0);
        let next_index = leader.next_index.get(j).copied().unwrap_or(1);
        let next = next.of(state);
        let leader = &mut next.server_mut(i).volatile;
        if !msuccess {
            leader.next_index.set(j, next_index.saturating_sub(1).max(1));
        } else if !self.constants.hardened || mmatch_index >= known {
            leader.next_index.set(j, mmatch_index.saturating_add(1));
            leader.match_index.set(j, mmatch_index);
        }
        next.discard(m);
        Ok(())
    }
}
