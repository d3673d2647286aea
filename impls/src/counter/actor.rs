//! A number that one thread owns.

use std::fmt;
use std::sync::Arc;
use std::thread;

use crate::channel::{Sender, bounded};
use crate::lock::Mutex;

/// What to make of the count: the new value, or none to refuse the update.
pub type Update = Box<dyn FnOnce(u64) -> Option<u64> + Send>;

/// What an owner is asked.
struct Request {
    update: Update,
    reply: Sender<Result<u64, u64>>,
}

/// A count that belongs to one thread. Others ask for updates by messages, and the owner answers
/// each with the new value, or with the one that there was if the update was refused.
///
/// It is linearizable: the owner serves one request after the other. An update that panics is
/// refused, and the owner goes on. It ends when the counter and all its handles are dropped.
///
/// Source: the usual way to count with channels in Go, where an owner shares nothing. It costs two
/// messages, each of which may have to wake a thread: microseconds, where
/// [`AtomicCounter`](super::AtomicCounter) takes nanoseconds. It pays when an update is more than a
/// number.
///
/// ```
/// let counter = bisim::counter::ActorCounter::start();
/// let handle = counter.handle();
/// assert_eq!(handle.add(2), Ok(Ok(2)));
/// assert_eq!(handle.update(|value| value.checked_sub(3)), Ok(Err(2)));
/// assert_eq!(counter.stop(), 2);
/// ```
#[derive(Debug)]
pub struct ActorCounter {
    handle: Handle,
    owner: thread::JoinHandle<u64>,
}

/// How to reach an [`ActorCounter`]; each thread may have one.
#[derive(Clone)]
pub struct Handle {
    // Closed by `stop`, so that handles which are still there do not keep the owner.
    requests: Arc<Mutex<Option<Sender<Request>>>>,
}

/// The owner has ended: [`ActorCounter::stop`] was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the owner of the count has ended")
    }
}

impl std::error::Error for Stopped {}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

impl ActorCounter {
    /// How many requests wait before those who ask must.
    const WAITING: usize = 64;

    /// Starts the owner, with nothing counted.
    ///
    /// # Panics
    /// When the system starts no thread.
    pub fn start() -> Self {
        let (requests, asked) = bounded::<Request>(Self::WAITING);
        let owner = thread::spawn(move || {
            let mut value = 0;
            while let Ok(Request { update, reply }) = asked.recv() {
                let updated = std::panic::AssertUnwindSafe(|| update(value));
                let answer = match std::panic::catch_unwind(updated) {
                    Ok(Some(new)) => {
                        value = new;
                        Ok(new)
                    }
                    Ok(None) | Err(_) => Err(value),
                };
                // Who has asked may be gone. That is no matter of the count.
                let _ = reply.send(answer);
            }
            value
        });
        Self { handle: Handle { requests: Arc::new(Mutex::new(Some(requests))) }, owner }
    }

    /// A way to reach the owner.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Ends the owner when it has served what was asked, and returns the count.
    pub fn stop(self) -> u64 {
        drop(self.handle.requests.lock().take());
        self.owner.join().expect("the owner catches what panics")
    }
}

impl Handle {
    /// Asks for an update: `Ok` of the new value, or `Err` of the one that there was if the update
    /// was refused, because it is `None` or has panicked.
    ///
    /// # Errors
    /// When the owner has ended.
    pub fn update(
        &self,
        update: impl FnOnce(u64) -> Option<u64> + Send + 'static,
    ) -> Result<Result<u64, u64>, Stopped> {
        let requests = self.requests.lock().clone().ok_or(Stopped)?;
        let (reply, answer) = bounded(1);
        requests.send(Request { update: Box::new(update), reply }).map_err(|_| Stopped)?;
        answer.recv().map_err(|_| Stopped)
    }

    /// Adds. Refused when the sum would pass 2⁶⁴ - 1.
    ///
    /// # Errors
    /// As [`update`](Self::update).
    pub fn add(&self, summand: u64) -> Result<Result<u64, u64>, Stopped> {
        self.update(move |value| value.checked_add(summand))
    }

    /// The count.
    ///
    /// # Errors
    /// As [`update`](Self::update).
    pub fn get(&self) -> Result<u64, Stopped> {
        // Whatever comes of no update is the count.
        self.update(Some).map(|answer| answer.unwrap_or_else(|value| value))
    }
}
