//! What threads do to a lock or another shared object, written once for every world.

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::{Call, Event, Plain, Step, World};

/// A script of calls: one list for each thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// The calls of each thread, in order.
    pub calls: Vec<Vec<Call>>,
}

impl Scenario {
    /// Each of these threads makes these calls.
    pub fn new<const T: usize>(calls: [&[Call]; T]) -> Self {
        Self { calls: calls.map(<[Call]>::to_vec).into() }
    }

    /// The number of threads.
    pub fn threads(&self) -> usize {
        self.calls.len()
    }

    /// The most calls that one thread makes.
    pub fn rounds(&self) -> usize {
        self.calls.iter().map(Vec::len).max().unwrap_or(0)
    }
}

impl std::fmt::Display for Scenario {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (thread, calls) in self.calls.iter().enumerate() {
            let between = if thread == 0 { "" } else { " | " };
            let names: Vec<_> = calls.iter().map(|call| format!("{call:?}")).collect();
            write!(f, "{between}{}", names.join(" "))?;
        }
        Ok(())
    }
}

/// A shared object that threads call.
pub trait Subject: Default + Send + Sync + 'static {
    /// Makes a call, and returns its result as a number.
    fn call(&self, call: Call) -> u32;

    /// Judges what the calls have returned, and the object as they have left it. No thread uses
    /// it any more.
    ///
    /// # Errors
    /// What is wrong.
    fn end(&self, results: &[(Call, u32)]) -> Result<(), String>;
}

/// Judges a count that each call has raised by one that has taken the lock to it.
///
/// # Errors
/// When the count is another one.
pub fn excluded(count: u32, results: &[(Call, u32)]) -> Result<(), String> {
    let taken: u32 = results.iter().map(|(_, taken)| taken).sum();
    if count == taken {
        return Ok(());
    }
    Err(format!("mutual exclusion: {taken} additions under the lock made {count}"))
}

/// A lock without data: what a user checks.
pub trait RawLock: Default + Send + Sync + 'static {
    /// Takes the lock, and waits until it can.
    fn lock(&self);

    /// Takes the lock if it is free. A lock without such a call waits.
    fn try_lock(&self) -> bool {
        self.lock();
        true
    }

    /// Takes the lock unless a deadline passes. A lock without such a call waits.
    fn timed_lock(&self) -> bool {
        self.lock();
        true
    }

    /// Frees the lock, which the caller holds.
    fn unlock(&self);
}

/// A raw lock with plain memory of its world under it.
#[derive(Debug, Default)]
pub struct Counted<W: World, L> {
    lock: L,
    count: W::Plain,
}

impl<W: World, L: RawLock> Subject for Counted<W, L> {
    fn call(&self, call: Call) -> u32 {
        let taken = match call {
            Call::TryLock => self.lock.try_lock(),
            Call::TimedLock => self.lock.timed_lock(),
            _ => {
                self.lock.lock();
                true
            }
        };
        if taken {
            self.count.set(self.count.get() + 1);
            self.lock.unlock();
        }
        taken.into()
    }

    fn end(&self, results: &[(Call, u32)]) -> Result<(), String> {
        excluded(self.count.get(), results)
    }
}

/// Watches an execution, step by step.
pub trait Witness<E = Event>: Send + 'static {
    /// A new execution begins.
    fn begin(&mut self);

    /// A step was taken.
    ///
    /// # Errors
    /// What is wrong with it: the execution has failed.
    fn event(&mut self, event: &E) -> Result<(), String>;

    /// The execution has ended without a failure.
    ///
    /// # Errors
    /// What is wrong with its end.
    fn end(&mut self) -> Result<(), String>;
}

/// A witness that finds nothing wrong: what fails is the scenario itself.
impl<E> Witness<E> for () {
    fn begin(&mut self) {}

    fn event(&mut self, _event: &E) -> Result<(), String> {
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        Ok(())
    }
}

/// The executions so far, and the steps of the last one.
pub struct Recorder<T, E = Event> {
    witness: T,
    executions: u64,
    events: Vec<E>,
}

impl<T, E: Clone> Recorder<T, E> {
    /// No execution yet.
    pub fn new(witness: T) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self { witness, executions: 0, events: Vec::new() }))
    }

    /// The witness, the number of executions, and the steps of the last one.
    pub(super) fn finish(this: Arc<Mutex<Self>>) -> (Option<T>, u64, Vec<E>) {
        // A failed execution may have left references behind, on stacks that are never unwound.
        match Arc::try_unwrap(this) {
            Ok(recorder) => {
                let recorder = recorder.into_inner().unwrap_or_else(PoisonError::into_inner);
                (Some(recorder.witness), recorder.executions, recorder.events)
            }
            Err(shared) => {
                let recorder = shared.lock().unwrap_or_else(PoisonError::into_inner);
                (None, recorder.executions, recorder.events.clone())
            }
        }
    }

    fn with(this: &Mutex<Self>, step: impl FnOnce(&mut Self) -> Result<(), String>) {
        // The lock is free again before a panic, so that nothing is poisoned.
        let result = step(&mut this.lock().unwrap_or_else(PoisonError::into_inner));
        if let Err(wrong) = result {
            panic!("{wrong}");
        }
    }
}

impl<T: Witness<E>, E: Clone> Recorder<T, E> {
    /// An execution begins.
    pub fn begin(this: &Mutex<Self>) {
        Self::with(this, |recorder| {
            recorder.executions += 1;
            recorder.events.clear();
            recorder.witness.begin();
            Ok(())
        });
    }

    /// A step was taken.
    ///
    /// # Panics
    /// If the witness finds something wrong.
    pub fn record(this: &Mutex<Self>, event: E) {
        Self::with(this, |recorder| {
            let result = recorder.witness.event(&event);
            recorder.events.push(event);
            result
        });
    }

    /// The execution ends.
    ///
    /// # Panics
    /// If the witness finds something wrong.
    pub fn end(this: &Mutex<Self>) {
        Self::with(this, |recorder| recorder.witness.end());
    }
}

/// Runs a scenario once: every thread makes its calls, and the object judges their results.
///
/// # Panics
/// If the object finds something wrong, or the witness does.
pub(super) fn run<W: World, S: Subject, T: Witness>(
    scenario: &Scenario,
    recorder: &Arc<Mutex<Recorder<T>>>,
) {
    Recorder::begin(recorder);
    let observer = Arc::clone(recorder);
    W::begin(scenario.threads(), move |event| Recorder::record(&observer, event));
    let subject = Arc::new(S::default());
    // What the calls return, in the order in which they end: unseen by the explorer.
    let results = Arc::new(Mutex::new(Vec::new()));
    let threads = scenario.calls.iter().enumerate().map(|(number, calls)| {
        let (subject, calls) = (Arc::clone(&subject), calls.clone());
        let (recorder, results) = (Arc::clone(recorder), Arc::clone(&results));
        W::spawn(move || {
            W::enter(number);
            for call in calls {
                let mark = |step| {
                    let event =
                        Event { thread: number, object: 0, step, word: None, sleepers: None };
                    Recorder::record(&recorder, event);
                };
                mark(Step::Begin(call));
                let result = subject.call(call);
                results.lock().unwrap_or_else(PoisonError::into_inner).push((call, result));
                mark(Step::End { result });
            }
            W::leave();
        })
    });
    let threads = threads.collect::<Vec<_>>();
    threads.into_iter().for_each(W::join);
    Recorder::end(recorder);
    let results = std::mem::take(&mut *results.lock().unwrap_or_else(PoisonError::into_inner));
    if let Err(wrong) = subject.end(&results) {
        panic!("{wrong}");
    }
}
