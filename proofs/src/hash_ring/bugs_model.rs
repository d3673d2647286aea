//! The known bugs of hash rings, seeded in the models.

use bisim::hash_ring::jump_hash;
use bisim_models::common::{Disabled, Spec};
use bisim_models::hash_ring::bounded_load::{self, BoundedLoad, Placement, load};
use bisim_models::hash_ring::ring::{Action, HashRing, State, owner};
use bisim_models::hash_ring::{Point, preference};

use crate::registry::{ModelBug, model_bug};

type Changed<S> = Option<Result<S, Disabled>>;

/// A ring that is no ring: for every key a point of the node that some function chooses among the
/// members, which are numbered anew after every change.
fn table(model: &HashRing, state: &State, choose: fn(u64, u64) -> u64) -> State {
    let mut next = state.clone();
    let weights = (0..).zip(&state.weights);
    let members: Vec<u8> = weights.filter_map(|(node, weight)| weight.and(Some(node))).collect();
    next.ring.clear();
    if !members.is_empty() {
        next.ring.extend(model.keys().map(|slot| {
            let place = choose(slot, members.len() as u64);
            Point { slot, node: members[place as usize], replica: 0 }
        }));
    }
    next
}

/// The step with the ring replaced, for the actions that change the members.
fn replaced(
    model: &HashRing,
    state: &State,
    action: &Action,
    ring: impl Fn(&State) -> State,
) -> Changed<State> {
    match action {
        Action::LookUp { .. } | Action::PreferenceList { .. } => None,
        _ => Some(model.step(state, action).map(|next| ring(&next))),
    }
}

fn key_modulo_nodes(model: &HashRing, state: &State, action: &Action) -> Changed<State> {
    replaced(model, state, action, |next| table(model, next, |key, nodes| key % nodes))
}

/// `jump_hash` over the members in order: it may only ever lose the last one.
fn jump_with_removal(model: &HashRing, state: &State, action: &Action) -> Changed<State> {
    let jump = |key: u64, nodes: u64| {
        let bucket = jump_hash(key.wrapping_mul(0x9e37_79b9_7f4a_7c15), nodes as u32);
        bucket.expect("there are nodes").into()
    };
    replaced(model, state, action, |next| table(model, next, jump))
}

/// The points are the keys of a map: the last to come takes the slot, and who goes takes it along.
fn collision_overwrites(model: &HashRing, state: &State, action: &Action) -> Changed<State> {
    replaced(model, state, action, |next| {
        let mut next = State { ring: state.ring.clone(), ..next.clone() };
        let (Action::AddNode { node, .. }
        | Action::RemoveNode { node }
        | Action::Reweigh { node, .. }) = *action
        else {
            return next;
        };
        let had = state.weights[usize::from(node)].unwrap_or(0);
        for point in model.points(state, node, had) {
            next.ring.retain(|other| other.slot != point.slot);
        }
        let has = next.weights[usize::from(node)].unwrap_or(0);
        for point in model.points(state, node, has) {
            next.ring.retain(|other| other.slot != point.slot);
            next.ring.push(point);
        }
        next.ring.sort_unstable();
        next
    })
}

/// Points in one slot stay in the order of their coming.
fn last_come_first(model: &HashRing, state: &State, action: &Action) -> Changed<State> {
    let (Action::AddNode { node, weight } | Action::Reweigh { node, weight }) = *action else {
        return None;
    };
    replaced(model, state, action, |next| {
        let mut next = State { ring: state.ring.clone(), ..next.clone() };
        next.ring.retain(|point| point.node != node);
        for point in model.points(state, node, weight) {
            let place = next.ring.partition_point(|other| other.slot < point.slot);
            next.ring.insert(place, point);
        }
        next
    })
}

/// What is left is built anew with a point less for each heavy node.
fn other_points_after_removal(model: &HashRing, state: &State, action: &Action) -> Changed<State> {
    let Action::RemoveNode { .. } = action else { return None };
    replaced(model, state, action, |next| {
        let mut next = next.clone();
        next.ring.retain(|point| point.replica == 0);
        next
    })
}

/// The points of all members are numbered in one go: one member's weight shifts the others'.
fn weights_share_numbers(model: &HashRing, state: &State, action: &Action) -> Changed<State> {
    let Action::Reweigh { .. } = action else { return None };
    replaced(model, state, action, |next| {
        let mut next = next.clone();
        let defined = model.defined(&next);
        let mut numbered: Vec<_> =
            defined.iter().map(|point| (point.node, point.replica)).collect();
        numbered.sort_unstable();
        let slots = numbered.iter().zip(&state.slots);
        next.ring = slots.map(|(&(node, replica), &slot)| Point { slot, node, replica }).collect();
        next.ring.sort_unstable();
        next
    })
}

/// A look-up that finds another owner: only that answer is given.
fn answers(state: &State, action: &Action, wrong: fn(&State, u64) -> Option<u8>) -> Changed<State> {
    let Action::LookUp { key, node } = *action else { return None };
    let right = node == wrong(state, key);
    Some(if right { Ok(state.clone()) } else { Err(Disabled("it finds another node")) })
}

/// Nothing is at or after a key behind the last point.
fn no_wrap(state: &State, key: u64) -> Option<u8> {
    let next = state.ring.iter().find(|point| point.slot >= key);
    next.map(|point| point.node)
}

