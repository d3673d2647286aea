//! An execution that failed, and how to catch one.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use super::Event;

/// An execution that ended in a failed assertion, a race, a lost wake-up or a divergence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure<E = Event> {
    /// What failed, in one line.
    pub what: String,
    /// Which execution it was, counted from 1.
    pub execution: u64,
    /// The steps up to the failure.
    pub events: Vec<E>,
}

impl<E> Failure<E> {
    /// The check that failed.
    pub fn check(&self) -> &'static str {
        let checks = [
            ("divergence", "a path of the model"),
            ("lost wake-up", "no lost wake-up"),
            ("mutual exclusion", "mutual exclusion"),
            ("work unseen", "who is let through sees the work"),
            ("count", "each increment counts once"),
            ("values", "each value once"),
            ("Causality violation", "no data race"),
            ("Model exceeded maximum number of branches", "termination"),
        ];
        let known = checks.iter().find(|(prefix, _)| self.what.starts_with(prefix));
        known.map_or("no panic", |(_, check)| check)
    }
}

thread_local! {
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `body`, and returns the first line of its panic, if it panics. Nothing is printed about
/// a panic of this operating system thread in the meantime: it is a result.
pub(super) fn catch<R>(body: impl FnOnce() -> R) -> Result<R, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let print = std::panic::take_hook();
        // shuttle installs a hook of its own, once, which prints every failed schedule. It is
        // made to do so now, and then replaced.
        shuttle::check_dfs(|| {}, Some(1));
        std::panic::set_hook(Box::new(move |panic| {
            if !EXPECTED.get() {
                print(panic);
            }
        }));
    });
    let before = EXPECTED.replace(true);
    // The body owns what it changes, or shares it behind a lock whose poison is looked through.
    let result = catch_unwind(AssertUnwindSafe(body));
    EXPECTED.set(before);
    result.map_err(|panic| first_line(panic.as_ref()))
}

fn first_line(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message");
    text.trim().lines().next().unwrap_or_default().to_owned()
}
