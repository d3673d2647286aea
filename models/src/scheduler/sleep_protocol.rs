//! How workers go to sleep when there is nothing to do, and never miss a task.
//!
//! A worker that finds no task says that it is about to sleep (`idle`), notes the number of the
//! last event (`epoch`), looks once more, and sleeps unless an event has come since. Who pushes a
//! task looks *afterwards* whether anybody is idle; only then it raises `epoch` and wakes a
//! sleeper. So either the worker's last look finds the task, or the pusher finds the worker.
//!
//! The event count is Reed and Kanodia's ("Synchronization with Eventcounts and Sequencers", CACM
//! 22(2), 1979); the order of the looks is Dekker's. The mistakes that this protocol invites are
//! those of published schedulers: rows W7 to W11 of the bug catalogue.

mod live;
mod state;

use crate::common::{ActionClass, Disabled, Law, LiveLaw, Parameter, ParameterError, Params, Spec};
use crate::spec_model;

pub use state::{Action, Caller, State, Worker};

/// Who takes a step.
enum Thread {
    Caller(u8),
    Worker(u8),
}

type Next = Result<State, Disabled>;

/// The protocol.
#[derive(Clone, Debug)]
pub struct SleepProtocol {
    workers: u8,
    producers: u8,
    rounds: u8,
}

impl SleepProtocol {
    /// The caller that ends the scheduler.
    pub fn stopper(&self) -> u8 {
        self.producers
    }

    fn thread(&self, action: &Action) -> Thread {
        match *action {
            Action::Push(c) | Action::Look(c) | Action::Raise(c) => Thread::Caller(c),
            Action::Wake { caller, .. } => Thread::Caller(caller),
            Action::Stop | Action::WakeAll => Thread::Caller(self.stopper()),
            Action::Find(w)
            | Action::Miss(w)
            | Action::Announce(w)
            | Action::Note(w)
            | Action::Recheck(w)
            | Action::Sleep(w)
            | Action::Refuse(w)
            | Action::Retire(w)
            | Action::Finish(w)
            | Action::End(w) => Thread::Worker(w),
        }
    }

    /// The state with a caller elsewhere.
    fn call(state: &State, caller: u8, to: Caller) -> State {
        let mut next = state.clone();
        next.callers[usize::from(caller)] = to;
        next
    }

    /// The state with a worker elsewhere.
    pub fn moved(state: &State, worker: u8, to: Worker) -> State {
        let mut next = state.clone();
        next.workers[usize::from(worker)] = to;
        next
    }

    fn step_of_caller(&self, state: &State, caller: u8, action: &Action) -> Next {
        use Caller::{Idle, Looking, Raising, Waking};
        let at = state.callers[usize::from(caller)];
        match (*action, at) {
            (Action::Push(_), Idle) if state.rounds[usize::from(caller)] > 0 && !state.stop => {
                if caller == self.stopper() {
                    return Err(Disabled("this caller pushes no task"));
                }
                let mut next = Self::call(state, caller, Looking);
                next.rounds[usize::from(caller)] -= 1;
                next.tasks += 1;
                Ok(next)
            }
            (Action::Stop, Idle) if !state.stop => {
                Ok(State { stop: true, ..Self::call(state, caller, Looking) })
            }
            (Action::Look(_), Looking) => {
                Ok(Self::call(state, caller, if state.idle > 0 { Raising } else { Idle }))
            }
            (Action::Raise(_), Raising) => {
                Ok(State { epoch: state.epoch + 1, ..Self::call(state, caller, Waking) })
            }
            (Action::Wake { woken, .. }, Waking) if caller != self.stopper() => {
                Self::wake(state, caller, woken)
            }
            (Action::WakeAll, Waking) => {
                let mut next = Self::call(state, caller, Idle);
                let asleep = next.workers.iter_mut().filter(|w| **w == Worker::Sleeping);
                asleep.for_each(|worker| *worker = Worker::Retiring);
                Ok(next)
            }
            _ => Err(Disabled("the caller is elsewhere")),
        }
    }

