//! `bisim conform`.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::args::ConformArgs;
use super::exit::Exit;
use super::lanes;
use super::select::{Folders, select};
use super::traces::Traces;
use crate::checker::Verdict;
use crate::registry::{ConformOptions, ConformReport, Evidence};
use crate::report::count;

/// Checks the implementations one after the other; the worst end is the command's.
pub(super) fn run(args: &ConformArgs, interrupt: &Arc<AtomicBool>) -> Result<Exit, String> {
    let chosen = select(&args.targets, Folders::Always)?;
    if chosen.iter().all(|entry| entry.conformance.is_none()) {
        let names: Vec<_> = select(&[], Folders::Always)?
            .iter()
            .filter_map(|entry| entry.conformance.as_ref().map(|_| entry.name()))
            .collect();
        return Err(format!(
            "{}: a model without an implementation; conform takes {}",
            args.targets.join(" "),
            names.join(", ")
        ));
    }
    let options = ConformOptions {
        exhaustive: args.exhaustive,
        weaken: args.weaken,
        seed: args.seed,
        cases: args.cases,
        quick: false,
        interrupt: Arc::clone(interrupt),
    };
    let applies = |evidence| {
        let tied = chosen.iter().filter_map(|entry| entry.conformance.as_ref());
        tied.flat_map(|conformance| conformance.evidence()).any(|&found| found == evidence)
    };
    if args.exhaustive && !applies(Evidence::Refined) {
        return Err("--exhaustive is for protocols: none of these targets is one".to_owned());
    }
    if args.weaken && !applies(Evidence::Interleaved) {
        return Err("--weaken is for shared memory: none of these targets is it".to_owned());
    }
    let mut exit = Exit::Holds;
    let mut results = Vec::new();
    let mut traces = Traces::default();
    for entry in &chosen {
        let Some(conformance) = &entry.conformance else {
            if args.targets.iter().any(|word| word == entry.name()) {
                eprintln!("{}: a model without an implementation: left out", entry.name());
            }
            continue;
        };
        for report in conformance.conform(&options) {
            exit = exit.worst(report.verdict.into());
            let trace = report.trace.as_ref().and_then(|trace| traces.write(trace));
            if args.json {
                let mut result =
                    serde_json::to_value(&report).expect("a report has string keys only");
                result["trace"] = json!(trace);
                results.push(result);
            } else {
                print(&report, trace.as_deref());
            }
        }
        if interrupt.load(Ordering::Relaxed) {
            break;
        }
    }
    if args.json {
        println!("{}", json!({ "schema": 1, "seed": args.seed, "results": results }));
    }
    Ok(exit)
}

/// The counts of a report in one line.
pub(super) fn figures(report: &ConformReport) -> String {
    let figures = report.figures.iter().map(|figure| match &figure.value {
        Value::Number(number) if number.is_u64() => {
            format!("{} {}", count(number.as_u64().expect("it is a u64")), figure.name)
        }
        Value::String(text) => format!("{}: {text}", figure.name),
        other => format!("{}: {other}", figure.name),
    });
    figures.collect::<Vec<_>>().join(" · ")
}

/// The mark of a verdict.
pub(super) fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "✓",
        Verdict::Violated => "✗",
        Verdict::Vacuous | Verdict::Truncated => "!",
    }
}

fn print(report: &ConformReport, trace: Option<&Path>) {
    println!("{} · {} · {}", report.target, report.evidence, report.scope);
    println!("  {}", figures(report));
    for note in &report.notes {
        println!("  {note}");
    }
    if let Some(divergence) = &report.divergence {
        println!();
        for line in divergence.lines() {
            println!("{}", lanes::fold(&format!("  {line}"), 4));
        }
    }
    if let Some(story) = &report.story {
        print!("{}", lanes::render(story, "✗"));
    }
    if let Some(trace) = trace {
        println!("  replay   bisim replay {}", trace.display());
    }
    let bounds = if report.exhaustive { "everything within these bounds" } else { "what was run" };
    println!(
        "{} {} {}: {} ({bounds})\n",
        mark(report.verdict),
        report.target,
        report.evidence,
        report.verdict
    );
}
