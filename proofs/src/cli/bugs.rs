//! `bisim bugs`: the matrix of known bugs and the evidence that catches them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bisim_models::common::Preset;
use serde_json::{Value, json};

use super::args::BugsArgs;
use super::check::write_numbered;
use super::exit::Exit;
use super::lanes;
use super::select::{Folders, select};
use crate::registry::{Bug, Caught, Hunt, HuntOptions};
use crate::report::StoryDoc;

/// Hunts every bug of the targets. A bug that no evidence caught, although it should have, makes
/// the command end as violated.
pub(super) fn run(args: &BugsArgs, interrupt: &Arc<AtomicBool>) -> Result<Exit, String> {
    let preset = Preset::from(args.preset);
    let options = HuntOptions { preset, interrupt: Arc::clone(interrupt) };
    let mut matrix = Matrix::default();
    let chosen = select(&args.targets, Folders::Always)?;
    let all: usize = chosen.iter().map(|entry| entry.bugs.len()).sum();
    if all == 0 {
        return Err(format!("{}: no bug is seeded there", args.targets.join(" ")));
    }
    'all: for entry in chosen {
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
    if args.json {
        println!("{}", json!({ "schema": 1, "results": matrix.results }));
    } else {
        let hunted = matrix.results.len();
        if hunted < all {
            println!("interrupted: {hunted} of {all} bugs were hunted");
        }
        println!(
            "{hunted} bugs: {} caught, {} that cannot show here, {} that need larger bounds, \
             {} missed",
            matrix.caught, matrix.reasons, matrix.survivors, matrix.missed
        );
    }
    Ok(if matrix.missed == 0 { Exit::Holds } else { Exit::Violated })
}

#[derive(Default)]
struct Matrix {
    results: Vec<Value>,
    caught: usize,
    reasons: usize,
    survivors: usize,
    missed: usize,
}

impl Matrix {
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
        for (index, (hunt, caught)) in hunted.iter().enumerate() {
            let expected = caught.caught || preset < hunt.from;
            missed |= !expected;
            let file = file(index, caught);
            lines.push(line(hunt, caught, expected, file.as_ref()));
            evidence.push(json!({
                "evidence": hunt.evidence, "caught": caught.caught, "by": caught.by,
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

/// Writes the trace of a hunt. The second hunt of one bug has a file of its own.
fn file(index: usize, caught: &Caught) -> Option<PathBuf> {
    write_numbered(caught.trace.as_ref()?, index)
}

fn line(hunt: &Hunt, caught: &Caught, expected: bool, file: Option<&PathBuf>) -> String {
    let steps = match caught.story.as_ref().map(StoryDoc::extent) {
        Some(extent) => format!(", {extent}"),
        None => String::new(),
    };
    let file = file.map(|path| format!(" · {}", path.display())).unwrap_or_default();
    match (caught.caught, expected) {
        (true, _) => format!("{}: {}{steps}{file}", hunt.evidence, caught.by),
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
