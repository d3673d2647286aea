//! The one shape of every message-passing algorithm here: a pure state machine that takes an
//! [`Event`] and fills a buffer of [`Effects`].
//!
//! A [`Protocol`] does no I/O, and knows no clock and no randomness: its state and the event
//! decide everything, so that the type that runs in production is the type that is explored,
//! sampled and simulated. It never panics; an event that has nothing to tell it is ignored, and
//! the effects say why.
//!
//! # What a driver owes
//!
//! 1. A node is first given [`Event::Recover`] with its durable state (the default on the first
//!    start), and again after every crash. Nothing of a node survives but its durable state.
//! 2. Writes become durable in the order in which they were issued. When one does, its record is
//!    [applied](Protocol::apply) to the durable state and the node is told by
//!    [`Event::Durable`]; a driver that makes several durable at once need only tell the last.
//! 3. An effect that names a write in `after` happens when that write is durable, never before.
//!    If the node crashes first, it never happens. All other effects happen at once.
//! 4. A message may be lost, duplicated, delayed and reordered as the algorithm's own
//!    documentation allows; it arrives with the true sender, unaltered.
//! 5. A timer that is armed fires once, when the driver sees fit, unless it is cancelled first;
//!    arming it again starts it afresh. How long it takes is the driver's affair: safety never
//!    depends on it.
//! 6. A buffer of effects serves one node, from one recovery to the next: it names the node's
//!    writes, and remembers the [latest](Effects::latest_write).

use alloc::vec::Vec;
use core::fmt::{self, Debug};
use core::hash::Hash;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

/// What states, messages and events are made of: plain values.
pub trait Data: Clone + Debug + Ord + Hash {}

impl<T: Clone + Debug + Ord + Hash> Data for T {}

/// The name of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(transparent))]
pub struct NodeId(pub u32);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "n{}", self.0)
    }
}

/// Names a write of one node: later writes have greater ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(transparent))]
pub struct WriteId(pub u64);

/// A node of a message-passing algorithm.
pub trait Protocol: Clone + Debug + Eq + Hash {
    /// What a crash does not take.
    type Durable: Data + Default;
    /// One atomic change of the durable state.
    type Record: Data;
    /// What nodes tell each other.
    type Message: Data;
    /// What a client asks of a node.
    type Request: Data;
    /// What a node tells its client.
    type Reply: Data;
    /// The timers that a node arms.
    type Timer: Data;
    /// The actions of the algorithm's model, with their arguments.
    type Step: Data;
    /// Why an event was ignored.
    type Ignored: Data;

    /// Applies a record to the durable state, as the driver does when a write becomes durable.
    fn apply(durable: &mut Self::Durable, record: &Self::Record);

    /// Takes one event, and appends what follows from it to `effects`.
    fn handle<S: Steps<Self::Step>>(&mut self, event: Event<Self>, effects: &mut Effects<Self, S>);
}

/// What happens to a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(bound(
        serialize = "P::Durable: Serialize, P::Message: Serialize, P::Request: Serialize, \
                     P::Timer: Serialize",
        deserialize = "P::Durable: Deserialize<'de>, P::Message: Deserialize<'de>, \
                       P::Request: Deserialize<'de>, P::Timer: Deserialize<'de>"
    ))
)]
pub enum Event<P: Protocol> {
    /// The node starts, or starts again after a crash, from its durable state.
    Recover(P::Durable),
    /// A message arrives.
    Message {
        /// Who sent it.
        from: NodeId,
        /// What it says.
        message: P::Message,
    },
    /// An armed timer has fired.
    Fired(P::Timer),
    /// A client asks for something.
    Request(P::Request),
    /// This write, and with it every earlier one, is durable.
    Durable(WriteId),
}

/// What a node wants done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(bound(
        serialize = "P::Record: Serialize, P::Message: Serialize, P::Reply: Serialize, \
                     P::Timer: Serialize, P::Ignored: Serialize",
        deserialize = "P::Record: Deserialize<'de>, P::Message: Deserialize<'de>, \
                       P::Reply: Deserialize<'de>, P::Timer: Deserialize<'de>, \
                       P::Ignored: Deserialize<'de>"
    ))
)]
pub enum Effect<P: Protocol> {
    /// Make a record durable.
    Write {
        /// The write's name.
        id: WriteId,
        /// The change.
        record: P::Record,
    },
    /// Send a message.
    Send {
        /// To whom; a node may send to itself.
        to: NodeId,
        /// What it says.
        message: P::Message,
        /// What must be durable before the message may leave.
        after: Option<WriteId>,
    },
    /// Tell the client of this node.
    Reply {
        /// What it is told.
        reply: P::Reply,
        /// What must be durable before it may be told.
        after: Option<WriteId>,
    },
    /// Start a timer, afresh if it runs already.
    Arm(P::Timer),
    /// Stop a timer, if it runs.
    Cancel(P::Timer),
    /// The event was ignored, for this reason.
    Ignore(P::Ignored),
}

