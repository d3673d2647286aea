//! The channel under loom: every execution replayed on the model, every ordering weakened.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bisim_models::channel::channel::{Action, Channel, State};
use bisim_models::common::Spec;

use super::TARGETS;
use super::beside::{Beside, MAPPING, steps_of};
use super::port::{OnLoom, Port};
use super::run::explore;
use super::script::{Call, Event, Script, story_of};
use crate::checker::Verdict;
use crate::interleaving::{
    Bounds, Exploration, Loom, Run, Script as _, Survivor, Weakened, orderings_of, weaken_each,
};
use crate::registry::{ConformReport, Evidence};
use crate::report::count;

use Call::{Close, Recv, Send, TimedRecv, TimedSend, TryRecv, TrySend};

/// The orderings that may be weakened without loom noticing, each with the reason. A survivor
/// that is not here fails, and so does an entry that survives no more or names no ordering.
pub(super) const SURVIVORS: &[Survivor] = &[];

/// Scripts that are explored in the same way.
#[derive(Clone, Debug)]
pub struct Group {
    /// What is special about them.
    pub name: &'static str,
    /// The scripts.
    pub scripts: Vec<Script>,
    /// The most switches away from a thread that could go on; none for all interleavings.
    pub preemptions: Option<usize>,
}

impl Group {
    /// How far loom goes.
    pub fn bounds(&self, interrupt: &Arc<AtomicBool>) -> Bounds {
        Bounds {
            preemptions: self.preemptions,
            interrupt: Arc::clone(interrupt),
            ..Bounds::default()
        }
    }
}

/// Two threads, one call each, of these kinds, as far as no thread waits for ever.
fn pairs_of(capacity: u8, kinds: impl Fn(Call, Call) -> bool) -> Vec<Script> {
    let pairs = Call::ALL.into_iter().enumerate();
    let pairs = pairs.flat_map(|(at, one)| Call::ALL[at..].iter().map(move |other| (one, *other)));
    let pairs = pairs.filter(|(one, other)| kinds(*one, *other));
    let scripts = pairs.map(|(one, other)| Script::new(capacity, [&[one], &[other]]));
    scripts.filter(|script| !steps_of(script).1).collect()
}

/// Two threads, one call each, of every kind without a deadline.
pub fn pairs(capacity: u8) -> Group {
    let scripts = pairs_of(capacity, |one, other| !one.is_timed() && !other.is_timed());
    Group { name: "pairs", scripts, preemptions: None }
}

/// Two threads, one call each, at least one of which has a deadline. As it may pass at any step,
/// all interleavings would be millions.
pub fn timed_pairs(capacity: u8, preemptions: usize) -> Group {
    let scripts = pairs_of(capacity, |one, other| one.is_timed() || other.is_timed());
    Group { name: "pairs with deadlines", scripts, preemptions: Some(preemptions) }
}

/// Two threads that come back: what one call leaves behind, the next one finds. All interleavings
/// would be millions here as well.
pub fn rounds(capacity: u8, preemptions: usize) -> Group {
    let scripts = vec![
        Script::new(capacity, [&[Send, Send], &[Recv, Recv]]),
        Script::new(capacity, [&[Send, Recv], &[Recv, Send]]),
        Script::new(capacity, [&[Send, Close], &[Recv, Recv]]),
        Script::new(capacity, [&[Send, Send], &[Recv, Close]]),
        Script::new(capacity, [&[TimedSend, TimedSend], &[TryRecv, TimedRecv]]),
        Script::new(capacity, [&[TrySend, Close], &[TimedRecv, Recv]]),
    ];
    let scripts = scripts.into_iter().filter(|script| !steps_of(script).1).collect();
    Group { name: "rounds", scripts, preemptions: Some(preemptions) }
}

/// Three threads: who waits longest is served, and nobody is forgotten.
pub fn trios(capacity: u8, preemptions: usize) -> Group {
    let scripts = vec![
        Script::new(capacity, [&[Send], &[Send], &[Recv, Recv]]),
        Script::new(capacity, [&[Recv], &[Recv], &[Send, Send]]),
        Script::new(capacity, [&[Recv], &[Recv], &[Close]]),
        Script::new(capacity, [&[Send], &[Send, Send], &[Close]]),
        Script::new(capacity, [&[Send, Close], &[Recv], &[Recv]]),
        Script::new(capacity, [&[TimedRecv], &[Recv], &[Send, Close]]),
        Script::new(capacity, [&[TimedSend], &[Send], &[Recv, Close]]),
        Script::new(capacity, [&[TrySend, Send], &[TryRecv, Recv], &[TimedRecv]]),
    ];
    let scripts = scripts.into_iter().filter(|script| !steps_of(script).1).collect();
    Group { name: "trios", scripts, preemptions: Some(preemptions) }
}

