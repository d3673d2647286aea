//! Points on the circle, sorted, with an index that finds the next one in a step or two.

use alloc::vec;
use alloc::vec::Vec;

/// A virtual node: a place on the circle, and whose it is. Points are ordered by place, then
/// node, then replica, so that points at one place have an order that depends on nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Point {
    /// The place on the circle.
    pub(super) hash: u64,
    /// The node, by its place among the members.
    pub(super) node: u32,
    /// Which of the node's virtual nodes.
    pub(super) replica: u32,
}

/// Sorted points. The circle is cut into about as many equal arcs as there are points, and the
/// index knows the first point of each: since hashes are spread evenly, few points are in an arc.
/// With hashes that are not, a look-up searches the arc by halves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Points {
    /// The points, and behind them [`AHEAD`] times the first one as if it were at the end of the
    /// circle: a look-up goes round without a branch.
    sorted: Vec<Point>,
    /// For each arc the number of points before it, and in the end the number of all.
    starts: Vec<u32>,
    /// How far a hash is shifted to give its arc.
    shift: u32,
}

/// A look-up compares with so many points at once. Hardly ever are more in an arc.
const AHEAD: usize = 4;

impl Points {
    /// The points in any order.
    pub(super) fn of(points: Vec<Point>) -> Self {
        if points.is_empty() {
            return Self::default();
        }
        let shift = shift_for(points.len());
        let mut starts = starts(&points, shift);
        let mut sorted = Vec::with_capacity(points.len() + AHEAD);
        sorted.resize(points.len(), Point::default());
        for point in points {
            let place = &mut starts[(point.hash >> shift) as usize];
            sorted[*place as usize] = point;
            *place += 1;
        }
        // Each arc's start has become its end, which is the start of the next.
        let arcs = starts.len() - 1;
        starts.copy_within(..arcs, 1);
        starts[0] = 0;
        for arc in starts.windows(2) {
            let arc = arc[0] as usize..arc[1] as usize;
            if arc.len() > 1 {
                sorted[arc].sort_unstable();
            }
        }
        Self { sorted, starts, shift }.closed()
    }

    /// These points, renumbered or left out, together with others. `keep` must not change the
    /// order of those that it keeps.
    pub(super) fn merged(
        &self,
        keep: impl Fn(&Point) -> Option<Point>,
        others: Vec<Point>,
    ) -> Self {
        let others = Self::of(others);
        if self.sorted().is_empty() {
            return others;
        }
        let mut others = others.sorted().iter().copied().peekable();
        let mut sorted = Vec::with_capacity(self.sorted.len() + others.len());
        for kept in self.sorted().iter().filter_map(keep) {
            while let Some(other) = others.next_if(|other| *other < kept) {
                sorted.push(other);
            }
            sorted.push(kept);
        }
        sorted.extend(others);
        if sorted.is_empty() {
            return Self::default();
        }
        let shift = shift_for(sorted.len());
        Self { starts: starts(&sorted, shift), sorted, shift }.closed()
    }

    /// The first point at or after a hash, going round at the end; `None` if there are no points.
    #[inline]
    pub(super) fn successor(&self, hash: u64) -> Option<&Point> {
        self.sorted.get(self.first_from(hash)?)
    }

    /// The points in their order, beginning with the successor of a hash.
    pub(super) fn from(&self, hash: u64) -> (&[Point], &[Point]) {
        let points = self.sorted();
        let (before, after) = points.split_at(self.first_from(hash).unwrap_or(0));
        (after, before)
    }

    /// How many points are before a hash; `None` if there are no points.
    #[inline]
    fn first_from(&self, hash: u64) -> Option<usize> {
        let arc = (hash >> self.shift) as usize;
        let start = *self.starts.get(arc)? as usize;
        let ahead: &[Point; AHEAD] = self.sorted.get(start..)?.first_chunk()?;
        // What is behind the arc is not before the hash: it may be counted along.
        let before = ahead.iter().map(|point| usize::from(point.hash < hash)).sum::<usize>();
        if before < AHEAD {
            return Some(start + before);
        }
        let arc = &self.sorted[start..self.starts[arc + 1] as usize];
        Some(start + arc.partition_point(|point| point.hash < hash))
    }

    /// The points, in their order.
    #[inline]
    pub(super) fn sorted(&self) -> &[Point] {
        &self.sorted[..self.sorted.len().saturating_sub(AHEAD)]
    }

    /// The same with the first point behind the last ones.
    fn closed(mut self) -> Self {
        if let Some(&first) = self.sorted.first() {
            self.sorted.extend([Point { hash: u64::MAX, ..first }; AHEAD]);
        }
        self
    }
}

/// The shift that makes one to two arcs a point.
fn shift_for(points: usize) -> u32 {
    points.leading_zeros().min(63) + (u64::BITS - usize::BITS)
}

fn starts(points: &[Point], shift: u32) -> Vec<u32> {
    let arcs = 1 << (u64::BITS - shift);
    let mut starts = vec![0; arcs + 1];
    for point in points {
        starts[(point.hash >> shift) as usize + 1] += 1;
    }
    for arc in 0..arcs {
        starts[arc + 1] += starts[arc];
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::{Point, Points};

    fn at(hashes: &[u64]) -> Vec<Point> {
        (0..).zip(hashes).map(|(node, &hash)| Point { hash, node, replica: 0 }).collect()
    }

    #[test]
    fn the_successor_is_the_first_point_at_or_after_the_hash() {
        let crowd: Vec<u64> = (0..100).map(|i| i / 3 * 7).collect();
        let cases: [&[u64]; 5] =
            [&[5], &[5, 5, 9], &[0, u64::MAX], &crowd, &[1 << 63, 3, u64::MAX - 1, 3, 1 << 40]];
        for hashes in cases {
            let points = Points::of(at(hashes));
            assert!(points.sorted().is_sorted());
            let near =
                hashes.iter().flat_map(|&hash| [hash.wrapping_sub(1), hash, hash.wrapping_add(1)]);
            for hash in near.chain([0, 6, u64::MAX]) {
                let first = points.sorted().iter().position(|point| point.hash >= hash);
                let expected = points.sorted()[first.unwrap_or(0)];
                let found = points.successor(hash).map(|point| (point.node, point.replica));
                assert_eq!(found, Some((expected.node, expected.replica)), "{hash}");
                assert_eq!(
                    points.from(hash).0.len(),
                    points.sorted().len() - first.unwrap_or(hashes.len())
                );
            }
        }
        assert_eq!(Points::default().successor(7), None);
        let none = Points::of(at(&[1, 2])).merged(|_| None, Vec::new());
        assert_eq!([&none, &Points::of(Vec::new())], [&Points::default(); 2]);
    }

    #[test]
    fn merging_is_building_anew() {
        let all = at(&[9, 3, 3, u64::MAX, 0, 3, 1 << 50]);
        for split in 0..=all.len() {
            let merged =
                Points::of(all[..split].to_vec()).merged(|p| Some(*p), all[split..].into());
            assert_eq!(merged, Points::of(all.clone()));
            let kept = |p: &Point| (p.node as usize >= split).then_some(*p);
            let left = Points::of(all.clone()).merged(kept, Vec::new());
            assert_eq!(left, Points::of(all[split..].to_vec()));
        }
    }
}