    fn wake(state: &State, caller: u8, woken: Option<u8>) -> Next {
        let next = Self::call(state, caller, Caller::Idle);
        match woken.map(|worker| (worker, state.workers.get(usize::from(worker)))) {
            Some((worker, Some(Worker::Sleeping))) => {
                Ok(Self::moved(&next, worker, Worker::Retiring))
            }
            None if !state.workers.contains(&Worker::Sleeping) => Ok(next),
            Some(_) => Err(Disabled("the worker to be woken does not sleep")),
            None => Err(Disabled("a worker sleeps and must be woken")),
        }
    }

    fn step_of_worker(state: &State, worker: u8, action: &Action) -> Next {
        use Worker::{
            Announcing, Ended, Noting, Rechecking, Retiring, Running, Searching, Sleeping, Waiting,
        };
        let moved = |to| Self::moved(state, worker, to);
        let nothing = state.tasks == 0;
        match (*action, state.workers[usize::from(worker)]) {
            (Action::Find(_), Searching) if !nothing => {
                Ok(State { tasks: state.tasks - 1, ..moved(Running) })
            }
            (Action::Miss(_), Searching) if nothing && !state.stop => Ok(moved(Announcing)),
            (Action::End(_), Searching) if nothing && state.stop => Ok(moved(Ended)),
            (Action::Announce(_), Announcing) => {
                Ok(State { idle: state.idle + 1, ..moved(Noting) })
            }
            (Action::Note(_), Noting) => Ok(moved(Rechecking(state.epoch))),
            (Action::Recheck(_), Rechecking(epoch)) => {
                Ok(moved(if nothing && !state.stop { Waiting(epoch) } else { Retiring }))
            }
            (Action::Sleep(_), Waiting(epoch)) if epoch == state.epoch => Ok(moved(Sleeping)),
            (Action::Refuse(_), Waiting(epoch)) if epoch != state.epoch => Ok(moved(Retiring)),
            (Action::Retire(_), Retiring) => Ok(State { idle: state.idle - 1, ..moved(Searching) }),
            (Action::Finish(_), Running) => Ok(moved(Searching)),
            _ => Err(Disabled("the worker is elsewhere, or sees something else")),
        }
    }

    /// Whether a task waits while a worker sleeps, and nobody is on the way who would see to it.
    pub fn is_stuck(state: &State) -> bool {
        let asleep = |w: &Worker| matches!(w, Worker::Sleeping | Worker::Running | Worker::Ended);
        let unseen = state.tasks > 0 || state.stop;
        unseen
            && state.workers.contains(&Worker::Sleeping)
            && state.workers.iter().all(asleep)
            && state.callers.iter().all(|caller| *caller == Caller::Idle)
    }

    /// The number of the thread that takes a step: the workers come first.
    fn number(&self, action: &Action) -> usize {
        match self.thread(action) {
            Thread::Worker(worker) => worker.into(),
            Thread::Caller(caller) => usize::from(self.workers + caller),
        }
    }
}

const SOURCE: &str = "own";
const REED: &str = "Reed & Kanodia 1979";

impl Spec for SleepProtocol {
    const NAME: &'static str = "sleep-protocol";

