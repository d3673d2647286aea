#![doc = include_str!("README.md")]
#![forbid(unsafe_code)]

mod error;
mod receiver;
mod select;
mod sender;
mod shared;
mod state;
mod step;
#[cfg(all(test, not(any(model_loom, model_shuttle))))]
mod tests;
mod waiter;

use std::sync::Arc;

pub use error::{
    Closed, RecvTimeoutError, SendError, SendTimeoutError, TryRecvError, TrySendError,
};
pub use receiver::{IntoIter, Iter, Receiver, TryIter};
pub use select::Select;
pub use sender::Sender;
pub use step::{Note, Seen, Step};

use shared::Shared;

/// A channel with room for `capacity` values: a send waits while it is full. A capacity of 0 makes
/// a [`rendezvous`] channel.
///
/// ```
/// let (sender, receiver) = bisim::channel::bounded(2);
/// std::thread::spawn(move || (0..10).try_for_each(|number| sender.send(number)));
/// assert_eq!(receiver.iter().sum::<i32>(), 45);
/// ```
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    handles(Some(capacity))
}

/// A channel without room: a send completes together with its receive, and either waits for the
/// other.
///
/// ```
/// let (sender, receiver) = bisim::channel::rendezvous();
/// let thread = std::thread::spawn(move || receiver.recv());
/// sender.send("here").unwrap();
/// assert_eq!(thread.join().unwrap(), Ok("here"));
/// ```
pub fn rendezvous<T>() -> (Sender<T>, Receiver<T>) {
    handles(Some(0))
}

/// A channel in which a send never waits. What is sent faster than it is received fills the memory.
///
/// ```
/// let (sender, receiver) = bisim::channel::unbounded();
/// (0..1000).for_each(|number| sender.send(number).unwrap());
/// drop(sender);
/// assert!(receiver.into_iter().eq(0..1000));
/// ```
pub fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
    handles(None)
}

fn handles<T>(capacity: Option<usize>) -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Shared::new(capacity));
    (Sender { shared: Arc::clone(&shared) }, Receiver { shared })
}
