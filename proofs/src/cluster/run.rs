//! How a cluster runs: what happens at one of its sites, and what the network makes of it.

use bisim::protocol::NodeId;

use super::local::{Local, Outcome};
use super::{Checked, Cluster, ClusterAction, ClusterState, Envelope, Move, Network, Shared, Site};

/// Where an action leads.
pub struct Transition<P: Checked, N> {
    /// The state after it.
    pub state: ClusterState<P, N>,
    /// The steps of the model that were taken, in order: those of a write that became durable,
    /// then those that wait for no write.
    pub steps: Vec<P::Step>,
    /// The messages that have left the network for good without a step: lost by it, ignored by
    /// their receiver, or forgotten by it in a crash.
    pub lost: Vec<Envelope<P::Message>>,
}

impl<P: Checked, N: Network<P::Message>> Cluster<P, N> {
    /// All nodes have recovered from empty disks.
    pub(super) fn start(&self) -> ClusterState<P, N> {
        let down = || {
            let disk = P::Durable::default();
            Shared::new(Site { node: None, disk, pending: Vec::new(), armed: Vec::new() })
        };
        let mut state = ClusterState {
            sites: self.nodes.iter().map(|_| down()).collect(),
            network: self.network.clone(),
            crashes_left: self.crashes,
            counted: 0,
            told: Vec::new(),
        };
        for node in self.ids() {
            let started = self.run(&state, &ClusterAction::Restart { node });
            state = started.expect("a node that is down can be started").state;
        }
        state
    }

    /// Pushes every action that may be possible.
    pub(super) fn offer(&self, state: &ClusterState<P, N>, actions: &mut Vec<ClusterAction<P>>) {
        let mut moves = Vec::new();
        state.network.offer(&mut moves);
        actions.extend(moves.into_iter().map(ClusterAction::Network));
        for (node, site) in self.ids().zip(&state.sites) {
            if site.node.is_none() {
                actions.push(ClusterAction::Restart { node });
                continue;
            }
            if !site.pending.is_empty() {
                actions.push(ClusterAction::Durable { node });
            }
            let fire = |timer: &P::Timer| ClusterAction::Fire { node, timer: timer.clone() };
            actions.extend(site.armed.iter().map(fire));
            if state.crashes_left > 0 {
                actions.push(ClusterAction::Crash { node });
            }
        }
        let ask = |(node, request): &(NodeId, P::Request)| ClusterAction::Request {
            node: *node,
            request: request.clone(),
        };
        actions.extend(self.requests.iter().map(ask));
    }

    /// Lets an action happen; `None` if it cannot happen here, changes nothing at all, or leads
    /// outside the bounds.
    pub fn run(
        &self,
        state: &ClusterState<P, N>,
        action: &ClusterAction<P>,
    ) -> Option<Transition<P, N>> {
        let counted = state.counted + u32::from((self.counted)(action));
        let (node, what) = match action {
            ClusterAction::Network(of) => return self.network_moves(state, of, counted),
            ClusterAction::Durable { node } => (node, Local::Durable),
            ClusterAction::Fire { node, timer } => (node, Local::Fires(timer)),
            ClusterAction::Request { node, request } => (node, Local::Asked(request)),
            ClusterAction::Crash { node } => (node, Local::Crashes),
            ClusterAction::Restart { node } => (node, Local::Restarts),
        };
        let crashes = u32::from(matches!(what, Local::Crashes));
        let crashes_left = state.crashes_left.checked_sub(crashes)?;
        let outcome = self.at_site(*node, state.sites.get(node.0 as usize)?, &what)?;
        if outcome.is_nothing() {
            return None;
        }
        let state = ClusterState { crashes_left, counted, ..state.clone() };
        Some(Transition::of(state, *node, &outcome))
    }

    fn ids(&self) -> impl Iterator<Item = NodeId> + use<P, N> {
        let count = u32::try_from(self.nodes.len()).expect("a cluster has a few nodes");
        (0..count).map(NodeId)
    }

    fn network_moves(
        &self,
        state: &ClusterState<P, N>,
        of: &Move<P::Message>,
        counted: u32,
    ) -> Option<Transition<P, N>> {
        let mut network = state.network.clone();
        let Some(Envelope { from, to, message }) = network.make(of).ok()? else {
            let state = ClusterState { network, counted, ..state.clone() };
            let lost = match of {
                Move::Drop(envelope) => vec![envelope.clone()],
                _ => Vec::new(),
            };
            return Some(Transition { state, steps: Vec::new(), lost });
        };
        let what = Local::Arrives { from, message: &message };
        let outcome = self.at_site(to, state.sites.get(to.0 as usize)?, &what)?;
        if outcome.is_nothing() && network == state.network {
            return None;
        }
        let state = ClusterState { network, counted, ..state.clone() };
        Some(Transition::of(state, to, &outcome))
    }
}

impl<P: Checked, N: Network<P::Message>> Transition<P, N> {
    /// What a state becomes by what happened at a site.
    fn of(mut state: ClusterState<P, N>, node: NodeId, outcome: &Outcome<P>) -> Self {
        let Outcome { site, messages, replies, steps, lost } = outcome;
        if let Some(site) = site {
            state.sites[node.0 as usize] = site.clone();
        }
        messages.iter().for_each(|envelope| state.network.send(envelope.clone()));
        replies.iter().for_each(|reply| state.tell(reply.clone()));
        Self { state, steps: steps.clone(), lost: lost.clone() }
    }
}

impl<P: Checked, N> ClusterState<P, N> {
    fn tell(&mut self, reply: P::Reply) {
        if let Err(at) = self.told.binary_search(&reply) {
            self.told.insert(at, reply);
        }
    }
}
