//! The one word of the readers-writer lock: who holds it, and who waits.

/// One reader that holds the lock.
pub(super) const READER: u32 = 1;
/// The readers that hold the lock.
pub(super) const READERS: u32 = (1 << 17) - READER;
/// One writer that waits.
pub(super) const WAITING: u32 = READERS + READER;
/// The writers that wait.
pub(super) const WRITERS_WAIT: u32 = READERS_WAIT - WAITING;
/// Readers may sleep.
pub(super) const READERS_WAIT: u32 = 1 << 30;
/// A writer holds the lock.
pub(super) const WRITER: u32 = 1 << 31;

/// Whether a reader may enter: no writer is there or waits, and there is room for one more.
pub(super) const fn lets_readers_in(state: u32) -> bool {
    state & (WRITER | WRITERS_WAIT) == 0 && state & READERS != READERS
}

/// Whether a writer may enter: nobody is there.
pub(super) const fn is_free(state: u32) -> bool {
    state & (WRITER | READERS) == 0
}
