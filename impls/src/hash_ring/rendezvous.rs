//! Rendezvous hashing: every node draws a number for the key, and the highest wins.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::hash::mix;
use super::{Member, RingHash, WyHash};

/// Rendezvous or highest-random-weight hashing (Thaler and Ravishankar, *Using Name-Based Mappings
/// to Increase Hit Rates*, 1998), with weights (Schindelhauer and Schomaker, *Weighted Distributed
/// Hash Tables*, 2005, the logarithmic method).
///
/// Each node draws a number `u` between 0 and 1 for a key, and the highest `weight / -ln(u)` wins.
/// Shares are exact in expectation for any weights, without virtual nodes; a look-up takes time
/// for every node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendezvous<N, H = WyHash> {
    hash: H,
    /// Sorted by the bytes of the names, each with its hash.
    members: Vec<(Member<N>, u64)>,
}

/// What a node has drawn for a key. Greater is better.
#[derive(Clone, Copy, PartialEq)]
struct Draw {
    score: f64,
    hash: u64,
}

impl Draw {
    /// The order is the same whoever else is a member. The score never falls as the hash grows:
    /// it comes from 32 bits of it, between which logarithms differ by more than their error.
    fn of(hash: u64, weight: u32) -> Self {
        let uniform = ((hash >> 32) as f64 + 0.5) / (1_u64 << 32) as f64;
        Self { score: f64::from(weight) / -ln(uniform), hash }
    }

    fn order(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then(self.hash.cmp(&other.hash))
    }
}

impl<N: AsRef<[u8]>, H: RingHash> Rendezvous<N, H> {
    /// No nodes, and this hash.
    pub fn with(hash: H) -> Self {
        Self { hash, members: Vec::new() }
    }

    /// Makes a node a member with this weight, and returns the weight that it had if it was one.
    /// A member of weight 0 owns nothing.
    pub fn insert(&mut self, name: N, weight: u32) -> Option<u32> {
        match self.place(name.as_ref()) {
            Ok(place) => Some(core::mem::replace(&mut self.members[place].0.weight, weight)),
            Err(place) => {
                let hash = self.hash.hash(name.as_ref());
                self.members.insert(place, (Member { name, weight }, hash));
                None
            }
        }
    }

    /// Removes a node, and returns the weight that it had if it was a member.
    pub fn remove(&mut self, name: impl AsRef<[u8]>) -> Option<u32> {
        let place = self.place(name.as_ref()).ok()?;
        Some(self.members.remove(place).0.weight)
    }

    /// The members, in the order of their names' bytes.
    pub fn members(&self) -> impl ExactSizeIterator<Item = &Member<N>> {
        self.members.iter().map(|(member, _)| member)
    }

    /// The node that owns a key; `None` if no member has a weight.
    pub fn node(&self, key: impl AsRef<[u8]>) -> Option<&N> {
        let key = self.hash.hash(key.as_ref());
        let mut best: Option<(&Member<N>, Draw)> = None;
        for (member, hash) in self.members.iter().filter(|(member, _)| member.weight > 0) {
            let hash = mix(key ^ hash);
            // Lighter and lower cannot win: most nodes need no logarithm.
            if best.is_some_and(|(other, draw)| member.weight <= other.weight && hash <= draw.hash)
            {
                continue;
            }
            let draw = Draw::of(hash, member.weight);
            if best.is_none_or(|(_, other)| draw.order(&other).is_gt()) {
                best = Some((member, draw));
            }
        }
        best.map(|(member, _)| &member.name)
    }

    /// All nodes with a weight, best first: the first is the key's owner, and the first `n` are
    /// where its `n` replicas belong.
    pub fn replicas(&self, key: impl AsRef<[u8]>) -> Vec<&N> {
        let key = self.hash.hash(key.as_ref());
        let live = self.members.iter().filter(|(member, _)| member.weight > 0);
        let draws = live.map(|(member, hash)| (member, Draw::of(mix(key ^ hash), member.weight)));
        let mut draws: Vec<_> = draws.collect();
        // Equal draws stay in the order of the names.
        draws.sort_by(|(_, one), (_, other)| other.order(one));
        draws.into_iter().map(|(member, _)| &member.name).collect()
    }

    fn place(&self, name: &[u8]) -> Result<usize, usize> {
        self.members.binary_search_by(|(member, _)| member.name.as_ref().cmp(name))
    }
}

impl<N: AsRef<[u8]>> Default for Rendezvous<N> {
    fn default() -> Self {
        Self::with(WyHash::default())
    }
}

/// The natural logarithm of a positive number, to within a few units in the last place.
///
/// Sums and products alone, which IEEE 754 defines to the last bit: every machine draws the same.
/// With `x = m 2^e` and `s = (m - 1) / (m + 1)`, `ln m = 2 (s + s^3/3 + s^5/5 + ..)`.
fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let mut exponent = (bits >> 52) as i64 - 1023;
    let mut mantissa = f64::from_bits(bits & ((1 << 52) - 1) | 1023 << 52);
    if mantissa > core::f64::consts::SQRT_2 {
        mantissa /= 2.0;
        exponent += 1;
    }
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let series = (0..12).rev().fold(0.0, |sum, term| sum * square + 1.0 / f64::from(2 * term + 1));
    2.0 * s * series + exponent as f64 * core::f64::consts::LN_2
}

#[cfg(test)]
mod tests {
    use super::{Draw, Rendezvous, ln};

    #[test]
    fn the_logarithm_is_the_one_of_the_library() {
        for x in (1..2000).map(|i| f64::from(i) / 1000.0).chain([1e-9, 1.0 - 1e-9, 3e8]) {
            let (ours, theirs) = (ln(x), x.ln());
            assert!(
                (ours - theirs).abs() <= 1e-15 * theirs.abs().max(1e-3),
                "{x}: {ours} {theirs}"
            );
        }
    }

    #[test]
    fn a_score_never_falls_as_the_hash_grows() {
        let steps = (0..64).flat_map(|bit| [1_u64 << bit, u64::MAX << bit, !(u64::MAX >> bit)]);
        for hash in steps {
            let next = hash.saturating_add(1 << 32);
            let [low, high] = [hash, next].map(|hash| Draw::of(hash, 7));
            assert!(low.score.is_finite() && low.score > 0.0, "{hash:x}");
            assert!(low.order(&high).is_lt() || hash == next, "{hash:x}");
        }
    }

    #[test]
    fn the_first_replica_is_the_owner_and_each_node_comes_once() {
        let mut nodes = Rendezvous::default();
        assert_eq!(nodes.node("key"), None);
        for (name, weight) in [("a", 3), ("b", 1), ("c", 0), ("d", 1), ("b", 2)] {
            nodes.insert(name, weight);
        }
        for key in 0_u32..500 {
            let replicas = nodes.replicas(key.to_le_bytes());
            assert_eq!(replicas.first().copied(), nodes.node(key.to_le_bytes()));
            let mut sorted = replicas.clone();
            sorted.sort();
            assert_eq!(sorted, [&"a", &"b", &"d"]);
        }
    }
}
