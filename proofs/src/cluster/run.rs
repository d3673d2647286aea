//! How a cluster runs: events are given to nodes, and their effects carried out.

use bisim::protocol::{Effect, Effects, Event, NodeId, Taken, WriteId};

use super::{
    Checked, Cluster, ClusterAction, ClusterState, Envelope, Hindsight, Move, Network, Pending,
    Shared, Site,
};

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
        let mut at = Transition {
            state: ClusterState {
                sites: self.nodes.iter().map(|_| down()).collect(),
                network: self.network.clone(),
                crashes_left: self.crashes,
                fired: 0,
                told: Vec::new(),
            },
            steps: Vec::new(),
            lost: Vec::new(),
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
        let mut at = Transition { state: state.clone(), steps: Vec::new(), lost: Vec::new() };
        match action {
            ClusterAction::Network(of) => self.network_moves(&mut at, of)?,
            ClusterAction::Durable { node } => self.becomes_durable(&mut at, *node)?,
            ClusterAction::Fire { node, timer } => {
                let site = at.site(*node)?;
                let armed = site.armed.binary_search(timer).ok()?;
                site.make_mut().armed.remove(armed);
                at.state.fired += u32::from((self.counted)(timer));
                self.give(&mut at, *node, Event::Fired(timer.clone()))?;
            }
            ClusterAction::Request { node, request } => {
                self.give(&mut at, *node, Event::Request(request.clone()))?;
            }
            ClusterAction::Crash { node } => {
                at.state.crashes_left = at.state.crashes_left.checked_sub(1)?;
                let site = at.site(*node)?;
                site.node.as_ref()?;
                let (disk, pending) = (site.disk.clone(), site.pending.clone());
                *site = Shared::new(Site { node: None, disk, pending: vec![], armed: vec![] });
                let hindsight = pending.into_iter().filter_map(|pending| pending.hindsight);
                at.lost.extend(hindsight.flat_map(|hindsight| hindsight.arrived));
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
        let Some(envelope) = at.state.network.make(of).ok()? else {
            if let Move::Drop(envelope) = of {
                at.lost.push(envelope.clone());
            }
            return Some(());
        };
        let Envelope { from, to, message } = envelope.clone();
        let runs = at.site(to).is_some_and(|site| site.node.is_some());
        let taken = match runs {
            true => self.give(at, to, Event::Message { from, message })?,
            false => Vec::new(),
        };
        let waits = taken.last().and_then(|after| at.waiting(to, *after));
        match waits.and_then(|pending| pending.hindsight.as_mut()) {
            Some(hindsight) => hindsight.arrived.push(envelope),
            None if taken.is_empty() => at.lost.push(envelope),
            None => {}
        }
        Some(())
    }

    /// The oldest write becomes durable: what waited for it happens, and the node is told.
    fn becomes_durable(&self, at: &mut Transition<P, N>, node: NodeId) -> Option<()> {
        let site = at.site(node)?;
        if site.pending.is_empty() {
            return None;
        }
        let site = site.make_mut();
        let Pending { id, record, messages, replies, steps, .. } = site.pending.remove(0);
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
        self.give(at, node, Event::Durable(id)).map(drop)
    }

    fn restart(&self, at: &mut Transition<P, N>, node: NodeId) -> Option<()> {
        let site = at.site(node)?;
        if site.node.is_some() {
            return None;
        }
        let site = site.make_mut();
        site.node = Some(self.nodes[node.0 as usize].clone());
        let disk = site.disk.clone();
        self.give(at, node, Event::Recover(disk)).map(drop)
    }

    /// Gives an event to a node that runs, and carries out its effects. Returns, for each step
    /// that the node took, the write that it waits for; `None` if the event leads outside the
    /// bounds.
    fn give(
        &self,
        at: &mut Transition<P, N>,
        id: NodeId,
        event: Event<P>,
    ) -> Option<Vec<Option<WriteId>>> {
        let Some(sabotage) = &self.sabotage else { return self.react(at, id, event) };
        let events = (sabotage.events)(at.site(id)?.node.as_ref()?, event);
        let mut waits = Vec::new();
        for event in events {
            waits.extend(self.react(at, id, event)?);
        }
        Some(waits)
    }

    fn react(
        &self,
        at: &mut Transition<P, N>,
        id: NodeId,
        event: Event<P>,
    ) -> Option<Vec<Option<WriteId>>> {
        let site = at.site(id)?;
        let mut node = site.node.clone()?;
        let next_write = site.pending.last().map_or(WriteId(0), |last| WriteId(last.id.0 + 1));
        let mut buffer = Effects::naming_from(next_write);
        let told = self.sabotage.as_ref().map(|sabotage| (sabotage, event.clone()));
        node.handle(event, &mut buffer);
        let (mut effects, mut steps) = buffer.into_parts();
        if let (Some((sabotage, event)), Some(before)) = (told, &site.node) {
            (sabotage.effects)(before, &event, &mut effects, &mut steps);
        }
        if !(self.within)(&node) {
            return None;
        }
        let writes = effects.iter().any(|effect| matches!(effect, Effect::Write { .. }));
        let before = if self.hindsight && writes { site.node.clone() } else { None };
        let before = before.map(Shared::new);
        // Most events of an exhaustive search change nothing: then the site stays shared.
        if site.node.as_ref() != Some(&node) {
            site.make_mut().node = Some(node);
        }
        for effect in effects {
            at.carry_out(id, effect, before.as_ref())?;
        }
        let waits = steps.iter().map(|taken| taken.after).collect();
        for Taken { step, after } in steps {
            match at.waiting(id, after) {
                Some(pending) => pending.steps.push(step),
                None => at.steps.push(step),
            }
        }
        Some(waits)
    }
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

    fn carry_out(
        &mut self,
        node: NodeId,
        effect: Effect<P>,
        before: Option<&Shared<P>>,
    ) -> Option<()> {
        match effect {
            Effect::Write { id, record } => {
                let (messages, replies, steps) = (vec![], vec![], vec![]);
                let before = before.cloned();
                let hindsight = before.map(|node| Hindsight { node, arrived: vec![] });
                let pending = Pending { id, record, messages, replies, steps, hindsight };
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
