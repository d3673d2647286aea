//! What all models share: the [`Spec`] trait, parameters, and small value types.

mod parameter;
mod set;
mod sorted;
mod spec;

pub use parameter::{Kind, Parameter, ParameterError, Params, Preset};
pub use set::SmallSet;
pub use sorted::SortedSet;
pub use spec::{ActionClass, Disabled, Law, Spec, Value};

// What a model's file needs of Stateright.
pub use stateright::{Expectation, Model, Property};
