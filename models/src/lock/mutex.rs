//! The three-state futex mutex, one action for each atomic step.
//!
//! After Ulrich Drepper, "Futexes Are Tricky" (2011), section 6, mutex 2, as Mara Bos presents
//! it in *Rust Atomics and Locks* (2023), chapter 9, with the variants that give up: at once
//! (`TryLock`) or at a deadline (`TimedLock`).
//!
//! A thread makes `rounds` calls, each of a kind that it chooses when the first step fails. A
//! taken lock is looked at for a while (`Spinning`), then marked as contended, and then the
//! thread sleeps. The kernel compares the word and puts the thread to sleep in one step; a
//! wake-up takes *any* sleeper, for futex(2) promises no order.
//!
//! Left out: plain looks at the word (a thread may learn nothing from them), time (a deadline
//! may pass whenever its thread sleeps), wake-ups without a cause (a woken thread looks again,
//! as after any wake-up), and memory orderings (the steps are sequentially consistent; loom
//! checks the orderings of the implementation).

mod action;
mod live;
mod state;

pub use action::Action;
pub use state::{Call, Pc, State, Thread, Word};

use crate::common::{
    ActionClass, Disabled, Law, LiveLaw, Parameter, ParameterError, Params, Spec, Strength,
};
use crate::spec_model;

/// The threads and one mutex.
#[derive(Clone, Debug)]
pub struct Mutex {
    threads: u8,
    rounds: u8,
    /// Whether the rounds are never used up.
    endless: bool,
    fairness: Strength,
}

type Next = Result<State, Disabled>;

impl Mutex {
    fn acquire(&self, state: &State, thread: u8) -> Next {
        let me = state.thread(thread);
        match me.pc {
            Pc::Idle if me.rounds == 0 => return Err(Disabled("the thread has no rounds left")),
            Pc::Idle | Pc::Spinning => {}
            _ => return Err(Disabled("the thread is not trying the fast path")),
        }
        if state.word != Word::Unlocked {
            return Err(Disabled("the lock is taken"));
        }
        let mut next = state.clone();
        next.word = Word::Locked;
        let me = next.thread_mut(thread);
        me.begin(self.endless);
        me.pc = Pc::Holding;
        me.timed = false;
        Ok(next)
    }

    fn fail(&self, state: &State, thread: u8, call: Call) -> Next {
        let me = state.thread(thread);
        let possible = match me.pc {
            Pc::Idle => me.rounds > 0,
            Pc::Spinning => call == if me.timed { Call::TimedLock } else { Call::Lock },
            _ => false,
        };
        if !possible {
            return Err(Disabled("the thread is not trying the fast path in this call"));
        }
        if state.word == Word::Unlocked {
            return Err(Disabled("the lock is free"));
        }
        let mut next = state.clone();
        let me = next.thread_mut(thread);
        me.begin(self.endless);
        me.pc = if call == Call::TryLock { Pc::Idle } else { Pc::Spinning };
        me.timed = call == Call::TimedLock;
        Ok(next)
    }

    fn mark(&self, state: &State, thread: u8) -> Next {
        if !matches!(state.thread(thread).pc, Pc::Spinning | Pc::Marking) {
            return Err(Disabled("the thread is not about to wait"));
        }
        let mut next = state.clone();
        next.word = Word::Contended;
        let me = next.thread_mut(thread);
        if state.word == Word::Unlocked {
            me.pc = Pc::Holding;
            me.timed = false;
        } else {
            me.pc = Pc::Waiting;
        }
        Ok(next)
    }

    fn sleep(&self, state: &State, thread: u8) -> Next {
        if state.thread(thread).pc != Pc::Waiting {
            return Err(Disabled("the thread is not about to sleep"));
        }
        if state.word != Word::Contended {
            return Err(Disabled("the word is not what the thread expects"));
        }
        let mut next = state.clone();
        let me = next.thread_mut(thread);
        me.pc = Pc::Sleeping;
        me.woken = false;
        Ok(next)
    }

    fn refuse(&self, state: &State, thread: u8) -> Next {
        if state.thread(thread).pc != Pc::Waiting {
            return Err(Disabled("the thread is not about to sleep"));
        }
        if state.word == Word::Contended {
            return Err(Disabled("the word is what the thread expects"));
        }
        let mut next = state.clone();
        next.thread_mut(thread).pc = Pc::Marking;
        Ok(next)
    }

    fn expire(&self, state: &State, thread: u8) -> Next {
        let me = state.thread(thread);
        if me.pc != Pc::Sleeping || !me.timed {
            return Err(Disabled("the thread does not sleep with a deadline"));
        }
        let mut next = state.clone();
        next.thread_mut(thread).end();
        Ok(next)
    }

    fn release(&self, state: &State, thread: u8) -> Next {
        if state.thread(thread).pc != Pc::Holding {
            return Err(Disabled("the thread does not hold the lock"));
        }
        let mut next = state.clone();
        next.word = Word::Unlocked;
        let me = next.thread_mut(thread);
        me.end();
        if state.word == Word::Contended {
            me.pc = Pc::Waking;
        }
        Ok(next)
    }

