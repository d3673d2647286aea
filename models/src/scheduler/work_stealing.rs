//! A deque whose owner works at one end while thieves steal at the other.
//!
//! Chase and Lev, "Dynamic Circular Work-Stealing Deque", SPAA 2005, in the form of Lê, Pop,
//! Cohen and Zappa Nardelli, "Correct and Efficient Work-Stealing for Weak Memory Models", PPoPP
//! 2013. One action is one atomic access of the code; memory is sequentially consistent here.
//!
//! The owner takes whenever it likes. Only the last task is contended: a compare-and-exchange of
//! `top` decides who has it.

mod live;
mod state;

use crate::common::{
    ActionClass, Disabled, Law, LiveLaw, Parameter, ParameterError, Params, Spec, StepLaw,
};
use crate::spec_model;

pub use state::{Action, Owner, Slot, State, Thief};

type Next = Result<State, Disabled>;

/// The deque, its owner and its thieves.
#[derive(Clone, Debug)]
pub struct WorkStealing {
    tasks: u8,
    thieves: u8,
    capacity: usize,
}

impl WorkStealing {
    fn push_load_top(&self, state: &State) -> Next {
        if state.owner != Owner::Idle {
            return Err(Disabled("the owner is within a call"));
        }
        if state.pushed == self.tasks {
            return Err(Disabled("there is no further task"));
        }
        Ok(State { owner: Owner::Pushing { top: state.top }, ..state.clone() })
    }

    /// Whether the owner, which has read this `top`, finds the buffer full.
    fn is_full(state: &State, top: i8) -> bool {
        usize::try_from(state.bottom - top).is_ok_and(|tasks| tasks >= state.capacity())
    }

    fn grow(state: &State) -> Next {
        let Owner::Pushing { top } = state.owner else {
            return Err(Disabled("the owner does not push"));
        };
        if !Self::is_full(state, top) {
            return Err(Disabled("the buffer is not full"));
        }
        let mut larger = vec![None; 2 * state.capacity()];
        let capacity = larger.len() as i8;
        for place in top..state.bottom {
            larger[(place % capacity) as usize] = state.slot(place);
        }
        let mut next = state.clone();
        next.buffers.push(larger);
        Ok(next)
    }

    fn write_slot(state: &State) -> Next {
        let Owner::Pushing { top } = state.owner else {
            return Err(Disabled("the owner does not push"));
        };
        if Self::is_full(state, top) {
            return Err(Disabled("the buffer is full"));
        }
        let mut next = State { owner: Owner::Publishing, ..state.clone() };
        let place = state.bottom as usize % state.capacity();
        if let Some(buffer) = next.buffers.last_mut() {
            buffer[place] = Some(state.pushed);
        }
        Ok(next)
    }

    fn publish_bottom(state: &State) -> Next {
        if state.owner != Owner::Publishing {
            return Err(Disabled("the owner has written no slot"));
        }
        let (bottom, pushed) = (state.bottom + 1, state.pushed + 1);
        Ok(State { bottom, pushed, owner: Owner::Idle, ..state.clone() })
    }

    fn lower_bottom(state: &State) -> Next {
        if state.owner != Owner::Idle {
            return Err(Disabled("the owner is within a call"));
        }
        Ok(State { bottom: state.bottom - 1, owner: Owner::Taking, ..state.clone() })
    }

    fn take_load_top(state: &State) -> Next {
        if state.owner != Owner::Taking {
            return Err(Disabled("the owner does not take"));
        }
        Ok(Self::take_below(state, state.top))
    }

    /// The owner, which has lowered `bottom` and read this `top`, takes the newest task, or races
    /// for the last one, or finds the deque empty.
    pub fn take_below(state: &State, top: i8) -> State {
        let mut next = state.clone();
        next.owner = match top.cmp(&state.bottom) {
            std::cmp::Ordering::Less => {
                next.run(state.slot(state.bottom));
                Owner::Idle
            }
            std::cmp::Ordering::Equal => Owner::Racing,
            std::cmp::Ordering::Greater => Owner::Restoring,
        };
        next
    }

    fn take_raise_top(state: &State) -> Next {
        if state.owner != Owner::Racing {
            return Err(Disabled("the owner does not race for the last task"));
        }
        let mut next = State { owner: Owner::Restoring, ..state.clone() };
        // The owner has seen `top` at the lowered `bottom`.
        if state.top == state.bottom {
            next.top += 1;
            next.run(state.slot(state.bottom));
        }
        Ok(next)
    }

    fn restore_bottom(state: &State) -> Next {
        if state.owner != Owner::Restoring {
            return Err(Disabled("the owner has not found the deque empty"));
        }
        Ok(State { bottom: state.bottom + 1, owner: Owner::Idle, ..state.clone() })
    }

    /// The state in which a thief is elsewhere.
    pub fn moved(state: &State, thief: u8, to: Thief) -> State {
        let mut next = state.clone();
        next.thieves[usize::from(thief)] = to;
        next
    }

