//! The actions: guard and effect of each.

use super::{Next, Pc, RwLock, State};
use crate::common::Disabled;

impl RwLock {
    /// The state with a thread elsewhere in the code, if it is where it should be.
    fn moved(&self, state: &State, thread: u8, from: &[Pc], to: Pc) -> Next {
        let me = state.thread(thread);
        if !from.contains(&me.pc) {
            return Err(Disabled("the thread is elsewhere in the code"));
        }
        if me.pc == Pc::Idle && me.rounds == 0 && self.rounds > 0 {
            return Err(Disabled("the thread has no rounds left"));
        }
        let mut next = state.clone();
        let me = next.thread_mut(thread);
        if me.pc == Pc::Idle && self.rounds > 0 {
            me.rounds -= 1;
        }
        me.pc = to;
        Ok(next)
    }

    pub(super) fn take_read(&self, state: &State, thread: u8) -> Next {
        let mut next = self.moved(state, thread, &[Pc::Idle, Pc::ReaderTries], Pc::Reading)?;
        if !state.word.lets_readers_in() {
            return Err(Disabled("a writer is there or waits"));
        }
        next.word.readers += 1;
        next.thread_mut(thread).stale = false;
        Ok(next)
    }

    pub(super) fn look_as_reader(&self, state: &State, thread: u8) -> Next {
        let from = [Pc::Idle, Pc::ReaderRetries];
        let mut next = self.moved(state, thread, &from, Pc::ReaderTries)?;
        next.thread_mut(thread).stale = false;
        Ok(next)
    }

    pub(super) fn mark(&self, state: &State, thread: u8) -> Next {
        let mut next = self.moved(state, thread, &[Pc::ReaderTries], Pc::ReaderMarked)?;
        if state.word.lets_readers_in() {
            return Err(Disabled("a reader may enter"));
        }
        next.word.readers_wait = true;
        Ok(next)
    }

    pub(super) fn take_write(&self, state: &State, thread: u8) -> Next {
        let mut next = self.moved(state, thread, &[Pc::Idle, Pc::WriterTries], Pc::Writing)?;
        if !state.word.is_free() {
            return Err(Disabled("somebody is there"));
        }
        let me = next.thread_mut(thread);
        me.stale = false;
        if std::mem::take(&mut me.counted) {
            next.word.writers_wait -= 1;
        }
        next.word.writer = true;
        Ok(next)
    }

    pub(super) fn look_as_writer(&self, state: &State, thread: u8) -> Next {
        let from = [Pc::Idle, Pc::WriterRetries];
        let mut next = self.moved(state, thread, &from, Pc::WriterTries)?;
        next.thread_mut(thread).stale = false;
        Ok(next)
    }

    pub(super) fn announce(&self, state: &State, thread: u8) -> Next {
        if state.thread(thread).counted {
            return Err(Disabled("the writer is counted"));
        }
        let mut next = self.stay_or_announce(state, thread)?;
        next.word.writers_wait += 1;
        next.thread_mut(thread).counted = true;
        Ok(next)
    }

    pub(super) fn stay(&self, state: &State, thread: u8) -> Next {
        if !state.thread(thread).counted {
            return Err(Disabled("the writer is not counted"));
        }
        self.stay_or_announce(state, thread)
    }

    fn stay_or_announce(&self, state: &State, thread: u8) -> Next {
        let next = self.moved(state, thread, &[Pc::WriterTries], Pc::WriterCounted)?;
        if state.word.is_free() {
            return Err(Disabled("a writer may enter"));
        }
        Ok(next)
    }

    pub(super) fn sleep(&self, state: &State, thread: u8, timed: bool) -> Next {
        let me = state.thread(thread);
        let to = match me.pc {
            Pc::ReaderMarked => Pc::ReaderSleeps,
            _ => Pc::WriterSleeps,
        };
        let mut next = self.moved(state, thread, &[Pc::ReaderMarked, Pc::WriterCounted], to)?;
        if me.stale {
            return Err(Disabled("the turnstile was turned"));
        }
        next.thread_mut(thread).timed = timed;
        Ok(next)
    }

    pub(super) fn refuse(&self, state: &State, thread: u8) -> Next {
        let me = state.thread(thread);
        let to = match me.pc {
            Pc::ReaderMarked => Pc::ReaderRetries,
            _ => Pc::WriterRetries,
        };
        let mut next = self.moved(state, thread, &[Pc::ReaderMarked, Pc::WriterCounted], to)?;
        if !me.stale {
            return Err(Disabled("the turnstile was not turned"));
        }
        next.thread_mut(thread).stale = false;
        Ok(next)
    }

