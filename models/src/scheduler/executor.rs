//! An executor: tasks that wait for others, panics, and a shutdown that drains or cancels.
//!
//! A task is spawned with the set of tasks that it joins, all spawned before it; it begins when
//! these have ended. The first states are all graphs of `tasks` tasks. A panic is the outcome of
//! its task: who joins the task is told, and panics with it unless it was never begun, in which
//! case it is cancelled. Every worker outlives every panic.
//!
//! There is no published specification. What `join` promises is in Blumofe and Leiserson,
//! "Scheduling Multithreaded Computations by Work Stealing", JACM 46(5), 1999, section 2: a task
//! with a dependency is ready only when what it depends on has been executed.

mod state;

use crate::common::{
    ActionClass, Disabled, Fairness, Law, LiveLaw, Parameter, ParameterError, Params, SmallSet,
    Spec,
};
use crate::spec_model;

pub use state::{Action, Shutdown, State, Status, Worker};

type Next = Result<State, Disabled>;

/// The executor.
#[derive(Clone, Debug)]
pub struct Executor {
    tasks: u8,
    workers: u8,
}

impl Executor {
    fn spawn(state: &State) -> Next {
        if state.shutdown != Shutdown::No {
            return Err(Disabled("the executor is shut down"));
        }
        let Some(task) = state.tasks.iter().position(|task| *task == Status::Unknown) else {
            return Err(Disabled("there is no further task"));
        };
        let mut next = state.clone();
        next.tasks[task] = Status::Spawned;
        Ok(next)
    }

    /// Whether all that a task joins has ended well.
    pub fn is_ready(state: &State, task: usize) -> bool {
        state.joins[task].iter().all(|joined| state.tasks[joined] == Status::Done)
    }

    /// Whether something that a task joins has not ended well.
    fn is_doomed(state: &State, task: usize) -> bool {
        let bad = |status| matches!(status, Status::Panicked | Status::Cancelled);
        state.joins[task].iter().any(|joined| bad(state.tasks[joined]))
    }

    fn begin(state: &State, worker: usize, task: usize) -> Next {
        if !Self::is_ready(state, task) {
            return Err(Disabled("a task that it joins has not ended well"));
        }
        if state.shutdown == Shutdown::Cancel {
            return Err(Disabled("the executor cancels"));
        }
        Self::run(state, worker, task)
    }

    /// A worker begins a task that was spawned, whatever the task joins.
    ///
    /// # Errors
    /// When the worker is not idle, or the task was not spawned or has begun.
    pub fn run(state: &State, worker: usize, task: usize) -> Next {
        if state.workers[worker] != Worker::Idle {
            return Err(Disabled("the worker is not idle"));
        }
        if state.tasks[task] != Status::Spawned {
            return Err(Disabled("the task does not wait to begin"));
        }
        let mut next = state.clone();
        next.workers[worker] = Worker::Running(task as u8);
        next.tasks[task] = Status::Running;
        next.runs[task] += 1;
        Ok(next)
    }

    fn finish(state: &State, worker: usize, outcome: Status) -> Next {
        let Worker::Running(task) = state.workers[worker] else {
            return Err(Disabled("the worker runs no task"));
        };
        let mut next = state.clone();
        next.workers[worker] = Worker::Idle;
        next.tasks[usize::from(task)] = outcome;
        Ok(next)
    }

    fn give_up(state: &State, worker: usize, task: usize) -> Next {
        if state.workers[worker] != Worker::Idle {
            return Err(Disabled("the worker is not idle"));
        }
        if state.tasks[task] != Status::Spawned {
            return Err(Disabled("the task does not wait to begin"));
        }
        if state.shutdown != Shutdown::Cancel && !Self::is_doomed(state, task) {
            return Err(Disabled("nothing speaks against the task"));
        }
        let mut next = state.clone();
        next.tasks[task] = Status::Cancelled;
        Ok(next)
    }

    fn shut_down(state: &State, how: Shutdown) -> Next {
        match (state.shutdown, how) {
            (Shutdown::No, _) | (Shutdown::Drain, Shutdown::Cancel) => {
                Ok(State { shutdown: how, ..state.clone() })
            }
            _ => Err(Disabled("the executor is shut down")),
        }
    }

    fn end(state: &State, worker: usize) -> Next {
        if state.workers[worker] != Worker::Idle {
            return Err(Disabled("the worker is not idle"));
        }
        if state.shutdown == Shutdown::No {
            return Err(Disabled("a task may yet be spawned"));
        }
        if state.tasks.contains(&Status::Spawned) {
            return Err(Disabled("a task waits to begin"));
        }
        let mut next = state.clone();
        next.workers[worker] = Worker::Ended;
        Ok(next)
    }

    /// Each worker that can take a step takes one in the end; a task may not run for ever.
    fn fairness() -> Fairness<Self> {
        let key = |_: &Self, _: &State, action: &Action| action.worker().map(usize::from);
        Fairness::weak("each worker", key)
    }
}

const SOURCE: &str = "own";
const JOIN: &str = "Blumofe & Leiserson 1999, section 2";

impl Spec for Executor {
    const NAME: &'static str = "executor";

