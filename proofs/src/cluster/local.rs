//! What happens at one site: its node is given an event, and carries out the effects as far as
//! they concern the site.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use bisim::protocol::{Effect, Effects, Event, NodeId, Taken, WriteId};

use super::{Checked, Cluster, Envelope, Hindsight, Network, Pending, Shared, Site, handle, write};
use crate::checker::{ByFingerprint, fingerprint};

/// What may happen at a site.
#[derive(Hash)]
pub(super) enum Local<'a, P: Checked> {
    /// A message arrives.
    Arrives {
        /// Who sent it.
        from: NodeId,
        /// What it says.
        message: &'a P::Message,
    },
    /// The oldest write becomes durable.
    Durable,
    /// A timer fires.
    Fires(&'a P::Timer),
    /// A client asks for something.
    Asked(&'a P::Request),
    /// The node crashes.
    Crashes,
    /// The node starts, from what is durable.
    Restarts,
}

/// What comes of it.
pub(super) struct Outcome<P: Checked> {
    /// The site after it, if that is another.
    pub(super) site: Option<Shared<Site<P>>>,
    /// The messages that leave, and wait for nothing.
    pub(super) messages: Vec<Envelope<P::Message>>,
    /// What clients are told.
    pub(super) replies: Vec<P::Reply>,
    /// The steps that were taken, in order.
    pub(super) steps: Vec<P::Step>,
    /// The messages that the node ignored, or forgets in a crash.
    pub(super) lost: Vec<Envelope<P::Message>>,
}

impl<P: Checked> Outcome<P> {
    /// Nothing comes of it.
    fn nothing() -> Self {
        let (messages, lost) = (Vec::new(), Vec::new());
        Self { site: None, messages, replies: Vec::new(), steps: Vec::new(), lost }
    }

    /// Whether nothing comes of it, but for a message that is ignored.
    pub(super) fn is_nothing(&self) -> bool {
        let Self { site, messages, replies, steps, lost: _ } = self;
        site.is_none() && messages.is_empty() && replies.is_empty() && steps.is_empty()
    }
}

/// What came of what happened at the sites so far, by the fingerprints of both. A search meets few
/// states of a site in very many states of the cluster.
pub(super) struct Memo<P: Checked>([Mutex<Outcomes<P>>; 16]);

/// `None` for what cannot happen, or leads outside the bounds.
type Outcomes<P> = HashMap<u64, Option<Arc<Outcome<P>>>, ByFingerprint>;

impl<P: Checked> Memo<P> {
    pub(super) fn new() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }

    fn recall(
        &self,
        place: u64,
        find_out: impl FnOnce() -> Option<Outcome<P>>,
    ) -> Option<Arc<Outcome<P>>> {
        let part = &self.0[(place >> 32) as usize % self.0.len()];
        let lock = || part.lock().expect("nothing panics while it holds this lock");
        if let Some(known) = lock().get(&place) {
            return known.clone();
        }
        let outcome = find_out().map(Arc::new);
        lock().entry(place).or_insert(outcome).clone()
    }
}

impl<P: Checked, N: Network<P::Message>> Cluster<P, N> {
    /// What comes of it if this happens at a site; `None` if it cannot happen there, or leads
    /// outside the bounds.
    pub(super) fn at_site(
        &self,
        id: NodeId,
        site: &Shared<Site<P>>,
        what: &Local<'_, P>,
    ) -> Option<Arc<Outcome<P>>> {
        match &self.memo {
            None => self.happens(id, site, what).map(Arc::new),
            Some(memo) => {
                memo.recall(fingerprint(&(id, site, what)), || self.happens(id, site, what))
            }
        }
    }

    fn happens(&self, id: NodeId, site: &Site<P>, what: &Local<'_, P>) -> Option<Outcome<P>> {
        let before = site.node.as_ref().unwrap_or(&self.nodes[id.0 as usize]);
        let before = self.hindsight.then_some(before);
        let mut at = Course { id, before, site: site.clone(), outcome: Outcome::nothing() };
        match what {
            Local::Arrives { from, message } => self.arrives(&mut at, *from, message)?,
            Local::Durable => {
                let written = self.oldest_write(&mut at)?;
                self.give(&mut at, Event::Durable(written))?;
            }
            Local::Fires(timer) => {
                let armed = at.site.armed.binary_search(timer).ok()?;
                let timer = at.site.armed.remove(armed);
                self.give(&mut at, Event::Fired(timer))?;
            }
            Local::Asked(request) => {
                self.give(&mut at, Event::Request((*request).clone()))?;
            }
            Local::Crashes => at.crashes()?,
            Local::Restarts => {
                if site.node.is_some() {
                    return None;
                }
                at.site.node = Some(self.nodes[id.0 as usize].clone());
                self.give(&mut at, Event::Recover(site.disk.clone()))?;
            }
        }
        Some(at.end(site))
    }

