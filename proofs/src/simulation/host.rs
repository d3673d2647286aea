//! A machine of a simulation: a node, its disk and its timers.

use std::collections::{BTreeMap, VecDeque};

use bisim::protocol::{Effect, Effects, Event, Taken, WriteId};

use super::Micros;
use crate::cluster::{Checked, Reaction, Sabotage, handle, write};

/// A write that is not durable yet, with all that waits for it.
pub(super) struct Pending<P: Checked> {
    pub(super) id: WriteId,
    pub(super) record: P::Record,
    pub(super) waiting: Vec<Effect<P>>,
}

/// When a timer runs out, if it runs. It is set again far more often than it runs out: then it
/// keeps its place in the queue, and the queue finds out that it has more time.
pub(super) struct Alarm {
    pub(super) due: Option<Micros>,
    /// When the queue next looks at it.
    pub(super) looked_at: Micros,
}

/// A machine: what a crash takes, and what it leaves.
pub(super) struct Host<P: Checked> {
    /// The node, while it runs.
    pub(super) node: Option<P>,
    pub(super) disk: P::Durable,
    /// The writes that are not durable yet, oldest first.
    pub(super) pending: VecDeque<Pending<P>>,
    /// The timers that run, and those that were stopped and still are in the queue.
    pub(super) timers: BTreeMap<P::Timer, Alarm>,
    /// How often it has started: what was meant for an earlier life is void.
    pub(super) life: u64,
    /// Until when the process does not run, although the machine does.
    pub(super) paused_until: u64,
    /// When its disk has done what it was asked so far.
    pub(super) disk_free_at: u64,
    /// How fast its clock runs, in thousandths.
    pub(super) clock: u64,
    buffer: Effects<P, Vec<Taken<P::Step>>>,
}

impl<P: Checked> Host<P> {
    pub(super) fn new(clock: u64) -> Self {
        Self {
            node: None,
            disk: P::Durable::default(),
            pending: VecDeque::new(),
            timers: BTreeMap::new(),
            life: 0,
            paused_until: 0,
            disk_free_at: 0,
            clock,
            buffer: Effects::new(),
        }
    }

    /// The machine starts with this node, which is then to be given [`Event::Recover`].
    pub(super) fn start(&mut self, node: P) -> Event<P> {
        self.node = Some(node);
        self.life += 1;
        self.paused_until = 0;
        self.buffer = Effects::new();
        Event::Recover(self.disk.clone())
    }

    /// Everything but the disk is lost. Of the writes under way, the first `kept` still make it.
    /// Returns how many do not.
    pub(super) fn crash(&mut self, kept: usize, sabotage: Option<&Sabotage<P>>) -> usize {
        let kept: Vec<_> = self.pending.iter().take(kept).map(|pending| pending.id).collect();
        for id in kept {
            self.write(id, sabotage);
        }
        self.node = None;
        self.timers.clear();
        self.life += 1;
        self.paused_until = 0;
        std::mem::take(&mut self.pending).len()
    }

    /// A write becomes durable, and with it all before it. Returns what waited for them.
    pub(super) fn write(
        &mut self,
        last: WriteId,
        sabotage: Option<&Sabotage<P>>,
    ) -> Option<Vec<Effect<P>>> {
        let mut waited = None;
        while self.pending.front().is_some_and(|pending| pending.id <= last) {
            let Pending { record, waiting, .. } = self.pending.pop_front()?;
            write(&mut self.disk, &record, sabotage);
            waited.get_or_insert_with(Vec::new).extend(waiting);
        }
        waited
    }

    /// Gives the node an event; nothing happens if it does not run.
    pub(super) fn react(&mut self, event: Event<P>, sabotage: Option<&Sabotage<P>>) -> Reaction<P> {
        let mut all = (Vec::new(), Vec::new());
        let Some(node) = &mut self.node else { return all };
        let Some(lies) = sabotage else { return handle(node, event, None, &mut self.buffer) };
        for event in (lies.events)(node, event) {
            let (effects, steps) = handle(node, event, sabotage, &mut self.buffer);
            all.0.extend(effects);
            all.1.extend(steps);
        }
        all
    }

    /// The write that something waits for, while it is not durable.
    pub(super) fn waiting(&mut self, after: Option<WriteId>) -> Option<&mut Vec<Effect<P>>> {
        let after = after?;
        let pending = self.pending.iter_mut().find(|pending| pending.id == after);
        pending.map(|pending| &mut pending.waiting)
    }
}
