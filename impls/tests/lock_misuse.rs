//! Locks used as they should not be behave as they document: nobody hangs, and nothing is lost.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use bisim::lock::{ActorLock, Mutex, RwLock, TicketLock, TokenLock};

/// Long enough for a thread to begin to wait. Nothing fails if it was not.
const A_WHILE: Duration = Duration::from_millis(20);

#[test]
fn a_recursive_read_behind_a_writer_gives_up_if_it_has_a_deadline() {
    let lock = RwLock::new(0);
    let reader = lock.read();
    thread::scope(|scope| {
        let writer = scope.spawn(|| *lock.write() += 1);
        while lock.try_read().is_some() {
            thread::yield_now();
        }
        // The writer waits. A plain `read` would now wait for it, and it for this thread.
        assert!(lock.try_read_for(A_WHILE).is_none());
        assert_eq!(*reader, 0);
        drop(reader);
        writer.join().expect("the writer does not panic");
    });
    assert_eq!(lock.into_inner(), 1);
}

#[test]
fn a_timeout_of_zero_is_an_attempt() {
    let (mutex, lock) = (Mutex::new(()), RwLock::new(()));
    assert!(mutex.try_lock_for(Duration::ZERO).is_some());
    assert!(lock.try_read_for(Duration::ZERO).is_some());
    assert!(lock.try_write_for(Duration::ZERO).is_some());
    let (held, read) = (mutex.lock(), lock.read());
    assert!(mutex.try_lock_for(Duration::ZERO).is_none());
    assert!(lock.try_write_for(Duration::ZERO).is_none());
    assert!(lock.try_read_for(Duration::ZERO).is_some(), "no writer waits any more");
    drop((held, read));
    let _writer = lock.write();
    assert!(lock.try_read_for(Duration::ZERO).is_none());
}

#[test]
fn a_timeout_without_end_is_a_wait() {
    let (mutex, lock) = (Mutex::new(0), RwLock::new(0));
    let (held, writer) = (mutex.lock(), lock.write());
    thread::scope(|scope| {
        let waits = scope.spawn(|| mutex.try_lock_for(Duration::MAX).map(|guard| *guard));
        let reads = scope.spawn(|| lock.try_read_for(Duration::MAX).map(|guard| *guard));
        thread::sleep(A_WHILE);
        drop((held, writer));
        assert_eq!(waits.join().expect("it does not panic"), Some(0));
        assert_eq!(reads.join().expect("it does not panic"), Some(0));
    });
}

#[test]
fn who_does_not_have_an_actor_lock_cannot_release_it() {
    let lock = ActorLock::start();
    let (owner, other) = (lock.client(), lock.client());
    assert!(!owner.release() && owner.acquire());
    assert!(!other.release() && !other.acquire());
    assert!(owner.release() && other.acquire());
}

#[test]
fn what_a_lock_holds_is_dropped_once() {
    /// Tells when it is dropped.
    struct Told(mpsc::Sender<()>);

    impl Drop for Told {
        fn drop(&mut self) {
            self.0.send(()).expect("the test listens");
        }
    }

    let (told, dropped) = mpsc::channel();
    drop(Mutex::new(Told(told.clone())));
    drop(RwLock::new(Told(told.clone())));
    drop(TicketLock::new(Told(told.clone())));
    assert_eq!(dropped.try_iter().count(), 3);
    let kept = RwLock::new(Told(told.clone())).into_inner();
    assert_eq!(dropped.try_iter().count(), 0);
    drop(kept);
    let replaced = Mutex::new(Told(told.clone()));
    *replaced.lock() = Told(told);
    assert_eq!(dropped.try_iter().count(), 2);
}

#[test]
fn a_panic_under_each_lock_leaves_it_free() {
    let (mutex, lock, ticket, token) =
        (Mutex::new(()), RwLock::new(()), TicketLock::new(()), TokenLock::new());
    let panics = thread::scope(|scope| {
        let all = scope.spawn(|| {
            let _held = (mutex.lock(), lock.write(), ticket.lock(), token.wait());
            panic!("under four locks");
        });
        all.join()
    });
    assert!(panics.is_err());
    assert!(mutex.try_lock().is_some() && lock.try_write().is_some());
    assert!(ticket.try_lock().is_some() && token.acquire().is_some());
}