    /// What a thief does next, from where it is.
    fn steal(state: &State, thief: u8, action: &Action) -> Next {
        let moved = |to| Ok(Self::moved(state, thief, to));
        match (*action, state.thieves[usize::from(thief)]) {
            (Action::StealLoadTop(_), Thief::Idle) => moved(Thief::Loaded { top: state.top }),
            (Action::StealLoadBottom(_), Thief::Loaded { top }) => {
                moved(if top < state.bottom { Thief::Found { top } } else { Thief::Idle })
            }
            (Action::StealLoadBuffer(_), Thief::Found { top }) => {
                moved(Thief::Reading { top, buffer: state.buffers.len() as u8 - 1 })
            }
            (Action::StealReadSlot(_), Thief::Reading { top, buffer }) => {
                moved(Thief::Stealing { top, task: state.slot_of(buffer.into(), top) })
            }
            (Action::StealRaiseTop(_), Thief::Stealing { top, task }) => {
                let mut next = Self::moved(state, thief, Thief::Idle);
                if state.top == top {
                    next.top += 1;
                    next.run(task);
                }
                Ok(next)
            }
            _ => Err(Disabled("the thief is elsewhere")),
        }
    }
}

const LE: &str = "Lê et al. 2013, figure 1";
const CHASE: &str = "Chase & Lev 2005, section 2";

impl Spec for WorkStealing {
    const NAME: &'static str = "work-stealing";

    const PARAMETERS: &'static [Parameter] = &[
        Parameter::count("tasks", "tasks that are pushed", (1, 8), [2, 3, 4]),
        Parameter::count("thieves", "threads that steal", (1, 4), [1, 2, 2]),
        Parameter::count("capacity", "places in the first buffer", (1, 8), [1, 1, 2]),
    ];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("PushLoadTop", LE),
        ActionClass::new("Grow", CHASE),
        ActionClass::new("WriteSlot", LE),
        ActionClass::new("PublishBottom", LE),
        ActionClass::new("LowerBottom", LE),
        ActionClass::new("TakeLoadTop", LE),
        ActionClass::new("TakeRaiseTop", LE),
        ActionClass::new("RestoreBottom", LE),
        ActionClass::new("StealLoadTop", LE),
        ActionClass::new("StealLoadBottom", LE),
        ActionClass::new("StealLoadBuffer", LE),
        ActionClass::new("StealReadSlot", LE),
        ActionClass::new("StealRaiseTop", LE),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        Ok(Self {
            tasks: params.get("tasks") as u8,
            thieves: params.get("thieves") as u8,
            capacity: params.get("capacity") as usize,
        })
    }

    fn initial(&self) -> Vec<State> {
        vec![State {
            top: 0,
            bottom: 0,
            buffers: vec![vec![None; self.capacity]],
            pushed: 0,
            owner: Owner::Idle,
            thieves: vec![Thief::Idle; self.thieves.into()],
            runs: vec![0; usize::from(self.tasks) + 1],
        }]
    }

    fn candidates(&self, state: &State, actions: &mut Vec<Action>) {
        match state.owner {
            Owner::Idle => actions.extend([Action::PushLoadTop, Action::LowerBottom]),
            Owner::Pushing { .. } => actions.extend([Action::Grow, Action::WriteSlot]),
            Owner::Publishing => actions.push(Action::PublishBottom),
            Owner::Taking => actions.push(Action::TakeLoadTop),
            Owner::Racing => actions.push(Action::TakeRaiseTop),
            Owner::Restoring => actions.push(Action::RestoreBottom),
        }
        actions.extend((0..).zip(&state.thieves).map(|(thief, at)| match at {
            Thief::Idle => Action::StealLoadTop(thief),
            Thief::Loaded { .. } => Action::StealLoadBottom(thief),
            Thief::Found { .. } => Action::StealLoadBuffer(thief),
            Thief::Reading { .. } => Action::StealReadSlot(thief),
            Thief::Stealing { .. } => Action::StealRaiseTop(thief),
        }));
    }

    fn step(&self, state: &State, action: &Action) -> Next {
        if let Some(thief) = action.thief() {
            if thief >= self.thieves {
                return Err(Disabled("there is no such thief"));
            }
            return Self::steal(state, thief, action);
        }
        match action {
            Action::PushLoadTop => self.push_load_top(state),
            Action::Grow => Self::grow(state),
            Action::WriteSlot => Self::write_slot(state),
            Action::PublishBottom => Self::publish_bottom(state),
            Action::LowerBottom => Self::lower_bottom(state),
            Action::TakeLoadTop => Self::take_load_top(state),
            Action::TakeRaiseTop => Self::take_raise_top(state),
            _ => Self::restore_bottom(state),
        }
    }

    fn class_of(action: &Action) -> usize {
        action.class()
    }

    fn has(&self, class: usize) -> bool {
        class != 1 || usize::from(self.tasks) > self.capacity
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always("each task runs at most once", CHASE, |_, state: &State| {
                state.runs.iter().all(|runs| *runs <= 1)
            }),
            Law::always("only tasks are run", CHASE, |_, state: &State| {
                state.runs.last() == Some(&0)
            }),
            Law::always("no task is lost", CHASE, |_, state: &State| {
                let run: u8 = state.runs.iter().sum();
                let left = state.bottom - state.top;
                state.owner != Owner::Idle
                    || i16::from(run) + i16::from(left) == i16::from(state.pushed)
            }),
        ]
    }

    fn step_laws(&self) -> Vec<StepLaw<Self>> {
        Self::of_steps()
    }

    fn live_laws(&self) -> Vec<LiveLaw<Self>> {
        vec![
            self.every_task_runs("every task is run", &Self::fairness()),
            self.every_task_runs("a busy owner is stolen from", &Self::fairness_to_thieves()),
        ]
    }

    fn lanes(&self) -> Vec<String> {
        let thieves = (0..self.thieves).map(|thief| format!("thief {thief}"));
        std::iter::once("owner".to_owned()).chain(thieves).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        Some(action.thief().map_or(0, |thief| usize::from(thief) + 1))
    }
}

spec_model!(WorkStealing, State, Action);
