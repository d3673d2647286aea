//! What stands beside the model `hash-ring`: the shipped ring.

use bisim::hash_ring::{Change, HashRing, Member};

use super::Cut;

/// The members as somebody knows them who builds a ring of his own: names and weights.
pub(super) type Members = Vec<(String, u32)>;

/// A ring, shipped or with a bug.
pub(super) trait Subject {
    /// Makes a node a member with this weight.
    fn set(&mut self, name: &str, weight: u32);

    /// Removes a member.
    fn remove(&mut self, name: &str);

    /// The owner of a key.
    fn owner(&self, key: &[u8]) -> Option<String>;

    /// All nodes with points that follow a key.
    fn preference(&self, key: &[u8]) -> Vec<String>;

    /// The points in the order of the ring.
    fn points(&self) -> Vec<(u64, String, u32)>;

    /// The ring that another process builds of the same members, all at once and in this order.
    fn elsewhere(&self, members: &Members) -> Box<dyn Subject>;
}

impl Subject for HashRing<String, Cut> {
    fn set(&mut self, name: &str, weight: u32) {
        self.insert(name.to_owned(), weight).expect("the ring is small");
    }

    fn remove(&mut self, name: &str) {
        Self::remove(self, name);
    }

    fn owner(&self, key: &[u8]) -> Option<String> {
        self.node(key).cloned()
    }

    fn preference(&self, key: &[u8]) -> Vec<String> {
        self.replicas(key).cloned().collect()
    }

    fn points(&self) -> Vec<(u64, String, u32)> {
        Self::points(self).map(|(slot, name, replica)| (slot, name.clone(), replica)).collect()
    }

    fn elsewhere(&self, members: &Members) -> Box<dyn Subject> {
        let mut ring = Self::with(*self.hash(), self.virtual_nodes());
        let members = members.iter().cloned().map(|(name, weight)| Member { name, weight });
        ring.change(members.map(Change::Set)).expect("the ring is small");
        // On its way it was a snapshot.
        let text = serde_json::to_string(&ring).expect("a ring has string keys only");
        let read: Self = serde_json::from_str(&text).expect("a ring reads what it has written");
        Box::new(read)
    }
}
