//! The atomic steps.

use serde::{Deserialize, Serialize};

/// An atomic step of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// The state takes one more reader.
    TakeRead {
        /// The thread.
        thread: u8,
    },
    /// A reader that cannot enter looks at the readers' turnstile.
    LookAsReader {
        /// The thread.
        thread: u8,
    },
    /// A reader still cannot enter: the state says that readers wait.
    Mark {
        /// The thread.
        thread: u8,
    },
    /// The state takes the writer.
    TakeWrite {
        /// The thread.
        thread: u8,
    },
    /// A writer that cannot enter looks at the writers' turnstile.
    LookAsWriter {
        /// The thread.
        thread: u8,
    },
    /// A writer still cannot enter: the state counts it among those who wait.
    Announce {
        /// The thread.
        thread: u8,
    },
    /// A writer that is counted still cannot enter: nothing changes.
    Stay {
        /// The thread.
        thread: u8,
    },
    /// The futex wait finds that the turnstile was not turned, and the thread sleeps.
    Sleep {
        /// The thread.
        thread: u8,
        /// Whether it has a deadline.
        timed: bool,
    },
    /// The futex wait finds that the turnstile was turned, and the thread does not sleep.
    Refuse {
        /// The thread.
        thread: u8,
    },
    /// The deadline of a sleeper passes.
    Expire {
        /// The thread.
        thread: u8,
    },
    /// A writer whose deadline has passed is counted no more.
    Withdraw {
        /// The thread.
        thread: u8,
    },
    /// The state has one reader less.
    ReleaseRead {
        /// The thread.
        thread: u8,
    },
    /// The state is without the writer.
    ReleaseWrite {
        /// The thread.
        thread: u8,
    },
    /// The state has a reader in the writer's place.
    Downgrade {
        /// The thread.
        thread: u8,
    },
    /// The state does not say any more that readers wait.
    ClearMark {
        /// The thread.
        thread: u8,
    },
    /// A turnstile is turned: the readers' or the writers'.
    Turn {
        /// The thread.
        thread: u8,
    },
    /// All readers that sleep are awake.
    WakeReaders {
        /// The thread.
        thread: u8,
    },
    /// One writer that sleeps, if there is one, is awake.
    WakeWriter {
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
            Self::TakeRead { thread }
            | Self::LookAsReader { thread }
            | Self::Mark { thread }
            | Self::TakeWrite { thread }
            | Self::LookAsWriter { thread }
            | Self::Announce { thread }
            | Self::Stay { thread }
            | Self::Sleep { thread, .. }
            | Self::Refuse { thread }
            | Self::Expire { thread }
            | Self::Withdraw { thread }
            | Self::ReleaseRead { thread }
            | Self::ReleaseWrite { thread }
            | Self::Downgrade { thread }
            | Self::ClearMark { thread }
            | Self::Turn { thread }
            | Self::WakeReaders { thread }
            | Self::WakeWriter { thread, .. } => thread,
        }
    }

    /// The index of its class in the model's list of actions.
    pub(super) fn class(&self) -> usize {
        match self {
            Self::TakeRead { .. } => 0,
            Self::LookAsReader { .. } => 1,
            Self::Mark { .. } => 2,
            Self::TakeWrite { .. } => 3,
            Self::LookAsWriter { .. } => 4,
            Self::Announce { .. } => 5,
            Self::Stay { .. } => 6,
            Self::Sleep { .. } => 7,
            Self::Refuse { .. } => 8,
            Self::Expire { .. } => 9,
            Self::Withdraw { .. } => 10,
            Self::ReleaseRead { .. } => 11,
            Self::ReleaseWrite { .. } => 12,
            Self::Downgrade { .. } => 13,
            Self::ClearMark { .. } => 14,
            Self::Turn { .. } => 15,
            Self::WakeReaders { .. } => 16,
            Self::WakeWriter { .. } => 17,
        }
    }
}
