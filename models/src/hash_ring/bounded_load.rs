//! Consistent hashing with bounded loads: `bounded-load`.
//!
//! Mirrokni, Thorup and Zadimoghaddam, *Consistent Hashing with Bounded Loads*, 2018: balls and
//! bins are hashed to a circle, and a ball goes to the first bin at or after it that is not full.
//! A bin is full with `ceil(c m / n)` balls, where `m` balls are in `n` bins. Which ball has its
//! choice first is a rule of its own, here the order on the circle; then the placement is a
//! function of the two sets.
//!
//! Constants: the slots of the circle, the bins, the balls, and `c` in percent. Every assignment of
//! slots to bins and balls is an initial state.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::{Point, Slots, assignments, not_too_many, preference};
use crate::common::{
    ActionClass, Disabled, Law, Parameter, ParameterError, Params, SmallSet, Spec,
};
use crate::spec_model;

/// The bin of each ball; nothing for a ball that is in none.
pub type Placement = SmallVec<[Option<u8>; 8]>;

/// A state of the bins.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct State {
    /// The slots of the bins' points, bin by bin.
    pub bin_slots: Slots,
    /// The slots of the balls.
    pub ball_slots: Slots,
    /// The bins that are there.
    pub bins: SmallSet,
    /// The balls that are there.
    pub balls: SmallSet,
    /// Which ball is in which bin.
    pub placed: Placement,
}

/// What happens to the bins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Action {
    /// A bin is added.
    AddBin(u8),
    /// A bin is removed; its balls stay.
    RemoveBin(u8),
    /// A ball is placed.
    Place(u8),
    /// A ball is removed.
    Remove(u8),
}

/// The model `bounded-load`.
#[derive(Clone, Debug)]
pub struct BoundedLoad {
    slots: u32,
    bins: u8,
    balls: u8,
    /// The points of each bin.
    virtual_nodes: u8,
    /// `c` in percent.
    percent: u32,
}

spec_model!(BoundedLoad, State, Action);

impl BoundedLoad {
    /// So many bins with so many points each, so many balls, and `c` in percent. Any 64-bit number
    /// may be a slot; `slots` of them are assigned.
    pub fn of(slots: u32, bins: u8, virtual_nodes: u8, balls: u8, percent: u32) -> Self {
        Self { slots, bins, balls, virtual_nodes, percent }
    }

    /// The state without bins and balls, for an assignment of slots.
    pub fn empty(&self, bin_slots: Slots, ball_slots: Slots) -> State {
        let placed = (0..self.balls).map(|_| None).collect();
        let (bins, balls) = (SmallSet::EMPTY, SmallSet::EMPTY);
        State { bin_slots, ball_slots, bins, balls, placed }
    }

    /// `ceil(c m / n)`: how many balls a bin may hold.
    pub fn capacity(&self, balls: usize, bins: usize) -> usize {
        let hundredths = self.percent as usize * balls;
        if bins == 0 { 0 } else { hundredths.div_ceil(100 * bins) }
    }

    /// The capacity in a state.
    pub fn capacity_in(&self, state: &State) -> usize {
        self.capacity(state.balls.len(), state.bins.len())
    }

    /// The bins that are there, in the order in which a ball tries them.
    pub fn tried(&self, state: &State, ball: u8) -> SmallVec<[u8; 8]> {
        let each = usize::from(self.virtual_nodes);
        let points = state.bins.iter().flat_map(|bin| {
            let slots = &state.bin_slots[bin * each..][..each];
            (0..).zip(slots).map(move |(replica, &slot)| Point { slot, node: bin as u8, replica })
        });
        let mut ring: SmallVec<[Point; 8]> = points.collect();
        ring.sort_unstable();
        preference(&ring, state.ball_slots[usize::from(ball)]).collect()
    }

    /// The balls that are there, in the order in which they have their choice.
    pub fn in_order(&self, state: &State) -> SmallVec<[u8; 8]> {
        let mut balls: SmallVec<[u8; 8]> = state.balls.iter().map(|ball| ball as u8).collect();
        balls.sort_by_key(|ball| (state.ball_slots[usize::from(*ball)], *ball));
        balls
    }

    /// The placement as bins and balls define it: one ball after the other, each in the first bin
    /// with room.
    pub fn placement(&self, state: &State) -> Placement {
        let capacity = self.capacity_in(state);
        let mut placed: Placement = state.placed.iter().map(|_| None).collect();
        for ball in self.in_order(state) {
            let room = |bin: &u8| load(&placed, *bin) < capacity;
            placed[usize::from(ball)] = self.tried(state, ball).into_iter().find(room);
        }
        placed
    }

    /// The state with other bins and balls, and the placement that they define.
    fn with(&self, state: &State, bins: SmallSet, balls: SmallSet) -> State {
        let mut next = State { bins, balls, ..state.clone() };
        next.placed = self.placement(&next);
        next
    }
}

/// How many balls a bin holds.
pub fn load(placed: &Placement, bin: u8) -> usize {
    placed.iter().filter(|of| **of == Some(bin)).count()
}

