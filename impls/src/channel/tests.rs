//! What people expect who know Go's channels, on real threads.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{
    Closed, Receiver, RecvTimeoutError, Select, SendError, SendTimeoutError, Sender, TryRecvError,
    TrySendError, bounded, rendezvous, unbounded,
};

const SHORT: Duration = Duration::from_millis(5);
/// So long that a test which needs it has failed.
const LONG: Duration = Duration::from_secs(60);

/// A value that counts how often it is dropped.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Waits until `condition` holds.
fn until(condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < LONG, "the condition does not come true");
        thread::yield_now();
    }
}

fn waiting_senders<T>(sender: &Sender<T>) -> usize {
    sender.shared.lock().seen().senders
}

fn waiting_receivers<T>(receiver: &Receiver<T>) -> usize {
    receiver.shared.lock().seen().receivers
}

#[test]
fn values_come_in_the_order_in_which_they_were_sent() {
    for (sender, receiver) in [rendezvous(), bounded(1), bounded(7), unbounded()] {
        thread::scope(|scope| {
            scope.spawn(move || (0..500).for_each(|number| sender.send(number).unwrap()));
            assert!(receiver.iter().eq(0..500));
        });
    }
}

#[test]
fn a_full_channel_refuses_and_an_empty_one_too() {
    let (sender, receiver) = bounded(2);
    assert_eq!((sender.capacity(), sender.is_empty()), (Some(2), true));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(receiver.recv_timeout(SHORT), Err(RecvTimeoutError::Timeout));
    assert_eq!(receiver.recv_timeout(Duration::ZERO), Err(RecvTimeoutError::Timeout));
    sender.send(1).unwrap();
    sender.send_timeout(2, Duration::ZERO).unwrap();
    assert_eq!(sender.try_send(3), Err(TrySendError::Full(3)));
    assert_eq!(sender.send_timeout(3, SHORT), Err(SendTimeoutError::Timeout(3)));
    assert_eq!((sender.len(), waiting_senders(&sender)), (2, 0));
    assert!(receiver.try_iter().eq([1, 2]));
}

#[test]
fn nothing_waits_in_a_rendezvous_channel() {
    let (sender, receiver) = rendezvous();
    assert_eq!(sender.try_send(1), Err(TrySendError::Full(1)));
    assert_eq!(sender.send_timeout(1, Duration::ZERO), Err(SendTimeoutError::Timeout(1)));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    thread::scope(|scope| {
        let thread = scope.spawn(|| receiver.recv());
        until(|| waiting_receivers(&receiver) == 1);
        sender.try_send(2).unwrap();
        assert_eq!(thread.join().unwrap(), Ok(2));
        let thread = scope.spawn(|| sender.send_timeout(3, Duration::MAX));
        until(|| waiting_senders(&sender) == 1);
        assert_eq!((sender.len(), receiver.try_recv()), (0, Ok(3)));
        assert_eq!(thread.join().unwrap(), Ok(()));
    });
}

#[test]
fn a_send_completes_only_with_its_receiver() {
    let (sender, receiver) = rendezvous();
    let stage = AtomicUsize::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            sender.send(()).unwrap();
            assert_eq!(stage.load(Ordering::Relaxed), 1, "the send came back too early");
        });
        until(|| waiting_senders(&sender) == 1);
        stage.store(1, Ordering::Relaxed);
        receiver.recv().unwrap();
    });
}

#[test]
fn a_closed_channel_is_drained_and_then_ends() {
    let (sender, receiver) = bounded(4);
    sender.send(1).unwrap();
    sender.send(2).unwrap();
    assert!(receiver.close() && !sender.close() && !receiver.close(), "it is closed once");
    assert!(sender.is_closed() && receiver.is_closed());
    assert_eq!(sender.send(3), Err(SendError(3)));
    assert_eq!(sender.try_send(4), Err(TrySendError::Closed(4)));
    assert_eq!(sender.send_timeout(5, SHORT), Err(SendTimeoutError::Closed(5)));
    assert_eq!((receiver.recv(), receiver.try_recv()), (Ok(1), Ok(2)));
    assert_eq!((receiver.recv(), receiver.try_recv()), (Err(Closed), Err(TryRecvError::Closed)));
    assert_eq!(receiver.recv_timeout(SHORT), Err(RecvTimeoutError::Closed));
}

#[test]
fn the_last_handle_of_a_kind_closes() {
    let (sender, receiver) = bounded(4);
    let other = sender.clone();
    drop(sender);
    other.send(1).unwrap();
    drop(other);
    assert!(receiver.into_iter().eq([1]));
    let (sender, receiver) = bounded(4);
    let other = receiver.clone();
    drop(receiver);
    sender.send(1).unwrap();
    drop(other);
    assert_eq!((sender.send(2), sender.len()), (Err(SendError(2)), 0));
}

