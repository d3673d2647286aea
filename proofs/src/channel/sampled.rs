//! The channel under proptest: it picks the calls of the threads and the schedule, and the model
//! takes each step together with the implementation.

use std::sync::atomic::AtomicBool;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::sample::select;

use super::TARGETS;
use super::beside::{Beside, MAPPING};
use super::port::{OnShuttle, Port};
use super::run::sample;
use super::script::{Call, Event, Script, story_of};
use crate::checker::Verdict;
use crate::interleaving::{
    Choices, Failure, Run, Sampled, Script as _, Shuttle, Tally, sampled_cases,
};
use crate::registry::{ConformOptions, ConformReport, Evidence};

/// Two or three threads with one to four calls each, one more that closes the channel (so that
/// nobody waits for ever), and a schedule for them.
fn cases(rendezvous: bool) -> impl Strategy<Value = (Script, Choices)> {
    let capacity = if rendezvous { Just(Some(0)).boxed() } else { option::of(1..=3_u8).boxed() };
    // A close ends most of what can happen, so that it comes less often.
    let call = prop_oneof![19 => select(Call::ALL[..6].to_vec()), 1 => Just(Call::Close)];
    let calls = vec(vec(call, 1..=4), 2..=3);
    // Half of the choices let the running thread go on.
    let choices = vec(prop_oneof![Just(0_u8), 0_u8..4], 0..200);
    (capacity, calls, choices).prop_map(|(capacity, mut calls, choices)| {
        calls.push(vec![Call::Close]);
        (Script { capacity, calls }, Choices(choices))
    })
}

/// Runs one case beside the model.
pub(super) fn run<P: Port<World = Shuttle>>(
    script: &Script,
    choices: &Choices,
) -> (Result<(), Failure<Event>>, Option<Tally>) {
    let beside = Beside::new(script.model(), MAPPING, script.threads());
    let (result, beside) = sample::<P, _>(script, choices, beside);
    (result, beside.map(|beside| beside.tally))
}

/// Runs this many cases on a channel that claims to be that of the model.
pub fn sampled<P: Port<World = Shuttle>>(
    rendezvous: bool,
    seed: u64,
    cases_at_most: u32,
    interrupt: &AtomicBool,
) -> Sampled<Script, Event> {
    sampled_cases(&cases(rendezvous), seed, cases_at_most, interrupt, run::<P>)
}

/// The report on the shipped channel.
pub(super) fn conform(target: &'static str, options: &ConformOptions) -> ConformReport {
    let rendezvous = target == TARGETS[1];
    let scope = "shuttle: 3 or 4 threads, 1 to 4 calls each, the last one closes; schedules by \
                 proptest";
    let mut report = ConformReport::new(target, Evidence::Sampled, scope);
    let seen = sampled::<OnShuttle>(rendezvous, options.seed, options.cases, &options.interrupt);
    report.figure("cases", seen.cases);
    report.figure("steps compared with the model", seen.steps);
    report.figure("divergences", u64::from(seen.failure.is_some()));
    report.figure("seed", options.seed.to_string());
    if seen.interrupted {
        report.verdict = Verdict::Truncated;
    }
    if let Some((script, choices, failure)) = seen.failure {
        report.verdict = Verdict::Violated;
        report.divergence = Some(format!("{script}: {}", failure.what));
        report.story = Some(story_of(&failure.events, script.threads()));
        report.trace = Some(Run::chosen(&script, &choices).trace(target, None, &failure));
    }
    report
}
