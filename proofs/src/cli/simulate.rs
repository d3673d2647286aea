//! `bisim simulate`.

use std::sync::atomic::AtomicBool;
use std::time::Instant;

use serde_json::json;

use super::args::SimulateArgs;
use super::exit::Exit;
use super::select::{self, Folders};
use crate::report::count;
use crate::simulation::{SECOND, Simulation, Summary};

/// Runs the seeds one after the other. A violation is a violation, in whatever seed.
pub(super) fn run(args: &SimulateArgs, interrupt: &AtomicBool) -> Result<Exit, String> {
    let entry = select::one(&args.protocol)?;
    let Some(simulate) = entry.simulation else {
        let names: Vec<_> = select::select(&[], Folders::Always)?
            .iter()
            .filter_map(|entry| entry.simulation.map(|_| entry.name()))
            .collect();
        return Err(format!(
            "{}: nothing to simulate; simulate takes {}",
            args.protocol,
            names.join(", ")
        ));
    };
    let seeds = args.seeds.unwrap_or(if args.seed.is_some() { 1 } else { 100 });
    let simulation = Simulation {
        patience: args.patience.saturating_mul(SECOND),
        lines: args.lines,
        ..Simulation::of(args.seed.unwrap_or(0), seeds, args.nodes)
    };
    let began = Instant::now();
    let summary = simulate(&simulation, interrupt);
    let took = began.elapsed().as_secs_f64();
    if args.json {
        print_json(args, &simulation, &summary, took);
    } else {
        print(args, &simulation, &summary, took);
    }
    Ok(match (&summary.failed, summary.interrupted) {
        (Some(_), _) => Exit::Violated,
        (None, true) => Exit::Interrupted,
        (None, false) => Exit::Holds,
    })
}

/// Virtual seconds for each second.
fn factor(summary: &Summary, took: f64) -> f64 {
    summary.virtual_time as f64 / SECOND as f64 / took.max(f64::MIN_POSITIVE)
}

fn print(args: &SimulateArgs, simulation: &Simulation, summary: &Summary, took: f64) {
    let Simulation { first, nodes, .. } = simulation;
    let last = first + summary.runs.saturating_sub(1);
    println!("{} · simulated · {nodes} nodes · seeds {first}..{last}", args.protocol);
    let counts: Vec<_> = (summary.counts.iter())
        .map(|(name, number)| format!("{} {name}", count(*number)))
        .collect();
    for line in counts.chunks(4) {
        println!("  {}", line.join(" · "));
    }
    let healed = summary.slowest_recovery as f64 / SECOND as f64;
    if summary.slowest_recovery > 0 {
        println!("  all clients served at most {healed:.2} s after a majority was healed");
    }
    println!(
        "  {:.0} s of virtual time in {took:.2} s: {:.0} times real time · trace hash {:016x}",
        summary.virtual_time as f64 / SECOND as f64,
        factor(summary, took),
        summary.hash
    );
    match &summary.failed {
        Some(failed) => {
            println!();
            failed.transcript.iter().for_each(|line| println!("  {line}"));
            println!();
            println!("  the nodes had {}", failed.subject);
            println!("✗ {}: seed {}: {}", args.protocol, failed.seed, failed.why);
            println!(
                "  again: bisim simulate {} --nodes {nodes} --seed {} --patience {}",
                args.protocol, failed.seed, args.patience
            );
        }
        None if summary.interrupted => {
            println!(
                "– {}: interrupted after {} seeds, without a violation",
                args.protocol, summary.runs
            );
        }
        None => println!("✓ {}: no violation in {} seeds", args.protocol, summary.runs),
    }
}

fn print_json(args: &SimulateArgs, simulation: &Simulation, summary: &Summary, took: f64) {
    let failed = summary.failed.as_ref().map(|failed| {
        json!({ "seed": failed.seed, "at_microseconds": failed.at, "why": failed.why,
                "features": failed.subject,
                "transcript": failed.transcript })
    });
    let result = json!({
        "schema": 1,
        "target": args.protocol,
        "nodes": simulation.nodes,
        "first_seed": simulation.first,
        "runs": summary.runs,
        "verdict": match (&summary.failed, summary.interrupted) {
            (Some(_), _) => "violated",
            (None, true) => "truncated",
            (None, false) => "holds",
        },
        "counts": summary.counts,
        "slowest_recovery_seconds": summary.slowest_recovery as f64 / SECOND as f64,
        "virtual_seconds": summary.virtual_time as f64 / SECOND as f64,
        "seconds": took,
        "real_time_factor": factor(summary, took),
        "hash": format!("{:016x}", summary.hash),
        "failed": failed,
    });
    println!("{result}");
}
