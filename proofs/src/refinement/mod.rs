//! Refinement, on every edge: is each step of a system a step that its model allows, and does
//! the system offer each step that the model allows?

mod coverage;
mod edge;
mod expand;
mod judge;
mod mapping;
mod outcome;
mod replay;
mod report;
mod search;
mod states;
mod stutters;

pub use edge::check_edge;
pub use mapping::{
    AbstractAction, AbstractState, ConcreteAction, ConcreteState, Exception, LabelledEnd,
    MOST_EXCEPTIONS, Refinement,
};
pub use outcome::{
    Coverage, Divergence, ExceptionCount, Failure, Refined, RefinedOf, RefinedStory,
};
pub use replay::replay_refinement;
pub use report::{Claim, trace_params};
pub use search::{MOST_STATES, refine};
