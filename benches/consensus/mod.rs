//! What the benchmarks of the consensus cores have in common: one shape for ours and its peers.

pub(crate) mod allocations;
pub(crate) mod measure;
pub(crate) mod omni_paxos;
pub(crate) mod ours;
pub(crate) mod raft_rs;

/// The nodes of every cluster.
pub(crate) const NODES: usize = 3;

/// Three nodes in one thread that have elected their first.
///
/// Messages are moved from node to node and not serialized; storage is in memory, and a write is
/// durable at once. What is committed is carried out by a state machine at each node.
pub(crate) trait Cluster {
    /// Proposes a batch of payloads at the leader, and delivers messages until nobody has
    /// anything left to do.
    fn commit(&mut self, payloads: &[&[u8]]);

    /// How many messages were delivered so far.
    fn messages(&self) -> u64;

    /// The payloads in the log of a node, in order.
    fn log(&self, node: usize) -> Vec<Vec<u8>>;

    /// What the state machine of a node has carried out.
    fn carried_out(&self, node: usize) -> CarriedOut;
}

/// The state machine: it reads each payload, and does as little as one can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct CarriedOut {
    /// How many payloads.
    pub(crate) commands: u64,
    /// The sum of their first bytes and lengths.
    pub(crate) sum: u64,
}

impl CarriedOut {
    /// Carries a payload out.
    pub(crate) fn add(&mut self, payload: &[u8]) {
        self.commands += 1;
        self.sum += payload.len() as u64 + payload.first().map_or(0, |byte| u64::from(*byte));
    }
}

/// Letters of one kind for each node, delivered by the sweep.
pub(crate) struct Mail<M> {
    boxes: [Vec<M>; NODES],
    delivered: u64,
}

impl<M> Mail<M> {
    /// No letters.
    pub(crate) fn new() -> Self {
        Self { boxes: [const { Vec::new() }; NODES], delivered: 0 }
    }

    /// Posts a letter.
    pub(crate) fn post(&mut self, to: usize, letter: M) {
        self.boxes[to].push(letter);
    }

    /// Moves what has come for a node into an empty vector.
    pub(crate) fn collect(&mut self, node: usize, into: &mut Vec<M>) {
        std::mem::swap(&mut self.boxes[node], into);
        self.delivered += into.len() as u64;
    }

    /// Whether there is none left.
    pub(crate) fn is_empty(&self) -> bool {
        self.boxes.iter().all(Vec::is_empty)
    }

    /// How many were collected.
    pub(crate) fn delivered(&self) -> u64 {
        self.delivered
    }
}
