//! The shipped ring beside the model `hash-ring`.

use bisim::hash_ring::{HashRing, RingHash, places};
use bisim_models::common::{Model, Spec};
use bisim_models::hash_ring::Point;
use bisim_models::hash_ring::ring::{Action, HashRing as Ring, State};
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

use super::Cut;
use super::beside::{Beside, Bounds, Failed, bounds, values};
use super::mistakes;
use super::op::Op;
use super::subject::{Members, Subject};

/// The largest weight of a node.
const HEAVIEST: u8 = 3;

/// The model allows what the implementation did and answered.
pub(super) const ALLOWED: &str = "the model allows what the ring answers";
/// The implementation's points are those of the model.
pub(super) const POINTS: &str = "the points are those of the model";
/// A ring that is built of the same members in another process answers the same.
pub(super) const ELSEWHERE: &str = "another process with these members agrees";
/// No key moves between nodes that did not change.
pub(super) const MOVES: &str = "no key moves needlessly";
/// Each node has the share of the keys that it has of the circle.
pub(super) const SHARES: &str = "keys are shared out as the circle is";

/// A ring and the model beside it.
pub struct RingBeside {
    subject: Box<dyn Subject>,
    hash: Cut,
    model: Ring,
    state: State,
    only: Option<&'static str>,
}

/// The keys whose owners are compared before and after a change.
const PROBES: u16 = 64;
/// The keys that are counted for the shares.
const MEASURED: u32 = 4_000;

fn name(node: u8) -> String {
    format!("node {node}")
}

fn number(name: &str) -> Option<u8> {
    name.strip_prefix("node ")?.parse().ok()
}

impl RingBeside {
    fn checks(&self, check: &str) -> bool {
        self.only.is_none_or(|only| only == check)
    }

    /// The members, the last one first: somebody else need not know them in any order.
    fn members(&self) -> Members {
        let weights = (0..).zip(&self.state.weights);
        let members = weights.filter_map(|(node, weight)| Some((name(node), (*weight)?.into())));
        let mut members: Members = members.collect();
        members.reverse();
        members
    }

    fn owners(&self) -> Vec<Option<String>> {
        (0..PROBES).map(|key| self.subject.owner(&key.to_le_bytes())).collect()
    }

    /// Lets the model take a step, if there is one.
    fn step(&mut self, action: Action) -> Result<Vec<usize>, Failed> {
        match self.model.step(&self.state, &action) {
            Ok(next) => {
                self.state = next;
                Ok(vec![Ring::class_of(&action)])
            }
            Err(why) if self.checks(ALLOWED) => {
                Err(Failed { check: ALLOWED, why: format!("{action:?}: {why}") })
            }
            Err(_) => Ok(Vec::new()),
        }
    }

    fn set(&mut self, node: u8, weight: u8) -> Result<Vec<usize>, Failed> {
        let node = node % self.model.nodes();
        let before = self.state.weights[usize::from(node)];
        let owners = self.owners();
        self.subject.set(&name(node), weight.into());
        self.moved_only(&owners, node, before.unwrap_or(0), weight)?;
        match before {
            None => self.step(Action::AddNode { node, weight }),
            Some(before) if before == weight => Ok(Vec::new()),
            Some(_) => self.step(Action::Reweigh { node, weight }),
        }
    }

    fn remove(&mut self, node: u8) -> Result<Vec<usize>, Failed> {
        let node = node % self.model.nodes();
        let Some(before) = self.state.weights[usize::from(node)] else {
            return Ok(Vec::new());
        };
        let owners = self.owners();
        self.subject.remove(&name(node));
        self.moved_only(&owners, node, before, 0)?;
        self.step(Action::RemoveNode { node })
    }

    /// Compares the owners of the probes: what moves does so to a node that has become heavier, or
    /// from one that has become lighter.
    fn moved_only(
        &self,
        before: &[Option<String>],
        node: u8,
        was: u8,
        is: u8,
    ) -> Result<(), Failed> {
        if !self.checks(MOVES) {
            return Ok(());
        }
        let changed = Some(name(node));
        for (key, (from, to)) in before.iter().zip(self.owners()).enumerate() {
            let side = if is > was { &to } else { from };
            if *from != to && *side != changed {
                let why = format!(
                    "{changed:?} has weight {is} instead of {was}, and key {key} moves from \
                     {from:?} to {to:?}"
                );
                return Err(Failed { check: MOVES, why });
            }
        }
        Ok(())
    }

    fn look_up(&mut self, key: u16) -> Result<Vec<usize>, Failed> {
        let bytes = key.to_le_bytes();
        let node = self.subject.owner(&bytes).as_deref().and_then(number);
        self.step(Action::LookUp { key: self.hash.hash(&bytes), node })
    }

    fn preference(&mut self, key: u16) -> Result<Vec<usize>, Failed> {
        let bytes = key.to_le_bytes();
        let nodes = self.subject.preference(&bytes);
        let nodes = nodes.iter().filter_map(|name| number(name)).collect();
        self.step(Action::PreferenceList { key: self.hash.hash(&bytes), nodes })
    }

