//! What a refinement is made of: two models, a state map, labels, and named exceptions.

use bisim_models::common::{Spec, Value};
use stateright::Model;

/// The states of the system that is checked.
pub type ConcreteState<R> = <<R as Refinement>::Concrete as Model>::State;
/// The actions of the system that is checked.
pub type ConcreteAction<R> = <<R as Refinement>::Concrete as Model>::Action;
/// The states of the model that it is checked against.
pub type AbstractState<R> = <<R as Refinement>::Abstract as Model>::State;
/// The actions of the model that it is checked against.
pub type AbstractAction<R> = <<R as Refinement>::Abstract as Model>::Action;

/// Where an edge ends, and the abstract actions that it names.
pub type LabelledEnd<R> = (ConcreteState<R>, Vec<AbstractAction<R>>);

/// A claim: every step of the concrete system is a stutter of the abstract model, or the steps
/// of the abstract model that it names.
///
/// The concrete system is a model that refines another one, or an implementation wrapped as a
/// [`Model`]. The claim is checked by [`refine`](super::refine).
pub trait Refinement: Sized + Send + Sync + 'static {
    /// The system that is checked.
    type Concrete: Model<State: Value, Action: Value>;
    /// The model that it is checked against.
    type Abstract: Spec;

    /// What is claimed, in a few words: `voting refines consensus`.
    fn name(&self) -> &'static str;

    /// The system that is checked.
    fn concrete(&self) -> &Self::Concrete;

    /// The model that it is checked against, with constants that fit the system's.
    fn specification(&self) -> &Self::Abstract;

    /// The abstract state that a concrete state stands for.
    fn map(&self, state: &ConcreteState<Self>) -> AbstractState<Self>;

    /// The abstract actions, in order, that the edge from `before` by `action` to `after` takes;
    /// none for a stutter.
    ///
    /// The label comes from the edge: from the two states, the action and, for an
    /// implementation, from the steps that its effects recorded. It never looks at what the
    /// abstract model would allow, because a search finds matches that nobody meant.
    fn label(
        &self,
        before: &ConcreteState<Self>,
        action: &ConcreteAction<Self>,
        after: &ConcreteState<Self>,
    ) -> Vec<AbstractAction<Self>>;

    /// Where an action leads, and the label of that edge; `None` if the action cannot be taken.
    ///
    /// A system that learns both from one run says so here, and runs once.
    fn edge(
        &self,
        before: &ConcreteState<Self>,
        action: &ConcreteAction<Self>,
    ) -> Option<LabelledEnd<Self>> {
        let after = self.concrete().next_state(before, action.clone())?;
        let label = self.label(before, action, &after);
        Some((after, label))
    }

    /// The classes of abstract actions that the concrete system does not offer although the
    /// model allows them. None by default.
    fn exceptions(&self) -> Vec<Exception<Self>> {
        Vec::new()
    }

    /// The lanes of a story of the concrete system.
    fn lanes(&self) -> Vec<String> {
        Vec::new()
    }

    /// The lane of a concrete action: an index into [`lanes`](Refinement::lanes).
    fn lane_of(&self, _action: &ConcreteAction<Self>) -> Option<usize> {
        None
    }
}

/// A class of abstract actions that the concrete system leaves out on purpose.
pub struct Exception<R: Refinement> {
    /// The name of the class.
    pub name: &'static str,
    /// Why the concrete system may leave these actions out.
    pub reason: &'static str,
    /// Whether an abstract action, enabled in the image of this state and not offered by the
    /// concrete system, belongs to the class.
    pub applies: fn(&R, &ConcreteState<R>, &AbstractAction<R>) -> bool,
}

/// The most exception classes that a refinement may have.
pub const MOST_EXCEPTIONS: usize = 100;