    pub(super) fn expire(&self, state: &State, thread: u8) -> Next {
        let me = state.thread(thread);
        let to = if me.pc == Pc::ReaderSleeps { Pc::Idle } else { Pc::Leaving };
        let mut next = self.moved(state, thread, &[Pc::ReaderSleeps, Pc::WriterSleeps], to)?;
        if !me.timed {
            return Err(Disabled("the thread has no deadline"));
        }
        next.thread_mut(thread).timed = false;
        Ok(next)
    }

    pub(super) fn withdraw(&self, state: &State, thread: u8) -> Next {
        let last = state.word.writers_wait == 1;
        let wakes = last && !state.word.writer && state.word.readers_wait;
        let to = if wakes { Pc::ClearingMark } else { Pc::Idle };
        let mut next = self.moved(state, thread, &[Pc::Leaving], to)?;
        next.word.writers_wait -= 1;
        next.thread_mut(thread).counted = false;
        Ok(next)
    }

    pub(super) fn release_read(&self, state: &State, thread: u8) -> Next {
        let wakes = state.word.readers == 1 && state.word.writers_wait > 0;
        let to = if wakes { Pc::TurningWriters } else { Pc::Idle };
        let mut next = self.moved(state, thread, &[Pc::Reading], to)?;
        next.word.readers -= 1;
        Ok(next)
    }

    pub(super) fn release_write(&self, state: &State, thread: u8) -> Next {
        let to = match (state.word.writers_wait, state.word.readers_wait) {
            (1.., _) => Pc::TurningWriters,
            (0, true) => Pc::ClearingMark,
            (0, false) => Pc::Idle,
        };
        let mut next = self.moved(state, thread, &[Pc::Writing], to)?;
        next.word.writer = false;
        Ok(next)
    }

    pub(super) fn downgrade(&self, state: &State, thread: u8) -> Next {
        let wakes = state.word.writers_wait == 0 && state.word.readers_wait;
        let to = if wakes { Pc::ClearingMark } else { Pc::Reading };
        let mut next = self.moved(state, thread, &[Pc::Writing], to)?;
        next.word.writer = false;
        next.word.readers += 1;
        next.thread_mut(thread).keeps_reading = wakes;
        Ok(next)
    }

    pub(super) fn clear_mark(&self, state: &State, thread: u8) -> Next {
        let mut next = self.moved(state, thread, &[Pc::ClearingMark], Pc::TurningReaders)?;
        next.word.readers_wait = false;
        Ok(next)
    }

    pub(super) fn turn(&self, state: &State, thread: u8) -> Next {
        let readers = state.thread(thread).pc == Pc::TurningReaders;
        let to = if readers { Pc::WakingReaders } else { Pc::WakingWriter };
        let mut next = self.moved(state, thread, &[Pc::TurningReaders, Pc::TurningWriters], to)?;
        next.turn(match readers {
            true => [Pc::ReaderTries, Pc::ReaderMarked],
            false => [Pc::WriterTries, Pc::WriterCounted],
        });
        Ok(next)
    }

    pub(super) fn wake_readers(&self, state: &State, thread: u8) -> Next {
        let to = if state.thread(thread).keeps_reading { Pc::Reading } else { Pc::Idle };
        let mut next = self.moved(state, thread, &[Pc::WakingReaders], to)?;
        next.thread_mut(thread).keeps_reading = false;
        for sleeper in next.threads.iter_mut().filter(|thread| thread.pc == Pc::ReaderSleeps) {
            sleeper.pc = Pc::ReaderRetries;
            sleeper.timed = false;
        }
        Ok(next)
    }

    pub(super) fn wake_writer(&self, state: &State, thread: u8, woken: Option<u8>) -> Next {
        let mut next = self.moved(state, thread, &[Pc::WakingWriter], Pc::Idle)?;
        match woken {
            Some(woken) if woken >= self.threads => {
                return Err(Disabled("there is no such thread to wake"));
            }
            Some(woken) if state.thread(woken).pc == Pc::WriterSleeps => {
                let sleeper = next.thread_mut(woken);
                sleeper.pc = Pc::WriterRetries;
                sleeper.timed = false;
            }
            Some(_) => return Err(Disabled("the thread to be woken does not sleep")),
            None if state.count(Pc::WriterSleeps) > 0 => {
                return Err(Disabled("there is a sleeper to wake"));
            }
            None => {}
        }
        Ok(next)
    }
}

impl State {
    /// The readers that hold the lock: also one that is still waking others.
    pub(super) fn readers(&self) -> usize {
        let holds = |pc, keeps| pc == Pc::Reading || keeps;
        self.threads.iter().filter(|thread| holds(thread.pc, thread.keeps_reading)).count()
    }
}
