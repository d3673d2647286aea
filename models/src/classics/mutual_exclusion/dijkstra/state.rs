//! The processes, and their steps.

use serde::{Deserialize, Serialize};

use crate::common::SmallSet;

/// Where a process is: the labels of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the labels are documented as actions")]
pub enum Pc {
    Li0,
    Li1,
    Li2,
    Li3a,
    Li3b,
    Li3c,
    Li3d,
    Li4a,
    Li4b,
    Cs,
    Li5,
    Li6,
    Ncs,
}

/// A process's own variable, which two parts of the program use.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Temp {
    /// Not used yet.
    #[default]
    Unused,
    /// The process that had the turn.
    Process(u8),
    /// The processes that it has not looked at.
    Unchecked(SmallSet),
}

/// The processes and their variables.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// Where each process is.
    pub pc: Vec<Pc>,
    /// The processes that do not want to enter: `b[i]`.
    pub b: SmallSet,
    /// The processes that are not on their way: `c[i]`.
    pub c: SmallSet,
    /// Whose turn it is.
    pub k: u8,
    /// Each process's own variable.
    pub temp: Vec<Temp>,
}

/// A step of a process, by the label at which it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// Say that it wants to enter.
    Li0(u8),
    /// Look whose turn it is.
    Li1(u8),
    /// It is another's: say that it is not on its way.
    Li2(u8),
    /// Look whose turn it is.
    Li3a(u8),
    /// Look whether that process wants to enter.
    Li3b(u8),
    /// It does not: take the turn.
    Li3c(u8),
    /// Begin again.
    Li3d(u8),
    /// It is its own turn: say that it is on its way.
    Li4a(u8),
    /// Look whether another process is on its way, or enter when it has looked at all.
    Li4b(u8, Option<u8>),
    /// Leave the critical section.
    Cs(u8),
    /// Say that it is not on its way any more.
    Li5(u8),
    /// Say that it does not want to enter any more.
    Li6(u8),
    /// Leave the non-critical section.
    Ncs(u8),
}

impl Action {
    /// The process that takes the step, and the label at which it is taken.
    pub fn parts(&self) -> (u8, Pc) {
        match *self {
            Self::Li0(process) => (process, Pc::Li0),
            Self::Li1(process) => (process, Pc::Li1),
            Self::Li2(process) => (process, Pc::Li2),
            Self::Li3a(process) => (process, Pc::Li3a),
            Self::Li3b(process) => (process, Pc::Li3b),
            Self::Li3c(process) => (process, Pc::Li3c),
            Self::Li3d(process) => (process, Pc::Li3d),
            Self::Li4a(process) => (process, Pc::Li4a),
            Self::Li4b(process, _) => (process, Pc::Li4b),
            Self::Cs(process) => (process, Pc::Cs),
            Self::Li5(process) => (process, Pc::Li5),
            Self::Li6(process) => (process, Pc::Li6),
            Self::Ncs(process) => (process, Pc::Ncs),
        }
    }
}
