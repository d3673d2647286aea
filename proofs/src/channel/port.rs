//! The shipped channel of each copy, behind one trait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bisim_models::channel::channel::Outcome;

use super::script::{Call, Event, Seen, Step, What};
use crate::interleaving::{Loom, Shuttle, Std, World};

/// A value that counts how often it is dropped.
#[derive(Debug)]
pub struct Tracked {
    value: u8,
    drops: Arc<Vec<AtomicUsize>>,
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.drops[usize::from(self.value)].fetch_add(1, Ordering::Relaxed);
    }
}

impl Tracked {
    /// A value, and where its drops are counted.
    pub(super) fn new(value: u8, drops: &Arc<Vec<AtomicUsize>>) -> Self {
        Self { value, drops: Arc::clone(drops) }
    }

    /// That this value was received.
    pub fn received(self) -> Outcome {
        Outcome::Received(self.value)
    }
}

/// A channel that a script is run on.
pub trait Port: Send + Sync + 'static {
    /// The world that its threads and its memory are of.
    type World: World;

    /// A channel with room for so many values.
    fn new(capacity: Option<usize>) -> Self;

    /// Makes a call; a call that does not send drops the value.
    fn call(&self, call: Call, value: Tracked) -> Outcome;

    /// In the execution that has begun, `listener` is told each step.
    fn listen(listener: impl FnMut(Event) + 'static);
}

/// How long a timed call of a stress test waits: a few turns of the lock.
const TIMEOUT: Duration = Duration::from_micros(20);

/// The shipped channel of one copy, in its world.
macro_rules! shipped {
    ($(#[$doc:meta])* $port:ident, $copy:ident, $world:ident, |$listener:ident| $listen:block) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $port {
            /// The handle to send through.
            pub sender: $copy::channel::Sender<Tracked>,
            /// The handle to receive through.
            pub receiver: $copy::channel::Receiver<Tracked>,
        }

        impl Port for $port {
            type World = $world;

            fn new(capacity: Option<usize>) -> Self {
                use $copy::channel::{bounded, rendezvous, unbounded};
                let (sender, receiver) = match capacity {
                    None => unbounded(),
                    Some(0) => rendezvous(),
                    Some(capacity) => bounded(capacity),
                };
                Self { sender, receiver }
            }

            fn call(&self, call: Call, value: Tracked) -> Outcome {
                use $copy::channel::{
                    RecvTimeoutError, SendTimeoutError, TryRecvError, TrySendError,
                };
                let id = value.value;
                let back = |value: Tracked, outcome| {
                    assert!(value.value == id, "values: another value came back");
                    outcome
                };
                match call {
                    Call::Send => match self.sender.send(value) {
                        Ok(()) => Outcome::Sent,
                        Err(error) => back(error.0, Outcome::Rejected),
                    },
                    Call::TrySend => match self.sender.try_send(value) {
                        Ok(()) => Outcome::Sent,
                        Err(TrySendError::Full(value)) => back(value, Outcome::Full),
                        Err(TrySendError::Closed(value)) => back(value, Outcome::Rejected),
                    },
                    Call::TimedSend => match self.sender.send_timeout(value, TIMEOUT) {
                        Ok(()) => Outcome::Sent,
                        Err(SendTimeoutError::Timeout(value)) => back(value, Outcome::Full),
                        Err(SendTimeoutError::Closed(value)) => back(value, Outcome::Rejected),
                    },
                    Call::Recv => self.receiver.recv().map_or(Outcome::Drained, Tracked::received),
                    Call::TryRecv => match self.receiver.try_recv() {
                        Ok(value) => value.received(),
                        Err(TryRecvError::Empty) => Outcome::Empty,
                        Err(TryRecvError::Closed) => Outcome::Drained,
                    },
                    Call::TimedRecv => match self.receiver.recv_timeout(TIMEOUT) {
                        Ok(value) => value.received(),
                        Err(RecvTimeoutError::Timeout) => Outcome::Empty,
                        Err(RecvTimeoutError::Closed) => Outcome::Drained,
                    },
                    Call::Close => {
                        self.sender.close();
                        Outcome::Closed
                    }
                }
            }

            fn listen($listener: impl FnMut(Event) + 'static) $listen
        }
    };
}

/// What a copy notes, as an event.
macro_rules! listen {
    ($copy:ident, $listener:ident) => {{
        use $copy::channel::Step as Noted;
        let mut listener = $listener;
        $copy::sync::probe::listen(move |thread, note| {
            let step = match note.step {
                Noted::Put => Step::Put,
                Noted::Hand => Step::Hand,
                Noted::Full => Step::Full,
                Noted::Reject => Step::Reject,
                Noted::WaitToSend { timed } => Step::WaitToSend { timed },
                Noted::Take => Step::Take,
                Noted::Meet => Step::Meet,
                Noted::Empty => Step::Empty,
                Noted::Drained => Step::Drained,
                Noted::WaitToReceive { timed } => Step::WaitToReceive { timed },
                Noted::Close => Step::Close,
                Noted::Expire => Step::Expire,
                Noted::Return => Step::Return,
            };
            let seen = note.seen.map(|seen| Seen {
                buffered: seen.buffered,
                senders: seen.senders,
                receivers: seen.receivers,
                closed: seen.closed,
            });
            listener(Event { thread, what: What::Step(step), seen });
        });
    }};
}

shipped! {
    /// The channel that people use.
    OnStd, bisim, Std, |_listener| {}
}

shipped! {
    /// The channel on loom's types.
    OnLoom, bisim_loom, Loom, |listener| { listen!(bisim_loom, listener) }
}

shipped! {
    /// The channel on shuttle's types.
    OnShuttle, bisim_shuttle, Shuttle, |listener| { listen!(bisim_shuttle, listener) }
}
