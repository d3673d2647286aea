//! What clients want and have, and their steps.

use serde::{Deserialize, Serialize};

use crate::common::{Sequence, SmallSet};

/// A sequence of clients.
pub type Clients = Sequence<u8, 6>;

/// What the clients want and have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// The resources that each client still wants (`unsat`).
    pub unsat: Sequence<SmallSet, 6>,
    /// The resources that each client has (`alloc`).
    pub alloc: Sequence<SmallSet, 6>,
    /// The clients in the order in which they are served (`sched`).
    pub sched: Clients,
}

/// A step of a client or of the allocator.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// A client that has nothing asks for these resources.
    Request {
        /// The client.
        client: u8,
        /// The resources.
        set: SmallSet,
    },
    /// A client is given some of what it wants.
    Allocate {
        /// The client.
        client: u8,
        /// The resources.
        set: SmallSet,
    },
    /// A client gives back some of what it has.
    Return {
        /// The client.
        client: u8,
        /// The resources.
        set: SmallSet,
    },
    /// The clients that ask and are not in the schedule are put at its end, in some order.
    Schedule {
        /// These clients, in this order.
        order: Clients,
    },
}
