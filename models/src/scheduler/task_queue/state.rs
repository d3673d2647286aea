//! The queue, the executors and their steps.

use serde::{Deserialize, Serialize};

/// What has become of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// It is in the queue, runs, or has not been submitted.
    Pending,
    /// It has run to its end.
    Done,
    /// It has panicked.
    Panicked,
    /// It was given up before it began.
    Cancelled,
}

/// What an executor does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Executor {
    /// It waits for a task.
    Idle,
    /// It runs this task.
    Running(u8),
    /// It has ended: nothing will come any more.
    Ended,
}

/// The queue, the executors and the tasks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// The tasks in the queue, the oldest first. Tasks are numbered as they are submitted.
    pub queue: Vec<u8>,
    /// The number of tasks that were submitted.
    pub submitted: u8,
    /// Whether the queue is closed: nothing is submitted any more.
    pub closed: bool,
    /// The executors.
    pub executors: Vec<Executor>,
    /// How often each task was begun.
    pub runs: Vec<u8>,
    /// The outcome of each task.
    pub outcomes: Vec<Outcome>,
}

/// A step of the scheduler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// The next task is put into the queue.
    Submit,
    /// An executor takes the oldest task and begins it.
    Take(u8),
    /// The task of an executor ends.
    Finish(u8),
    /// The task of an executor panics; the executor goes on.
    Panic(u8),
    /// Shutdown that drains: nothing is submitted any more.
    Close,
    /// Shutdown that cancels: what has not begun is given up.
    Cancel,
    /// An executor finds the queue closed and empty, and ends.
    End(u8),
}

impl Action {
    /// The executor that takes the step; none where a client does.
    pub fn executor(&self) -> Option<u8> {
        match *self {
            Self::Take(e) | Self::Finish(e) | Self::Panic(e) | Self::End(e) => Some(e),
            Self::Submit | Self::Close | Self::Cancel => None,
        }
    }
}
