//! The table of the last run of the benchmarks: case, ours, best peer and its name, ratio.
//!
//! `cargo bench -p bisim-benches --bench summary` reads the medians that the benchmarks have
//! stored and measures nothing. A ratio above 1 says that ours is faster than the best of its
//! peers.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bisim_benches::stored;
use serde_json::Value;

/// What criterion stored of one benchmark.
struct Measured {
    case: String,
    subject: String,
    /// Nanoseconds.
    median: f64,
}

/// Our subjects begin with this; all others are peers.
const OURS: &str = "bisim";

fn main() -> ExitCode {
    let stored = stored();
    let mut cases: BTreeMap<String, Vec<Measured>> = BTreeMap::new();
    for measured in estimates(&stored).iter().filter_map(|file| read(file)) {
        cases.entry(measured.case.clone()).or_default().push(measured);
    }
    if cases.is_empty() {
        eprintln!("nothing in {}: run `cargo bench -p bisim-benches` first", stored.display());
        return ExitCode::FAILURE;
    }
    println!("{:<32} {:>12} {:>12}  {:<16} {:>5}", "case", "ours", "best peer", "", "ratio");
    for (case, mut measured) in cases {
        measured.sort_by(|one, other| one.median.total_cmp(&other.median));
        let ours = measured.iter().find(|measured| measured.subject.starts_with(OURS));
        let peer = measured.iter().find(|measured| !measured.subject.starts_with(OURS));
        if let (Some(ours), Some(peer)) = (ours, peer) {
            let (time, best) = (text(ours.median), text(peer.median));
            let ratio = peer.median / ours.median;
            println!("{case:<32} {time:>12} {best:>12}  {:<16} {ratio:>5.2}", peer.subject);
        }
    }
    ExitCode::SUCCESS
}

/// The files of the last run of each benchmark, `<group>/<subject>/new/estimates.json`.
fn estimates(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.path()).filter(|path| path.is_dir()) {
        let file = path.join("new/estimates.json");
        if file.is_file() {
            found.push(file);
        } else {
            found.extend(estimates(&path));
        }
    }
    found
}

fn read(estimates: &Path) -> Option<Measured> {
    let json = |path: &Path| -> Option<Value> {
        serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
    };
    let benchmark = json(&estimates.with_file_name("benchmark.json"))?;
    let name = |key: &str| benchmark[key].as_str().map(str::to_owned);
    Some(Measured {
        case: name("group_id")?,
        subject: name("function_id").or_else(|| name("value_str"))?,
        median: json(estimates)?["median"]["point_estimate"].as_f64()?,
    })
}

/// A time in the unit that suits it.
fn text(nanoseconds: f64) -> String {
    match nanoseconds {
        ..1e3 => format!("{nanoseconds:.1} ns"),
        ..1e6 => format!("{:.2} µs", nanoseconds / 1e3),
        ..1e9 => format!("{:.2} ms", nanoseconds / 1e6),
        _ => format!("{:.2} s", nanoseconds / 1e9),
    }
}
