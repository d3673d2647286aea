//! The one door to shared memory: atomics, a futex, a cell, a hint and a clock.
//!
//! This file is compiled three times. In `bisim` it hands out the types of the standard library
//! and the operating system's futex. In the packages `bisim-loom` and `bisim-shuttle`, which have
//! the same source, it hands out types of loom and shuttle, which explore interleavings (and, for
//! loom, memory orderings); there, each atomic operation also tells `probe` what it did, so that
//! the steps of an execution can be replayed on a model, and knows its place in the source, so
//! that its memory ordering can be weakened there and nowhere else.

#[cfg(not(any(model_loom, model_shuttle)))]
#[path = "sync/native.rs"]
mod world;

#[cfg(any(model_loom, model_shuttle))]
#[path = "sync/explored.rs"]
mod world;

#[cfg(any(model_loom, model_shuttle))]
pub mod probe;

use std::sync::atomic::AtomicU64 as Plain;

pub use std::sync::atomic::Ordering;
pub use world::{
    AtomicU32, AtomicU64, Deadline, UnsafeCell, spin_loop, wait, wake_all, wake_one, yield_now,
};
pub(crate) use world::{dice, note};

/// On whose types this copy of the crate is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The standard library and the operating system: what people use.
    Std,
    /// loom: all interleavings of small cases, and the C11 memory model.
    Loom,
    /// shuttle: chosen interleavings of larger cases, sequentially consistent.
    Shuttle,
}

/// On whose types this copy of the crate is compiled.
pub const KIND: Kind = if cfg!(model_loom) {
    Kind::Loom
} else if cfg!(model_shuttle) {
    Kind::Shuttle
} else {
    Kind::Std
};

/// How a [`wait`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    /// Another thread woke this one, or the system did for a reason of its own.
    Woken,
    /// The word had another value than the expected one: the thread did not sleep.
    Refused,
    /// The deadline passed before anybody woke the thread. A thread that is reported as expired
    /// has not consumed a wake-up.
    Expired,
}

/// A number that is larger than those before it.
pub(crate) fn serial() -> u64 {
    static NEXT: Plain = Plain::new(0);
    // It orders nothing, and is no step of an explored execution.
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Picks one of two numbers: what pays in production would only multiply an explorer's work.
pub(crate) const fn production_or_explored(production: u32, explored: u32) -> u32 {
    match KIND {
        Kind::Std => production,
        Kind::Loom | Kind::Shuttle => explored,
    }
}

/// Declares a constructor that is `const` wherever the atomics' own constructor is.
macro_rules! constructor {
    ($(#[$doc:meta])* $vis:vis fn new($($arg:ident: $type:ty)?) -> Self $body:block) => {
        $(#[$doc])*
        #[cfg(not(any(model_loom, model_shuttle)))]
        $vis const fn new($($arg: $type)?) -> Self $body

        $(#[$doc])*
        #[cfg(any(model_loom, model_shuttle))]
        $vis fn new($($arg: $type)?) -> Self $body
    };
}

pub(crate) use constructor;
