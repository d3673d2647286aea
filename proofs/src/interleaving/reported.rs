//! A group of scenarios under loom, every execution beside the model, as a report.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bisim_models::common::Spec;

use super::{Algorithm, Coverage, Group, Lockstep, Run, Subject, all_steps, explore, story_of};
use crate::checker::Verdict;
use crate::registry::{ConformReport, Evidence};
use crate::report::count;

/// Explores every scenario of a group with code that claims to be the algorithm of the model.
pub fn reported<A: Algorithm, S: Subject>(
    group: &Group,
    interrupt: &Arc<AtomicBool>,
) -> ConformReport {
    let bounds = group.bounds(interrupt);
    let extent = match group.preemptions {
        None => "all interleavings".to_owned(),
        Some(most) => format!("at most {most} preemptions: bounded, not exhaustive"),
    };
    let scope = format!("loom, {}: {} scenarios, {extent}", group.name, group.scenarios.len());
    let mut report = ConformReport::new(A::Spec::NAME, Evidence::Interleaved, scope);
    report.exhaustive = group.preemptions.is_none();
    let model = Arc::new(A::model(&group.scenarios));
    let mut missing = if group.covers { all_steps(&*model) } else { Default::default() };
    let all = missing.len();
    let (mut executions, mut steps, mut divergences) = (0, 0, 0_u64);
    for scenario in &group.scenarios {
        let lockstep = Lockstep::new(A::Mapping::default(), Arc::clone(&model), scenario.threads());
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
            report.trace = Some(Run::explored(scenario, &bounds, &failure).trace(
                A::Spec::NAME,
                None,
                &failure,
            ));
        }
        if seen.interrupted || divergences > 0 {
            break;
        }
    }
    report.figure("executions", executions);
    report.figure("steps replayed on the model", steps);
    report.figure("divergences", divergences);
    if group.covers {
        let covered = count((all - missing.len()) as u64);
        report.figure("model steps covered", format!("{covered} of {}", count(all as u64)));
    }
    judge_coverage::<A>(&mut report, group, &missing, steps == 0);
    report
}

/// Tells the steps of the model that no execution took. In a group that leaves nothing out, each
/// of them needs a reason.
fn judge_coverage<A: Algorithm>(
    report: &mut ConformReport,
    group: &Group,
    missing: &Coverage<A::Spec>,
    nothing: bool,
) {
    let mut kinds: BTreeMap<_, usize> = BTreeMap::new();
    for (state, action) in missing {
        let name = A::Spec::ACTIONS[A::Spec::class_of(action)].name;
        *kinds.entry((name, A::reason(group, state, action))).or_default() += 1;
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
    if group.is_complete(A::CALLS) && report.exhaustive && !unexplained.is_empty() {
        report.verdict = Verdict::Violated;
        let steps = unexplained.join(", ");
        report.divergence = Some(format!("no execution takes these steps of the model: {steps}"));
    }
}
