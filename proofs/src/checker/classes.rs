//! What a check is told of a model beside what Stateright's trait says.

use bisim_models::common::{Draft, LiveLaw, Spec, StepLaw};
use stateright::{Expectation, Model};

/// The classes of a model's actions: what is counted, and what must not be dead. And the
/// properties of its steps, which Stateright's models have no place for.
pub struct Classes<M: Model> {
    pub(super) names: Vec<&'static str>,
    pub(super) of: fn(&M::Action) -> usize,
    pub(super) step: Step<M>,
    pub(super) steps: Vec<StepLaw<M>>,
    pub(super) live: Vec<LiveLaw<M>>,
}

/// Takes a step, and writes where it leads to; whether there is such a step.
pub(super) type Step<M> =
    fn(&M, &<M as Model>::State, &<M as Model>::Action, &mut Draft<<M as Model>::State>) -> bool;

impl<M: Model> Classes<M> {
    /// Classes by name, and the index of an action's class.
    pub fn new(names: Vec<&'static str>, of: fn(&M::Action) -> usize) -> Self
    where
        M: Model<Action: Clone>,
    {
        let step: Step<M> = |model, state, action, next| {
            let taken = model.next_state(state, action.clone());
            taken.map(|state| next.put(state)).is_some()
        };
        Self { names, of, step, steps: Vec::new(), live: Vec::new() }
    }

    /// One class for all actions.
    pub fn one(name: &'static str) -> Self
    where
        M: Model<Action: Clone>,
    {
        Self::new(vec![name], |_| 0)
    }

    /// The classes of a model of the suite, with its properties of steps and its liveness.
    pub fn of_spec(spec: &M) -> Self
    where
        M: Spec,
    {
        let names = M::ACTIONS.iter().map(|class| class.name).collect();
        let step: Step<M> =
            |model, state, action, next| model.step_into(state, action, next).is_ok();
        let (steps, live) = (spec.step_laws(), spec.live_laws());
        Self { names, of: M::class_of, step, steps, live }
    }

    /// The same with properties of steps.
    #[must_use]
    pub fn with_steps(self, steps: Vec<StepLaw<M>>) -> Self {
        Self { steps, ..self }
    }

    /// The same with liveness properties.
    #[must_use]
    pub fn with_liveness(self, live: Vec<LiveLaw<M>>) -> Self {
        Self { live, ..self }
    }

    /// The liveness properties, and with them what Stateright calls `eventually`.
    pub(super) fn liveness(&self, model: &M) -> Vec<LiveLaw<M>>
    where
        M: Model<State: 'static, Action: 'static> + 'static,
    {
        let properties = model.properties();
        let eventually = properties.iter().filter(|p| p.expectation == Expectation::Eventually);
        self.live.iter().cloned().chain(eventually.map(LiveLaw::of_property)).collect()
    }
}
