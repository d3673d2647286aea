//! The trace files that a command writes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::report::Trace;

/// The names of the traces that were written, and how many there are of each.
#[derive(Default)]
pub(super) struct Traces(BTreeMap<String, usize>);

impl Traces {
    /// Writes a trace below `out`, and tells where; the second of one name has a number. What was
    /// found is worth telling even if it cannot be written.
    pub(super) fn write(&mut self, trace: &Trace) -> Option<PathBuf> {
        let name = name(trace);
        let written = self.0.entry(name.clone()).or_default();
        let number = if *written == 0 { String::new() } else { format!("-{}", *written + 1) };
        let path = PathBuf::from("out").join(format!("{name}{number}.json"));
        match trace.write(&path) {
            Ok(()) => {
                *written += 1;
                Some(path)
            }
            Err(why) => {
                eprintln!("warning: the trace {} cannot be written: {why}", path.display());
                None
            }
        }
    }
}

fn name(trace: &Trace) -> String {
    let name = match &trace.bug {
        Some(slug) => slug.clone(),
        None => format!("{}-{}", trace.target, trace.property),
    };
    let keep = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    name.chars().map(keep).collect()
}
