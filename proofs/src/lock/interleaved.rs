//! The mutex under loom: every execution replayed on the model, every ordering weakened.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use bisim_models::common::Spec;
use bisim_models::lock::mutex::{Action, Mutex, Pc, State};

use super::MutexMapping;
use super::scenarios::{self, Group};
use crate::checker::Verdict;
use crate::interleaving::{
    Bounds, Coverage, Exploration, Lockstep, Ordered, Run, Scenario, Subject, all_steps, explore,
    orderings, story_of,
};
use crate::registry::{ConformReport, Evidence};
use crate::report::count;

/// The shipped mutex on loom's types.
pub(super) type Shipped = bisim_loom::lock::Mutex<u32>;

/// The orderings that may be weakened without loom noticing, each with the reason. A survivor
/// that is not here fails, and so does an entry that survives no more or names no ordering.
pub(super) const SURVIVORS: &[Survivor] = &[];

/// An ordering as it displays itself, and why weakening it makes no difference.
pub type Survivor = (&'static str, &'static str);

/// Explores the shipped mutex beside its model.
pub(super) fn shipped(scenario: &Scenario, bounds: &Bounds) -> Exploration<Lockstep<MutexMapping>> {
    let group = Group::of(scenario.clone());
    let lockstep = Lockstep::new(MutexMapping, group.model(), scenario.threads());
    explore::<Shipped, _>(scenario, bounds, None, lockstep)
}