impl Spec for BoundedLoad {
    const NAME: &'static str = "bounded-load";

    const PARAMETERS: &'static [Parameter] = &[
        Parameter::count("slots", "slots of the circle", (1, 64), [3, 4, 6]),
        Parameter::count("bins", "bins that come and go", (1, 6), [2, 3, 3]),
        Parameter::count("balls", "balls that come and go", (1, 8), [3, 3, 3]),
        Parameter::count("percent", "the factor c, in percent", (100, 1000), [125, 125, 125]),
    ];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("AddBin", "Mirrokni et al. 2018, section 1"),
        ActionClass::new("RemoveBin", "Mirrokni et al. 2018, section 1"),
        ActionClass::new("Place", "Mirrokni et al. 2018, section 1"),
        ActionClass::new("Remove", "Mirrokni et al. 2018, section 1"),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        let [slots, bins, balls, percent] =
            ["slots", "bins", "balls", "percent"].map(|name| params.get(name));
        let advice = "take fewer of slots, bins or balls";
        not_too_many(f64::from(2 * slots).powf(f64::from(bins + balls)), advice)?;
        Ok(Self::of(slots, bins as u8, 1, balls as u8, percent))
    }

    fn initial(&self) -> Vec<State> {
        let bins = usize::from(self.bins) * usize::from(self.virtual_nodes);
        assignments(self.slots, bins + usize::from(self.balls))
            .map(|slots| self.empty(slots[..bins].into(), slots[bins..].into()))
            .collect()
    }

    fn candidates(&self, _: &State, actions: &mut Vec<Action>) {
        actions
            .extend((0..self.bins).flat_map(|bin| [Action::AddBin(bin), Action::RemoveBin(bin)]));
        actions
            .extend((0..self.balls).flat_map(|ball| [Action::Place(ball), Action::Remove(ball)]));
    }

    fn step(&self, state: &State, action: &Action) -> Result<State, Disabled> {
        let (bins, balls) = (state.bins, state.balls);
        match *action {
            Action::AddBin(bin) if bin >= self.bins => Err(Disabled("there is no such bin")),
            Action::AddBin(bin) if bins.contains(bin.into()) => Err(Disabled("the bin is there")),
            Action::AddBin(bin) => Ok(self.with(state, bins.with(bin.into()), balls)),
            Action::RemoveBin(bin) if bins.contains(bin.into()) => {
                Ok(self.with(state, bins.without(bin.into()), balls))
            }
            Action::RemoveBin(_) => Err(Disabled("the bin is not there")),
            Action::Place(ball) if ball >= self.balls => Err(Disabled("there is no such ball")),
            Action::Place(ball) if balls.contains(ball.into()) => {
                Err(Disabled("the ball is there"))
            }
            Action::Place(ball) => Ok(self.with(state, bins, balls.with(ball.into()))),
            Action::Remove(ball) if balls.contains(ball.into()) => {
                Ok(self.with(state, bins, balls.without(ball.into())))
            }
            Action::Remove(_) => Err(Disabled("the ball is not there")),
        }
    }

    fn class_of(action: &Action) -> usize {
        match action {
            Action::AddBin(_) => 0,
            Action::RemoveBin(_) => 1,
            Action::Place(_) => 2,
            Action::Remove(_) => 3,
        }
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always(
                "no bin holds more than ceil(c m / n) balls",
                "Mirrokni et al. 2018, section 1",
                |model: &Self, state: &State| {
                    let capacity = model.capacity_in(state);
                    state.bins.iter().all(|bin| load(&state.placed, bin as u8) <= capacity)
                },
            ),
            Law::always(
                "a ball passes no bin with room",
                "Mirrokni et al. 2018, section 1",
                |model: &Self, state: &State| {
                    let capacity = model.capacity_in(state);
                    state.balls.iter().all(|ball| {
                        let tried = model.tried(state, ball as u8).into_iter();
                        let mut passed = tried.take_while(|bin| state.placed[ball] != Some(*bin));
                        passed.all(|bin| load(&state.placed, bin) >= capacity)
                    })
                },
            ),
            Law::always(
                "every ball is in a bin",
                "Mirrokni et al. 2018, section 1",
                |_, state: &State| {
                    let bin_of = |ball: usize| state.placed[ball].map(usize::from);
                    let placed = |ball| bin_of(ball).is_some_and(|bin| state.bins.contains(bin));
                    state.bins.is_empty() || state.balls.iter().all(placed)
                },
            ),
            Law::always(
                "the placement is a function of bins and balls",
                "Mirrokni et al. 2018, history independence",
                |model: &Self, state: &State| state.placed == model.placement(state),
            ),
            Law::sometimes(
                "a ball is forwarded",
                "Mirrokni et al. 2018, section 1",
                |model: &Self, state: &State| {
                    state.balls.iter().any(|ball| {
                        let first = model.tried(state, ball as u8).first().copied();
                        first.is_some() && state.placed[ball] != first
                    })
                },
            ),
        ]
    }
}
