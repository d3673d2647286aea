#![doc = include_str!("README.md")]

use serde::{Deserialize, Serialize};

use crate::common::{
    ActionClass, Disabled, Fairness, Law, LiveLaw, Parameter, ParameterError, Params, Spec,
    Strength,
};
use crate::spec_model;

/// Where a process is: the labels of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Pc {
    /// In the non-critical section.
    A0,
    /// About to raise its flag.
    A1,
    /// About to give the turn away.
    A2,
    /// Waits for its turn, or for the other flag to be down.
    A3,
    /// In the critical section.
    Cs,
    /// About to lower its flag.
    A4,
}

impl Pc {
    /// Whether the process wants to enter.
    pub fn is_trying(self) -> bool {
        matches!(self, Self::A1 | Self::A2 | Self::A3)
    }

    /// Whether the process has entered and not yet left: `lockcs`.
    pub fn has_lock(self) -> bool {
        matches!(self, Self::Cs | Self::A4)
    }
}

/// The two processes, their flags, and whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// Where each process is.
    pub pc: [Pc; 2],
    /// Whether each process wants to enter.
    pub c: [bool; 2],
    /// The process that goes first if both want to.
    pub turn: u8,
}

/// A step of a process, by the label at which it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// Leave the non-critical section.
    A0(u8),
    /// Raise the flag.
    A1(u8),
    /// Give the turn to the other.
    A2(u8),
    /// Enter, if the other's flag is down or it is one's own turn.
    A3(u8),
    /// Leave the critical section.
    Cs(u8),
    /// Lower the flag.
    A4(u8),
}

impl Action {
    /// The process that takes the step, and the label at which it is taken.
    pub fn parts(&self) -> (u8, Pc) {
        match *self {
            Self::A0(process) => (process, Pc::A0),
            Self::A1(process) => (process, Pc::A1),
            Self::A2(process) => (process, Pc::A2),
            Self::A3(process) => (process, Pc::A3),
            Self::Cs(process) => (process, Pc::Cs),
            Self::A4(process) => (process, Pc::A4),
        }
    }
}

/// The other process.
pub fn other(process: u8) -> u8 {
    1 - process
}

/// Peterson's algorithm.
#[derive(Clone, Debug)]
pub struct Peterson {
    fairness: Strength,
}

type Next = Result<State, Disabled>;

impl Peterson {
    /// The state in which a process has gone on from one label to the next.
    fn goes_on(state: &State, process: usize, to: Pc) -> State {
        let mut next = *state;
        next.pc[process] = to;
        next
    }

    fn a1(state: &State, process: usize) -> State {
        let mut next = Self::goes_on(state, process, Pc::A2);
        next.c[process] = true;
        next
    }

    fn a2(state: &State, process: usize) -> State {
        let turn = other(process as u8);
        State { turn, ..Self::goes_on(state, process, Pc::A3) }
    }

    fn a3(state: &State, process: usize) -> Next {
        if state.c[1 - process] && usize::from(state.turn) != process {
            return Err(Disabled("the other process wants to enter, and it is its turn"));
        }
        Ok(Self::goes_on(state, process, Pc::Cs))
    }

    fn a4(state: &State, process: usize) -> State {
        let mut next = Self::goes_on(state, process, Pc::A0);
        next.c[process] = false;
        next
    }

    /// Fairness to each process, but not in its non-critical section: there it may stay.
    fn fairness(strength: Strength) -> Fairness<Self> {
        Fairness::of(strength, "each process outside A0", |_, _, action: &Action| {
            let (process, at) = action.parts();
            (at != Pc::A0).then_some(process.into())
        })
    }

    /// Each process that wants to enter does.
    fn starvation_freedom(name: &'static str, fairness: &Fairness<Self>) -> LiveLaw<Self> {
        let trying = |_: &Self, state: &State, i: usize| state.pc[i].is_trying();
        let enters = |_: &Self, state: &State, i: usize| state.pc[i] == Pc::Cs;
        LiveLaw::each_leads_to(2, name, "Peterson 1981", trying, enters).under(fairness)
    }
}

const SOURCE: &str = "Peterson.tla";

impl Spec for Peterson {
    const NAME: &'static str = "peterson";

    const PARAMETERS: &'static [Parameter] = &[Parameter::fairness(
        "fairness to each process outside its non-critical section",
        Strength::Weak,
    )];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("A0", SOURCE),
        ActionClass::new("A1", SOURCE),
        ActionClass::new("A2", SOURCE),
        ActionClass::new("A3", SOURCE),
        ActionClass::new("Cs", SOURCE),
        ActionClass::new("A4", SOURCE),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        Ok(Self { fairness: Strength::of(params.get("fairness")) })
    }

    fn initial(&self) -> Vec<State> {
        vec![State { pc: [Pc::A0; 2], c: [false; 2], turn: 0 }]
    }

    fn candidates(&self, state: &State, actions: &mut Vec<Action>) {
        actions.extend((0..).zip(state.pc).map(|(process, pc)| match pc {
            Pc::A0 => Action::A0(process),
            Pc::A1 => Action::A1(process),
            Pc::A2 => Action::A2(process),
            Pc::A3 => Action::A3(process),
            Pc::Cs => Action::Cs(process),
            Pc::A4 => Action::A4(process),
        }));
    }

    fn step(&self, state: &State, action: &Action) -> Next {
        let (process, at) = action.parts();
        let process = usize::from(process);
        if process >= state.pc.len() {
            return Err(Disabled("there is no such process"));
        }
        if state.pc[process] != at {
            return Err(Disabled("the process is at another label"));
        }
        match at {
            Pc::A0 => Ok(Self::goes_on(state, process, Pc::A1)),
            Pc::A1 => Ok(Self::a1(state, process)),
            Pc::A2 => Ok(Self::a2(state, process)),
            Pc::A3 => Self::a3(state, process),
            Pc::Cs => Ok(Self::goes_on(state, process, Pc::A4)),
            Pc::A4 => Ok(Self::a4(state, process)),
        }
    }

    fn class_of(action: &Action) -> usize {
        match action {
            Action::A0(_) => 0,
            Action::A1(_) => 1,
            Action::A2(_) => 2,
            Action::A3(_) => 3,
            Action::Cs(_) => 4,
            Action::A4(_) => 5,
        }
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always("mutual exclusion", "Peterson.tla, Inv", |_, state: &State| {
                !state.pc.iter().all(|pc| pc.has_lock())
            }),
            Law::always("flags", "Peterson.tla, Inv", |_, state: &State| {
                let up = |pc: Pc| !matches!(pc, Pc::A0 | Pc::A1);
                state.pc.map(up) == state.c
            }),
            Law::always("turns", "Peterson.tla, Inv", |_, state: &State| {
                (0..2).all(|p| {
                    let behind = matches!(state.pc[1 - p], Pc::A0 | Pc::A1 | Pc::A2);
                    !state.pc[p].has_lock() || usize::from(state.turn) == p || behind
                })
            }),
            Law::sometimes("contention", "Peterson 1981", |_, state: &State| {
                state.pc == [Pc::A3; 2]
            }),
        ]
    }

    fn live_laws(&self) -> Vec<LiveLaw<Self>> {
        let starves = Self::starvation_freedom("starvation", &Fairness::progress()).refuted();
        vec![
            Self::starvation_freedom("starvation freedom", &Self::fairness(self.fairness)),
            starves,
        ]
    }

    fn lanes(&self) -> Vec<String> {
        (0..2).map(|process| format!("process {process}")).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        Some(action.parts().0.into())
    }
}

spec_model!(Peterson, State, Action);
