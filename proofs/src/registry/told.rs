//! What is claimed of a model, and what a check says of it, without the model's types.

use bisim_models::common::{Expectation, Params};

use crate::checker::{ActionCount, Cut, Engine, GraphFigures, PropertyVerdict, Verdict};
use crate::report::{StoryDoc, Trace};

/// What is claimed of a model, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LawInfo {
    /// The property's name.
    pub name: &'static str,
    /// `always`, `sometimes`, or the kind of what must happen.
    pub kind: &'static str,
    /// Where it is stated.
    pub source: &'static str,
    /// The fairness under which something must happen.
    pub fairness: Option<String>,
}

impl LawInfo {
    pub(super) fn new(name: &'static str, expectation: &Expectation, source: &'static str) -> Self {
        let kind = if *expectation == Expectation::Always { "always" } else { "sometimes" };
        Self { name, kind, source, fairness: None }
    }
}

/// What a check says of one property.
#[derive(Clone, Debug)]
pub struct PropertyReport {
    /// The property's name.
    pub name: &'static str,
    /// See [`PropertyOutcome`](crate::checker::PropertyOutcome).
    pub kind: &'static str,
    /// See [`PropertyOutcome`](crate::checker::PropertyOutcome).
    pub fairness: Option<String>,
    /// See [`PropertyOutcome`](crate::checker::PropertyOutcome).
    pub expectation: Expectation,
    /// Where it is stated.
    pub source: &'static str,
    /// The verdict.
    pub verdict: PropertyVerdict,
    /// The shortest path to the violation or the witness, or a lasso.
    pub story: Option<StoryDoc>,
    /// The same as a trace that `replay` reads.
    pub trace: Option<Trace>,
}

/// What a check says of one target.
#[derive(Clone, Debug)]
pub struct CheckReport {
    /// The target.
    pub target: &'static str,
    /// Its parameters.
    pub params: Params,
    /// The seeded bug.
    pub bug: Option<String>,
    /// See [`Outcome`](crate::checker::Outcome).
    pub distinct: u64,
    /// See [`Outcome`](crate::checker::Outcome).
    pub generated: u64,
    /// See [`Outcome`](crate::checker::Outcome).
    pub depth: u32,
    /// The verdict on the whole.
    pub verdict: Verdict,
    /// What cut the search, if anything did.
    pub cut: Option<Cut>,
    /// Each property.
    pub properties: Vec<PropertyReport>,
    /// Each class of actions.
    pub actions: Vec<ActionCount>,
    /// See [`Outcome`](crate::checker::Outcome).
    pub graph: Option<GraphFigures>,
    /// The search.
    pub engine: Engine,
    /// Its worker threads.
    pub workers: usize,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// The most memory that the search held, in bytes.
    pub peak_bytes: u64,
    /// See [`Outcome`](crate::checker::Outcome).
    pub omission_probability: f64,
}
