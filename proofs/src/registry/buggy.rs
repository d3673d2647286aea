//! A model with one action changed: how a bug is seeded while the model itself stays clean.

use std::borrow::Borrow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use stateright::{Model, Property};

use bisim_models::common::{Disabled, LiveLaw, Spec, StepLaw};

use crate::checker::Classes;

/// A bug of a model: what it changes, as functions over the unchanged model.
pub struct ModelBug<S: Spec> {
    /// The bug's slug, `folder/what-is-wrong`.
    pub slug: &'static str,
    /// The changed step. `None`: this action is as the model has it. The number is memory of the
    /// bug's own, 0 at first, for what a wrong algorithm remembers and a right one does not.
    #[expect(clippy::type_complexity, reason = "the signature of one function, named once")]
    pub step: fn(&S, &S::State, &S::Action, u64) -> Option<Result<(S::State, u64), Disabled>>,
    /// Pushes actions that the unchanged model does not propose in this state.
    pub candidates: fn(&S, &S::State, u64, &mut Vec<S::Action>),
}

/// The bug of a model that changes steps alone: it remembers nothing, and proposes no actions of
/// its own. Its step is a function of the model, a state and an action, which answers `None`
/// where the model is right.
macro_rules! model_bug {
    ($slug:literal, $step:path) => {
        $crate::registry::ModelBug {
            slug: $slug,
            step: |model, state, action, memory| {
                let step = $step(model, state, action);
                step.map(|result| result.map(|next| (next, memory)))
            },
            candidates: |_, _, _, _| {},
        }
    };
}

pub(crate) use model_bug;

impl<S: Spec> Clone for ModelBug<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Spec> Copy for ModelBug<S> {}

/// The state of a model with a bug.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BuggyState<T> {
    /// The model's own state.
    #[serde(flatten)]
    pub state: T,
    /// The bug's memory.
    #[serde(rename = "memory_of_bug", skip_serializing_if = "is_zero", default)]
    pub memory: u64,
}

/// The model's own state, for what looks at a model with or without a bug.
impl<T> Borrow<T> for BuggyState<T> {
    fn borrow(&self) -> &T {
        &self.state
    }
}

fn is_zero(memory: &u64) -> bool {
    *memory == 0
}

/// A model with one bug.
pub struct Buggy<S: Spec> {
    spec: S,
    bug: ModelBug<S>,
    laws: Vec<Property<S>>,
    steps: Vec<StepLaw<S>>,
    live: Vec<LiveLaw<S>>,
}

impl<S: Spec> Buggy<S> {
    /// The largest number of properties of a model with a bug.
    const MOST_LAWS: usize = 16;

    /// Seeds a bug.
    pub fn new(spec: S, bug: ModelBug<S>) -> Self {
        let laws = spec.properties();
        assert!(laws.len() <= Self::MOST_LAWS, "raise MOST_LAWS and extend `nth` below");
        let (steps, live) = (spec.step_laws(), spec.live_laws());
        Self { spec, bug, laws, steps, live }
    }

    /// The same with one property alone.
    ///
    /// # Panics
    /// If the model has no such property.
    #[must_use]
    pub fn judged_by(mut self, property: &str) -> Self {
        self.laws.retain(|law| law.name == property);
        self.steps.retain(|law| law.name == property);
        self.live.retain(|law| law.name == property);
        let left = self.laws.len() + self.steps.len() + self.live.len();
        assert_eq!(left, 1, "{} has one property {property}", S::NAME);
        self
    }

    /// The unchanged model.
    pub fn spec(&self) -> &S {
        &self.spec
    }

    /// The classes of actions, the properties of steps and the liveness: the model's own.
    pub fn classes(&self) -> Classes<Self> {
        let names = S::ACTIONS.iter().map(|class| class.name).collect();
        let classes = Classes::new(names, S::class_of);
        classes.with_steps(self.step_laws()).with_liveness(self.live_laws())
    }

    /// The liveness properties.
    pub fn live_laws(&self) -> Vec<LiveLaw<Self>> {
        let laws = self.live.iter();
        laws.map(|law| law.lifted(|model: &Self| &model.spec, |state| &state.state)).collect()
    }

    /// The properties of steps.
    pub fn step_laws(&self) -> Vec<StepLaw<Self>> {
        let laws = self.steps.iter().cloned();
        let laws = laws.map(|StepLaw { name, source, expectation, condition }| StepLaw {
            name,
            source,
            expectation,
            condition: Arc::new(
                move |model: &Self, state: &BuggyState<_>, action: &_, next: &BuggyState<_>| {
                    condition(&model.spec, &state.state, action, &next.state)
                },
            ),
        });
        laws.collect()
    }
}

/// Property `N` of the model. Stateright's conditions are plain functions, so that the index has
/// to be part of the type.
fn nth<S: Spec, const N: usize>(model: &Buggy<S>, state: &BuggyState<S::State>) -> bool {
    (model.laws[N].condition)(&model.spec, &state.state)
}

impl<S: Spec> Model for Buggy<S> {
    type State = BuggyState<S::State>;
    type Action = S::Action;

    fn init_states(&self) -> Vec<Self::State> {
        let initial = self.spec.init_states().into_iter();
        initial.map(|state| BuggyState { state, memory: 0 }).collect()
    }

    fn actions(&self, state: &Self::State, actions: &mut Vec<Self::Action>) {
        self.spec.candidates(&state.state, actions);
        (self.bug.candidates)(&self.spec, &state.state, state.memory, actions);
    }

    fn next_state(&self, last: &Self::State, action: Self::Action) -> Option<Self::State> {
        match (self.bug.step)(&self.spec, &last.state, &action, last.memory) {
            Some(changed) => changed.ok().map(|(state, memory)| BuggyState { state, memory }),
            None => {
                let state = self.spec.step(&last.state, &action).ok()?;
                Some(BuggyState { state, memory: last.memory })
            }
        }
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let conditions: [fn(&Self, &Self::State) -> bool; 16] = [
            nth::<S, 0>,
            nth::<S, 1>,
            nth::<S, 2>,
            nth::<S, 3>,
            nth::<S, 4>,
            nth::<S, 5>,
            nth::<S, 6>,
            nth::<S, 7>,
            nth::<S, 8>,
            nth::<S, 9>,
            nth::<S, 10>,
            nth::<S, 11>,
            nth::<S, 12>,
            nth::<S, 13>,
            nth::<S, 14>,
            nth::<S, 15>,
        ];
        let laws = self.laws.iter().zip(conditions);
        laws.map(|(law, condition)| Property {
            expectation: law.expectation.clone(),
            name: law.name,
            condition,
        })
        .collect()
    }

    fn within_boundary(&self, state: &Self::State) -> bool {
        self.spec.within(&state.state)
    }
}
