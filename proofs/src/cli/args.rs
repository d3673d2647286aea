//! The arguments.

use std::path::PathBuf;

use bisim_models::common::Preset;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use crate::checker::Engine;
use crate::simulation::{LINES, PATIENCE, SECOND};

/// Reference algorithms for concurrent and distributed systems: each a Stateright model and a Rust
/// implementation that is checked against it. Without a command: a quick check of everything.
#[derive(Debug, Parser)]
#[command(name = "bisim", version, after_help = EXIT_CODES)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

const EXIT_CODES: &str = "\
Exit codes: 0 no violation within the bounds, 1 usage, 2 violated or diverged, 3 vacuous,
4 truncated, 5 baseline changed, 6 trace no longer applies, 70 internal, 130 interrupted,
141 nobody read the output.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Targets, papers, parameters with ranges and defaults, properties, evidence, files.
    List(ListArgs),
    /// Check models exhaustively within bounds.
    Check(CheckArgs),
    /// Check implementations against their models.
    Conform(ConformArgs),
    /// Seed each known bug and see it caught.
    Bugs(BugsArgs),
    /// Run an implementation in virtual time, with clients and with faults of all kinds.
    Simulate(SimulateArgs),
    /// Run a recorded trace again on the model or the implementation.
    Replay(ReplayArgs),
    /// Browse a model in Stateright's Explorer.
    Explore(ExploreArgs),
}

#[derive(Debug, ClapArgs)]
pub(super) struct ListArgs {
    /// Print one JSON object.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(super) struct CheckArgs {
    /// Targets or folders by name, or `all`.
    #[arg(required = true)]
    pub(super) targets: Vec<String>,
    /// Set a parameter; `bisim list` shows names and ranges.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) set: Vec<String>,
    /// The bounds.
    #[arg(long, value_enum, default_value_t = PresetArg::Standard)]
    pub(super) preset: PresetArg,
    /// The search.
    #[arg(long, value_enum, default_value_t = EngineArg::Bisim)]
    pub(super) engine: EngineArg,
    /// Worker threads [default: the machine's cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(super) workers: Option<u32>,
    /// Stop after this many distinct states.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) max_states: Option<u64>,
    /// Explore no deeper; an initial state has depth 1.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) max_depth: Option<u32>,
    /// Explore everything, also after a violation.
    #[arg(long)]
    pub(super) keep_going: bool,
    /// Seed a bug; `bisim list` shows their names.
    #[arg(long, value_name = "SLUG")]
    pub(super) bug: Option<String>,
    /// Rewrite the baseline of this preset with what this run finds.
    #[arg(long, conflicts_with_all = ["set", "bug", "max_states", "max_depth"])]
    pub(super) bless: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(super) struct ConformArgs {
    /// Targets or folders by name, or `all`.
    #[arg(required = true)]
    pub(super) targets: Vec<String>,
    /// Explore the implementation of a protocol exhaustively at small bounds.
    #[arg(long)]
    pub(super) exhaustive: bool,
    /// Weaken each memory ordering of a shared-memory implementation in turn.
    #[arg(long)]
    pub(super) weaken: bool,
    /// The seed of what is sampled.
    #[arg(long, default_value_t = 0, value_name = "S")]
    pub(super) seed: u64,
    /// The number of sampled cases.
    #[arg(long, default_value_t = 1_000, value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) cases: u32,
    /// Print one JSON object.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(super) struct BugsArgs {
    /// Targets or folders by name [default: all].
    pub(super) targets: Vec<String>,
    /// The bounds. Every bug shows at the standard ones.
    #[arg(long, value_enum, default_value_t = HuntPresetArg::Standard)]
    pub(super) preset: HuntPresetArg,
    /// Print one JSON object.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(super) struct SimulateArgs {
    /// The protocol.
    pub(super) protocol: String,
    /// The first seed [default: 0].
    #[arg(long, value_name = "S")]
    pub(super) seed: Option<u64>,
    /// How many seeds, counted upwards [default: 1 with --seed, else 100].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) seeds: Option<u64>,
    /// The nodes of the cluster.
    #[arg(long, default_value_t = 5, value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=15))]
    pub(super) nodes: u32,
    /// How many virtual seconds after a majority is healed every client must have been served.
    #[arg(long, default_value_t = PATIENCE / SECOND, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(super) patience: u64,
    /// How many of the last events of a run that went wrong are printed.
    #[arg(long, default_value_t = LINES, value_name = "N")]
    pub(super) lines: usize,
    /// Print one JSON object.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(super) struct ReplayArgs {
    /// A trace that `check`, `conform` or `bugs` wrote.
    pub(super) file: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(super) struct ExploreArgs {
    /// The target.
    pub(super) target: String,
    /// The port on the loopback address.
    #[arg(long, default_value_t = 3000)]
    pub(super) port: u16,
    /// Set a parameter; `bisim list` shows names and ranges.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) set: Vec<String>,
    /// The bounds.
    #[arg(long, value_enum, default_value_t = PresetArg::Quick)]
    pub(super) preset: PresetArg,
    /// Seed a bug; `bisim list` shows their names.
    #[arg(long, value_name = "SLUG")]
    pub(super) bug: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum HuntPresetArg {
    Quick,
    Standard,
}

impl From<HuntPresetArg> for Preset {
    fn from(preset: HuntPresetArg) -> Self {
        match preset {
            HuntPresetArg::Quick => Self::Quick,
            HuntPresetArg::Standard => Self::Standard,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PresetArg {
    Quick,
    Standard,
    Deep,
}

impl From<PresetArg> for Preset {
    fn from(preset: PresetArg) -> Self {
        match preset {
            PresetArg::Quick => Self::Quick,
            PresetArg::Standard => Self::Standard,
            PresetArg::Deep => Self::Deep,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum EngineArg {
    Bisim,
    StaterightBfs,
    StaterightDfs,
}

impl From<EngineArg> for Engine {
    fn from(engine: EngineArg) -> Self {
        match engine {
            EngineArg::Bisim => Self::Bisim,
            EngineArg::StaterightBfs => Self::StaterightBfs,
            EngineArg::StaterightDfs => Self::StaterightDfs,
        }
    }
}
