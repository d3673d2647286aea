//! The chain of the models as the evidence of the targets `voting` and `paxos`.

use std::collections::BTreeMap;

use bisim_models::common::{Params, Preset, Spec};
use bisim_models::paxos::Constants;
use bisim_models::paxos::paxos::Paxos;
use bisim_models::paxos::voting::Voting;

use super::{MODEL_BUGS, PaxosRefinesVoting, VotingRefinesConsensus};
use crate::checker::Options;
use crate::refinement::{Claim, Refinement, replay_refinement, trace_params};
use crate::registry::{Buggy, ConformOptions, ConformReport, Conformance, Evidence};
use crate::report::{Replayed, Trace, TraceError};

/// Voting refines consensus.
#[derive(Clone, Copy, Debug, Default)]
pub struct VotingChain;

/// Paxos refines voting.
#[derive(Clone, Copy, Debug, Default)]
pub struct PaxosChain;

const EVIDENCE: &[Evidence] = &[Evidence::Refined, Evidence::Covered];

impl Conformance for VotingChain {
    fn evidence(&self) -> &'static [Evidence] {
        EVIDENCE
    }

    fn conform(&self, options: &ConformOptions) -> Vec<ConformReport> {
        reports(Voting::NAME, VotingRefinesConsensus::new, Preset::Standard, options)
    }

    fn replay(&self, trace: &Trace) -> Result<Replayed, TraceError> {
        let constants = Constants::from_params(&params(trace)?);
        replay_refinement(&VotingRefinesConsensus::new(constants), trace)
    }
}

impl Conformance for PaxosChain {
    fn evidence(&self) -> &'static [Evidence] {
        EVIDENCE
    }

    /// Ballots 0..1; exhaustively, ballots 0..2.
    fn conform(&self, options: &ConformOptions) -> Vec<ConformReport> {
        let preset = if options.exhaustive { Preset::Standard } else { Preset::Quick };
        reports(Paxos::NAME, PaxosRefinesVoting::new, preset, options)
    }

    fn replay(&self, trace: &Trace) -> Result<Replayed, TraceError> {
        let paxos = Paxos { constants: Constants::from_params(&params(trace)?) };
        let Some(slug) = &trace.bug else {
            return replay_refinement(&PaxosRefinesVoting::of(paxos.clone(), paxos), trace);
        };
        let bug = MODEL_BUGS.into_iter().find(|bug| bug.slug == slug);
        let bug = bug.ok_or_else(|| stale(format!("the model has no bug {slug} any more")))?;
        let buggy = Buggy::new(paxos.clone(), bug);
        replay_refinement(&PaxosRefinesVoting::of(buggy, paxos), trace)
    }
}

fn reports<R: Refinement>(
    target: &'static str,
    refinement: fn(Constants) -> R,
    preset: Preset,
    options: &ConformOptions,
) -> Vec<ConformReport> {
    let params = Params::preset(Constants::PARAMETERS, preset);
    let constants = Constants::from_params(&params);
    let scope = format!(
        "{} acceptors, {} values, ballots 0..{}",
        constants.acceptors, constants.values, constants.max_ballot
    );
    let claim = Claim {
        target,
        refinement: &refinement(constants),
        scope,
        params: trace_params(&params),
        bug: None,
    };
    let interrupt = options.interrupt.clone();
    claim.reports(&Options { interrupt, ..Options::default() })
}

/// The constants that a trace was recorded with.
fn params(trace: &Trace) -> Result<Params, TraceError> {
    let mut params = Params::preset(Constants::PARAMETERS, Preset::Standard);
    let known: BTreeMap<_, _> = trace_params(&params);
    if !known.keys().eq(trace.params.keys()) {
        return Err(stale("the trace was recorded with other parameters".to_owned()));
    }
    for parameter in Constants::PARAMETERS {
        let value = parameter.format(trace.params[parameter.name]);
        let value = parameter.parse(&value).map_err(|why| stale(why.to_string()))?;
        params = params.with(parameter.name, value);
    }
    Ok(params)
}

fn stale(why: String) -> TraceError {
    TraceError::NoLongerApplies(why)
}
