//! The implementation's evidence, as the commands `conform`, `bugs` and `replay` see it.

use bisim_models::common::Spec;
use bisim_models::raft::Raft;

use super::bugs_impl::implementation_bug;
use super::implementation::Implementation;
use super::sampled::sampled;
use super::scope::Scope;
use crate::checker::{Options, Verdict};
use crate::refinement::{Claim, replay_refinement};
use crate::registry::{
    Caught, ConformOptions, ConformReport, Conformance, Evidence, Hunt, HuntOptions,
};
use crate::report::{Replayed, Trace, TraceError};
use crate::sampling::{Sampled, Sampling};

/// Two nodes in one election: seconds rather than minutes.
pub const SMALL: Scope = Scope {
    nodes: 2,
    max_term: 2,
    max_log: 2,
    room: 2,
    writes: 2,
    crashes: 1,
    polls: 0,
    clients: 1,
    commands: 1,
    max_entries: 2,
    window: 1,
    no_op: true,
    fast_backtracking: false,
    eager_commit: false,
    pre_vote: false,
    check_quorum: false,
};

/// Three nodes in one election, with a crash: Figure 2 alone.
pub(super) const FIGURE_2: Scope = Scope { nodes: 3, max_log: 1, writes: 1, no_op: false, ..SMALL };

/// Two nodes in two elections, with pre-vote and check-quorum.
pub(super) const POLLS: Scope = Scope {
    max_term: 3,
    max_log: 1,
    writes: 1,
    crashes: 0,
    polls: 3,
    no_op: false,
    pre_vote: true,
    check_quorum: true,
    ..SMALL
};

/// The same with a crash, a longer log, and one message under way.
pub(super) const POLLS_AND_CRASH: Scope =
    Scope { max_log: 2, room: 1, crashes: 1, polls: 4, no_op: true, ..POLLS };

/// Two nodes in two elections, whose logs can go apart: fast backtracking.
pub(super) const BACKTRACKING: Scope =
    Scope { max_term: 3, room: 1, writes: 1, window: 2, fast_backtracking: true, ..SMALL };

/// Two nodes in one election, whose leader sends ahead, and tells at once what it commits.
pub(super) const PIPELINING: Scope =
    Scope { crashes: 0, max_entries: 1, window: 2, eager_commit: true, ..SMALL };

/// The bounds at which the implementation is refined and covered.
pub const REFINED: [Scope; 6] = [SMALL, FIGURE_2, POLLS, POLLS_AND_CRASH, BACKTRACKING, PIPELINING];

/// Raft: the shipped nodes beside the model.
#[derive(Clone, Copy, Debug, Default)]
pub struct RaftConformance;

impl Conformance for RaftConformance {
    fn evidence(&self) -> &'static [Evidence] {
        &[Evidence::Sampled, Evidence::Refined, Evidence::Covered]
    }

    fn conform(&self, options: &ConformOptions) -> Vec<ConformReport> {
        let scopes: &[Scope] = match (options.exhaustive, options.quick) {
            (true, false) => &REFINED,
            (_, true) => &[SMALL],
            (false, false) => &[],
        };
        let mut reports = Vec::new();
        if !options.exhaustive {
            reports.push(sampled_report(options));
        }
        for scope in scopes {
            let implementation = Implementation::new(*scope, None);
            let interrupt = options.interrupt.clone();
            let options = Options { interrupt, ..Options::default() };
            reports.extend(claim(&implementation, None).reports(&options));
        }
        reports
    }

    fn replay(&self, trace: &Trace) -> Result<Replayed, TraceError> {
        let stale = |why: String| TraceError::NoLongerApplies(why);
        let scope = Scope::from_params(&trace.params);
        let scope = scope.ok_or_else(|| stale("these are no bounds of a cluster".to_owned()))?;
        let sabotage =
            match &trace.bug {
                None => None,
                Some(slug) => Some(implementation_bug(slug).ok_or_else(|| {
                    stale(format!("the implementation has no bug {slug} any more"))
                })?),
            };
        replay_refinement(&Implementation::new(scope, sabotage), trace)
    }
}

/// The claim, as a report and a trace tell it.
pub(super) fn claim<'a>(
    implementation: &'a Implementation,
    bug: Option<&'static str>,
) -> Claim<'a, Implementation> {
    Claim {
        target: Raft::NAME,
        refinement: implementation,
        scope: implementation.scope().to_string(),
        params: implementation.scope().params(),
        bug,
    }
}

/// The longest schedule, in choices.
const LONGEST: usize = 500;

fn sampled_report(options: &ConformOptions) -> ConformReport {
    let (seed, cases) = (options.seed, options.cases);
    let interrupt = options.interrupt.clone();
    let outcome = sampled(&Sampling { seed, cases, longest: LONGEST, interrupt }, None);
    let scope = format!(
        "the implementation and raft step together, 3 to 7 nodes, schedules of up to {LONGEST} \
         choices, seed {seed}"
    );
    let mut report = ConformReport::new(Raft::NAME, Evidence::Sampled, scope);
    figures(&mut report, &outcome);
    if let Some(failed) = &outcome.failed {
        report.verdict = Verdict::Violated;
        claim(&failed.refinement, None).tell(&mut report, Some(&failed.divergence));
    }
    report
}

fn figures(report: &mut ConformReport, outcome: &Sampled<Scope, Implementation>) {
    report.figure("cases", outcome.cases);
    report.figure("edges", outcome.edges);
    report.figure("steps mapped", outcome.steps);
    for (name, count) in &outcome.kinds {
        report.figure(*name, *count);
    }
    report.figure("cases in which a client was answered", outcome.done);
    report.figure("divergences", u32::from(outcome.failed.is_some()));
    let dead: Vec<_> = outcome.actions.iter().filter(|action| action.taken == 0).collect();
    report.verdict = match (outcome.interrupted, dead.is_empty() && outcome.done > 0) {
        (true, _) => Verdict::Truncated,
        (false, true) => Verdict::Holds,
        (false, false) => Verdict::Vacuous,
    };
    report.notes.extend(dead.iter().map(|action| format!("{} is never taken", action.name)));
}

/// Hunts a bug of the implementation on the edges of a small cluster.
pub(super) fn hunt_edges(slug: &'static str, evidence: Evidence, scope: Scope) -> Hunt {
    Hunt::new(evidence, move |options: &HuntOptions| {
        let implementation = Implementation::new(scope, implementation_bug(slug));
        let interrupt = options.interrupt.clone();
        claim(&implementation, Some(slug))
            .hunt(evidence, &Options { interrupt, ..Options::default() })
    })
}

/// Hunts a bug of the implementation on random schedules.
pub(super) fn hunt_schedules(slug: &'static str) -> Hunt {
    Hunt::new(Evidence::Sampled, move |options: &HuntOptions| {
        let interrupt = options.interrupt.clone();
        let sampling = Sampling { seed: 1, cases: 20_000, longest: LONGEST, interrupt };
        let outcome = sampled(&sampling, implementation_bug(slug));
        match &outcome.failed {
            Some(failed) => claim(&failed.refinement, Some(slug)).caught(&failed.divergence),
            None => Caught {
                caught: false,
                by: format!("survives {} schedules", outcome.cases),
                story: None,
                trace: None,
            },
        }
    })
}
