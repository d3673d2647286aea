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

use std::time::{Duration, Instant};

pub use futex::{wait, wake_one};
pub use std::hint::spin_loop;
pub use std::sync::atomic::AtomicU32;

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
