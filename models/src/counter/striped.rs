//! A counter that is spread over several numbers, and a look at it that adds them up one after the
//! other: what such a sum means, and what it does not.
//!
//! After `LongAdder` of Java's `java.util.concurrent.atomic`. Threads add, again and again, each
//! time to any of the stripes: which one a thread uses is nobody's business. Every addition is of
//! a power of two of its own, so that a sum says which additions it has counted. One thread looks:
//! it reads one stripe after the other, and returns their sum.
//!
//! History, which no guard reads: the count when the look began, and every count since. A sum is
//! *explained* by a moment at which it was the count. A counter whose every sum is explained is
//! linearizable; this one is not, and that is reached. What it keeps is stated beside it.

use serde::{Deserialize, Serialize};

use crate::common::{
    ActionClass, Disabled, Law, Parameter, ParameterError, Params, SortedSet, Spec,
};
use crate::spec_model;

/// The look.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Look {
    /// Not begun.
    Idle,
    /// So many stripes are read, and this is their sum.
    Reading {
        /// The stripes that are read.
        read: u8,
        /// Their sum.
        sum: u32,
    },
    /// It has returned this sum.
    Returned {
        /// The sum.
        sum: u32,
    },
}

/// The counter, the threads, and the look.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// The stripes.
    pub stripes: Vec<u32>,
    /// The additions that each thread will still make, in order, one after the other.
    pub left: Vec<u8>,
    /// The look.
    pub look: Look,
    /// Ghost: the counts that there were since the look began, the smallest first.
    pub moments: SortedSet<u32>,
}

impl State {
    /// The count as it is.
    pub fn count(&self) -> u32 {
        self.stripes.iter().sum()
    }

    /// The sum that the look has returned.
    fn returned(&self) -> Option<u32> {
        match self.look {
            Look::Returned { sum } => Some(sum),
            _ => None,
        }
    }
}

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// A thread adds to a stripe.
    Increment {
        /// The thread.
        thread: u8,
        /// The stripe.
        stripe: u8,
    },
    /// The look begins.
    Begin,
    /// The look reads the next stripe.
    Read,
    /// The look returns the sum.
    Return,
}

/// The threads and one striped counter.
#[derive(Clone, Debug)]
pub struct StripedCounter {
    threads: u8,
    stripes: u8,
    increments: u8,
}

type Next = Result<State, Disabled>;

impl StripedCounter {
    fn increment(&self, state: &State, thread: u8, stripe: u8) -> Next {
        if thread >= self.threads || stripe >= self.stripes {
            return Err(Disabled("there is no such thread or stripe"));
        }
        if state.left[usize::from(thread)] == 0 {
            return Err(Disabled("the thread has made its additions"));
        }
        let mut next = state.clone();
        let left = &mut next.left[usize::from(thread)];
        *left -= 1;
        let addition = thread * self.increments + *left;
        next.stripes[usize::from(stripe)] += 1 << addition;
        if matches!(state.look, Look::Reading { .. }) {
            next.moments.insert(next.count());
        }
        Ok(next)
    }

    fn begin(state: &State) -> Next {
        if state.look != Look::Idle {
            return Err(Disabled("the look has begun"));
        }
        let moments = SortedSet::from(vec![state.count()]);
        Ok(State { look: Look::Reading { read: 0, sum: 0 }, moments, ..state.clone() })
    }

    fn read(&self, state: &State) -> Next {
        let Look::Reading { read, sum } = state.look else {
            return Err(Disabled("no look is under way"));
        };
        if read == self.stripes {
            return Err(Disabled("all stripes are read"));
        }
        let sum = sum + state.stripes[usize::from(read)];
        Ok(State { look: Look::Reading { read: read + 1, sum }, ..state.clone() })
    }

    fn returns(&self, state: &State) -> Next {
        match state.look {
            Look::Reading { read, sum } if read == self.stripes => {
                Ok(State { look: Look::Returned { sum }, ..state.clone() })
            }
            _ => Err(Disabled("not all stripes are read")),
        }
    }
}

const SOURCE: &str = "java.util.concurrent.atomic, LongAdder.sum";

impl Spec for StripedCounter {
    const NAME: &'static str = "striped-counter";

    const PARAMETERS: &'static [Parameter] = &[
        Parameter::count("threads", "threads that add", (1, 4), [1, 2, 3]),
        Parameter::count("stripes", "stripes", (1, 4), [2, 2, 3]),
        Parameter::count("increments", "additions of each thread", (1, 6), [2, 2, 2]),
    ];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("Increment", "java.util.concurrent.atomic, LongAdder.add"),
        ActionClass::new("Begin", SOURCE),
        ActionClass::new("Read", SOURCE),
        ActionClass::new("Return", SOURCE),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        let small = |name| u8::try_from(params.get(name)).expect("the range is below 256");
        Ok(Self {
            threads: small("threads"),
            stripes: small("stripes"),
            increments: small("increments"),
        })
    }

    fn initial(&self) -> Vec<State> {
        vec![State {
            stripes: vec![0; self.stripes.into()],
            left: vec![self.increments; self.threads.into()],
            look: Look::Idle,
            moments: SortedSet::EMPTY,
        }]
    }

    fn candidates(&self, _: &State, actions: &mut Vec<Action>) {
        actions.extend([Action::Begin, Action::Read, Action::Return]);
        for thread in 0..self.threads {
            actions.extend((0..self.stripes).map(|stripe| Action::Increment { thread, stripe }));
        }
    }

    fn step(&self, state: &State, action: &Action) -> Next {
        match *action {
            Action::Increment { thread, stripe } => self.increment(state, thread, stripe),
            Action::Begin => Self::begin(state),
            Action::Read => self.read(state),
            Action::Return => self.returns(state),
        }
    }

    fn class_of(action: &Action) -> usize {
        match action {
            Action::Increment { .. } => 0,
            Action::Begin => 1,
            Action::Read => 2,
            Action::Return => 3,
        }
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always("each addition before the look is counted", SOURCE, |_, s: &State| {
                let before = s.moments.iter().next();
                s.returned().zip(before).is_none_or(|(sum, before)| sum & before == *before)
            }),
            Law::always("no addition is counted twice", SOURCE, |_, s: &State| {
                s.returned().is_none_or(|sum| sum & s.count() == sum)
            }),
            Law::sometimes("an addition during the look is missed", SOURCE, |_, s: &State| {
                s.returned().is_some_and(|sum| sum != s.count())
            }),
            Law::sometimes(
                "a look that no moment explains",
                "Herlihy & Wing, Linearizability, 1990: this counter is not",
                |model: &Self, s: &State| {
                    // One stripe, or one addition, is read at one moment.
                    let simple = model.stripes < 2 || model.threads * model.increments < 2;
                    simple || s.returned().is_some_and(|sum| !s.moments.contains(&sum))
                },
            ),
        ]
    }

    fn lanes(&self) -> Vec<String> {
        let threads = (0..self.threads).map(|thread| format!("thread {thread}"));
        std::iter::once("look".to_owned()).chain(threads).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        Some(match *action {
            Action::Increment { thread, .. } => 1 + usize::from(thread),
            _ => 0,
        })
    }
}

spec_model!(StripedCounter, State, Action);
