//! Consensus: what Paxos is for, as a model of one variable.
//!
//! Follows `Consensus.tla` of tlaplus/Examples, `PaxosHowToWinATuringAward`. The specification
//! says all there is to say about safety: a value is chosen at most once, and it is one of those
//! proposed.

use serde::{Deserialize, Serialize};

use crate::common::{
    ActionClass, Disabled, Law, Parameter, ParameterError, Params, SmallSet, Spec,
};
use crate::paxos::ValueId;
use crate::spec_model;

/// The values that are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct State {
    /// `chosen`: empty or a single value.
    pub chosen: SmallSet,
}

/// The one action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Action {
    /// The step of `Next`: a value becomes chosen.
    Choose {
        /// The value.
        val: ValueId,
    },
}

/// The model `consensus`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consensus {
    /// The number of values that can be chosen.
    pub values: u8,
}

spec_model!(Consensus, State, Action);

impl Consensus {
    /// `Next`: nothing is chosen yet, and `val` becomes chosen.
    fn choose(&self, state: &State, val: ValueId) -> Result<State, Disabled> {
        if val >= self.values {
            return Err(Disabled("there is no such value"));
        }
        if !state.chosen.is_empty() {
            return Err(Disabled("a value is chosen already"));
        }
        Ok(State { chosen: state.chosen.with(usize::from(val)) })
    }

    /// `Inv`: at most one value is chosen, and it is one of the values.
    pub fn inv(&self, state: &State) -> bool {
        state.chosen.len() <= 1
            && SmallSet::below(usize::from(self.values)).is_superset(state.chosen)
    }
}

impl Spec for Consensus {
    const NAME: &'static str = "consensus";

    const PARAMETERS: &'static [Parameter] =
        &[Parameter::count("values", "values that can be chosen", (1, 32), [3; 3])];

    const ACTIONS: &'static [ActionClass] = &[ActionClass::new("Choose", "Consensus.tla, Next")];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        let values = u8::try_from(params.get("values")).expect("the range ends far below 256");
        Ok(Self { values })
    }

    fn initial(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn candidates(&self, _: &State, actions: &mut Vec<Action>) {
        actions.extend((0..self.values).map(|val| Action::Choose { val }));
    }

    fn step(&self, state: &State, action: &Action) -> Result<State, Disabled> {
        match *action {
            Action::Choose { val } => self.choose(state, val),
        }
    }

    fn class_of(_: &Action) -> usize {
        0
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always("at most one value is chosen", "Consensus.tla, Inv", Self::inv),
            Law::sometimes("a value is chosen", "Consensus.tla, Next", |_, state: &State| {
                !state.chosen.is_empty()
            }),
        ]
    }
}
