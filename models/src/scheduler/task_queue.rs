//! A queue of tasks and executors that take from it: the scheduler of the textbooks.
//!
//! Tasks are submitted to a bounded queue, and each is run by one executor. A task that panics
//! takes nobody with it. Shutdown either drains the queue (close) or gives up what has not begun
//! (cancel); in both cases every task that was submitted has an outcome in the end.
//!
//! There is no published specification of it; the queue alone is `BlockingQueue.tla`, which the
//! target `blocking-queue` follows.

mod state;

use crate::common::{
    ActionClass, Disabled, Fairness, Law, LiveLaw, Parameter, ParameterError, Params, Spec,
};
use crate::spec_model;

pub use state::{Action, Executor, Outcome, State};

type Next = Result<State, Disabled>;

/// A queue of tasks with its executors.
#[derive(Clone, Debug)]
pub struct TaskQueue {
    tasks: u8,
    executors: u8,
    capacity: usize,
}

impl TaskQueue {
    fn submit(&self, state: &State) -> Next {
        if state.closed {
            return Err(Disabled("the queue is closed"));
        }
        if state.submitted == self.tasks {
            return Err(Disabled("there is no further task"));
        }
        if state.queue.len() >= self.capacity {
            return Err(Disabled("the queue is full"));
        }
        let mut next = state.clone();
        next.queue.push(state.submitted);
        next.submitted += 1;
        Ok(next)
    }

    fn take(state: &State, executor: usize) -> Next {
        if state.executors[executor] != Executor::Idle {
            return Err(Disabled("the executor does not wait for a task"));
        }
        let Some(&task) = state.queue.first() else {
            return Err(Disabled("the queue is empty"));
        };
        let mut next = state.clone();
        next.queue.remove(0);
        next.executors[executor] = Executor::Running(task);
        next.runs[usize::from(task)] += 1;
        Ok(next)
    }

    /// The task of an executor ends, in one way or the other.
    fn finish(state: &State, executor: usize, outcome: Outcome) -> Next {
        let Executor::Running(task) = state.executors[executor] else {
            return Err(Disabled("the executor runs no task"));
        };
        let mut next = state.clone();
        next.outcomes[usize::from(task)] = outcome;
        next.executors[executor] = Executor::Idle;
        Ok(next)
    }

    fn close(state: &State) -> Next {
        if state.closed {
            return Err(Disabled("the queue is closed"));
        }
        Ok(State { closed: true, ..state.clone() })
    }

    fn cancel(state: &State) -> Next {
        if state.closed && state.queue.is_empty() {
            return Err(Disabled("nothing is left to be cancelled"));
        }
        let mut next = State { closed: true, ..state.clone() };
        for task in std::mem::take(&mut next.queue) {
            next.outcomes[usize::from(task)] = Outcome::Cancelled;
        }
        Ok(next)
    }

    fn end(state: &State, executor: usize) -> Next {
        if state.executors[executor] != Executor::Idle {
            return Err(Disabled("the executor does not wait for a task"));
        }
        if !state.closed || !state.queue.is_empty() {
            return Err(Disabled("a task may yet come"));
        }
        let mut next = state.clone();
        next.executors[executor] = Executor::Ended;
        Ok(next)
    }

    /// In how many places a task is: in the queue, with an executor, or over.
    fn places(state: &State, task: u8) -> usize {
        let queued = state.queue.iter().filter(|queued| **queued == task).count();
        let running = state.executors.iter().filter(|e| **e == Executor::Running(task)).count();
        let over = state.outcomes[usize::from(task)] != Outcome::Pending;
        queued + running + usize::from(over)
    }

    /// Each executor that can take a step takes one in the end; a task may not run for ever.
    fn fairness() -> Fairness<Self> {
        let key = |_: &Self, _: &State, action: &Action| action.executor().map(usize::from);
        Fairness::weak("each executor", key)
    }
}

const SOURCE: &str = "own";

impl Spec for TaskQueue {
    const NAME: &'static str = "task-queue";

