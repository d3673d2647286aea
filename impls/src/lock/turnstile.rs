//! Where threads sleep until something has changed.

use crate::sync::Ordering::{Acquire, Release};
use crate::sync::{self, AtomicU32, Deadline, Waited};

/// An event count: threads sleep until it is turned.
///
/// A thread looks at the turnstile, then at whatever it waits for, and then sleeps unless the
/// turnstile was turned in between. Who changes what others wait for turns it afterwards. So no
/// wake-up falls between the look and the sleep, whatever the look was at.
///
/// It counts up to 2³² and starts again: a thread that is interrupted between its look and its
/// sleep for exactly that many turns would miss them.
///
/// Source: Reed and Kanodia, "Synchronization with Eventcounts and Sequencers", CACM 22(2), 1979.
#[derive(Debug)]
pub(super) struct Turnstile {
    turns: AtomicU32,
}

impl Turnstile {
    sync::constructor! {
        /// A turnstile that was never turned.
        pub(super) fn new() -> Self {
            Self { turns: AtomicU32::new(0) }
        }
    }

    /// The number of turns so far.
    pub(super) fn look(&self) -> u32 {
        // Acquire: pairs with the Release in `turn`; who sees a turn also sees what was changed
        // before it. An addition of nothing, because it sees the latest number.
        self.turns.fetch_add(0, Acquire)
    }

    /// Sleeps unless the turnstile was turned after that look.
    pub(super) fn wait(&self, look: u32, deadline: Deadline) -> Waited {
        sync::wait(&self.turns, look, deadline)
    }

    /// Turns it, and wakes a sleeper if there is one.
    pub(super) fn pass_one(&self) {
        self.turn();
        sync::wake_one(&self.turns);
    }

    /// Turns it, and wakes all sleepers.
    pub(super) fn pass_all(&self) {
        self.turn();
        sync::wake_all(&self.turns);
    }

    fn turn(&self) {
        // Release: pairs with the Acquire in `look`.
        self.turns.fetch_add(1, Release);
    }
}