    fn elsewhere(&mut self) -> Result<Vec<usize>, Failed> {
        let other = self.subject.elsewhere(&self.members());
        if self.checks(ELSEWHERE) {
            for key in 0..PROBES {
                let bytes = key.to_le_bytes();
                let (here, there) = (self.subject.owner(&bytes), other.owner(&bytes));
                if here != there {
                    let why = format!("key {key}: {here:?} here, {there:?} there");
                    return Err(Failed { check: ELSEWHERE, why });
                }
            }
        }
        self.subject = other;
        Ok(Vec::new())
    }

    /// Counts keys, node by node. A count that is six standard deviations from its expectation is
    /// seen once in five hundred million.
    fn measure(&self) -> Result<Vec<usize>, Failed> {
        if !self.checks(SHARES) {
            return Ok(Vec::new());
        }
        let mut counts = vec![0_u32; usize::from(self.model.nodes())];
        for key in 0..MEASURED {
            let owner = self.subject.owner(&key.to_le_bytes());
            if let Some(node) = owner.as_deref().and_then(number) {
                counts[usize::from(node)] += 1;
            }
        }
        for (node, (count, share)) in counts.iter().zip(self.shares()).enumerate() {
            let expected = f64::from(MEASURED) * share;
            let deviation = (expected * (1.0 - share)).sqrt();
            if (f64::from(*count) - expected).abs() > 6.0 * deviation + 1e-6 {
                let why = format!("node {node} has {count} of {MEASURED} keys, not {expected:.0}");
                return Err(Failed { check: SHARES, why });
            }
        }
        Ok(Vec::new())
    }

    /// The part of the circle of each node, by the model.
    fn shares(&self) -> Vec<f64> {
        let mut shares = vec![0.0; usize::from(self.model.nodes())];
        let whole = (1_u128 << self.hash.bits) as f64;
        let mut first = 0_u128;
        for point in &self.state.ring {
            let end = u128::from(point.slot) + 1;
            shares[usize::from(point.node)] += end.saturating_sub(first) as f64 / whole;
            first = first.max(end);
        }
        if let Some(round) = self.state.ring.first() {
            shares[usize::from(round.node)] += (whole - first as f64) / whole;
        }
        shares
    }

    fn compare(&self) -> Result<(), Failed> {
        let found = self.subject.points().into_iter().map(|(slot, name, replica)| Point {
            slot,
            node: number(&name).expect("nodes are named so"),
            replica: replica as u8,
        });
        let found: Vec<_> = found.collect();
        if self.checks(POINTS) && found != self.state.ring.as_slice() {
            let why = format!("{found:?}, and in the model {:?}", self.state.ring);
            return Err(Failed { check: POINTS, why });
        }
        Ok(())
    }
}

impl Beside for RingBeside {
    type Spec = Ring;
    type Op = Op;

    const DRAWN: &'static str = "ring and model step together, 2 to 5 nodes of weight 0 to 3 \
                                 with 1 to 4 points for each unit, on 8 slots, 2^10 or 2^64";
    const CHECKS: &'static [&'static str] = &[ALLOWED, POINTS, ELSEWHERE, MOVES, SHARES];

    fn bounds() -> impl Strategy<Value = Bounds> {
        (select(vec![3_u32, 10, 64]), 2..=5_u32, 1..=4_u32).prop_map(|(bits, nodes, points)| {
            bounds([("bits", bits), ("nodes", nodes), ("virtual_nodes", points)])
        })
    }

    fn ops() -> impl Strategy<Value = Op> {
        let key = || any::<u16>();
        prop_oneof![
            6 => (0_u8..5, 0..=HEAVIEST).prop_map(|(node, weight)| Op::Set { node, weight }),
            3 => (0_u8..5).prop_map(|node| Op::Remove { node }),
            8 => key().prop_map(|key| Op::LookUp { key }),
            3 => key().prop_map(|key| Op::Preference { key }),
            2 => Just(Op::Elsewhere),
            1 => Just(Op::Measure),
        ]
    }

    fn begin(bounds: &Bounds, bug: Option<&str>, only: Option<&'static str>) -> Option<Self> {
        let ranges = [("bits", 1..=64), ("nodes", 1..=9), ("virtual_nodes", 1..=32)];
        let [bits, nodes, virtual_nodes] = values(bounds, ranges)?;
        let hash = Cut::to(bits);
        let subject: Box<dyn Subject> = match bug {
            None => Box::new(HashRing::with(hash, virtual_nodes)),
            Some(slug) => mistakes::subject(slug, hash, virtual_nodes)?,
        };
        let model = Ring::of(0, virtual_nodes as u8, vec![HEAVIEST; nodes as usize]);
        let replicas = 0..u32::from(HEAVIEST) * virtual_nodes;
        let slots = (0..nodes as u8).flat_map(|node| {
            places(&hash, name(node).as_bytes(), replicas.clone()).collect::<Vec<_>>()
        });
        let state = model.empty(slots.collect());
        Some(Self { subject, hash, model, state, only })
    }

    fn state(&self) -> &<Ring as Model>::State {
        &self.state
    }

    fn take(&mut self, op: &Op) -> Result<Vec<usize>, Failed> {
        let classes = match *op {
            Op::Set { node, weight } => self.set(node, weight.min(HEAVIEST)),
            Op::Remove { node } => self.remove(node),
            Op::LookUp { key } => self.look_up(key),
            Op::Preference { key } => self.preference(key),
            Op::Elsewhere => self.elsewhere(),
            Op::Measure => self.measure(),
        }?;
        self.compare()?;
        Ok(classes)
    }
}
