//! Shared-memory code under all interleavings, under chosen ones, and at full speed.
//!
//! One [`Scenario`] is a script of calls for a few threads and the one function that runs it, in
//! each of three [worlds](World): on the operating system's threads, under loom ([`explore()`]) and
//! under shuttle ([`sample()`]). Under the explorers each atomic step is an [`Event`] at the moment
//! when it happens. A [`Witness`] is told each of them; [`Lockstep`] takes the same step on a
//! model and compares. An [`Algorithm`] has a model, a mapping and scenarios; from these come all
//! of its reports ([`Interleaved`]).
//!
//! # What this does not show
//!
//! loom treats a `SeqCst` access as `AcqRel` and does not reorder a load with a later store;
//! shuttle is sequentially consistent. Both bound the number of threads and calls. A wait is
//! emulated: compare and sleep are one step, the longest sleeper is woken first, and there is no
//! wake-up without a cause. A run that was cut says so.

mod algorithm;
mod event;
mod explore;
mod failure;
mod group;
mod lockstep;
mod reported;
mod run;
mod sample;
mod sampled;
mod scenario;
mod stress;
mod weakened;
mod world;

pub use algorithm::{Algorithm, Interleaved, Mutant, Survivor, alone, beside, relaxed_release};
pub use event::{Call, Event, Step, story_of};
pub use explore::{Bounds, Exploration, Ordered, explore, explore_body, orderings, orderings_of};
pub use failure::Failure;
pub use group::{Group, pairs, trios};
pub use lockstep::{Coverage, Lockstep, Mapping, Tally, all_steps};
pub use reported::reported;
pub use run::{Run, Schedule, Script, replayed};
pub use sample::{Choices, SampleOf, sample, sample_body};
pub(crate) use sampled::runner;
pub use sampled::{Sampled, sampled, sampled_cases};
pub use scenario::{Counted, RawLock, Recorder, Scenario, Subject, Witness, excluded};
pub use stress::stress;
pub use weakened::{Weakened, weaken, weaken_each};
pub use world::{Loom, Plain, Shuttle, Std, Word, World};
