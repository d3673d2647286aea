//! Trace files: a story that can be replayed.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::checker::Verdict;

/// What a trace is a run of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// Steps of the model (with a bug of the model, if the trace names one).
    Model,
    /// Events given to the implementation, with the model stepping beside it.
    Implementation,
    /// A schedule of the threads of a shared-memory implementation under loom or shuttle.
    Interleaving,
}

/// A recorded run: enough to run it again and to see whether it still ends the same way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trace {
    /// The version of this format: 1.
    pub schema: u32,
    /// The target's name on the command line.
    pub target: String,
    /// What runs.
    pub subject: Subject,
    /// The values of the target's parameters.
    pub params: BTreeMap<String, u32>,
    /// The seeded bug, by its slug.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bug: Option<String>,
    /// The property or check that the verdict is about.
    pub property: String,
    /// The verdict that was seen.
    pub verdict: Verdict,
    /// The initial state.
    pub initial: Value,
    /// The actions, in order.
    pub steps: Vec<Value>,
    /// The last state.
    pub last: Value,
    /// For a story that goes on for ever: the actions that lead from the last state back to it,
    /// none of them if it stays.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cycle: Option<Vec<Value>>,
}

impl Trace {
    /// The version of the format that this code reads and writes.
    pub const SCHEMA: u32 = 1;

    /// Reads a trace file.
    ///
    /// # Errors
    /// One line that names the file and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, TraceError> {
        let text = std::fs::read(path)
            .map_err(|why| TraceError::Unreadable(format!("{}: {why}", path.display())))?;
        let trace: Self = serde_json::from_slice(&text).map_err(|why| {
            TraceError::Unreadable(format!("{}: not a bisim trace: {why}", path.display()))
        })?;
        if trace.schema != Self::SCHEMA {
            return Err(TraceError::Unreadable(format!(
                "{}: trace format {}, this program reads {}",
                path.display(),
                trace.schema,
                Self::SCHEMA
            )));
        }
        Ok(trace)
    }

    /// Writes a trace file.
    ///
    /// # Errors
    /// What the file system said.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let text = serde_json::to_string_pretty(self).expect("a trace has string keys only");
        std::fs::write(path, text + "\n")
    }
}

/// Why a trace was not replayed to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TraceError {
    /// The file cannot be read, or is no trace: exit code 1.
    Unreadable(String),
    /// The model or the implementation has changed, so that a step no longer applies or leads
    /// elsewhere: exit code 6.
    NoLongerApplies(String),
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) | Self::NoLongerApplies(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for TraceError {}

/// What a replay saw.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The verdict on the trace's property at the end of the replay.
    pub verdict: Verdict,
    /// The story, told again.
    pub story: super::StoryDoc,
    /// What is wrong at its end, where the verdict does not say it all: which step of the model is
    /// missing, or not enabled.
    pub why: Option<String>,
}

impl Replayed {
    /// A replay of which the verdict says it all.
    pub fn new(verdict: Verdict, story: super::StoryDoc) -> Self {
        Self { verdict, story, why: None }
    }
}
