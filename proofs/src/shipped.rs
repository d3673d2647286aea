//! The evidence of a message-passing protocol, as the commands `conform`, `bugs` and `replay` see
//! it: the same for every protocol whose shipped nodes run in a [`Cluster`](crate::cluster).
//!
//! A protocol says what its bounds are and which cluster they give ([`Shipped`]), how its model
//! sees that cluster ([`Refinement`]), and what may happen on a random schedule ([`Scheduled`]).

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};
use std::sync::Arc;

use bisim_models::common::Spec;
use proptest::strategy::Strategy;

use crate::checker::{Options, Verdict};
use crate::cluster::{Checked, Sabotage};
use crate::refinement::{Claim, Failure, Refinement, replay_refinement};
use crate::registry::{Caught, ConformOptions, ConformReport, Evidence, Hunt, HuntOptions};
use crate::report::{Replayed, Trace, TraceError};
use crate::sampling::{Sampled, Sampling, Scheduled, sample};

/// The bounds of a cluster: in words by its `Display`, and as a trace keeps them.
pub trait Bounds: Copy + Debug + Display + Send + Sync + 'static {
    /// The bounds as a trace keeps them.
    fn params(&self) -> BTreeMap<String, u32>;

    /// The bounds that a trace was recorded with; `None` if they are not those of a cluster that
    /// this code can build.
    fn from_params(params: &BTreeMap<String, u32>) -> Option<Self>;
}

/// A cluster of shipped nodes within some bounds, beside its model.
pub trait Shipped: Refinement {
    /// The nodes.
    type Node: Checked;
    /// The bounds.
    type Scope: Bounds;

    /// The bugs that are seeded in the implementation, by slug.
    const BUGS: &'static [(&'static str, Sabotage<Self::Node>)];
    /// The clusters of [`drawn`](Shipped::drawn) in a few words.
    const DRAWN: &'static str;
    /// What [`Scheduled::done`] says of a schedule: "a client was answered".
    const DONE: &'static str;

    /// The claim within these bounds, of the shipped nodes or of sabotaged ones.
    fn of(scope: Self::Scope, sabotage: Option<Sabotage<Self::Node>>) -> Self;

    /// The same for an exhaustive search: see [`Cluster::memoized`](crate::cluster::Cluster).
    #[must_use]
    fn memoized(self) -> Self;

    /// The bounds.
    fn scope(&self) -> &Self::Scope;

    /// The clusters that are sampled.
    fn drawn() -> impl Strategy<Value = Self::Scope>;

    /// The bug of the implementation with this slug.
    fn sabotage(slug: &str) -> Option<Sabotage<Self::Node>> {
        Self::BUGS.iter().find(|(known, _)| *known == slug).map(|(_, sabotage)| *sabotage)
    }

    /// The claim, as a report and a trace tell it.
    fn claim(&self, bug: Option<&'static str>) -> Claim<'_, Self> {
        Claim {
            target: Self::Abstract::NAME,
            refinement: self,
            scope: self.scope().to_string(),
            params: self.scope().params(),
            bug,
        }
    }
}

/// The longest schedule, in choices.
const LONGEST: usize = 500;

/// The schedules on which a bug is hunted.
const HUNTED: u32 = 20_000;

/// Runs the evidence that the options ask for: random schedules of `S`, and every state of `E`
/// within the bounds `small`, which takes seconds, or within each of `refined`.
pub fn conform<S: Shipped + Scheduled, E: Shipped>(
    options: &ConformOptions,
    small: E::Scope,
    refined: &[E::Scope],
) -> Vec<ConformReport> {
    let scopes = match (options.exhaustive, options.quick) {
        (true, false) => refined,
        (_, true) => &[small],
        (false, false) => &[],
    };
    let mut reports = Vec::new();
    if !options.exhaustive {
        reports.push(sampled_report::<S>(options));
    }
    for scope in scopes {
        let interrupt = Arc::clone(&options.interrupt);
        let options = Options { interrupt, ..Options::default() };
        reports.extend(E::of(*scope, None).memoized().claim(None).reports(&options));
    }
    reports
}

/// Runs random schedules of the shipped nodes, or of sabotaged ones.
pub fn sampled<S: Shipped + Scheduled>(
    sampling: &Sampling,
    sabotage: Option<Sabotage<S::Node>>,
) -> Sampled<S::Scope, S> {
    sample(sampling, S::drawn(), |scope| S::of(*scope, sabotage))
}

