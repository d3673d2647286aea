//! The Raft core beside raft-rs and OmniPaxos: commits per second, messages and allocations.
//!
//! Three nodes in one thread, with storage in memory, no compaction and no ticks; messages are
//! moved, not serialized. One round proposes a batch at the leader and delivers messages until
//! nobody has anything left to do, so that all three have carried the batch out; in the end their
//! logs are compared. All subjects are measured in turns, in one run. Ours has pre-vote,
//! check-quorum and client sessions on, and every payload of a batch comes from a client of its
//! own; the peers have no sessions. OmniPaxos is measured with payloads that are copied, and with
//! payloads that are shared as ours are, and batches as much as is proposed.
//!
//! `cargo bench -p bisim-benches --bench raft` prints one table. `ratio` is how many times as many
//! commits ours makes as the peer in that row.

mod consensus;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread::available_parallelism;

use bisim_benches::stored;
use serde_json::json;

use consensus::measure::{Case, Measured, Subject, TURNS, measure};
use consensus::omni_paxos::Omni;
use consensus::ours::Ours;
use consensus::raft_rs::RaftRs;

/// The dependencies at the versions that they were built with.
const LOCK: &str = include_str!("../Cargo.lock");

fn main() {
    println!("{}", machine());
    let peers = ["raft", "omnipaxos"].map(|name| format!("{name} {}", version(name)));
    println!("{}; medians of {TURNS} turns, all nodes together\n", peers.join(", "));
    println!(
        "{:>5} {:>5}  {:<18} {:>22} {:>9} {:>9} {:>9} {:>6}",
        "batch", "bytes", "", "thousand commits/s", "messages", "allocs", "alloc B", "ratio"
    );
    for payload in [16, 256] {
        for batch in [1, 16, 256] {
            compare(Case { batch, payload });
        }
    }
}

/// Measures one case, prints its rows, and stores its medians for the summary.
fn compare(case: Case) {
    let subjects = [
        Subject::new("bisim", Ours::new),
        Subject::new("raft-rs", RaftRs::new),
        Subject::new("omnipaxos", move || Omni::<Vec<u8>>::new(case.batch)),
        Subject::new("omnipaxos-shared", move || Omni::<Arc<[u8]>>::new(case.batch)),
    ];
    let measured = measure(case, &subjects);
    let ours = measured[0].nanoseconds;
    for (subject, measured) in subjects.iter().zip(&measured) {
        let Measured { nanoseconds, range: [quickest, slowest], .. } = measured;
        let thousands = |nanoseconds: &f64| 1e6 / nanoseconds;
        let range = format!("({:.0}-{:.0})", thousands(slowest), thousands(quickest));
        println!(
            "{:>5} {:>5}  {:<18} {:>8.0} {range:>13} {:>9.3} {:>9.2} {:>9.0} {:>6.2}",
            case.batch,
            case.payload,
            subject.name,
            thousands(nanoseconds),
            measured.messages,
            measured.allocations,
            measured.bytes,
            nanoseconds / ours,
        );
        store(case, subject.name, *nanoseconds);
    }
}

/// Stores a median where the summary finds it, in criterion's form.
fn store(case: Case, subject: &str, nanoseconds: f64) {
    let group = format!("raft/batch-{}-{}-bytes", case.batch, case.payload);
    let folder = stored().join(&group).join(subject).join("new");
    let write = |file: &Path, value: serde_json::Value| fs::write(file, value.to_string());
    let benchmark = json!({ "group_id": group, "function_id": subject });
    let estimates = json!({ "median": { "point_estimate": nanoseconds } });
    fs::create_dir_all(&folder)
        .and_then(|()| write(&folder.join("benchmark.json"), benchmark))
        .and_then(|()| write(&folder.join("estimates.json"), estimates))
        .unwrap_or_else(|why| eprintln!("{}: {why}", folder.display()));
}

/// The version of a dependency.
fn version(name: &str) -> &'static str {
    let mut lines = LOCK.lines().skip_while(|line| *line != format!("name = \"{name}\""));
    let version = lines.nth(1).and_then(|line| line.split('"').nth(1));
    version.expect("a dependency is in the lock file, and its version follows its name")
}

/// What it runs on, as far as that is known.
fn machine() -> String {
    let cpus = available_parallelism().map_or(0, usize::from);
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name"));
    let model =
        model.map_or("unknown processor", |model| model.trim_start_matches([' ', '\t', ':']));
    format!("{model}, {cpus} cores")
}
