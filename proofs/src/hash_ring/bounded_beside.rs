//! The shipped ring with bounded loads beside the model `bounded-load`.

use std::collections::{BTreeMap, BTreeSet};

use bisim::hash_ring::{BoundedLoad, HashRing, LoadFactor, RingHash, places};
use bisim_models::common::{Disabled, Spec};
use bisim_models::hash_ring::bounded_load::{Action, BoundedLoad as Bins, Placement, State};
use proptest::prelude::{Strategy, prop_oneof};
use proptest::sample::select;

use super::Cut;
use super::beside::{Beside, Bounds, Failed, bounds, values};

/// The placement is the model's.
pub(super) const PLACED: &str = "the placement is the model's";
/// No node holds more than it may.
pub(super) const BOUND: &str = "no bin is over its capacity";

/// The most balls.
const BALLS: u8 = 12;

/// The bugs of the implementation, by slug.
pub(super) const MISTAKES: [&str; 3] = [
    "hash_ring/total-not-reduced",
    "hash_ring/forwarded-unchecked",
    "hash_ring/removal-leaves-hole",
];

/// What holds the balls.
enum Subject {
    Shipped(BoundedLoad<String, String, Cut>),
    Mistaken(Mistaken),
}

/// Bins with a bug, placed anew by definition wherever the bug leaves it at that.
struct Mistaken {
    slug: &'static str,
    ring: HashRing<String, Cut>,
    percent: usize,
    balls: BTreeSet<(u64, String)>,
    placed: BTreeMap<String, String>,
    /// Balls of bins that were removed, counted twice.
    stale: usize,
}

/// Bins and balls beside the model.
pub struct BoundedBeside {
    subject: Subject,
    model: Bins,
    state: State,
    only: Option<&'static str>,
}

fn bin_name(bin: u8) -> String {
    format!("bin {bin}")
}

fn ball_name(ball: u8) -> String {
    // Two digits: the names have the order of the numbers.
    format!("ball {ball:02}")
}

fn number(name: &str) -> Option<u8> {
    name.rsplit_once(' ')?.1.parse().ok()
}

impl Mistaken {
    fn load(&self, bin: &str) -> usize {
        self.placed.values().filter(|of| *of == bin).count()
    }

    /// Places all balls, one after the other.
    fn rebuild(&mut self) {
        self.placed.clear();
        let bins = self.ring.live();
        if bins == 0 {
            return;
        }
        let capacity = (self.percent * (self.balls.len() + self.stale)).div_ceil(100 * bins);
        for (_, ball) in &self.balls {
            let tried: Vec<_> = self.ring.replicas(ball).collect();
            let room = |bin: &&&String| self.load(bin) < capacity;
            let bin = match (self.slug, tried.iter().find(room)) {
                // Whoever the overflow falls to must take it.
                ("hash_ring/forwarded-unchecked", _) if self.load(tried[0]) >= capacity => {
                    tried[1 % tried.len()]
                }
                (_, first) => first.expect("the capacities hold all balls"),
            };
            self.placed.insert(ball.clone(), bin.clone());
        }
    }

    fn take(&mut self, action: Action) {
        match action {
            Action::AddBin(bin) => {
                self.ring.insert(bin_name(bin), 1).expect("the ring is small");
            }
            Action::RemoveBin(bin) => {
                if self.slug == "hash_ring/total-not-reduced" {
                    self.stale += self.load(&bin_name(bin));
                }
                self.ring.remove(bin_name(bin));
            }
            Action::Place(ball) => _ = self.balls.insert(self.ball(ball)),
            Action::Remove(ball) => {
                self.balls.remove(&self.ball(ball));
                if self.slug == "hash_ring/removal-leaves-hole" {
                    self.placed.remove(&ball_name(ball));
                    return;
                }
            }
        }
        self.rebuild();
    }

    fn ball(&self, ball: u8) -> (u64, String) {
        (self.ring.hash().hash(ball_name(ball).as_bytes()), ball_name(ball))
    }
}

impl Subject {
    fn take(&mut self, action: Action) {
        match (self, action) {
            (Self::Shipped(bins), Action::AddBin(bin)) => {
                bins.insert_node(bin_name(bin), 1).expect("the ring is small");
            }
            (Self::Shipped(bins), Action::RemoveBin(bin)) => _ = bins.remove_node(bin_name(bin)),
            (Self::Shipped(bins), Action::Place(ball)) => _ = bins.insert(ball_name(ball)),
            (Self::Shipped(bins), Action::Remove(ball)) => _ = bins.remove(&ball_name(ball)),
            (Self::Mistaken(bins), action) => bins.take(action),
        }
    }

