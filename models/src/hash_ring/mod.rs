//! Consistent hashing: the ring (`hash-ring`), and the ring with bounded loads (`bounded-load`).
//!
//! The implementation beside them is described in `impls/src/hash_ring/README.md`.

pub mod bounded_load;
mod law;
pub mod ring;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::common::ParameterError;

/// A virtual node: a point of a node on the circle. Points are ordered by slot, then node, then
/// replica: at one slot, the order of the names decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Point {
    /// Where it is.
    pub slot: u64,
    /// Whose it is.
    pub node: u8,
    /// Which of the node's points.
    pub replica: u8,
}

/// Slots in the order of what they are the slots of.
pub type Slots = SmallVec<[u64; 6]>;

/// The distinct nodes that follow a slot, nearest first (Dynamo, section 4.3).
pub fn preference(ring: &[Point], slot: u64) -> impl Iterator<Item = u8> + '_ {
    let first = ring.iter().position(|point| point.slot >= slot).unwrap_or(0);
    let (before, after) = ring.split_at(first);
    let mut seen = SmallVec::<[u8; 8]>::new();
    after.iter().chain(before).map(|point| point.node).filter(move |node| {
        let new = !seen.contains(node);
        if new {
            seen.push(*node);
        }
        new
    })
}

/// Every assignment of one of `slots` slots to each of `count` things.
fn assignments(slots: u32, count: usize) -> impl Iterator<Item = Slots> {
    let all = u64::from(slots).pow(count as u32);
    let digit = move |number: u64, place: usize| {
        number / u64::from(slots).pow(place as u32) % u64::from(slots)
    };
    (0..all).map(move |number| (0..count).map(|place| digit(number, place)).collect())
}

/// More states than this are not worth the wait.
const MOST_STATES: f64 = 1e8;

fn not_too_many(states: f64, advice: &str) -> Result<(), ParameterError> {
    if states <= MOST_STATES {
        return Ok(());
    }
    Err(ParameterError(format!("over 10^8 states with every assignment of slots: {advice}")))
}
