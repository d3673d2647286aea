//! What all workers of a search see, whatever the type of its states.

use std::any::Any;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

use super::{Cut, Options};

/// The bounds of a search, and how far it is.
pub(super) struct Control {
    pub(super) options: Options,
    /// Distinct states so far.
    distinct: AtomicU64,
    /// Set by the worker that ends the search; the flags below say why.
    ended: AtomicBool,
    too_many: AtomicBool,
    interrupted: AtomicBool,
    /// Whether a state deeper than the bound exists.
    deeper: AtomicBool,
    /// The depth of the first violation; `u32::MAX` if there is none.
    violation: AtomicU32,
    /// What a worker panicked with.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

impl Control {
    pub(super) fn new(options: Options) -> Self {
        Self {
            options,
            distinct: AtomicU64::new(0),
            ended: AtomicBool::new(false),
            too_many: AtomicBool::new(false),
            interrupted: AtomicBool::new(false),
            deeper: AtomicBool::new(false),
            violation: AtomicU32::new(u32::MAX),
            panic: Mutex::new(None),
        }
    }

    /// Distinct states so far.
    pub(super) fn distinct(&self) -> u64 {
        self.distinct.load(Relaxed)
    }

    /// Whether the search is over before all is explored.
    pub(super) fn ended(&self) -> bool {
        if self.options.interrupt.load(Relaxed) {
            self.interrupted.store(true, Relaxed);
            self.ended.store(true, Relaxed);
        }
        self.ended.load(Relaxed)
    }

    /// Takes one more distinct state into account, unless there are too many.
    pub(super) fn admit(&self) -> bool {
        let before = self.distinct.fetch_add(1, Relaxed);
        let admitted = self.options.max_states.is_none_or(|most| before < most);
        if !admitted {
            self.too_many.store(true, Relaxed);
            self.ended.store(true, Relaxed);
        }
        admitted
    }

    /// Whether states of this depth are deeper than the bound.
    pub(super) fn too_deep(&self, depth: u32) -> bool {
        self.options.max_depth.is_some_and(|most| depth > most)
    }

    /// Notes that a state deeper than the bound exists.
    pub(super) fn met_deeper(&self) {
        self.deeper.store(true, Relaxed);
    }

    /// Notes a violation.
    pub(super) fn met_violation(&self, depth: u32) {
        self.violation.fetch_min(depth, Relaxed);
    }

    /// Whether states of this depth are no longer explored, because of a violation.
    pub(super) fn violated_by(&self, depth: u32) -> bool {
        !self.options.keep_going && self.violation.load(Relaxed) <= depth
    }

    /// Ends the search with a panic of the model, which [`check`](super::check) resumes.
    pub(super) fn end_with_panic(&self, payload: Box<dyn Any + Send>) {
        let mut panic = self.panic.lock().expect("nothing panics while it holds this lock");
        panic.get_or_insert(payload);
        self.ended.store(true, Relaxed);
    }

    /// What a worker panicked with.
    pub(super) fn take_panic(&self) -> Option<Box<dyn Any + Send>> {
        self.panic.lock().expect("nothing panics while it holds this lock").take()
    }

    /// Why the search ended early, if it did. What the user did is told before what the bounds
    /// did.
    pub(super) fn cut(&self) -> Option<Cut> {
        if self.interrupted.load(Relaxed) {
            Some(Cut::Interrupt)
        } else if self.too_many.load(Relaxed) {
            Some(Cut::States)
        } else if self.violated_by(u32::MAX - 1) {
            Some(Cut::Violation)
        } else if self.deeper.load(Relaxed) {
            Some(Cut::Depth)
        } else {
            None
        }
    }
}
