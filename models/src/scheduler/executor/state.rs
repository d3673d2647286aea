//! The tasks, the workers and their steps.

use serde::{Deserialize, Serialize};

use crate::common::SmallSet;

/// What a task is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Status {
    /// It was not spawned.
    Unknown,
    /// It was spawned and has not begun.
    Spawned,
    /// It runs.
    Running,
    /// It has run to its end.
    Done,
    /// It has panicked.
    Panicked,
    /// It was given up before it began.
    Cancelled,
}

impl Status {
    /// Whether nothing more will become of the task.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Panicked | Self::Cancelled)
    }
}

/// How the executor ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Shutdown {
    /// Nobody has asked for it.
    No,
    /// What was spawned is still run.
    Drain,
    /// What has not begun is given up.
    Cancel,
}

/// What a worker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Worker {
    /// It looks for a task, or sleeps.
    Idle,
    /// It runs this task.
    Running(u8),
    /// It has ended.
    Ended,
}

/// The graph, the tasks and the workers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// The tasks that each task joins.
    pub joins: Vec<SmallSet>,
    /// What each task is doing.
    pub tasks: Vec<Status>,
    /// What each worker does.
    pub workers: Vec<Worker>,
    /// How the executor ends.
    pub shutdown: Shutdown,
    /// How often each task was begun.
    pub runs: Vec<u8>,
}

/// A step of a client or of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// The next task is spawned.
    Spawn,
    /// A worker begins a task.
    Begin {
        /// The worker.
        worker: u8,
        /// The task.
        task: u8,
    },
    /// The task of a worker ends.
    Finish(u8),
    /// The task of a worker panics.
    Panic(u8),
    /// A worker gives up a task that has not begun: it joins one that did not end well, or the
    /// executor cancels.
    GiveUp {
        /// The worker.
        worker: u8,
        /// The task.
        task: u8,
    },
    /// Shutdown that runs what was spawned.
    Drain,
    /// Shutdown that gives up what has not begun.
    Cancel,
    /// A worker ends: every task that was spawned is over, or is run by another worker.
    End(u8),
}

impl Action {
    /// The worker that takes the step; none where a client does.
    pub fn worker(&self) -> Option<u8> {
        match *self {
            Self::Begin { worker, .. }
            | Self::GiveUp { worker, .. }
            | Self::Finish(worker)
            | Self::Panic(worker)
            | Self::End(worker) => Some(worker),
            Self::Spawn | Self::Drain | Self::Cancel => None,
        }
    }
}
