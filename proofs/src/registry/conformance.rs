//! What ties an implementation to its model, as the command `conform` sees it.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde::Serialize;
use serde_json::Value;

use super::Evidence;
use crate::checker::Verdict;
use crate::report::{Replayed, StoryDoc, Trace, TraceError};

/// How much of an implementation is checked.
#[derive(Clone, Debug)]
pub struct ConformOptions {
    /// Protocols: explore the implementation exhaustively at small bounds.
    pub exhaustive: bool,
    /// Shared memory: weaken each memory ordering in turn.
    pub weaken: bool,
    /// The seed of what is sampled.
    pub seed: u64,
    /// The number of sampled cases.
    pub cases: u32,
    /// Seconds rather than minutes: the run without arguments.
    pub quick: bool,
    /// Set from outside to end the run.
    pub interrupt: Arc<AtomicBool>,
}

/// A number that a check reports, with its name.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// What was counted.
    pub name: String,
    /// The count, or a short text.
    pub value: Value,
}

/// What one kind of evidence says of one implementation.
#[derive(Clone, Debug, Serialize)]
pub struct ConformReport {
    /// The target.
    pub target: &'static str,
    /// The kind of evidence.
    pub evidence: Evidence,
    /// What was run: scenario, bounds, seed.
    pub scope: String,
    /// The verdict; a divergence is `violated`.
    pub verdict: Verdict,
    /// Whether everything within the bounds was seen.
    pub exhaustive: bool,
    /// The counts: executions, steps mapped, divergences, pairs covered.
    pub figures: Vec<Figure>,
    /// What the reader should know: exceptions with their reasons, survivors.
    pub notes: Vec<String>,
    /// The first divergence: what the implementation did and what the model allows.
    pub divergence: Option<String>,
    /// The story of the first divergence.
    pub story: Option<StoryDoc>,
    /// The same as a trace that `replay` reads.
    #[serde(skip)]
    pub trace: Option<Trace>,
}

impl ConformReport {
    /// A report without findings, to be filled.
    pub fn new(target: &'static str, evidence: Evidence, scope: impl Into<String>) -> Self {
        Self {
            target,
            evidence,
            scope: scope.into(),
            verdict: Verdict::Holds,
            exhaustive: false,
            figures: Vec::new(),
            notes: Vec::new(),
            divergence: None,
            story: None,
            trace: None,
        }
    }

    /// Adds a count or a short text.
    pub fn figure(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.figures.push(Figure { name: name.into(), value: value.into() });
    }
}

/// An implementation that is checked against a model.
pub trait Conformance: Send + Sync {
    /// The kinds of evidence that apply, in the order in which they run.
    fn evidence(&self) -> &'static [Evidence];

    /// Runs the evidence that the options ask for; one report for each scenario or scope.
    fn conform(&self, options: &ConformOptions) -> Vec<ConformReport>;

    /// Runs a recorded trace of the implementation again.
    ///
    /// # Errors
    /// When the implementation or the model has changed, so that the trace no longer applies.
    fn replay(&self, trace: &Trace) -> Result<Replayed, TraceError>;
}
