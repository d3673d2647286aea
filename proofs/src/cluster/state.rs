//! The state of a cluster, and what may happen to it.

use bisim::protocol::{NodeId, WriteId};
use serde::{Deserialize, Serialize};

use super::{Checked, Envelope, Move, Shared};

/// The state of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(bound(
    serialize = "P: Checked, N: Serialize",
    deserialize = "P: Checked, N: Deserialize<'de>"
))]
pub struct ClusterState<P: Checked, N> {
    /// The nodes with their disks.
    pub sites: Vec<Shared<Site<P>>>,
    /// The network.
    pub network: N,
    /// How many crashes there may still be.
    pub crashes_left: u32,
    /// How many actions have happened of those that are counted.
    #[serde(default)]
    pub counted: u32,
    /// What clients were ever told, in order. History: only properties read it.
    pub told: Vec<P::Reply>,
}

/// A node with its disk.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(bound = "P: Checked")]
pub struct Site<P: Checked> {
    /// The node, while it runs.
    pub node: Option<P>,
    /// What is durable.
    pub disk: P::Durable,
    /// The writes that are not durable yet, oldest first.
    pub pending: Vec<Pending<P>>,
    /// The timers that are armed, in order.
    pub armed: Vec<P::Timer>,
}

/// A write that is not durable yet, with all that waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(bound = "P: Checked")]
pub struct Pending<P: Checked> {
    /// Its name.
    pub id: WriteId,
    /// What it changes.
    pub record: P::Record,
    /// The messages that leave when it is durable.
    pub messages: Vec<Envelope<P::Message>>,
    /// What clients are told when it is durable.
    pub replies: Vec<P::Reply>,
    /// The steps that are taken when it becomes durable.
    pub steps: Vec<P::Step>,
    /// What the node and its network were before, where that is kept.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub hindsight: Option<Hindsight<P>>,
}

fn none<T>() -> Option<T> {
    None
}

/// What was before a write, for maps: seen from outside, nothing that a node has done since its
/// oldest write has happened yet. History: no node reads it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(bound = "P: Checked")]
pub struct Hindsight<P: Checked> {
    /// The node before what happened to it led to the write.
    pub node: Shared<P>,
    /// The messages that have arrived, and that led to steps which wait for the write.
    pub arrived: Vec<Envelope<P::Message>>,
}

/// What may happen to a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(bound = "P: Checked")]
pub enum ClusterAction<P: Checked> {
    /// The network does something.
    Network(Move<P::Message>),
    /// The oldest write of a node becomes durable.
    Durable {
        /// The node.
        node: NodeId,
    },
    /// A timer fires.
    Fire {
        /// Whose.
        node: NodeId,
        /// Which.
        timer: P::Timer,
    },
    /// A client asks a node for something.
    Request {
        /// The node.
        node: NodeId,
        /// What.
        request: P::Request,
    },
    /// A node crashes: it loses its memory, its timers and its writes that are not durable.
    Crash {
        /// The node.
        node: NodeId,
    },
    /// A node that has crashed starts again from what is durable.
    Restart {
        /// The node.
        node: NodeId,
    },
}

impl<P: Checked> ClusterAction<P> {
    /// The node to which something happens, unless a message is lost.
    pub fn node(&self) -> Option<NodeId> {
        match self {
            Self::Network(Move::Deliver(envelope) | Move::Duplicate(envelope)) => Some(envelope.to),
            Self::Network(Move::Copy(_) | Move::Drop(_)) => None,
            Self::Durable { node }
            | Self::Fire { node, .. }
            | Self::Request { node, .. }
            | Self::Crash { node }
            | Self::Restart { node } => Some(*node),
        }
    }
}