#[test]
fn who_waits_is_woken_by_a_close_and_by_the_last_handle() {
    for by_handle in [false, true] {
        let (sender, receiver) = bounded::<u32>(0);
        let threads: Vec<_> = (0..3)
            .map(|number| {
                let sender = sender.clone();
                thread::spawn(move || sender.send(number))
            })
            .collect();
        until(|| waiting_senders(&sender) == 3);
        if by_handle {
            drop(receiver);
        } else {
            receiver.close();
        }
        let back: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert_eq!(back, [0, 1, 2].map(|number| Err(SendError(number))), "values come back");
        let (sender, receiver) = bounded::<u32>(2);
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let receiver = receiver.clone();
                thread::spawn(move || receiver.recv())
            })
            .collect();
        until(|| waiting_receivers(&receiver) == 3);
        if by_handle {
            drop(sender);
        } else {
            sender.close();
        }
        threads.into_iter().for_each(|thread| assert_eq!(thread.join().unwrap(), Err(Closed)));
    }
}

#[test]
fn who_waits_longest_is_served_first() {
    let (sender, receiver) = rendezvous();
    let mut threads = Vec::new();
    for number in 0..4 {
        let receiver = receiver.clone();
        threads.push(thread::spawn(move || receiver.recv()));
        until(|| waiting_receivers(&threads_receiver(&sender)) == number + 1);
    }
    (0..4).for_each(|number| sender.send(number).unwrap());
    let got: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert_eq!(got, [Ok(0), Ok(1), Ok(2), Ok(3)]);
}

/// Another receiver of the channel, to look through.
fn threads_receiver<T>(sender: &Sender<T>) -> Receiver<T> {
    sender.shared.lock().receiving_handles += 1;
    Receiver { shared: Arc::clone(&sender.shared) }
}

#[test]
fn each_value_is_dropped_once() {
    for capacity in [0, 1, 3] {
        let drops = Arc::new(AtomicUsize::new(0));
        let made = AtomicUsize::new(0);
        let new = || {
            made.fetch_add(1, Ordering::Relaxed);
            Counted(Arc::clone(&drops))
        };
        let (sender, receiver) = bounded(capacity);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for turn in 0..200 {
                        let _ = match turn % 3 {
                            0 => sender.send(new()).is_ok(),
                            1 => sender.try_send(new()).is_ok(),
                            _ => sender.send_timeout(new(), Duration::from_micros(20)).is_ok(),
                        };
                    }
                });
            }
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..150 {
                        let _ = receiver.recv_timeout(Duration::from_micros(50));
                    }
                });
            }
            scope.spawn(|| {
                thread::sleep(SHORT);
                receiver.close();
            });
        });
        drop(sender);
        drop(receiver);
        assert_eq!(drops.load(Ordering::Relaxed), made.into_inner(), "capacity {capacity}");
    }
}

#[test]
fn what_is_left_is_dropped_with_the_last_receiver() {
    let drops = Arc::new(AtomicUsize::new(0));
    let (sender, receiver) = unbounded();
    (0..5).for_each(|_| assert!(sender.send(Counted(Arc::clone(&drops))).is_ok()));
    drop(receiver);
    assert_eq!(drops.load(Ordering::Relaxed), 5, "although there is a sender");
    drop(sender.send(Counted(Arc::clone(&drops))));
    assert_eq!(drops.load(Ordering::Relaxed), 6);
}

#[test]
fn a_drop_that_panics_drops_the_others_and_leaves_the_channel_whole() {
    struct Panics(Arc<AtomicUsize>, bool, Option<Sender<Self>>);
    impl Drop for Panics {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
            // The channel can be used while its values are dropped.
            assert!(self.2.as_ref().is_none_or(Sender::is_closed));
            assert!(!self.1, "in drop");
        }
    }
    let drops = Arc::new(AtomicUsize::new(0));
    let (sender, receiver) = unbounded();
    for number in 0..4 {
        let value = Panics(Arc::clone(&drops), number == 1, Some(sender.clone()));
        assert!(sender.send(value).is_ok());
    }
    assert!(catch_unwind(AssertUnwindSafe(|| drop(receiver))).is_err());
    assert_eq!(drops.load(Ordering::Relaxed), 4);
    assert!(sender.is_closed() && sender.is_empty());
}

