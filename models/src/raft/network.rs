//! Receiving, duplicating and losing messages.

use super::{Constants, Message, Next, Raft, Role, State, Taken};
use crate::common::Disabled;

const NOT_IN_FLIGHT: Disabled = Disabled("the message is not in flight");

impl Raft {
    /// `Receive(m)`: a larger term is adopted first, in a step of its own; responses of a smaller
    /// term are dropped; the rest is handled.
    pub(super) fn receive(&self, state: &State, next: Next<'_>, m: &Message) -> Taken {
        if !state.messages.contains(m) {
            return Err(NOT_IN_FLIGHT);
        }
        let current_term = state.server(m.mdest()).durable.current_term;
        if m.mterm() > current_term {
            self.update_term(state, next, m);
            return Ok(());
        }
        let stale = m.mterm() < current_term;
        match m {
            Message::RequestVoteRequest { .. } => self.handle_request_vote_request(state, next, m),
            Message::AppendEntriesRequest { .. } => {
                self.handle_append_entries_request(state, next, m)
            }
            // `DropStaleResponse`.
            _ if stale => self.drop_message(state, next, m),
            Message::RequestVoteResponse { .. } => {
                self.handle_request_vote_response(state, next, m)
            }
            Message::AppendEntriesResponse { .. } => {
                self.handle_append_entries_response(state, next, m)
            }
        }
    }

    /// `Send(m)` by a step that changes nothing else. If there is no room for `m` within the
    /// bounds, a search need not see what follows: what properties read in messages are the votes
    /// of responses, and those are sent in place of the request.
    pub(super) fn only_send(&self, state: &State, next: Next<'_>, m: &Message) {
        let (copies, others) = (state.messages.count(m), state.messages.distinct());
        let Constants { max_msgs, max_dup, .. } = self.constants;
        let full = if copies > 0 { copies >= max_dup } else { others >= max_msgs };
        if !(full && next.leave_out()) {
            next.of(state).send(m.clone());
        }
    }

    /// `UpdateTerm`: the message stays in flight, to be handled next.
    fn update_term(&self, state: &State, next: Next<'_>, m: &Message) {
        let next = next.of(state);
        let server = next.server_mut(m.mdest());
        server.durable.current_term = m.mterm();
        server.durable.voted_for = None;
        server.volatile.state = Role::Follower;
    }

    /// `DuplicateMessage(m)`.
    pub(super) fn duplicate_message(&self, state: &State, next: Next<'_>, m: &Message) -> Taken {
        if !state.messages.contains(m) {
            return Err(NOT_IN_FLIGHT);
        }
        self.only_send(state, next, m);
        Ok(())
    }

    /// `DropMessage(m)`.
    pub(super) fn drop_message(&self, state: &State, next: Next<'_>, m: &Message) -> Taken {
        if !state.messages.contains(m) {
            return Err(NOT_IN_FLIGHT);
        }
        let next = next.of(state);
        next.discard(m);
        Ok(())
    }
}
