//! The channels' evidence, as the commands `conform`, `bugs` and `replay` see it.

use std::sync::Arc;

use bisim_models::channel::channel::Channel;
use bisim_models::common::Spec;

use super::TARGETS;
use super::beside::{Beside, MAPPING};
use super::interleaved::{self, explored, weaken};
use super::port::{OnLoom, OnShuttle};
use super::refines::ChannelRefinesFifo;
use super::run::explore;
use super::script::{Script, story_of};
use super::selects::explored_selects;
use super::{mutants, sampled};
use crate::checker::Options;
use crate::interleaving::{Bounds, Choices, Run, Schedule, Script as _, replayed};
use crate::refinement::{Claim, replay_refinement};
use crate::registry::{ConformOptions, ConformReport, Conformance, Evidence};
use crate::report::{Replayed, Trace, TraceError};

/// The shipped channel beside its model, and the model beside fifo.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChannelConformance;

/// The shipped channel without a buffer beside its model.
#[derive(Clone, Copy, Debug, Default)]
pub struct RendezvousConformance;

/// What both have.
fn of_code(target: &'static str, options: &ConformOptions) -> Vec<ConformReport> {
    let interrupt = &options.interrupt;
    if options.weaken {
        return weaken(target, interleaved::SURVIVORS, interrupt);
    }
    if options.exhaustive {
        return Vec::new();
    }
    let groups = interleaved::groups(target, options.quick);
    let explored = groups.iter().map(|group| explored::<OnLoom>(target, group, interrupt));
    let mut reports: Vec<_> = explored.collect();
    reports.push(sampled::conform(target, options));
    reports
}

impl Conformance for RendezvousConformance {
    fn evidence(&self) -> &'static [Evidence] {
        &[Evidence::Interleaved, Evidence::Sampled]
    }

    fn conform(&self, options: &ConformOptions) -> Vec<ConformReport> {
        of_code(TARGETS[1], options)
    }

    fn replay(&self, trace: &Trace) -> Result<Replayed, TraceError> {
        replay_code(trace)
    }
}

impl Conformance for ChannelConformance {
    fn evidence(&self) -> &'static [Evidence] {
        &[Evidence::Interleaved, Evidence::Sampled, Evidence::Refined, Evidence::Covered]
    }

    fn conform(&self, options: &ConformOptions) -> Vec<ConformReport> {
        let mut reports = of_code(TARGETS[0], options);
        if !options.weaken && !options.exhaustive && !options.quick {
            let interrupt = options.interrupt.clone();
            let bounds = Bounds { preemptions: Some(2), interrupt, ..Bounds::default() };
            reports.push(explored_selects(&bounds));
        }
        if !options.weaken {
            let bounds = if options.quick { &BOUNDS[..1] } else { &BOUNDS };
            let interrupt = options.interrupt.clone();
            let options = Options { interrupt, ..Options::default() };
            for (threads, rounds, capacity) in bounds {
                reports.extend(refined(*threads, *rounds, *capacity, &options));
            }
        }
        reports
    }

    fn replay(&self, trace: &Trace) -> Result<Replayed, TraceError> {
        let param = |name: &str| trace.params.get(name).and_then(|n| u8::try_from(*n).ok());
        match (param("threads"), param("rounds"), param("capacity")) {
            (Some(threads @ 1..=4), Some(rounds @ 1..=4), Some(capacity @ 0..=4)) => {
                let channel = Channel::of(threads, rounds, capacity);
                replay_refinement(&ChannelRefinesFifo::new(channel), trace)
            }
            _ => replay_code(trace),
        }
    }
}

/// The bounds at which the channel refines fifo: threads, calls of each, capacity.
const BOUNDS: [(u8, u8, u8); 3] = [(2, 2, 1), (3, 2, 0), (3, 2, 1)];

fn refined(threads: u8, rounds: u8, capacity: u8, options: &Options) -> Vec<ConformReport> {
    let params = [("threads", threads), ("rounds", rounds), ("capacity", capacity)];
    let claim = Claim {
        target: Channel::NAME,
        refinement: &ChannelRefinesFifo::new(Channel::of(threads, rounds, capacity)),
        scope: format!("{threads} threads, {rounds} calls each, capacity {capacity}"),
        params: params.map(|(name, value)| (name.to_owned(), value.into())).into(),
        bug: None,
    };
    claim.reports(options)
}

/// Runs a trace of the code again.
fn replay_code(trace: &Trace) -> Result<Replayed, TraceError> {
    let run: Run<Script> = Run::of(trace)?;
    let script = &run.script;
    let failure = match &run.schedule {
        Schedule::Explored { preemptions, execution } => {
            let bounds = Bounds {
                executions: *execution,
                preemptions: *preemptions,
                interrupt: Arc::default(),
            };
            match &trace.bug {
                None => {
                    let beside = Beside::new(script.model(), MAPPING, script.threads());
                    explore::<OnLoom, _>(script, &bounds, None, beside).failure
                }
                Some(slug) => {
                    let seen = mutants::explore_bug(slug, script, &bounds);
                    seen.ok_or_else(|| stale(&format!("there is no bug {slug} any more")))?.failure
                }
            }
        }
        Schedule::Chosen(_) if trace.bug.is_some() => {
            return Err(stale("no bug is sampled: it is explored in all interleavings"));
        }
        Schedule::Chosen(choices) => {
            sampled::run::<OnShuttle>(script, &Choices(choices.clone())).0.err()
        }
    };
    replayed(trace, failure, |events| story_of(events, script.threads()))
}

fn stale(why: &str) -> TraceError {
    TraceError::NoLongerApplies(why.to_owned())
}
