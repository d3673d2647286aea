//! The reverse direction: what the model allows in the image of each state, and what the system
//! offers of it, at once or after stutters.

use std::collections::HashMap;

use bisim_models::common::Spec;

use super::edge::allowed;
use super::states::Id;
use super::stutters::Reversed;
use super::{
    AbstractAction, AbstractState, ConcreteState, Coverage, Exception, ExceptionCount,
    MOST_EXCEPTIONS, Refinement,
};
use crate::checker::ByFingerprint;

/// The images of the concrete states, each with the actions that the model allows there.
pub(super) struct Images<R: Refinement> {
    ids: HashMap<u64, u32, ByFingerprint>,
    allowed: Vec<Box<[AbstractAction<R>]>>,
}

impl<R: Refinement> Images<R> {
    pub(super) fn new() -> Self {
        Self { ids: HashMap::default(), allowed: Vec::new() }
    }

    /// The number of distinct images.
    pub(super) fn len(&self) -> usize {
        self.allowed.len()
    }

    /// The number of an image with this fingerprint.
    pub(super) fn intern(
        &mut self,
        specification: &R::Abstract,
        (image, fingerprint): &(AbstractState<R>, u64),
    ) -> u32 {
        let new = u32::try_from(self.len()).expect("there are fewer images than states");
        let id = *self.ids.entry(*fingerprint).or_insert(new);
        if id == new {
            self.allowed.push(allowed(specification, image).into());
        }
        id
    }

    /// The actions that the model allows in an image.
    pub(super) fn allowed(&self, image: u32) -> &[AbstractAction<R>] {
        &self.allowed[image as usize]
    }

    /// Whether a class of actions is allowed in some image.
    pub(super) fn ever_allow(&self, class: usize) -> bool {
        let actions = self.allowed.iter().flatten();
        actions.into_iter().any(|action| R::Abstract::class_of(action) == class)
    }
}

/// What is known of a concrete state and an action that the model allows in its image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pair {
    /// An edge of the state takes the action.
    AtOnce,
    /// The action is offered after some stutters.
    AfterStutters,
    /// It is missing, and one exception class says why.
    Excepted(u8),
    /// It is missing, and several exception classes say why.
    Ambiguous,
    /// It is missing, and nothing says why.
    Unexplained,
}

/// All pairs, in the order of the states, and in each state in the order of
/// [`Images::allowed`].
pub(super) struct Pairs<R: Refinement> {
    exceptions: Vec<Exception<R>>,
    /// The image of each state.
    images: Vec<u32>,
    /// The place in `pairs` where each state's pairs begin.
    starts: Vec<u32>,
    pairs: Vec<Pair>,
}

impl<R: Refinement> Pairs<R> {
    pub(super) fn new(exceptions: Vec<Exception<R>>) -> Self {
        assert!(exceptions.len() <= MOST_EXCEPTIONS, "fewer and wider classes say more");
        Self { exceptions, images: Vec::new(), starts: Vec::new(), pairs: Vec::new() }
    }

    /// Adds the pairs of the next state: the actions that are `allowed` in its image, and
    /// whether its edges offer them.
    pub(super) fn push(
        &mut self,
        refinement: &R,
        state: &ConcreteState<R>,
        image: u32,
        allowed: &[AbstractAction<R>],
        offered: &[bool],
    ) {
        self.images.push(image);
        self.starts.push(u32::try_from(self.pairs.len()).expect("pairs fit in 32 bits"));
        for (action, &offered) in allowed.iter().zip(offered) {
            let pair = match offered {
                true => Pair::AtOnce,
                false => self.explain(refinement, state, action),
            };
            self.pairs.push(pair);
        }
    }

    fn explain(
        &self,
        refinement: &R,
        state: &ConcreteState<R>,
        action: &AbstractAction<R>,
    ) -> Pair {
        let mut applying = self.applying(refinement, state, action);
        match (applying.next(), applying.next()) {
            (None, _) => Pair::Unexplained,
            (Some(class), None) => {
                Pair::Excepted(u8::try_from(class).expect("MOST_EXCEPTIONS is below 256"))
            }
            (Some(_), Some(_)) => Pair::Ambiguous,
        }
    }

    /// The exception classes that apply to a missing action.
    fn applying(
        &self,
        refinement: &R,
        state: &ConcreteState<R>,
        action: &AbstractAction<R>,
    ) -> impl Iterator<Item = usize> {
        let classes = self.exceptions.iter().enumerate();
        classes
            .filter(move |(_, class)| (class.applies)(refinement, state, action))
            .map(|(index, _)| index)
    }

    /// The names of the exception classes that apply to a missing action.
    pub(super) fn names_of_applying(
        &self,
        refinement: &R,
        state: &ConcreteState<R>,
        action: &AbstractAction<R>,
    ) -> Vec<&'static str> {
        let classes = self.applying(refinement, state, action);
        classes.map(|class| self.exceptions[class].name).collect()
    }

    /// The places of a state's pairs.
    fn places(&self, id: Id) -> std::ops::Range<usize> {
        let start = |id: usize| self.starts.get(id).map_or(self.pairs.len(), |&s| s as usize);
        start(id as usize)..start(id as usize + 1)
    }

    /// Carries what is offered back along the stutters, whose ends share an image.
    pub(super) fn spread(&mut self, reversed: &Reversed) {
        let states = u32::try_from(self.starts.len()).expect("states are numbered in 32 bits");
        let mut changed: Vec<Id> = (0..states).collect();
        while let Some(target) = changed.pop() {
            for &source in reversed.sources(target) {
                if self.images[source as usize] == self.images[target as usize]
                    && self.offer_from(target, source)
                {
                    changed.push(source);
                }
            }
        }
    }

    /// Whether `source` offers more now that it is known to reach `target` by a stutter.
    fn offer_from(&mut self, target: Id, source: Id) -> bool {
        let offers = |pair: Pair| matches!(pair, Pair::AtOnce | Pair::AfterStutters);
        let mut more = false;
        for (there, here) in self.places(target).zip(self.places(source)) {
            if offers(self.pairs[there]) && !offers(self.pairs[here]) {
                self.pairs[here] = Pair::AfterStutters;
                more = true;
            }
        }
        more
    }

    /// Counts the pairs.
    pub(super) fn count(&self) -> Coverage {
        let class = |class: &Exception<R>| ExceptionCount {
            name: class.name,
            reason: class.reason,
            pairs: 0,
        };
        let mut coverage = Coverage {
            pairs: self.pairs.len() as u64,
            excepted: self.exceptions.iter().map(class).collect(),
            ..Coverage::default()
        };
        for pair in &self.pairs {
            match *pair {
                Pair::AtOnce => coverage.at_once += 1,
                Pair::AfterStutters => coverage.after_stutters += 1,
                Pair::Excepted(class) => coverage.excepted[usize::from(class)].pairs += 1,
                Pair::Ambiguous => coverage.ambiguous += 1,
                Pair::Unexplained => coverage.unexplained += 1,
            }
        }
        coverage
    }

    /// The first missing pair without an explanation, or with several: the state, its image, the
    /// place of the action among those allowed, and the pair.
    pub(super) fn first_gap(&self) -> Option<(Id, u32, usize, Pair)> {
        let gap = |pair: &Pair| matches!(pair, Pair::Ambiguous | Pair::Unexplained);
        let place = self.pairs.iter().position(gap)?;
        let state = self.starts.partition_point(|&start| start as usize <= place) - 1;
        let id = Id::try_from(state).expect("states are numbered in 32 bits");
        Some((id, self.images[state], place - self.starts[state] as usize, self.pairs[place]))
    }
}