#[test]
fn a_thread_that_panics_drops_its_handle_and_nobody_hangs() {
    // This is a panic of which nothing is printed.
    let panic = || -> () { resume_unwind(Box::new("on purpose")) };
    let (sender, receiver) = bounded(4);
    let thread = thread::spawn(move || {
        sender.send(1).unwrap();
        panic();
    });
    assert!(receiver.iter().eq([1]), "the channel ends with its last sender");
    assert!(thread.join().is_err());
    let (sender, receiver) = rendezvous();
    let thread = thread::spawn(move || {
        let _receiver = receiver;
        panic();
    });
    assert_eq!(sender.send(2), Err(SendError(2)), "and with its last receiver");
    assert!(thread.join().is_err());
    // What a select calls is called without a lock, and after its case has taken place.
    let (sender, receiver) = unbounded();
    (3..5).for_each(|number| sender.send(number).unwrap());
    let select = || Select::new().recv(&receiver, |_| panic()).wait();
    assert!(catch_unwind(AssertUnwindSafe(select)).is_err());
    assert_eq!((receiver.recv(), receiver.try_recv()), (Ok(4), Err(TryRecvError::Empty)));
}

#[test]
fn a_zero_timeout_meets_who_waits_already() {
    for select in [false, true] {
        let (sender, receiver) = rendezvous();
        thread::scope(|scope| {
            let thread = scope.spawn(|| receiver.recv_timeout(LONG));
            until(|| waiting_receivers(&receiver) == 1);
            if select {
                let mut slot = Some(1);
                let sent = Select::new().send(&sender, &mut slot, |result| result);
                assert_eq!(sent.wait_timeout(Duration::ZERO), Some(Ok(())));
            } else {
                assert_eq!(sender.send_timeout(1, Duration::ZERO), Ok(()));
            }
            assert_eq!(thread.join().unwrap(), Ok(1));
        });
    }
}

#[test]
fn many_threads_lose_nothing_and_get_nothing_twice() {
    for (sender, receiver) in [rendezvous::<usize>(), bounded(1), bounded(16), unbounded()] {
        let mut got: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        thread::scope(|scope| {
            for thread in 0..4 {
                let sender = sender.clone();
                let send = move |number: usize| sender.send(thread * 1000 + number).unwrap();
                scope.spawn(move || (0..1000).for_each(send));
            }
            drop(sender);
            let receivers: Vec<_> = (0..4)
                .map(|_| {
                    let receiver = receiver.clone();
                    scope.spawn(move || receiver.iter().collect::<Vec<_>>())
                })
                .collect();
            for (number, thread) in receivers.into_iter().enumerate() {
                got.insert(number, thread.join().unwrap());
            }
        });
        for values in got.values() {
            for thread in 0..4 {
                let of_one = values.iter().filter(|value| *value / 1000 == thread);
                assert!(of_one.is_sorted(), "one sender's values come in their order");
            }
        }
        let mut all: Vec<_> = got.into_values().flatten().collect();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..4000));
    }
}

#[test]
fn a_select_does_the_one_case_that_is_ready() {
    let (one, from_one) = bounded(1);
    let (two, from_two) = bounded(1);
    two.send(2).unwrap();
    let chosen = Select::new().recv(&from_one, |n| n).recv(&from_two, |n| n).wait();
    assert_eq!(chosen, Ok(2));
    let none = Select::new().recv(&from_one, |n| n).recv(&from_two, |n| n).try_now();
    assert_eq!(none, None, "Go's default");
    let none = Select::new().recv(&from_one, |n| n).recv(&from_two, |n| n).wait_timeout(SHORT);
    assert_eq!((none, waiting_receivers(&from_one), waiting_receivers(&from_two)), (None, 0, 0));
    let mut slot = Some(7);
    let sent = Select::new().recv(&from_two, |_| 0).send(&one, &mut slot, |_| 1).wait();
    assert_eq!((sent, slot, from_one.recv()), (1, None, Ok(7)));
}

#[test]
fn a_select_gives_back_what_it_does_not_send() {
    let (full, _receiver) = bounded(1);
    full.send(0).unwrap();
    let (_sender, never) = bounded::<()>(1);
    let mut slot = Some(1);
    let timed = Select::new()
        .send(&full, &mut slot, |_| ())
        .recv(&never, |_| ())
        .wait_timeout(Duration::ZERO);
    assert_eq!((timed, slot), (None, Some(1)));
    full.close();
    let closed = Select::new().send(&full, &mut slot, |result| result).wait();
    assert_eq!((closed, slot), (Err(Closed), Some(1)));
    let (sender, receiver) = rendezvous();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut slot = Some(5);
            let result = Select::new().send(&sender, &mut slot, |result| result).wait();
            assert_eq!((result, slot), (Err(Closed), Some(5)), "closed while it waited");
        });
        until(|| waiting_senders(&sender) == 1);
        receiver.close();
    });
}

