//! What one worker of the search knows and does, whatever carries the states between workers.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use bisim_models::common::Value;
use serde::{Deserialize, Serialize};
use stateright::{Expectation, Model, Property};

use super::fingerprint::fingerprint;
use super::store::{Blocks, Parents, Recent};
use super::table::Table;
use super::{Classes, Options};

/// A state on its way to the worker that owns it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Arrival<S> {
    pub(super) state: S,
    pub(super) fingerprint: u64,
    /// The fingerprint of the state that it was reached from; its own for an initial state.
    pub(super) parent: u64,
}

/// What all workers see.
pub(super) struct Search<M: Model> {
    pub(super) model: Arc<M>,
    pub(super) properties: Vec<Property<M>>,
    class_of: fn(&M::Action) -> usize,
    classes: usize,
    pub(super) options: Options,
    /// Distinct states so far.
    pub(super) distinct: AtomicU64,
    /// Set by the worker that ends the search; the flags below say why.
    ended: AtomicBool,
    pub(super) too_many: AtomicBool,
    pub(super) interrupted: AtomicBool,
    /// Whether a state deeper than the bound exists.
    pub(super) deeper: AtomicBool,
    /// The depth of the first violation; `u32::MAX` if there is none.
    pub(super) violation: AtomicU32,
    /// What a worker panicked with.
    pub(super) panic: Mutex<Option<Box<dyn Any + Send>>>,
}

impl<M: Model> Search<M> {
    pub(super) fn new(model: Arc<M>, classes: &Classes<M>, options: &Options) -> Self {
        Self::of(model, classes.of, classes.names.len(), options.clone())
    }

    fn of(
        model: Arc<M>,
        class_of: fn(&M::Action) -> usize,
        classes: usize,
        options: Options,
    ) -> Self {
        Self {
            properties: model.properties(),
            model,
            class_of,
            classes,
            options,
            distinct: AtomicU64::new(0),
            ended: AtomicBool::new(false),
            too_many: AtomicBool::new(false),
            interrupted: AtomicBool::new(false),
            deeper: AtomicBool::new(false),
            violation: AtomicU32::new(u32::MAX),
            panic: Mutex::new(None),
        }
    }

    /// The same search by one worker, down to a depth.
    pub(super) fn alone(&self, depth: u32) -> Self {
        let options =
            Options { workers: 1, max_depth: Some(depth), keep_going: true, ..Options::default() };
        let mut alone = Self::of(Arc::clone(&self.model), self.class_of, self.classes, options);
        // A property that nobody asks for anew need not be evaluated.
        alone.properties.clear();
        alone
    }

    /// Whether the search is over before all is explored.
    pub(super) fn ended(&self) -> bool {
        if self.options.interrupt.load(Relaxed) {
            self.interrupted.store(true, Relaxed);
            self.ended.store(true, Relaxed);
        }
        self.ended.load(Relaxed)
    }

    /// Whether states of this depth are no longer explored, because of a violation.
    fn violated_by(&self, depth: u32) -> bool {
        !self.options.keep_going && self.violation.load(Relaxed) <= depth
    }

    /// Ends the search with a panic of the model, which [`check`](super::check) resumes.
    pub(super) fn end_with_panic(&self, payload: Box<dyn Any + Send>) {
        let mut panic = self.panic.lock().expect("nothing panics while it holds this lock");
        panic.get_or_insert(payload);
        self.ended.store(true, Relaxed);
    }

    /// Takes one more distinct state into account, unless there are too many.
    fn admit(&self) -> bool {
        let before = self.distinct.fetch_add(1, Relaxed);
        let admitted = self.options.max_states.is_none_or(|most| before < most);
        if !admitted {
            self.too_many.store(true, Relaxed);
            self.ended.store(true, Relaxed);
        }
        admitted
    }
}

/// The state in which the shortest story of a property ends: of the smallest depth, and among
/// those of the smallest fingerprint, which makes the choice independent of the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct End {
    pub(super) depth: u32,
    pub(super) fingerprint: u64,
}

