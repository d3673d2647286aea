//! Baselines: the counts that a preset is known to have.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bisim_models::common::Preset;
use serde::{Deserialize, Serialize};

use crate::checker::Verdict;
use crate::registry::CheckReport;
use crate::report::count;

/// What is known of one preset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// Where the counts were published, or `own`.
    pub source: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Distinct states.
    pub distinct: u64,
    /// The depth.
    pub depth: u32,
}

/// The known counts of one target, by preset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline(BTreeMap<String, Known>);

impl Baseline {
    fn path(target: &str) -> PathBuf {
        [env!("CARGO_MANIFEST_DIR"), "baselines", &format!("{target}.toml")].iter().collect()
    }

    /// Reads the baseline of a target; none where there is no such file.
    ///
    /// # Errors
    /// One line, when the file is damaged.
    pub fn read(target: &str) -> Result<Option<Self>, String> {
        let path = Self::path(target);
        let Ok(text) = std::fs::read_to_string(&path) else { return Ok(None) };
        let baseline = toml::from_str(&text);
        baseline.map(Some).map_err(|why| format!("{}: {}", path.display(), why.message()))
    }

    /// What is known of a preset.
    pub fn known(&self, preset: Preset) -> Option<&Known> {
        self.0.get(preset.name())
    }

    /// Replaces what is known of a preset by what a run found, and writes the file. The source
    /// stays while the counts do.
    ///
    /// # Errors
    /// One line, when the file cannot be written.
    pub(super) fn bless(&mut self, preset: Preset, report: &CheckReport) -> Result<(), String> {
        let found = Known {
            source: "own".to_owned(),
            verdict: report.verdict,
            distinct: report.distinct,
            depth: report.depth,
        };
        let known = self.0.entry(preset.name().to_owned()).or_insert_with(|| found.clone());
        if !agrees(known, report) {
            *known = found;
        }
        let path = Self::path(report.target);
        let text = toml::to_string(self).expect("a baseline is a table of tables");
        let folder = path.parent().expect("the path has a folder");
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&path, text))
            .map_err(|why| format!("{}: {why}", path.display()))
    }
}

/// Whether a run found what is known.
fn agrees(known: &Known, report: &CheckReport) -> bool {
    known.verdict == report.verdict
        && known.distinct == report.distinct
        && known.depth == report.depth
}

/// How a run differs from what is known, if it does.
pub(super) fn difference(known: &Known, report: &CheckReport) -> Option<String> {
    (!agrees(known, report)).then(|| {
        let (verdict, states, depth) = (known.verdict, count(known.distinct), known.depth);
        format!("baseline changed: it was {verdict}, {states} states, depth {depth}")
    })
}

/// How a run differs from what is known of its preset, if it does.
pub fn change(preset: Preset, report: &CheckReport) -> Option<String> {
    match Baseline::read(report.target) {
        Ok(baseline) => difference(baseline?.known(preset)?, report),
        Err(why) => Some(why),
    }
}
