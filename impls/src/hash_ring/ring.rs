//! The ring: who owns which key, given who is a member.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use super::change::changed;
use super::points::{Point, Points};
use super::{Replicas, RingHash, WyHash};

/// A node of the ring: a name, and how much of the circle it should have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Member<N> {
    /// The name; its bytes are the node's identity.
    pub name: N,
    /// The node has `weight` times the ring's number of virtual nodes. With 0 it is a member that
    /// owns nothing.
    pub weight: u32,
}

/// A change of the membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change<N> {
    /// The node is a member with this weight, whether it was one before or not.
    Set(Member<N>),
    /// The node is no member.
    Remove(N),
}

impl<N> Change<N> {
    pub(super) fn name(&self) -> &N {
        match self {
            Self::Set(member) => &member.name,
            Self::Remove(name) => name,
        }
    }
}

/// The ring would have more than [`HashRing::MOST_POINTS`] points; it stays as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyPoints {
    /// How many there would be.
    pub points: u64,
}

impl fmt::Display for TooManyPoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a ring of {} points; {} is the most", self.points, MOST_POINTS)
    }
}

impl core::error::Error for TooManyPoints {}

pub(super) const MOST_POINTS: u64 = 1 << 27;

/// A consistent-hash ring with virtual nodes (Karger et al. 1997, section 4; DeCandia et al.,
/// *Dynamo*, 2007, section 4.2).
///
/// Every member has a number of points on a circle of 2^64 places, and a key belongs to the first
/// point at or after its hash, going round at the end. The ring is a function of its members: in
/// whatever order they came and went, equal members make equal rings, also where points collide.
///
/// Names and keys are bytes ([`AsRef<[u8]>`](AsRef)). Cloning is cheap: a writer may hand out
/// clones to readers and go on changing its own.
#[derive(Debug)]
pub struct HashRing<N, H = WyHash> {
    inner: Arc<Inner<N, H>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Inner<N, H> {
    hash: H,
    virtual_nodes: u32,
    /// Sorted by the bytes of the names, each of which is there once.
    members: Vec<Member<N>>,
    /// The members with a weight above 0.
    live: usize,
    points: Points,
}

impl<N> HashRing<N> {
    /// The virtual nodes of a member of weight 1, unless another number is asked for.
    pub const VIRTUAL_NODES: u32 = 100;

    /// The largest number of points of a ring: 2^27, which take 3 GiB.
    pub const MOST_POINTS: u64 = MOST_POINTS;
}

impl<N, H: RingHash> HashRing<N, H> {
    /// An empty ring with this hash, and this many virtual nodes for each unit of weight. More of
    /// them share the circle out more evenly: with `v`, the standard deviation of a share is about
    /// `1/sqrt(v)` of the mean.
    pub fn with(hash: H, virtual_nodes: u32) -> Self {
        let points = Points::default();
        let inner = Inner { hash, virtual_nodes, members: Vec::new(), live: 0, points };
        Self { inner: Arc::new(inner) }
    }

    /// The hash.
    pub fn hash(&self) -> &H {
        &self.inner.hash
    }

    /// The virtual nodes for each unit of weight.
    pub fn virtual_nodes(&self) -> u32 {
        self.inner.virtual_nodes
    }

    /// The members, in the order of their names' bytes.
    pub fn members(&self) -> &[Member<N>] {
        &self.inner.members
    }

    /// The members that own something: those with points.
    pub fn live(&self) -> usize {
        self.inner.live
    }

    /// The points in the order of the ring: place, owner, and which of its virtual nodes it is.
    pub fn points(&self) -> impl ExactSizeIterator<Item = (u64, &N, u32)> + '_ {
        let points = self.inner.points.sorted().iter();
        points.map(|point| (point.hash, self.name(point.node), point.replica))
    }

    /// The node that owns a key; `None` if no member has points.
    #[inline]
    pub fn node(&self, key: impl AsRef<[u8]>) -> Option<&N> {
        self.node_at(self.inner.hash.hash(key.as_ref()))
    }

    /// The node that owns a place of the circle; `None` if no member has points.
    #[inline]
    pub fn node_at(&self, hash: u64) -> Option<&N> {
        Some(self.name(self.inner.points.successor(hash)?.node))
    }

