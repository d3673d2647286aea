//! State machines to be replicated, and two of them: a counter and a key-value store.

use alloc::collections::BTreeMap;
use core::fmt::Debug;
use core::hash::Hash;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use crate::protocol::Data;
use crate::session::{ClientId, SequenceNumber, Sessions};

/// A deterministic state machine: its state and the command decide the next state and the output
/// (Schneider, *Implementing Fault-Tolerant Services Using the State Machine Approach*, 1990).
pub trait StateMachine: Clone + Debug + Eq + Hash {
    /// What changes the state. Commands are stored in a log and copied into messages, so that
    /// cloning one should be cheap: a large one is best shared.
    type Command: Data;
    /// What a client is told. The last output for each client is kept.
    type Output: Data;

    /// Carries a command out.
    fn apply(&mut self, command: &Self::Command) -> Self::Output;
}

/// A command, named by its client so that it can be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Command<C> {
    /// Whose it is.
    pub client: ClientId,
    /// Which of its commands.
    pub sequence: SequenceNumber,
    /// What is to be done.
    pub command: C,
}

/// What a client is told: its command was carried out, and this came of it. It may be told more
/// than once, and it is always the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Applied<O> {
    /// Whose command it was.
    pub client: ClientId,
    /// Which of its commands.
    pub sequence: SequenceNumber,
    /// What came of it.
    pub output: O,
}

/// A state machine in which every command has its effect once: see [`session`](crate::session).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(bound(
        serialize = "M: Serialize, M::Output: Serialize",
        deserialize = "M: Deserialize<'de>, M::Output: Deserialize<'de>"
    ))
)]
pub struct Replicated<M: StateMachine> {
    machine: M,
    sessions: Sessions<M::Output>,
}

impl<M: StateMachine> Replicated<M> {
    /// A machine that no client has used yet.
    pub fn new(machine: M) -> Self {
        Self { machine, sessions: Sessions::default() }
    }

    /// The state machine.
    pub fn machine(&self) -> &M {
        &self.machine
    }

    /// What came of the last command of each client.
    pub fn sessions(&self) -> &Sessions<M::Output> {
        &self.sessions
    }

    /// Carries a command out, unless that has been done before. Returns what came of it, or
    /// `None` if the client has had the answer to a later one.
    pub fn apply(&mut self, command: &Command<M::Command>) -> Option<&M::Output> {
        let Command { client, sequence, command } = command;
        self.sessions.once(*client, *sequence, || self.machine.apply(command))
    }
}

/// A counter. It is told how much to add, and tells the sum, which wraps round at 2^64: a command
/// that has its effect twice shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(transparent))]
pub struct Counter(pub u64);

impl StateMachine for Counter {
    type Command = u64;
    type Output = u64;

    fn apply(&mut self, command: &u64) -> u64 {
        self.0 = self.0.wrapping_add(*command);
        self.0
    }
}

/// A key-value store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(bound(
        serialize = "K: Serialize, V: Serialize",
        deserialize = "K: Ord + Deserialize<'de>, V: Deserialize<'de>"
    ))
)]
pub struct KeyValue<K, V>(BTreeMap<K, V>);

impl<K, V> Default for KeyValue<K, V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord, V> KeyValue<K, V> {
    /// The value of a key, if it has one.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.0.get(key)
    }

    /// All keys with their values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter()
    }
}

/// What a key-value store can be asked. The answer is always the value that the key had before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub enum KeyValueCommand<K, V> {
    /// Changes nothing.
    Get(K),
    /// Gives a key a value.
    Put(K, V),
    /// Takes a key's value away.
    Delete(K),
    /// Gives a key the last value, if it has the one before: `None` is no value.
    CompareAndSwap(K, Option<V>, V),
}

impl<K: Data, V: Data> StateMachine for KeyValue<K, V> {
    type Command = KeyValueCommand<K, V>;
    type Output = Option<V>;

    fn apply(&mut self, command: &KeyValueCommand<K, V>) -> Option<V> {
        match command {
            KeyValueCommand::Get(key) => self.0.get(key).cloned(),
            KeyValueCommand::Put(key, value) => self.0.insert(key.clone(), value.clone()),
            KeyValueCommand::Delete(key) => self.0.remove(key),
            KeyValueCommand::CompareAndSwap(key, expected, value) => {
                let before = self.0.get(key).cloned();
                if before == *expected {
                    self.0.insert(key.clone(), value.clone());
                }
                before
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Command, Counter, KeyValue, KeyValueCommand, Replicated, StateMachine};
    use crate::session::{ClientId, SequenceNumber};

    #[test]
    fn a_command_that_comes_twice_counts_once() {
        let mut counter = Replicated::new(Counter(40));
        let add = |sequence| Command {
            client: ClientId(1),
            sequence: SequenceNumber(sequence),
            command: 1,
        };
        assert_eq!(counter.apply(&add(1)), Some(&41));
        assert_eq!(counter.apply(&add(1)), Some(&41));
        assert_eq!(counter.apply(&add(2)), Some(&42));
        assert_eq!(counter.apply(&add(1)), None);
        assert_eq!(counter.machine(), &Counter(42));
        let sessions: Vec<_> = counter.sessions().iter().collect();
        assert_eq!(sessions, [(ClientId(1), SequenceNumber(2), &42)]);
    }

    #[test]
    fn a_store_tells_what_was_before() {
        use KeyValueCommand::{CompareAndSwap, Delete, Get, Put};
        let mut store = KeyValue::default();
        let mut ask = |command| store.apply(&command);
        assert_eq!(ask(Get("x")), None);
        assert_eq!(ask(Put("x", 1)), None);
        assert_eq!(ask(Put("x", 2)), Some(1));
        assert_eq!(ask(CompareAndSwap("x", Some(1), 3)), Some(2));
        assert_eq!(ask(CompareAndSwap("x", Some(2), 3)), Some(2));
        assert_eq!(ask(CompareAndSwap("y", None, 4)), None);
        assert_eq!(ask(Delete("x")), Some(3));
        assert_eq!(store.iter().collect::<Vec<_>>(), [(&"y", &4)]);
        assert_eq!(store.get(&"x"), None);
    }
}
