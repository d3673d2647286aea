//! `bisim bugs`: the matrix of known bugs and the evidence that catches them.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bisim_models::common::Preset;
use serde_json::{Value, json};

use super::args::BugsArgs;
use super::exit::Exit;
use super::lanes;
use super::select::{Folders, select};
use super::traces::Traces;
use crate::registry::{Bug, Caught, Deferred, Hunt, HuntOptions};
use crate::report::StoryDoc;

/// Hunts every bug of the targets. A bug that its evidence does not catch, although it should, or
/// that another check catches than the one meant for it, makes the command end as violated.
pub(super) fn run(args: &BugsArgs, interrupt: &Arc<AtomicBool>) -> Result<Exit, String> {
    let preset = Preset::from(args.preset);
    let options = HuntOptions { preset, interrupt: Arc::clone(interrupt) };
    let mut matrix = Matrix::default();
    let chosen = select(&args.targets, Folders::Always)?;
    let all: usize = chosen.iter().map(|entry| entry.bugs.len()).sum();
    if all == 0 {
        return Err(format!("{}: no bug is seeded there", args.targets.join(" ")));
    }
    'all: for entry in &chosen {
        for bug in &entry.bugs {
            let hunted: Vec<_> =
                bug.hunts.iter().map(|hunt| (hunt, (hunt.run)(&options))).collect();
            if interrupt.load(Ordering::Relaxed) {
                // What was hunted last was cut short: it says nothing.
                break 'all;
            }
            matrix.add(args, preset, (entry.name(), bug), &hunted);
        }
    }
    let deferred: Vec<_> = chosen
        .iter()
        .flat_map(|entry| entry.deferred.iter().map(|row| (entry.name(), row)))
        .collect();
    if args.json {
        let deferred = deferred.iter().map(|(target, row)| {
            let mut row = serde_json::to_value(row).expect("a row has string keys only");
            row["target"] = json!(target);
            row
        });
        let deferred: Vec<_> = deferred.collect();
        println!("{}", json!({ "schema": 1, "results": matrix.results, "deferred": deferred }));
    } else {
        tell_deferred(&deferred);
        let hunted = matrix.results.len();
        if hunted < all {
            println!("interrupted: {hunted} of {all} bugs were hunted");
        }
        println!("{}{}", matrix.summary(), waiting(&deferred));
    }
    Ok(if matrix.missed == 0 { Exit::Holds } else { Exit::Violated })
}

/// The rows that wait, dim where that can be seen.
fn tell_deferred(deferred: &[(&str, &Deferred)]) {
    let terminal = std::io::stdout().is_terminal();
    let (dim, plain) = if terminal { ("\x1b[2m", "\x1b[0m") } else { ("", "") };
    for (target, Deferred { row, title, source, with, reason }) in deferred {
        println!("{dim}  {row:<4} {target} · with {with} · {title} ({source})");
        println!("       {reason}{plain}");
    }
}

/// How many rows wait, and for what.
fn waiting(deferred: &[(&str, &Deferred)]) -> String {
    let mut with: Vec<_> = deferred.iter().map(|(_, row)| row.with).collect();
    with.sort_unstable();
    with.dedup();
    match deferred.len() {
        0 => String::new(),
        1 => format!(" · 1 row waits for {}", with.join(", ")),
        rows => format!(" · {rows} rows wait for {}", with.join(", ")),
    }
}

#[derive(Default)]
struct Matrix {
    traces: Traces,
    results: Vec<Value>,
    caught: usize,
    reasons: usize,
    survivors: usize,
    missed: usize,
}

impl Matrix {
    fn summary(&self) -> String {
        let hunted = self.results.len();
        let mut summary = format!("{} of {hunted} bugs caught", self.caught);
        for (count, what) in [
            (self.missed, "missed"),
            (self.reasons, "that cannot show here"),
            (self.survivors, "that need larger bounds"),
        ] {
            if count > 0 {
                summary += &format!(", {count} {what}");
            }
        }
        summary
    }

    fn add(
        &mut self,
        args: &BugsArgs,
        preset: Preset,
        (target, bug): (&str, &Bug),
        hunted: &[(&Hunt, Caught)],
    ) {
        let mut evidence = Vec::new();
        let mut lines = Vec::new();
        let mut missed = false;
        for (hunt, caught) in hunted {
            let expected = caught.is_by(hunt) || preset < hunt.from;
            missed |= !expected;
            let file = caught.trace.as_ref().and_then(|trace| self.traces.write(trace));
            lines.push(line(hunt, caught, expected, file.as_ref()));
            evidence.push(json!({
                "evidence": hunt.evidence, "caught": caught.caught, "by": caught.by,
                "check": hunt.check,
                "steps": caught.story.as_ref().map(|story| story.len()), "story": caught.story,
                "needs": hunt.from.name(), "trace": file,
            }));
        }
        let caught = hunted.iter().any(|(_, caught)| caught.caught);
        let verdict = match (missed, caught, hunted.is_empty()) {
            (true, _, _) => "missed",
            (_, true, _) => "caught",
            (_, _, true) => "reason",
            _ => "survives",
        };
        *match verdict {
            "missed" => &mut self.missed,
            "caught" => &mut self.caught,
            "reason" => &mut self.reasons,
            _ => &mut self.survivors,
        } += 1;
        if !args.json {
            let mark = if missed {
                "✗"
            } else if caught {
                "✓"
            } else {
                "–"
            };
            println!("{mark} {:<4} {} · {}", bug.row, bug.slug, bug.title);
            lines.iter().for_each(|line| println!("       {line}"));
            if !bug.reason.is_empty() {
                println!("       {}", bug.reason);
            }
        }
        self.results.push(json!({
            "target": target, "bug": bug.slug, "row": bug.row, "title": bug.title,
            "source": bug.source, "verdict": verdict, "reason": bug.reason, "hunts": evidence,
        }));
    }
}

fn line(hunt: &Hunt, caught: &Caught, expected: bool, file: Option<&PathBuf>) -> String {
    let steps = match caught.story.as_ref().map(StoryDoc::extent) {
        Some(extent) => format!(", {extent}"),
        None => String::new(),
    };
    let file = file.map(|path| format!(" · {}", path.display())).unwrap_or_default();
    match (caught.caught, expected) {
        (true, true) => format!("{}: {}{steps}{file}", hunt.evidence, caught.by),
        (true, false) => format!(
            "{}: MISSED by \"{}\", caught by another check: {}{steps}{file}",
            hunt.evidence, hunt.check, caught.by
        ),
        (false, true) => {
            format!("{}: {}, needs --preset {}", hunt.evidence, caught.by, hunt.from.name())
        }
        (false, false) => format!("{}: MISSED: {}", hunt.evidence, caught.by),
    }
}

/// One bug with its story, for the run without arguments.
pub(super) fn tell(bug: &Bug, options: &HuntOptions) -> Option<Exit> {
    let hunt = bug.hunts.first()?;
    let caught = (hunt.run)(options);
    let story = caught.story.as_ref()?;
    println!("  {} ({}): {}", bug.slug, bug.source, bug.title);
    println!("  {}: violated: {} · {}", hunt.evidence, caught.by, story.extent());
    print!("{}", lanes::render(story, "✗"));
    Some(if caught.caught { Exit::Holds } else { Exit::Violated })
}
