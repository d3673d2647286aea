//! What happens in the world of a simulation.

use bisim::protocol::{NodeId, Protocol, WriteId};

use super::Micros;

/// What happens at some time.
pub(super) enum What<P: Protocol> {
    /// A message arrives.
    Arrives { from: NodeId, to: usize, message: P::Message },
    /// A disk has written something.
    Written { node: usize, life: u64, id: WriteId },
    /// A timer may have run out.
    Rings { node: usize, life: u64, timer: P::Timer },
    /// A client asks, or asks again if it still waits for this answer.
    Asks { client: usize, again: Option<u64> },
    /// A client's request reaches a node.
    Requests { node: usize, client: usize, request: P::Request },
    /// An answer reaches a client.
    Answers(P::Reply),
    /// A refusal reaches a client.
    Refused { client: usize, leader: Option<NodeId> },
    /// A node starts, if it still is in the life that it crashed into.
    Restarts { node: usize, life: u64 },
    /// Something goes wrong.
    Trouble,
    /// The network is whole again.
    Heals,
    /// The network is calm again.
    Calms,
}

/// Something, and when it happens; of two at one time, what was scheduled first.
pub(super) struct Scheduled<P: Protocol> {
    pub(super) at: Micros,
    pub(super) order: u64,
    /// In a box, for the queue moves it about.
    pub(super) what: Box<What<P>>,
}

impl<P: Protocol> PartialEq for Scheduled<P> {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl<P: Protocol> Eq for Scheduled<P> {}

impl<P: Protocol> PartialOrd for Scheduled<P> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<P: Protocol> Ord for Scheduled<P> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}
