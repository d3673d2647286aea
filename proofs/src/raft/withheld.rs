//! Messages that the model may send at any time, and a server does not send now: that it does send
//! them, and when, is found out by running it.

use bisim::protocol::NodeId;
use bisim::raft::{HardState, Message, Step, Term, Timer};
use bisim_models::raft::{Action, ServerId};

use super::implementation::Implementation;
use super::scope::{RaftState, Scope};
use crate::cluster::{ClusterAction, Envelope, Move, Network, Shared, Site};
use crate::shipped::Shipped;

impl Implementation {
    /// The candidate asked this server for its vote in the event that began its term.
    pub(super) fn has_asked(&self, state: &RaftState, action: &Action) -> bool {
        let Action::RequestVote { i, .. } = *action else { return false };
        let asked = || self.begins_again(state, i).unwrap_or_default();
        !self.is_busy(state, action)
            && asked().iter().any(|step| self.action(step).as_ref() == Some(action))
    }

    /// The steps that wait for the write with which a server begins the term it is in. Whom it asks
    /// then follows from its disk and its members, so the beginning is run again: the server starts
    /// from the disk of the term before, and its election timer fires. `None` if it does not get
    /// that far.
    fn begins_again(&self, state: &RaftState, i: ServerId) -> Option<Vec<Step<u64>>> {
        let node = NodeId(i.into());
        let server = self.running(state, i)?;
        let mut disk = self.site(state, i).disk.clone();
        disk.log = server.log().clone();
        disk.hard = HardState {
            current_term: Term(server.current_term().0.checked_sub(1)?),
            voted_for: None,
        };
        let down = Site { node: None, disk, pending: Vec::new(), armed: Vec::new() };
        let mut state = state.clone();
        state.sites[usize::from(i)] = Shared::new(down);
        let run = |state: &RaftState, action| Some(self.cluster().run(state, &action)?.state);
        let mut state = run(&state, ClusterAction::Restart { node })?;
        state = run(&state, ClusterAction::Fire { node, timer: Timer::Election })?;
        for promise in promises(self.scope(), node, server.current_term()) {
            state.network.send(promise.clone());
            // The promises beyond a majority come too late and change nothing.
            state = run(&state, ClusterAction::Network(Move::Deliver(promise)))?;
        }
        let pending = &self.site(&state, i).pending;
        Some(pending.iter().flat_map(|pending| &pending.steps).cloned().collect())
    }

    /// A heartbeat takes this step, after it was sent to another follower.
    pub(super) fn another_follower_first(&self, state: &RaftState, action: &Action) -> bool {
        let Action::AppendEntries { i, j, .. } = *action else { return false };
        if j == first_follower(i) || self.is_busy(state, action) {
            return false;
        }
        let fires = ClusterAction::Fire { node: NodeId(i.into()), timer: Timer::Heartbeat };
        let steps = self.cluster().run(state, &fires).map(|heartbeat| heartbeat.steps);
        let mut steps = steps.iter().flatten();
        steps.any(|step| self.action(step).as_ref() == Some(action))
    }

    /// The model may send this follower another number of entries than a heartbeat does.
    pub(super) fn holds_what_fits(&self, state: &RaftState, action: &Action) -> bool {
        let Action::AppendEntries { i, j, entries } = *action else { return false };
        let fits = self.running(state, i).and_then(|leader| {
            let next = leader.peers().get(usize::from(j))?.next_index();
            let left = leader.log().last_index().0.saturating_sub(next.previous().0);
            Some(left.min(self.scope().max_entries.into()))
        });
        fits.is_some_and(|fits| fits != u64::from(entries)) && !self.is_busy(state, action)
    }
}

/// What makes a server begin this term, with pre-vote: all others would vote for it.
fn promises(
    scope: &Scope,
    to: NodeId,
    term: Term,
) -> impl Iterator<Item = Envelope<Message<u64>>> + use<> {
    let servers = if scope.pre_vote { scope.nodes } else { 0 };
    let others = (0..servers).map(NodeId).filter(move |from| *from != to);
    others.map(move |from| Envelope { from, to, message: Message::PreVoteResponse { term } })
}

/// The follower that a heartbeat of this leader goes to first.
fn first_follower(i: ServerId) -> ServerId {
    u8::from(i == 0)
}
