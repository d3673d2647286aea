//! The readers-writer lock that prefers writers, one action for each atomic step.
//!
//! The problem is that of Courtois, Heymans and Parnas, "Concurrent Control with 'Readers' and
//! 'Writers'", CACM 14(10), 1971: their problem 2, in which no reader enters while a writer waits.
//! The way to sleep is an event count (Reed and Kanodia, CACM 22(2), 1979), here called turnstile:
//! look at it, look at the lock, and sleep unless it was turned in between.
//!
//! A thread makes `rounds` calls, each as a reader or as a writer; with `rounds` = 0 it never
//! stops. Whether it has a deadline is chosen when it falls asleep: before that, it makes no
//! difference.
//!
//! Left out: the number of turns (what matters is whether a turnstile was turned since a look),
//! attempts that fail at once (they change nothing), time, and memory orderings.

mod action;
mod state;
mod steps;

pub use action::Action;
pub use state::{Pc, State, Thread, Word};

use crate::common::{
    ActionClass, Disabled, Fairness, Law, LiveLaw, Parameter, ParameterError, Params, Spec, StepLaw,
};
use crate::spec_model;

/// The threads and one readers-writer lock.
#[derive(Clone, Debug)]
pub struct RwLock {
    threads: u8,
    /// 0: without end.
    rounds: u8,
}

type Next = Result<State, Disabled>;

const COURTOIS: &str = "Courtois, Heymans, Parnas 1971";
const EVENTCOUNT: &str = "Reed & Kanodia 1979";

impl RwLock {
    /// Weak fairness to each thread's own steps: who has begun a call goes on with it, and who
    /// holds the lock leaves it in the end. No thread has to begin a call.
    fn fair() -> Fairness<Self> {
        Fairness::weak("each thread in a call", |_, state: &State, action: &Action| {
            let pc = state.thread(action.thread()).pc;
            let chosen = matches!(action, Action::Expire { .. } | Action::Downgrade { .. });
            (pc != Pc::Idle && !chosen).then_some(action.thread().into())
        })
    }
}

impl Spec for RwLock {
    const NAME: &'static str = "rw-lock";

