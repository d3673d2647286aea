//! Sets of resources and orders of clients.

use super::{Clients, State};
use crate::common::SmallSet;

/// The clients of a state, by number.
pub(super) fn clients(state: &State) -> std::ops::Range<usize> {
    0..state.unsat.len()
}

/// The set without the members of another.
pub(super) fn minus(set: SmallSet, other: SmallSet) -> SmallSet {
    set.iter().filter(|member| !other.contains(*member)).collect()
}

/// The members of both.
pub(super) fn common(set: SmallSet, other: SmallSet) -> SmallSet {
    set.iter().filter(|member| other.contains(*member)).collect()
}

/// The members of either.
pub(super) fn union(set: SmallSet, other: SmallSet) -> SmallSet {
    other.iter().fold(set, SmallSet::with)
}

/// The subsets of a set that are not empty.
pub(super) fn subsets(set: SmallSet) -> impl Iterator<Item = SmallSet> {
    let members: Vec<_> = set.iter().collect();
    (1_u32..1 << members.len()).map(move |bits| {
        let chosen = members.iter().enumerate().filter(|(place, _)| bits & 1 << place != 0);
        chosen.map(|(_, member)| *member).collect()
    })
}

/// All orders of these clients (`PermSeqs`).
pub(super) fn orders(of: SmallSet) -> Vec<Clients> {
    if of.is_empty() {
        return vec![Clients::new()];
    }
    let last = |client: usize| {
        orders(of.without(client)).into_iter().map(move |order| order.with(client as u8))
    };
    of.iter().flat_map(last).collect()
}
