//! What one critical section did, for the explorers: the model's actions.

/// A step of a thread, with the name of the action of the model `channel` that it is. What is not
/// said is decided by the queues: who waits longest is served first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A value is put into the buffer.
    Put,
    /// A value is handed to the receiver that waits longest.
    Hand,
    /// A value is not sent: there is no room.
    Full,
    /// A value is not sent: the channel is closed.
    Reject,
    /// A value waits to be sent, until a deadline if `timed`.
    WaitToSend {
        /// Whether there is a deadline.
        timed: bool,
    },
    /// The oldest value is taken from the buffer, and that of the sender that waits longest, if
    /// there is one, moves up into the buffer.
    Take,
    /// The value of the sender that waits longest is taken; there is no buffer.
    Meet,
    /// Nothing is received: there is nothing.
    Empty,
    /// Nothing is received: the channel is closed and empty.
    Drained,
    /// A receiver waits, until a deadline if `timed`.
    WaitToReceive {
        /// Whether there is a deadline.
        timed: bool,
    },
    /// The channel is closed, and all who wait have waited long enough.
    Close,
    /// The deadline of a thread that waits has passed.
    Expire,
    /// A thread whose wait another thread has ended goes on.
    Return,
}

/// What can be seen of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The values in the buffer.
    pub buffered: usize,
    /// The senders in the queue of those who wait.
    pub senders: usize,
    /// The receivers in the queue of those who wait.
    pub receivers: usize,
    /// Whether the channel is closed.
    pub closed: bool,
}

/// A step, and the channel after it. `Return` is a step of a thread alone and sees nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// The step.
    pub step: Step,
    /// The channel after it.
    pub seen: Option<Seen>,
}
