//! Networks: what may become of a message that was sent.

use bisim::protocol::NodeId;
use bisim_models::common::Value;
use serde::{Deserialize, Serialize};

use super::Shared;

/// A message under way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Envelope<M> {
    /// What it says.
    pub message: M,
    /// Who sent it.
    pub from: NodeId,
    /// To whom.
    pub to: NodeId,
}

/// What a network does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Move<M> {
    /// A message arrives.
    Deliver(Envelope<M>),
    /// A message arrives, and will again.
    Duplicate(Envelope<M>),
    /// A message is under way once more.
    Copy(Envelope<M>),
    /// A message is lost.
    Drop(Envelope<M>),
}

/// What may become of messages. The meaning of the network belongs to the algorithm: it is that
/// of the algorithm's published model.
pub trait Network<M>: Value + Default {
    /// Takes a message.
    fn send(&mut self, envelope: Envelope<M>);

    /// Pushes all that the network may do.
    fn offer(&self, moves: &mut Vec<Move<M>>);

    /// Makes a move, and returns what arrives, if anything does.
    ///
    /// # Errors
    /// When the message of the move is not under way.
    fn make(&mut self, of: &Move<M>) -> Result<Option<Envelope<M>>, NoSuchMessage>;
}

/// A network that remembers all messages ever sent, for maps and properties.
pub trait Remembers<M>: Network<M> {
    /// All messages ever sent.
    fn sent(&self) -> &SentSet<M>;
}

/// A move is about a message that is not under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchMessage;

/// The set of all messages ever sent, as in Paxos.tla: each may arrive at any time, any number
/// of times, or never. So loss, duplication, delay and reordering need no moves of their own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SentSet<M>(Shared<Vec<Envelope<M>>>);

impl<M> Default for SentSet<M> {
    fn default() -> Self {
        Self(Shared::default())
    }
}

impl<M> SentSet<M> {
    /// All messages ever sent, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Envelope<M>> {
        self.0.iter()
    }
}

impl<M: Value + Ord> Network<M> for SentSet<M> {
    fn send(&mut self, envelope: Envelope<M>) {
        if let Err(at) = self.0.binary_search(&envelope) {
            self.0.make_mut().insert(at, envelope);
        }
    }

    fn offer(&self, moves: &mut Vec<Move<M>>) {
        moves.extend(self.0.iter().cloned().map(Move::Deliver));
    }

    fn make(&mut self, of: &Move<M>) -> Result<Option<Envelope<M>>, NoSuchMessage> {
        match of {
            Move::Deliver(envelope) if self.0.binary_search(envelope).is_ok() => {
                Ok(Some(envelope.clone()))
            }
            _ => Err(NoSuchMessage),
        }
    }
}

impl<M: Value + Ord> Remembers<M> for SentSet<M> {
    fn sent(&self) -> &SentSet<M> {
        self
    }
}

/// A bag of messages under way, each of which may arrive, arrive twice, be copied, or be lost, in
/// any order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bag<M>(Vec<Envelope<M>>);

impl<M> Default for Bag<M> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<M> Bag<M> {
    /// The messages under way, in order; one that is under way twice is there twice.
    pub fn under_way(&self) -> &[Envelope<M>] {
        &self.0
    }
}

impl<M: Value + Ord> Network<M> for Bag<M> {
    fn send(&mut self, envelope: Envelope<M>) {
        let at = self.0.partition_point(|other| *other < envelope);
        self.0.insert(at, envelope);
    }

    fn offer(&self, moves: &mut Vec<Move<M>>) {
        let mut distinct = self.0.clone();
        distinct.dedup();
        for make in [Move::Deliver, Move::Duplicate, Move::Copy, Move::Drop] {
            moves.extend(distinct.iter().cloned().map(make));
        }
    }

    fn make(&mut self, of: &Move<M>) -> Result<Option<Envelope<M>>, NoSuchMessage> {
        let at = |envelope| self.0.binary_search(envelope).map_err(|_| NoSuchMessage);
        match of {
            Move::Deliver(envelope) => {
                let at = at(envelope)?;
                Ok(Some(self.0.remove(at)))
            }
            Move::Duplicate(envelope) => at(envelope).map(|at| Some(self.0[at].clone())),
            Move::Copy(envelope) => {
                let at = at(envelope)?;
                self.0.insert(at, envelope.clone());
                Ok(None)
            }
            Move::Drop(envelope) => {
                let at = at(envelope)?;
                self.0.remove(at);
                Ok(None)
            }
        }
    }
}

/// A bag whose messages are remembered: the set of all messages ever sent is there for maps and
/// properties. What is remembered makes a copy of a message needless: a duplicate is enough.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RememberedBag<M> {
    under_way: Bag<M>,
    sent: SentSet<M>,
}

impl<M> Default for RememberedBag<M> {
    fn default() -> Self {
        Self { under_way: Bag::default(), sent: SentSet::default() }
    }
}

impl<M: Value + Ord> Network<M> for RememberedBag<M> {
    fn send(&mut self, envelope: Envelope<M>) {
        self.under_way.send(envelope.clone());
        self.sent.send(envelope);
    }

    fn offer(&self, moves: &mut Vec<Move<M>>) {
        let start = moves.len();
        self.under_way.offer(moves);
        let offered = moves.split_off(start);
        moves.extend(offered.into_iter().filter(|of| !matches!(of, Move::Copy(_))));
    }

    fn make(&mut self, of: &Move<M>) -> Result<Option<Envelope<M>>, NoSuchMessage> {
        self.under_way.make(of)
    }
}

impl<M: Value + Ord> Remembers<M> for RememberedBag<M> {
    fn sent(&self) -> &SentSet<M> {
        &self.sent
    }
}
