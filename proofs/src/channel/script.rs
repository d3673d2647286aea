//! What threads do with a channel, and what is seen of it, as values.

use std::fmt;

use bisim_models::channel::channel::{Action, Channel, Outcome};
use serde::{Deserialize, Serialize};

use crate::checker::Story;
use crate::interleaving;
use crate::report::StoryDoc;

/// A call of a channel. What is sent says who sends it, and in which of its calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Call {
    /// Send, and wait for as long as it takes.
    Send,
    /// Send now or not at all.
    TrySend,
    /// Send, and wait until a deadline.
    TimedSend,
    /// Receive, and wait for as long as it takes.
    Recv,
    /// Receive now or not at all.
    TryRecv,
    /// Receive, and wait until a deadline.
    TimedRecv,
    /// Close the channel.
    Close,
}

impl Call {
    /// All kinds of calls.
    pub const ALL: [Self; 7] = [
        Self::Send,
        Self::TrySend,
        Self::TimedSend,
        Self::Recv,
        Self::TryRecv,
        Self::TimedRecv,
        Self::Close,
    ];

    /// Whether the call sends.
    pub fn sends(self) -> bool {
        matches!(self, Self::Send | Self::TrySend | Self::TimedSend)
    }

    /// Whether the call has a deadline.
    pub fn is_timed(self) -> bool {
        matches!(self, Self::TimedSend | Self::TimedRecv)
    }

    /// Whether an action of the model is the first step of such a call.
    pub fn begins_with(self, action: &Action) -> bool {
        match action {
            Action::Put { .. } | Action::Hand { .. } | Action::Reject { .. } => self.sends(),
            Action::Full { .. } => self == Self::TrySend,
            Action::WaitToSend { timed, .. } => {
                self == if *timed { Self::TimedSend } else { Self::Send }
            }
            Action::Take { .. } | Action::Meet { .. } | Action::Drained { .. } => {
                !self.sends() && self != Self::Close
            }
            Action::Empty { .. } => self == Self::TryRecv,
            Action::WaitToReceive { timed, .. } => {
                self == if *timed { Self::TimedRecv } else { Self::Recv }
            }
            Action::Close { .. } => self == Self::Close,
            Action::Expire { .. } | Action::Return { .. } => false,
        }
    }
}

/// A channel, and a list of calls for each thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// The most values in the buffer: none for a rendezvous, `None` for no bound.
    pub capacity: Option<u8>,
    /// The calls of each thread, in order.
    pub calls: Vec<Vec<Call>>,
}

impl Script {
    /// Each of these threads makes these calls.
    pub fn new<const T: usize>(capacity: u8, calls: [&[Call]; T]) -> Self {
        Self { capacity: Some(capacity), calls: calls.map(<[Call]>::to_vec).into() }
    }

    /// The model with so many threads and calls. A buffer without a bound is one that all values
    /// fit into.
    pub fn model(&self) -> Channel {
        let small = |count| u8::try_from(count).expect("a script is small");
        let (threads, rounds) = (self.calls.len(), interleaving::Script::rounds(self));
        let all = small(threads * rounds);
        Channel::of(small(threads), small(rounds), self.capacity.unwrap_or(all))
    }
}

impl interleaving::Script for Script {
    fn threads(&self) -> usize {
        self.calls.len()
    }

    fn rounds(&self) -> usize {
        self.calls.iter().map(Vec::len).max().unwrap_or(0)
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.capacity {
            Some(capacity) => write!(f, "capacity {capacity}: ")?,
            None => f.write_str("unbounded: ")?,
        }
        for (thread, calls) in self.calls.iter().enumerate() {
            let between = if thread == 0 { "" } else { " | " };
            let names: Vec<_> = calls.iter().map(|call| format!("{call:?}")).collect();
            write!(f, "{between}{}", names.join(" "))?;
        }
        Ok(())
    }
}

/// A step of the implementation: what a critical section noted. The names are those of
/// `impls/src/channel/step.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "they are described where they are made")]
pub enum Step {
    Put,
    Hand,
    Full,
    Reject,
    WaitToSend { timed: bool },
    Take,
    Meet,
    Empty,
    Drained,
    WaitToReceive { timed: bool },
    Close,
    Expire,
    Return,
}

/// What is seen of a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Seen {
    /// The values in the buffer.
    pub buffered: usize,
    /// The senders that wait.
    pub senders: usize,
    /// The receivers that wait.
    pub receivers: usize,
    /// Whether the channel is closed.
    pub closed: bool,
}

/// What happens in an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Event {
    /// The thread.
    pub thread: usize,
    /// What it does.
    pub what: What,
    /// The channel after it, if the step is one of the channel.
    pub seen: Option<Seen>,
}

/// What a thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum What {
    /// A call begins.
    Begin(Call),
    /// A step of the call.
    Step(Step),
    /// A call ends.
    End(Outcome),
}

/// The events as a story with one lane for each thread.
pub fn story_of(events: &[Event], threads: usize) -> StoryDoc {
    let mut seen = Seen::default();
    let steps = events.iter().map(|event| {
        seen = event.seen.unwrap_or(seen);
        (event.what, seen)
    });
    let steps = steps.collect();
    let lanes = (0..threads).map(|thread| format!("thread {thread}")).collect();
    let mut story = StoryDoc::new(&Story { initial: Seen::default(), steps }, lanes, |_| None);
    for (told, event) in story.stem.iter_mut().zip(events) {
        told.lane = Some(event.thread);
    }
    story
}
