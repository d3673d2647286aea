//! What all models share: the [`Spec`] trait, parameters, and small value types.

mod bag;
mod draft;
mod fairness;
mod law;
mod live;
mod parameter;
mod sequence;
mod set;
mod shared;
mod sorted;
mod spec;

pub use bag::Bag;
pub use draft::Draft;
pub use fairness::{FairActions, Fairness, KeyOfStep, Strength};
pub use law::{Law, StepCondition, StepLaw};
pub use live::{LiveCondition, LiveKind, LiveLaw};
pub use parameter::{Kind, Parameter, ParameterError, Params, Preset};
pub use sequence::Sequence;
pub use set::SmallSet;
pub use shared::{Shared, SharedList};
pub use sorted::SortedSet;
pub use spec::{ActionClass, Disabled, Spec, Value};

// What a model's file needs of Stateright.
pub use stateright::{Expectation, Model, Property};
