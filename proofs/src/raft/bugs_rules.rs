//! Rules of Figure 2 that no published bug breaks, each broken in the implementation.

use bisim::protocol::{Effect, Event, Taken};
use bisim::raft::{
    AppendEntriesResponse, AppendResult, Message, RequestVoteResponse, Role, Server, Step, Term,
};
use bisim::state_machine::Counter;

use super::scope::RaftNode;

type Given = Event<RaftNode>;
type Done = Vec<Effect<RaftNode>>;
type Named = Vec<Taken<Step<u64>>>;

/// Whether a request comes from a term that the node has left.
fn is_past(node: &RaftNode, term: Term) -> bool {
    node.server().is_some_and(|server| term < server.current_term())
}

/// RequestVote, rule 1: a candidate of an earlier term gets its vote, in that term.
pub(super) fn votes_in_the_past(node: &RaftNode, event: &Given, effects: &mut Done, _: &mut Named) {
    let Event::Message { message: Message::RequestVote(request), .. } = event else { return };
    if !is_past(node, request.term) {
        return;
    }
    for effect in effects {
        if let Effect::Send { message: Message::RequestVoteResponse(response), .. } = effect {
            *response = RequestVoteResponse { term: request.term, vote_granted: true };
        }
    }
}

/// AppendEntries, rule 1: a leader of an earlier term hears that its entries are stored.
pub(super) fn accepts_the_past(node: &RaftNode, event: &Given, effects: &mut Done, _: &mut Named) {
    let Event::Message { message: Message::AppendEntries(request), .. } = event else { return };
    let last_new = request.prev_log_index.forward(request.entries.len());
    let Some(match_index) = last_new.filter(|_| is_past(node, request.term)) else { return };
    for effect in effects {
        if let Effect::Send { message: Message::AppendEntriesResponse(response), .. } = effect {
            let result = AppendResult::Success { match_index };
            *response = AppendEntriesResponse { term: request.term, result };
        }
    }
}

/// AppendEntries, rule 2: a follower appends entries although it lacks the one before them.
pub(super) fn ignores_the_gap(node: &RaftNode, event: Given) -> Vec<Given> {
    let follows = |server: &&Server<Counter>| server.role() == Role::Follower;
    let (Event::Message { from, message: Message::AppendEntries(mut request) }, Some(server)) =
        (event.clone(), node.server().filter(follows))
    else {
        return vec![event];
    };
    let log = server.log();
    let gap = log.term_at(request.prev_log_index) != Some(request.prev_log_term);
    if gap && request.term == server.current_term() {
        (request.prev_log_index, request.prev_log_term) = (log.last_index(), log.last_term());
    }
    vec![Event::Message { from, message: Message::AppendEntries(request) }]
}

/// Leaders: a follower that rejects entries is sent the same again and again.
pub(super) fn never_goes_back(_: &RaftNode, event: Given) -> Vec<Given> {
    match &event {
        Event::Message { message: Message::AppendEntriesResponse(response), .. }
            if matches!(response.result, AppendResult::Failure { .. }) =>
        {
            Vec::new()
        }
        _ => vec![event],
    }
}
