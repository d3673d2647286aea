//! What `bisim check` says of one target, as text and as JSON.

use bisim_models::common::{Params, Preset};
use serde_json::{Value, json};

use super::args::CheckArgs;
use super::check::{Told, violated};
use super::{lanes, select};
use crate::checker::{Cut, Engine, PropertyVerdict, Verdict};
use crate::registry::{CheckReport, Entry, PropertyReport};
use crate::report::{StoryDoc, count};

pub(super) fn print(args: &CheckArgs, entry: &Entry, report: &CheckReport, told: &Told) {
    let bug = report.bug.as_ref().map(|slug| format!(" · bug {slug}")).unwrap_or_default();
    let preset = if args.set.is_empty() { "" } else { " as a base" };
    println!(
        "{}{bug} · {} · preset {}{preset}",
        report.target,
        select::bounds(entry, &report.params),
        Preset::from(args.preset).name()
    );
    for property in &report.properties {
        println!("{}", property_line(property, report));
    }
    println!("  {}", actions_line(report));
    println!("  {}", counts_line(report, told));
    if let Some(graph) = &report.graph {
        let (edges, seconds) = (count(graph.edges), graph.elapsed.as_secs_f64());
        println!("  liveness on the graph of these states, {edges} edges · {seconds:.2} s");
    }
    if let (Some(property), Some(path)) = (violated(report), &told.trace) {
        let story = property.story.as_ref().expect("a violated property has a story");
        let shortest = if property.fairness.is_none() { "shortest story" } else { "story" };
        println!("\n  {shortest}: {}", story.extent());
        print!("{}", lanes::render(story, "✗"));
        println!("  replay   bisim replay {}", path.display());
        let bug = report.bug.as_ref().map(|slug| format!(" --bug {slug}")).unwrap_or_default();
        let set = set_words(entry, &report.params);
        println!("  explore  bisim explore {}{bug}{set}\n", report.target);
    }
    println!("{}", verdict_line(report));
}

fn set_words(entry: &Entry, params: &Params) -> String {
    let bounds = select::bounds(entry, params);
    bounds.split_whitespace().map(|word| format!(" --set {word}")).collect()
}

/// What is said of a property; a search that was cut says less.
fn property_line(property: &PropertyReport, report: &CheckReport) -> String {
    let cut = report.cut.is_some();
    let steps = property.story.as_ref().map_or("0 steps".to_owned(), StoryDoc::extent);
    // What happens outside the boundary, no lasso can tell.
    let left = report.graph.is_some_and(|graph| graph.left_boundary);
    let within = property.fairness.as_ref().filter(|_| left).map_or("", |_| " within the boundary");
    let (mark, verdict) = match property.verdict {
        PropertyVerdict::Holds if cut => (" ", "no violation so far".to_owned()),
        PropertyVerdict::Holds => ("✓", format!("no violation{within}")),
        PropertyVerdict::Violated => ("✗", format!("violated in {steps}")),
        PropertyVerdict::Reached => ("✓", format!("reached in {steps}")),
        PropertyVerdict::Unreached if cut => (" ", "not reached so far".to_owned()),
        PropertyVerdict::Unreached => ("!", format!("not reached{within}")),
    };
    let PropertyReport { kind, name, source, fairness, .. } = property;
    let under = fairness.as_ref().map(|under| format!(" · under {under}")).unwrap_or_default();
    format!("  {mark} {kind:<9} {name} · {verdict} · {source}{under}")
}

fn actions_line(report: &CheckReport) -> String {
    let dead: Vec<_> = report
        .actions
        .iter()
        .filter(|action| action.taken == 0)
        .map(|action| action.name)
        .collect();
    let all = report.actions.len();
    let counts: Vec<_> =
        report.actions.iter().map(|a| format!("{} {}", a.name, count(a.taken))).collect();
    let dead = match dead.as_slice() {
        [] => String::new(),
        dead if report.cut.is_some() => format!(" · not yet: {}", dead.join(", ")),
        dead => format!(" · never enabled: {}", dead.join(", ")),
    };
    format!("actions {}/{all} taken{dead} · {}", all - dead_count(report), counts.join(", "))
}

