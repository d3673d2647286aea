//! A lock that belongs to a thread, which is asked for it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

use crate::channel::{Receiver, Sender, bounded};

/// What a client tells the owner.
enum Request {
    /// It wants the lock.
    Acquire(u64, Sender<bool>),
    /// It gives the lock back.
    Release(u64, Sender<bool>),
    /// It is gone.
    Leave(u64),
}

/// A lock that one thread owns: clients ask for it by messages.
///
/// [`LockClient::acquire`] answers whether the client now has the lock. Only who has it can release
/// it: another's release is refused. A client that goes, because it is dropped or because its
/// thread panics, gives the lock back; it cannot wedge the others.
///
/// ```
/// let lock = bisim::lock::ActorLock::start();
/// let (one, other) = (lock.client(), lock.client());
/// assert!(one.acquire() && !other.acquire());
/// assert!(!other.release());
/// drop(one);
/// assert!(other.acquire());
/// ```
///
/// # When to use it
///
/// When the owner has more to do than to keep a lock: to write down who has it, to send it over a
/// network. Each call is two messages, each of which may have to wake a thread: hundreds of times
/// as much as a [`Mutex`](super::Mutex) costs. It is no lock over several machines: an owner
/// that is lost, and messages that are late, are another problem.
///
/// Source: the channel-based lock of introductory texts on Go; model `actor-lock`.
#[derive(Debug)]
pub struct ActorLock {
    requests: Sender<Request>,
    clients: AtomicU64,
}

/// A client of an [`ActorLock`].
#[derive(Debug)]
pub struct LockClient {
    name: u64,
    requests: Sender<Request>,
}

impl ActorLock {
    /// How many requests wait before those who ask must.
    const WAITING: usize = 64;

    /// Starts the owner. It ends when the lock and all its clients are dropped.
    ///
    /// # Panics
    /// When the system starts no thread.
    pub fn start() -> Self {
        let (requests, asked) = bounded(Self::WAITING);
        thread::spawn(move || serve(&asked));
        Self { requests, clients: AtomicU64::new(0) }
    }

    /// A client of its own name.
    pub fn client(&self) -> LockClient {
        let name = self.clients.fetch_add(1, Relaxed);
        LockClient { name, requests: self.requests.clone() }
    }
}

/// The owner: it serves one request after the other, until nobody can ask any more.
fn serve(asked: &Receiver<Request>) {
    let mut holder = None;
    while let Ok(request) = asked.recv() {
        match request {
            Request::Acquire(client, reply) => {
                let free = holder.is_none();
                if free {
                    holder = Some(client);
                }
                // Who does not wait for the answer has left, and says so next.
                let _ = reply.send(free);
            }
            Request::Release(client, reply) => {
                let owns = holder == Some(client);
                if owns {
                    holder = None;
                }
                let _ = reply.send(owns);
            }
            Request::Leave(client) => holder = holder.filter(|holder| *holder != client),
        }
    }
}

impl LockClient {
    /// Asks for the lock: true if this client has it from now on, false if somebody has it, which
    /// may be this client.
    pub fn acquire(&self) -> bool {
        self.ask(Request::Acquire)
    }

    /// Gives the lock back: true if this client had it, false otherwise, and nothing changes.
    pub fn release(&self) -> bool {
        self.ask(Request::Release)
    }

    fn ask(&self, request: impl FnOnce(u64, Sender<bool>) -> Request) -> bool {
        let (reply, answer) = bounded(1);
        let asked = self.requests.send(request(self.name, reply));
        // The owner ends after its last client, so it is there, and answers.
        asked.is_ok() && answer.recv().unwrap_or(false)
    }
}

impl Drop for LockClient {
    fn drop(&mut self) {
        let _ = self.requests.send(Request::Leave(self.name));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    use std::thread;

    use super::ActorLock;

    #[test]
    fn a_client_that_panics_gives_the_lock_back() {
        let lock = ActorLock::start();
        let client = lock.client();
        let panicked = thread::spawn(move || {
            assert!(client.acquire());
            panic!("with the lock");
        });
        assert!(panicked.join().is_err());
        let other = lock.client();
        assert!(other.acquire() && !other.acquire() && other.release() && !other.release());
    }

    #[test]
    fn it_excludes() {
        let (lock, count) = (ActorLock::start(), AtomicU32::new(0));
        thread::scope(|scope| {
            for _ in 0..4 {
                let client = lock.client();
                scope.spawn(|| {
                    let client = client;
                    for _ in 0..50 {
                        while !client.acquire() {
                            thread::yield_now();
                        }
                        let seen = count.load(Relaxed);
                        count.store(seen + 1, Relaxed);
                        assert!(client.release());
                    }
                });
            }
        });
        assert_eq!(count.into_inner(), 200);
    }
}
