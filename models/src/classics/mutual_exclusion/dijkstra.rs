//! The first solution for any number of processes: Dijkstra, "Solution of a Problem in Concurrent
//! Programming Control", CACM 8(9), 1965, as `DijkstraMutex.tla` in tlaplus/Examples has it.
//!
//! `k` says whose turn it is. Who wants to enter takes the turn when the process that has it does
//! not want to (`b`), says that it is on its way (`c`), and turns back if another says so too.

mod state;

pub use state::{Action, Pc, State, Temp};

use crate::common::{
    ActionClass, Disabled, Fairness, Law, LiveLaw, Parameter, ParameterError, Params, SmallSet,
    Spec,
};
use crate::spec_model;

/// Dijkstra's algorithm.
#[derive(Clone, Debug)]
pub struct DijkstraMutex {
    processes: u8,
}

type Next = Result<State, Disabled>;

impl DijkstraMutex {
    fn others(&self, process: usize) -> SmallSet {
        SmallSet::below(self.processes.into()).without(process)
    }

    /// `Li3b`: whether the process that had the turn wants to enter.
    fn li3b(state: &State, process: usize) -> Result<Pc, Disabled> {
        match state.temp[process] {
            Temp::Process(k) if state.b.contains(k.into()) => Ok(Pc::Li3c),
            Temp::Process(_) => Ok(Pc::Li3d),
            _ => Err(Disabled("the process has not looked whose turn it is")),
        }
    }

    /// `Li4b`: one of the processes that it has not looked at.
    fn li4b(state: &State, process: usize, j: Option<u8>) -> Next {
        let Temp::Unchecked(unchecked) = state.temp[process] else {
            return Err(Disabled("the process does not look at others"));
        };
        let mut next = state.clone();
        next.pc[process] = match j.map(usize::from) {
            Some(j) if !unchecked.contains(j) => {
                return Err(Disabled("the process has looked at that one"));
            }
            Some(j) => {
                next.temp[process] = Temp::Unchecked(unchecked.without(j));
                if state.c.contains(j) { Pc::Li4b } else { Pc::Li1 }
            }
            None if unchecked.is_empty() => Pc::Cs,
            None => return Err(Disabled("the process has not looked at all")),
        };
        Ok(next)
    }
}

const SOURCE: &str = "DijkstraMutex.tla";

impl Spec for DijkstraMutex {
    const NAME: &'static str = "dijkstra-mutex";

