//! The words, the threads and their steps.

use serde::{Deserialize, Serialize};

/// Where a worker is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Worker {
    /// It looks for a task.
    Searching,
    /// It has found none, and is about to say that it is idle.
    Announcing,
    /// It has said so, and is about to note the epoch.
    Noting,
    /// It looks once more.
    Rechecking(u8),
    /// It has found nothing again, and is about to sleep if the epoch is still this one.
    Waiting(u8),
    /// It sleeps.
    Sleeping,
    /// It is about to take back that it is idle.
    Retiring,
    /// It runs a task, for as long as it likes.
    Running,
    /// It has ended.
    Ended,
}

/// Where somebody is who makes work for the workers, or ends them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Caller {
    /// Between two calls.
    Idle,
    /// There is something new; it is about to look whether anybody is idle.
    Looking,
    /// Somebody is; it is about to raise the epoch.
    Raising,
    /// It is about to wake a sleeper, or all of them at the end.
    Waking,
}

/// The words, the workers and the callers. The last caller is the one that ends the scheduler.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// The tasks that wait for a worker.
    pub tasks: u8,
    /// The workers that have said that they are idle.
    pub idle: u8,
    /// The number of events.
    pub epoch: u8,
    /// Whether the workers are to end.
    pub stop: bool,
    /// The workers.
    pub workers: Vec<Worker>,
    /// The callers.
    pub callers: Vec<Caller>,
    /// The tasks that each caller may still push; the last one's is its one call to end.
    pub rounds: Vec<u8>,
}

/// A step of a worker or of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// A caller pushes a task.
    Push(u8),
    /// The last caller tells the workers to end.
    Stop,
    /// A caller looks whether a worker is idle.
    Look(u8),
    /// A caller raises the epoch.
    Raise(u8),
    /// A caller wakes a sleeper, if there is one.
    Wake {
        /// The caller.
        caller: u8,
        /// The sleeper.
        woken: Option<u8>,
    },
    /// The last caller wakes all sleepers.
    WakeAll,
    /// A worker finds a task and begins it.
    Find(u8),
    /// A worker finds no task.
    Miss(u8),
    /// A worker says that it is idle.
    Announce(u8),
    /// A worker notes the epoch.
    Note(u8),
    /// A worker looks once more.
    Recheck(u8),
    /// A worker falls asleep: the epoch is what it noted.
    Sleep(u8),
    /// A worker does not fall asleep: the epoch is another one.
    Refuse(u8),
    /// A worker is idle no more.
    Retire(u8),
    /// A task ends.
    Finish(u8),
    /// A worker ends: there is no task, and there will be none.
    End(u8),
}

impl Action {
    /// The place of the action's class among `ACTIONS`.
    pub(super) fn class(&self) -> usize {
        match self {
            Self::Push(_) => 0,
            Self::Stop => 1,
            Self::Look(_) => 2,
            Self::Raise(_) => 3,
            Self::Wake { .. } => 4,
            Self::WakeAll => 5,
            Self::Find(_) => 6,
            Self::Miss(_) => 7,
            Self::Announce(_) => 8,
            Self::Note(_) => 9,
            Self::Recheck(_) => 10,
            Self::Sleep(_) => 11,
            Self::Refuse(_) => 12,
            Self::Retire(_) => 13,
            Self::Finish(_) => 14,
            Self::End(_) => 15,
        }
    }
}