fn dead_count(report: &CheckReport) -> usize {
    report.actions.iter().filter(|action| action.taken == 0).count()
}

fn counts_line(report: &CheckReport, told: &Told) -> String {
    let graph = report.graph.map_or(0.0, |graph| graph.elapsed.as_secs_f64());
    let rate = report.distinct as f64 / (report.seconds - graph).max(1e-9);
    let mut line = format!(
        "{} distinct · {} generated · depth {} · {:.2} s, {} states/s, {} worker{} · {:.1} MiB · \
         omission probability {:.1e}",
        count(report.distinct),
        count(report.generated),
        report.depth,
        report.seconds,
        count(rate as u64),
        report.workers,
        if report.workers == 1 { "" } else { "s" },
        report.peak_bytes as f64 / f64::from(1 << 20),
        report.omission_probability
    );
    match told.stateright {
        Some(distinct) if distinct == report.distinct => line.push_str("\n  = stateright"),
        Some(distinct) => {
            line.push_str(&format!("\n  ✗ stateright counts {} states", count(distinct)));
        }
        None => {}
    }
    if let Some(baseline) = &told.baseline {
        let joint = if told.stateright.is_some() { " · " } else { "\n  " };
        line = line + joint + baseline;
    }
    line
}

fn verdict_line(report: &CheckReport) -> String {
    let target = report.target;
    match report.verdict {
        Verdict::Holds => format!("✓ {target}: holds: no violation within these bounds"),
        Verdict::Violated => {
            let name = violated(report).map_or("a property", |property| property.name);
            format!("✗ {target}: violated: {name}")
        }
        Verdict::Vacuous => format!(
            "! {target}: vacuous: something above never happens within these bounds; larger ones \
             may reach it"
        ),
        Verdict::Truncated => {
            let why = match report.cut {
                Some(Cut::States) if report.engine != Engine::Bisim => {
                    "past --max-states (Stateright is stopped from outside, and oversteps it)"
                }
                Some(Cut::States) => "at --max-states",
                Some(Cut::Depth) => "at --max-depth",
                _ => "by an interrupt",
            };
            format!("! {target}: truncated {why}: no violation among the states that were seen")
        }
    }
}

pub(super) fn document(report: &CheckReport, told: &Told) -> Value {
    let properties = report.properties.iter().map(|property| {
        json!({
            "name": property.name,
            "kind": property.kind,
            "fairness": property.fairness,
            "source": property.source,
            "verdict": match property.verdict {
                // A search that was cut has not decided anything that it has not seen.
                PropertyVerdict::Holds | PropertyVerdict::Unreached if report.cut.is_some() => {
                    json!("undecided")
                }
                verdict => json!(verdict),
            },
            "steps": property.story.as_ref().map(|story| story.len()),
            "story": property.story,
        })
    });
    let params: serde_json::Map<_, _> =
        report.params.iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    json!({
        "target": report.target,
        "params": params,
        "bug": report.bug,
        "distinct": report.distinct,
        "generated": report.generated,
        "depth": report.depth,
        "verdict": report.verdict,
        "complete": report.cut.is_none(),
        "cut": report.cut,
        "properties": properties.collect::<Vec<_>>(),
        "actions": report.actions,
        "graph": report.graph.map(|graph| json!({
            "edges": graph.edges,
            "left_boundary": graph.left_boundary,
            "seconds": graph.elapsed.as_secs_f64(),
        })),
        "engine": report.engine,
        "workers": report.workers,
        "seconds": report.seconds,
        "peak_bytes": report.peak_bytes,
        "omission_probability": report.omission_probability,
        "stateright": told.stateright,
        "baseline": told.baseline,
        "trace": told.trace,
    })
}
