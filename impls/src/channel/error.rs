//! Why a call did not do what it was asked. A value that was not sent comes back.

use std::fmt;

/// The channel is closed (and, to a receiver, empty): there is nothing more to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

/// The channel is closed. The value was not sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SendError<T>(pub T);

/// Why a value was not sent at once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TrySendError<T> {
    /// There is no room, and no receiver waits.
    Full(T),
    /// The channel is closed.
    Closed(T),
}

/// Why a value was not sent in time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SendTimeoutError<T> {
    /// There was no room, and no receiver came, before the deadline.
    Timeout(T),
    /// The channel is closed, or was closed meanwhile.
    Closed(T),
}

/// Why nothing was received at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryRecvError {
    /// There is no value, and no sender waits.
    Empty,
    /// The channel is closed and empty.
    Closed,
}

/// Why nothing was received in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecvTimeoutError {
    /// No value came before the deadline.
    Timeout,
    /// The channel is closed and empty, or was closed meanwhile.
    Closed,
}

impl<T> TrySendError<T> {
    /// The value that was not sent.
    pub fn into_inner(self) -> T {
        match self {
            Self::Full(value) | Self::Closed(value) => value,
        }
    }
}

impl<T> SendTimeoutError<T> {
    /// The value that was not sent.
    pub fn into_inner(self) -> T {
        match self {
            Self::Timeout(value) | Self::Closed(value) => value,
        }
    }
}

/// The text of an error, which needs no `T: Debug`: the value is not shown.
macro_rules! told {
    ($($error:ident $(<$t:ident>)? { $($case:pat => $text:literal),+ })+) => {$(
        impl $(<$t>)? fmt::Display for $error $(<$t>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $($case => $text),+ })
            }
        }

        $(impl<$t> fmt::Debug for $error<$t> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($error), "({})"), self)
            }
        })?

        impl $(<$t>)? std::error::Error for $error $(<$t>)? {}
    )+};
}

told! {
    Closed { Closed => "the channel is closed" }
    SendError<T> { SendError(_) => "the channel is closed" }
    TrySendError<T> {
        Self::Full(_) => "the channel is full",
        Self::Closed(_) => "the channel is closed"
    }
    SendTimeoutError<T> {
        Self::Timeout(_) => "the channel was full until the deadline",
        Self::Closed(_) => "the channel is closed"
    }
    TryRecvError {
        Self::Empty => "the channel is empty",
        Self::Closed => "the channel is closed and empty"
    }
    RecvTimeoutError {
        Self::Timeout => "the channel was empty until the deadline",
        Self::Closed => "the channel is closed and empty"
    }
}
