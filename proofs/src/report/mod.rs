//! Results as values without types: what the command line prints, and what a trace file holds.

mod change;
mod story;
mod trace;

pub(crate) use change::brief;
pub use change::{Change, changes};
pub(crate) use story::to_value;
pub use story::{StoryDoc, StoryStep};
pub use trace::{Replayed, Subject, Trace, TraceError};

/// A number with its thousands set apart.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups = groups.map(|group| std::str::from_utf8(group).expect("digits are ASCII"));
    groups.collect::<Vec<_>>().join(",")
}
