//! An allocator that counts, when it is asked to.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The allocator of the operating system, with counters.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// While times are measured nothing is counted, and all that is left is this look.
static COUNTS: AtomicBool = AtomicBool::new(false);
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

fn count(bytes: usize) {
    if COUNTS.load(Ordering::Relaxed) {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        BYTES.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

// SAFETY: every call goes to `System` with the arguments it came with, and returns what `System`
// returns; counting neither allocates nor panics.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above; the block came from `System`.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size.saturating_sub(layout.size()));
        // SAFETY: as above; the block came from `System`.
        unsafe { System.realloc(block, layout, size) }
    }
}

/// What was allocated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allocated {
    /// How often; a block that moves or grows counts again.
    pub(crate) times: u64,
    /// How many bytes; of a block that grows, those that are new.
    pub(crate) bytes: u64,
}

/// Counts what `work` allocates. Only one thread may be at work.
pub(crate) fn counted(work: impl FnOnce()) -> Allocated {
    let now = || (ALLOCATIONS.load(Ordering::Relaxed), BYTES.load(Ordering::Relaxed));
    let before = now();
    COUNTS.store(true, Ordering::Relaxed);
    work();
    COUNTS.store(false, Ordering::Relaxed);
    let after = now();
    Allocated { times: after.0 - before.0, bytes: after.1 - before.1 }
}
