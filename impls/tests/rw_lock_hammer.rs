//! What Go's own tests ask of its `RWMutex`, from their description.

use std::sync::Barrier;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::Duration;

use bisim::lock::RwLock;

/// What a writer adds to the activity while it is inside.
const WRITER: u32 = 10_000;

/// A writer must find itself alone, and a reader only other readers.
fn writes(lock: &RwLock<()>, activity: &AtomicU32, times: u32) {
    for _ in 0..times {
        let guard = lock.write();
        let seen = activity.fetch_add(WRITER, SeqCst) + WRITER;
        assert_eq!(seen, WRITER, "a writer is not alone");
        (0..100).for_each(|_| std::hint::spin_loop());
        activity.fetch_sub(WRITER, SeqCst);
        drop(guard);
    }
}

fn reads(lock: &RwLock<()>, activity: &AtomicU32, times: u32) {
    for _ in 0..times {
        let guard = lock.read();
        let seen = activity.fetch_add(1, SeqCst) + 1;
        assert!((1..WRITER).contains(&seen), "a reader sees {seen}");
        (0..100).for_each(|_| std::hint::spin_loop());
        activity.fetch_sub(1, SeqCst);
        drop(guard);
    }
}

/// Two writers among so many readers, who come before, between and after them.
fn hammer(readers: u32, times: u32) {
    let (lock, activity) = (RwLock::new(()), AtomicU32::new(0));
    let (lock, activity) = (&lock, &activity);
    thread::scope(|scope| {
        scope.spawn(move || writes(lock, activity, times));
        for _ in 0..readers / 2 {
            scope.spawn(move || reads(lock, activity, times));
        }
        scope.spawn(move || writes(lock, activity, times));
        for _ in readers / 2..readers {
            scope.spawn(move || reads(lock, activity, times));
        }
    });
    assert_eq!(activity.load(SeqCst), 0);
}

#[test]
fn writers_are_alone_among_many_readers() {
    for readers in [1, 1, 3, 10, 1, 3, 10, 10, 5, 20] {
        hammer(readers, 1_000);
    }
}

/// All readers are inside at once: each waits there for all others.
#[test]
fn readers_are_parallel() {
    for readers in [1, 3, 4, 16] {
        let (lock, inside) = (RwLock::new(()), Barrier::new(readers));
        thread::scope(|scope| {
            for _ in 0..readers {
                scope.spawn(|| {
                    let _guard = lock.read();
                    inside.wait();
                });
            }
        });
        assert!(lock.try_write().is_some());
    }
}

/// Timed calls give up among all others, and nobody sleeps for ever because of them.
#[test]
fn those_that_give_up_leave_nobody_behind() {
    let lock = RwLock::new(0_u32);
    let writes: u32 = thread::scope(|scope| {
        let threads: Vec<_> = (0..6)
            .map(|number| {
                let lock = &lock;
                scope.spawn(move || {
                    let mut written = 0;
                    for turn in 0..2_000_u32 {
                        let timeout = Duration::from_micros(u64::from((turn + number) % 7));
                        match (turn + number) % 4 {
                            0 => drop(lock.read()),
                            1 => drop(lock.try_read_for(timeout)),
                            2 => {
                                if let Some(mut guard) = lock.try_write_for(timeout) {
                                    *guard += 1;
                                    written += 1;
                                }
                            }
                            _ => {
                                *lock.write() += 1;
                                written += 1;
                            }
                        }
                    }
                    written
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("it only counts")).sum()
    });
    assert_eq!(lock.into_inner(), writes);
}
