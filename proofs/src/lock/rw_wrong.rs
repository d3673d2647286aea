//! The recipe of the readers-writer lock with one function changed, each a mistake.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use super::rw_recipe::{
    READER, READERS, READERS_WAIT, Right, RwByRecipe, RwRecipe, WRITER, WRITERS_WAIT,
};
use crate::interleaving::{Call, Subject, Word, World};

/// Readers enter while a writer waits.
#[derive(Debug, Default)]
pub struct ReadersFirst;

impl RwRecipe for ReadersFirst {
    fn with_reader(state: u32) -> Option<u32> {
        (state & WRITER == 0).then_some(state + READER)
    }

    fn wakes_readers(before: u32) -> bool {
        before & READERS_WAIT != 0
    }
}

/// A writer looks for writers only.
#[derive(Debug, Default)]
pub struct BlindToReaders;

impl RwRecipe for BlindToReaders {
    fn is_free(state: u32) -> bool {
        state & WRITER == 0
    }
}

/// A writer that leaves wakes writers only.
#[derive(Debug, Default)]
pub struct WakesWritersOnly;

impl RwRecipe for WakesWritersOnly {
    fn wakes_readers(_before: u32) -> bool {
        false
    }
}

/// A reader that leaves looks first, and counts itself out later.
#[derive(Debug, Default)]
pub struct EarlyLook;

impl RwRecipe for EarlyLook {
    fn leave<W: Word>(state: &W) -> u32 {
        let before = state.load(Relaxed);
        state.fetch_add(READER.wrapping_neg(), Release);
        before
    }
}

/// A reader that is alone takes the lock as a writer would.
#[derive(Debug, Default)]
pub struct ExclusiveReader;

impl RwRecipe for ExclusiveReader {
    fn with_reader(state: u32) -> Option<u32> {
        match state & (WRITER | WRITERS_WAIT | READERS) {
            0 => Some(state + WRITER),
            READER..=READERS => Some(state + READER),
            _ => None,
        }
    }
}

/// A writer leaves, and comes back as a reader.
#[derive(Debug, Default)]
pub struct ReleaseAndRead;

impl RwRecipe for ReleaseAndRead {
    fn downgrade<W: World>(lock: &RwByRecipe<W, Self>) {
        lock.unlock_write();
        lock.read(true, false);
    }
}

/// A writer that gives up does not look after the readers that waited for it.
#[derive(Debug, Default)]
pub struct ForgottenReaders;

impl RwRecipe for ForgottenReaders {
    fn withdrawal_wakes_readers(_before: u32) -> bool {
        false
    }
}

/// A thread looks at the turnstile after it has tried.
#[derive(Debug, Default)]
pub struct LateLook;

impl RwRecipe for LateLook {
    fn look_again<W: Word>(turnstile: &W, _look: u32) -> u32 {
        turnstile.fetch_add(0, Acquire)
    }
}

/// Readers that read again while they read.
#[derive(Debug, Default)]
pub struct Recursive<W: World>(RwByRecipe<W, Right>);

impl<W: World> Subject for Recursive<W> {
    fn call(&self, call: Call) -> u32 {
        if call != Call::Read {
            return self.0.call(call);
        }
        self.0.read(true, false);
        self.0.read(true, false);
        self.0.unlock_read();
        self.0.unlock_read();
        1
    }

    fn end(&self, results: &[(Call, u32)]) -> Result<(), String> {
        self.0.end(results)
    }
}
