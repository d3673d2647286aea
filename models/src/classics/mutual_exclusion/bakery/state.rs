//! The processes, and their steps.

use std::ops::{Index, IndexMut};

use serde::{Deserialize, Serialize};

use crate::common::SmallSet;

/// Where a process is: the labels of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the labels are documented as actions")]
pub enum Pc {
    Ncs,
    E1,
    E2,
    E3,
    E4,
    W1,
    W2,
    Cs,
    Exit,
}

/// A process and its variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Process {
    /// Where it is.
    pub pc: Pc,
    /// Its number, 0 if it has none. All read it.
    pub num: u8,
    /// Whether it is drawing a number. All read it.
    pub flag: bool,
    /// The processes that it has not looked at.
    pub unchecked: SmallSet,
    /// The largest number that it has seen.
    pub max: u8,
    /// The process that it waits for.
    pub nxt: u8,
}

/// The processes. `state[i]` is process `i`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// The processes, in the order of their names.
    pub processes: Vec<Process>,
}

impl Index<usize> for State {
    type Output = Process;

    fn index(&self, process: usize) -> &Process {
        &self.processes[process]
    }
}

impl IndexMut<usize> for State {
    fn index_mut(&mut self, process: usize) -> &mut Process {
        &mut self.processes[process]
    }
}

/// A step of a process, by the label at which it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// Leave the non-critical section.
    Ncs(u8),
    /// Say that it draws a number.
    E1(u8),
    /// Look at the number of another, or go on when it has looked at all.
    E2(u8, Option<u8>),
    /// Draw this number.
    E3(u8, u8),
    /// Say that it has drawn.
    E4(u8),
    /// Find that another does not draw a number, or enter when it has waited for all.
    W1(u8, Option<u8>),
    /// Find that the other has no number, or a later one.
    W2(u8),
    /// Leave the critical section.
    Cs(u8),
    /// Give the number back.
    Exit(u8),
    /// While it is written, the flag has another value.
    FlickerFlag(u8),
    /// While it is written, the number has this value.
    FlickerNumber(u8, u8),
}

impl Action {
    /// The process that takes the step.
    pub fn process(&self) -> u8 {
        match *self {
            Self::Ncs(process)
            | Self::E1(process)
            | Self::E2(process, _)
            | Self::E3(process, _)
            | Self::E4(process)
            | Self::W1(process, _)
            | Self::W2(process)
            | Self::Cs(process)
            | Self::Exit(process)
            | Self::FlickerFlag(process)
            | Self::FlickerNumber(process, _) => process,
        }
    }
}
