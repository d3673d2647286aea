//! Results as values without types: what the command line prints, and what a trace file holds.

mod change;
mod story;
mod trace;

pub(crate) use change::brief;
pub use change::{Change, changes};
pub(crate) use story::to_value;
pub use story::{StoryDoc, StoryStep};
pub use trace::{Replayed, Subject, Trace, TraceError};
