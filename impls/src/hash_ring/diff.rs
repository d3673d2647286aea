//! What moves from whom to whom between two rings.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use super::points::Point;
use super::{HashRing, RingHash};

/// Keys that have another owner in another ring.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Moved<'a, N> {
    /// The places on the circle that the hashes of these keys are at. A range never goes round:
    /// what does is two ranges.
    pub places: RangeInclusive<u64>,
    /// The owner before; `None` in an empty ring.
    pub from: Option<&'a N>,
    /// The owner after; `None` in an empty ring.
    pub to: Option<&'a N>,
}

impl<N> Moved<'_, N> {
    /// The part of the circle, from 0 to 1.
    pub fn share(&self) -> f64 {
        let width = u128::from(self.places.end() - self.places.start()) + 1;
        width as f64 / (1_u128 << 64) as f64
    }
}

impl<N: AsRef<[u8]>, H: RingHash> HashRing<N, H> {
    /// The ranges that have another owner in `next`, smallest places first, each as long as it can
    /// be. Both rings must have the same hash; they may differ in everything else.
    pub fn diff<'a>(&'a self, next: &'a Self) -> Vec<Moved<'a, N>> {
        let mut moved: Vec<Moved<'a, N>> = Vec::new();
        let (mut old, mut new) = (self.sorted(), next.sorted());
        // The first owner of the rest of the circle, which is that of its begin behind the end.
        let owner = |ring: &'a Self, rest: &[Point]| {
            let point = rest.first().or(ring.sorted().first())?;
            Some(ring.name(point.node))
        };
        let mut first = 0;
        loop {
            let (from, to) = (owner(self, old), owner(next, new));
            let end = [old, new].iter().filter_map(|rest| rest.first()).map(|p| p.hash).min();
            let last = end.unwrap_or(u64::MAX);
            if from.map(AsRef::as_ref) != to.map(AsRef::as_ref) {
                add(&mut moved, Moved { places: first..=last, from, to });
            }
            if last == u64::MAX {
                return moved;
            }
            first = last + 1;
            for rest in [&mut old, &mut new] {
                let passed = rest.iter().take_while(|point| point.hash < first).count();
                *rest = &rest[passed..];
            }
        }
    }
}

/// Adds a range, to the last one if they touch and are of the same nodes.
fn add<'a, N: AsRef<[u8]>>(moved: &mut Vec<Moved<'a, N>>, next: Moved<'a, N>) {
    let bytes = |node: Option<&'a N>| node.map(AsRef::as_ref);
    if let Some(last) = moved.last_mut()
        && last.places.end().checked_add(1) == Some(*next.places.start())
        && (bytes(last.from), bytes(last.to)) == (bytes(next.from), bytes(next.to))
    {
        last.places = *last.places.start()..=*next.places.end();
    } else {
        moved.push(next);
    }
}
