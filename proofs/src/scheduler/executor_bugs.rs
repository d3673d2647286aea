//! Mistakes of queues and executors, seeded in their models.

use bisim_models::common::Disabled;
use bisim_models::scheduler::executor::{self, Executor, Shutdown, Worker};
use bisim_models::scheduler::task_queue::{self, TaskQueue};

use super::{explored, seeded};
use crate::registry::{Entry, ModelBug, SpecTarget, model_bug};

/// The queue of tasks.
pub(super) fn task_queue() -> Entry {
    let bugs = vec![
        seeded(
            TAKEN_TWICE,
            "own",
            "an executor looks at the oldest task and leaves it in the queue",
            "textbook: taking is one step",
            "each task runs at most once",
        ),
        seeded(
            PANIC_WITHOUT_OUTCOME,
            "own",
            "nobody is told of a panic: the handle of the task waits for ever",
            "textbook",
            "every task has an outcome",
        ),
        seeded(
            CLOSED_BEFORE_EMPTY,
            "own",
            "executors end as soon as the queue is closed, and drop what is in it",
            "row W16 of the bug catalogue, in the queue",
            "shutdown loses nothing",
        ),
    ];
    explored(
        "a queue of tasks with executors that take from it",
        &["textbook; Go's worker pools"],
        &["models/src/scheduler/task_queue.rs", "proofs/src/scheduler/executor_bugs.rs"],
        SpecTarget::boxed(&[TAKEN_TWICE, PANIC_WITHOUT_OUTCOME, CLOSED_BEFORE_EMPTY]),
        bugs,
    )
}

/// The executor.
pub(super) fn executor() -> Entry {
    let bugs = vec![
        seeded(
            BEFORE_ITS_DEPENDENCY,
            "W12",
            "a task runs before a task that it joins has completed",
            "literature",
            "a task runs after what it joins",
        ),
        seeded(
            SHUTDOWN_DROPS,
            "W16",
            "shutdown drops the tasks that wait to begin",
            "literature",
            "shutdown loses nothing",
        ),
        seeded(
            PANIC_ENDS_WORKER,
            "own",
            "a panic ends the worker, and nobody replaces it",
            "textbook: unwinding through the loop of a worker",
            "every task is over in the end",
        ),
    ];
    explored(
        "tasks that join others, panics, shutdown",
        &["Blumofe & Leiserson, Scheduling Multithreaded Computations by Work Stealing, 1999"],
        &["models/src/scheduler/executor.rs", "proofs/src/scheduler/executor_bugs.rs"],
        SpecTarget::boxed(&[BEFORE_ITS_DEPENDENCY, SHUTDOWN_DROPS, PANIC_ENDS_WORKER]),
        bugs,
    )
}

const TAKEN_TWICE: ModelBug<TaskQueue> = model_bug!("scheduler/taken-twice", taken_twice);
const PANIC_WITHOUT_OUTCOME: ModelBug<TaskQueue> =
    model_bug!("scheduler/panic-without-outcome", panic_without_outcome);
const CLOSED_BEFORE_EMPTY: ModelBug<TaskQueue> =
    model_bug!("scheduler/closed-before-empty", closed_before_empty);
const BEFORE_ITS_DEPENDENCY: ModelBug<Executor> =
    model_bug!("scheduler/before-its-dependency", before_its_dependency);
const SHUTDOWN_DROPS: ModelBug<Executor> = model_bug!("scheduler/shutdown-drops", shutdown_drops);
const PANIC_ENDS_WORKER: ModelBug<Executor> =
    model_bug!("scheduler/panic-ends-worker", panic_ends_worker);

type QueueChanged = Option<Result<task_queue::State, Disabled>>;
type Changed = Option<Result<executor::State, Disabled>>;

/// `Take` without removing the task.
fn taken_twice(
    _: &TaskQueue,
    state: &task_queue::State,
    action: &task_queue::Action,
) -> QueueChanged {
    let &task_queue::Action::Take(e) = action else { return None };
    let task = *state.queue.first()?;
    let mut next = state.clone();
    let executor = next.executors.get_mut(usize::from(e))?;
    if *executor != task_queue::Executor::Idle {
        return None;
    }
    *executor = task_queue::Executor::Running(task);
    next.runs[usize::from(task)] += 1;
    Some(Ok(next))
}

/// `Panic` without its outcome.
fn panic_without_outcome(
    _: &TaskQueue,
    state: &task_queue::State,
    action: &task_queue::Action,
) -> QueueChanged {
    let &task_queue::Action::Panic(e) = action else { return None };
    let mut next = state.clone();
    let executor = next.executors.get_mut(usize::from(e))?;
    if !matches!(executor, task_queue::Executor::Running(_)) {
        return None;
    }
    *executor = task_queue::Executor::Idle;
    Some(Ok(next))
}

/// `End` without looking at the queue.
fn closed_before_empty(
    _: &TaskQueue,
    state: &task_queue::State,
    action: &task_queue::Action,
) -> QueueChanged {
    let &task_queue::Action::End(e) = action else { return None };
    let mut next = state.clone();
    let executor = next.executors.get_mut(usize::from(e))?;
    if *executor != task_queue::Executor::Idle || !state.closed {
        return None;
    }
    *executor = task_queue::Executor::Ended;
    Some(Ok(next))
}

/// `Begin` without looking at what the task joins.
fn before_its_dependency(
    _: &Executor,
    state: &executor::State,
    action: &executor::Action,
) -> Changed {
    let &executor::Action::Begin { worker, task } = action else { return None };
    if state.shutdown == Shutdown::Cancel {
        return None;
    }
    Some(Executor::run(state, worker.into(), task.into()))
}

/// `End` without looking at the tasks.
fn shutdown_drops(_: &Executor, state: &executor::State, action: &executor::Action) -> Changed {
    let &executor::Action::End(w) = action else { return None };
    let mut next = state.clone();
    let worker = next.workers.get_mut(usize::from(w))?;
    if *worker != Worker::Idle || state.shutdown == Shutdown::No {
        return None;
    }
    *worker = Worker::Ended;
    Some(Ok(next))
}

/// `Panic`, and the worker is gone.
fn panic_ends_worker(_: &Executor, state: &executor::State, action: &executor::Action) -> Changed {
    let &executor::Action::Panic(w) = action else { return None };
    let mut next = state.clone();
    let worker = next.workers.get_mut(usize::from(w))?;
    let Worker::Running(task) = *worker else { return None };
    *worker = Worker::Ended;
    next.tasks[usize::from(task)] = executor::Status::Panicked;
    Some(Ok(next))
}
