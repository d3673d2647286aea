//! Measuring clusters beside each other.

use std::hint::black_box;
use std::time::{Duration, Instant};

use super::allocations::{Allocated, counted};
use super::{Cluster, NODES};

/// How many payloads each cluster commits from its election on, each time it is measured.
pub(crate) const COMMITS: usize = 32_768;
/// How often each cluster is measured: in turns, so that a busy minute of the machine is shared.
pub(crate) const TURNS: usize = 15;

/// What is proposed: how much at once, and how large each payload is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    /// Payloads proposed at once.
    pub(crate) batch: usize,
    /// Bytes of each.
    pub(crate) payload: usize,
}

/// A way to make a cluster, with its name.
pub(crate) struct Subject {
    /// Who it is.
    pub(crate) name: &'static str,
    /// Makes a cluster that has elected its leader.
    pub(crate) make: Box<dyn Fn() -> Box<dyn Cluster>>,
}

impl Subject {
    /// A subject.
    pub(crate) fn new<C: Cluster + 'static>(
        name: &'static str,
        make: impl Fn() -> C + 'static,
    ) -> Self {
        Self { name, make: Box::new(move || Box::new(make())) }
    }
}

/// What was measured of a subject.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    /// Nanoseconds for one commit: the median of the turns.
    pub(crate) nanoseconds: f64,
    /// The quickest and the slowest turn.
    pub(crate) range: [f64; 2],
    /// Messages for one commit.
    pub(crate) messages: f64,
    /// Allocations for one commit, all nodes together.
    pub(crate) allocations: f64,
    /// Bytes allocated for one commit, all nodes together.
    pub(crate) bytes: f64,
}

/// Measures the subjects in turns.
pub(crate) fn measure(case: Case, subjects: &[Subject]) -> Vec<Measured> {
    let payloads = payloads(case);
    let counts: Vec<_> = subjects.iter().map(|subject| count(subject, &payloads)).collect();
    let mut times = vec![Vec::new(); subjects.len()];
    for _ in 0..TURNS {
        for (subject, times) in subjects.iter().zip(&mut times) {
            times.push(time(subject, &payloads).as_nanos() as f64 / COMMITS as f64);
        }
    }
    let measured = |(mut times, (messages, allocated)): (Vec<f64>, (u64, Allocated))| {
        times.sort_by(f64::total_cmp);
        let each = |count: u64| count as f64 / COMMITS as f64;
        Measured {
            nanoseconds: times[TURNS / 2],
            range: [times[0], times[TURNS - 1]],
            messages: each(messages),
            allocations: each(allocated.times),
            bytes: each(allocated.bytes),
        }
    };
    times.into_iter().zip(counts).map(measured).collect()
}

/// Batches of payloads, each of which begins with its number.
fn payloads(case: Case) -> Vec<Vec<Vec<u8>>> {
    let payload = |number: usize| {
        let mut bytes = vec![0x55; case.payload];
        let number = number.to_le_bytes();
        bytes[..number.len()].copy_from_slice(&number);
        bytes
    };
    let numbers: Vec<_> = (0..COMMITS).collect();
    let batch = |numbers: &[usize]| numbers.iter().map(|number| payload(*number)).collect();
    numbers.chunks(case.batch).map(batch).collect()
}

fn run(cluster: &mut dyn Cluster, batches: &[Vec<&[u8]>]) {
    for batch in batches {
        cluster.commit(black_box(batch));
    }
}

fn slices(batches: &[Vec<Vec<u8>>]) -> Vec<Vec<&[u8]>> {
    batches.iter().map(|batch| batch.iter().map(Vec::as_slice).collect()).collect()
}

fn time(subject: &Subject, payloads: &[Vec<Vec<u8>>]) -> Duration {
    let batches = slices(payloads);
    let mut cluster = (subject.make)();
    let began = Instant::now();
    run(cluster.as_mut(), &batches);
    began.elapsed()
}

/// Counts messages and allocations, and makes sure that every node has everything.
fn count(subject: &Subject, payloads: &[Vec<Vec<u8>>]) -> (u64, Allocated) {
    let batches = slices(payloads);
    let mut cluster = (subject.make)();
    let before = cluster.messages();
    let allocated = counted(|| run(cluster.as_mut(), &batches));
    let messages = cluster.messages() - before;
    let expected: Vec<_> = payloads.iter().flatten().cloned().collect();
    for node in 0..NODES {
        let name = subject.name;
        assert!(cluster.log(node) == expected, "{name}: node {node} has another log");
        assert_eq!(cluster.carried_out(node), cluster.carried_out(0), "{name}: node {node}");
        assert_eq!(cluster.carried_out(node).commands, COMMITS as u64, "{name}: node {node}");
    }
    (messages, allocated)
}
