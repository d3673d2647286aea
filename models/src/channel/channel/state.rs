//! The channel and the threads.

use serde::{Deserialize, Serialize};

/// A value that is sent: who sends it, and in which of its calls.
pub type Value = u8;

/// Where a thread is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Pc {
    /// Between two calls.
    #[default]
    Idle,
    /// Waits to send its value.
    Sending,
    /// Waits for a value.
    Receiving,
    /// Its value was taken while it waited.
    Sent,
    /// This value was handed to it while it waited.
    Received(Value),
    /// The channel was closed while it waited to send.
    GivenBack,
    /// The channel was closed while it waited for a value.
    Ended,
}

/// A thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Thread {
    /// Where it is.
    pub pc: Pc,
    /// Whether the call that waits has a deadline.
    pub timed: bool,
    /// The calls that it has not begun.
    pub rounds: u8,
}

impl Thread {
    /// The call under way is over.
    pub(super) fn end(&mut self) {
        *self = Self { pc: Pc::Idle, timed: false, rounds: self.rounds };
    }
}

/// What a call returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// The value was sent.
    Sent,
    /// The value was not sent: no room, or none in time.
    Full,
    /// The value was not sent: the channel is closed.
    Rejected,
    /// A value was received.
    Received(Value),
    /// Nothing was received: there was nothing, or not in time.
    Empty,
    /// Nothing was received: the channel is closed and empty.
    Drained,
    /// The channel is closed, by this call or before it.
    Closed,
}

/// The state of the channel and of all threads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// The values in the buffer, the oldest first.
    pub buffer: Vec<Value>,
    /// Whether the channel is closed.
    pub closed: bool,
    /// The threads that wait to send, who has waited longest first.
    pub senders: Vec<u8>,
    /// The threads that wait for a value, who has waited longest first.
    pub receivers: Vec<u8>,
    /// The threads.
    pub threads: Vec<Thread>,
}

impl State {
    /// The most calls of a thread.
    pub const MOST_ROUNDS: u8 = 4;

    /// An open channel without values, and threads that have made no call yet.
    pub(super) fn initial(threads: u8, rounds: u8) -> Self {
        let thread = Thread { pc: Pc::Idle, timed: false, rounds };
        Self {
            buffer: Vec::new(),
            closed: false,
            senders: Vec::new(),
            receivers: Vec::new(),
            threads: vec![thread; threads.into()],
        }
    }

    /// A thread by its number.
    pub fn thread(&self, number: u8) -> &Thread {
        &self.threads[usize::from(number)]
    }

    /// A thread by its number, to be changed.
    pub fn thread_mut(&mut self, number: u8) -> &mut Thread {
        &mut self.threads[usize::from(number)]
    }

    /// What a thread sends in the call under way, or in the next one if `Idle`.
    pub fn value_of(&self, number: u8) -> Value {
        let thread = self.thread(number);
        let begun = u8::from(thread.pc != Pc::Idle);
        number * Self::MOST_ROUNDS + thread.rounds + begun - 1
    }

    /// All values on their way, in the order in which they are to be received: those in the
    /// buffer, and then those of the senders that wait.
    pub fn on_their_way(&self) -> Vec<Value> {
        let waiting = self.senders.iter().map(|sender| self.value_of(*sender));
        self.buffer.iter().copied().chain(waiting).collect()
    }

    /// The value that a receive takes, if there is one.
    pub fn oldest(&self) -> Option<Value> {
        let waiting = self.senders.first().map(|sender| self.value_of(*sender));
        self.buffer.first().copied().or(waiting)
    }

    /// Whether the queues are the threads that wait.
    pub(in crate::channel) fn queues_are_who_waits(&self) -> bool {
        let waits = |pc| (0..).zip(&self.threads).filter(move |(_, thread)| thread.pc == pc);
        let same = |queue: &[u8], pc| {
            let mut queue = queue.to_vec();
            queue.sort_unstable();
            queue.into_iter().eq(waits(pc).map(|(number, _)| number))
        };
        same(&self.senders, Pc::Sending) && same(&self.receivers, Pc::Receiving)
    }

    /// Whether a thread waits that could be served now, and nobody is left to notice.
    pub(in crate::channel) fn wake_up_is_lost(&self, capacity: usize) -> bool {
        self.threads.iter().any(|thread| self.could_be_served(thread, capacity))
    }

    /// Whether a thread waits although it could be served.
    fn could_be_served(&self, thread: &Thread, capacity: usize) -> bool {
        let waits_for = |pc| self.threads.iter().any(|other| other.pc == pc);
        match thread.pc {
            Pc::Sending => self.closed || self.buffer.len() < capacity || waits_for(Pc::Receiving),
            Pc::Receiving => self.closed || !self.buffer.is_empty() || waits_for(Pc::Sending),
            _ => false,
        }
    }
}
