//! The seeded fault simulator: a cluster of shipped nodes in virtual time, with clients, and with
//! everything going wrong that may.
//!
//! A run has two phases. In the first, messages are lost, doubled and delayed, the network falls
//! apart in halves or in one direction, nodes crash with what is not on their disks, processes
//! stop for a while, disks become slow, and every clock has its own speed; safety must hold all
//! the time. Then a majority is healed, and the rest is broken for good; now every client of the
//! majority must be served within [`PATIENCE`]. At the end the nodes must agree, and what clients
//! saw must be linearizable.
//!
//! One seed decides everything, from the features that are on to the last delay: the same seed
//! gives the same run, event for event, on every machine, and a hash of all events shows it. No
//! clock of the machine is read.

mod clients;
mod dice;
mod effects;
mod event;
mod history;
mod host;
mod network;
mod troubles;
mod world;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, Ordering};

use bisim::protocol::NodeId;
use bisim::state_machine::{Applied, Command, KeyValueCommand};

use crate::cluster::{Checked, Sabotage};
use crate::report::brief;

pub use dice::Dice;
use world::World;

/// What a client asks the replicated key-value store. Values are never used twice.
pub type Operation = KeyValueCommand<u32, u64>;

/// What came of it: the value before.
pub type Outcome = Option<u64>;

/// Virtual time, in microseconds.
pub type Micros = u64;

/// A second of virtual time.
pub const SECOND: Micros = 1_000_000;

/// How long the first phase lasts.
pub const TROUBLED: Micros = 10 * SECOND;

/// How soon after the healing every client must have been served, and how soon after that the
/// nodes must agree. Most clients are served within a second; the slowest features, which go back
/// through a log of hundreds of entries and send it again one by one, need several.
pub const PATIENCE: Micros = 20 * SECOND;

/// A protocol that can be simulated: a replicated key-value store.
pub trait Simulated {
    /// The node.
    type Node: Checked<Reply = Applied<Outcome>>;
    /// What must hold all the time.
    type Invariants: Invariants<Self::Node>;

    /// A cluster of so many nodes; the dice decide which features are on.
    fn draw(dice: &mut Dice, nodes: u32) -> Self;

    /// What the dice have decided, in a line.
    fn describe(&self) -> String;

    /// A node, before it first recovers.
    fn node(&self, id: NodeId) -> Self::Node;

    /// Between which bounds a timer runs.
    fn timer(timer: &<Self::Node as bisim::protocol::Protocol>::Timer) -> RangeInclusive<Micros>;

    /// A command as a request to a node.
    fn request(command: Command<Operation>) -> <Self::Node as bisim::protocol::Protocol>::Request;

    /// Whether this reason refuses a request, and whom to ask then, if that is known.
    fn refusal(
        reason: &<Self::Node as bisim::protocol::Protocol>::Ignored,
    ) -> Option<Option<NodeId>>;

    /// The invariants of a cluster of so many nodes, before anything happens.
    fn invariants(nodes: u32) -> Self::Invariants;
}

/// What must hold all the time.
pub trait Invariants<P: Checked> {
    /// Looks at a node after an event, and at its disk. With writes `pending`, the memory of the
    /// node is ahead of the disk, and of what anybody else can know.
    ///
    /// # Errors
    /// What is violated.
    fn look(
        &mut self,
        id: NodeId,
        node: Option<&P>,
        disk: &P::Durable,
        pending: bool,
    ) -> Result<(), String>;

    /// Looks at the nodes that run when all is quiet: they must agree.
    ///
    /// # Errors
    /// How they differ.
    fn settled(&self, nodes: &[&P]) -> Result<(), String>;

    /// What came to pass, by name: leaders, commits, and the like.
    fn counts(&self) -> Vec<(&'static str, u64)>;
}

/// What is simulated.
#[derive(Clone, Copy, Debug)]
pub struct Simulation {
    /// The first seed.
    pub first: u64,
    /// How many seeds.
    pub seeds: u64,
    /// The nodes of the cluster.
    pub nodes: u32,
    /// How soon after the healing every client must have been served.
    pub patience: Micros,
    /// How many of the last events of a run that went wrong are told.
    pub lines: usize,
}

impl Simulation {
    /// Some seeds, with the usual patience and transcript.
    pub fn of(first: u64, seeds: u64, nodes: u32) -> Self {
        Self { first, seeds, nodes, patience: PATIENCE, lines: LINES }
    }
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Runs that came to their end.
    pub runs: u64,
    /// Whether the user ended it.
    pub interrupted: bool,
    /// The hash of all events of all runs.
    pub hash: u64,
    /// Virtual time, in all.
    pub virtual_time: Micros,
    /// The longest time from the healing until all clients were served.
    pub slowest_recovery: Micros,
    /// What happened, by name.
    pub counts: BTreeMap<&'static str, u64>,
    /// The first run that went wrong.
    pub failed: Option<Failed>,
}

/// A run that went wrong.
#[derive(Clone, Debug)]
pub struct Failed {
    /// Its seed.
    pub seed: u64,
    /// When.
    pub at: Micros,
    /// What is violated.
    pub why: String,
    /// What the dice had made of the cluster.
    pub subject: String,
    /// The last events before.
    pub transcript: Vec<String>,
}

/// One run.
pub(crate) struct Run {
    hash: u64,
    end: Micros,
    recovery: Micros,
    counts: BTreeMap<&'static str, u64>,
    failed: Option<Failed>,
}

/// The events of a transcript, unless told otherwise.
pub const LINES: usize = 60;

/// Runs one seed after the other, until one goes wrong.
pub fn simulate<S: Simulated>(
    simulation: &Simulation,
    sabotage: Option<Sabotage<S::Node>>,
    interrupt: &AtomicBool,
) -> Summary {
    let mut summary = Summary::default();
    let seeds = usize::try_from(simulation.seeds).unwrap_or(usize::MAX);
    for seed in (simulation.first..=u64::MAX).take(seeds) {
        if interrupt.load(Ordering::Relaxed) {
            summary.interrupted = true;
            break;
        }
        let ran = run::<S>(seed, simulation, sabotage, 0);
        summary.runs += 1;
        summary.hash = crate::checker::fingerprint(&(summary.hash, ran.hash));
        summary.virtual_time += ran.end;
        summary.slowest_recovery = summary.slowest_recovery.max(ran.recovery);
        for (name, count) in ran.counts {
            *summary.counts.entry(name).or_default() += count;
        }
        if ran.failed.is_some() {
            // The same again, event for event, and this time written down.
            summary.failed = run::<S>(seed, simulation, sabotage, simulation.lines).failed;
            break;
        }
    }
    summary
}

fn run<S: Simulated>(
    seed: u64,
    simulation: &Simulation,
    sabotage: Option<Sabotage<S::Node>>,
    lines: usize,
) -> Run {
    let mut world = World::<S>::new(seed, simulation, sabotage, lines);
    let ended = world.run();
    world.end(ended)
}

/// A value in few characters, for a transcript.
fn short<T: serde::Serialize>(value: &T) -> String {
    brief(&crate::report::to_value(value))
}