/// One worker: the states that it owns, and its share of the counts.
pub(super) struct Part<M: Model> {
    search: Arc<Search<M>>,
    table: Table,
    pub(super) parents: Parents,
    /// What is left of the level that is explored.
    level: Blocks<M::State>,
    /// What has arrived of the levels after it. There can be two: a worker that knows earlier
    /// that a level is complete may already send states of the one after the next.
    waiting: BTreeMap<u32, Blocks<M::State>>,
    recent: Recent,
    actions: Vec<M::Action>,
    pub(super) initial: u64,
    pub(super) distinct: u64,
    pub(super) depth: u32,
    pub(super) taken: Vec<u64>,
    pub(super) ends: Vec<Option<End>>,
}

impl<M: Model<State: Value, Action: Value>> Part<M> {
    pub(super) fn new(search: Arc<Search<M>>) -> Self {
        Self {
            table: Table::new(),
            parents: Parents::default(),
            level: Blocks::default(),
            waiting: BTreeMap::new(),
            recent: Recent::new(),
            actions: Vec::new(),
            initial: 0,
            distinct: 0,
            depth: 0,
            taken: vec![0; search.classes],
            ends: vec![None; search.properties.len()],
            search,
        }
    }

    /// The initial states, as arrivals of depth 1.
    pub(super) fn start(&mut self) -> Vec<Arrival<M::State>> {
        let states = self.search.model.init_states();
        self.initial = states.len() as u64;
        let arrivals = states.into_iter().map(|state| {
            let fingerprint = fingerprint(&state);
            Arrival { state, fingerprint, parent: fingerprint }
        });
        arrivals.collect()
    }

    /// Takes in states that this worker owns.
    pub(super) fn arrive(&mut self, depth: u32, arrivals: &mut Vec<Arrival<M::State>>) {
        self.table.touch(arrivals.iter().map(|arrival| arrival.fingerprint));
        let too_deep = self.search.options.max_depth.is_some_and(|most| depth > most);
        let mut level = self.waiting.remove(&depth).unwrap_or_default();
        for Arrival { state, fingerprint, parent } in arrivals.drain(..) {
            if too_deep {
                // Not explored, but told of; what is outside the boundary is checked below.
                if self.table.contains(fingerprint) {
                    continue;
                }
                if self.search.model.within_boundary(&state) {
                    self.search.deeper.store(true, Relaxed);
                    continue;
                }
            }
            if !self.table.insert(fingerprint) {
                continue;
            }
            let within = self.search.model.within_boundary(&state);
            if within && !self.search.admit() {
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

    /// Evaluates the properties that this state can still change.
    #[inline]
    fn judge(&mut self, state: &M::State, here: End) {
        let search = &self.search;
        for (end, property) in self.ends.iter_mut().zip(&search.properties) {
            if end.is_some_and(|end| end < here) {
                continue;
            }
            let holds = (property.condition)(&search.model, state);
            if holds == (property.expectation == Expectation::Sometimes) {
                *end = Some(here);
                if property.expectation == Expectation::Always {
                    search.violation.fetch_min(here.depth, Relaxed);
                }
            }
        }
    }

    /// Begins to explore the states that have arrived at this depth.
    pub(super) fn begin_level(&mut self, depth: u32) {
        self.level = self.waiting.remove(&depth).unwrap_or_default();
        if self.search.violated_by(depth) {
            self.level = Blocks::default();
        }
    }

    /// Explores the next block of states of this level, and sends their successors. Whether
    /// there are more.
    pub(super) fn explore(&mut self, mut send: impl FnMut(Arrival<M::State>)) -> bool {
        let Some(block) = self.level.pop() else { return false };
        let search = &*self.search;
        for (state, parent) in block {
            if search.ended() {
                return false;
            }
            search.model.actions(&state, &mut self.actions);
            for action in self.actions.drain(..) {
                let class = (search.class_of)(&action);
                let Some(state) = search.model.next_state(&state, action) else { continue };
                self.taken[class] += 1;
                let fingerprint = fingerprint(&state);
                if self.recent.insert(fingerprint) {
                    send(Arrival { state, fingerprint, parent });
                }
            }
        }
        !self.level.is_empty()
    }
}
