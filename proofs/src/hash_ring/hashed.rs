//! The hash of the small spaces: the default one, with only its first bits left.

use bisim::hash_ring::{RingHash, WyHash};
use serde::{Deserialize, Serialize};

/// A hash to `2^bits` slots, so that with few bits everything collides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// From 1 to 64.
    pub bits: u32,
    /// The seed of the hash that is cut.
    pub seed: u64,
}

impl Cut {
    /// The first bits of the default hash.
    pub const fn to(bits: u32) -> Self {
        Self { bits, seed: 0 }
    }
}

impl RingHash for Cut {
    fn hash(&self, bytes: &[u8]) -> u64 {
        WyHash::seeded(self.seed).hash(bytes) >> (64 - self.bits)
    }
}
