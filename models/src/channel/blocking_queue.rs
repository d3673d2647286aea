//! A bounded buffer with one set of threads that wait, as Java's monitors have it.
//!
//! `BlockingQueue.tla` of Markus Kuppe (lemmy/BlockingQueue), after Michel Charpentier, "An Example
//! of Debugging Java with a Model Checker". Producers put, consumers get; who can do neither waits,
//! and who has done either notifies one of the *other* kind. That it is the other kind is the whole
//! point: with a notification of anybody the threads may all end up waiting (bug
//! `channel/one-wait-set`), exactly where there are more than twice as many threads as places in
//! the buffer.

use serde::{Deserialize, Serialize};

use crate::common::{
    ActionClass, Disabled, Fairness, Law, LiveLaw, Parameter, ParameterError, Params, SmallSet,
    Spec,
};
use crate::spec_model;

/// A thread: the producers are numbered first, then the consumers.
pub type ThreadId = u8;

/// The buffer and the wait set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// What is in the buffer: the producers that put it there, the oldest first.
    pub buffer: Vec<ThreadId>,
    /// The threads that wait (`waitSet`).
    pub wait_set: SmallSet,
}

/// What a thread does. In TLA+, `Put` and `Get` hold both cases and choose the thread to notify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// A producer puts its number into the buffer, and notifies a consumer that waits; or waits.
    Put {
        /// The producer.
        producer: ThreadId,
        /// Who is notified.
        notified: Option<ThreadId>,
    },
    /// A consumer takes the oldest item, and notifies a producer that waits; or waits.
    Get {
        /// The consumer.
        consumer: ThreadId,
        /// Who is notified.
        notified: Option<ThreadId>,
    },
}

impl Action {
    /// The thread that takes the step.
    pub fn thread(&self) -> ThreadId {
        match *self {
            Self::Put { producer: thread, .. } | Self::Get { consumer: thread, .. } => thread,
        }
    }

    fn notified(&self) -> Option<ThreadId> {
        match *self {
            Self::Put { notified, .. } | Self::Get { notified, .. } => notified,
        }
    }
}

/// Producers, consumers and a buffer.
#[derive(Clone, Debug)]
pub struct BlockingQueue {
    producers: u8,
    consumers: u8,
    capacity: usize,
}

impl BlockingQueue {
    /// The number of threads.
    pub fn threads(&self) -> u8 {
        self.producers + self.consumers
    }

    /// `BufCapacity`.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// `Producers`.
    pub fn producers(&self) -> SmallSet {
        SmallSet::below(self.producers.into())
    }

    /// `Consumers`.
    pub fn consumers(&self) -> SmallSet {
        (self.producers..self.threads()).map(usize::from).collect()
    }

    /// Whether a thread is a producer.
    pub fn is_producer(&self, thread: ThreadId) -> bool {
        thread < self.producers
    }

    /// Whether the thread can do what it is there for, and need not wait.
    pub fn can_proceed(&self, state: &State, thread: ThreadId) -> bool {
        match self.is_producer(thread) {
            true => state.buffer.len() < self.capacity,
            false => !state.buffer.is_empty(),
        }
    }

    /// `Wait(t)`, or the buffer's change and `NotifyOther`.
    fn put_or_get(&self, state: &State, action: &Action) -> Result<State, Disabled> {
        let (thread, notified) = (action.thread(), action.notified());
        if state.wait_set.contains(thread.into()) {
            return Err(Disabled("the thread waits"));
        }
        if !self.can_proceed(state, thread) {
            if notified.is_some() {
                return Err(Disabled("a thread that waits notifies nobody"));
            }
            let wait_set = state.wait_set.with(thread.into());
            return Ok(State { wait_set, ..state.clone() });
        }
        let others = if self.is_producer(thread) { self.consumers() } else { self.producers() };
        let waiting = state.wait_set.iter().filter(|other| others.contains(*other));
        self.proceed(state, thread, notified, waiting.collect())
    }

    /// The thread does what it is there for, and notifies one of `waiting` if there is one.
    ///
    /// # Errors
    /// When `notified` is not what it can notify.
    pub fn proceed(
        &self,
        state: &State,
        thread: ThreadId,
        notified: Option<ThreadId>,
        waiting: SmallSet,
    ) -> Result<State, Disabled> {
        let mut next = state.clone();
        if self.is_producer(thread) {
            next.buffer.push(thread);
        } else {
            next.buffer.drain(..next.buffer.len().min(1));
        }
        match notified {
            None if waiting.is_empty() => Ok(next),
            None => Err(Disabled("there is a thread to notify")),
            Some(notified) if waiting.contains(notified.into()) => {
                next.wait_set = next.wait_set.without(notified.into());
                Ok(next)
            }
            Some(_) => Err(Disabled("the thread to be notified does not wait")),
        }
    }

