//! What happens in an execution, as values.

use serde::{Deserialize, Serialize};

use crate::checker::Story;
use crate::report::StoryDoc;

/// What a thread asks of a lock, a counter or another shared object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Call {
    /// Take a lock for this thread alone, and wait until it is free.
    Lock,
    /// The same without waiting.
    TryLock,
    /// The same, but wait only until a deadline.
    TimedLock,
    /// Take a lock together with other readers.
    Read,
    /// The same without waiting.
    TryRead,
    /// The same, but wait only until a deadline.
    TimedRead,
    /// Take a lock for this thread alone, and then keep it as a reader.
    Downgrade,
    /// Work in a group.
    Work,
    /// Wait until nobody works in a group.
    Wait,
    /// Add one to a counter.
    Increment,
    /// Look at a counter.
    Get,
}

impl Call {
    /// All that a lock for one thread at a time can be asked for.
    pub const EXCLUSIVE: [Self; 3] = [Self::Lock, Self::TryLock, Self::TimedLock];
}

/// One step of a thread, with the values that it saw. The atomic steps are those of the probe in
/// the implementation's facade; a call begins and ends with a step of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Step {
    /// A call begins.
    Begin(Call),
    /// A load that sees the latest value: one under shuttle, of a number that nobody waits on.
    Load {
        /// The value.
        value: u32,
    },
    /// A store to a word.
    Store {
        /// The value.
        new: u32,
    },
    /// An exchange of the word: a swap, an addition, or another change of what was there.
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
    /// All sleepers are woken.
    WakeAll {
        /// How many there were.
        woken: usize,
    },
    /// A call ends.
    End {
        /// What it returns. Of a lock: 1 if it was taken (and is free again), and 0 if not.
        result: u32,
    },
}

/// A step with what can be seen after it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Event {
    /// The thread.
    pub thread: usize,
    /// The word that was touched, by its number; 0 where none was.
    pub object: usize,
    /// What it did.
    pub step: Step,
    /// The word after the step; none where no word was touched.
    pub word: Option<u32>,
    /// The threads that sleep on the word after the step, the longest first; none where no word
    /// was touched.
    pub sleepers: Option<Vec<usize>>,
}

/// What the reader of a story sees of a state: one entry for each word or thread.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Seen {
    words: Vec<Option<u32>>,
    sleepers: Vec<Vec<usize>>,
    calls: Vec<Option<Call>>,
}

/// The events as a story with one lane for each thread.
pub fn story_of(events: &[Event], threads: usize) -> StoryDoc {
    let objects = events.iter().map(|event| event.object + 1).max().unwrap_or(0);
    let initial = Seen {
        words: vec![None; objects],
        sleepers: vec![Vec::new(); objects],
        calls: vec![None; threads],
    };
    let mut seen = initial.clone();
    let mut steps = Vec::with_capacity(events.len());
    for event in events {
        match event.step {
            Step::Begin(call) => seen.calls[event.thread] = Some(call),
            Step::End { .. } => seen.calls[event.thread] = None,
            _ => {}
        }
        let word = &mut seen.words[event.object];
        *word = event.word.or(*word);
        if let Some(sleepers) = &event.sleepers {
            seen.sleepers[event.object].clone_from(sleepers);
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
