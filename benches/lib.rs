//! Benchmarks; see the files beside this one. Here is what they share.

use std::path::{Path, PathBuf};

/// Where the results of the last run of each benchmark are stored: by criterion, and in the same
/// form by the benchmarks that do without it.
pub fn stored() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"));
    target.join("criterion")
}