    const PARAMETERS: &'static [Parameter] = &[
        Parameter::count("tasks", "tasks that are spawned, in every graph", (1, 5), [3, 4, 4]),
        Parameter::count("workers", "threads that run tasks", (1, 4), [2, 2, 3]),
    ];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("Spawn", SOURCE),
        ActionClass::new("Begin", JOIN),
        ActionClass::new("Finish", SOURCE),
        ActionClass::new("Panic", SOURCE),
        ActionClass::new("GiveUp", SOURCE),
        ActionClass::new("Drain", SOURCE),
        ActionClass::new("Cancel", SOURCE),
        ActionClass::new("End", SOURCE),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        Ok(Self { tasks: params.get("tasks") as u8, workers: params.get("workers") as u8 })
    }

    /// Every graph: each task joins some of those before it.
    fn initial(&self) -> Vec<State> {
        let mut graphs = vec![Vec::new()];
        for task in 0..usize::from(self.tasks) {
            let extended = graphs.iter().flat_map(|graph: &Vec<SmallSet>| {
                (0_u32..1 << task).map(|bits| {
                    let joined = (0..task).filter(|earlier| bits & 1 << earlier != 0).collect();
                    graph.iter().copied().chain([joined]).collect()
                })
            });
            graphs = extended.collect();
        }
        let state = |joins| State {
            joins,
            tasks: vec![Status::Unknown; self.tasks.into()],
            workers: vec![Worker::Idle; self.workers.into()],
            shutdown: Shutdown::No,
            runs: vec![0; self.tasks.into()],
        };
        graphs.into_iter().map(state).collect()
    }

    fn candidates(&self, state: &State, actions: &mut Vec<Action>) {
        actions.extend([Action::Spawn, Action::Drain, Action::Cancel]);
        for worker in 0..self.workers {
            actions.extend([Action::Finish(worker), Action::Panic(worker), Action::End(worker)]);
            let waiting = (0..).zip(&state.tasks).filter(|(_, task)| **task == Status::Spawned);
            actions.extend(waiting.flat_map(|(task, _)| {
                [Action::Begin { worker, task }, Action::GiveUp { worker, task }]
            }));
        }
    }

    fn step(&self, state: &State, action: &Action) -> Next {
        if action.worker().is_some_and(|worker| worker >= self.workers) {
            return Err(Disabled("there is no such worker"));
        }
        if let Action::Begin { task, .. } | Action::GiveUp { task, .. } = *action
            && task >= self.tasks
        {
            return Err(Disabled("there is no such task"));
        }
        match *action {
            Action::Spawn => Self::spawn(state),
            Action::Begin { worker, task } => Self::begin(state, worker.into(), task.into()),
            Action::Finish(worker) => Self::finish(state, worker.into(), Status::Done),
            Action::Panic(worker) => Self::finish(state, worker.into(), Status::Panicked),
            Action::GiveUp { worker, task } => Self::give_up(state, worker.into(), task.into()),
            Action::Drain => Self::shut_down(state, Shutdown::Drain),
            Action::Cancel => Self::shut_down(state, Shutdown::Cancel),
            Action::End(worker) => Self::end(state, worker.into()),
        }
    }

    fn class_of(action: &Action) -> usize {
        match action {
            Action::Spawn => 0,
            Action::Begin { .. } => 1,
            Action::Finish(_) => 2,
            Action::Panic(_) => 3,
            Action::GiveUp { .. } => 4,
            Action::Drain => 5,
            Action::Cancel => 6,
            Action::End(_) => 7,
        }
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always("each task runs at most once", SOURCE, |_, state: &State| {
                state.runs.iter().all(|runs| *runs <= 1)
            }),
            Law::always("a task runs after what it joins", JOIN, |_, state: &State| {
                (0..state.tasks.len())
                    .all(|task| state.runs[task] == 0 || Self::is_ready(state, task))
            }),
            Law::always("what runs is run by one worker", SOURCE, |_, state: &State| {
                (0..).zip(&state.tasks).all(|(task, status)| {
                    let runs = state.workers.iter().filter(|w| **w == Worker::Running(task));
                    runs.count() == usize::from(*status == Status::Running)
                })
            }),
            Law::always("shutdown loses nothing", SOURCE, |_, state: &State| {
                let ended = state.workers.iter().all(|worker| *worker == Worker::Ended);
                let over = |task: &Status| task.is_over() || *task == Status::Unknown;
                !ended || state.tasks.iter().all(over)
            }),
            Law::always("only a panic or a shutdown cancels", SOURCE, |_, state: &State| {
                let reason =
                    state.shutdown == Shutdown::Cancel || state.tasks.contains(&Status::Panicked);
                reason || !state.tasks.contains(&Status::Cancelled)
            }),
            Law::sometimes(
                "a drained executor ends with everything done",
                SOURCE,
                |_, s: &State| {
                    let ended = s.workers.iter().all(|worker| *worker == Worker::Ended);
                    let done = s.tasks.iter().all(|task| *task == Status::Done);
                    s.shutdown == Shutdown::Drain && ended && done
                },
            ),
        ]
    }

    fn live_laws(&self) -> Vec<LiveLaw<Self>> {
        let fair = Self::fairness();
        let spawned = |_: &Self, state: &State, task| state.tasks[task] != Status::Unknown;
        let over = |_: &Self, state: &State, task: usize| state.tasks[task].is_over();
        let shut = |_: &Self, state: &State, _| state.shutdown != Shutdown::No;
        let ended = |_: &Self, state: &State, w| state.workers[w] == Worker::Ended;
        let (tasks, workers) = (self.tasks.into(), self.workers.into());
        vec![
            LiveLaw::each_leads_to(tasks, "every task is over in the end", SOURCE, spawned, over)
                .under(&fair),
            LiveLaw::each_leads_to(workers, "shutdown ends", SOURCE, shut, ended).under(&fair),
        ]
    }

    fn lanes(&self) -> Vec<String> {
        let workers = (0..self.workers).map(|worker| format!("worker {worker}"));
        workers.chain(["client".to_owned()]).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        Some(action.worker().unwrap_or(self.workers).into())
    }
}

spec_model!(Executor, State, Action);