    fn bin(&self, ball: u8) -> Option<u8> {
        let ball = ball_name(ball);
        let bin = match self {
            Self::Shipped(bins) => bins.node(&ball),
            Self::Mistaken(bins) => bins.placed.get(&ball),
        };
        bin.and_then(|bin| number(bin))
    }

    /// Whether the implementation's own figures of loads and capacities are right.
    fn figures(&self, model: &Bins, state: &State) -> bool {
        let Self::Shipped(bins) = self else { return true };
        state.bins.iter().all(|bin| {
            let name = bin_name(bin as u8);
            let held = state.placed.iter().filter(|of| **of == Some(bin as u8)).count();
            bins.load(&name) == held && bins.capacity(&name) == model.capacity_in(state)
        })
    }
}

impl BoundedBeside {
    fn checks(&self, check: &str) -> bool {
        self.only.is_none_or(|only| only == check)
    }

    fn compare(&self) -> Result<(), Failed> {
        let balls = 0..self.state.placed.len() as u8;
        let found: Placement = balls.map(|ball| self.subject.bin(ball)).collect();
        let capacity = self.model.capacity_in(&self.state);
        for bin in self.state.bins.iter() {
            let load = found.iter().filter(|of| **of == Some(bin as u8)).count();
            if self.checks(BOUND) && load > capacity {
                let why = format!("bin {bin} holds {load} balls, and may hold {capacity}");
                return Err(Failed { check: BOUND, why });
            }
        }
        let same = found == self.state.placed && self.subject.figures(&self.model, &self.state);
        if self.checks(PLACED) && !same {
            let why = format!("{found:?}, and in the model {:?}", self.state.placed);
            return Err(Failed { check: PLACED, why });
        }
        Ok(())
    }
}

impl Beside for BoundedBeside {
    type Spec = Bins;
    type Op = Action;

    const DRAWN: &'static str = "bins, balls and the model step together, 2 to 5 bins of 1 to 3 \
                                 points, 12 balls, factor 1 to 2, on 8 slots or 2^64";
    const CHECKS: &'static [&'static str] = &[BOUND, PLACED];

    fn bounds() -> impl Strategy<Value = Bounds> {
        let factors = select(vec![100_u32, 110, 125, 200]);
        (select(vec![3_u32, 64]), 2..=5_u32, 1..=3_u32, factors).prop_map(
            |(bits, bins, points, percent)| {
                bounds([
                    ("bins", bins),
                    ("bits", bits),
                    ("percent", percent),
                    ("virtual_nodes", points),
                ])
            },
        )
    }

    fn ops() -> impl Strategy<Value = Action> {
        prop_oneof![
            2 => (0_u8..5).prop_map(Action::AddBin),
            1 => (0_u8..5).prop_map(Action::RemoveBin),
            6 => (0..BALLS).prop_map(Action::Place),
            3 => (0..BALLS).prop_map(Action::Remove),
        ]
    }

    fn begin(bounds: &Bounds, bug: Option<&str>, only: Option<&'static str>) -> Option<Self> {
        let ranges =
            [("bits", 1..=64), ("bins", 1..=9), ("virtual_nodes", 1..=32), ("percent", 100..=1000)];
        let [bits, bins, virtual_nodes, percent] = values(bounds, ranges)?;
        let hash = Cut::to(bits);
        let ring = HashRing::with(hash, virtual_nodes);
        let factor = LoadFactor::new(f64::from(percent) / 100.0).ok()?;
        let subject = match bug {
            None => Subject::Shipped(BoundedLoad::new(ring, factor)),
            Some(slug) => {
                let slug = MISTAKES.into_iter().find(|known| *known == slug)?;
                let (balls, placed) = (BTreeSet::new(), BTreeMap::new());
                let percent = percent as usize;
                Subject::Mistaken(Mistaken { slug, ring, percent, balls, placed, stale: 0 })
            }
        };
        let bin_slots = (0..bins as u8).flat_map(|bin| {
            places(&hash, bin_name(bin).as_bytes(), 0..virtual_nodes).collect::<Vec<_>>()
        });
        let ball_slots = (0..BALLS).map(|ball| hash.hash(ball_name(ball).as_bytes()));
        let model = Bins::of(0, bins as u8, virtual_nodes as u8, BALLS, percent);
        let state = model.empty(bin_slots.collect(), ball_slots.collect());
        Some(Self { subject, model, state, only })
    }

    fn state(&self) -> &State {
        &self.state
    }

    /// An action that the model does not allow, such as adding a bin that is there, is not asked of
    /// the implementation either.
    fn take(&mut self, action: &Action) -> Result<Vec<usize>, Failed> {
        match self.model.step(&self.state, action) {
            Ok(next) => {
                self.state = next;
                self.subject.take(*action);
                self.compare()?;
                Ok(vec![Bins::class_of(action)])
            }
            Err(Disabled(_)) => Ok(Vec::new()),
        }
    }
}
