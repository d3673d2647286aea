//! Scenarios that are explored together: every one runs on the same model.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::{Bounds, Call, Scenario};

/// Scenarios with one number of threads and of calls.
#[derive(Clone, Debug)]
pub struct Group {
    /// What is special about them.
    pub name: &'static str,
    /// The scenarios.
    pub scenarios: Vec<Scenario>,
    /// The most switches away from a thread that could go on; none for all interleavings.
    pub preemptions: Option<usize>,
    /// Whether it is told which of the model's steps were taken. The model is explored for that.
    pub covers: bool,
}

impl Group {
    /// Scenarios that are explored in all interleavings.
    pub fn new(name: &'static str, scenarios: Vec<Scenario>) -> Self {
        Self { name, scenarios, preemptions: None, covers: true }
    }

    /// One scenario.
    pub fn of(scenario: Scenario) -> Self {
        Self::new("one scenario", vec![scenario])
    }

    /// The same with at most so many preemptions: bounded, not exhaustive.
    #[must_use]
    pub fn bounded(self, preemptions: usize) -> Self {
        Self { preemptions: Some(preemptions), ..self }
    }

    /// The same for a model that is too large to be explored besides.
    #[must_use]
    pub fn uncovered(self) -> Self {
        Self { covers: false, ..self }
    }

    /// The most threads of a scenario.
    pub fn threads(&self) -> usize {
        self.scenarios.iter().map(Scenario::threads).max().unwrap_or(1)
    }

    /// The most calls that a thread makes.
    pub fn rounds(&self) -> usize {
        self.scenarios.iter().map(Scenario::rounds).max().unwrap_or(1)
    }

    /// Whether nothing is left out: the threads make every sequence of these calls, in all
    /// interleavings.
    pub fn is_complete(&self, calls: &[Call]) -> bool {
        let (threads, rounds) = (self.threads(), self.rounds());
        let whole = |calls: &&Vec<Vec<Call>>| {
            calls.len() == threads && calls.iter().all(|calls| calls.len() == rounds)
        };
        let made = self.scenarios.iter().map(|scenario| &scenario.calls).filter(whole);
        let sequences = (0..threads * rounds).fold(1, |many: usize, _| many * calls.len());
        self.preemptions.is_none() && made.collect::<HashSet<_>>().len() == sequences
    }

    /// How far loom goes.
    pub fn bounds(&self, interrupt: &Arc<AtomicBool>) -> Bounds {
        Bounds {
            preemptions: self.preemptions,
            interrupt: Arc::clone(interrupt),
            ..Bounds::default()
        }
    }
}

/// Two threads, one call each, of every kind.
pub fn pairs(calls: &[Call]) -> Vec<Scenario> {
    let firsts = calls.iter();
    firsts.flat_map(|&a| calls.iter().map(move |&b| Scenario::new([&[a], &[b]]))).collect()
}

/// Three threads, one call each, of every kind.
pub fn trios(calls: &[Call]) -> Vec<Scenario> {
    let firsts = calls.iter().flat_map(|&a| calls.iter().map(move |&b| (a, b)));
    firsts
        .flat_map(|(a, b)| calls.iter().map(move |&c| Scenario::new([&[a], &[b], &[c]])))
        .collect()
}
