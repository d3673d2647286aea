//! Receiving, duplicating and losing messages.

use super::{Message, Next, Raft, Role, State};
use crate::common::Disabled;

const NOT_IN_FLIGHT: Disabled = Disabled("the message is not in flight");

impl Raft {
    /// `Receive(m)`: a larger term is adopted first, in a step of its own; responses of a smaller
    /// term are dropped; the rest is handled.
    pub(super) fn receive(&self, state: &State, m: &Message) -> Next {
        if !state.messages.contains(m) {
            return Err(NOT_IN_FLIGHT);
        }
        let current_term = state.server(m.mdest()).durable.current_term;
        if m.mterm() > current_term {
            return Ok(self.update_term(state, m));
        }
        let stale = m.mterm() < current_term;
        match m {
            Message::RequestVoteRequest { .. } => self.handle_request_vote_request(state, m),
            Message::AppendEntriesRequest { .. } => self.handle_append_entries_request(state, m),
            // `DropStaleResponse`.
            _ if stale => self.drop_message(state, m),
            Message::RequestVoteResponse { .. } => self.handle_request_vote_response(state, m),
            Message::AppendEntriesResponse { .. } => self.handle_append_entries_response(state, m),
        }
    }

    /// `UpdateTerm`: the message stays in flight, to be handled next.
    fn update_term(&self, state: &State, m: &Message) -> State {
        let mut next = state.clone();
        let server = next.server_mut(m.mdest());
        server.durable.current_term = m.mterm();
        server.durable.voted_for = None;
        server.volatile.state = Role::Follower;
        next
    }

    /// `DuplicateMessage(m)`.
    pub(super) fn duplicate_message(&self, state: &State, m: &Message) -> Next {
        if !state.messages.contains(m) {
            return Err(NOT_IN_FLIGHT);
        }
        let mut next = state.clone();
        next.send(m.clone());
        Ok(next)
    }

    /// `DropMessage(m)`.
    pub(super) fn drop_message(&self, state: &State, m: &Message) -> Next {
        if !state.messages.contains(m) {
            return Err(NOT_IN_FLIGHT);
        }
        let mut next = state.clone();
        next.discard(m);
        Ok(next)
    }
}
