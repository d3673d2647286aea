//! What each counter promises, on real threads.

use std::thread;

use super::{
    ActorCounter, AtomicCounter, BoundedCounter, LockedCounter, Refused, RwLockedCounter, Stopped,
    StripedCounter,
};
use crate::lock::WaitGroup;

const THREADS: u64 = 8;
const EACH: u64 = 1_000;

fn from_many_threads(add: impl Fn() + Sync) {
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| (0..EACH).for_each(|_| add()));
        }
    });
}

#[test]
fn no_increment_is_lost() {
    let (atomic, locked, rw_locked) =
        (AtomicCounter::new(), LockedCounter::new(), RwLockedCounter::new());
    let striped = StripedCounter::new();
    from_many_threads(|| {
        atomic.add(1);
        locked.add(1);
        rw_locked.add(1);
        striped.add(1);
    });
    assert_eq!([atomic.get(), locked.get(), rw_locked.get(), striped.sum()], [THREADS * EACH; 4]);
}

/// The usual second program: ten threads with a hundred increments each.
#[test]
fn go_prints_a_thousand() {
    let (counter, group) = (RwLockedCounter::new(), WaitGroup::new());
    thread::scope(|scope| {
        for _ in 0..10 {
            let working = group.enter();
            let counter = &counter;
            scope.spawn(move || {
                (0..100).for_each(|_| {
                    counter.add(1);
                });
                drop(working);
            });
        }
        group.wait();
        assert_eq!(counter.get(), 1_000);
    });
}

#[test]
fn a_bound_is_never_passed() {
    let counter = BoundedCounter::new(THREADS * EACH / 2);
    let refused = AtomicCounter::new();
    from_many_threads(|| match counter.add(1) {
        Ok(sum) => assert!(sum <= counter.bound()),
        Err(Refused { value }) => {
            assert_eq!(value, counter.bound());
            refused.add(1);
        }
    });
    assert_eq!(counter.get() + refused.get(), THREADS * EACH);
    assert_eq!(counter.get(), counter.bound());
    assert_eq!(counter.add(u64::MAX), Err(Refused { value: counter.bound() }));
    assert_eq!(counter.subtract(counter.bound()), Ok(0));
    assert_eq!(counter.subtract(1), Err(Refused { value: 0 }));
}

#[test]
fn a_striped_sum_counts_what_was_before_it() {
    let counter = StripedCounter::new();
    thread::scope(|scope| {
        let mut own = Vec::new();
        for _ in 0..4 {
            own.push(scope.spawn(|| {
                for added in 1..=EACH {
                    counter.add(1);
                    let sum = counter.sum();
                    assert!((added..=4 * EACH).contains(&sum), "{sum} after {added} of its own");
                }
            }));
        }
    });
    assert_eq!(counter.sum(), 4 * EACH);
}

#[test]
fn an_actor_refuses_and_says_what_there_is() {
    let counter = ActorCounter::start();
    let handle = counter.handle();
    assert_eq!(handle.add(5), Ok(Ok(5)));
    assert_eq!(handle.update(|value| value.checked_sub(6)), Ok(Err(5)));
    assert_eq!(handle.update(|_| panic!("in an update")), Ok(Err(5)));
    assert_eq!(handle.add(u64::MAX), Ok(Err(5)));
    assert_eq!(handle.get(), Ok(5));
    assert_eq!(counter.stop(), 5);
    assert_eq!((handle.add(1), handle.get()), (Err(Stopped), Err(Stopped)));
}

#[test]
fn an_actor_counts_for_many_threads_and_survives_those_that_go() {
    let counter = ActorCounter::start();
    thread::scope(|scope| {
        for _ in 0..4 {
            let handle = counter.handle();
            scope.spawn(move || (0..50).for_each(|_| assert!(handle.add(1).is_ok())));
        }
    });
    assert_eq!(counter.stop(), 200);
}
