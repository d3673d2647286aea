//! Rings as others have built them: the bugs of the implementation.

use std::collections::BTreeMap;

use bisim::hash_ring::{HashRing, RingHash, jump_hash, places};

use super::Cut;
use super::subject::{Members, Subject};

/// What is wrong with a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    Modulo,
    Overwrites,
    LastComeFirst,
    DoesNotGoRound,
    StrictlyAfter,
    OtherPointsAfterRemoval,
    JumpWithRemoval,
    ReplicasRepeatNodes,
    BiasedCast,
    SharedNumbers,
    SeedOfTheProcess,
}

use Mistake::*;

/// The bugs of the implementation, by slug.
pub(super) const MISTAKES: &[(&str, Mistake)] = &[
    ("hash_ring/key-modulo-nodes", Modulo),
    ("hash_ring/collision-overwrites", Overwrites),
    ("hash_ring/last-come-first", LastComeFirst),
    ("hash_ring/does-not-go-round", DoesNotGoRound),
    ("hash_ring/strictly-after", StrictlyAfter),
    ("hash_ring/other-points-after-removal", OtherPointsAfterRemoval),
    ("hash_ring/jump-with-removal", JumpWithRemoval),
    ("hash_ring/replicas-repeat-nodes", ReplicasRepeatNodes),
    ("hash_ring/biased-cast", BiasedCast),
    ("hash_ring/weights-share-numbers", SharedNumbers),
    ("hash_ring/seed-of-the-process", SeedOfTheProcess),
];

/// An empty ring with a bug.
pub(super) fn subject(slug: &str, hash: Cut, virtual_nodes: u32) -> Option<Box<dyn Subject>> {
    let (_, mistake) = MISTAKES.iter().find(|(known, _)| *known == slug)?;
    Some(Box::new(Mistaken::new(*mistake, hash, virtual_nodes)))
}

/// A ring with a bug: the shipped one, asked or told the wrong thing, or a list of points that is
/// kept in the wrong way.
struct Mistaken {
    mistake: Mistake,
    hash: Cut,
    virtual_nodes: u32,
    members: BTreeMap<String, u32>,
    ring: HashRing<String, Cut>,
    /// The points of those that keep their own, sorted by slot alone.
    kept: Vec<(u64, String)>,
}

impl Mistaken {
    fn new(mistake: Mistake, hash: Cut, virtual_nodes: u32) -> Self {
        let ring = HashRing::with(hash, virtual_nodes);
        let members = BTreeMap::new();
        Self { mistake, hash, virtual_nodes, members, ring, kept: Vec::new() }
    }

    fn slots(&self, name: &str, weight: u32) -> Vec<u64> {
        places(&self.hash, name.as_bytes(), 0..weight * self.virtual_nodes).collect()
    }

    /// Keeps the points of a member, each in its slot.
    fn keep(&mut self, name: &str, weight: u32) {
        for slot in self.slots(name, weight) {
            if self.mistake == Overwrites {
                self.kept.retain(|(taken, _)| *taken != slot);
            }
            let place = self.kept.partition_point(|(other, _)| *other < slot);
            self.kept.insert(place, (slot, name.to_owned()));
        }
    }

    /// Forgets the points of a member: by slot, or by name.
    fn forget(&mut self, name: &str, weight: u32) {
        let slots = self.slots(name, weight);
        let overwrites = self.mistake == Overwrites;
        self.kept.retain(|(slot, of)| if overwrites { !slots.contains(slot) } else { of != name });
    }

    /// Numbers the points of all members in one go, so that nobody's depend on the name.
    fn number(&mut self) {
        self.kept.clear();
        let mut first = 0;
        for (name, weight) in &self.members {
            let end = first + weight * self.virtual_nodes;
            let slots = places(&self.hash, b"point", first..end);
            self.kept.extend(slots.map(|slot| (slot, name.clone())));
            first = end;
        }
        self.kept.sort();
    }

    fn live(&self) -> Vec<&String> {
        self.members.iter().filter(|(_, weight)| **weight > 0).map(|(name, _)| name).collect()
    }
}

impl Subject for Mistaken {
    fn set(&mut self, name: &str, weight: u32) {
        let before = self.members.insert(name.to_owned(), weight);
        self.ring.insert(name.to_owned(), weight).expect("the ring is small");
        match self.mistake {
            Overwrites | LastComeFirst => {
                self.forget(name, before.unwrap_or(0));
                self.keep(name, weight);
            }
            SharedNumbers => self.number(),
            _ => {}
        }
    }

    fn remove(&mut self, name: &str) {
        let Some(weight) = self.members.remove(name) else { return };
        self.ring.remove(name);
        match self.mistake {
            Overwrites | LastComeFirst => self.forget(name, weight),
            SharedNumbers => self.number(),
            OtherPointsAfterRemoval => {
                self.virtual_nodes += 1;
                self.ring = HashRing::with(self.hash, self.virtual_nodes);
                for (name, weight) in &self.members {
                    self.ring.insert(name.clone(), *weight).expect("the ring is small");
                }
            }
            _ => {}
        }
    }

    fn owner(&self, key: &[u8]) -> Option<String> {
        let hash = self.hash.hash(key);
        match self.mistake {
            Modulo => {
                let live = self.live();
                let place = hash.checked_rem(live.len() as u64)?;
                Some(live[place as usize].clone())
            }
            JumpWithRemoval => {
                let live = self.live();
                Some(live[jump_hash(hash, live.len() as u32)? as usize].clone())
            }
            Overwrites | LastComeFirst | SharedNumbers => {
                let next = self.kept.iter().find(|(slot, _)| *slot >= hash);
                next.or(self.kept.first()).map(|(_, name)| name.clone())
            }
            DoesNotGoRound => {
                let next = self.ring.points().find(|(slot, ..)| *slot >= hash);
                next.map(|(_, name, _)| name.clone())
            }
            StrictlyAfter => self.ring.node_at(hash.checked_add(1).unwrap_or(0)).cloned(),
            BiasedCast => {
                // Three quarters of the circle: what is beyond comes to the first quarter again.
                let circle = 1_u128 << self.hash.bits;
                self.ring.node_at((u128::from(hash) % (circle * 3 / 4)) as u64).cloned()
            }
            OtherPointsAfterRemoval | ReplicasRepeatNodes | SeedOfTheProcess => {
                self.ring.node(key).cloned()
            }
        }
    }

    fn preference(&self, key: &[u8]) -> Vec<String> {
        if self.mistake != ReplicasRepeatNodes {
            return self.ring.replicas(key).cloned().collect();
        }
        let hash = self.hash.hash(key);
        let points: Vec<_> = self.ring.points().collect();
        let first = points.iter().position(|(slot, ..)| *slot >= hash).unwrap_or(0);
        let next = points[first..].iter().chain(&points[..first]).take(self.ring.live());
        next.map(|(_, name, _)| (*name).clone()).collect()
    }

    fn points(&self) -> Vec<(u64, String, u32)> {
        self.ring.points().map(|(slot, name, replica)| (slot, name.clone(), replica)).collect()
    }

    fn elsewhere(&self, members: &Members) -> Box<dyn Subject> {
        let mut hash = self.hash;
        if self.mistake == SeedOfTheProcess {
            hash.seed += 1;
        }
        let mut ring = Self::new(self.mistake, hash, self.virtual_nodes);
        members.iter().for_each(|(name, weight)| ring.set(name, *weight));
        Box::new(ring)
    }
}
