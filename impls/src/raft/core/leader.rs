//! Leaders: log replication of section 5.3, batches, pipelining and fast backtracking.

use alloc::vec::Vec;

use super::Turn;
use crate::protocol::{NodeId, Steps};
use crate::raft::{
    AppendEntries, AppendEntriesResponse, AppendResult, Conflict, Entries, Entry, Ignored,
    LogIndex, Message, Payload, Peer, Request, Role, Step, Timer,
};
use crate::session::Seen;
use crate::state_machine::{Applied, Command, StateMachine};

impl<M: StateMachine, S: Steps<Step<M::Command>>> Turn<'_, M, S> {
    /// Leaders: "If command received from client: append entry to local log". A command that was
    /// carried out already is answered from the client's session.
    pub(super) fn propose(&mut self, request: Request<M::Command>) {
        let mut answered = false;
        let entries = match request {
            Request::Propose(command) => {
                self.admit(command, &mut answered).map(Entries::from).unwrap_or_default()
            }
            Request::ProposeAll(commands) => {
                let mut entries = Vec::with_capacity(commands.len());
                let commands = commands.into_iter();
                entries.extend(commands.filter_map(|command| self.admit(command, &mut answered)));
                entries.into()
            }
        };
        if !entries.is_empty() {
            self.append(entries);
        } else if !answered {
            self.effects.ignore(Ignored::OldCommand);
        }
    }

    /// A command that was not carried out yet becomes an entry. The client's last command has its
    /// answer, and nobody waits for an older one.
    fn admit(
        &mut self,
        command: Command<M::Command>,
        answered: &mut bool,
    ) -> Option<Entry<M::Command>> {
        let Command { client, sequence, .. } = command;
        match self.server.replicated.sessions().seen(client, sequence) {
            Seen::New => {
                let term = self.server.hard.current_term;
                return Some(Entry { term, payload: Payload::Command(command) });
            }
            Seen::Last(output) => {
                let applied = Applied { client, sequence, output: output.clone() };
                self.effects.reply(self.effects.latest_write(), applied);
                *answered = true;
            }
            Seen::Old => {}
        }
        None
    }

    /// Leaders: "append entry to local log", and send it to the followers.
    fn append(&mut self, entries: Entries<M::Command>) {
        let server = self.me;
        self.server.log.append(&entries);
        self.write(false, None, entries.clone());
        for entry in entries.iter() {
            self.step(|| Step::ClientRequest { server, payload: entry.payload.clone() });
        }
        // A leader without followers commits what it has written.
        self.advance_commit_index();
        self.replicate_to_all(&entries);
    }

    /// Leaders: "repeat during idle periods to prevent election timeouts". A heartbeat carries
    /// what its receiver may lack, so that it is also the retry of what was lost: at once while
    /// the leader probes; when it has sent ahead, after a rejection.
    pub(super) fn heartbeat(&mut self) {
        self.effects.arm(Timer::Heartbeat);
        for place in 0..self.server.peers.len() {
            self.server.peers[place].in_flight = 0;
            self.send_entries(place, &Entries::default());
        }
    }

    /// Leaders: "If last log index >= nextIndex for a follower: send AppendEntries RPC with log
    /// entries starting at nextIndex". The last entries of the log are at hand as `latest`.
    pub(super) fn replicate_to_all(&mut self, latest: &Entries<M::Command>) {
        for peer in 0..self.server.peers.len() {
            self.replicate(peer, latest);
        }
    }

    /// The same for one follower, as long as it may be sent more before it has answered.
    fn replicate(&mut self, place: usize, latest: &Entries<M::Command>) {
        loop {
            let (server, config) = (&*self.server, self.config);
            let peer = &server.peers[place];
            let lacks = peer.next_index <= server.log.last_index();
            let uninformed = config.eager_commit && peer.told_commit < server.commit_index;
            if peer.in_flight >= peer.allowed || !(lacks || uninformed) {
                return;
            }
            if !self.send_entries(place, latest) {
                return;
            }
        }
    }

    /// Sends a follower what comes next. Returns whether it did: a leader sends nothing to
    /// itself.
    fn send_entries(&mut self, place: usize, latest: &Entries<M::Command>) -> bool {
        let (server, peer) = (self.me, self.config.members.ids()[place]);
        if peer == server {
            return false;
        }
        let next = self.server.peers[place].next_index;
        let entries = self.entries_from(next, latest);
        let (prev_log_index, count) = (next.previous(), entries.len());
        let last = prev_log_index.forward(count).unwrap_or(prev_log_index);
        let commit_index = self.server.commit_index;
        let request = AppendEntries {
            term: self.server.hard.current_term,
            prev_log_index,
            prev_log_term: self.server.log.term_at(prev_log_index).unwrap_or_default(),
            entries,
            leader_commit: commit_index,
        };
        self.step(|| Step::AppendEntries { server, peer, entries: count });
        self.send(peer, Message::AppendEntries(request));
        let to = &mut self.server.peers[place];
        to.in_flight = to.in_flight.saturating_add(usize::from(count > 0));
        if self.config.eager_commit {
            to.told_commit = to.told_commit.max(commit_index.min(last));
        }
        if !to.is_probing() && count > 0 {
            to.next_index = last.next();
            self.step(|| Step::SetNextIndex { server, peer, next: last.next() });
        }
        true
    }

    /// The entries from a place on, as many as a message may hold: those at hand, if they are.
    fn entries_from(&self, next: LogIndex, latest: &Entries<M::Command>) -> Entries<M::Command> {
        let (log, most) = (&self.server.log, self.config.max_entries.max(1));
        let at_hand = next.previous().forward(latest.len()) == Some(log.last_index());
        if at_hand && latest.len() <= most {
            return latest.clone();
        }
        log.entries_from(next, most)
    }

    /// Leaders: "If successful: update nextIndex and matchIndex for follower; if AppendEntries
    /// fails because of log inconsistency: decrement nextIndex and retry".
    pub(super) fn append_entries_response(
        &mut self,
        from: NodeId,
        peer: usize,
        response: AppendEntriesResponse,
    ) {
        let message = || Message::AppendEntriesResponse(response);
        if self.enter_later_term(response.term) {
            return self.leave_term(from, message);
        }
        if response.term < self.server.hard.current_term {
            return self.effects.ignore(Ignored::OldTerm);
        }
        if self.server.role != Role::Leader {
            return self.effects.ignore(Ignored::OldRole);
        }
        let known = &self.server.peers[peer];
        let usual = match response.result {
            AppendResult::Success { match_index } => {
                if match_index > self.server.log.last_index() {
                    return self.effects.ignore(Ignored::Malformed);
                }
                self.accepted(peer, match_index)
            }
            AppendResult::Failure { prev_log_index, conflict } => {
                if !self.is_news(known, prev_log_index) {
                    return self.effects.ignore(Ignored::OldAnswer);
                }
                self.rejected(peer, prev_log_index, conflict)
            }
        };
        self.server.peers[peer].active = true;
        self.receive(from, message);
        let (server, next) = (self.me, self.server.peers[peer].next_index);
        if next != usual {
            self.step(|| Step::SetNextIndex { server, peer: from, next });
        }
        if self.advance_commit_index() && self.config.eager_commit {
            self.replicate_to_all(&Entries::default());
        } else {
            self.replicate(peer, &Entries::default());
        }
    }

    /// Whether a rejection is about what the follower was sent last. One that is late, or that
    /// answers a request of an earlier term, must not set `next_index` back.
    fn is_news(&self, peer: &Peer, prev_log_index: LogIndex) -> bool {
        if !peer.is_probing() {
            return peer.match_index < prev_log_index && prev_log_index < peer.next_index;
        }
        prev_log_index == peer.next_index.previous() && prev_log_index > peer.match_index
    }

    /// The follower has everything up to a place. Returns `next_index` as the specification has
    /// it after that.
    fn accepted(&mut self, peer: usize, match_index: LogIndex) -> LogIndex {
        let (peer, window) = (&mut self.server.peers[peer], self.config.window);
        // Only what brings something makes room: an answer that arrives twice must not lead to two
        // requests, whose answers arrive twice again.
        let brings = match_index > peer.match_index;
        peer.in_flight = peer.in_flight.saturating_sub(usize::from(brings));
        if peer.allowed < window && (brings || peer.is_probing()) {
            peer.allowed += 1;
        }
        if match_index < peer.match_index {
            return peer.next_index;
        }
        peer.match_index = match_index;
        peer.next_index = peer.next_index.max(match_index.next());
        match_index.next()
    }

    /// The follower's log does not match. Returns `next_index` as the specification has it after
    /// that: one less. A leader that had hoped goes back to what it knows: messages that overtook
    /// each other were rejected, and to look for the gap entry by entry would take longer than
    /// the entries themselves.
    fn rejected(
        &mut self,
        peer: usize,
        prev_log_index: LogIndex,
        conflict: Option<Conflict>,
    ) -> LogIndex {
        let hint = conflict.map(|conflict| self.next_after(conflict));
        let peer = &mut self.server.peers[peer];
        let usual = peer.next_index.previous().max(LogIndex(1));
        let hoped = !peer.is_probing();
        let known = peer.match_index.next();
        let back = if hoped { known } else { prev_log_index };
        peer.next_index = hint.map_or(back, |hint| hint.min(prev_log_index)).max(known);
        // What else is under way will be rejected as well.
        (peer.in_flight, peer.allowed) = (0, 1);
        usual
    }

    /// Where to go on after a conflict: behind the leader's own last entry of the conflicting
    /// term, or where the follower's entries of that term begin, if the leader has none.
    fn next_after(&self, conflict: Conflict) -> LogIndex {
        let ours = conflict.term.and_then(|term| self.server.log.last_of_term(term));
        ours.map_or(conflict.first_index, LogIndex::next)
    }

    /// A leader that has not heard from a majority for an election timeout steps down: there may
    /// be another one by now, and its clients wait in vain (dissertation, section 6.2).
    pub(super) fn check_quorum(&mut self) {
        let (me, ids) = (self.me, self.config.members.ids());
        let heard =
            ids.iter().zip(&self.server.peers).filter(|(id, peer)| peer.active || **id == me);
        if self.config.members.is_majority(heard.count()) {
            self.server.peers.iter_mut().for_each(|peer| peer.active = false);
            return self.effects.arm(Timer::Lease);
        }
        self.become_follower(None);
        self.step(|| Step::StepDown { server: me });
    }
}