    const PARAMETERS: &'static [Parameter] = &[
        Parameter::count("tasks", "tasks that are submitted", (1, 8), [2, 4, 6]),
        Parameter::count("executors", "threads that run tasks", (1, 4), [2, 3, 3]),
        Parameter::count("capacity", "places in the queue", (1, 8), [1, 2, 3]),
    ];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("Submit", SOURCE),
        ActionClass::new("Take", SOURCE),
        ActionClass::new("Finish", SOURCE),
        ActionClass::new("Panic", SOURCE),
        ActionClass::new("Close", SOURCE),
        ActionClass::new("Cancel", SOURCE),
        ActionClass::new("End", SOURCE),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        Ok(Self {
            tasks: params.get("tasks") as u8,
            executors: params.get("executors") as u8,
            capacity: params.get("capacity") as usize,
        })
    }

    fn initial(&self) -> Vec<State> {
        vec![State {
            queue: Vec::new(),
            submitted: 0,
            closed: false,
            executors: vec![Executor::Idle; self.executors.into()],
            runs: vec![0; self.tasks.into()],
            outcomes: vec![Outcome::Pending; self.tasks.into()],
        }]
    }

    fn candidates(&self, _state: &State, actions: &mut Vec<Action>) {
        actions.extend([Action::Submit, Action::Close, Action::Cancel]);
        for e in 0..self.executors {
            actions.extend([Action::Take(e), Action::Finish(e), Action::Panic(e), Action::End(e)]);
        }
    }

    fn step(&self, state: &State, action: &Action) -> Next {
        if action.executor().is_some_and(|executor| executor >= self.executors) {
            return Err(Disabled("there is no such executor"));
        }
        match *action {
            Action::Submit => self.submit(state),
            Action::Take(executor) => Self::take(state, executor.into()),
            Action::Finish(executor) => Self::finish(state, executor.into(), Outcome::Done),
            Action::Panic(executor) => Self::finish(state, executor.into(), Outcome::Panicked),
            Action::Close => Self::close(state),
            Action::Cancel => Self::cancel(state),
            Action::End(executor) => Self::end(state, executor.into()),
        }
    }

    fn class_of(action: &Action) -> usize {
        match action {
            Action::Submit => 0,
            Action::Take(_) => 1,
            Action::Finish(_) => 2,
            Action::Panic(_) => 3,
            Action::Close => 4,
            Action::Cancel => 5,
            Action::End(_) => 6,
        }
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always("each task runs at most once", SOURCE, |_, state: &State| {
                state.runs.iter().all(|runs| *runs <= 1)
            }),
            Law::always("each task is in one place", SOURCE, |_, state: &State| {
                (0..state.submitted).all(|task| Self::places(state, task) == 1)
            }),
            Law::always("first in, first out", SOURCE, |_, state: &State| {
                let newest = state.submitted - state.queue.len() as u8..state.submitted;
                state.queue.iter().copied().eq(newest)
            }),
            Law::always("shutdown loses nothing", SOURCE, |_, state: &State| {
                let over = state.executors.iter().all(|e| *e == Executor::Ended);
                let submitted = &state.outcomes[..state.submitted.into()];
                !over || submitted.iter().all(|outcome| *outcome != Outcome::Pending)
            }),
            Law::sometimes("a task is cancelled", SOURCE, |_, state: &State| {
                state.outcomes.contains(&Outcome::Cancelled)
            }),
            Law::sometimes("a task runs after another has panicked", SOURCE, |_, state: &State| {
                let running = state.executors.iter().any(|e| matches!(e, Executor::Running(_)));
                running && state.outcomes.contains(&Outcome::Panicked)
            }),
        ]
    }

    fn live_laws(&self) -> Vec<LiveLaw<Self>> {
        let fair = Self::fairness();
        let submitted = |_: &Self, state: &State, task| task < usize::from(state.submitted);
        let over = |_: &Self, state: &State, task| state.outcomes[task] != Outcome::Pending;
        let closed = |_: &Self, state: &State, _| state.closed;
        let ended = |_: &Self, state: &State, e| state.executors[e] == Executor::Ended;
        let (tasks, executors) = (self.tasks.into(), self.executors.into());
        vec![
            LiveLaw::each_leads_to(tasks, "every task has an outcome", SOURCE, submitted, over)
                .under(&fair),
            LiveLaw::each_leads_to(executors, "shutdown ends", SOURCE, closed, ended).under(&fair),
        ]
    }

    fn lanes(&self) -> Vec<String> {
        let executors = (0..self.executors).map(|e| format!("executor {e}"));
        executors.chain(["client".to_owned()]).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        Some(action.executor().unwrap_or(self.executors).into())
    }
}

spec_model!(TaskQueue, State, Action);