    /// The distinct nodes that follow a key, its owner first: where `n` replicas belong, in the
    /// order of preference, is `replicas(key).take(n)` (Dynamo, section 4.3). All nodes with points
    /// come in the end, each once.
    pub fn replicas(&self, key: impl AsRef<[u8]>) -> Replicas<'_, N> {
        self.replicas_at(self.inner.hash.hash(key.as_ref()))
    }

    /// The same from a place of the circle.
    pub fn replicas_at(&self, hash: u64) -> Replicas<'_, N> {
        let inner = &*self.inner;
        Replicas::new(&inner.members, inner.points.from(hash), inner.live)
    }

    pub(super) fn sorted(&self) -> &[Point] {
        self.inner.points.sorted()
    }

    #[inline]
    pub(super) fn name(&self, node: u32) -> &N {
        &self.inner.members[node as usize].name
    }
}

impl<N: AsRef<[u8]> + Clone> HashRing<N> {
    /// The ring of these nodes, each of weight 1 with [`VIRTUAL_NODES`](Self::VIRTUAL_NODES)
    /// virtual nodes. Equal names are one node.
    ///
    /// # Errors
    /// When there would be too many points.
    pub fn of(nodes: impl IntoIterator<Item = N>) -> Result<Self, TooManyPoints> {
        let mut ring = Self::default();
        ring.change(nodes.into_iter().map(|name| Change::Set(Member { name, weight: 1 })))?;
        Ok(ring)
    }
}

impl<N: AsRef<[u8]> + Clone, H: RingHash> HashRing<N, H> {
    /// The weight of a member; `None` if the node is none.
    pub fn weight(&self, name: impl AsRef<[u8]>) -> Option<u32> {
        self.member(name.as_ref()).ok().map(|place| self.inner.members[place].weight)
    }

    /// Makes a node a member with this weight, and returns the weight that it had if it was one.
    /// Keys move to the node, or, if it becomes lighter, from it, and nowhere else.
    ///
    /// # Errors
    /// When there would be too many points.
    pub fn insert(&mut self, name: N, weight: u32) -> Result<Option<u32>, TooManyPoints> {
        let before = self.weight(&name);
        self.change([Change::Set(Member { name, weight })])?;
        Ok(before)
    }

    /// Removes a node, and returns the weight that it had if it was a member. Its keys move, each
    /// to the next node that follows, and no others.
    pub fn remove(&mut self, name: impl AsRef<[u8]>) -> Option<u32> {
        let place = self.member(name.as_ref()).ok()?;
        let Member { name, weight } = self.inner.members[place].clone();
        self.change([Change::Remove(name)]).expect("there are fewer points than before");
        Some(weight)
    }

    /// Makes many changes at once, which costs little more than one. What is said last of a node
    /// counts; a node that is removed and is no member is passed over.
    ///
    /// # Errors
    /// When there would be too many points; then nothing has changed.
    pub fn change(
        &mut self,
        changes: impl IntoIterator<Item = Change<N>>,
    ) -> Result<(), TooManyPoints> {
        let mut next = changed(self, changes.into_iter().collect())?;
        let fresh = core::mem::take(&mut next.fresh);
        let points = self.inner.points.merged(|point| next.kept(point), fresh);
        let (hash, virtual_nodes) = (self.inner.hash.clone(), self.inner.virtual_nodes);
        let has_points = |member: &&Member<N>| member.weight > 0 && virtual_nodes > 0;
        let live = next.members.iter().filter(has_points).count();
        let members = next.members;
        self.inner = Arc::new(Inner { hash, virtual_nodes, members, live, points });
        Ok(())
    }

    pub(super) fn member(&self, name: &[u8]) -> Result<usize, usize> {
        self.inner.members.binary_search_by(|member| member.name.as_ref().cmp(name))
    }
}

impl<N> Default for HashRing<N> {
    /// An empty ring with the default hash and number of virtual nodes.
    fn default() -> Self {
        Self::with(WyHash::default(), Self::VIRTUAL_NODES)
    }
}

impl<N, H> Clone for HashRing<N, H> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<N: PartialEq, H: PartialEq> PartialEq for HashRing<N, H> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner) || self.inner == other.inner
    }
}

impl<N: Eq, H: Eq> Eq for HashRing<N, H> {}
