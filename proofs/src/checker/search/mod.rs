//! What one worker of the search knows and does, whatever carries the states between workers.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use bisim_models::common::{Draft, StepLaw, Value};
use stateright::{Model, Property};

mod judge;

use super::classes::Step;
use super::control::Control;
use super::dataflow::{self, Work};
use super::fingerprint::fingerprint;
use super::parcel::Parcel;
use super::steps::{self, StepEnd};
use super::store::{Blocks, Parents, Recent};
use super::table::Table;
use super::{Classes, Options, state_properties};

/// A state on its way to the worker that owns it.
#[derive(Clone)]
struct Arrival<S> {
    state: S,
    fingerprint: u64,
    /// The fingerprint of the state that it was reached from; its own for an initial state.
    parent: u64,
}

/// What is searched.
pub(in crate::checker) struct Search<M: Model> {
    pub(in crate::checker) model: Arc<M>,
    pub(in crate::checker) properties: Vec<Property<M>>,
    pub(in crate::checker) steps: Vec<StepLaw<M>>,
    step: Step<M>,
    class_of: fn(&M::Action) -> usize,
    classes: usize,
    pub(in crate::checker) control: Arc<Control>,
}

impl<M: Model> Search<M> {
    pub(in crate::checker) fn new(model: Arc<M>, classes: &Classes<M>, options: &Options) -> Self {
        Self {
            properties: state_properties(&*model),
            steps: classes.steps.clone(),
            model,
            step: classes.step,
            class_of: classes.of,
            classes: classes.names.len(),
            control: Arc::new(Control::new(options.clone())),
        }
    }

    /// The same search by one worker, down to a depth.
    pub(in crate::checker) fn alone(&self, depth: u32) -> Self {
        let options =
            Options { workers: 1, max_depth: Some(depth), keep_going: true, ..Options::default() };
        Self {
            model: Arc::clone(&self.model),
            properties: state_properties(&*self.model),
            steps: self.steps.clone(),
            control: Arc::new(Control::new(options)),
            ..*self
        }
    }
}

impl<M: Model<State: Value, Action: Value> + Send + Sync + 'static> Search<M> {
    /// Searches, and returns what each worker knows then.
    pub(in crate::checker) fn run(self: &Arc<Self>) -> Vec<Part<M>> {
        let search = Arc::clone(self);
        let part = move |index, peers| -> Box<dyn Work> {
            Box::new(Part::new(Arc::clone(&search), index, peers))
        };
        let parts = dataflow::run(&self.control, Arc::new(part)).into_iter();
        let parts = parts.map(|part| part.into_any().downcast().map(|part: Box<Part<M>>| *part));
        parts.map(|part| part.unwrap_or_else(|_| unreachable!("each is made above"))).collect()
    }
}

/// The state in which the shortest story of a property ends: of the smallest depth, and among
/// those the one that a single worker finds first; or, of several workers, that of the smallest
/// fingerprint, which makes the choice independent of the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::checker) struct End {
    pub(in crate::checker) depth: u32,
    pub(in crate::checker) fingerprint: u64,
}

/// One worker: the states that it owns, and its share of the counts.
pub(in crate::checker) struct Part<M: Model> {
    search: Arc<Search<M>>,
    /// Its number.
    index: usize,
    /// Successors that are not sent yet, for each worker.
    outgoing: Vec<Vec<Arrival<M::State>>>,
    table: Table,
    pub(in crate::checker) parents: Parents,
    /// What is left of the level that is explored.
    level: Blocks<M::State>,
    /// Its depth.
    at: u32,
    /// What has arrived of the levels after it. There can be two: a worker that knows earlier
    /// that a level is complete may already send states of the one after the next.
    waiting: BTreeMap<u32, Blocks<M::State>>,
    recent: Recent,
    actions: Vec<M::Action>,
    pub(in crate::checker) initial: u64,
    pub(in crate::checker) distinct: u64,
    pub(in crate::checker) depth: u32,
    pub(in crate::checker) taken: Vec<u64>,
    pub(in crate::checker) ends: Vec<Option<End>>,
    pub(in crate::checker) step_ends: Vec<Option<StepEnd>>,
}

impl<M: Model<State: Value, Action: Value>> Part<M> {
    /// How many states are sent together: enough to make the way cheap, few enough to stay in the
    /// cache.
    const PARCEL: usize = 1 << 8;

    fn new(search: Arc<Search<M>>, index: usize, peers: usize) -> Self {
        Self {
            index,
            outgoing: vec![Vec::new(); peers],
            table: Table::new(),
            parents: Parents::default(),
            level: Blocks::default(),
            at: 0,
            waiting: BTreeMap::new(),
            recent: Recent::new(),
            actions: Vec::new(),
            initial: 0,
            distinct: 0,
            depth: 0,
            taken: vec![0; search.classes],
            ends: vec![None; search.properties.len()],
            step_ends: vec![None; search.steps.len()],
            search,
        }
    }

