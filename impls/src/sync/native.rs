//! What production runs on.

#[cfg(target_os = "linux")]
#[path = "futex_linux.rs"]
mod futex;

// On Linux it is only tested.
#[cfg(any(test, not(target_os = "linux")))]
#[cfg_attr(target_os = "linux", allow(unreachable_pub, reason = "Linux has a futex of its own"))]
#[path = "futex_portable.rs"]
mod portable;

#[cfg(not(target_os = "linux"))]
use portable as futex;

use std::cell::Cell;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::channel::Note;

pub use futex::{wait, wake_all, wake_one};
pub use std::hint::spin_loop;
pub use std::sync::atomic::{AtomicU32, AtomicU64};
pub use std::thread::yield_now;

/// A cell whose content is reached through a raw pointer.
///
/// Under loom, each call of `with` and `with_mut` is checked against those of other threads; what
/// is done later, through a reference that was made in such a call, is not. Under shuttle no
/// access is checked.
#[derive(Debug, Default)]
pub struct UnsafeCell<T: ?Sized>(std::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    /// A cell with this content.
    pub const fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    /// The content.
    pub fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

impl<T: ?Sized> UnsafeCell<T> {
    /// Reads the content.
    #[inline]
    pub fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
        read(self.0.get())
    }

    /// Changes the content.
    #[inline]
    pub fn with_mut<R>(&self, change: impl FnOnce(*mut T) -> R) -> R {
        change(self.0.get())
    }
}

/// When a thread gives up waiting.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// Wait for as long as it takes.
    pub const NEVER: Self = Self(None);

    /// This long from now; never, if the clock does not reach so far.
    pub fn after(timeout: Duration) -> Self {
        Self(Instant::now().checked_add(timeout))
    }

    /// The time that is left, `None` for ever.
    fn remaining(self) -> Option<Duration> {
        self.0.map(|end| end.saturating_duration_since(Instant::now()))
    }
}

/// What an explorer would be told. In production nobody listens, and nothing is worked out.
#[inline]
pub(crate) fn note(_told: impl FnOnce() -> Note) {}

/// A number below `sides`, each as probable as the others: for choices that are to be fair, not
/// for secrets.
pub(crate) fn dice(sides: usize) -> usize {
    /// Weyl's sequence, whose numbers do not repeat: a start for each thread.
    static THREADS: AtomicU64 = AtomicU64::new(0);
    const STRIDE: u64 = 0x9e37_79b9_7f4a_7c15;
    thread_local! {
        static STATE: Cell<u64> = Cell::new(THREADS.fetch_add(STRIDE, Ordering::Relaxed));
    }
    let state = STATE.get().wrapping_add(STRIDE);
    STATE.set(state);
    // Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (2014): SplitMix64.
    let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    let mixed = mixed ^ mixed >> 31;
    // The upper half of the product, which is spread as evenly as 64 bits allow.
    ((u128::from(mixed) * sides as u128) >> 64) as usize
}
