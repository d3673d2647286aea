//! What can be found out about a state by itself: its image, and its edges with their labels.
//! Several threads do this for the states of a level; the search takes in what they found in the
//! order of the states, so that the number of threads changes nothing.

use std::panic::resume_unwind;
use std::thread;

use stateright::{Model, Property};

use super::edge::end_of;
use super::states::Id;
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
    pub(super) after: ConcreteState<R>,
    pub(super) fingerprint: u64,
    pub(super) label: Vec<AbstractAction<R>>,
    /// The fingerprint of the abstract state where the steps of the label lead, if the model
    /// allows them.
    pub(super) end: Option<u64>,
    /// Whether the system's own boundary lets the search go on from the edge's end.
    pub(super) within: bool,
}

/// Looks at a state.
fn expand<R: Refinement>(
    refinement: &R,
    properties: &[Property<R::Concrete>],
    state: &ConcreteState<R>,
) -> Expansion<R> {
    let concrete = refinement.concrete();
    let image = refinement.map(state);
    let mut actions = Vec::new();
    concrete.actions(state, &mut actions);
    let mut edges = Vec::with_capacity(actions.len());
    for action in actions {
        let Some((after, label)) = refinement.edge(state, &action) else { continue };
        if label.is_empty() && after == *state {
            // Nothing happens: a step that TLA+ does not tell from no step.
            continue;
        }
        let end = end_of(refinement.specification(), &image, &label);
        edges.push(Edge {
            fingerprint: fingerprint(&after),
            end: end.map(|end| fingerprint(&end)),
            within: concrete.within_boundary(&after),
            action,
            after,
            label,
        });
    }
    let holds = properties.iter().map(|property| (property.condition)(concrete, state)).collect();
    let fingerprint = fingerprint(&image);
    Expansion { image: (image, fingerprint), holds, edges }
}

/// Looks at several states, on so many threads.
pub(super) fn expand_all<R: Refinement>(
    refinement: &R,
    properties: &[Property<R::Concrete>],
    states: &[(Id, ConcreteState<R>)],
    threads: usize,
) -> Vec<Expansion<R>> {
    let share = states.len().div_ceil(threads.max(1)).max(1);
    let look = |share: &[(Id, ConcreteState<R>)]| {
        share.iter().map(|(_, state)| expand(refinement, properties, state)).collect::<Vec<_>>()
    };
    if share >= states.len() {
        return look(states);
    }
    thread::scope(|scope| {
        let threads = states.chunks(share).map(|share| scope.spawn(move || look(share)));
        let threads: Vec<_> = threads.collect();
        let found = threads.into_iter().map(|thread| thread.join());
        found.flat_map(|found| found.unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}
