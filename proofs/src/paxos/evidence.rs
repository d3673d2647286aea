//! The implementation's evidence, as the commands `conform`, `bugs` and `replay` see it.

use bisim::paxos::Message;
use bisim_models::common::Spec;
use bisim_models::paxos::paxos::Paxos;

use super::PaxosChain;
use super::bugs_impl::implementation_bug;
use super::implementation::Implementation;
use super::sampled::{Faulty, sampled};
use super::scope::{Proposal, Scope};
use crate::checker::{Options, Verdict};
use crate::cluster::{Remembers, SentSet};
use crate::refinement::{Claim, replay_refinement};
use crate::registry::{
    Caught, ConformOptions, ConformReport, Conformance, Evidence, Hunt, HuntOptions,
};
use crate::report::{Replayed, Trace, TraceError};
use crate::sampling::{Sampled, Sampling};

/// The network of the exhaustive evidence: that of the published model.
type Published = SentSet<Message<Proposal>>;

/// The bounds at which the implementation is refined and covered: one crash with ballots 0..1,
/// where each of the two proposers has one ballot, and none with ballots 0..2.
pub const REFINED: [Scope; 2] = [SMALL.with_crashes(1), SMALL.with_max_ballot(2)];

/// Seconds rather than minutes.
pub const SMALL: Scope = Scope {
    proposers: 2,
    acceptors: 3,
    learners: 1,
    all_roles: false,
    max_ballot: 1,
    crashes: 0,
    values: 2,
};

/// Paxos: the shipped nodes beside the model, and the model beside those above it.
#[derive(Clone, Copy, Debug, Default)]
pub struct PaxosConformance;

impl Conformance for PaxosConformance {
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
            let implementation = Implementation::<Published>::new(*scope, None);
            let interrupt = options.interrupt.clone();
            let options = Options { interrupt, ..Options::default() };
            reports.extend(claim(&implementation, None).reports(&options));
        }
        if !options.quick {
            reports.extend(PaxosChain.conform(options));
        }
        reports
    }

    fn replay(&self, trace: &Trace) -> Result<Replayed, TraceError> {
        // A trace of the implementation has the bounds of a cluster, one of the chain has not.
        let Some(scope) = Scope::from_params(&trace.params) else {
            return PaxosChain.replay(trace);
        };
        let sabotage = match &trace.bug {
            None => None,
            Some(slug) => Some(implementation_bug(slug).ok_or_else(|| {
                TraceError::NoLongerApplies(format!(
                    "the implementation has no bug {slug} any more"
                ))
            })?),
        };
        match scope.all_roles {
            true => replay_refinement(&Implementation::<Faulty>::new(scope, sabotage), trace),
            false => replay_refinement(&Implementation::<Published>::new(scope, sabotage), trace),
        }
    }
}

fn claim<'a, N: Remembers<Message<Proposal>>>(
    implementation: &'a Implementation<N>,
    bug: Option<&'static str>,
) -> Claim<'a, Implementation<N>> {
    Claim {
        target: Paxos::NAME,
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
        "the implementation and paxos step together, 3 to 7 nodes of all roles, schedules of up to \
         {LONGEST} choices, seed {seed}"
    );
    let mut report = ConformReport::new(Paxos::NAME, Evidence::Sampled, scope);
    figures(&mut report, &outcome);
    if let Some(failed) = &outcome.failed {
        report.verdict = Verdict::Violated;
        claim(&failed.refinement, None).tell(&mut report, Some(&failed.divergence));
    }
    report
}

fn figures<C>(report: &mut ConformReport, outcome: &Sampled<C, Implementation<Faulty>>) {
    report.figure("cases", outcome.cases);
    report.figure("edges", outcome.edges);
    report.figure("steps mapped", outcome.steps);
    for (name, count) in &outcome.kinds {
        report.figure(*name, *count);
    }
    report.figure("cases in which a value was learned", outcome.done);
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
        let sabotage = implementation_bug(slug);
        let implementation = Implementation::<Published>::new(scope, sabotage);
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
