//! The atomic steps.

use serde::{Deserialize, Serialize};

use super::Call;

/// An atomic step of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// `compare_exchange(Unlocked, Locked)` succeeds: the thread has the lock.
    Acquire {
        /// The thread.
        thread: u8,
    },
    /// `compare_exchange(Unlocked, Locked)` fails, in a call of this kind.
    Fail {
        /// The thread.
        thread: u8,
        /// What the thread wants.
        call: Call,
    },
    /// `swap(Contended)`: the thread has the lock if it was free, and is bound to wait if not.
    Mark {
        /// The thread.
        thread: u8,
    },
    /// The futex wait finds the word `Contended`, and the thread sleeps.
    Sleep {
        /// The thread.
        thread: u8,
    },
    /// The futex wait finds another word, and the thread does not sleep.
    Refuse {
        /// The thread.
        thread: u8,
    },
    /// The deadline of a sleeper passes: the call has failed.
    Expire {
        /// The thread.
        thread: u8,
    },
    /// `swap(Unlocked)`: the lock is free.
    Release {
        /// The thread.
        thread: u8,
    },
    /// The futex wake: one sleeper, if there is one, is awake.
    Wake {
        /// The thread that wakes.
        thread: u8,
        /// The thread that is woken.
        woken: Option<u8>,
    },
}

impl Action {
    /// The thread that takes the step.
    pub fn thread(&self) -> u8 {
        match *self {
            Self::Acquire { thread }
            | Self::Fail { thread, .. }
            | Self::Mark { thread }
            | Self::Sleep { thread }
            | Self::Refuse { thread }
            | Self::Expire { thread }
            | Self::Release { thread }
            | Self::Wake { thread, .. } => thread,
        }
    }

    /// The index of its class in the model's list of actions.
    pub(super) fn class(&self) -> usize {
        match self {
            Self::Acquire { .. } => 0,
            Self::Fail { .. } => 1,
            Self::Mark { .. } => 2,
            Self::Sleep { .. } => 3,
            Self::Refuse { .. } => 4,
            Self::Expire { .. } => 5,
            Self::Release { .. } => 6,
            Self::Wake { .. } => 7,
        }
    }
}