fn sampled_report<S: Shipped + Scheduled>(options: &ConformOptions) -> ConformReport {
    let (seed, cases) = (options.seed, options.cases);
    let interrupt = Arc::clone(&options.interrupt);
    let outcome = sampled::<S>(&Sampling { seed, cases, longest: LONGEST, interrupt }, None);
    let (target, drawn) = (S::Abstract::NAME, S::DRAWN);
    let scope = format!(
        "the implementation and {target} step together, {drawn}, schedules of up to {LONGEST} \
         choices, seed {seed}"
    );
    let mut report = ConformReport::new(target, Evidence::Sampled, scope);
    figures(&mut report, &outcome);
    if let Some(failed) = &outcome.failed {
        report.verdict = Verdict::Violated;
        failed.refinement.claim(None).tell(&mut report, Some(&failed.divergence));
    }
    report
}

/// The counts of a sampled run, and the verdict on one without a failure.
fn figures<S: Shipped + Scheduled>(report: &mut ConformReport, outcome: &Sampled<S::Scope, S>) {
    report.figure("cases", outcome.cases);
    report.figure("edges", outcome.edges);
    report.figure("steps mapped", outcome.steps);
    for (name, count) in &outcome.kinds {
        report.figure(*name, *count);
    }
    report.figure(format!("cases in which {}", S::DONE), outcome.done);
    report.figure("divergences", u32::from(outcome.failed.is_some()));
    let dead: Vec<_> = outcome.actions.iter().filter(|action| action.taken == 0).collect();
    report.verdict = match (outcome.interrupted, dead.is_empty() && outcome.done > 0) {
        (true, _) => Verdict::Truncated,
        (false, true) => Verdict::Holds,
        (false, false) => Verdict::Vacuous,
    };
    report.notes.extend(dead.iter().map(|action| format!("{} is never taken", action.name)));
}

/// Hunts a bug of the implementation on the edges of a small cluster, where this check fails.
pub fn hunt_edges<E: Shipped>(slug: &'static str, check: Failure, scope: E::Scope) -> Hunt {
    let evidence = if check.is_gap() { Evidence::Covered } else { Evidence::Refined };
    let hunt = Hunt::new(evidence, move |options: &HuntOptions| {
        let interrupt = Arc::clone(&options.interrupt);
        let options = Options { interrupt, ..Options::default() };
        let implementation = E::of(scope, E::sabotage(slug)).memoized();
        implementation.claim(Some(slug)).hunt(evidence, &options)
    });
    hunt.expecting(check.name())
}

/// Hunts a bug of the implementation on random schedules, on one of which this check fails.
pub fn hunt_schedules<S: Shipped + Scheduled>(slug: &'static str, check: Failure) -> Hunt {
    let hunt = Hunt::new(Evidence::Sampled, move |options: &HuntOptions| {
        let interrupt = Arc::clone(&options.interrupt);
        let sampling = Sampling { seed: 1, cases: HUNTED, longest: LONGEST, interrupt };
        let outcome = sampled::<S>(&sampling, S::sabotage(slug));
        match &outcome.failed {
            Some(failed) => failed.refinement.claim(Some(slug)).caught(&failed.divergence),
            None => Caught {
                caught: false,
                by: format!("survives {} schedules", outcome.cases),
                story: None,
                trace: None,
            },
        }
    });
    hunt.expecting(check.name())
}

/// Takes the steps of a trace of the implementation again.
///
/// # Errors
/// When the bounds or the bug of the trace are none of this protocol's, or a step no longer
/// applies.
pub fn replay<I: Shipped>(trace: &Trace) -> Result<Replayed, TraceError> {
    let stale = |why: String| TraceError::NoLongerApplies(why);
    let scope = I::Scope::from_params(&trace.params);
    let scope = scope.ok_or_else(|| stale("these are no bounds of a cluster".to_owned()))?;
    let sabotage = trace.bug.as_ref().map(|slug| {
        let known = I::sabotage(slug);
        known.ok_or_else(|| stale(format!("the implementation has no bug {slug} any more")))
    });
    replay_refinement(&I::of(scope, sabotage.transpose()?), trace)
}