    const PARAMETERS: &'static [Parameter] = &[
        Parameter::count("threads", "threads that use the lock", (1, 5), [2, 3, 3]),
        Parameter::count("rounds", "calls of each thread, 0 for no end", (0, 4), [2, 1, 2]),
    ];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("TakeRead", "Courtois 1971, problem 2, readcount; Bos ch. 9"),
        ActionClass::new("LookAsReader", EVENTCOUNT),
        ActionClass::new("Mark", "Bos ch. 9: who sleeps is told to whom will wake"),
        ActionClass::new("TakeWrite", "Courtois 1971, problem 2, P(w); Bos ch. 9"),
        ActionClass::new("LookAsWriter", EVENTCOUNT),
        ActionClass::new("Announce", "Courtois 1971, problem 2, writecount; Bos ch. 9"),
        ActionClass::new("Stay", "Courtois 1971, problem 2, writecount"),
        ActionClass::new("Sleep", "futex(2), FUTEX_WAIT; Reed & Kanodia 1979, await"),
        ActionClass::new("Refuse", "futex(2), FUTEX_WAIT: EAGAIN"),
        ActionClass::new("Expire", "futex(2), FUTEX_WAIT: ETIMEDOUT"),
        ActionClass::new("Withdraw", "Courtois 1971, problem 2, writecount"),
        ActionClass::new("ReleaseRead", "Courtois 1971, problem 2, readcount"),
        ActionClass::new("ReleaseWrite", "Courtois 1971, problem 2, V(w)"),
        ActionClass::new("Downgrade", "the last write and the first read are of one owner"),
        ActionClass::new("ClearMark", "Bos ch. 9"),
        ActionClass::new("Turn", "Reed & Kanodia 1979, advance"),
        ActionClass::new("WakeReaders", "futex(2), FUTEX_WAKE"),
        ActionClass::new("WakeWriter", "futex(2), FUTEX_WAKE"),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        let small = |name| u8::try_from(params.get(name)).expect("the range is below 256");
        Ok(Self { threads: small("threads"), rounds: small("rounds") })
    }

    fn initial(&self) -> Vec<State> {
        let thread = Thread { rounds: self.rounds, ..Thread::default() };
        vec![State { word: Word::default(), threads: vec![thread; self.threads.into()] }]
    }

    fn candidates(&self, state: &State, actions: &mut Vec<Action>) {
        for thread in 0..self.threads {
            match state.thread(thread).pc {
                Pc::Idle => actions.extend([
                    Action::TakeRead { thread },
                    Action::LookAsReader { thread },
                    Action::TakeWrite { thread },
                    Action::LookAsWriter { thread },
                ]),
                Pc::ReaderRetries => actions.push(Action::LookAsReader { thread }),
                Pc::ReaderTries => {
                    actions.extend([Action::TakeRead { thread }, Action::Mark { thread }]);
                }
                Pc::WriterRetries => actions.push(Action::LookAsWriter { thread }),
                Pc::WriterTries => actions.extend([
                    Action::TakeWrite { thread },
                    Action::Announce { thread },
                    Action::Stay { thread },
                ]),
                Pc::ReaderMarked | Pc::WriterCounted => actions.extend([
                    Action::Sleep { thread, timed: false },
                    Action::Sleep { thread, timed: true },
                    Action::Refuse { thread },
                ]),
                Pc::ReaderSleeps | Pc::WriterSleeps => actions.push(Action::Expire { thread }),
                Pc::Leaving => actions.push(Action::Withdraw { thread }),
                Pc::ClearingMark => actions.push(Action::ClearMark { thread }),
                Pc::TurningReaders | Pc::TurningWriters => actions.push(Action::Turn { thread }),
                Pc::WakingReaders => actions.push(Action::WakeReaders { thread }),
                Pc::WakingWriter => {
                    let woken = state.at(Pc::WriterSleeps).map(Some).chain([None]);
                    actions.extend(woken.map(|woken| Action::WakeWriter { thread, woken }));
                }
                Pc::Reading => actions.push(Action::ReleaseRead { thread }),
                Pc::Writing => {
                    actions.extend([Action::ReleaseWrite { thread }, Action::Downgrade { thread }])
                }
            }
        }
    }

    fn step(&self, state: &State, action: &Action) -> Next {
        if action.thread() >= self.threads {
            return Err(Disabled("there is no such thread"));
        }
        match *action {
            Action::TakeRead { thread } => self.take_read(state, thread),
            Action::LookAsReader { thread } => self.look_as_reader(state, thread),
            Action::Mark { thread } => self.mark(state, thread),
            Action::TakeWrite { thread } => self.take_write(state, thread),
            Action::LookAsWriter { thread } => self.look_as_writer(state, thread),
            Action::Announce { thread } => self.announce(state, thread),
            Action::Stay { thread } => self.stay(state, thread),
            Action::Sleep { thread, timed } => self.sleep(state, thread, timed),
            Action::Refuse { thread } => self.refuse(state, thread),
            Action::Expire { thread } => self.expire(state, thread),
            Action::Withdraw { thread } => self.withdraw(state, thread),
            Action::ReleaseRead { thread } => self.release_read(state, thread),
            Action::ReleaseWrite { thread } => self.release_write(state, thread),
            Action::Downgrade { thread } => self.downgrade(state, thread),
            Action::ClearMark { thread } => self.clear_mark(state, thread),
            Action::Turn { thread } => self.turn(state, thread),
            Action::WakeReaders { thread } => self.wake_readers(state, thread),
            Action::WakeWriter { thread, woken } => self.wake_writer(state, thread, woken),
        }
    }

    fn class_of(action: &Action) -> usize {
        action.class()
    }

    fn has(&self, class: usize) -> bool {
        // Alone, a thread never waits, and nobody waits for it. A writer that is counted finds the
        // lock taken again only when others call often enough.
        match class {
            0 | 1 | 3 | 4 | 11..=13 => true,
            6 => self.threads > 2 || (self.threads > 1 && self.rounds != 1),
            _ => self.threads > 1,
        }
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always("mutual exclusion", COURTOIS, |_, s: &State| {
                let (readers, writers) = (s.readers(), s.count(Pc::Writing));
                writers == 0 || (writers == 1 && readers == 0)
            }),
            Law::always("the word tells who holds the lock", "Bos ch. 9", |_, s: &State| {
                usize::from(s.word.readers) == s.readers()
                    && usize::from(s.word.writer) == s.count(Pc::Writing)
            }),
            Law::always("the word counts the writers that wait", COURTOIS, |_, s: &State| {
                let counted = s.threads.iter().filter(|thread| thread.counted).count();
                usize::from(s.word.writers_wait) == counted
            }),
            Law::always("no lost wake-up", EVENTCOUNT, |_, s: &State| !s.wake_up_is_lost()),
            Law::sometimes("readers share", COURTOIS, |model: &Self, s: &State| {
                s.count(Pc::Reading) > 1 || model.threads < 2
            }),
            Law::sometimes("a writer sleeps", COURTOIS, |model: &Self, s: &State| {
                s.count(Pc::WriterSleeps) > 0 || model.threads < 2
            }),
            Law::sometimes("a reader sleeps", COURTOIS, |model: &Self, s: &State| {
                s.count(Pc::ReaderSleeps) > 0 || model.threads < 2
            }),
        ]
    }

    fn step_laws(&self) -> Vec<StepLaw<Self>> {
        vec![
            StepLaw::always(
                "no reader overtakes a writer that waits",
                "Courtois 1971, problem 2; Go, sync.RWMutex",
                |_, before: &State, action: &Action, _| {
                    !matches!(action, Action::TakeRead { .. }) || before.word.writers_wait == 0
                },
            ),
            StepLaw::always(
                "no writer slips in when a writer becomes a reader",
                "tokio-rs/tokio pull request 2733",
                |_, _, action: &Action, after: &State| {
                    !matches!(action, Action::Downgrade { .. }) || !after.word.is_free()
                },
            ),
        ]
    }

    fn live_laws(&self) -> Vec<LiveLaw<Self>> {
        let fair = Self::fair();
        let waits = |s: &State| s.word.writers_wait > 0;
        let writer = LiveLaw::leads_to(
            "while a writer waits, a writer enters",
            "Courtois 1971, problem 2",
            move |_, s: &State| waits(s),
            move |_, s: &State| s.word.writer || !waits(s),
        );
        let sleeps = |pc| move |_: &Self, s: &State, i: usize| s.threads[i].pc == pc;
        let endless = self.rounds == 0;
        let reader = LiveLaw::each_leads_to(
            self.threads.into(),
            if endless { "a reader starves" } else { "a reader that sleeps wakes up" },
            "Courtois 1971, problem 1",
            sleeps(Pc::ReaderSleeps),
            |_, s: &State, i| s.threads[i].pc != Pc::ReaderSleeps,
        );
        let mut laws = vec![writer.under(&fair)];
        // Writers without end keep a reader out: the price of preferring them.
        match self.rounds {
            0 if self.threads > 2 => laws.push(reader.under(&fair).refuted()),
            0 => {}
            _ => laws.push(reader.under(&fair)),
        }
        laws
    }

    fn lanes(&self) -> Vec<String> {
        (0..self.threads).map(|thread| format!("thread {thread}")).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        Some(action.thread().into())
    }
}

spec_model!(RwLock, State, Action);
