//! What can be found out about a state by itself: its image, and its edges with their labels.
//! Several threads do this for the states of a level; the search takes in what they found in the
//! order of the states, so that the number of threads changes nothing.

use std::panic::resume_unwind;
use std::thread;

use stateright::{Model, Property};

use super::edge::end_of;
use super::states::{Id, States};
use super::{AbstractAction, AbstractState, ConcreteAction, ConcreteState, Refinement};
use crate::checker::fingerprint;

/// A state that was looked at.
pub(super) struct Expansion<R: Refinement> {
    /// The abstract state that it stands for, and its fingerprint.
    pub(super) image: (AbstractState<R>, u64),
    /// Whether each property of the concrete system holds in it.
    pub(super) holds: Vec<bool>,
    /// Its edges.
    pub(super) edges: Vec<Edge<R>>,
}

/// An edge, without the state where it begins.
pub(super) struct Edge<R: Refinement> {
    pub(super) action: ConcreteAction<R>,
    pub(super) label: Vec<AbstractAction<R>>,
    /// The fingerprint of the abstract state where the steps of the label lead, if the model
    /// allows them.
    pub(super) end: Option<u64>,
    /// Where the edge leads.
    pub(super) target: Target<R>,
}

/// Where an edge leads.
pub(super) enum Target<R: Refinement> {
    /// To a state that was seen before. Most edges do, and their ends need not be kept.
    Known(Id),
    /// To a state that may be new, with its fingerprint.
    Unknown(u64, ConcreteState<R>),
    /// Over the system's own boundary, where the search does not go on.
    Outside(ConcreteState<R>),
}

/// What it takes to look at a state: the refinement, the properties of its concrete system, and
/// the states that are known.
pub(super) type Look<'a, R> = (&'a R, &'a [Property<<R as Refinement>::Concrete>], &'a States);

/// Looks at a state.
fn expand<R: Refinement>(
    (refinement, properties, known): Look<'_, R>,
    state: &ConcreteState<R>,
) -> Expansion<R> {
    let concrete = refinement.concrete();
    let image = refinement.map(state);
    let mut actions = Vec::new();
    concrete.actions(state, &mut actions);
    // Most actions lead nowhere, so that room for all of them would be wasted.
    let mut edges = Vec::new();
    for action in actions {
        let Some((after, label)) = refinement.edge(state, &action) else { continue };
        if label.is_empty() && after == *state {
            // Nothing happens: a step that TLA+ does not tell from no step.
            continue;
        }
        let end = end_of(refinement.specification(), &image, &label);
        let end = end.map(|end| fingerprint(&end));
        let place = fingerprint(&after);
        let target = match known.id(place) {
            Some(id) => Target::Known(id),
            None if concrete.within_boundary(&after) => Target::Unknown(place, after),
            None => Target::Outside(after),
        };
        edges.push(Edge { action, label, end, target });
    }
    let holds = properties.iter().map(|property| (property.condition)(concrete, state)).collect();
    let fingerprint = fingerprint(&image);
    Expansion { image: (image, fingerprint), holds, edges }
}

/// Looks at several states, on so many threads.
pub(super) fn expand_all<R: Refinement>(
    look: Look<'_, R>,
    states: &[(Id, ConcreteState<R>)],
    threads: usize,
) -> Vec<Expansion<R>> {
    let all = |share: &[(Id, ConcreteState<R>)]| {
        share.iter().map(|(_, state)| expand(look, state)).collect::<Vec<_>>()
    };
    let share = states.len().div_ceil(threads.max(1)).max(1);
    let mut shares = states.chunks(share);
    let own = shares.next().unwrap_or_default();
    thread::scope(|scope| {
        let others: Vec<_> = shares.map(|share| scope.spawn(move || all(share))).collect();
        let mut found = all(own);
        for other in others {
            found.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        found
    })
}
