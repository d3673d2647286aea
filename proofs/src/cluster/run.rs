//! How a cluster runs: events are given to nodes, and their effects carried out.

use bisim::protocol::{Effect, Effects, Event, NodeId, Taken, WriteId};

use super::{
    Checked, Cluster, ClusterAction, ClusterState, Envelope, Move, Network, Pending, Shared, Site,
};

/// Where an action leads.
pub struct Transition<P: Checked, N> {
    /// The state after it.
    pub state: ClusterState<P, N>,
    /// The steps of the model that were taken, in order: those of a write that became durable,
    /// then those that wait for no write.
    pub steps: Vec<P::Step>,
}

impl<P: Checked, N: Network<P::Message>> Cluster<P, N> {
    /// All nodes have recovered from empty disks.
    pub(super) fn start(&self) -> ClusterState<P, N> {
        let down = || {
            let disk = P::Durable::default();
            Shared::new(Site { node: None, disk, pending: Vec::new(), armed: Vec::new() })
        };
        let mut at = Transition {
            state: ClusterState {
                sites: self.nodes.iter().map(|_| down()).collect(),
                network: self.network.clone(),
                crashes_left: self.crashes,
                told: Vec::new(),
            },
            steps: Vec::new(),
        };
        for id in self.ids() {
            self.restart(&mut at, id).expect("a node that is down can be started");
        }
        at.state
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

    /// Lets an action happen; `None` if it cannot happen here, or leads outside the bounds.
    pub fn run(
        &self,
        state: &ClusterState<P, N>,
        action: &ClusterAction<P>,
    ) -> Option<Transition<P, N>> {
        let mut at = Transition { state: state.clone(), steps: Vec::new() };
        match action {
            ClusterAction::Network(of) => self.network_moves(&mut at, of)?,
            ClusterAction::Durable { node } => self.becomes_durable(&mut at, *node)?,
            ClusterAction::Fire { node, timer } => {
                let site = at.site(*node)?;
                let armed = site.armed.binary_search(timer).ok()?;
                site.make_mut().armed.remove(armed);
                self.give(&mut at, *node, Event::Fired(timer.clone()))?;
            }
            ClusterAction::Request { node, request } => {
                self.give(&mut at, *node, Event::Request(request.clone()))?;
            }
            ClusterAction::Crash { node } => {
                at.state.crashes_left = at.state.crashes_left.checked_sub(1)?;
                let site = at.site(*node)?;
                site.node.as_ref()?;
                let disk = site.disk.clone();
                *site = Shared::new(Site { node: None, disk, pending: vec![], armed: vec![] });
            }
            ClusterAction::Restart { node } => self.restart(&mut at, *node)?,
        }
        Some(at)
    }

    fn ids(&self) -> impl Iterator<Item = NodeId> + use<P, N> {
        let count = u32::try_from(self.nodes.len()).expect("a cluster has a few nodes");
        (0..count).map(NodeId)
    }

    /// A node that is down does not notice what arrives.
    fn network_moves(&self, at: &mut Transition<P, N>, of: &Move<P::Message>) -> Option<()> {
        let Some(Envelope { from, to, message }) = at.state.network.make(of).ok()? else {
            return Some(());
        };
        match at.site(to) {
            Some(site) if site.node.is_some() => {
                self.give(at, to, Event::Message { from, message })
            }
            _ => Some(()),
        }
    }

    /// The oldest write becomes durable: what waited for it happens, and the node is told.
    fn becomes_durable(&self, at: &mut Transition<P, N>, node: NodeId) -> Option<()> {
        let site = at.site(node)?;
        if site.pending.is_empty() {
            return None;
        }
        let site = site.make_mut();
        let Pending { id, record, messages, replies, steps } = site.pending.remove(0);
        if !self.remembers_writes {
            site.pending.iter_mut().for_each(|pending| pending.id.0 -= 1);
        }
        match &self.sabotage {
            None => P::apply(&mut site.disk, &record),
            Some(sabotage) => (sabotage.apply)(&mut site.disk, &record),
        }
        at.steps.extend(steps);
        messages.into_iter().for_each(|envelope| at.state.network.send(envelope));
        replies.into_iter().for_each(|reply| at.state.tell(reply));
        self.give(at, node, Event::Durable(id))
    }

    fn restart(&self, at: &mut Transition<P, N>, node: NodeId) -> Option<()> {
        let site = at.site(node)?;
        if site.node.is_some() {
            return None;
        }
        let site = site.make_mut();
        site.node = Some(self.nodes[node.0 as usize].clone());
        let disk = site.disk.clone();
        self.give(at, node, Event::Recover(disk))
    }

    /// Gives an event to a node that runs, and carries out its effects.
    fn give(&self, at: &mut Transition<P, N>, id: NodeId, event: Event<P>) -> Option<()> {
        let site = at.site(id)?;
        let Reaction { node, effects, steps } = self.react(site, event)?;
        // Most events of an exhaustive search change nothing: then the site stays shared.
        if site.node.as_ref() != Some(&node) {
            site.make_mut().node = Some(node);
        }
        for effect in effects {
            at.carry_out(id, effect)?;
        }
        for Taken { step, after } in steps {
            match at.waiting(id, after) {
                Some(pending) => pending.steps.push(step),
                None => at.steps.push(step),
            }
        }
        Some(())
    }

    /// What a node that runs does at an event; `None` if that leads outside the bounds.
    fn react(&self, site: &Site<P>, event: Event<P>) -> Option<Reaction<P>> {
        let mut node = site.node.clone()?;
        let next_write = site.pending.last().map_or(WriteId(0), |last| WriteId(last.id.0 + 1));
        let mut buffer = Effects::naming_from(next_write);
        let (mut effects, mut steps) = (Vec::new(), Vec::new());
        match &self.sabotage {
            None => {
                node.handle(event, &mut buffer);
                (effects, steps) = buffer.into_parts();
            }
            Some(sabotage) => {
                for event in (sabotage.events)(&node, event) {
                    let before = node.clone();
                    node.handle(event.clone(), &mut buffer);
                    let mut led_to = buffer.drain().collect();
                    let mut taken = std::mem::take(buffer.steps_mut());
                    (sabotage.effects)(&before, &event, &mut led_to, &mut taken);
                    effects.extend(led_to);
                    steps.extend(taken);
                }
            }
        }
        (self.within)(&node).then_some(Reaction { node, effects, steps })
    }
}

/// What a node does at an event.
struct Reaction<P: Checked> {
    /// The node after it.
    node: P,
    effects: Vec<Effect<P>>,
    steps: Vec<Taken<P::Step>>,
}

impl<P: Checked, N: Network<P::Message>> Transition<P, N> {
    fn site(&mut self, id: NodeId) -> Option<&mut Shared<Site<P>>> {
        self.state.sites.get_mut(id.0 as usize)
    }

