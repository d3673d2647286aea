//! Consistent hashing with bounded loads: no node holds much more than its share.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::{HashRing, LoadFactor, RingHash, TooManyPoints, WyHash};

/// A ring that knows its keys and bounds the load of every node (Mirrokni, Thorup and
/// Zadimoghaddam, *Consistent Hashing with Bounded Loads*, 2018).
///
/// With `m` keys, a node of weight `w` out of `W` holds at most `ceil(c m w / W)` of them, where
/// `c` is the [`LoadFactor`]. A key belongs to the first node that follows it and has room. Who has
/// room is decided in the order of the keys' places on the circle: a key gives way to the keys
/// before it in that order, never to those behind it. So the placement is a function of the nodes
/// and the keys, whatever the order in which they came and went, and a key passes no node that has
/// room.
///
/// A key that comes or goes costs time for the keys that move, and when nodes come or go, all keys
/// are placed anew. Keys are cloned a few times: let large ones be shared.
#[derive(Clone, Debug)]
pub struct BoundedLoad<N, K, H = WyHash> {
    ring: HashRing<N, H>,
    factor: LoadFactor,
    /// The sum of the weights of the nodes with points.
    total: u64,
    bins: Vec<Bin<K>>,
    /// For each key the nodes that it has tried, by their places among the members; it is at the
    /// last one. Empty while there is nobody to hold it.
    paths: BTreeMap<Ball<K>, Vec<usize>>,
}

/// A key with its place on the circle: the order in which keys have their choice.
type Ball<K> = (u64, K);

/// What one node holds, and which keys it had no room for.
#[derive(Clone, Debug)]
struct Bin<K> {
    held: BTreeSet<Ball<K>>,
    passed: BTreeSet<Ball<K>>,
}

