//! `bisim check`.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bisim_models::common::{Expectation, Params, Preset};
use serde_json::{Value, json};

use super::args::CheckArgs;
use super::baseline::{self, Baseline};
use super::exit::Exit;
use super::lanes;
use super::select::{self, Folders};
use crate::checker::{Cut, Engine, Options, PropertyVerdict, Verdict};
use crate::registry::{CheckReport, Entry, PropertyReport};
use crate::report::Trace;

/// Up to this many states a second engine is asked without being told to.
const SECOND_OPINION: u64 = 100_000;

/// Checks the targets one after the other; the worst end is the command's.
pub(super) fn run(args: &CheckArgs, interrupt: &Arc<AtomicBool>) -> Result<Exit, String> {
    let chosen = select::select(&args.targets, Folders::WhereNoTarget)?;
    let mut jobs = Vec::new();
    for entry in &chosen {
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
    }
}

/// What is said of a report beside what it holds itself.
struct Told {
    exit: Exit,
    /// What Stateright's search counts, where it was asked.
    stateright: Option<u64>,
    /// What the baseline says, where there is one for these bounds.
    baseline: Option<String>,
    /// The violated property and the file with its trace.
    trace: Option<PathBuf>,
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
        let trace = match violated(report).and_then(|property| property.trace.as_ref()) {
            Some(trace) => Some(write(trace)?),
            None => None,
        };
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
    Ok(match baseline.known(preset) {
        None => (None, Exit::Holds),
        Some(known) if baseline::agrees(known, report) => {
            (Some(format!("= baseline ({})", known.source)), Exit::Holds)
        }
        Some(known) => {
            let known = format!(
                "baseline changed: it was {}, {} states, depth {}",
                known.verdict,
                count(known.distinct),
                known.depth
            );
            (Some(known), Exit::BaselineChanged)
        }
    })
}

fn violated(report: &CheckReport) -> Option<&PropertyReport> {
    report.properties.iter().find(|p| p.verdict == PropertyVerdict::Violated)
}

/// Writes a trace below `out`, and tells where.
pub(super) fn write(trace: &Trace) -> Result<PathBuf, String> {
    write_numbered(trace, 0)
}

/// The same for one of several traces of one bug: each has a file of its own.
pub(super) fn write_numbered(trace: &Trace, index: usize) -> Result<PathBuf, String> {
    let name = match &trace.bug {
        Some(slug) => slug.clone(),
        None => format!("{}-{}", trace.target, trace.property),
    };
    let keep = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = name.chars().map(keep).collect();
    let number = if index == 0 { String::new() } else { format!("-{}", index + 1) };
    let path = PathBuf::from("out").join(format!("{name}{number}.json"));
    trace.write(&path).map_err(|why| format!("{}: {why}", path.display()))?;
    Ok(path)
}

fn print(args: &CheckArgs, entry: &Entry, report: &CheckReport, told: &Told) {
    let bug = report.bug.as_ref().map(|slug| format!(" · bug {slug}")).unwrap_or_default();
    let preset = if args.set.is_empty() { "" } else { " as a base" };
    println!(
        "{}{bug} · {} · preset {}{preset}",
        report.target,
        select::bounds(entry, &report.params),
        Preset::from(args.preset).name()
    );
    for property in &report.properties {
        println!("{}", property_line(property));
    }
    println!("  {}", actions_line(report));
    println!("  {}", counts_line(report, told));
    if let (Some(property), Some(path)) = (violated(report), &told.trace) {
        let story = property.story.as_ref().expect("a violated property has a story");
        println!("\n  shortest story: {} steps", story.len());
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

fn property_line(property: &PropertyReport) -> String {
    let (mark, verdict) = match property.verdict {
        PropertyVerdict::Holds => ("✓", "no violation".to_owned()),
        PropertyVerdict::Violated => ("✗", "violated".to_owned()),
        PropertyVerdict::Reached => {
            let steps = property.story.as_ref().map_or(0, |story| story.len());
            ("✓", format!("reached in {steps} steps"))
        }
        PropertyVerdict::Unreached => ("!", "not reached".to_owned()),
    };
    let kind = if property.expectation == Expectation::Always { "always" } else { "sometimes" };
    format!("  {mark} {kind:<9} {} · {verdict} · {}", property.name, property.source)
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
        dead => format!(" · never enabled: {}", dead.join(", ")),
    };
    format!("actions {}/{all} taken{dead} · {}", all - dead_count(report), counts.join(", "))
}

fn dead_count(report: &CheckReport) -> usize {
    report.actions.iter().filter(|action| action.taken == 0).count()
}

fn counts_line(report: &CheckReport, told: &Told) -> String {
    let rate = report.distinct as f64 / report.seconds.max(1e-9);
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
                Some(Cut::States) => "at --max-states",
                Some(Cut::Depth) => "at --max-depth",
                _ => "by an interrupt",
            };
            format!("! {target}: truncated {why}: no violation among the states that were seen")
        }
    }
}

/// A number with its thousands set apart.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups = groups.map(|group| std::str::from_utf8(group).expect("digits are ASCII"));
    groups.collect::<Vec<_>>().join(",")
}

fn document(report: &CheckReport, told: &Told) -> Value {
    let properties = report.properties.iter().map(|property| {
        let always = property.expectation == Expectation::Always;
        json!({
            "name": property.name,
            "kind": if always { "always" } else { "sometimes" },
            "source": property.source,
            "verdict": property.verdict,
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
