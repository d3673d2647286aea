//! A wait group, one action for each atomic step: Go's `sync.WaitGroup`, from its documentation.
//!
//! A thread makes `rounds` calls, each of one kind: it works (it adds itself to the group, and is
//! done), or it waits until nobody works. Left out: work that one thread adds for another (the
//! count is the same), and memory orderings.

use serde::{Deserialize, Serialize};

use crate::common::{
    ActionClass, Disabled, Fairness, Law, LiveLaw, Parameter, ParameterError, Params, Spec, StepLaw,
};
use crate::spec_model;

/// Where a thread is in the code.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Pc {
    /// Between two calls.
    #[default]
    Idle,
    /// Has added itself, and works.
    Working,
    /// Was the last to work, and is about to wake all who wait.
    Waking,
    /// Has been woken, or was not let to sleep, and is about to look again.
    Retrying,
    /// Has seen that so many work, and is about to sleep.
    Waiting(u8),
    /// In the kernel's queue.
    Sleeping,
}

/// A thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Thread {
    /// Where it is.
    pub pc: Pc,
    /// The calls that it has not begun.
    pub rounds: u8,
}

/// The group and the threads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// How many work.
    pub working: u8,
    /// The threads.
    pub threads: Vec<Thread>,
}

impl State {
    /// The number of threads at this place in the code.
    pub fn count(&self, pc: Pc) -> usize {
        self.threads.iter().filter(|thread| thread.pc == pc).count()
    }

    /// The threads in the kernel's queue.
    pub fn sleepers(&self) -> impl Iterator<Item = usize> + '_ {
        let threads = self.threads.iter().enumerate();
        threads.filter(|(_, thread)| thread.pc == Pc::Sleeping).map(|(number, _)| number)
    }
}

/// An atomic step of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// The thread begins to work.
    Add {
        /// The thread.
        thread: u8,
    },
    /// It is done.
    Done {
        /// The thread.
        thread: u8,
    },
    /// The last who was done wakes all who sleep.
    WakeAll {
        /// The thread.
        thread: u8,
    },
    /// A thread that waits looks how many work, and passes if nobody does.
    Look {
        /// The thread.
        thread: u8,
    },
    /// The futex wait finds that as many work as before, and the thread sleeps.
    Sleep {
        /// The thread.
        thread: u8,
    },
    /// The futex wait finds another number, and the thread does not sleep.
    Refuse {
        /// The thread.
        thread: u8,
    },
}

impl Action {
    /// The thread that takes the step.
    pub fn thread(&self) -> u8 {
        match *self {
            Self::Add { thread }
            | Self::Done { thread }
            | Self::WakeAll { thread }
            | Self::Look { thread }
            | Self::Sleep { thread }
            | Self::Refuse { thread } => thread,
        }
    }
}

/// The threads and one wait group.
#[derive(Clone, Debug)]
pub struct WaitGroup {
    threads: u8,
    rounds: u8,
}

type Next = Result<State, Disabled>;

impl WaitGroup {
    fn moved(state: &State, thread: usize, from: &[Pc], to: Pc) -> Next {
        let me = state.threads[thread];
        if !from.contains(&me.pc) {
            return Err(Disabled("the thread is elsewhere in the code"));
        }
        if me.pc == Pc::Idle && me.rounds == 0 {
            return Err(Disabled("the thread has no rounds left"));
        }
        let mut next = state.clone();
        next.threads[thread] = Thread { pc: to, rounds: me.rounds - u8::from(me.pc == Pc::Idle) };
        Ok(next)
    }

    fn add(state: &State, thread: usize) -> Next {
        let mut next = Self::moved(state, thread, &[Pc::Idle], Pc::Working)?;
        next.working += 1;
        Ok(next)
    }

    fn done(state: &State, thread: usize) -> Next {
        let to = if state.working == 1 { Pc::Waking } else { Pc::Idle };
        let mut next = Self::moved(state, thread, &[Pc::Working], to)?;
        next.working -= 1;
        Ok(next)
    }

    fn wake_all(state: &State, thread: usize) -> Next {
        let mut next = Self::moved(state, thread, &[Pc::Waking], Pc::Idle)?;
        let sleepers = next.threads.iter_mut().filter(|thread| thread.pc == Pc::Sleeping);
        sleepers.for_each(|thread| thread.pc = Pc::Retrying);
        Ok(next)
    }

    fn look(state: &State, thread: usize) -> Next {
        let to = if state.working == 0 { Pc::Idle } else { Pc::Waiting(state.working) };
        Self::moved(state, thread, &[Pc::Idle, Pc::Retrying], to)
    }

    fn sleep(state: &State, thread: usize) -> Next {
        Self::moved(state, thread, &[Pc::Waiting(state.working)], Pc::Sleeping)
    }

