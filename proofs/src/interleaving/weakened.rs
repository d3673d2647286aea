//! Each memory ordering of the shipped code weakened in turn, under loom.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use bisim_models::common::Spec;

use super::{Algorithm, Bounds, Ordered, Scenario, Survivor, explore, orderings};
use crate::checker::Verdict;
use crate::registry::{ConformReport, Evidence};

/// Weakens each memory ordering of the shipped code in turn; one report for each, and one for
/// each of the known survivors that is no ordering of it any more.
pub fn weaken<A: Algorithm>(
    survivors: &[Survivor],
    interrupt: &Arc<AtomicBool>,
) -> Vec<ConformReport> {
    let tried = A::weakened_in();
    let interrupted = Arc::clone(interrupt);
    let preemptions = A::WEAKENED_WITHIN;
    let bounds = Bounds { preemptions, interrupt: interrupted, ..Bounds::default() };
    let orderings = orderings::<A::OnLoom>(&tried);
    let mut reports = gone::<A>(survivors, &orderings);
    for ordering in orderings {
        for (name, weakening) in ordering.weaker() {
            let mut executions = 0;
            let mut caught = None;
            for scenario in &tried {
                let seen = explore::<A::OnLoom, _>(scenario, &bounds, Some(weakening), ());
                executions += seen.executions;
                caught = seen.failure.map(|failure| (scenario, failure.what));
                if caught.is_some() || seen.interrupted {
                    break;
                }
            }
            let known = survivors.iter().find(|(site, _)| *site == ordering.to_string());
            let mut report = weakened::<A>(ordering, name, executions, caught, known);
            if interrupt.load(Relaxed) {
                report.verdict = Verdict::Truncated;
                report.divergence = None;
            }
            reports.push(report);
        }
    }
    if reports.is_empty() {
        let scope = "--weaken: every ordering is relaxed";
        reports.push(ConformReport::new(A::Spec::NAME, Evidence::Interleaved, scope));
    }
    reports
}

/// A report on each survivor that is none of these orderings.
fn gone<A: Algorithm>(survivors: &[Survivor], orderings: &[Ordered]) -> Vec<ConformReport> {
    let sites: Vec<_> = orderings.iter().map(Ordered::to_string).collect();
    let gone = survivors.iter().filter(|(site, _)| !sites.iter().any(|known| known == site));
    let report = |(site, _): &Survivor| {
        let scope = format!("--weaken: {site}");
        let mut report = ConformReport::new(A::Spec::NAME, Evidence::Interleaved, scope);
        report.verdict = Verdict::Violated;
        report.divergence = Some("is listed as a survivor, and is no ordering".to_owned());
        report
    };
    gone.map(report).collect()
}

fn weakened<A: Algorithm>(
    ordering: Ordered,
    to: &str,
    executions: u64,
    caught: Option<(&Scenario, String)>,
    known: Option<&Survivor>,
) -> ConformReport {
    let scope = format!("--weaken: {ordering}, made {to}");
    let mut report = ConformReport::new(A::Spec::NAME, Evidence::Interleaved, scope);
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