/// Explores every scenario of a group with a lock that claims to be the mutex of the model.
pub fn explored<S: Subject>(group: &Group, interrupt: &Arc<AtomicBool>) -> ConformReport {
    let bounds = group.bounds(interrupt);
    let extent = match group.preemptions {
        None => "all interleavings".to_owned(),
        Some(most) => format!("at most {most} preemptions: bounded, not exhaustive"),
    };
    let scope = format!("loom, {}: {} scenarios, {extent}", group.name, group.scenarios.len());
    let mut report = ConformReport::new(Mutex::NAME, Evidence::Interleaved, scope);
    report.exhaustive = group.preemptions.is_none();
    let model = group.model();
    let mut missing = all_steps(&*model);
    let all = missing.len();
    let (mut executions, mut steps, mut divergences) = (0, 0, 0_u64);
    for scenario in &group.scenarios {
        let lockstep = Lockstep::new(MutexMapping, Arc::clone(&model), scenario.threads());
        let seen = explore::<S, _>(scenario, &bounds, None, lockstep);
        executions += seen.executions;
        report.exhaustive &= seen.exhaustive;
        if let Some(lockstep) = seen.witness {
            steps += lockstep.tally.steps;
            missing.retain(|step| !lockstep.covered.contains(step));
        }
        if seen.interrupted || (!seen.exhaustive && seen.executions >= bounds.executions) {
            report.verdict = Verdict::Truncated;
        }
        if let Some(failure) = seen.failure {
            divergences += 1;
            report.verdict = Verdict::Violated;
            report.divergence = Some(format!("{scenario}: {}", failure.what));
            report.story = Some(story_of(&failure.events, scenario.threads()));
            report.trace =
                Some(Run::explored(scenario, &bounds, &failure).trace(Mutex::NAME, None, &failure));
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
    let nothing = steps == 0 || missing.len() == all;
    judge_coverage(&mut report, group, &missing, nothing);
    report
}

/// Tells the steps of the model that no execution took. In a group that leaves nothing out, each
/// of them needs a reason.
fn judge_coverage(
    report: &mut ConformReport,
    group: &Group,
    missing: &Coverage<Mutex>,
    nothing: bool,
) {
    let mut kinds: BTreeMap<_, usize> = BTreeMap::new();
    for (state, action) in missing {
        let name = Mutex::ACTIONS[Mutex::class_of(action)].name;
        *kinds.entry((name, reason(group, state, action))).or_default() += 1;
    }
    report.notes.extend(kinds.iter().map(|((name, reason), count)| match reason {
        Some(reason) => format!("not covered: {count} × {name}: {reason}"),
        None => format!("not covered: {count} × {name}"),
    }));
    if report.verdict != Verdict::Holds {
        return;
    }
    if nothing {
        report.verdict = Verdict::Vacuous;
        return;
    }
    let unexplained = kinds.iter().filter(|((_, reason), _)| reason.is_none());
    let unexplained: Vec<_> =
        unexplained.map(|((name, _), count)| format!("{count} × {name}")).collect();
    if group.is_complete() && report.exhaustive && !unexplained.is_empty() {
        report.verdict = Verdict::Violated;
        let steps = unexplained.join(", ");
        report.divergence = Some(format!("no execution takes these steps of the model: {steps}"));
    }
}

/// Why the mutex cannot take a step of the model; none if this state does not show it.
fn reason(group: &Group, state: &State, action: &Action) -> Option<&'static str> {
    let Action::Fail { thread, .. } = *action else { return None };
    // The thread has found the lock taken before, and now it is taken as well. The code tries
    // again only when it has seen the lock free in between, which takes two calls of others.
    let others = (0..).zip(&state.threads).filter(|(other, _)| *other != thread);
    let begun: usize = others.map(|(_, other)| group.rounds() - usize::from(other.rounds)).sum();
    (state.thread(thread).pc == Pc::Spinning && begun < 2)
        .then_some("while Spinning, with one call of the others: it has not seen the lock free")
}

/// Weakens each memory ordering of the shipped mutex in turn; one report for each, and one for
/// each of the known survivors that is no ordering of the mutex any more.
pub fn weaken(survivors: &[Survivor], interrupt: &Arc<AtomicBool>) -> Vec<ConformReport> {
    let pairs = scenarios::pairs();
    let mut tried = pairs.scenarios.clone();
    tried.extend(scenarios::rounds().scenarios);
    let bounds = Bounds { interrupt: Arc::clone(interrupt), ..Bounds::default() };
    let orderings = orderings::<Shipped>(&pairs.scenarios);
    let mut reports = gone(survivors, &orderings);
    for ordering in orderings {
        for (name, weakening) in ordering.weaker() {
            let mut executions = 0;
            let mut caught = None;
            for scenario in &tried {
                let seen = explore::<Shipped, _>(scenario, &bounds, Some(weakening), ());
                executions += seen.executions;
                caught = seen.failure.map(|failure| (scenario, failure.what));
                if caught.is_some() || seen.interrupted {
                    break;
                }
            }
            let known = survivors.iter().find(|(site, _)| *site == ordering.to_string());
            let mut report = weakened(ordering, name, executions, caught, known);
            if interrupt.load(Relaxed) {
                report.verdict = Verdict::Truncated;
                report.divergence = None;
            }
            reports.push(report);
        }
    }
    reports
}

/// A report on each survivor that is none of these orderings.
fn gone(survivors: &[Survivor], orderings: &[Ordered]) -> Vec<ConformReport> {
    let sites: Vec<_> = orderings.iter().map(Ordered::to_string).collect();
    let gone = survivors.iter().filter(|(site, _)| !sites.iter().any(|known| known == site));
    let report = |(site, _): &Survivor| {
        let scope = format!("--weaken: {site}");
        let mut report = ConformReport::new(Mutex::NAME, Evidence::Interleaved, scope);
        report.verdict = Verdict::Violated;
        report.divergence = Some("is listed as a survivor, and is no ordering".to_owned());
        report
    };
    gone.map(report).collect()
}

fn weakened(
    ordering: Ordered,
    to: &str,
    executions: u64,
    caught: Option<(&Scenario, String)>,
    known: Option<&Survivor>,
) -> ConformReport {
    let scope = format!("--weaken: {ordering}, made {to}");
    let mut report = ConformReport::new(Mutex::NAME, Evidence::Interleaved, scope);
    report.figure("executions", executions);
    match (caught, known) {
        (Some((scenario, what)), None) => {
            report.figure("caught", what);
            report.figure("in", scenario.to_string());
            report.notes.push("the ordering is needed".to_owned());
        }
        (None, Some((_, reason))) => report.notes.push(format!("survives: {reason}")),
        (Some(_), Some(_)) => {
            report.verdict = Verdict::Violated;
            report.divergence = Some("is listed as a survivor, and is caught".to_owned());
        }
        (None, None) => {
            report.verdict = Verdict::Violated;
            report.divergence = Some("nothing failed, and no reason is listed".to_owned());
        }
    }
    report
}

/// The first ordering of the shipped mutex with a release half: the one in `unlock`.
pub(super) fn release_of_unlock() -> Option<Ordered> {
    let pairs = scenarios::pairs();
    orderings::<Shipped>(&pairs.scenarios[..1]).into_iter().find(|ordering| ordering.releases())
}

/// Explores the shipped mutex with the Release in `unlock` relaxed.
pub(super) fn relaxed_unlock(scenario: &Scenario, bounds: &Bounds) -> Exploration<()> {
    let weakening = release_of_unlock()
        .and_then(|release| release.weaker().into_iter().next())
        .map(|(_, weakening)| weakening);
    explore::<Shipped, _>(scenario, bounds, weakening, ())
}