    /// The write that something waits for, while it is not durable.
    fn waiting(&mut self, node: NodeId, after: Option<WriteId>) -> Option<&mut Pending<P>> {
        let after = after?;
        let site = self.site(node)?.make_mut();
        site.pending.iter_mut().find(|pending| pending.id == after)
    }

    fn carry_out(&mut self, node: NodeId, effect: Effect<P>) -> Option<()> {
        match effect {
            Effect::Write { id, record } => {
                let (messages, replies, steps) = (vec![], vec![], vec![]);
                let pending = Pending { id, record, messages, replies, steps };
                self.site(node)?.make_mut().pending.push(pending);
            }
            Effect::Send { to, message, after } => {
                let envelope = Envelope { from: node, to, message };
                match self.waiting(node, after) {
                    Some(pending) => pending.messages.push(envelope),
                    None => self.state.network.send(envelope),
                }
            }
            Effect::Reply { reply, after } => match self.waiting(node, after) {
                Some(pending) => pending.replies.push(reply),
                None => self.state.tell(reply),
            },
            Effect::Arm(timer) => {
                let armed = &mut self.site(node)?.make_mut().armed;
                if let Err(at) = armed.binary_search(&timer) {
                    armed.insert(at, timer);
                }
            }
            Effect::Cancel(timer) => {
                let armed = &mut self.site(node)?.make_mut().armed;
                armed.retain(|other| *other != timer);
            }
            Effect::Ignore(_) => {}
        }
        Some(())
    }
}

impl<P: Checked, N> ClusterState<P, N> {
    fn tell(&mut self, reply: P::Reply) {
        if let Err(at) = self.told.binary_search(&reply) {
            self.told.insert(at, reply);
        }
    }
}
