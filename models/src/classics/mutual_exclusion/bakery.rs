//! The bakery: Lamport, "A New Solution of Dijkstra's Concurrent Programming Problem", CACM 17(8),
//! 1974, as `Bakery.tla` in tlaplus/Examples has it.
//!
//! Who wants to enter draws a number above those that it sees, and waits for all that have a
//! smaller one. Two may draw the same number: then the process with the smaller name goes first.
//!
//! Nothing is assumed of a variable that is read while it is written: with `flicker`, a flag or a
//! number takes any values before it takes the right one. Numbers above `max_number` are not
//! explored.

mod state;

pub use state::{Action, Pc, Process, State};

use crate::common::{
    ActionClass, Disabled, Fairness, Law, LiveLaw, Parameter, ParameterError, Params, SmallSet,
    Spec,
};
use crate::spec_model;

/// The bakery.
#[derive(Clone, Debug)]
pub struct Bakery {
    processes: u8,
    max_number: u8,
    flicker: bool,
}

type Next = Result<State, Disabled>;

impl Bakery {
    fn others(&self, process: usize) -> SmallSet {
        SmallSet::below(self.processes.into()).without(process)
    }

    /// The state with a changed process, if it is where it should be.
    fn changed(
        state: &State,
        process: u8,
        at: &[Pc],
        change: impl FnOnce(&mut Process) -> Result<Pc, Disabled>,
    ) -> Next {
        let process = usize::from(process);
        if !at.contains(&state[process].pc) {
            return Err(Disabled("the process is at another label"));
        }
        let mut next = state.clone();
        next[process].pc = change(&mut next[process])?;
        Ok(next)
    }

    fn e2(state: &State, process: u8, i: Option<u8>) -> Next {
        Self::changed(state, process, &[Pc::E2], |me| match i.map(usize::from) {
            Some(i) if !me.unchecked.contains(i) => Err(Disabled("it has looked at that one")),
            Some(i) => {
                me.unchecked = me.unchecked.without(i);
                me.max = me.max.max(state[i].num);
                Ok(Pc::E2)
            }
            None if me.unchecked.is_empty() => Ok(Pc::E3),
            None => Err(Disabled("it has not looked at all")),
        })
    }

    fn e3(&self, state: &State, process: u8, number: u8) -> Next {
        Self::changed(state, process, &[Pc::E3], |me| {
            if number <= me.max || number > self.max_number + 1 {
                return Err(Disabled("that number is not drawn"));
            }
            me.num = number;
            Ok(Pc::E4)
        })
    }

    fn w1(state: &State, process: u8, i: Option<u8>) -> Next {
        Self::changed(state, process, &[Pc::W1], |me| match i {
            Some(i) if !me.unchecked.contains(i.into()) => {
                Err(Disabled("it has waited for that one"))
            }
            Some(i) if state[usize::from(i)].flag => Err(Disabled("that one draws a number")),
            Some(i) => {
                me.nxt = i;
                Ok(Pc::W2)
            }
            None if me.unchecked.is_empty() => Ok(Pc::Cs),
            None => Err(Disabled("it has not waited for all")),
        })
    }

    fn w2(state: &State, process: u8) -> Next {
        Self::changed(state, process, &[Pc::W2], |me| {
            let other = state[usize::from(me.nxt)].num;
            if other != 0 && (me.num, process) >= (other, me.nxt) {
                return Err(Disabled("the other goes first"));
            }
            me.unchecked = me.unchecked.without(me.nxt.into());
            Ok(Pc::W1)
        })
    }

    fn flicker_number(&self, state: &State, process: u8, number: u8) -> Next {
        if !self.flicker || number > self.max_number {
            return Err(Disabled("numbers do not flicker so"));
        }
        Self::changed(state, process, &[Pc::E3, Pc::Exit], |me| {
            me.num = number;
            Ok(me.pc)
        })
    }

    fn flicker_flag(&self, state: &State, process: u8) -> Next {
        if !self.flicker {
            return Err(Disabled("flags do not flicker"));
        }
        Self::changed(state, process, &[Pc::E1, Pc::E4], |me| {
            me.flag = !me.flag;
            Ok(me.pc)
        })
    }
}

const SOURCE: &str = "Bakery.tla";

impl Spec for Bakery {
    const NAME: &'static str = "bakery";

