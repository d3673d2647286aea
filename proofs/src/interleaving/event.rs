//! What happens in an execution, as values.

use serde::{Deserialize, Serialize};

use crate::checker::Story;
use crate::report::StoryDoc;

/// What a thread asks of a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Call {
    /// Wait until the lock is free.
    Lock,
    /// Do not wait.
    TryLock,
    /// Wait until a deadline.
    TimedLock,
}

impl Call {
    /// All kinds of calls.
    pub const ALL: [Self; 3] = [Self::Lock, Self::TryLock, Self::TimedLock];
}

/// One step of a thread, with the values that it saw. The atomic steps are those of the probe in
/// the implementation's facade; a call begins and ends with a step of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Step {
    /// A call begins.
    Begin(Call),
    /// A store to the word.
    Store {
        /// The value.
        new: u32,
    },
    /// An exchange of the word.
    Swap {
        /// The value before.
        old: u32,
        /// The value after.
        new: u32,
    },
    /// An exchange of the word if it was `expected`.
    CompareExchange {
        /// The value before.
        old: u32,
        /// The value for which the exchange takes place.
        expected: u32,
        /// The value after, if it took place.
        new: u32,
    },
    /// The thread falls asleep: the word is what it expects.
    Sleep {
        /// The value.
        word: u32,
        /// Whether the thread has a deadline.
        timed: bool,
    },
    /// The thread does not fall asleep: the word is not what it expects.
    Refuse {
        /// The value.
        word: u32,
    },
    /// The deadline of a sleeper passes.
    Expire,
    /// A sleeper is woken, if there is one.
    Wake {
        /// The thread that is woken.
        woken: Option<usize>,
    },
    /// A call ends.
    End {
        /// Whether the lock was taken (and is free again).
        taken: bool,
    },
}

/// A step with what can be seen after it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Event {
    /// The thread.
    pub thread: usize,
    /// What it did.
    pub step: Step,
    /// The word after the step; none where no word was touched.
    pub word: Option<u32>,
    /// The threads that sleep on the word after the step, the longest first; none where no word
    /// was touched.
    pub sleepers: Option<Vec<usize>>,
}

/// What the reader of a story sees of a state.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Seen {
    word: Option<u32>,
    sleepers: Vec<usize>,
    calls: Vec<Option<Call>>,
}

/// The events as a story with one lane for each thread.
pub fn story_of(events: &[Event], threads: usize) -> StoryDoc {
    let initial = Seen { word: None, sleepers: Vec::new(), calls: vec![None; threads] };
    let mut seen = initial.clone();
    let mut steps = Vec::with_capacity(events.len());
    for event in events {
        match event.step {
            Step::Begin(call) => seen.calls[event.thread] = Some(call),
            Step::End { .. } => seen.calls[event.thread] = None,
            _ => {}
        }
        seen.word = event.word.or(seen.word);
        if let Some(sleepers) = &event.sleepers {
            seen.sleepers.clone_from(sleepers);
        }
        steps.push((event.step, seen.clone()));
    }
    let lanes = (0..threads).map(|thread| format!("thread {thread}")).collect();
    let mut story = StoryDoc::new(&Story { initial, steps }, lanes, |_| None);
    for (told, event) in story.stem.iter_mut().zip(events) {
        told.lane = Some(event.thread);
    }
    story
}
