//! `bisim` without arguments: everything once, quickly.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use bisim_models::common::{Params, Preset};

use super::check::second_opinion;
use super::conform::{figures, mark};
use super::exit::Exit;
use super::{baseline, bugs, select};
use crate::checker::Options;
use crate::registry::{ConformOptions, Entry, HuntOptions, entries};
use crate::report::count;
use crate::simulation::{Failed, SECOND, Simulation};

/// The seed of what is sampled.
const SEED: u64 = 0;
/// The number of sampled cases.
const CASES: u32 = 200;
/// The seeds that are simulated,
const SEEDS: u64 = 50;
/// and the nodes of the cluster.
const NODES: u32 = 5;
/// The bug that is told.
const TOLD: &str = "lock/late-sleeper";

/// Checks every model at its quick preset and every implementation at a small size, and tells
/// one bug.
pub(super) fn run(interrupt: &Arc<AtomicBool>) -> Exit {
    let started = Instant::now();
    let entries = entries();
    let mut exit = Exit::Holds;
    println!("models, every state within the bounds:");
    for entry in &entries {
        if interrupt.load(Ordering::Relaxed) {
            return Exit::Interrupted;
        }
        exit = exit.worst(check(entry, interrupt));
    }
    println!("\nimplementations, step by step against the models (seed {SEED}):");
    let options = ConformOptions {
        exhaustive: false,
        weaken: false,
        seed: SEED,
        cases: CASES,
        quick: true,
        interrupt: Arc::clone(interrupt),
    };
    for entry in &entries {
        if interrupt.load(Ordering::Relaxed) {
            return Exit::Interrupted;
        }
        let Some(conformance) = &entry.conformance else { continue };
        for report in conformance.conform(&options) {
            let (mark, target) = (mark(report.verdict), report.target);
            println!("  {mark} {target} · {} · {}", report.evidence, report.scope);
            println!("      {}", figures(&report));
            if let Some(divergence) = &report.divergence {
                println!("      {divergence}");
            }
            exit = exit.worst(report.verdict.into());
        }
    }
    println!("\nimplementations in virtual time, with faults and clients:");
    for entry in &entries {
        exit = exit.worst(simulate(entry, interrupt));
    }
    println!("\na seeded bug, caught:");
    let hunt = HuntOptions { preset: Preset::Quick, interrupt: Arc::clone(interrupt) };
    let told = entries.iter().flat_map(|entry| &entry.bugs).find(|bug| bug.slug == TOLD);
    exit = exit.worst(told.and_then(|bug| bugs::tell(bug, &hunt)).unwrap_or(Exit::Violated));
    println!("\n{} · {:.1} s", last_line(exit), started.elapsed().as_secs_f64());
    println!("next: bisim list · bisim check paxos · bisim conform mutex · bisim bugs");
    exit
}

fn check(entry: &Entry, interrupt: &Arc<AtomicBool>) -> Exit {
    let params = Params::preset(entry.model.parameters(), Preset::Quick);
    let options = Options { interrupt: Arc::clone(interrupt), ..Options::default() };
    let report = entry.model.check(&params, None, &options).expect("every preset makes a model");
    let opinion = match second_opinion(entry, &report, interrupt) {
        Some(distinct) if distinct == report.distinct => "= stateright".to_owned(),
        Some(distinct) => format!("✗ stateright counts {}", count(distinct)),
        None => "stateright not asked".to_owned(),
    };
    println!(
        "  {} {:<18} {:<9} {:>8} states · depth {:>2} · {opinion} · {}",
        mark(report.verdict),
        entry.name(),
        report.verdict.to_string(),
        count(report.distinct),
        report.depth,
        select::bounds(entry, &params)
    );
    let mut end = Exit::from(report.verdict);
    if opinion.starts_with('✗') {
        end = end.worst(Exit::Internal);
    }
    if let Some(changed) = baseline::change(Preset::Quick, &report) {
        println!("      ✗ {changed}");
        end = end.worst(Exit::BaselineChanged);
    }
    end
}

fn simulate(entry: &Entry, interrupt: &AtomicBool) -> Exit {
    let Some(simulate) = entry.simulation else { return Exit::Holds };
    let simulation = Simulation::of(SEED, SEEDS, NODES);
    let summary = simulate(&simulation, interrupt);
    let name = entry.name();
    if let Some(Failed { seed, why, .. }) = &summary.failed {
        println!("  ✗ {name} · simulated · seed {seed}: {why}");
        println!("      again: bisim simulate {name} --nodes {NODES} --seed {seed}");
        return Exit::Violated;
    }
    if summary.interrupted {
        return Exit::Interrupted;
    }
    let counted = |name| count(summary.counts.get(name).copied().unwrap_or_default());
    println!("  ✓ {name} · simulated · {NODES} nodes, seeds {SEED}..{}", SEED + SEEDS - 1);
    println!(
        "      {} s of virtual time · {} crashes · {} partitions · {} operations acknowledged",
        count(summary.virtual_time / SECOND),
        counted("crashes"),
        counted("partitions"),
        counted("operations acknowledged"),
    );
    Exit::Holds
}

fn last_line(exit: Exit) -> &'static str {
    match exit {
        Exit::Holds => "✓ no violation within these bounds, no divergence, and the bug was caught",
        Exit::Violated => "✗ something above is violated",
        Exit::Interrupted => "! interrupted: a partial verdict",
        _ => "! something above did not end as it should",
    }
}
