//! What the check of a refinement says to a user: two reports, refined and covered, and a trace
//! of what failed.

use std::collections::BTreeMap;

use bisim_models::common::Params;

use super::{ConcreteAction, ConcreteState};
use super::{Divergence, Failure, RefinedOf, Refinement, refine};
use crate::checker::{Cut, Options, Verdict};
use crate::registry::{Caught, ConformReport, Evidence};
use crate::report::{StoryDoc, Subject, Trace, count, to_value};

/// A refinement at some bounds, as the evidence of a target.
pub struct Claim<'a, R> {
    /// The target.
    pub target: &'static str,
    /// What is claimed.
    pub refinement: &'a R,
    /// The bounds in words.
    pub scope: String,
    /// The bounds as a trace keeps them.
    pub params: BTreeMap<String, u32>,
    /// The slug of the seeded bug.
    pub bug: Option<&'static str>,
}

/// The parameters of a model as a trace keeps them.
pub fn trace_params(params: &Params) -> BTreeMap<String, u32> {
    params.iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

impl<R: Refinement> Claim<'_, R> {
    /// Checks the claim, and says what came of it: first refined, then covered.
    pub fn reports(&self, options: &Options) -> Vec<ConformReport> {
        let outcome = refine(self.refinement, &on_all_cores(options));
        vec![self.refined(&outcome), self.covered(&outcome)]
    }

    /// Hunts a bug: caught when the evidence fails. An exception that matches nothing is no catch:
    /// it says that the search saw too little, not that the system does or lacks anything.
    pub fn hunt(&self, evidence: Evidence, options: &Options) -> Caught {
        let outcome = refine(self.refinement, &on_all_cores(options));
        let failed = match evidence {
            Evidence::Covered => outcome.gap.filter(|gap| gap.failure != Failure::IdleException),
            _ => outcome.divergence.or(outcome.violation),
        };
        match failed {
            None => Caught {
                caught: false,
                by: format!("survives {} edges", outcome.edges),
                story: None,
                trace: None,
            },
            Some(failed) => self.caught(&failed),
        }
    }

    /// What a hunt says when it ends in a failure.
    pub fn caught(&self, failed: &Divergence<ConcreteState<R>, ConcreteAction<R>>) -> Caught {
        Caught {
            caught: true,
            by: format!("{}: {}", self.refinement.name(), failed.failure),
            story: self.story(failed),
            trace: self.trace(failed),
        }
    }

    /// The report on what the system does.
    pub fn refined(&self, outcome: &RefinedOf<R>) -> ConformReport {
        let mut report = self.report(Evidence::Refined, outcome.refined(), outcome.cut);
        report.figure("states", outcome.states);
        report.figure("edges", outcome.edges);
        report.figure("stutters", outcome.stutters);
        report.figure("steps mapped", outcome.steps);
        report.figure("divergences", outcome.divergences);
        report.figure("model states in the image", outcome.image);
        if outcome.violations > 0 {
            report.figure("states that violate a property", outcome.violations);
        }
        report.notes.extend(outcome.vacuous.iter().cloned());
        self.tell(&mut report, outcome.divergence.as_ref().or(outcome.violation.as_ref()));
        report
    }

    /// The report on what the system leaves out.
    pub fn covered(&self, outcome: &RefinedOf<R>) -> ConformReport {
        let mut report = self.report(Evidence::Covered, outcome.covered(), outcome.cut);
        let coverage = &outcome.coverage;
        if outcome.cut.is_none() {
            report.figure("pairs", coverage.pairs);
            report.figure("covered", coverage.covered());
            report.figure("at once", coverage.at_once);
            report.figure("after stutters", coverage.after_stutters);
            report.figure("without an explanation", coverage.unexplained + coverage.ambiguous);
        }
        for class in &coverage.excepted {
            report.notes.push(format!(
                "{} pairs: {} ({})",
                count(class.pairs),
                class.name,
                class.reason
            ));
        }
        self.tell(&mut report, outcome.gap.as_ref());
        report
    }

    fn report(&self, evidence: Evidence, verdict: Verdict, cut: Option<Cut>) -> ConformReport {
        let scope = format!("{}, {}", self.refinement.name(), self.scope);
        let mut report = ConformReport::new(self.target, evidence, scope);
        report.verdict = verdict;
        report.exhaustive = cut.is_none();
        report
    }

    /// Adds what failed to a report, if anything did.
    pub fn tell(
        &self,
        report: &mut ConformReport,
        failed: Option<&Divergence<ConcreteState<R>, ConcreteAction<R>>>,
    ) {
        let Some(failed) = failed else { return };
        report.divergence = Some(format!("{}: {}", failed.failure, failed.explanation));
        report.story = self.story(failed);
        report.trace = self.trace(failed);
    }

    fn story(&self, failed: &Divergence<ConcreteState<R>, ConcreteAction<R>>) -> Option<StoryDoc> {
        let lane_of = |action: &_| self.refinement.lane_of(action);
        let stem = failed.story.as_ref()?;
        let told = StoryDoc::new(stem, self.refinement.lanes(), lane_of);
        Some(if failed.cycle.is_empty() { told } else { told.for_ever(&failed.cycle, lane_of) })
    }

    fn trace(&self, failed: &Divergence<ConcreteState<R>, ConcreteAction<R>>) -> Option<Trace> {
        let story = failed.story.as_ref()?;
        let steps = story.steps.iter().chain(&failed.cycle);
        Some(Trace {
            schema: Trace::SCHEMA,
            target: self.target.to_owned(),
            subject: Subject::Implementation,
            params: self.params.clone(),
            bug: self.bug.map(str::to_owned),
            property: property(self.refinement.name(), failed.failure),
            verdict: Verdict::Violated,
            initial: to_value(&story.initial),
            last: to_value(steps.clone().last().map_or(&story.initial, |(_, state)| state)),
            steps: steps.map(|(action, _)| to_value(action)).collect(),
            cycle: None,
        })
    }
}

/// The same with a thread for each core.
fn on_all_cores(options: &Options) -> Options {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    Options { workers, ..options.clone() }
}

/// What a trace of a failure calls its property.
pub(super) fn property(refinement: &str, failure: Failure) -> String {
    match failure {
        Failure::Property(name) => name.to_owned(),
        _ => format!("{refinement}: {failure}"),
    }
}