    /// Puts a state with those that go to the same worker, and sends them when they are many.
    #[inline]
    fn pack(&mut self, arrival: Arrival<M::State>, send: &mut dyn FnMut(Parcel)) {
        let owner = arrival.fingerprint % self.outgoing.len() as u64;
        let outgoing = &mut self.outgoing[owner as usize];
        if outgoing.capacity() == 0 {
            outgoing.reserve_exact(Self::PARCEL);
        }
        outgoing.push(arrival);
        if outgoing.len() == Self::PARCEL {
            send(Parcel::new(owner, std::mem::take(outgoing)));
        }
    }

    /// Whether this worker owns a state and has seen it: such a state is not sent, and what it is
    /// written in can be used for the next one.
    #[inline]
    fn knows(&self, fingerprint: u64) -> bool {
        let owner = fingerprint % self.outgoing.len() as u64;
        owner == self.index as u64 && self.table.contains(fingerprint)
    }

    /// Sends what is packed.
    fn send_rest(&mut self, send: &mut dyn FnMut(Parcel)) {
        for (owner, outgoing) in (0..).zip(&mut self.outgoing) {
            if !outgoing.is_empty() {
                send(Parcel::new(owner, std::mem::take(outgoing)));
            }
        }
    }
}

impl<M: Model<State: Value, Action: Value> + Send + Sync + 'static> Work for Part<M> {
    fn start(&mut self, send: &mut dyn FnMut(Parcel)) {
        // One worker sends the initial states to their owners.
        if self.index > 0 {
            return;
        }
        let states = self.search.model.init_states();
        self.initial = states.len() as u64;
        for state in states {
            let fingerprint = fingerprint(&state);
            self.pack(Arrival { state, fingerprint, parent: fingerprint }, send);
        }
        self.send_rest(send);
    }

    fn arrive(&mut self, depth: u32, parcel: Parcel) {
        let arrivals: Vec<Arrival<M::State>> = parcel.open();
        self.table.touch(arrivals.iter().map(|arrival| arrival.fingerprint));
        let search = Arc::clone(&self.search);
        let (model, control) = (&*search.model, &*search.control);
        let too_deep = control.too_deep(depth);
        let mut level = self.waiting.remove(&depth).unwrap_or_default();
        for Arrival { state, fingerprint, parent } in arrivals {
            if too_deep {
                // Not explored, but told of; what is outside the boundary is checked below.
                if self.table.contains(fingerprint) {
                    continue;
                }
                if model.within_boundary(&state) {
                    control.met_deeper();
                    continue;
                }
            }
            if !self.table.insert(fingerprint) {
                continue;
            }
            let within = model.within_boundary(&state);
            if within && !control.admit() {
                return;
            }
            self.parents.push(fingerprint, parent);
            self.judge(&state, End { depth, fingerprint });
            if within {
                self.distinct += 1;
                self.depth = depth;
                level.push(state, fingerprint);
            }
        }
        self.waiting.insert(depth, level);
    }

    fn begin_level(&mut self, depth: u32) {
        self.level = self.waiting.remove(&depth).unwrap_or_default();
        self.at = depth;
        if self.search.control.violated_by(depth) {
            self.level = Blocks::default();
        }
    }

    fn explore(&mut self, send: &mut dyn FnMut(Parcel)) -> bool {
        let Some(block) = self.level.pop() else { return false };
        let search = Arc::clone(&self.search);
        let mut actions = std::mem::take(&mut self.actions);
        let mut next = Draft::BOUNDED;
        for (state, parent) in &block {
            let (at, parent) = (self.at, *parent);
            if search.control.ended() {
                return false;
            }
            search.model.actions(state, &mut actions);
            for action in actions.drain(..) {
                if !(search.step)(&search.model, state, &action, &mut next) {
                    continue;
                }
                self.taken[(search.class_of)(&action)] += 1;
                let Some(to) = next.written() else {
                    debug_assert!(self.is_rightly_left_out(state, &action), "{action:?}");
                    continue;
                };
                if !search.steps.is_empty() {
                    let from = End { depth: at, fingerprint: parent };
                    steps::judge(&search, &mut self.step_ends, from, (state, &action, to));
                }
                if !search.model.within_boundary(to) && !self.tells(to, at + 1) {
                    continue;
                }
                let fingerprint = fingerprint(to);
                if self.recent.insert(fingerprint) && !self.knows(fingerprint) {
                    self.pack(Arrival { state: next.take(), fingerprint, parent }, send);
                }
            }
        }
        self.actions = actions;
        self.send_rest(send);
        !self.level.is_empty()
    }

    fn depth(&self) -> u32 {
        self.depth
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