    /// What a thread may do, whoever may be notified.
    pub fn actions_of(&self, state: &State, thread: ThreadId) -> impl Iterator<Item = Action> {
        let producer = self.is_producer(thread);
        let notified = state.wait_set.iter().map(|other| Some(other as ThreadId));
        let notified: Vec<_> = notified.chain([None]).collect();
        notified.into_iter().map(move |notified| match producer {
            true => Action::Put { producer: thread, notified },
            false => Action::Get { consumer: thread, notified },
        })
    }
}

const SOURCE: &str = "BlockingQueue.tla";

impl Spec for BlockingQueue {
    const NAME: &'static str = "blocking-queue";

    const PARAMETERS: &'static [Parameter] = &[
        Parameter::count("producers", "threads that put", (1, 8), [2, 4, 5]),
        Parameter::count("consumers", "threads that get", (1, 8), [2, 3, 4]),
        Parameter::count("capacity", "places in the buffer (BufCapacity)", (1, 6), [1, 3, 4]),
    ];

    const ACTIONS: &'static [ActionClass] =
        &[ActionClass::new("Put", SOURCE), ActionClass::new("Get", SOURCE)];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        let small = |name| u8::try_from(params.get(name)).expect("the range is below 256");
        let capacity = params.get("capacity") as usize;
        Ok(Self { producers: small("producers"), consumers: small("consumers"), capacity })
    }

    fn initial(&self) -> Vec<State> {
        vec![State { buffer: Vec::new(), wait_set: SmallSet::EMPTY }]
    }

    fn candidates(&self, state: &State, actions: &mut Vec<Action>) {
        let running = (0..self.threads()).filter(|t| !state.wait_set.contains((*t).into()));
        actions.extend(running.flat_map(|thread| self.actions_of(state, thread)));
    }

    fn step(&self, state: &State, action: &Action) -> Result<State, Disabled> {
        let is_producer = matches!(action, Action::Put { .. });
        if action.thread() >= self.threads() || is_producer != self.is_producer(action.thread()) {
            return Err(Disabled("there is no such producer or consumer"));
        }
        self.put_or_get(state, action)
    }

    fn class_of(action: &Action) -> usize {
        usize::from(matches!(action, Action::Get { .. }))
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always("TypeInv", SOURCE, |queue: &Self, s: &State| {
                s.buffer.len() <= queue.capacity
                    && s.buffer.iter().all(|thread| queue.is_producer(*thread))
            }),
            // The invariant that gave the specification its fame is called just that.
            Law::always("Invariant: no deadlock", SOURCE, |queue: &Self, s: &State| {
                s.wait_set.len() < usize::from(queue.threads())
            }),
        ]
    }

    /// `FairSpec`, and `Starvation`: each thread puts or gets again and again. A step is its
    /// thread's, and a notification is a step of whom it notifies.
    fn live_laws(&self) -> Vec<LiveLaw<Self>> {
        let weak = Fairness::weak("each thread", |_, _, action: &Action| {
            Some(usize::from(action.thread()))
        });
        let strong =
            Fairness::strong("the notification of each thread", |_, _, action: &Action| {
                action.notified().map(usize::from)
            });
        let threads = usize::from(self.threads());
        let served = |_: &Self, s: &State, thread| !s.wait_set.contains(thread);
        let starvation = LiveLaw::each_always_eventually(
            threads,
            "Starvation: each thread goes on, again and again",
            SOURCE,
            served,
        );
        let without = LiveLaw::each_always_eventually(
            threads,
            "with weak fairness alone a thread starves",
            "lemmy/BlockingQueue, v28 (Starvation)",
            served,
        );
        let mut laws = vec![starvation.under(&weak.clone().and(strong))];
        // A producer alone cannot be overtaken, nor a consumer.
        if self.producers > 1 || self.consumers > 1 {
            laws.push(without.under(&weak).refuted());
        }
        laws
    }

    fn lanes(&self) -> Vec<String> {
        let producers = (0..self.producers).map(|i| format!("producer {i}"));
        producers.chain((0..self.consumers).map(|i| format!("consumer {i}"))).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        Some(action.thread().into())
    }
}

spec_model!(BlockingQueue, State, Action);
