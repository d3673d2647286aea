//! What must hold in a cluster of shipped nodes, whatever the model says.

use std::collections::BTreeSet;

use bisim::protocol::NodeId;
use bisim::raft::{LogIndex, Message, Payload, Request, Role, Server, Step};
use bisim::state_machine::{Applied, Counter};
use stateright::Property;

use super::scope::{RaftCluster, RaftNode, RaftState, Scope};
use crate::cluster::{Hindsight, Pending, Shared, Site};

/// With pre-vote, no term begins without its poll.
pub(super) const TERMS_BEGIN_BY_PROMISES: &str = "a term begins with the promises of a majority";

/// What must hold in every state, and what must happen in some.
pub(super) fn properties(scope: Scope) -> Vec<Property<RaftCluster>> {
    let mut properties = vec![
        Property::always("at most one leader in a term", one_leader_in_a_term),
        Property::always("servers apply the same entries", state_machine_safety),
        Property::always("a command has its effect once", exactly_once),
        Property::always("a command has one answer", one_answer),
        Property::always("what clients are told is on a majority of disks", told_is_durable),
        Property::sometimes("a leader is elected", |_, state| {
            servers(state).any(|(_, server)| server.role() == Role::Leader)
        }),
    ];
    if scope.pre_vote {
        properties.push(Property::always(TERMS_BEGIN_BY_PROMISES, terms_begin_by_promises));
    }
    if scope.clients > 0 {
        let answered = |_: &RaftCluster, state: &RaftState| !state.told.is_empty();
        properties.push(Property::sometimes("a client is answered", answered));
    }
    properties
}

/// The servers that run.
pub fn servers(state: &RaftState) -> impl Iterator<Item = (NodeId, &Server<Counter>)> {
    let nodes = state.sites.iter().filter_map(|site| site.node.as_ref());
    nodes.filter_map(|node| Some((node.id(), node.server()?)))
}

/// "Election Safety: at most one leader can be elected in a given term" (Figure 3).
fn one_leader_in_a_term(_: &RaftCluster, state: &RaftState) -> bool {
    let mut terms = BTreeSet::new();
    let mut leaders = servers(state).filter(|(_, server)| server.role() == Role::Leader);
    leaders.all(|(_, leader)| terms.insert(leader.current_term()))
}

/// "State Machine Safety: if a server has applied a log entry at a given index to its state
/// machine, no other server will ever apply a different log entry for the same index" (Figure 3).
fn state_machine_safety(_: &RaftCluster, state: &RaftState) -> bool {
    let applied = |server: &Server<Counter>| server.last_applied().0 as usize;
    let longest = servers(state).max_by_key(|(_, server)| applied(server));
    longest.is_none_or(|(_, longest)| {
        servers(state).all(|(_, server)| {
            let applied = applied(server);
            server.log().entries().get(..applied) == longest.log().entries().get(..applied)
        })
    })
}

/// Each command adds 1: no server counts further than there are commands.
fn exactly_once(cluster: &RaftCluster, state: &RaftState) -> bool {
    let commands = cluster.requests().iter().filter_map(|(node, request)| match request {
        Request::Propose(_) if *node == NodeId(0) => Some(1),
        _ => None,
    });
    let commands: u64 = commands.sum();
    servers(state).all(|(_, server)| server.replicated().machine().0 <= commands)
}

/// Whoever asks again is told the same.
fn one_answer(_: &RaftCluster, state: &RaftState) -> bool {
    let command = |told: &Applied<u64>| (told.client, told.sequence);
    state.told.windows(2).all(|pair| command(&pair[0]) != command(&pair[1]))
}

/// A command that a client was told of survives the loss of any minority's memory.
fn told_is_durable(cluster: &RaftCluster, state: &RaftState) -> bool {
    let Some(members) = cluster.nodes().first().map(|node| &node.config().members) else {
        return true;
    };
    state.told.iter().all(|told| {
        let holds = |index: u64| {
            let site = |site: &&Shared<Site<RaftNode>>| {
                site.disk.log.get(LogIndex(index)).is_some_and(|entry| match &entry.payload {
                    Payload::NoOp => false,
                    Payload::Command(command) => {
                        (command.client, command.sequence) == (told.client, told.sequence)
                    }
                })
            };
            members.is_majority(state.sites.iter().filter(site).count())
        };
        let longest = state.sites.iter().map(|site| site.disk.log.last_index().0).max();
        (1..=longest.unwrap_or(0)).any(holds)
    })
}

/// What pre-vote is for (dissertation, section 9.6): a server increments its term only when it has
/// learned from a majority that they would vote for it. A term begins with a write, which is kept
/// with the server before it and with the message that has led to it: that must have been the last
/// promise that was missing. A timer that fires is no message, so that no term begins by it.
fn terms_begin_by_promises(_: &RaftCluster, state: &RaftState) -> bool {
    let pending = state.sites.iter().flat_map(|site| &site.pending);
    let begins = |pending: &&Pending<RaftNode>| {
        pending.steps.iter().any(|step| matches!(step, Step::Timeout { .. }))
    };
    pending.filter(begins).all(|begins| begins.hindsight.as_ref().is_some_and(was_promised))
}

/// Whether a server that polls had, with the promise that came, those of a majority.
fn was_promised(hindsight: &Hindsight<RaftNode>) -> bool {
    let Hindsight { node, arrived } = hindsight;
    let members = &node.config().members;
    let Some(server) = node.server() else { return false };
    let promise = arrived.first().and_then(|envelope| match envelope.message {
        Message::PreVoteResponse { term } if Some(term) == server.current_term().next() => {
            Some(envelope.from)
        }
        _ => None,
    });
    let promised = members.ids().iter().zip(server.peers());
    let promised = promised.filter(|(id, peer)| peer.pre_vote() || promise == Some(**id)).count();
    let alone = members.is_majority(1);
    alone || (server.is_polling() && promise.is_some() && members.is_majority(promised))
}