/// A step of the model that a node has taken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Taken<T> {
    /// The action, with its arguments.
    pub step: T,
    /// The write with which it happens: a step whose write is lost in a crash never happened.
    pub after: Option<WriteId>,
}

/// Where the steps go that a node takes: into a vector, or nowhere at no cost (`()`).
pub trait Steps<T> {
    /// Takes note of a step. What nobody reads is never built.
    fn record(&mut self, after: Option<WriteId>, step: impl FnOnce() -> T);
}

impl<T> Steps<T> for () {
    fn record(&mut self, _after: Option<WriteId>, _step: impl FnOnce() -> T) {}
}

impl<T> Steps<T> for Vec<Taken<T>> {
    fn record(&mut self, after: Option<WriteId>, step: impl FnOnce() -> T) {
        self.push(Taken { step: step(), after });
    }
}

/// A reusable buffer of what one or more events led to, in order.
///
/// The protocol's side of it asks, wherever something leaves the node, after which write it may:
/// a [`WriteId`], or `None` for at once.
#[derive(Clone, Debug)]
pub struct Effects<P: Protocol, S = ()> {
    list: Vec<Effect<P>>,
    steps: S,
    next_write: WriteId,
}

impl<P: Protocol, S: Default> Default for Effects<P, S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Protocol, S: Default> Effects<P, S> {
    /// An empty buffer that names writes from 0.
    pub fn new() -> Self {
        Self::naming_from(WriteId(0))
    }

    /// An empty buffer that names writes from `next_write`, which must be greater than the names
    /// of the node's writes that are not durable yet. The name before it counts as that of the
    /// [latest](Effects::latest_write) write.
    pub fn naming_from(next_write: WriteId) -> Self {
        Self { list: Vec::new(), steps: S::default(), next_write }
    }
}

/// The driver's side.
impl<P: Protocol, S> Effects<P, S> {
    /// The effects so far, in order.
    pub fn list(&self) -> &[Effect<P>] {
        &self.list
    }

    /// Removes and returns the effects so far, in order; the buffer keeps its memory.
    pub fn drain(&mut self) -> impl Iterator<Item = Effect<P>> + '_ {
        self.list.drain(..)
    }

    /// The effects and the steps so far, in order.
    pub fn into_parts(self) -> (Vec<Effect<P>>, S) {
        (self.list, self.steps)
    }

    /// The steps so far.
    pub fn steps(&self) -> &S {
        &self.steps
    }

    /// The steps so far, to be emptied.
    pub fn steps_mut(&mut self) -> &mut S {
        &mut self.steps
    }
}

/// The protocol's side.
impl<P: Protocol, S: Steps<P::Step>> Effects<P, S> {
    /// Asks for a record to be made durable.
    pub fn write(&mut self, record: P::Record) -> WriteId {
        let id = self.next_write;
        // 2^64 writes take centuries; a saturated name would still be in order.
        self.next_write = WriteId(id.0.saturating_add(1));
        self.list.push(Effect::Write { id, record });
        id
    }

    /// The latest write of the node, whether it is durable by now or not; `None` if there was
    /// none. What waits for it happens after all that the node has written.
    pub fn latest_write(&self) -> Option<WriteId> {
        self.next_write.0.checked_sub(1).map(WriteId)
    }

    /// Sends a message once `after` is durable, or at once.
    pub fn send(&mut self, after: impl Into<Option<WriteId>>, to: NodeId, message: P::Message) {
        self.list.push(Effect::Send { to, message, after: after.into() });
    }

    /// Tells the client once `after` is durable, or at once.
    pub fn reply(&mut self, after: impl Into<Option<WriteId>>, reply: P::Reply) {
        self.list.push(Effect::Reply { reply, after: after.into() });
    }

    /// Takes note of a step, which happens once `after` is durable, or at once.
    pub fn step(&mut self, after: impl Into<Option<WriteId>>, step: impl FnOnce() -> P::Step) {
        self.steps.record(after.into(), step);
    }

    /// Starts a timer, afresh if it runs already.
    pub fn arm(&mut self, timer: P::Timer) {
        self.list.push(Effect::Arm(timer));
    }

    /// Stops a timer, if it runs.
    pub fn cancel(&mut self, timer: P::Timer) {
        self.list.push(Effect::Cancel(timer));
    }

    /// Says why the event changes nothing.
    pub fn ignore(&mut self, why: P::Ignored) {
        self.list.push(Effect::Ignore(why));
    }
}
