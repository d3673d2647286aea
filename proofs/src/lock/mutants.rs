//! Mistakes in the code of the mutex: the same algorithm with one function changed.
//!
//! The shipped code has no switch for its bugs. [`Recipe`] says it once more, on the words of any
//! world, and each mutant overrides one function of it.

use std::marker::PhantomData;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::interleaving::{RawLock, Word, World};

const UNLOCKED: u32 = 0;
const LOCKED: u32 = 1;
const CONTENDED: u32 = 2;

/// The functions of `impls/src/lock/raw_mutex.rs`, without the spinning.
pub trait Recipe: Default + Send + Sync + 'static {
    /// Takes the lock if it is free.
    fn acquire<W: Word>(word: &W) -> bool {
        word.compare_exchange(UNLOCKED, LOCKED, Acquire, Relaxed).is_ok()
    }

    /// Says that a thread waits, and takes the lock if it is free after all.
    fn mark<W: Word>(word: &W) -> bool {
        word.swap(CONTENDED, Acquire) == UNLOCKED
    }

    /// The same for a thread that has waited.
    fn mark_again<W: Word>(word: &W) -> bool {
        Self::mark(word)
    }

    /// Sleeps while the word is marked. False if a deadline passed.
    fn sleep<W: Word>(word: &W, timed: bool) -> bool {
        word.wait(CONTENDED, timed)
    }

    /// Frees the lock, and wakes a sleeper if there may be one.
    fn free<W: Word>(word: &W) {
        if word.swap(UNLOCKED, Release) == CONTENDED {
            word.wake_one();
        }
    }

    /// What a thread does that did not get the lock.
    fn give_up<W: Word>(_word: &W) {}
}

/// A lock by a recipe.
#[derive(Debug)]
pub struct ByRecipe<W: World, R> {
    word: W::Word,
    recipe: PhantomData<R>,
}

impl<W: World, R> Default for ByRecipe<W, R> {
    fn default() -> Self {
        Self { word: Word::new(UNLOCKED), recipe: PhantomData }
    }
}

impl<W: World, R: Recipe> ByRecipe<W, R> {
    fn wait(&self, timed: bool) -> bool {
        let mut taken = R::mark(&self.word);
        while !taken {
            if !R::sleep(&self.word, timed) {
                R::give_up(&self.word);
                return false;
            }
            taken = R::mark_again(&self.word);
        }
        true
    }
}

impl<W: World, R: Recipe> RawLock for ByRecipe<W, R> {
    fn lock(&self) {
        if !R::acquire(&self.word) {
            self.wait(false);
        }
    }

    fn try_lock(&self) -> bool {
        let taken = R::acquire(&self.word);
        if !taken {
            R::give_up(&self.word);
        }
        taken
    }

    fn timed_lock(&self) -> bool {
        R::acquire(&self.word) || self.wait(true)
    }

    fn unlock(&self) {
        R::free(&self.word);
    }
}

/// The recipe as it is: nothing is wrong with it.
#[derive(Debug, Default)]
pub struct Unchanged;

impl Recipe for Unchanged {}

/// Who does not get the lock frees it.
#[derive(Debug, Default)]
pub struct UnlockByNonOwner;

impl Recipe for UnlockByNonOwner {
    fn give_up<W: Word>(word: &W) {
        Self::free(word);
    }
}

/// Looks at the word first, and then sleeps whatever it is by now.
#[derive(Debug, Default)]
pub struct LateSleeper;

impl Recipe for LateSleeper {
    fn sleep<W: Word>(word: &W, timed: bool) -> bool {
        word.load(Relaxed) != CONTENDED || word.wait(word.load(Relaxed), timed)
    }
}

/// Sleeps on a locked word without marking it.
#[derive(Debug, Default)]
pub struct SkippedMark;

impl Recipe for SkippedMark {
    fn mark<W: Word>(word: &W) -> bool {
        Self::acquire(word)
    }

    fn sleep<W: Word>(word: &W, timed: bool) -> bool {
        word.wait(LOCKED, timed)
    }
}

/// Takes the lock after a wake-up as if it had never waited.
#[derive(Debug, Default)]
pub struct ForgottenSleepers;

impl Recipe for ForgottenSleepers {
    fn mark_again<W: Word>(word: &W) -> bool {
        Self::acquire(word) || Self::mark(word)
    }
}

/// Wakes a sleeper before the lock is free.
#[derive(Debug, Default)]
pub struct WakeBeforeStore;

impl Recipe for WakeBeforeStore {
    fn free<W: Word>(word: &W) {
        let marked = word.load(Relaxed) == CONTENDED;
        if marked {
            word.wake_one();
        }
        if word.swap(UNLOCKED, Release) == CONTENDED && !marked {
            word.wake_one();
        }
    }
}

/// Looks at the word and then stores, instead of one exchange.
#[derive(Debug, Default)]
pub struct PlainStore;

impl Recipe for PlainStore {
    fn free<W: Word>(word: &W) {
        let marked = word.load(Relaxed) == CONTENDED;
        word.store(UNLOCKED, Release);
        if marked {
            word.wake_one();
        }
    }
}
