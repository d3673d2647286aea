//! What is claimed of a model: properties of its states and of its steps.

use std::sync::Arc;

use stateright::{Expectation, Model, Property};

/// A property of a model with the place in the paper that states it.
pub struct Law<M: Model> {
    /// The property as Stateright knows it.
    pub property: Property<M>,
    /// Where it is stated: paper and section, or specification.
    pub source: &'static str,
}

impl<M: Model> Law<M> {
    /// Holds in every reachable state.
    pub fn always(
        name: &'static str,
        source: &'static str,
        condition: fn(&M, &M::State) -> bool,
    ) -> Self {
        Self { property: Property::always(name, condition), source }
    }

    /// Holds in some reachable state; a run in which it does not is vacuous.
    pub fn sometimes(
        name: &'static str,
        source: &'static str,
        condition: fn(&M, &M::State) -> bool,
    ) -> Self {
        Self { property: Property::sometimes(name, condition), source }
    }

    /// The property's name.
    pub fn name(&self) -> &'static str {
        self.property.name
    }

    /// Whether the law is an `always` or a `sometimes`.
    pub fn expectation(&self) -> Expectation {
        self.property.expectation.clone()
    }
}

/// What a step law says of a step: the state before, the action, the state after.
pub type StepCondition<M> =
    dyn Fn(&M, &StateOf<M>, &ActionOf<M>, &StateOf<M>) -> bool + Send + Sync;

type StateOf<M> = <M as Model>::State;
type ActionOf<M> = <M as Model>::Action;

/// A property of the steps of a model: TLA+'s `[][A]_v`, and the reachability of a step. A step
/// that leaves the boundary counts, and one that changes nothing does too.
pub struct StepLaw<M: Model> {
    /// The property's name.
    pub name: &'static str,
    /// Where it is stated: paper and section, or specification.
    pub source: &'static str,
    /// `always` or `sometimes`.
    pub expectation: Expectation,
    /// What is true of every step, or of some.
    pub condition: Arc<StepCondition<M>>,
}

impl<M: Model> Clone for StepLaw<M> {
    fn clone(&self) -> Self {
        let Self { name, source, ref expectation, ref condition } = *self;
        Self { name, source, expectation: expectation.clone(), condition: Arc::clone(condition) }
    }
}

impl<M: Model<State: 'static, Action: 'static> + 'static> StepLaw<M> {
    /// Holds of every step.
    pub fn always(
        name: &'static str,
        source: &'static str,
        condition: fn(&M, &M::State, &M::Action, &M::State) -> bool,
    ) -> Self {
        Self { name, source, expectation: Expectation::Always, condition: Arc::new(condition) }
    }

    /// Holds of some step; a run in which it does not is vacuous.
    pub fn sometimes(
        name: &'static str,
        source: &'static str,
        condition: fn(&M, &M::State, &M::Action, &M::State) -> bool,
    ) -> Self {
        Self { name, source, expectation: Expectation::Sometimes, condition: Arc::new(condition) }
    }
}

impl<M: Model> StepLaw<M> {
    /// Whether a step shows that an `always` is violated, or that a `sometimes` is reached.
    pub fn is_told_by(
        &self,
        model: &M,
        state: &M::State,
        action: &M::Action,
        next: &M::State,
    ) -> bool {
        let holds = (self.condition)(model, state, action, next);
        holds == (self.expectation == Expectation::Sometimes)
    }
}
