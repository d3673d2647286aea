//! The state of the lock and of the threads.

use serde::{Deserialize, Serialize};

/// Where a thread is in the code.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Pc {
    /// Between two calls.
    #[default]
    Idle,
    /// A reader that is about to look at the turnstile again.
    ReaderRetries,
    /// A reader that has looked at the turnstile, and is about to try.
    ReaderTries,
    /// A reader that has left its mark, and is about to sleep.
    ReaderMarked,
    /// A reader in the kernel's queue.
    ReaderSleeps,
    /// A writer that is counted, and about to look at the turnstile again.
    WriterRetries,
    /// A writer that has looked at the turnstile, and is about to try.
    WriterTries,
    /// A writer that is counted, and about to sleep.
    WriterCounted,
    /// A writer in the kernel's queue.
    WriterSleeps,
    /// A writer whose deadline has passed, and that is still counted.
    Leaving,
    /// Has found that readers wait, and is about to remove their mark.
    ClearingMark,
    /// Is about to turn the readers' turnstile.
    TurningReaders,
    /// Is about to wake the readers.
    WakingReaders,
    /// Is about to turn the writers' turnstile.
    TurningWriters,
    /// Is about to wake a writer.
    WakingWriter,
    /// Holds the lock as a reader.
    Reading,
    /// Holds the lock as the writer.
    Writing,
}

/// A thread.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Thread {
    /// Where it is.
    pub pc: Pc,
    /// Whether the turnstile was turned since the thread looked at it.
    pub stale: bool,
    /// Whether the sleeper has a deadline.
    pub timed: bool,
    /// Whether a writer is counted among those who wait.
    pub counted: bool,
    /// Whether the thread holds the lock as a reader when it has woken others.
    pub keeps_reading: bool,
    /// The calls that it has not begun; of a model without end always 0.
    pub rounds: u8,
}

/// What the one word of the lock says.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Word {
    /// The readers that hold the lock.
    pub readers: u8,
    /// Whether a writer holds the lock.
    pub writer: bool,
    /// The writers that wait.
    pub writers_wait: u8,
    /// Whether readers may sleep.
    pub readers_wait: bool,
}

impl Word {
    /// Whether a reader may enter.
    pub fn lets_readers_in(self) -> bool {
        !self.writer && self.writers_wait == 0
    }

    /// Whether a writer may enter.
    pub fn is_free(self) -> bool {
        !self.writer && self.readers == 0
    }
}

/// The state of the lock and of all threads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// The lock's word.
    pub word: Word,
    /// The threads.
    pub threads: Vec<Thread>,
}

impl State {
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

    /// The threads at this place in the code.
    pub fn at(&self, pc: Pc) -> impl Iterator<Item = u8> + '_ {
        let threads = (0..).zip(&self.threads);
        threads.filter(move |(_, thread)| thread.pc == pc).map(|(number, _)| number)
    }

    /// All who have looked at a turnstile, and do not sleep yet, have looked in vain.
    pub(super) fn turn(&mut self, looked: [Pc; 2]) {
        self.threads
            .iter_mut()
            .filter(|thread| looked.contains(&thread.pc))
            .for_each(|thread| thread.stale = true);
    }

    /// Whether a sleeper could enter, and nobody is on the way who would wake it.
    pub(super) fn wake_up_is_lost(&self) -> bool {
        let rests = |thread: &Thread| {
            matches!(
                thread.pc,
                Pc::Idle | Pc::Reading | Pc::Writing | Pc::ReaderSleeps | Pc::WriterSleeps
            )
        };
        let could_enter = (self.word.lets_readers_in() && self.count(Pc::ReaderSleeps) > 0)
            || (self.word.is_free() && self.count(Pc::WriterSleeps) > 0);
        could_enter && self.threads.iter().all(rests)
    }
}
