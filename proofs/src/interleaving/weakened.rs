//! Each memory ordering of the shipped code weakened in turn, under loom.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use bisim_loom::sync::probe::Weakening;
use bisim_models::common::Spec;

use super::{Algorithm, Bounds, Ordered, Survivor, explore, orderings};
use crate::checker::Verdict;
use crate::registry::{ConformReport, Evidence};

/// Weakens each memory ordering of an algorithm in turn; see [`weaken_each`].
pub fn weaken<A: Algorithm>(
    survivors: &[Survivor],
    interrupt: &Arc<AtomicBool>,
) -> Vec<ConformReport> {
    let tried = A::weakened_in();
    let interrupted = Arc::clone(interrupt);
    let preemptions = A::WEAKENED_WITHIN;
    let bounds = Bounds { preemptions, interrupt: interrupted, ..Bounds::default() };
    let orderings = orderings::<A::OnLoom>(&tried);
    weaken_each(A::Spec::NAME, &orderings, survivors, interrupt, |weakening| {
        let mut weakened = Weakened::default();
        for scenario in &tried {
            let seen = explore::<A::OnLoom, _>(scenario, &bounds, Some(weakening), ());
            weakened.executions += seen.executions;
            weakened.caught = seen.failure.map(|failure| (scenario.to_string(), failure.what));
            if weakened.caught.is_some() || seen.interrupted {
                break;
            }
        }
        weakened
    })
}

/// What was seen with an ordering weakened.
#[derive(Debug, Default)]
pub struct Weakened {
    /// The executions that were begun.
    pub executions: u64,
    /// What failed, and in which scenario.
    pub caught: Option<(String, String)>,
}

/// Weakens each ordering of a target in turn; one report for each, and one for each of the known
/// survivors that is no ordering any more.
pub fn weaken_each(
    target: &'static str,
    orderings: &[Ordered],
    survivors: &[Survivor],
    interrupt: &Arc<AtomicBool>,
    explored: impl Fn(Weakening) -> Weakened,
) -> Vec<ConformReport> {
    let mut reports = gone(target, survivors, orderings);
    for ordering in orderings {
        for (name, weakening) in ordering.weaker() {
            let seen = explored(weakening);
            let known = survivors.iter().find(|(site, _)| *site == ordering.to_string());
            let scope = format!("--weaken: {ordering}, made {name}");
            let mut report = ConformReport::new(target, Evidence::Interleaved, scope);
            judge(&mut report, seen, known);
            if interrupt.load(Relaxed) {
                report.verdict = Verdict::Truncated;
                report.divergence = None;
            }
            reports.push(report);
        }
    }
    if reports.is_empty() {
        let scope = "--weaken: every ordering is relaxed";
        reports.push(ConformReport::new(target, Evidence::Interleaved, scope));
    }
    reports
}

/// A report on each survivor that is none of these orderings.
fn gone(target: &'static str, survivors: &[Survivor], orderings: &[Ordered]) -> Vec<ConformReport> {
    let sites: Vec<_> = orderings.iter().map(Ordered::to_string).collect();
    let gone = survivors.iter().filter(|(site, _)| !sites.iter().any(|known| known == site));
    let report = |(site, _): &Survivor| {
        let scope = format!("--weaken: {site}");
        let mut report = ConformReport::new(target, Evidence::Interleaved, scope);
        report.verdict = Verdict::Violated;
        report.divergence = Some("is listed as a survivor, and is no ordering".to_owned());
        report
    };
    gone.map(report).collect()
}

fn judge(report: &mut ConformReport, seen: Weakened, known: Option<&Survivor>) {
    report.figure("executions", seen.executions);
    match (seen.caught, known) {
        (Some((scenario, what)), None) => {
            report.figure("caught", what);
            report.figure("in", scenario);
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
}
