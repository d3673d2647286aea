//! What an explored execution did, step by step, and which memory ordering is weakened in it.
//!
//! Both explorers run all threads of an execution as coroutines of one operating system thread
//! and switch only *before* an operation, so an operation and what it reports here are one step.
//! The state is local to that operating system thread: explorations can run side by side.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::panic::Location;

use super::Ordering;
use super::world::ThreadId;
use crate::channel::Note;

/// What one step did to a word that a lock is made of, with the values that it saw.
///
/// Plain loads of words are no steps: a relaxed load may see an old value, so it is not a step of a
/// sequentially consistent model, and an algorithm must not depend on what it saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Loaded the latest value of a number that nobody waits on. Only shuttle knows that it is.
    Load {
        /// The value.
        value: u32,
    },
    /// Stored a value.
    Store {
        /// The value.
        new: u32,
    },
    /// Exchanged the value: a swap, an addition, or another change of what was there.
    Swap {
        /// The value before.
        old: u32,
        /// The value after.
        new: u32,
    },
    /// Exchanged the value if it was `expected`.
    CompareExchange {
        /// The value before.
        old: u32,
        /// The value for which the exchange takes place.
        expected: u32,
        /// The value after, if it took place.
        new: u32,
    },
    /// Went to sleep, the word being what the thread expected.
    Sleep {
        /// The value.
        word: u32,
        /// Whether the thread has a deadline.
        timed: bool,
    },
    /// Did not sleep, the word not being what the thread expected.
    Refuse {
        /// The value.
        word: u32,
    },
    /// Stopped sleeping at the deadline; nobody had woken the thread.
    Expire,
    /// Woke a sleeper, if there was one.
    Wake {
        /// The number of the thread that was woken.
        woken: Option<usize>,
    },
    /// Woke all sleepers.
    WakeAll {
        /// How many there were.
        woken: usize,
    },
}

/// One step of an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The number of the thread, as [`enter`] gave it.
    pub thread: usize,
    /// The word: words are numbered in the order in which an execution makes them.
    pub object: usize,
    /// What it did.
    pub operation: Operation,
    /// The word's value after the step.
    pub word: u32,
    /// The numbers of the threads that sleep on the word after the step, the longest first.
    pub sleepers: Vec<usize>,
}

/// A memory ordering in the source that is not relaxed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    /// The call of the atomic operation.
    pub at: &'static Location<'static>,
    /// Whether it is the ordering of a compare-exchange that fails.
    pub failure: bool,
    /// Orders what is before it: it has a release half.
    pub releases: bool,
    /// Orders what is after it: it has an acquire half.
    pub acquires: bool,
}

/// An ordering at one site, replaced by a weaker one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weakening {
    /// The ordering as it is in the source.
    pub site: Site,
    /// What is used instead.
    pub to: Ordering,
}

type Observer = Box<dyn FnMut(&Step)>;
type Listener = Box<dyn FnMut(usize, &Note)>;

#[derive(Default)]
struct Probe {
    observer: Option<Observer>,
    listener: Option<Listener>,
    sites: BTreeSet<Site>,
    weakened: Option<Weakening>,
    threads: Vec<(ThreadId, usize)>,
    /// The words that the execution has made.
    objects: usize,
    /// The threads that neither sleep without a deadline nor have ended.
    running: usize,
    asleep: usize,
}

thread_local! {
    static PROBE: RefCell<Probe> = RefCell::default();
}

fn probe<R>(f: impl FnOnce(&mut Probe) -> R) -> R {
    PROBE.with_borrow_mut(f)
}

/// Begins an execution with this many threads, which will [`enter`]. `observer` is told each
/// step when it happens, in the order in which the steps happen; it may panic to end the
/// execution.
pub fn begin(threads: usize, observer: impl FnMut(&Step) + 'static) {
    probe(|probe| {
        probe.observer = Some(Box::new(observer));
        probe.listener = None;
        probe.threads.clear();
        probe.objects = 0;
        probe.running = threads;
        probe.asleep = 0;
    });
}

/// In the execution that has begun, `listener` is told what critical sections do: the number of the
/// thread, and what it notes while it holds the lock. It may panic to end the execution.
pub fn listen(listener: impl FnMut(usize, &Note) + 'static) {
    probe(|probe| probe.listener = Some(Box::new(listener)));
}

/// No more steps are observed: the executions are over.
pub fn end() {
    let told = probe(|probe| (probe.observer.take(), probe.listener.take()));
    drop(told);
}

/// Numbers the thread that runs.
pub fn enter(thread: usize) {
    let id = super::world::thread_id();
    probe(|probe| probe.threads.push((id, thread)));
}

/// The thread that runs has ended.
///
/// # Panics
/// If only sleepers are left, for none of them can be woken any more.
pub fn leave() {
    rest(0);
}

/// Replaces the ordering at one site, or none, in what this operating system thread runs.
pub fn weaken(weakening: Option<Weakening>) {
    probe(|probe| probe.weakened = weakening);
}

/// The sites that were met since the last call, in the order of the source.
pub fn take_sites() -> Vec<Site> {
    probe(|probe| std::mem::take(&mut probe.sites)).into_iter().collect()
}

/// The number of a new word.
pub(super) fn new_object() -> usize {
    probe(|probe| {
        probe.objects += 1;
        probe.objects - 1
    })
}

/// The number of the thread that runs, if it has one.
pub fn thread_number() -> Option<usize> {
    let id = super::world::thread_id();
    probe(|probe| probe.threads.iter().find(|(known, _)| *known == id).map(|(_, number)| *number))
}

/// The ordering to use at a site: the source's own, unless that site is weakened.
pub(super) fn ordering(at: &'static Location<'static>, failure: bool, own: Ordering) -> Ordering {
    use Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
    if own == Relaxed {
        return own;
    }
    let releases = matches!(own, Release | AcqRel | SeqCst);
    let acquires = matches!(own, Acquire | AcqRel | SeqCst);
    let site = Site { at, failure, releases, acquires };
    probe(|probe| {
        probe.sites.insert(site);
        probe.weakened.filter(|weakened| weakened.site == site).map_or(own, |w| w.to)
    })
}

/// Tells the observer a step, if the thread takes part in an execution.
pub(super) fn report(object: usize, operation: Operation, word: u32, sleepers: Vec<usize>) {
    let Some(thread) = thread_number() else { return };
    // The observer is called outside of the borrow, for it may panic.
    let observer = probe(|probe| probe.observer.take());
    if let Some(mut observer) = observer {
        observer(&Step { thread, object, operation, word, sleepers });
        probe(|probe| probe.observer = Some(observer));
    }
}

/// Tells the listener what a critical section did, if the thread takes part in an execution.
pub(super) fn note(note: &Note) {
    let Some(thread) = thread_number() else { return };
    let listener = probe(|probe| probe.listener.take());
    if let Some(mut listener) = listener {
        listener(thread, note);
        probe(|probe| probe.listener = Some(listener));
    }
}

/// The thread that runs goes to sleep without a deadline.
pub(super) fn fall_asleep() {
    rest(1);
}

/// A thread that slept was woken.
pub(super) fn wake_up() {
    probe(|probe| {
        probe.running += 1;
        probe.asleep = probe.asleep.saturating_sub(1);
    });
}

fn rest(asleep: usize) {
    let stuck = probe(|probe| {
        probe.running = probe.running.saturating_sub(1);
        probe.asleep += asleep;
        probe.running == 0 && probe.asleep > 0 && !probe.threads.is_empty()
    });
    assert!(
        !stuck,
        "lost wake-up: every thread that has not ended sleeps, and nobody will wake it"
    );
}
