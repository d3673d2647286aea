//! From a fingerprint back to the path that leads to it.

use std::hash::Hash;

use stateright::Model;

use super::Story;
use super::fingerprint::fingerprint;
use super::search::End;
use super::store::Parents;

/// The path to a state: the fingerprints of its ancestors are read from the workers' records, and
/// the model is run again along them.
pub(super) fn story<M>(model: &M, end: End, parents: &[&Parents]) -> Story<M::State, M::Action>
where
    M: Model<State: Clone + Hash, Action: Clone>,
{
    let mut ancestors = ancestors(end, parents).into_iter().rev();
    let first = ancestors.next().expect("the end is an ancestor of itself");
    let mut initial = model.init_states().into_iter();
    let initial = initial
        .find(|state| fingerprint(state) == first)
        .expect("the model has the same initial states as during the search");
    let mut story = Story { initial, steps: Vec::new() };
    for ancestor in ancestors {
        let mut actions = Vec::new();
        model.actions(story.last(), &mut actions);
        let step = actions.into_iter().find_map(|action| {
            let next = model.next_state(story.last(), action.clone())?;
            (fingerprint(&next) == ancestor).then_some((action, next))
        });
        story.steps.push(step.expect("the model takes the same steps as during the search"));
    }
    story
}

/// The fingerprints from the end to an initial state. Each worker's records are read once, from
/// the newest to the oldest: a parent always comes after its children.
fn ancestors(end: End, parents: &[&Parents]) -> Vec<u64> {
    let owners = parents.len() as u64;
    let mut records: Vec<_> = parents.iter().map(|part| part.newest_first()).collect();
    let mut path = vec![end.fingerprint];
    let mut at = end.fingerprint;
    for _ in 1..end.depth {
        let owner = (at % owners) as usize;
        let found = records[owner].find(|&(fingerprint, _)| fingerprint == at);
        (_, at) = found.expect("a state that was visited has a record, older than its children's");
        path.push(at);
    }
    path
}
