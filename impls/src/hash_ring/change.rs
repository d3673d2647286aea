//! What a batch of changes makes of the members, and which points come and go.

use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::Range;

use super::points::Point;
use super::ring::{Change, HashRing, MOST_POINTS, Member, TooManyPoints};
use super::{RingHash, places};

/// The members after a change, and what becomes of the points.
pub(super) struct Changed<N> {
    /// The members, sorted by name.
    pub(super) members: Vec<Member<N>>,
    /// For each member from before: its new number, and how many of its virtual nodes it keeps.
    renumbered: Vec<(u32, u64)>,
    /// The points that are new.
    pub(super) fresh: Vec<Point>,
}

impl<N> Changed<N> {
    /// A point from before, if it stays. Numbers follow names, so that the order stays too.
    pub(super) fn kept(&self, point: &Point) -> Option<Point> {
        let (node, keeps) = self.renumbered[point.node as usize];
        (u64::from(point.replica) < keeps).then_some(Point { node, ..*point })
    }
}

/// The result of changes on a ring. A node's points are numbered from 0, and another weight adds
/// or takes away the last ones: the others stay where they are.
pub(super) fn changed<N: AsRef<[u8]> + Clone, H: RingHash>(
    ring: &HashRing<N, H>,
    changes: Vec<Change<N>>,
) -> Result<Changed<N>, TooManyPoints> {
    let each = u64::from(ring.virtual_nodes());
    let (mut members, mut renumbered, mut grown) = (Vec::new(), Vec::new(), Vec::new());
    for (old, change) in side_by_side(ring.members(), last_of_each(changes)) {
        let node = members.len() as u32;
        let before = old.map_or(0, |member| member.weight);
        let now = match (old, change) {
            (_, Some(Change::Remove(_))) => None,
            (Some(old), Some(Change::Set(new))) => {
                Some(Member { name: old.name.clone(), weight: new.weight })
            }
            (Some(old), None) => Some(old.clone()),
            (None, Some(Change::Set(new))) => Some(new),
            (None, None) => None,
        };
        let weight = now.as_ref().map_or(0, |member| member.weight);
        if old.is_some() {
            renumbered.push((node, each * u64::from(weight)));
        }
        if weight > before {
            grown.push((node, each * u64::from(before)..each * u64::from(weight)));
        }
        members.extend(now);
    }
    let weights = members.iter().map(|member: &Member<N>| u64::from(member.weight));
    let points = weights.fold(0, |sum: u64, weight| sum.saturating_add(each * weight));
    if points > MOST_POINTS {
        return Err(TooManyPoints { points });
    }
    let fresh = fresh(ring.hash(), &members, &grown);
    Ok(Changed { members, renumbered, fresh })
}

/// The new points of the members that have grown; there are not too many of them.
fn fresh<N: AsRef<[u8]>, H: RingHash>(
    hash: &H,
    members: &[Member<N>],
    grown: &[(u32, Range<u64>)],
) -> Vec<Point> {
    let count = grown.iter().map(|(_, range)| (range.end - range.start) as usize).sum();
    let mut fresh = Vec::with_capacity(count);
    for (node, Range { start, end }) in grown {
        let replicas = *start as u32..*end as u32;
        let places = places(hash, members[*node as usize].name.as_ref(), replicas.clone());
        let points = replicas.zip(places);
        fresh.extend(points.map(|(replica, hash)| Point { hash, node: *node, replica }));
    }
    fresh
}

/// The changes by name, and of several changes of one node the last.
fn last_of_each<N: AsRef<[u8]>>(mut changes: Vec<Change<N>>) -> Vec<Change<N>> {
    // A stable sort: changes of one node stay in the order in which they were made.
    changes.sort_by(|one, other| one.name().as_ref().cmp(other.name().as_ref()));
    changes.dedup_by(|later, earlier| {
        let same = later.name().as_ref() == earlier.name().as_ref();
        if same {
            core::mem::swap(later, earlier);
        }
        same
    });
    changes
}

/// Members and changes by name, and together where they are of one node.
fn side_by_side<N: AsRef<[u8]>>(
    members: &[Member<N>],
    changes: Vec<Change<N>>,
) -> impl Iterator<Item = (Option<&Member<N>>, Option<Change<N>>)> {
    let (mut members, mut changes) = (members.iter().peekable(), changes.into_iter().peekable());
    core::iter::from_fn(move || {
        let order = match (members.peek(), changes.peek()) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(member), Some(change)) => member.name.as_ref().cmp(change.name().as_ref()),
        };
        let member = if order.is_le() { members.next() } else { None };
        let change = if order.is_ge() { changes.next() } else { None };
        Some((member, change))
    })
}
