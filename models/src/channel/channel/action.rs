//! What a critical section may do.

use serde::{Deserialize, Serialize};

/// A step of a thread. Whom it meets is decided by the queues: who waits longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// A send puts its value into the buffer.
    Put {
        /// The thread.
        thread: u8,
    },
    /// A send hands its value to the receiver that waits longest.
    Hand {
        /// The thread.
        thread: u8,
    },
    /// A send that does not wait finds no room.
    Full {
        /// The thread.
        thread: u8,
    },
    /// A send finds the channel closed, and gives its value back.
    Reject {
        /// The thread.
        thread: u8,
    },
    /// A send finds no room, and waits with its value.
    WaitToSend {
        /// The thread.
        thread: u8,
        /// Whether it has a deadline.
        timed: bool,
    },
    /// A receive takes the oldest value from the buffer. The value of the sender that waits
    /// longest, if there is one, moves up.
    Take {
        /// The thread.
        thread: u8,
    },
    /// A receive takes the value of the sender that waits longest; there is no buffer.
    Meet {
        /// The thread.
        thread: u8,
    },
    /// A receive that does not wait finds nothing.
    Empty {
        /// The thread.
        thread: u8,
    },
    /// A receive finds the channel closed and empty.
    Drained {
        /// The thread.
        thread: u8,
    },
    /// A receive finds nothing, and waits.
    WaitToReceive {
        /// The thread.
        thread: u8,
        /// Whether it has a deadline.
        timed: bool,
    },
    /// The channel is closed: nobody waits any more.
    Close {
        /// The thread.
        thread: u8,
    },
    /// The deadline of a thread that waits passes: its call has failed.
    Expire {
        /// The thread.
        thread: u8,
    },
    /// A thread whose wait another one has ended returns from its call.
    Return {
        /// The thread.
        thread: u8,
    },
}

impl Action {
    /// The thread that takes the step.
    pub fn thread(&self) -> u8 {
        match *self {
            Self::Put { thread }
            | Self::Hand { thread }
            | Self::Full { thread }
            | Self::Reject { thread }
            | Self::WaitToSend { thread, .. }
            | Self::Take { thread }
            | Self::Meet { thread }
            | Self::Empty { thread }
            | Self::Drained { thread }
            | Self::WaitToReceive { thread, .. }
            | Self::Close { thread }
            | Self::Expire { thread }
            | Self::Return { thread } => thread,
        }
    }

    /// The index of its class in the model's list of actions.
    pub fn class(&self) -> usize {
        match self {
            Self::Put { .. } => 0,
            Self::Hand { .. } => 1,
            Self::Full { .. } => 2,
            Self::Reject { .. } => 3,
            Self::WaitToSend { .. } => 4,
            Self::Take { .. } => 5,
            Self::Meet { .. } => 6,
            Self::Empty { .. } => 7,
            Self::Drained { .. } => 8,
            Self::WaitToReceive { .. } => 9,
            Self::Close { .. } => 10,
            Self::Expire { .. } => 11,
            Self::Return { .. } => 12,
        }
    }

    /// All that a thread may do between two calls.
    pub(super) fn of_idle(thread: u8) -> [Self; 13] {
        [
            Self::Put { thread },
            Self::Hand { thread },
            Self::Full { thread },
            Self::Reject { thread },
            Self::WaitToSend { thread, timed: false },
            Self::WaitToSend { thread, timed: true },
            Self::Take { thread },
            Self::Meet { thread },
            Self::Empty { thread },
            Self::Drained { thread },
            Self::WaitToReceive { thread, timed: false },
            Self::WaitToReceive { thread, timed: true },
            Self::Close { thread },
        ]
    }
}
