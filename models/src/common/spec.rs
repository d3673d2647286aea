//! The suite's view of a model: guard and effect in one function, actions with names.

use std::fmt::{self, Debug};
use std::hash::Hash;

use serde::Serialize;
use serde::de::DeserializeOwned;
use stateright::Model;

use super::{Draft, Law, LiveLaw, Parameter, ParameterError, Params, StepLaw};

/// What states and actions are made of: plain values with derived `Hash`, `Eq` and serde.
pub trait Value:
    Clone + Debug + Eq + Hash + Serialize + DeserializeOwned + Send + Sync + 'static
{
}

impl<T> Value for T where
    T: Clone + Debug + Eq + Hash + Serialize + DeserializeOwned + Send + Sync + 'static
{
}

/// Why an action cannot be taken: the guard that is false, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disabled(pub &'static str);

impl fmt::Display for Disabled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A kind of action: all `Phase1a(b)` are one class. Counts and vacuity are per class; to which
/// actions a behaviour is fair, a [`Fairness`](super::Fairness) says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionClass {
    /// The action's name in the published specification.
    pub name: &'static str,
    /// Where it is defined: paper and section, or specification.
    pub source: &'static str,
}

impl ActionClass {
    /// A class with its name and its source.
    pub const fn new(name: &'static str, source: &'static str) -> Self {
        Self { name, source }
    }
}

/// A model of the suite. [`spec_model!`](crate::spec_model) writes the [`Model`] from it.
///
/// A model is written to be read beside its paper: the names are the paper's, and each action is
/// one function that holds guard and effect: it returns the next state, or writes it into a draft,
/// or says which guard is false.
pub trait Spec: Model<State: Value, Action: Value> + Send + Sync + 'static {
    /// The model's name on the command line.
    const NAME: &'static str;

    /// The constants that can be set, with their range and their value in each preset.
    const PARAMETERS: &'static [Parameter];

    /// The kinds of actions, in the order that [`class_of`](Spec::class_of) counts them.
    const ACTIONS: &'static [ActionClass];

    /// The model for these constants, each of which is within its range.
    ///
    /// # Errors
    /// When a combination of values makes no sense; the error says which one would.
    fn new(params: &Params) -> Result<Self, ParameterError>;

    /// The initial states.
    fn initial(&self) -> Vec<Self::State>;

    /// Pushes every action that may be enabled in `state`; some of them may turn out disabled.
    fn candidates(&self, state: &Self::State, actions: &mut Vec<Self::Action>);

    /// The next state.
    ///
    /// # Errors
    /// The guard that is false, when `action` is not enabled in `state`.
    fn step(&self, state: &Self::State, action: &Self::Action) -> Result<Self::State, Disabled>;

    /// The same, written into a draft, which may hold the state of another step. The models that
    /// a search spends most of its time in write all their steps in this way.
    ///
    /// # Errors
    /// As [`step`](Spec::step); what the draft holds then means nothing.
    #[inline]
    fn step_into(
        &self,
        state: &Self::State,
        action: &Self::Action,
        next: &mut Draft<Self::State>,
    ) -> Result<(), Disabled> {
        next.put(self.step(state, action)?);
        Ok(())
    }

    /// The index of the action's class in [`ACTIONS`](Spec::ACTIONS).
    fn class_of(action: &Self::Action) -> usize;

    /// Whether these constants leave room for actions of a class, by its index. A class that they
    /// leave out is no part of a run: it is not missed when it is never taken.
    fn has(&self, _class: usize) -> bool {
        true
    }

    /// The properties, each with its source.
    fn laws(&self) -> Vec<Law<Self>>;

    /// The properties of steps, each with its source.
    fn step_laws(&self) -> Vec<StepLaw<Self>> {
        Vec::new()
    }

    /// The liveness properties, each with its source and its fairness. Without any, the checker
    /// does not store the graph that it decides them on.
    fn live_laws(&self) -> Vec<LiveLaw<Self>> {
        Vec::new()
    }

    /// Whether `state` is explored further. A state outside is checked against the properties
    /// but not counted, as with TLC's `CONSTRAINT`.
    fn within(&self, _state: &Self::State) -> bool {
        true
    }

    /// The lanes of a story: one name per thread, node or client.
    fn lanes(&self) -> Vec<String> {
        Vec::new()
    }

    /// The lane of an action: an index into [`lanes`](Spec::lanes).
    fn lane_of(&self, _action: &Self::Action) -> Option<usize> {
        None
    }
}

/// Writes `impl stateright::Model` for a [`Spec`]: `spec_model!(Type, State, Action)`.
#[macro_export]
macro_rules! spec_model {
    ($spec:ty, $state:ty, $action:ty) => {
        impl $crate::common::Model for $spec {
            type State = $state;
            type Action = $action;

            fn init_states(&self) -> Vec<Self::State> {
                $crate::common::Spec::initial(self)
            }

            #[inline]
            fn actions(&self, state: &Self::State, actions: &mut Vec<Self::Action>) {
                $crate::common::Spec::candidates(self, state, actions);
            }

            #[inline]
            fn next_state(&self, state: &Self::State, action: Self::Action) -> Option<$state> {
                $crate::common::Spec::step(self, state, &action).ok()
            }

            fn properties(&self) -> Vec<$crate::common::Property<Self>> {
                $crate::common::Spec::laws(self).into_iter().map(|law| law.property).collect()
            }

            #[inline]
            fn within_boundary(&self, state: &Self::State) -> bool {
                $crate::common::Spec::within(self, state)
            }
        }
    };
}
