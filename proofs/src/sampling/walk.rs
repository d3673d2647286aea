//! One run of an implementation with its model beside it.

use bisim_models::common::{Expectation, Spec};
use stateright::{Model, Property};

use crate::checker::Story;
use crate::refinement::{
    AbstractState, ConcreteAction, ConcreteState, Divergence, Failure, Refinement, check_edge,
};

/// An implementation and its model, somewhere on their way.
pub struct Walk<'r, R: Refinement> {
    refinement: &'r R,
    properties: Vec<Property<R::Concrete>>,
    state: ConcreteState<R>,
    image: AbstractState<R>,
    actions: Vec<ConcreteAction<R>>,
    /// Steps that the model took.
    pub steps: u64,
    /// The same by class of the model's actions.
    pub taken: Vec<u64>,
}

impl<'r, R: Refinement> Walk<'r, R> {
    /// At the (first) initial state.
    ///
    /// # Errors
    /// When its image is no initial state of the model.
    pub fn begin(refinement: &'r R) -> Result<Self, (Failure, String)> {
        let initial = refinement.concrete().init_states().into_iter().next();
        let state = initial.expect("a cluster has an initial state");
        let image = refinement.map(&state);
        if !refinement.specification().initial().contains(&image) {
            return Err((Failure::Initial, "the image is no initial state of the model".into()));
        }
        Ok(Self {
            refinement,
            properties: refinement.concrete().properties(),
            state,
            image,
            actions: Vec::new(),
            steps: 0,
            taken: vec![0; R::Abstract::ACTIONS.len()],
        })
    }

    /// Where the implementation is.
    pub fn state(&self) -> &ConcreteState<R> {
        &self.state
    }

    /// The actions so far that changed something.
    pub fn into_actions(self) -> Vec<ConcreteAction<R>> {
        self.actions
    }

    /// Lets an action happen to the implementation, and its label to the model. Returns whether
    /// anything changed.
    ///
    /// # Errors
    /// The check that failed, with the explanation.
    pub fn take(&mut self, action: ConcreteAction<R>) -> Result<bool, (Failure, String)> {
        let refinement = self.refinement;
        let Some((next, label)) = refinement.edge(&self.state, &action) else {
            return Ok(false);
        };
        let image = refinement.map(&next);
        self.actions.push(action);
        check_edge(refinement, &self.image, &label, &image)?;
        self.steps += label.len() as u64;
        for action in &label {
            self.taken[R::Abstract::class_of(action)] += 1;
        }
        (self.state, self.image) = (next, image);
        let violated = self.properties.iter().find(|property| {
            property.expectation == Expectation::Always
                && !(property.condition)(refinement.concrete(), &self.state)
        });
        match violated {
            None => Ok(true),
            Some(property) => {
                let why = format!("the system's own property \"{}\" is violated", property.name);
                Err((Failure::Property(property.name), why))
            }
        }
    }
}

/// The divergence that a path of actions ends in, if it does.
pub(super) fn divergence<R: Refinement>(
    refinement: &R,
    actions: &[ConcreteAction<R>],
) -> Option<Divergence<ConcreteState<R>, ConcreteAction<R>>> {
    let concrete = refinement.concrete();
    let initial = concrete.init_states().into_iter().next()?;
    let mut story = Story { initial, steps: Vec::with_capacity(actions.len()) };
    let mut walk = Walk::begin(refinement);
    for action in actions {
        let next = concrete.next_state(story.last(), action.clone())?;
        story.steps.push((action.clone(), next));
        walk = walk.and_then(|mut walk| walk.take(action.clone()).map(|_| walk));
    }
    let (failure, explanation) = walk.err()?;
    Some(Divergence { failure, explanation, story: Some(story), cycle: Vec::new() })
}

/// Leaves out of a path that fails whatever it fails without: halves first, then ever smaller
/// pieces, down to single actions.
pub(super) fn shortest<R: Refinement>(
    refinement: &R,
    actions: Vec<ConcreteAction<R>>,
) -> Vec<ConcreteAction<R>> {
    let (mut best, mut piece) = (actions, usize::MAX);
    while piece > 1 {
        piece = piece.min(best.len()).div_ceil(2);
        let mut start = 0;
        while start < best.len() {
            let mut fewer = best.clone();
            fewer.drain(start..best.len().min(start + piece));
            match failing(refinement, fewer) {
                Some(fewer) => best = fewer,
                None => start += piece,
            }
        }
    }
    best
}

/// Takes what is possible of these actions, and returns that, if it fails in the end.
fn failing<R: Refinement>(
    refinement: &R,
    actions: Vec<ConcreteAction<R>>,
) -> Option<Vec<ConcreteAction<R>>> {
    let mut walk = Walk::begin(refinement).ok()?;
    let fails = actions.into_iter().any(|action| walk.take(action).is_err());
    fails.then(|| walk.into_actions())
}
