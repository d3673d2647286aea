//! One chosen interleaving: shuttle, with a scheduler whose choices come from outside.

use std::sync::{Arc, Mutex};

use shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};
use shuttle::{Config, FailurePersistence, MaxSteps, Runner};

use super::failure::catch;
use super::scenario::run;
use super::{Event, Failure, Recorder, Scenario, Shuttle, Subject, Witness, World};

/// A schedule as a list of numbers: at each step where several threads can run, the next number
/// picks one of them, zero meaning the thread that ran last. After the last number it is always
/// that one. A shorter list and smaller numbers are therefore a simpler schedule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices(pub Vec<u8>);

/// A [`Choices`] being used up.
struct Chosen {
    choices: std::vec::IntoIter<u8>,
    started: bool,
}

impl Chosen {
    fn next(&mut self) -> usize {
        self.choices.next().unwrap_or(0).into()
    }
}

impl Scheduler for Chosen {
    fn new_execution(&mut self) -> Option<Schedule> {
        let first = !std::mem::replace(&mut self.started, true);
        first.then(|| Schedule::new(0))
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        is_yielding: bool,
    ) -> Option<TaskId> {
        let tasks: Vec<_> = runnable.iter().map(|task| task.id()).collect();
        let at = tasks.iter().position(|task| Some(*task) == current).unwrap_or(0);
        // A thread that yields hopes for another one.
        let at = at + usize::from(is_yielding);
        let choice = if tasks.len() > 1 { self.next() } else { 0 };
        Some(tasks[(at + choice) % tasks.len()])
    }

    fn next_u64(&mut self) -> u64 {
        0
    }
}

/// Runs a scenario once, under this schedule. The witness comes back unless a failed execution
/// still refers to it.
///
/// # Errors
/// What failed.
pub fn sample<S: Subject, T: Witness>(
    scenario: &Scenario,
    choices: &Choices,
    witness: T,
) -> SampleOf<T, Event> {
    let recorder = Recorder::new(witness);
    let body = {
        let (scenario, recorder) = (scenario.clone(), Arc::clone(&recorder));
        move || run::<Shuttle, S, T>(&scenario, &recorder)
    };
    sample_body(choices, recorder, body)
}

/// What came of one run, and the witness unless a failed execution still refers to it.
pub type SampleOf<T, E> = (Result<(), Failure<E>>, Option<T>);

/// Runs `body` once, under this schedule; it holds the only other reference to the recorder.
pub fn sample_body<T, E: Clone>(
    choices: &Choices,
    recorder: Arc<Mutex<Recorder<T, E>>>,
    body: impl Fn() + Send + Sync + 'static,
) -> SampleOf<T, E> {
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::None;
    config.silence_warnings = true;
    config.ungraceful_shutdown_config.immediately_return_on_panic = true;
    config.max_steps = MaxSteps::FailAfter(100_000);
    let scheduler = Chosen { choices: choices.0.clone().into_iter(), started: false };
    let result = catch(move || Runner::new(scheduler, config).run(body));
    Shuttle::end();
    let (witness, execution, events) = Recorder::finish(recorder);
    (result.map(|_| ()).map_err(|what| Failure { what, execution, events }), witness)
}