    /// A node that is down does not notice what arrives.
    fn arrives(&self, at: &mut Course<'_, P>, from: NodeId, message: &P::Message) -> Option<()> {
        let taken = match at.site.node {
            Some(_) => self.give(at, Event::Message { from, message: message.clone() })?,
            None => Vec::new(),
        };
        let envelope = Envelope { from, to: at.id, message: message.clone() };
        let waits = taken.last().and_then(|after| at.waiting(*after));
        match waits.and_then(|pending| pending.hindsight.as_mut()) {
            Some(hindsight) => hindsight.arrived.push(envelope),
            None if taken.is_empty() => at.outcome.lost.push(envelope),
            None => {}
        }
        Some(())
    }

    /// The oldest write becomes durable, and what waited for it happens. Returns its name.
    fn oldest_write(&self, at: &mut Course<'_, P>) -> Option<WriteId> {
        let Course { site, outcome, .. } = at;
        if site.pending.is_empty() {
            return None;
        }
        let Pending { id, record, messages, replies, steps, .. } = site.pending.remove(0);
        if !self.remembers_writes {
            site.pending.iter_mut().for_each(|pending| pending.id.0 -= 1);
        }
        write(&mut site.disk, &record, self.sabotage.as_ref());
        (outcome.messages, outcome.replies, outcome.steps) = (messages, replies, steps);
        Some(id)
    }

    /// Gives an event to a node that runs, and carries out its effects. Returns, for each step
    /// that the node took, the write that it waits for; `None` if there is no such node, or the
    /// event leads it outside the bounds.
    fn give(&self, at: &mut Course<'_, P>, event: Event<P>) -> Option<Vec<Option<WriteId>>> {
        let Some(sabotage) = &self.sabotage else { return self.react(at, event) };
        let events = (sabotage.events)(at.site.node.as_ref()?, event);
        let mut waits = Vec::new();
        for event in events {
            waits.extend(self.react(at, event)?);
        }
        Some(waits)
    }

    fn react(&self, at: &mut Course<'_, P>, event: Event<P>) -> Option<Vec<Option<WriteId>>> {
        let next_write = at.site.pending.last().map_or(WriteId(0), |last| WriteId(last.id.0 + 1));
        let mut buffer = Effects::naming_from(next_write);
        let node = at.site.node.as_mut()?;
        let (effects, steps) = handle(node, event, self.sabotage.as_ref(), &mut buffer);
        if !(self.within)(node) {
            return None;
        }
        effects.into_iter().for_each(|effect| at.carry_out(effect));
        let waits = steps.iter().map(|taken| taken.after).collect();
        for Taken { step, after } in steps {
            match at.waiting(after) {
                Some(pending) => pending.steps.push(step),
                None => at.outcome.steps.push(step),
            }
        }
        Some(waits)
    }
}

/// A site while something happens there.
struct Course<'b, P: Checked> {
    id: NodeId,
    /// The node before all of it, where that is kept with what it writes.
    before: Option<&'b P>,
    site: Site<P>,
    outcome: Outcome<P>,
}

impl<P: Checked> Course<'_, P> {
    /// The write that something waits for, while it is not durable.
    fn waiting(&mut self, after: Option<WriteId>) -> Option<&mut Pending<P>> {
        let after = after?;
        self.site.pending.iter_mut().find(|pending| pending.id == after)
    }

    /// The node crashes, and with it goes what waits for a write.
    fn crashes(&mut self) -> Option<()> {
        self.site.node.take()?;
        self.site.armed.clear();
        let pending = self.site.pending.drain(..);
        let hindsight = pending.filter_map(|pending| pending.hindsight);
        self.outcome.lost.extend(hindsight.flat_map(|hindsight| hindsight.arrived));
        Some(())
    }

    /// Carries out what the node wants done.
    fn carry_out(&mut self, effect: Effect<P>) {
        match effect {
            Effect::Write { id, record } => {
                let (messages, replies, steps) = (vec![], vec![], vec![]);
                let before = self.before.cloned().map(Shared::new);
                let hindsight = before.map(|node| Hindsight { node, arrived: vec![] });
                let pending = Pending { id, record, messages, replies, steps, hindsight };
                self.site.pending.push(pending);
            }
            Effect::Send { to, message, after } => {
                let envelope = Envelope { from: self.id, to, message };
                match self.waiting(after) {
                    Some(pending) => pending.messages.push(envelope),
                    None => self.outcome.messages.push(envelope),
                }
            }
            Effect::Reply { reply, after } => match self.waiting(after) {
                Some(pending) => pending.replies.push(reply),
                None => self.outcome.replies.push(reply),
            },
            Effect::Arm(timer) => {
                if let Err(at) = self.site.armed.binary_search(&timer) {
                    self.site.armed.insert(at, timer);
                }
            }
            Effect::Cancel(timer) => self.site.armed.retain(|other| *other != timer),
            Effect::Ignore(_) => {}
        }
    }

    fn end(self, before: &Site<P>) -> Outcome<P> {
        let Self { site, outcome, .. } = self;
        Outcome { site: (site != *before).then(|| Shared::new(site)), ..outcome }
    }
}
