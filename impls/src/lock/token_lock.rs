//! A lock that is a channel.

use crate::channel::{Receiver, Sender, bounded};

/// A lock made of a channel with room for one: who gets a token in has the lock, and frees it by
/// taking the token out. Go programs do so where they must give up after a while, for a channel can
/// be waited on together with others.
///
/// ```
/// let lock = bisim::lock::TokenLock::new();
/// let token = lock.acquire().expect("nobody has it");
/// assert!(lock.acquire().is_none());
/// drop(token);
/// assert!(lock.acquire().is_some());
/// ```
///
/// # When to use it
///
/// Hardly ever: it is a [`Mutex`](super::Mutex) without data that costs several times as much. It
/// shows that a channel is enough. Only who has the lock can free it, for it takes the
/// [`Token`] to do so; a thread that panics drops its token, and the lock is free.
///
/// Source: the usual Go idiom, a `chan struct{}` of capacity 1.
#[derive(Debug)]
pub struct TokenLock {
    put: Sender<()>,
    taken: Receiver<()>,
}

/// The right that a [`TokenLock`] gives. Dropping it frees the lock.
#[derive(Debug)]
#[must_use = "the lock is freed when the token is dropped"]
pub struct Token<'a> {
    lock: &'a TokenLock,
}

impl TokenLock {
    /// A lock that nobody has.
    pub fn new() -> Self {
        let (put, taken) = bounded(1);
        Self { put, taken }
    }

    /// Takes the lock if nobody has it.
    pub fn acquire(&self) -> Option<Token<'_>> {
        // No token is made, not even to be dropped, for who does not get the lock.
        self.put.try_send(()).is_ok().then(|| Token { lock: self })
    }

    /// Takes the lock, and sleeps until it can.
    pub fn wait(&self) -> Token<'_> {
        self.put.send(()).expect("the lock itself holds the receiver");
        Token { lock: self }
    }
}

impl Default for TokenLock {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Token<'_> {
    fn drop(&mut self) {
        self.lock.taken.try_recv().expect("the token of who has the lock is in the channel");
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    use super::TokenLock;

    #[test]
    fn who_fails_to_acquire_frees_nothing() {
        let lock = TokenLock::new();
        let token = lock.acquire();
        assert!(token.is_some());
        for _ in 0..3 {
            assert!(lock.acquire().is_none());
        }
        drop(token);
        assert!(lock.acquire().is_some());
    }

    #[test]
    fn it_excludes_and_a_panic_frees_it() {
        let (lock, count) = (TokenLock::new(), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let token = lock.wait();
                        let seen = count.load(Relaxed);
                        count.store(seen + 1, Relaxed);
                        drop(token);
                    }
                });
            }
        });
        assert_eq!(count.into_inner(), 800);
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let _token = lock.acquire();
            panic!("with the token");
        }));
        assert!(panicked.is_err() && lock.acquire().is_some());
    }
}
