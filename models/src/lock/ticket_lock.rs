//! The ticket lock: who draws a number is served in turn.
//!
//! Mellor-Crummey and Scott, ACM TOCS 9(1), 1991, section 2.2. A thread has the lock as soon as the
//! number that it has drawn is served: that it has noticed changes nothing. Which of several
//! threads that wait runs makes no difference either; what the wait costs is not modelled.

use serde::{Deserialize, Serialize};

use crate::common::{
    ActionClass, Disabled, Fairness, Law, LiveLaw, Parameter, ParameterError, Params, Spec,
};
use crate::spec_model;

/// A thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Thread {
    /// The number that it has drawn, until it frees the lock.
    pub ticket: Option<u8>,
    /// The calls that it has not begun.
    pub rounds: u8,
}

/// The lock and the threads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// The number to be drawn next.
    pub next: u8,
    /// The number that is served.
    pub serving: u8,
    /// The threads.
    pub threads: Vec<Thread>,
}

impl State {
    /// Whether a thread has the lock.
    pub fn holds(&self, thread: usize) -> bool {
        self.threads[thread].ticket == Some(self.serving)
    }
}

/// A step of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// `fetch_add(next, 1)`: the thread draws a number.
    Draw {
        /// The thread.
        thread: u8,
    },
    /// `compare_exchange(next)`: the thread draws the number that is served.
    TryDraw {
        /// The thread.
        thread: u8,
    },
    /// The owner serves the next number.
    Serve {
        /// The thread.
        thread: u8,
    },
}

impl Action {
    /// The thread that takes the step.
    pub fn thread(&self) -> u8 {
        match *self {
            Self::Draw { thread } | Self::TryDraw { thread } | Self::Serve { thread } => thread,
        }
    }
}

/// The threads and one ticket lock.
#[derive(Clone, Debug)]
pub struct TicketLock {
    threads: u8,
    rounds: u8,
}

type Next = Result<State, Disabled>;

impl TicketLock {
    fn draw(&self, state: &State, thread: usize) -> Next {
        let me = state.threads[thread];
        if me.ticket.is_some() || me.rounds == 0 {
            return Err(Disabled("the thread has a number, or no rounds left"));
        }
        let mut next = state.clone();
        next.next += 1;
        next.threads[thread] = Thread { ticket: Some(state.next), rounds: me.rounds - 1 };
        Ok(next)
    }

    fn try_draw(&self, state: &State, thread: usize) -> Next {
        if state.next != state.serving {
            return Err(Disabled("the lock is taken"));
        }
        self.draw(state, thread)
    }

    fn serve(&self, state: &State, thread: usize) -> Next {
        if !state.holds(thread) {
            return Err(Disabled("the thread does not hold the lock"));
        }
        let mut next = state.clone();
        next.serving += 1;
        next.threads[thread].ticket = None;
        Ok(next)
    }
}

const SOURCE: &str = "Mellor-Crummey & Scott 1991, section 2.2";

impl Spec for TicketLock {
    const NAME: &'static str = "ticket-lock";

    const PARAMETERS: &'static [Parameter] = &[
        Parameter::count("threads", "threads that use the lock", (1, 6), [2, 4, 5]),
        Parameter::count("rounds", "calls that each thread makes", (1, 4), [2, 2, 3]),
    ];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("Draw", SOURCE),
        ActionClass::new("TryDraw", "Linux, arch_spin_trylock of its ticket spinlocks"),
        ActionClass::new("Serve", SOURCE),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        let small = |name| u8::try_from(params.get(name)).expect("the range is below 256");
        Ok(Self { threads: small("threads"), rounds: small("rounds") })
    }

    fn initial(&self) -> Vec<State> {
        let thread = Thread { ticket: None, rounds: self.rounds };
        vec![State { next: 0, serving: 0, threads: vec![thread; self.threads.into()] }]
    }

    fn candidates(&self, _: &State, actions: &mut Vec<Action>) {
        for thread in 0..self.threads {
            actions.extend([
                Action::Draw { thread },
                Action::TryDraw { thread },
                Action::Serve { thread },
            ]);
        }
    }

    fn step(&self, state: &State, action: &Action) -> Next {
        let thread = usize::from(action.thread());
        if thread >= state.threads.len() {
            return Err(Disabled("there is no such thread"));
        }
        match action {
            Action::Draw { .. } => self.draw(state, thread),
            Action::TryDraw { .. } => self.try_draw(state, thread),
            Action::Serve { .. } => self.serve(state, thread),
        }
    }

    fn class_of(action: &Action) -> usize {
        match action {
            Action::Draw { .. } => 0,
            Action::TryDraw { .. } => 1,
            Action::Serve { .. } => 2,
        }
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always("mutual exclusion", "Dijkstra 1965", |_, s: &State| {
                (0..s.threads.len()).filter(|thread| s.holds(*thread)).count() <= 1
            }),
            Law::always("a number is drawn once", SOURCE, |_, s: &State| {
                let mut drawn: Vec<_> = s.threads.iter().filter_map(|t| t.ticket).collect();
                drawn.sort_unstable();
                drawn.windows(2).all(|pair| pair[0] != pair[1])
            }),
            Law::always("who has the lock is served", SOURCE, |_, s: &State| {
                let waiting = s.threads.iter().filter(|thread| thread.ticket.is_some()).count();
                usize::from(s.next - s.serving) == waiting
            }),
            Law::sometimes("somebody waits", SOURCE, |model: &Self, s: &State| {
                s.next - s.serving > 1 || model.threads < 2
            }),
        ]
    }

    fn live_laws(&self) -> Vec<LiveLaw<Self>> {
        let fair = Fairness::weak("each owner", |_, _, action: &Action| {
            matches!(action, Action::Serve { .. }).then_some(action.thread().into())
        });
        let served = LiveLaw::each_leads_to(
            self.threads.into(),
            "who has a number is served",
            SOURCE,
            |_, s: &State, i| s.threads[i].ticket.is_some(),
            |_, s: &State, i| s.holds(i),
        );
        vec![served.under(&fair)]
    }

    fn lanes(&self) -> Vec<String> {
        (0..self.threads).map(|thread| format!("thread {thread}")).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        Some(action.thread().into())
    }
}

spec_model!(TicketLock, State, Action);
