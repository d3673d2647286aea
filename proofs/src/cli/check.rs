//! `bisim check`.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bisim_models::common::Preset;
use serde_json::json;

use super::args::CheckArgs;
use super::baseline::{self, Baseline};
use super::exit::Exit;
use super::select::{self, Folders};
use super::told::{document, print};
use super::traces::Traces;
use crate::checker::{Engine, Options, PropertyVerdict};
use crate::registry::{CheckReport, Entry, PropertyReport};

/// Up to this many states a second engine is asked without being told to.
const SECOND_OPINION: u64 = 100_000;

/// Checks the targets one after the other; the worst end is the command's.
pub(super) fn run(args: &CheckArgs, interrupt: &Arc<AtomicBool>) -> Result<Exit, String> {
    let chosen = select::select(&args.targets, Folders::WhereNoTarget)?;
    let mut jobs = Vec::new();
    for entry in &chosen {
        select::bug(entry, args.bug.as_deref())?;
        jobs.push((entry, select::params(entry, args.preset.into(), &args.set)?));
    }
    let mut exit = Exit::Holds;
    let mut results = Vec::new();
    for (entry, params) in jobs {
        let options = options(args, interrupt);
        let report = entry.model.check(&params, args.bug.as_deref(), &options);
        let report = report.map_err(|why| why.to_string())?;
        let told = Told::new(args, entry, &report, interrupt)?;
        exit = exit.worst(told.exit);
        if args.json {
            results.push(document(&report, &told));
        } else {
            print(args, entry, &report, &told);
        }
        if interrupt.load(Ordering::Relaxed) {
            break;
        }
    }
    if args.json {
        println!("{}", json!({ "schema": 1, "results": results }));
    }
    Ok(exit)
}

fn options(args: &CheckArgs, interrupt: &Arc<AtomicBool>) -> Options {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Options {
        engine: args.engine.into(),
        workers: args.workers.map_or(cores, |workers| workers as usize),
        max_states: args.max_states,
        max_depth: args.max_depth,
        keep_going: args.keep_going,
        interrupt: Arc::clone(interrupt),
        progress: std::io::IsTerminal::is_terminal(&std::io::stderr()),
        liveness: true,
    }
}

/// What is said of a report beside what it holds itself.
pub(super) struct Told {
    pub(super) exit: Exit,
    /// What Stateright's search counts, where it was asked.
    pub(super) stateright: Option<u64>,
    /// What the baseline says, where there is one for these bounds.
    pub(super) baseline: Option<String>,
    /// The violated property and the file with its trace.
    pub(super) trace: Option<PathBuf>,
}

impl Told {
    fn new(
        args: &CheckArgs,
        entry: &Entry,
        report: &CheckReport,
        interrupt: &Arc<AtomicBool>,
    ) -> Result<Self, String> {
        let mut exit = Exit::from(report.verdict);
        let stateright = second_opinion(entry, report, interrupt);
        if stateright.is_some_and(|distinct| distinct != report.distinct) {
            exit = exit.worst(Exit::Internal);
        }
        let mut compared = None;
        if args.set.is_empty() && args.bug.is_none() && report.cut.is_none() {
            let (text, end) = compare(args, report)?;
            compared = text;
            exit = exit.worst(end);
        }
        let trace = violated(report).and_then(|property| property.trace.as_ref());
        let trace = trace.and_then(|trace| Traces::default().write(trace));
        Ok(Self { exit, stateright, baseline: compared, trace })
    }
}

/// Asks Stateright for its count, where that takes no time.
pub(super) fn second_opinion(
    entry: &Entry,
    report: &CheckReport,
    interrupt: &Arc<AtomicBool>,
) -> Option<u64> {
    let asked = report.engine == Engine::Bisim
        && report.bug.is_none()
        && report.cut.is_none()
        && report.distinct <= SECOND_OPINION;
    let options = Options {
        engine: Engine::StaterightBfs,
        liveness: false,
        interrupt: Arc::clone(interrupt),
        ..Options::default()
    };
    let other = asked.then(|| entry.model.check(&report.params, None, &options))?;
    other.ok().filter(|other| other.cut.is_none()).map(|other| other.distinct)
}

fn compare(args: &CheckArgs, report: &CheckReport) -> Result<(Option<String>, Exit), String> {
    let preset: Preset = args.preset.into();
    let mut baseline = Baseline::read(report.target)?.unwrap_or_default();
    if args.bless {
        baseline.bless(preset, report)?;
    }
    let Some(known) = baseline.known(preset) else { return Ok((None, Exit::Holds)) };
    Ok(match baseline::difference(known, report) {
        None => (Some(format!("= baseline ({})", known.source)), Exit::Holds),
        Some(difference) => (Some(difference), Exit::BaselineChanged),
    })
}

pub(super) fn violated(report: &CheckReport) -> Option<&PropertyReport> {
    let violated = report.properties.iter().filter(|p| p.verdict == PropertyVerdict::Violated);
    violated.min_by_key(|property| property.story.as_ref().map(|story| story.len()))
}
