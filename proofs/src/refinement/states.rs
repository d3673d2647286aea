//! The states that were seen, by their fingerprints.

use std::collections::HashMap;
use std::hash::Hash;

use stateright::Model;

use crate::checker::{ByFingerprint, Story, fingerprint};

/// A state's number: its place in the order in which the states were found.
pub(super) type Id = u32;

/// Fingerprints and parents of all states. A state itself is kept by nobody but the frontier: a
/// path to it can be walked again.
#[derive(Debug, Default)]
pub(super) struct States {
    ids: HashMap<u64, Id, ByFingerprint>,
    fingerprints: Vec<u64>,
    /// The fingerprint of each state's image.
    images: Vec<u64>,
    /// The state from which each state was found; an initial state is its own.
    parents: Vec<Id>,
}

/// What came of looking a state up.
pub(super) enum Lookup {
    /// It was found for the first time.
    New(Id),
    /// It is known.
    Known(Id),
    /// It is unknown, and there is no room for another state.
    Full,
}

impl States {
    /// The number of states.
    pub(super) fn len(&self) -> usize {
        self.parents.len()
    }

    /// Looks a state up by its fingerprint, and adds it, with the fingerprint of its image, if
    /// there are fewer than `most` states.
    pub(super) fn insert(
        &mut self,
        fingerprint: u64,
        parent: Option<Id>,
        most: u64,
        image: impl FnOnce() -> u64,
    ) -> Lookup {
        if let Some(id) = self.id(fingerprint) {
            return Lookup::Known(id);
        }
        if self.len() as u64 >= most {
            return Lookup::Full;
        }
        let id = Id::try_from(self.len()).expect("there are fewer states than 32 bits count");
        self.ids.insert(fingerprint, id);
        self.fingerprints.push(fingerprint);
        self.images.push(image());
        self.parents.push(parent.unwrap_or(id));
        Lookup::New(id)
    }

    /// The number of a state that was seen.
    pub(super) fn id(&self, fingerprint: u64) -> Option<Id> {
        self.ids.get(&fingerprint).copied()
    }

    /// The fingerprint of a state's image.
    pub(super) fn image(&self, id: Id) -> u64 {
        self.images[id as usize]
    }

    /// The path by which a state was found: a shortest one, in a breadth-first search.
    pub(super) fn path<M: Model>(&self, model: &M, to: Id) -> Story<M::State, M::Action>
    where
        M::State: Clone + Hash,
        M::Action: Clone,
    {
        let mut ids = vec![to];
        while let Some(&id) = ids.last()
            && self.parents[id as usize] != id
        {
            ids.push(self.parents[id as usize]);
        }
        let first = ids.pop().expect("a path has a state");
        let mut initial = model.init_states().into_iter();
        let initial = initial
            .find(|state| fingerprint(state) == self.fingerprints[first as usize])
            .expect("the search began with this state");
        let mut story = Story { initial, steps: Vec::new() };
        for &id in ids.iter().rev() {
            let step = self.step(model, story.last(), id, |_, _| true);
            story.steps.push(step.expect("the search took this step"));
        }
        story
    }

    /// A step from a state to the state with this number.
    pub(super) fn step<M: Model>(
        &self,
        model: &M,
        from: &M::State,
        to: Id,
        accept: impl Fn(&M::Action, &M::State) -> bool,
    ) -> Option<(M::Action, M::State)>
    where
        M::State: Hash,
        M::Action: Clone,
    {
        let mut actions = Vec::new();
        model.actions(from, &mut actions);
        actions.into_iter().find_map(|action| {
            let next = model.next_state(from, action.clone())?;
            let found = fingerprint(&next) == self.fingerprints[to as usize];
            (found && accept(&action, &next)).then_some((action, next))
        })
    }
}
