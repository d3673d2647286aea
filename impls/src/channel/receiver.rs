//! The handle to receive through.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::shared::Shared;
use super::{Closed, RecvTimeoutError, TryRecvError};

/// Receives values from a channel. Clones receive from the same one, each value in one of them.
/// When the last of them is dropped, the channel is closed and the values in it are dropped.
///
/// A call that need not wait costs one lock; one that waits is served in its turn. See the
/// [module](super) for the kinds of channels, fairness and memory orderings.
pub struct Receiver<T> {
    pub(super) shared: Arc<Shared<T>>,
}

impl<T> Receiver<T> {
    /// Receives the oldest value, and waits while there is none.
    ///
    /// # Errors
    /// [`Closed`], if the channel is closed and empty, or is closed while the call waits.
    pub fn recv(&self) -> Result<T, Closed> {
        self.shared.recv(None).map_err(|_| Closed)
    }

    /// Receives the oldest value if there is one at this moment. In a rendezvous channel there is
    /// one when a sender waits.
    ///
    /// # Errors
    /// Whether the channel is empty, or closed and empty.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.shared.try_recv()
    }

    /// Receives the oldest value, but waits no longer than `timeout`. With a timeout of zero a
    /// sender that comes at the same moment is still met; one that no clock reaches waits for
    /// ever.
    ///
    /// # Errors
    /// Whether no value came in time, or the channel is closed and empty.
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        self.shared.recv(Some(timeout))
    }

    /// Closes the channel; see [`Sender::close`](super::Sender::close).
    pub fn close(&self) -> bool {
        self.shared.close()
    }

    /// Whether the channel is closed; there may still be values in it.
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

    /// The values as they come, until the channel is closed and empty.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter { receiver: self }
    }

    /// The values that are there, until there is none.
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter { receiver: self }
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        self.shared.lock().receiving_handles += 1;
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.shared.drop_receiver();
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receiver { .. }")
    }
}

/// The values of a [`Receiver`] as they come.
#[derive(Debug)]
pub struct Iter<'a, T> {
    receiver: &'a Receiver<T>,
}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.recv().ok()
    }
}

/// The values of a [`Receiver`] that are there.
#[derive(Debug)]
pub struct TryIter<'a, T> {
    receiver: &'a Receiver<T>,
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.try_recv().ok()
    }
}

/// The values of a [`Receiver`] that lives in the iterator.
#[derive(Debug)]
pub struct IntoIter<T> {
    receiver: Receiver<T>,
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.recv().ok()
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter { receiver: self }
    }
}
