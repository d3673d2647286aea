//! What is claimed of the model `hash-ring`.

use super::ring::{Action, HashRing, State};
use crate::common::{Law, StepLaw};

/// The properties of states.
pub(super) fn laws() -> Vec<Law<HashRing>> {
    vec![
        Law::always(
            "the ring is a function of its members",
            "Karger et al. 1997, section 4: a ranged hash function",
            |model: &HashRing, state: &State| state.ring == model.defined(state),
        ),
        Law::sometimes(
            "points of two nodes collide",
            "birthday bound; apache/pekko 3279",
            |_, state: &State| {
                state
                    .ring
                    .windows(2)
                    .any(|two| two[0].slot == two[1].slot && two[0].node != two[1].node)
            },
        ),
        Law::sometimes(
            "a key goes round",
            "Karger et al. 1997, section 4: the circle",
            |model: &HashRing, state: &State| {
                state.ring.last().is_some_and(|last| last.slot + 1 < model.keys().end)
            },
        ),
    ]
}

/// The properties of steps.
pub(super) fn step_laws() -> Vec<StepLaw<HashRing>> {
    vec![
        StepLaw::always(
            "a look-up finds the first point at or after the key",
            "Karger et al. 1997, section 4",
            |model: &HashRing, state: &State, action: &Action, _: &State| match action {
                Action::LookUp { key, node } => *node == model.defined_owner(state, *key),
                _ => true,
            },
        ),
        StepLaw::always(
            "every key has an owner",
            "Karger et al. 1997, section 4",
            |_, state: &State, action: &Action, _: &State| match action {
                Action::LookUp { node, .. } => {
                    node.is_some()
                        || state.ring.is_empty()
                            && state
                                .weights
                                .iter()
                                .all(|weight| weight.is_none_or(|weight| weight == 0))
                }
                _ => true,
            },
        ),
        StepLaw::always(
            "removal moves only the removed node's keys",
            "Karger et al. 1997, monotonicity",
            |model: &HashRing, state: &State, action: &Action, next: &State| match action {
                Action::RemoveNode { node } => {
                    model.moved(state, next, |from, _| from == Some(*node))
                }
                _ => true,
            },
        ),
        StepLaw::always(
            "addition moves keys only to the new node",
            "Karger et al. 1997, monotonicity",
            |model: &HashRing, state: &State, action: &Action, next: &State| match action {
                Action::AddNode { node, .. } => model.moved(state, next, |_, to| to == Some(*node)),
                _ => true,
            },
        ),
        StepLaw::always(
            "another weight moves keys only to or from its node",
            "Dynamo 2007, section 4.2",
            |model: &HashRing, state: &State, action: &Action, next: &State| match action {
                Action::Reweigh { node, weight } => {
                    let heavier = state.weights[usize::from(*node)] < Some(*weight);
                    model.moved(state, next, |from, to| {
                        if heavier { to == Some(*node) } else { from == Some(*node) }
                    })
                }
                _ => true,
            },
        ),
        StepLaw::always(
            "a preference list names each member once",
            "Dynamo 2007, section 4.3",
            |_, state: &State, action: &Action, _: &State| match action {
                Action::PreferenceList { nodes, .. } => {
                    let mut sorted = nodes.clone();
                    sorted.sort_unstable();
                    let members = (0..).zip(&state.weights);
                    let live = members.filter(|(_, weight)| weight.is_some_and(|w| w > 0));
                    live.map(|(node, _)| node).eq(sorted)
                }
                _ => true,
            },
        ),
    ]
}
