//! The abstract lock: what every lock is, in four labels. `Lock.tla` in tlaplus/Examples, for any
//! number of processes (there are two in the file).

use serde::{Deserialize, Serialize};

use crate::common::{
    ActionClass, Disabled, Fairness, Law, LiveLaw, Parameter, ParameterError, Params, Spec,
};
use crate::spec_model;

/// Where a process is: the labels of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Pc {
    /// In the non-critical section.
    L0,
    /// Waits for the lock.
    L1,
    /// In the critical section.
    Cs,
    /// About to free the lock.
    L2,
}

impl Pc {
    /// Whether the process has the lock: `lockcs`.
    pub fn has_lock(self) -> bool {
        matches!(self, Self::Cs | Self::L2)
    }
}

/// The processes, and whether the lock is free.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// Where each process is.
    pub pc: Vec<Pc>,
    /// Whether the lock is free: `lock = 1`.
    pub lock: bool,
}

/// A step of a process, by the label at which it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// Leave the non-critical section.
    L0(u8),
    /// Take the lock, if it is free: test and set in one step.
    L1(u8),
    /// Leave the critical section.
    Cs(u8),
    /// Free the lock.
    L2(u8),
}

impl Action {
    /// The process that takes the step, and the label at which it is taken.
    pub fn parts(&self) -> (u8, Pc) {
        match *self {
            Self::L0(process) => (process, Pc::L0),
            Self::L1(process) => (process, Pc::L1),
            Self::Cs(process) => (process, Pc::Cs),
            Self::L2(process) => (process, Pc::L2),
        }
    }
}

/// The abstract lock.
#[derive(Clone, Debug)]
pub struct AbstractLock {
    processes: u8,
}

const SOURCE: &str = "Lock.tla";

impl Spec for AbstractLock {
    const NAME: &'static str = "abstract-lock";

    const PARAMETERS: &'static [Parameter] =
        &[Parameter::count("processes", "processes that use the lock", (1, 12), [2, 4, 8])];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("L0", SOURCE),
        ActionClass::new("L1", SOURCE),
        ActionClass::new("Cs", SOURCE),
        ActionClass::new("L2", SOURCE),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        Ok(Self { processes: params.get("processes") as u8 })
    }

    fn initial(&self) -> Vec<State> {
        vec![State { pc: vec![Pc::L0; self.processes.into()], lock: true }]
    }

    fn candidates(&self, state: &State, actions: &mut Vec<Action>) {
        actions.extend((0..).zip(&state.pc).map(|(process, pc)| match pc {
            Pc::L0 => Action::L0(process),
            Pc::L1 => Action::L1(process),
            Pc::Cs => Action::Cs(process),
            Pc::L2 => Action::L2(process),
        }));
    }

    fn step(&self, state: &State, action: &Action) -> Result<State, Disabled> {
        let (process, at) = action.parts();
        if process >= self.processes {
            return Err(Disabled("there is no such process"));
        }
        let process = usize::from(process);
        if state.pc[process] != at {
            return Err(Disabled("the process is at another label"));
        }
        let mut next = state.clone();
        next.pc[process] = match at {
            Pc::L0 => Pc::L1,
            Pc::L1 if !state.lock => return Err(Disabled("the lock is taken")),
            Pc::L1 => {
                next.lock = false;
                Pc::Cs
            }
            Pc::Cs => Pc::L2,
            Pc::L2 => {
                next.lock = true;
                Pc::L0
            }
        };
        Ok(next)
    }

    fn class_of(action: &Action) -> usize {
        action.parts().1 as usize
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always("mutual exclusion", "Lock.tla, LockInv", |_, state: &State| {
                state.pc.iter().filter(|pc| pc.has_lock()).count() <= 1
            }),
            Law::always("who is inside has the lock", "Lock.tla, LockInv", |_, state: &State| {
                !state.lock || !state.pc.iter().any(|pc| pc.has_lock())
            }),
            Law::sometimes("somebody waits", SOURCE, |model: &Self, state: &State| {
                let inside = state.pc.contains(&Pc::Cs);
                (inside && state.pc.contains(&Pc::L1)) || model.processes < 2
            }),
        ]
    }

    fn live_laws(&self) -> Vec<LiveLaw<Self>> {
        let key = |_: &Self, _: &State, action: &Action| {
            let (process, at) = action.parts();
            (at != Pc::L0).then_some(usize::from(process))
        };
        let weak = Fairness::weak("each process that is not at L0", key);
        let strong = Fairness::strong("each process that is not at L0", key);
        let waits = |state: &State| state.pc.contains(&Pc::L1);
        let enters = |_: &Self, state: &State| state.pc.contains(&Pc::Cs);
        let each = || {
            LiveLaw::each_leads_to(
                self.processes.into(),
                "starvation freedom",
                "Dijkstra 1965",
                |_, state: &State, i| state.pc[i] == Pc::L1,
                |_, state: &State, i| state.pc[i] == Pc::Cs,
            )
        };
        let mut laws = vec![
            LiveLaw::leads_to("deadlock freedom", "Dijkstra 1965", move |_, s| waits(s), enters)
                .under(&weak),
            each().under(&strong),
        ];
        if self.processes > 1 {
            laws.push(LiveLaw { name: "starvation", ..each() }.under(&weak).refuted());
        }
        laws
    }

    fn lanes(&self) -> Vec<String> {
        (0..self.processes).map(|process| format!("process {process}")).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        Some(action.parts().0.into())
    }
}

spec_model!(AbstractLock, State, Action);
