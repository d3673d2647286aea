//! A blocked call: how it sleeps, and how exactly one other thread ends its wait.

use std::sync::Arc;

use crate::sync::Ordering::{Acquire, Relaxed, Release};
use crate::sync::{self, AtomicU32, Deadline, Waited};

/// Nobody has ended the wait, and the thread is awake.
const AWAKE: u32 = 0;
/// Nobody has ended the wait, and the thread sleeps, or is about to.
const ASLEEP: u32 = 1;
/// The thread itself has ended the wait: it gave up.
const GIVEN_UP: u32 = 2;
/// The smallest value of a word that says how the wait has ended.
const ENDED: u32 = GIVEN_UP;

/// How often a thread looks at its word before it lets others run,
const SPINS: u32 = sync::production_or_explored(100, 0);
/// and how often it does that before it sleeps: to sleep and to be woken costs two system calls.
const YIELDS: u32 = sync::production_or_explored(4, 0);

/// How another thread has ended a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It took the value that was to be sent, or handed over one.
    Met,
    /// It closed the channel.
    Closed,
}

/// One blocked call. The wait is ended once, by whoever changes the word first.
#[derive(Debug)]
struct Waiter {
    word: AtomicU32,
}

/// A place in the queue of a channel: a blocked call, and which of its cases this is. A call
/// that does not select has one case, number 0.
#[derive(Clone, Debug)]
pub(super) struct Ticket {
    waiter: Arc<Waiter>,
    case: u32,
}

impl Ticket {
    /// A new call, and its first case.
    pub(super) fn new() -> Self {
        Self { waiter: Arc::new(Waiter { word: AtomicU32::new(AWAKE) }), case: 0 }
    }

    /// Another case of the same call.
    pub(super) fn case(&self, case: usize) -> Self {
        let case = u32::try_from(case).expect("nobody writes down so many cases");
        Self { waiter: Arc::clone(&self.waiter), case }
    }

    /// Whether both are of the same call.
    pub(super) fn is_of_call(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.waiter, &other.waiter)
    }

    /// Whether both are the same case of the same call.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.is_of_call(other) && self.case == other.case
    }

    /// Whether nobody has ended the wait.
    pub(super) fn waits(&self) -> bool {
        self.waiter.word.load(Relaxed) < ENDED
    }

    /// Ends the wait with this case, unless it has ended already. Says whether the thread sleeps,
    /// so that it must be woken; `None` if the wait had ended.
    pub(super) fn end(&self, outcome: Outcome) -> Option<bool> {
        let closed = u32::from(outcome == Outcome::Closed);
        self.waiter.end(ENDED + 1 + 2 * self.case + closed)
    }

    /// Ends the wait of the own thread, unless another one has ended it already.
    pub(super) fn give_up(&self) -> bool {
        self.waiter.end(GIVEN_UP).is_some()
    }

    /// Wakes the thread, whose wait has ended.
    pub(super) fn wake(&self) {
        sync::wake_one(&self.waiter.word);
    }

    /// Waits until another thread has ended the wait, and says how and with which case; `None`
    /// when the deadline has passed before.
    pub(super) fn sleep(&self, deadline: Deadline) -> Option<(usize, Outcome)> {
        self.pause(SPINS, sync::spin_loop);
        self.pause(YIELDS, sync::yield_now);
        loop {
            if let Some(ended) = self.ended() {
                return Some(ended);
            }
            if sync::wait(&self.waiter.word, ASLEEP, deadline) == Waited::Expired {
                return None;
            }
        }
    }

    /// Pauses up to so many times, as long as nobody has ended the wait.
    fn pause(&self, times: u32, pause: fn()) {
        let mut times = 0..times;
        while times.next().is_some() && self.waits() {
            pause();
        }
    }

    /// How the wait of a thread has ended that came too late to give up.
    pub(super) fn has_ended(&self) -> (usize, Outcome) {
        self.ended().expect("a call that cannot give up has been met, or its channel closed")
    }

    /// How another thread has ended the wait, if one has. If none has, the word says from now on
    /// that the thread sleeps, so that it is woken.
    fn ended(&self) -> Option<(usize, Outcome)> {
        // Acquire: pairs with the Release in `Waiter::end`; what the thread did before it ended
        // the wait happens before what this thread does next. That a receive happens before the
        // send that waited for it completes is the rule of the Go memory model.
        match self.waiter.word.compare_exchange(AWAKE, ASLEEP, Relaxed, Acquire) {
            Err(word) if word > ENDED => {
                let closed = (word - ENDED - 1) % 2 == 1;
                let case = (word - ENDED - 1) / 2;
                let outcome = if closed { Outcome::Closed } else { Outcome::Met };
                Some((case as usize, outcome))
            }
            _ => None,
        }
    }
}

impl Waiter {
    fn end(&self, how: u32) -> Option<bool> {
        let mut word = self.word.load(Relaxed);
        while word < ENDED {
            // Release: pairs with the Acquire in `Ticket::ended`.
            match self.word.compare_exchange(word, how, Release, Relaxed) {
                Ok(_) => return Some(word == ASLEEP),
                Err(other) => word = other,
            }
        }
        None
    }
}