    const PARAMETERS: &'static [Parameter] =
        &[Parameter::count("processes", "processes that want to enter", (1, 5), [2, 3, 3])];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("Li0", SOURCE),
        ActionClass::new("Li1", SOURCE),
        ActionClass::new("Li2", SOURCE),
        ActionClass::new("Li3a", SOURCE),
        ActionClass::new("Li3b", SOURCE),
        ActionClass::new("Li3c", SOURCE),
        ActionClass::new("Li3d", SOURCE),
        ActionClass::new("Li4a", SOURCE),
        ActionClass::new("Li4b", SOURCE),
        ActionClass::new("Cs", SOURCE),
        ActionClass::new("Li5", SOURCE),
        ActionClass::new("Li6", SOURCE),
        ActionClass::new("Ncs", SOURCE),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        Ok(Self { processes: params.get("processes") as u8 })
    }

    fn initial(&self) -> Vec<State> {
        let (n, all) = (self.processes.into(), SmallSet::below(self.processes.into()));
        let initial =
            |k| State { pc: vec![Pc::Li0; n], b: all, c: all, k, temp: vec![Temp::Unused; n] };
        (0..self.processes).map(initial).collect()
    }

    fn candidates(&self, state: &State, actions: &mut Vec<Action>) {
        for (process, pc) in (0..).zip(&state.pc) {
            let action = match pc {
                Pc::Li0 => Action::Li0(process),
                Pc::Li1 => Action::Li1(process),
                Pc::Li2 => Action::Li2(process),
                Pc::Li3a => Action::Li3a(process),
                Pc::Li3b => Action::Li3b(process),
                Pc::Li3c => Action::Li3c(process),
                Pc::Li3d => Action::Li3d(process),
                Pc::Li4a => Action::Li4a(process),
                Pc::Li4b => {
                    let others = (0..self.processes).map(Some);
                    actions.extend(others.map(|j| Action::Li4b(process, j)));
                    Action::Li4b(process, None)
                }
                Pc::Cs => Action::Cs(process),
                Pc::Li5 => Action::Li5(process),
                Pc::Li6 => Action::Li6(process),
                Pc::Ncs => Action::Ncs(process),
            };
            actions.push(action);
        }
    }

    fn step(&self, state: &State, action: &Action) -> Next {
        let (self_, at) = action.parts();
        if self_ >= self.processes {
            return Err(Disabled("there is no such process"));
        }
        let process = usize::from(self_);
        if state.pc[process] != at {
            return Err(Disabled("the process is at another label"));
        }
        if let Action::Li4b(_, j) = *action {
            return Self::li4b(state, process, j);
        }
        let mut next = state.clone();
        next.pc[process] = match at {
            Pc::Li0 => {
                next.b = state.b.without(process);
                Pc::Li1
            }
            Pc::Li1 if state.k != self_ => Pc::Li2,
            Pc::Li1 => Pc::Li4a,
            Pc::Li2 => {
                next.c = state.c.with(process);
                Pc::Li3a
            }
            Pc::Li3a => {
                next.temp[process] = Temp::Process(state.k);
                Pc::Li3b
            }
            Pc::Li3b => Self::li3b(state, process)?,
            Pc::Li3c => {
                next.k = self_;
                Pc::Li3d
            }
            Pc::Li3d => Pc::Li1,
            Pc::Li4a => {
                next.c = state.c.without(process);
                next.temp[process] = Temp::Unchecked(self.others(process));
                Pc::Li4b
            }
            Pc::Li4b => unreachable!("it is taken above"),
            Pc::Cs => Pc::Li5,
            Pc::Li5 => {
                next.c = state.c.with(process);
                Pc::Li6
            }
            Pc::Li6 => {
                next.b = state.b.with(process);
                Pc::Ncs
            }
            Pc::Ncs => Pc::Li0,
        };
        Ok(next)
    }

    fn class_of(action: &Action) -> usize {
        action.parts().1 as usize
    }

    fn has(&self, class: usize) -> bool {
        // Alone, a process always has the turn.
        self.processes > 1 || !(Pc::Li2 as usize..=Pc::Li3d as usize).contains(&class)
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always(
                "mutual exclusion",
                "DijkstraMutex.tla, MutualExclusion",
                |_, s: &State| s.pc.iter().filter(|pc| **pc == Pc::Cs).count() <= 1,
            ),
            Law::sometimes("somebody enters", "Dijkstra 1965", |_, s: &State| {
                s.pc.contains(&Pc::Cs)
            }),
        ]
    }

    fn live_laws(&self) -> Vec<LiveLaw<Self>> {
        let key = |_: &Self, _: &State, action: &Action| Some(action.parts().0.into());
        let fair = Fairness::weak("each process", key);
        let n = usize::from(self.processes);
        let at = |state: &State, i: usize, label| state.pc[i] == label;
        let deadlock_free = LiveLaw::each_leads_to(
            n,
            "deadlock freedom",
            "DijkstraMutex.tla, DeadlockFree",
            move |_, s: &State, i| at(s, i, Pc::Li0),
            |_, s: &State, _| s.pc.contains(&Pc::Cs),
        );
        let starvation_free = LiveLaw::each_leads_to(
            n,
            "starvation",
            "DijkstraMutex.tla, StarvationFree: it does not hold",
            move |_, s: &State, i| at(s, i, Pc::Li0),
            move |_, s: &State, i| at(s, i, Pc::Cs),
        );
        let mut laws = vec![deadlock_free.under(&fair)];
        if n > 1 {
            laws.push(starvation_free.under(&fair).refuted());
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

spec_model!(DijkstraMutex, State, Action);