/// Explores every script of a group with a channel that claims to be that of the model.
pub fn explored<P: Port<World = Loom>>(
    target: &'static str,
    group: &Group,
    interrupt: &Arc<AtomicBool>,
) -> ConformReport {
    let bounds = group.bounds(interrupt);
    let extent = match group.preemptions {
        None => "all interleavings".to_owned(),
        Some(most) => format!("at most {most} preemptions: bounded, not exhaustive"),
    };
    let scope = format!("loom, {}: {} scripts, {extent}", group.name, group.scripts.len());
    let mut report = ConformReport::new(target, Evidence::Interleaved, scope);
    report.exhaustive = group.preemptions.is_none();
    let (mut executions, mut steps, mut divergences) = (0, 0, 0_u64);
    let (mut all, mut missing) = (0, Vec::new());
    for script in &group.scripts {
        let beside = Beside::new(script.model(), MAPPING, script.threads());
        let seen = explore::<P, _>(script, &bounds, None, beside);
        executions += seen.executions;
        report.exhaustive &= seen.exhaustive;
        if let Some(beside) = seen.witness {
            steps += beside.tally.steps;
            let (possible, _) = steps_of(script);
            all += possible.len();
            missing.extend(possible.difference(&beside.covered).cloned());
        }
        if seen.interrupted || (!seen.exhaustive && seen.executions >= bounds.executions) {
            report.verdict = Verdict::Truncated;
        }
        if let Some(failure) = seen.failure {
            divergences += 1;
            report.verdict = Verdict::Violated;
            report.divergence = Some(format!("{script}: {}", failure.what));
            report.story = Some(story_of(&failure.events, script.threads()));
            report.trace =
                Some(Run::explored(script, &bounds, &failure).trace(target, None, &failure));
        }
        if seen.interrupted || divergences > 0 {
            break;
        }
    }
    report.figure("executions", executions);
    report.figure("steps replayed on the model", steps);
    report.figure("divergences", divergences);
    report.figure(
        "model steps covered",
        format!("{} of {}", count((all - missing.len()) as u64), count(all as u64)),
    );
    judge_coverage(&mut report, &missing, steps == 0);
    report
}

/// Tells the steps that the model can take in these scripts and no execution took. Where all
/// interleavings were seen there must be none.
fn judge_coverage(report: &mut ConformReport, missing: &[(State, Action)], nothing: bool) {
    let mut kinds: BTreeMap<_, usize> = BTreeMap::new();
    for (_, action) in missing {
        *kinds.entry(Channel::ACTIONS[action.class()].name).or_default() += 1;
    }
    let kinds: Vec<_> = kinds.iter().map(|(name, count)| format!("{count} × {name}")).collect();
    if report.verdict == Verdict::Holds && nothing {
        report.verdict = Verdict::Vacuous;
    } else if !kinds.is_empty() && report.verdict == Verdict::Holds && report.exhaustive {
        report.verdict = Verdict::Violated;
        let steps = kinds.join(", ");
        report.divergence = Some(format!("no execution takes these steps of the model: {steps}"));
    }
    report.notes.extend(kinds.into_iter().map(|kind| format!("not covered: {kind}")));
}

/// What a weakened ordering is to fail in.
fn weakened_in() -> Vec<Group> {
    [0, 1].into_iter().flat_map(|capacity| [pairs(capacity), rounds(capacity, 3)]).collect()
}

/// Weakens each memory ordering of the shipped channel in turn, those of its lock included.
pub fn weaken(
    target: &'static str,
    survivors: &[Survivor],
    interrupt: &Arc<AtomicBool>,
) -> Vec<ConformReport> {
    let groups = weakened_in();
    let tried = || groups.iter().flat_map(|group| group.scripts.iter().map(move |s| (group, s)));
    let orderings = orderings_of(|| {
        // Loom meets every site within a few preemptions.
        let bounds = Bounds { preemptions: Some(2), ..Bounds::default() };
        for (_, script) in tried() {
            explore::<OnLoom, _>(script, &bounds, None, ());
        }
    });
    weaken_each(target, &orderings, survivors, interrupt, |weakening| {
        let mut weakened = Weakened::default();
        for (group, script) in tried() {
            let bounds = group.bounds(interrupt);
            let seen = explore::<OnLoom, _>(script, &bounds, Some(weakening), ());
            weakened.executions += seen.executions;
            weakened.caught = seen.failure.map(|failure| (script.to_string(), failure.what));
            if weakened.caught.is_some() || seen.interrupted {
                break;
            }
        }
        weakened
    })
}

/// The groups that belong to a target: rendezvous is the channel without a buffer.
pub(super) fn groups(target: &str, quick: bool) -> Vec<Group> {
    let capacity = u8::from(target == TARGETS[0]);
    if quick {
        return vec![pairs(capacity)];
    }
    vec![pairs(capacity), timed_pairs(capacity, 4), rounds(capacity, 3), trios(capacity, 2)]
}

/// Explores the shipped channel with the Release in `Waiter::end` relaxed.
pub(super) fn relaxed_end(script: &Script, bounds: &Bounds) -> Exploration<Beside<Channel>, Event> {
    let orderings = orderings_of(|| {
        explore::<OnLoom, _>(script, &Bounds::default(), None, ());
    });
    let release = orderings
        .iter()
        .find(|ordering| ordering.releases() && ordering.to_string().contains("channel/waiter.rs"));
    let weakening = release.and_then(|release| release.weaker().into_iter().next());
    let beside = Beside::new(script.model(), MAPPING, script.threads());
    explore::<OnLoom, _>(script, bounds, weakening.map(|(_, weakening)| weakening), beside)
}
