//! One script in three worlds: real threads, loom, shuttle.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bisim_models::channel::channel::{Outcome, State};

use super::port::{Port, Tracked};
use super::script::{Call, Event, Script, What};
use crate::interleaving::{
    Bounds, Choices, Exploration, Loom, Plain, Recorder, SampleOf, Script as _, Shuttle, Std,
    Witness, World, explore_body, sample_body,
};

/// What the threads of an execution share beside the channel.
struct Shared<P: Port> {
    port: P,
    drops: Arc<Vec<AtomicUsize>>,
    rounds: usize,
    capacity: Option<u8>,
    /// For each thread, in which of its calls it has begun to send, and how many receives it has
    /// begun. The memory is ordered by nothing but the channel.
    sends: Vec<<P::World as World>::Plain>,
    receives: Vec<<P::World as World>::Plain>,
}

impl<P: Port> Shared<P> {
    fn new(script: &Script) -> Self {
        let plain = || (0..script.threads()).map(|_| Default::default()).collect();
        let values = script.threads() * usize::from(State::MOST_ROUNDS);
        Self {
            port: P::new(script.capacity.map(usize::from)),
            drops: Arc::new((0..values).map(|_| AtomicUsize::new(0)).collect()),
            rounds: script.rounds(),
            capacity: script.capacity,
            sends: plain(),
            receives: plain(),
        }
    }

    /// Makes the calls of a thread.
    fn calls(&self, number: usize, calls: &[Call], mark: impl Fn(What)) {
        let mut completed = 0;
        for (round, &call) in calls.iter().enumerate() {
            let value = number * usize::from(State::MOST_ROUNDS) + self.rounds - round - 1;
            let value = u8::try_from(value).expect("a script is small");
            let turn = u32::try_from(round).expect("a script is small") + 1;
            if call.sends() {
                self.sends[number].set(turn);
            } else {
                self.receives[number].set(self.receives[number].get() + 1);
            }
            mark(What::Begin(call));
            let outcome = self.port.call(call, Tracked::new(value, &self.drops));
            mark(What::End(outcome));
            match outcome {
                Outcome::Sent => {
                    completed += 1;
                    self.judge_send(completed);
                }
                Outcome::Received(value) => self.judge_receive(value),
                _ => {}
            }
        }
    }

    /// The k-th receive happens before the (k + capacity)-th send completes: it is seen.
    fn judge_send(&self, completed: u32) {
        let Some(capacity) = self.capacity else { return };
        let seen: u32 = self.receives.iter().map(Plain::get).sum();
        assert!(
            seen + u32::from(capacity) >= completed,
            "values: {completed} sends have completed, and {seen} receives are seen"
        );
    }

    /// The send of a value happens before its receive completes: it is seen.
    fn judge_receive(&self, value: u8) {
        let (sender, left) = (value / State::MOST_ROUNDS, value % State::MOST_ROUNDS);
        let turn = self.rounds - usize::from(left);
        let seen = self.sends[usize::from(sender)].get() as usize;
        assert!(seen >= turn, "values: received what is not seen to be sent");
    }
}

/// Runs a script once. Every thread makes its calls; then every value that was made is gone.
///
/// # Panics
/// If it is not, or if the witness finds something wrong.
fn run<P: Port, T: Witness<Event>>(script: &Script, recorder: &Arc<Mutex<Recorder<T, Event>>>) {
    Recorder::begin(recorder);
    P::World::begin(script.threads(), |_| {});
    let observer = Arc::clone(recorder);
    P::listen(move |event| Recorder::record(&observer, event));
    let shared = Arc::new(Shared::<P>::new(script));
    let threads = script.calls.iter().enumerate().map(|(number, calls)| {
        let (shared, calls) = (Arc::clone(&shared), calls.clone());
        let recorder = Arc::clone(recorder);
        P::World::spawn(move || {
            P::World::enter(number);
            shared.calls(number, &calls, |what| {
                Recorder::record(&recorder, Event { thread: number, what, seen: None });
            });
            drop(shared);
            P::World::leave();
        })
    });
    let threads: Vec<_> = threads.collect();
    for thread in threads {
        P::World::join(thread);
    }
    let shared = Arc::into_inner(shared).expect("the threads have ended");
    let drops = Arc::clone(&shared.drops);
    drop(shared);
    for (number, calls) in script.calls.iter().enumerate() {
        for round in 0..calls.len() {
            let value = number * usize::from(State::MOST_ROUNDS) + script.rounds() - round - 1;
            let drops = drops[value].load(Ordering::Relaxed);
            assert!(drops == 1, "values: value {value} was dropped {drops} times");
        }
    }
    Recorder::end(recorder);
}

/// Explores a script under loom.
pub fn explore<P: Port<World = Loom>, T: Witness<Event>>(
    script: &Script,
    bounds: &Bounds,
    weakening: Option<bisim_loom::sync::probe::Weakening>,
    witness: T,
) -> Exploration<T, Event> {
    let recorder = Recorder::new(witness);
    let (script, shared) = (script.clone(), Arc::clone(&recorder));
    explore_body(bounds, weakening, recorder, move || run::<P, T>(&script, &shared))
}

/// Runs a script once under shuttle.
pub fn sample<P: Port<World = Shuttle>, T: Witness<Event>>(
    script: &Script,
    choices: &Choices,
    witness: T,
) -> SampleOf<T, Event> {
    let recorder = Recorder::new(witness);
    let (script, shared) = (script.clone(), Arc::clone(&recorder));
    sample_body(choices, recorder, move || run::<P, T>(&script, &shared))
}

/// Runs a script on real threads this many times. A lost wake-up hangs.
///
/// # Panics
/// If a value is lost or comes twice.
pub fn stress<P: Port<World = Std>>(script: &Script, runs: u32) {
    let recorder = Recorder::new(());
    for _ in 0..runs {
        run::<P, ()>(script, &recorder);
    }
}