impl<N, K, H> BoundedLoad<N, K, H>
where
    N: AsRef<[u8]> + Clone,
    K: AsRef<[u8]> + Ord + Clone,
    H: RingHash,
{
    /// The nodes of a ring, and no keys.
    pub fn new(ring: HashRing<N, H>, factor: LoadFactor) -> Self {
        let mut placed = Self { ring, factor, total: 0, bins: Vec::new(), paths: BTreeMap::new() };
        placed.rebuild();
        placed
    }

    /// The nodes.
    pub fn ring(&self) -> &HashRing<N, H> {
        &self.ring
    }

    /// How far above the average a node may be loaded.
    pub fn factor(&self) -> LoadFactor {
        self.factor
    }

    /// The keys, each with the node that holds it, in the order of their places on the circle.
    pub fn keys(&self) -> impl Iterator<Item = (&K, Option<&N>)> {
        self.paths.iter().map(|((_, key), path)| (key, self.end(path)))
    }

    /// The node that holds a key; `None` if the key is not here, or if there is no node.
    pub fn node(&self, key: &K) -> Option<&N> {
        self.end(self.paths.get(&self.ball(key))?)
    }

    /// How many keys a member holds.
    pub fn load(&self, name: impl AsRef<[u8]>) -> usize {
        self.ring.member(name.as_ref()).map_or(0, |bin| self.bins[bin].held.len())
    }

    /// How many keys a member may hold now.
    pub fn capacity(&self, name: impl AsRef<[u8]>) -> usize {
        self.ring.member(name.as_ref()).map_or(0, |bin| self.capacity_of(bin))
    }

    /// Adds a key, and returns whether it is new. It may displace others, each to a later node.
    pub fn insert(&mut self, key: K) -> bool {
        let ball = self.ball(&key);
        if self.paths.contains_key(&ball) {
            return false;
        }
        self.paths.insert(ball.clone(), Vec::new());
        // There is one key more, so that some nodes may hold more.
        self.fill((0..self.bins.len()).collect());
        self.push(ball);
        true
    }

    /// Removes a key, and returns whether it was there. Keys that had to pass its node for want of
    /// room move back.
    pub fn remove(&mut self, key: &K) -> bool {
        let ball = self.ball(key);
        let Some(path) = self.paths.remove(&ball) else { return false };
        for bin in &path {
            self.bins[*bin].passed.remove(&ball);
        }
        if let Some(&bin) = path.last() {
            self.bins[bin].held.remove(&ball);
            self.fill([bin].into());
        }
        // There is one key less, so that some nodes may hold less.
        for bin in 0..self.bins.len() {
            while self.bins[bin].held.len() > self.capacity_of(bin) {
                let ball = self.bins[bin].held.pop_last().expect("it holds more than it may");
                self.bins[bin].passed.insert(ball.clone());
                self.push(ball);
            }
        }
        true
    }

    /// Makes a node a member with this weight, and returns the weight that it had if it was one.
    ///
    /// # Errors
    /// When the ring would have too many points.
    pub fn insert_node(&mut self, name: N, weight: u32) -> Result<Option<u32>, TooManyPoints> {
        let before = self.ring.insert(name, weight)?;
        self.rebuild();
        Ok(before)
    }

    /// Removes a node, and returns the weight that it had if it was a member. Its keys stay, with
    /// other nodes.
    pub fn remove_node(&mut self, name: impl AsRef<[u8]>) -> Option<u32> {
        let before = self.ring.remove(name)?;
        self.rebuild();
        Some(before)
    }

    /// Places all keys from the beginning. This is the placement's definition: in their order, each
    /// key goes to the first node with room.
    fn rebuild(&mut self) {
        let members = self.ring.members();
        let empty = || Bin { held: BTreeSet::new(), passed: BTreeSet::new() };
        self.bins = members.iter().map(|_| empty()).collect();
        let alive = if self.ring.virtual_nodes() > 0 { members } else { &[] };
        self.total = alive.iter().map(|member| u64::from(member.weight)).sum();
        let balls: Vec<_> = self.paths.keys().cloned().collect();
        self.paths.values_mut().for_each(Vec::clear);
        balls.into_iter().for_each(|ball| self.push(ball));
    }

    /// Lets a key that nobody holds go on from where its path ends, and whomever it displaces.
    fn push(&mut self, mut ball: Ball<K>) {
        loop {
            let path = self.paths.get_mut(&ball).expect("a key that is placed has a path");
            // A key that all nodes have refused would have all of them full, with other keys.
            // They have room for all keys: only without a node does a path end here.
            let Some(node) = self.ring.replicas_at(ball.0).nth(path.len()) else { return };
            let bin = self.ring.member(node.as_ref()).expect("a replica is a member");
            path.push(bin);
            self.bins[bin].held.insert(ball);
            if self.bins[bin].held.len() <= self.capacity_of(bin) {
                return;
            }
            ball = self.bins[bin].held.pop_last().expect("a key was just put there");
            self.bins[bin].passed.insert(ball.clone());
        }
    }

    /// Lets keys move back to these nodes as far as they have room, and then to the nodes that
    /// these keys have left.
    fn fill(&mut self, mut open: Vec<usize>) {
        while let Some(bin) = open.pop() {
            while self.bins[bin].held.len() < self.capacity_of(bin) {
                let Some(ball) = self.bins[bin].passed.pop_first() else { break };
                let path = self.paths.get_mut(&ball).expect("a key that has passed has a path");
                let place = path.iter().position(|passed| *passed == bin);
                let mut left = path.split_off(place.expect("the node is on the path") + 1);
                if let Some(last) = left.pop() {
                    self.bins[last].held.remove(&ball);
                    open.push(last);
                }
                left.into_iter().for_each(|passed| _ = self.bins[passed].passed.remove(&ball));
                self.bins[bin].held.insert(ball);
            }
        }
    }

    fn capacity_of(&self, bin: usize) -> usize {
        let weight = self.ring.members()[bin].weight;
        self.factor.capacity(self.paths.len(), weight, self.total)
    }

    fn ball(&self, key: &K) -> Ball<K> {
        (self.ring.hash().hash(key.as_ref()), key.clone())
    }

    fn end(&self, path: &[usize]) -> Option<&N> {
        path.last().map(|&bin| &self.ring.members()[bin].name)
    }
}
