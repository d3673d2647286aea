//! Bugs of no row of the catalogue, seeded in the implementation: a server does not say, or does
//! not ask, what it should. No property of safety is broken by any of them.

use bisim::protocol::{Effect, Event, NodeId};
use bisim::raft::{Message, Step, Timer};

use super::bugs_impl::{Done, Given, Named};
use super::scope::RaftNode;

/// A leader sends no heartbeats.
pub(super) fn silent_leader(_: &RaftNode, event: Given) -> Vec<Given> {
    match event {
        Event::Fired(Timer::Heartbeat) => Vec::new(),
        other => vec![other],
    }
}

/// The last of the other members.
fn last_other(node: &RaftNode) -> Option<NodeId> {
    node.config().members.ids().iter().copied().rfind(|id| *id != node.id())
}

/// A leader sends nothing to its last follower.
pub(super) fn silent_to_one(node: &RaftNode, _: &Given, effects: &mut Done, steps: &mut Named) {
    let last = last_other(node);
    let is_to_last = |effect: &Effect<RaftNode>| match effect {
        Effect::Send { to, message: Message::AppendEntries(_), .. } => Some(*to) == last,
        _ => false,
    };
    effects.retain(|effect| !is_to_last(effect));
    steps.retain(|taken| match taken.step {
        Step::AppendEntries { peer, .. } => Some(peer) != last,
        _ => true,
    });
}

/// A candidate does not ask the last of the others for its vote.
pub(super) fn asks_all_but_one(node: &RaftNode, _: &Given, effects: &mut Done, steps: &mut Named) {
    let last = last_other(node);
    let is_to_last = |effect: &Effect<RaftNode>| match effect {
        Effect::Send { to, message: Message::RequestVote(_), .. } => Some(*to) == last,
        _ => false,
    };
    effects.retain(|effect| !is_to_last(effect));
    steps.retain(|taken| match taken.step {
        Step::RequestVote { peer, .. } => Some(peer) != last,
        _ => true,
    });
}

/// With pre-vote, a server whose election timer fires takes it that all others have promised their
/// votes, and begins a term at once.
pub(super) fn promised_by_all(node: &RaftNode, event: Given) -> Vec<Given> {
    let term = node.server().and_then(|server| server.current_term().next());
    let (Event::Fired(Timer::Election), Some(term)) = (&event, term) else { return vec![event] };
    let others = node.config().members.ids().iter().filter(|id| **id != node.id());
    let promises = others
        .map(|from| Event::Message { from: *from, message: Message::PreVoteResponse { term } });
    std::iter::once(event).chain(promises).collect()
}

/// Nobody is asked for those promises.
pub(super) fn polls_nobody(_: &RaftNode, _: &Given, effects: &mut Done, _: &mut Named) {
    let polls = |effect: &_| matches!(effect, Effect::Send { message: Message::PreVote(_), .. });
    effects.retain(|effect: &Effect<RaftNode>| !polls(effect));
}