/// A key at a point belongs to the next one.
fn strictly_after(state: &State, key: u64) -> Option<u8> {
    owner(&state.ring, key + 1)
}

const DOES_NOT_GO_ROUND: ModelBug<HashRing> = ModelBug {
    slug: "hash_ring/does-not-go-round",
    step: |_, state, action, memory| {
        let step = answers(state, action, no_wrap);
        step.map(|result| result.map(|next| (next, memory)))
    },
    candidates: |model, state, _, actions| {
        actions.extend(model.keys().map(|key| Action::LookUp { key, node: no_wrap(state, key) }));
    },
};

const STRICTLY_AFTER: ModelBug<HashRing> = ModelBug {
    slug: "hash_ring/strictly-after",
    step: |_, state, action, memory| {
        let step = answers(state, action, strictly_after);
        step.map(|result| result.map(|next| (next, memory)))
    },
    candidates: |model, state, _, actions| {
        let wrong = |key| Action::LookUp { key, node: strictly_after(state, key) };
        actions.extend(model.keys().map(wrong));
    },
};

/// The next points instead of the next nodes: as many as there are nodes.
fn repeated(state: &State, key: u64) -> Action {
    let first = state.ring.iter().position(|point| point.slot >= key).unwrap_or(0);
    let (before, after) = state.ring.split_at(first);
    let points = after.iter().chain(before).map(|point| point.node);
    let nodes = points.take(preference(&state.ring, key).count()).collect();
    Action::PreferenceList { key, nodes }
}

const REPLICAS_REPEAT_NODES: ModelBug<HashRing> = ModelBug {
    slug: "hash_ring/replicas-repeat-nodes",
    step: |_, state, action, memory| {
        let Action::PreferenceList { key, .. } = action else { return None };
        let same = *action == repeated(state, *key);
        Some(if same { Ok((state.clone(), memory)) } else { Err(Disabled("another list")) })
    },
    candidates: |model, state, _, actions| {
        actions.extend(model.keys().map(|key| repeated(state, key)));
    },
};

/// The bugs that can be seeded in the model `hash-ring`.
pub const RING_BUGS: [ModelBug<HashRing>; 9] = [
    model_bug!("hash_ring/key-modulo-nodes", key_modulo_nodes),
    model_bug!("hash_ring/collision-overwrites", collision_overwrites),
    model_bug!("hash_ring/last-come-first", last_come_first),
    DOES_NOT_GO_ROUND,
    STRICTLY_AFTER,
    model_bug!("hash_ring/other-points-after-removal", other_points_after_removal),
    model_bug!("hash_ring/jump-with-removal", jump_with_removal),
    REPLICAS_REPEAT_NODES,
    model_bug!("hash_ring/weights-share-numbers", weights_share_numbers),
];

/// The placement with another capacity, or with overflow that is not checked.
fn placement(
    model: &BoundedLoad,
    state: &bounded_load::State,
    capacity: usize,
    checked: bool,
) -> Placement {
    let mut placed: Placement = state.placed.iter().map(|_| None).collect();
    for ball in model.in_order(state) {
        let tried = model.tried(state, ball);
        let room = |bin: &&u8| load(&placed, **bin) < capacity;
        let bin = match tried.first() {
            Some(first) if !checked && load(&placed, *first) >= capacity => tried.get(1),
            _ => tried.iter().find(room),
        };
        placed[usize::from(ball)] = bin.copied();
    }
    placed
}

/// A removed bin's balls stay in the total: they are counted twice when they are placed again.
const TOTAL_NOT_REDUCED: ModelBug<BoundedLoad> = ModelBug {
    slug: "hash_ring/total-not-reduced",
    step: |model, state, action, stale| {
        let mut stale = stale;
        if let bounded_load::Action::RemoveBin(bin) = *action {
            stale += load(&state.placed, bin) as u64;
        }
        let next = model.step(state, action).map(|mut next| {
            let total = next.balls.len() + stale as usize;
            next.placed = placement(model, &next, model.capacity(total, next.bins.len()), true);
            (next, stale)
        });
        Some(next)
    },
    candidates: |_, _, _, _| {},
};

fn forwarded_unchecked(
    model: &BoundedLoad,
    state: &bounded_load::State,
    action: &bounded_load::Action,
) -> Changed<bounded_load::State> {
    Some(model.step(state, action).map(|mut next| {
        next.placed = placement(model, &next, model.capacity_in(&next), false);
        next
    }))
}

fn removal_leaves_hole(
    model: &BoundedLoad,
    state: &bounded_load::State,
    action: &bounded_load::Action,
) -> Changed<bounded_load::State> {
    let bounded_load::Action::Remove(ball) = *action else { return None };
    Some(model.step(state, action).map(|mut next| {
        next.placed = state.placed.clone();
        next.placed[usize::from(ball)] = None;
        next
    }))
}

/// The bugs that can be seeded in the model `bounded-load`.
pub const BOUNDED_BUGS: [ModelBug<BoundedLoad>; 3] = [
    TOTAL_NOT_REDUCED,
    model_bug!("hash_ring/forwarded-unchecked", forwarded_unchecked),
    model_bug!("hash_ring/removal-leaves-hole", removal_leaves_hole),
];