    const PARAMETERS: &'static [Parameter] = &[
        Parameter::count("workers", "threads that run tasks", (1, 4), [2, 3, 3]),
        Parameter::count("producers", "threads that push tasks", (1, 3), [1, 1, 1]),
        Parameter::count("rounds", "tasks that each of them pushes", (1, 4), [2, 2, 3]),
    ];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("Push", SOURCE),
        ActionClass::new("Stop", SOURCE),
        ActionClass::new("Look", SOURCE),
        ActionClass::new("Raise", REED),
        ActionClass::new("Wake", SOURCE),
        ActionClass::new("WakeAll", SOURCE),
        ActionClass::new("Find", SOURCE),
        ActionClass::new("Miss", SOURCE),
        ActionClass::new("Announce", SOURCE),
        ActionClass::new("Note", REED),
        ActionClass::new("Recheck", SOURCE),
        ActionClass::new("Sleep", REED),
        ActionClass::new("Refuse", REED),
        ActionClass::new("Retire", SOURCE),
        ActionClass::new("Finish", SOURCE),
        ActionClass::new("End", SOURCE),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        Ok(Self {
            workers: params.get("workers") as u8,
            producers: params.get("producers") as u8,
            rounds: params.get("rounds") as u8,
        })
    }

    fn initial(&self) -> Vec<State> {
        let callers = usize::from(self.producers) + 1;
        let mut rounds = vec![self.rounds; callers];
        rounds[callers - 1] = 0;
        vec![State {
            tasks: 0,
            idle: 0,
            epoch: 0,
            stop: false,
            workers: vec![Worker::Searching; self.workers.into()],
            callers: vec![Caller::Idle; callers],
            rounds,
        }]
    }

    fn candidates(&self, state: &State, actions: &mut Vec<Action>) {
        for (caller, at) in (0..).zip(&state.callers) {
            match at {
                Caller::Idle if caller == self.stopper() => actions.push(Action::Stop),
                Caller::Idle => actions.push(Action::Push(caller)),
                Caller::Looking => actions.push(Action::Look(caller)),
                Caller::Raising => actions.push(Action::Raise(caller)),
                Caller::Waking if caller == self.stopper() => actions.push(Action::WakeAll),
                Caller::Waking => {
                    let woken = (0..self.workers).map(Some).chain([None]);
                    actions.extend(woken.map(|woken| Action::Wake { caller, woken }));
                }
            }
        }
        for (w, at) in (0..).zip(&state.workers) {
            match at {
                Worker::Searching => {
                    actions.extend([Action::Find(w), Action::Miss(w), Action::End(w)]);
                }
                Worker::Announcing => actions.push(Action::Announce(w)),
                Worker::Noting => actions.push(Action::Note(w)),
                Worker::Rechecking(_) => actions.push(Action::Recheck(w)),
                Worker::Waiting(_) => actions.extend([Action::Sleep(w), Action::Refuse(w)]),
                Worker::Retiring => actions.push(Action::Retire(w)),
                Worker::Running => actions.push(Action::Finish(w)),
                Worker::Sleeping | Worker::Ended => {}
            }
        }
    }

    fn step(&self, state: &State, action: &Action) -> Next {
        match self.thread(action) {
            Thread::Caller(caller) if caller > self.stopper() => {
                Err(Disabled("there is no such caller"))
            }
            Thread::Worker(worker) if worker >= self.workers => {
                Err(Disabled("there is no such worker"))
            }
            Thread::Caller(caller) => self.step_of_caller(state, caller, action),
            Thread::Worker(worker) => Self::step_of_worker(state, worker, action),
        }
    }

    fn class_of(action: &Action) -> usize {
        action.class()
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always("no lost wake-up", SOURCE, |_, state: &State| !Self::is_stuck(state)),
            Law::always("the idle are counted", SOURCE, |_, state: &State| {
                let counted = |w: &&Worker| {
                    use Worker::{Noting, Rechecking, Retiring, Sleeping, Waiting};
                    matches!(w, Noting | Rechecking(_) | Waiting(_) | Sleeping | Retiring)
                };
                state.workers.iter().filter(counted).count() == usize::from(state.idle)
            }),
            Law::sometimes("everybody sleeps", SOURCE, |_, state: &State| {
                state.workers.iter().all(|worker| *worker == Worker::Sleeping)
            }),
        ]
    }

    fn live_laws(&self) -> Vec<LiveLaw<Self>> {
        self.liveness()
    }

    fn lanes(&self) -> Vec<String> {
        let workers = (0..self.workers).map(|worker| format!("worker {worker}"));
        let producers = (0..self.producers).map(|producer| format!("producer {producer}"));
        workers.chain(producers).chain(["shutdown".to_owned()]).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        Some(self.number(action))
    }
}

spec_model!(SleepProtocol, State, Action);
