//! The handle to send through.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::shared::Shared;
use super::{SendError, SendTimeoutError, TrySendError};

/// Sends values into a channel. Clones send into the same one, which is closed when the last of
/// them is dropped.
///
/// A call that need not wait costs one lock; one that waits is served in its turn. See the
/// [module](super) for the kinds of channels, fairness and memory orderings.
pub struct Sender<T> {
    pub(super) shared: Arc<Shared<T>>,
}

impl<T> Sender<T> {
    /// Sends a value, and waits while there is no room for it. In a rendezvous channel it waits
    /// until a receiver has the value.
    ///
    /// # Errors
    /// The value, if the channel is closed, or is closed while the call waits.
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.shared.send(value, None).map_err(|error| SendError(error.into_inner()))
    }

    /// Sends a value if that is possible at this moment. Into a rendezvous channel it is when a
    /// receiver waits.
    ///
    /// # Errors
    /// The value, if there is no room for it or the channel is closed.
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.shared.try_send(value)
    }

    /// Sends a value, but waits no longer than `timeout`. With a timeout of zero a receiver that
    /// comes at the same moment is still met; one that no clock reaches waits for ever.
    ///
    /// # Errors
    /// The value, if there was no room for it in time or the channel is closed.
    pub fn send_timeout(&self, value: T, timeout: Duration) -> Result<(), SendTimeoutError<T>> {
        self.shared.send(value, Some(timeout))
    }

    /// Closes the channel, for all its senders and receivers: nothing can be sent any more, and
    /// what was sent can still be received. Sends that wait are given their values back. Says
    /// whether the channel was open; closing it again changes nothing.
    pub fn close(&self) -> bool {
        self.shared.close()
    }

    /// Whether the channel is closed.
    pub fn is_closed(&self) -> bool {
        self.shared.lock().is_closed()
    }

    /// The number of values in the channel's buffer.
    pub fn len(&self) -> usize {
        self.shared.lock().len()
    }

    /// Whether there is no value in the channel's buffer.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The most values in the channel's buffer: 0 for a rendezvous channel, `None` for an
    /// unbounded one.
    pub fn capacity(&self) -> Option<usize> {
        self.shared.lock().capacity()
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.shared.lock().sending_handles += 1;
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.shared.drop_sender();
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender { .. }")
    }
}
