//! Client sessions: the effect of a command happens exactly once, however often it is sent.
//!
//! A client that hears nothing sends its command again, and the first copy may have been carried
//! out after all. So each client numbers its commands, and the replicated state holds, for each
//! client, the number of its last command and what came of it: a copy that is carried out again
//! changes nothing and gives the same answer (Ongaro, *Consensus: Bridging Theory and Practice*,
//! 2014, section 6.3). Since the table is itself replicated, it survives a change of the leader.

use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use core::fmt;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

/// The name of a client. No two clients may ever use the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(transparent))]
pub struct ClientId(pub u64);

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c{}", self.0)
    }
}

/// The number of a command of a client. A client numbers its commands upwards, and begins the
/// next only when it has the answer to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(transparent))]
pub struct SequenceNumber(pub u64);

impl fmt::Display for SequenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// The last command of each client, with what came of it.
///
/// There is one entry for each client that ever sent a command. To forget one, replicas would
/// have to agree when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Sessions<O> {
    last: BTreeMap<ClientId, (SequenceNumber, O)>,
}

impl<O> Default for Sessions<O> {
    fn default() -> Self {
        Self { last: BTreeMap::new() }
    }
}

/// What is known of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen<'s, O> {
    /// It has had no effect yet.
    New,
    /// It is the client's last command, and this came of it.
    Last(&'s O),
    /// The client has had the answer to a later command, so that nobody waits for this one.
    Old,
}

impl<O> Sessions<O> {
    /// What is known of a command.
    pub fn seen(&self, client: ClientId, sequence: SequenceNumber) -> Seen<'_, O> {
        match self.last.get(&client) {
            Some((last, _)) if *last > sequence => Seen::Old,
            Some((last, output)) if *last == sequence => Seen::Last(output),
            _ => Seen::New,
        }
    }

    /// Lets a command have its effect, unless it has had it before. Returns what came of it, or
    /// `None` for an old command.
    pub fn once(
        &mut self,
        client: ClientId,
        sequence: SequenceNumber,
        effect: impl FnOnce() -> O,
    ) -> Option<&O> {
        let slot = match self.last.entry(client) {
            Entry::Vacant(vacant) => vacant.insert((sequence, effect())),
            Entry::Occupied(occupied) => {
                let slot = occupied.into_mut();
                if slot.0 > sequence {
                    return None;
                }
                if slot.0 < sequence {
                    *slot = (sequence, effect());
                }
                slot
            }
        };
        Some(&slot.1)
    }

    /// The clients, each with its last command and what came of it, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (ClientId, SequenceNumber, &O)> {
        self.last.iter().map(|(client, (sequence, output))| (*client, *sequence, output))
    }
}

#[cfg(test)]
mod tests {
    use super::{ClientId, Seen, SequenceNumber, Sessions};

    #[test]
    fn a_command_has_its_effect_once() {
        let mut sessions = Sessions::default();
        let mut effects = 0;
        let mut send = |sessions: &mut Sessions<u32>, client, sequence| {
            let effect = || {
                effects += 1;
                effects
            };
            sessions.once(ClientId(client), SequenceNumber(sequence), effect).copied()
        };
        assert_eq!(send(&mut sessions, 1, 1), Some(1));
        assert_eq!(send(&mut sessions, 1, 1), Some(1), "the same answer, and no second effect");
        assert_eq!(send(&mut sessions, 2, 1), Some(2), "clients do not share numbers");
        assert_eq!(send(&mut sessions, 1, 5), Some(3));
        assert_eq!(send(&mut sessions, 1, 1), None, "nobody waits for an old command");
        assert_eq!(send(&mut sessions, 1, 5), Some(3));
        let seen = |client, sequence| sessions.seen(ClientId(client), SequenceNumber(sequence));
        assert_eq!(seen(1, 6), Seen::New);
        assert_eq!(seen(1, 5), Seen::Last(&3));
        assert_eq!(seen(1, 4), Seen::Old);
        assert_eq!(seen(3, 0), Seen::New);
    }
}
