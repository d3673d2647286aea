//! A ring as data: its members and what it was made with. The points follow from them.

use alloc::vec::Vec;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Change, HashRing, Member, RingHash};

/// What a ring is written as.
#[derive(Serialize, Deserialize)]
struct Snapshot<N, H> {
    hash: H,
    virtual_nodes: u32,
    members: Vec<(N, u32)>,
}

impl<N: Serialize + Clone, H: Serialize + RingHash> Serialize for HashRing<N, H> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members = self.members().iter().map(|member| (member.name.clone(), member.weight));
        let (hash, virtual_nodes) = (self.hash().clone(), self.virtual_nodes());
        Snapshot { hash, virtual_nodes, members: members.collect() }.serialize(serializer)
    }
}

impl<'de, N, H> Deserialize<'de> for HashRing<N, H>
where
    N: Deserialize<'de> + AsRef<[u8]> + Clone,
    H: Deserialize<'de> + RingHash,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Snapshot { hash, virtual_nodes, members } = Snapshot::deserialize(deserializer)?;
        let mut ring = Self::with(hash, virtual_nodes);
        let members = members.into_iter().map(|(name, weight)| Member { name, weight });
        ring.change(members.map(Change::Set)).map_err(de::Error::custom)?;
        Ok(ring)
    }
}
