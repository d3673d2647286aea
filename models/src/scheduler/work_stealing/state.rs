//! What the deque and its threads are made of.

use serde::{Deserialize, Serialize};

/// A slot of a buffer: a task, or nothing yet.
pub type Slot = Option<u8>;

/// Where the owner is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Owner {
    /// Between two calls.
    Idle,
    /// In `push`: it has read `top`.
    Pushing {
        /// What it read.
        top: i8,
    },
    /// In `push`: the task is in its slot.
    Publishing,
    /// In `take`: `bottom` is lowered.
    Taking,
    /// In `take`: what is left is the last task, which a thief may want as well.
    Racing,
    /// In `take`: the deque is empty, and `bottom` has to be raised again.
    Restoring,
}

/// Where a thief is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Thief {
    /// Between two calls.
    Idle,
    /// It has read `top`.
    Loaded {
        /// What it read.
        top: i8,
    },
    /// It has read `bottom`, and there is a task.
    Found {
        /// The `top` that it read.
        top: i8,
    },
    /// It has read which buffer is in use.
    Reading {
        /// The `top` that it read.
        top: i8,
        /// The buffer.
        buffer: u8,
    },
    /// It has read the slot, and is about to raise `top`.
    Stealing {
        /// The `top` that it read.
        top: i8,
        /// What was in the slot.
        task: Slot,
    },
}

/// The deque with its threads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// The place of the oldest task, where thieves steal.
    pub top: i8,
    /// The place after the newest task, where the owner pushes and takes.
    pub bottom: i8,
    /// The buffers: the last one is in use, the others are kept for the thieves that read them.
    pub buffers: Vec<Vec<Slot>>,
    /// The number of tasks that were pushed.
    pub pushed: u8,
    /// Where the owner is.
    pub owner: Owner,
    /// Where the thieves are.
    pub thieves: Vec<Thief>,
    /// How often each task was run; the last number counts slots without a task that were taken
    /// for one.
    pub runs: Vec<u8>,
}

impl State {
    /// The slot of the buffer in use that belongs to a place.
    ///
    /// # Panics
    /// If there is no buffer.
    pub fn slot(&self, place: i8) -> Slot {
        self.slot_of(self.buffers.len() - 1, place)
    }

    /// The slot of a buffer that belongs to a place.
    pub fn slot_of(&self, buffer: usize, place: i8) -> Slot {
        let buffer = &self.buffers[buffer];
        buffer[place.rem_euclid(buffer.len() as i8) as usize]
    }

    /// The places of the buffer in use.
    pub fn capacity(&self) -> usize {
        self.buffers.last().map_or(0, Vec::len)
    }

    /// What was taken from a slot is run.
    pub fn run(&mut self, task: Slot) {
        let nothing = self.runs.len() - 1;
        self.runs[task.map_or(nothing, usize::from)] += 1;
    }
}

/// An atomic step of a thread. Every step reads or writes one shared word, except for `Grow`, whose
/// copies nobody sees before the new buffer is published, and for the owner's reads of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// `push` begins: the owner reads `top`.
    PushLoadTop,
    /// The buffer is full: the owner copies what is in it to one of twice the size.
    Grow,
    /// The owner writes the task to its slot.
    WriteSlot,
    /// The owner raises `bottom`: the task can be stolen.
    PublishBottom,
    /// `take` begins: the owner lowers `bottom`.
    LowerBottom,
    /// The owner reads `top`, and takes the newest task unless it is the last one.
    TakeLoadTop,
    /// The owner raises `top` if nobody else has: the last task is its own.
    TakeRaiseTop,
    /// The owner raises `bottom` to where it was: the deque is empty.
    RestoreBottom,
    /// `steal` begins: a thief reads `top`.
    StealLoadTop(u8),
    /// The thief reads `bottom`, and gives up if there is no task.
    StealLoadBottom(u8),
    /// The thief reads which buffer is in use.
    StealLoadBuffer(u8),
    /// The thief reads the slot.
    StealReadSlot(u8),
    /// The thief raises `top` if nobody else has: the task is its own.
    StealRaiseTop(u8),
}

impl Action {
    /// The thief that takes the step; none where the owner does.
    pub fn thief(&self) -> Option<u8> {
        match *self {
            Self::StealLoadTop(thief)
            | Self::StealLoadBottom(thief)
            | Self::StealLoadBuffer(thief)
            | Self::StealReadSlot(thief)
            | Self::StealRaiseTop(thief) => Some(thief),
            _ => None,
        }
    }

    /// The place of the action's class among `ACTIONS`.
    pub(super) fn class(&self) -> usize {
        match self {
            Self::PushLoadTop => 0,
            Self::Grow => 1,
            Self::WriteSlot => 2,
            Self::PublishBottom => 3,
            Self::LowerBottom => 4,
            Self::TakeLoadTop => 5,
            Self::TakeRaiseTop => 6,
            Self::RestoreBottom => 7,
            Self::StealLoadTop(_) => 8,
            Self::StealLoadBottom(_) => 9,
            Self::StealLoadBuffer(_) => 10,
            Self::StealReadSlot(_) => 11,
            Self::StealRaiseTop(_) => 12,
        }
    }
}