#[test]
fn an_empty_slot_is_never_ready() {
    let (sender, receiver) = unbounded::<u32>();
    let mut slot = None;
    assert_eq!(Select::new().send(&sender, &mut slot, |_| ()).try_now(), None);
    let hopeless = || Select::new().send(&sender, &mut None, |_| ()).wait();
    assert!(catch_unwind(AssertUnwindSafe(hopeless)).is_err());
    assert!(catch_unwind(|| Select::<()>::new().wait()).is_err());
    assert!(receiver.is_empty());
}

#[test]
fn a_select_is_fair_among_the_cases_that_are_ready() {
    const TURNS: usize = 10_000;
    let channels: Vec<_> = (0..4).map(|_| unbounded()).collect();
    for (sender, _) in &channels[..3] {
        (0..TURNS).for_each(|_| sender.send(()).unwrap());
    }
    let mut chosen = [0_usize; 4];
    for _ in 0..TURNS {
        let mut select = Select::new();
        for (number, (_, receiver)) in channels.iter().enumerate() {
            select = select.recv(receiver, move |_| number);
        }
        chosen[select.wait()] += 1;
    }
    // A third each, within ten standard deviations of a binomial distribution (47 each).
    let third = TURNS / 3;
    assert!(chosen[..3].iter().all(|count| count.abs_diff(third) < 470), "{chosen:?}");
    assert_eq!(chosen[3], 0);
}

#[test]
fn two_selects_meet() {
    for _ in 0..200 {
        let (ping, pong) = (rendezvous(), rendezvous());
        thread::scope(|scope| {
            // Each offers to send on one channel and to receive from the other.
            let one = scope.spawn(|| {
                let mut slot = Some(1);
                Select::new().send(&ping.0, &mut slot, |_| 0).recv(&pong.1, Result::unwrap).wait()
            });
            let mut slot = Some(2);
            let two =
                Select::new().send(&pong.0, &mut slot, |_| 0).recv(&ping.1, Result::unwrap).wait();
            let one = one.join().unwrap();
            assert!((one, two) == (0, 1) || (one, two) == (2, 0), "{one} {two}");
        });
    }
}

#[test]
fn a_select_does_not_meet_itself() {
    let (sender, receiver) = rendezvous();
    let mut slot = Some(1);
    let both = Select::new()
        .send(&sender, &mut slot, |_| ())
        .recv(&receiver, |_| ())
        .wait_timeout(Duration::from_millis(1));
    assert_eq!((both, slot), (None, Some(1)));
}

#[test]
fn selects_among_many_threads_lose_nothing() {
    const EACH: usize = 500;
    for capacity in [0, 1] {
        let channels: Vec<_> = (0..3).map(|_| bounded::<usize>(capacity)).collect();
        let sum = AtomicUsize::new(0);
        thread::scope(|scope| {
            for thread in 0..2 {
                let channels = &channels;
                scope.spawn(move || {
                    for number in 0..EACH {
                        let mut slots = [(); 3].map(|()| Some(thread * EACH + number));
                        let mut select = Select::new();
                        for ((sender, _), slot) in channels.iter().zip(&mut slots) {
                            select = select.send(sender, slot, Result::unwrap);
                        }
                        select.wait();
                        assert_eq!(slots.iter().flatten().count(), 2, "one value is sent");
                    }
                });
                let sum = &sum;
                scope.spawn(move || {
                    for _ in 0..EACH {
                        let mut select = Select::new();
                        for (_, receiver) in channels {
                            select = select.recv(receiver, Result::unwrap);
                        }
                        sum.fetch_add(select.wait(), Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(sum.into_inner(), (0..2 * EACH).sum(), "capacity {capacity}");
    }
}

#[test]
fn errors_say_what_happened_and_hold_the_value() {
    assert_eq!(SendError(1).to_string(), "the channel is closed");
    assert_eq!(TrySendError::Full(1).into_inner(), 1);
    assert_eq!(SendTimeoutError::Closed(1).into_inner(), 1);
    assert_eq!(format!("{:?}", TrySendError::Full(1)), "TrySendError(the channel is full)");
    assert_eq!(TryRecvError::Empty.to_string(), "the channel is empty");
    assert_eq!(RecvTimeoutError::Timeout.to_string(), "the channel was empty until the deadline");
    assert_eq!(Closed.to_string(), "the channel is closed");
    assert_eq!(format!("{:?}", rendezvous::<()>()), "(Sender { .. }, Receiver { .. })");
}
