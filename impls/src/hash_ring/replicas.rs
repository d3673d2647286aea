//! The distinct nodes that follow a key.

use alloc::collections::BTreeSet;

use super::Member;
use super::points::Point;

/// The distinct nodes that follow a key, nearest first; made by
/// [`HashRing::replicas`](super::HashRing::replicas).
#[derive(Clone, Debug)]
pub struct Replicas<'a, N> {
    members: &'a [Member<N>],
    points: core::iter::Chain<core::slice::Iter<'a, Point>, core::slice::Iter<'a, Point>>,
    /// The nodes that were given out.
    seen: BTreeSet<u32>,
    live: usize,
}

impl<'a, N> Replicas<'a, N> {
    pub(super) fn new(
        members: &'a [Member<N>],
        (after, before): (&'a [Point], &'a [Point]),
        live: usize,
    ) -> Self {
        Self { members, points: after.iter().chain(before), seen: BTreeSet::new(), live }
    }
}

impl<'a, N> Iterator for Replicas<'a, N> {
    type Item = &'a N;

    fn next(&mut self) -> Option<&'a N> {
        if self.seen.len() == self.live {
            return None;
        }
        let point = self.points.find(|point| self.seen.insert(point.node))?;
        Some(&self.members[point.node as usize].name)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.live - self.seen.len();
        (left, Some(left))
    }
}

impl<N> ExactSizeIterator for Replicas<'_, N> {}