    const PARAMETERS: &'static [Parameter] = &[
        Parameter::count("processes", "processes that want to enter", (1, 4), [2, 2, 3]),
        Parameter::count("max_number", "the largest number that is explored", (1, 8), [3, 5, 2]),
        Parameter::flag("flicker", "what is read while it is written may be anything", false),
    ];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("Ncs", SOURCE),
        ActionClass::new("E1", SOURCE),
        ActionClass::new("E2", SOURCE),
        ActionClass::new("E3", SOURCE),
        ActionClass::new("E4", SOURCE),
        ActionClass::new("W1", SOURCE),
        ActionClass::new("W2", SOURCE),
        ActionClass::new("Cs", SOURCE),
        ActionClass::new("Exit", SOURCE),
        ActionClass::new("FlickerFlag", "Bakery.tla, e1 and e4; Lamport 1974"),
        ActionClass::new("FlickerNumber", "Bakery.tla, e3 and exit; Lamport 1974"),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        let (processes, max_number) = (params.get("processes"), params.get("max_number"));
        let flicker = params.flag("flicker");
        Ok(Self { processes: processes as u8, max_number: max_number as u8, flicker })
    }

    fn initial(&self) -> Vec<State> {
        let unchecked = SmallSet::EMPTY;
        let process = Process { pc: Pc::Ncs, num: 0, flag: false, unchecked, max: 0, nxt: 0 };
        vec![State { processes: vec![process; self.processes.into()] }]
    }

    fn candidates(&self, state: &State, actions: &mut Vec<Action>) {
        let numbers = 0..=self.max_number + 1;
        for (process, Process { pc, .. }) in (0..).zip(&state.processes) {
            let others = (0..self.processes).map(Some).chain([None]);
            match pc {
                Pc::Ncs => actions.push(Action::Ncs(process)),
                Pc::E1 => actions.push(Action::E1(process)),
                Pc::E2 => actions.extend(others.map(|i| Action::E2(process, i))),
                Pc::E3 => actions.extend(numbers.clone().map(|k| Action::E3(process, k))),
                Pc::E4 => actions.push(Action::E4(process)),
                Pc::W1 => actions.extend(others.map(|i| Action::W1(process, i))),
                Pc::W2 => actions.push(Action::W2(process)),
                Pc::Cs => actions.push(Action::Cs(process)),
                Pc::Exit => actions.push(Action::Exit(process)),
            }
            if self.flicker {
                actions.push(Action::FlickerFlag(process));
                actions.extend(numbers.clone().map(|k| Action::FlickerNumber(process, k)));
            }
        }
    }

    fn step(&self, state: &State, action: &Action) -> Next {
        let process = action.process();
        if process >= self.processes {
            return Err(Disabled("there is no such process"));
        }
        let others = self.others(process.into());
        match *action {
            Action::Ncs(p) => Self::changed(state, p, &[Pc::Ncs], |_| Ok(Pc::E1)),
            Action::E1(p) => Self::changed(state, p, &[Pc::E1], |me| {
                *me = Process { flag: true, unchecked: others, max: 0, ..*me };
                Ok(Pc::E2)
            }),
            Action::E2(p, i) => Self::e2(state, p, i),
            Action::E3(p, number) => self.e3(state, p, number),
            Action::E4(p) => Self::changed(state, p, &[Pc::E4], |me| {
                *me = Process { flag: false, unchecked: others, ..*me };
                Ok(Pc::W1)
            }),
            Action::W1(p, i) => Self::w1(state, p, i),
            Action::W2(p) => Self::w2(state, p),
            Action::Cs(p) => Self::changed(state, p, &[Pc::Cs], |_| Ok(Pc::Exit)),
            Action::Exit(p) => Self::changed(state, p, &[Pc::Exit], |me| {
                me.num = 0;
                Ok(Pc::Ncs)
            }),
            Action::FlickerFlag(p) => self.flicker_flag(state, p),
            Action::FlickerNumber(p, number) => self.flicker_number(state, p, number),
        }
    }

    fn class_of(action: &Action) -> usize {
        match action {
            Action::Ncs(_) => 0,
            Action::E1(_) => 1,
            Action::E2(..) => 2,
            Action::E3(..) => 3,
            Action::E4(_) => 4,
            Action::W1(..) => 5,
            Action::W2(_) => 6,
            Action::Cs(_) => 7,
            Action::Exit(_) => 8,
            Action::FlickerFlag(_) => 9,
            Action::FlickerNumber(..) => 10,
        }
    }

    fn has(&self, class: usize) -> bool {
        match class {
            6 => self.processes > 1,
            9 | 10 => self.flicker,
            _ => true,
        }
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always("mutual exclusion", "Bakery.tla, MutualExclusion", |_, s: &State| {
                s.processes.iter().filter(|process| process.pc == Pc::Cs).count() <= 1
            }),
            Law::always("who waits has a number", "Bakery.tla, IInv", |_, s: &State| {
                let waits = |pc| matches!(pc, Pc::E4 | Pc::W1 | Pc::W2 | Pc::Cs);
                s.processes.iter().all(|process| !waits(process.pc) || process.num != 0)
            }),
            Law::always("who draws says so", "Bakery.tla, IInv", |_, s: &State| {
                s.processes
                    .iter()
                    .all(|process| !matches!(process.pc, Pc::E2 | Pc::E3) || process.flag)
            }),
            Law::sometimes("the same number", "Lamport 1974", |model: &Self, s: &State| {
                let waits = |process: &&Process| matches!(process.pc, Pc::W1 | Pc::W2);
                let mut numbers: Vec<_> = s.processes.iter().filter(waits).map(|p| p.num).collect();
                numbers.sort_unstable();
                numbers.windows(2).any(|pair| pair[0] == pair[1]) || model.processes < 2
            }),
        ]
    }

    fn live_laws(&self) -> Vec<LiveLaw<Self>> {
        // A variable that flickers may do so for ever: then nobody gets anywhere.
        if self.flicker {
            return Vec::new();
        }
        let fair = Fairness::weak("each process that is not at ncs", |_, _, action: &Action| {
            (!matches!(action, Action::Ncs(_))).then_some(action.process().into())
        });
        let starvation_free = LiveLaw::each_leads_to(
            self.processes.into(),
            "starvation freedom",
            "Lamport 1974",
            |_, s: &State, i| !matches!(s[i].pc, Pc::Ncs | Pc::Exit),
            |_, s: &State, i| s[i].pc == Pc::Cs,
        );
        vec![starvation_free.under(&fair)]
    }

    fn within(&self, state: &State) -> bool {
        state.processes.iter().all(|process| process.num <= self.max_number)
    }

    fn lanes(&self) -> Vec<String> {
        (0..self.processes).map(|process| format!("process {process}")).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        Some(action.process().into())
    }
}

spec_model!(Bakery, State, Action);