    fn wake(&self, state: &State, thread: u8, woken: Option<u8>) -> Next {
        if state.thread(thread).pc != Pc::Waking {
            return Err(Disabled("the thread is not about to wake a sleeper"));
        }
        let mut next = state.clone();
        match woken {
            Some(woken) if woken >= self.threads => {
                return Err(Disabled("there is no such thread to wake"));
            }
            Some(woken) if state.thread(woken).pc == Pc::Sleeping => {
                let sleeper = next.thread_mut(woken);
                sleeper.pc = Pc::Marking;
                sleeper.woken = true;
            }
            Some(_) => return Err(Disabled("the thread to be woken does not sleep")),
            None if state.sleepers().next().is_some() => {
                return Err(Disabled("there is a sleeper to wake"));
            }
            None => {}
        }
        next.thread_mut(thread).end();
        Ok(next)
    }
}

impl Spec for Mutex {
    const NAME: &'static str = "mutex";

    const PARAMETERS: &'static [Parameter] = &[
        Parameter::count("threads", "threads that use the lock", (1, 6), [2, 3, 4]),
        Parameter::count("rounds", "calls that each thread makes", (1, 4), [2, 2, 2]),
        Parameter::flag("endless", "threads make calls for ever, whatever their rounds", false),
        Parameter::fairness(
            "fairness to each thread within a call, but not to its deadline",
            Strength::Weak,
        ),
    ];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("Acquire", "Drepper 2011, mutex 2: cmpxchg in lock(); Bos ch. 9"),
        ActionClass::new("Fail", "Drepper 2011, mutex 2: cmpxchg in lock(); Bos ch. 9"),
        ActionClass::new("Mark", "Drepper 2011, mutex 2: c becomes 2 in lock(); Bos ch. 9"),
        ActionClass::new("Sleep", "Drepper 2011, mutex 2: futex_wait; futex(2), FUTEX_WAIT"),
        ActionClass::new("Refuse", "futex(2), FUTEX_WAIT: EAGAIN"),
        ActionClass::new("Expire", "futex(2), FUTEX_WAIT: ETIMEDOUT"),
        ActionClass::new("Release", "Bos ch. 9: swap in unlock(); Drepper 2011, mutex 2: unlock()"),
        ActionClass::new("Wake", "Drepper 2011, mutex 2: futex_wake; futex(2), FUTEX_WAKE"),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        let small = |name| u8::try_from(params.get(name)).expect("the range is below 256");
        Ok(Self {
            threads: small("threads"),
            rounds: small("rounds"),
            endless: params.flag("endless"),
            fairness: Strength::of(params.get("fairness")),
        })
    }

    fn initial(&self) -> Vec<State> {
        vec![State::initial(self.threads, self.rounds)]
    }

    fn candidates(&self, state: &State, actions: &mut Vec<Action>) {
        for thread in 0..self.threads {
            match state.thread(thread).pc {
                Pc::Idle | Pc::Spinning => {
                    actions.push(Action::Acquire { thread });
                    actions.extend(Call::ALL.map(|call| Action::Fail { thread, call }));
                    actions.push(Action::Mark { thread });
                }
                Pc::Marking => actions.push(Action::Mark { thread }),
                Pc::Waiting => {
                    actions.push(Action::Sleep { thread });
                    actions.push(Action::Refuse { thread });
                }
                Pc::Sleeping => actions.push(Action::Expire { thread }),
                Pc::Holding => actions.push(Action::Release { thread }),
                Pc::Waking => {
                    let woken = state.sleepers().map(Some).chain([None]);
                    actions.extend(woken.map(|woken| Action::Wake { thread, woken }));
                }
            }
        }
    }

    fn step(&self, state: &State, action: &Action) -> Next {
        if action.thread() >= self.threads {
            return Err(Disabled("there is no such thread"));
        }
        match *action {
            Action::Acquire { thread } => self.acquire(state, thread),
            Action::Fail { thread, call } => self.fail(state, thread, call),
            Action::Mark { thread } => self.mark(state, thread),
            Action::Sleep { thread } => self.sleep(state, thread),
            Action::Refuse { thread } => self.refuse(state, thread),
            Action::Expire { thread } => self.expire(state, thread),
            Action::Release { thread } => self.release(state, thread),
            Action::Wake { thread, woken } => self.wake(state, thread, woken),
        }
    }

    fn class_of(action: &Action) -> usize {
        action.class()
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always("mutual exclusion", "Dijkstra 1965", |_, s: &State| {
                s.count(Pc::Holding) <= 1
            }),
            Law::always("ownership", "Drepper 2011, section 6: the word", |_, s: &State| {
                (s.word == Word::Unlocked) == (s.count(Pc::Holding) == 0)
            }),
            Law::always("no lost wake-up", "Drepper 2011, section 5", |_, s: &State| {
                !s.wake_up_is_lost()
            }),
            Law::always("sleepers are announced", "Drepper 2011, mutex 2", |_, s: &State| {
                s.sleepers().next().is_none() || s.somebody_will_wake()
            }),
            Law::sometimes("contention", "Drepper 2011, mutex 2", |_, s: &State| {
                s.count(Pc::Holding) == 1 && s.count(Pc::Sleeping) > 0
            }),
            Law::sometimes("hand-over", "Drepper 2011, mutex 2", |_, s: &State| {
                s.threads.iter().any(|thread| thread.pc == Pc::Holding && thread.woken)
            }),
        ]
    }

    fn live_laws(&self) -> Vec<LiveLaw<Self>> {
        self.what_must_happen()
    }

    fn lanes(&self) -> Vec<String> {
        (0..self.threads).map(|thread| format!("thread {thread}")).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        Some(action.thread().into())
    }
}

spec_model!(Mutex, State, Action);
