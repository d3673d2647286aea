//! The word and the threads.

use serde::{Deserialize, Serialize};

/// The value of the lock's word.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Word {
    /// 0: nobody holds the lock.
    #[default]
    Unlocked,
    /// 1: a thread holds the lock, and no thread has said that it waits.
    Locked,
    /// 2: a thread holds the lock, and others may sleep until it is free.
    Contended,
}

/// What a thread asks of the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Call {
    /// Wait until the lock is free.
    Lock,
    /// Do not wait.
    TryLock,
    /// Wait until a deadline.
    TimedLock,
}

impl Call {
    /// All kinds of calls.
    pub const ALL: [Self; 3] = [Self::Lock, Self::TryLock, Self::TimedLock];
}

/// Where a thread is in the code.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Pc {
    /// Between two calls.
    #[default]
    Idle,
    /// Found the lock taken, and has not yet said that it waits.
    Spinning,
    /// Has waited: takes the lock only as contended from now on.
    Marking,
    /// Has marked the word, and is about to sleep.
    Waiting,
    /// In the kernel's queue.
    Sleeping,
    /// In the critical section.
    Holding,
    /// Has freed a contended lock, and is about to wake a sleeper.
    Waking,
}

/// A thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Thread {
    /// Where it is.
    pub pc: Pc,
    /// Whether the call under way has a deadline.
    pub timed: bool,
    /// Ghost: whether its last sleep ended with a wake-up. No guard reads it.
    pub woken: bool,
    /// The calls that it has not begun.
    pub rounds: u8,
}

impl Thread {
    /// The first step of a call uses up a round, unless there is no end of them.
    pub(super) fn begin(&mut self, endless: bool) {
        if self.pc == Pc::Idle && !endless {
            self.rounds -= 1;
        }
    }

    /// The call is over.
    pub(super) fn end(&mut self) {
        *self = Self { pc: Pc::Idle, timed: false, woken: false, rounds: self.rounds };
    }
}

/// The state of the word and of all threads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// The lock's word.
    pub word: Word,
    /// The threads.
    pub threads: Vec<Thread>,
}

impl State {
    /// A free lock, and threads that have made no call yet.
    pub(super) fn initial(threads: u8, rounds: u8) -> Self {
        let thread = Thread { pc: Pc::Idle, timed: false, woken: false, rounds };
        Self { word: Word::Unlocked, threads: vec![thread; threads.into()] }
    }

    /// A thread by its number.
    pub fn thread(&self, number: u8) -> &Thread {
        &self.threads[usize::from(number)]
    }

    pub(super) fn thread_mut(&mut self, number: u8) -> &mut Thread {
        &mut self.threads[usize::from(number)]
    }

    /// The number of threads at this place in the code.
    pub fn count(&self, pc: Pc) -> usize {
        self.threads.iter().filter(|thread| thread.pc == pc).count()
    }

    /// The threads in the kernel's queue.
    pub fn sleepers(&self) -> impl Iterator<Item = u8> + '_ {
        let threads = (0..).zip(&self.threads);
        threads.filter(|(_, thread)| thread.pc == Pc::Sleeping).map(|(number, _)| number)
    }

    /// Whether a sleeper sleeps for ever (or until its deadline, if it has one): the lock is free,
    /// and no thread is anywhere in a call that could still wake it.
    pub(super) fn wake_up_is_lost(&self) -> bool {
        let at_rest = self.count(Pc::Idle) + self.count(Pc::Sleeping) == self.threads.len();
        self.word == Word::Unlocked && self.sleepers().next().is_some() && at_rest
    }

    /// Why a sleeper may sleep: the owner will find its mark, or a thread is on its way that
    /// wakes one sleeper now (`Waking`) or will leave a mark for the next (`Marking`, `Waiting`).
    pub(super) fn somebody_will_wake(&self) -> bool {
        let on_their_way = [Pc::Waking, Pc::Marking, Pc::Waiting];
        self.word == Word::Contended
            || self.threads.iter().any(|thread| on_their_way.contains(&thread.pc))
    }
}