    fn refuse(state: &State, thread: usize) -> Next {
        match state.threads[thread].pc {
            Pc::Waiting(seen) if seen != state.working => {
                Self::moved(state, thread, &[Pc::Waiting(seen)], Pc::Retrying)
            }
            _ => Err(Disabled("the thread is not about to sleep, or it may")),
        }
    }
}

const SOURCE: &str = "Go, package sync, WaitGroup";

impl Spec for WaitGroup {
    const NAME: &'static str = "wait-group";

    const PARAMETERS: &'static [Parameter] = &[
        Parameter::count("threads", "threads that work or wait", (1, 6), [3, 4, 5]),
        Parameter::count("rounds", "calls that each thread makes", (1, 4), [1, 2, 2]),
    ];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("Add", "Go, package sync, WaitGroup.Add"),
        ActionClass::new("Done", "Go, package sync, WaitGroup.Done"),
        ActionClass::new("WakeAll", "futex(2), FUTEX_WAKE"),
        ActionClass::new("Look", "Go, package sync, WaitGroup.Wait"),
        ActionClass::new("Sleep", "futex(2), FUTEX_WAIT"),
        ActionClass::new("Refuse", "futex(2), FUTEX_WAIT: EAGAIN"),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        let small = |name| u8::try_from(params.get(name)).expect("the range is below 256");
        Ok(Self { threads: small("threads"), rounds: small("rounds") })
    }

    fn initial(&self) -> Vec<State> {
        let thread = Thread { pc: Pc::Idle, rounds: self.rounds };
        vec![State { working: 0, threads: vec![thread; self.threads.into()] }]
    }

    fn candidates(&self, _: &State, actions: &mut Vec<Action>) {
        for thread in 0..self.threads {
            actions.extend([
                Action::Add { thread },
                Action::Done { thread },
                Action::WakeAll { thread },
                Action::Look { thread },
                Action::Sleep { thread },
                Action::Refuse { thread },
            ]);
        }
    }

    fn step(&self, state: &State, action: &Action) -> Next {
        let thread = usize::from(action.thread());
        if thread >= state.threads.len() {
            return Err(Disabled("there is no such thread"));
        }
        match action {
            Action::Add { .. } => Self::add(state, thread),
            Action::Done { .. } => Self::done(state, thread),
            Action::WakeAll { .. } => Self::wake_all(state, thread),
            Action::Look { .. } => Self::look(state, thread),
            Action::Sleep { .. } => Self::sleep(state, thread),
            Action::Refuse { .. } => Self::refuse(state, thread),
        }
    }

    fn class_of(action: &Action) -> usize {
        match action {
            Action::Add { .. } => 0,
            Action::Done { .. } => 1,
            Action::WakeAll { .. } => 2,
            Action::Look { .. } => 3,
            Action::Sleep { .. } => 4,
            Action::Refuse { .. } => 5,
        }
    }

    fn has(&self, class: usize) -> bool {
        // Alone, a thread that waits finds nobody at work.
        class < 4 || self.threads > 1
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always("the count is of those who work", SOURCE, |_, s: &State| {
                usize::from(s.working) == s.count(Pc::Working)
            }),
            Law::always("no lost wake-up", SOURCE, |_, s: &State| {
                s.working > 0 || s.sleepers().next().is_none() || s.count(Pc::Waking) > 0
            }),
            Law::sometimes("somebody sleeps", SOURCE, |model: &Self, s: &State| {
                s.sleepers().next().is_some() || model.threads < 2
            }),
        ]
    }

    fn step_laws(&self) -> Vec<StepLaw<Self>> {
        vec![StepLaw::always(
            "nobody passes while others work",
            SOURCE,
            |_, before: &State, action: &Action, after: &State| {
                let passes = after.threads[usize::from(action.thread())].pc == Pc::Idle;
                !matches!(action, Action::Look { .. }) || !passes || before.working == 0
            },
        )]
    }

    fn live_laws(&self) -> Vec<LiveLaw<Self>> {
        let fair = Fairness::weak("each thread in a call", |_, s: &State, action: &Action| {
            let thread = usize::from(action.thread());
            (s.threads[thread].pc != Pc::Idle).then_some(thread)
        });
        let waits = |pc| matches!(pc, Pc::Retrying | Pc::Waiting(_) | Pc::Sleeping);
        let passes = LiveLaw::each_leads_to(
            self.threads.into(),
            "who waits passes",
            SOURCE,
            move |_, s: &State, i| waits(s.threads[i].pc),
            move |_, s: &State, i| !waits(s.threads[i].pc),
        );
        vec![passes.under(&fair)]
    }

    fn lanes(&self) -> Vec<String> {
        (0..self.threads).map(|thread| format!("thread {thread}")).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        Some(action.thread().into())
    }
}

spec_model!(WaitGroup, State, Action);
