//! Full speed: the operating system's threads, as many runs as asked.

use super::scenario::run;
use super::{Recorder, Scenario, Std, Subject};

/// Runs a scenario on real threads this many times. A lost wake-up hangs.
///
/// # Panics
/// If the lock does not exclude.
pub fn stress<S: Subject>(scenario: &Scenario, runs: u32) {
    let recorder = Recorder::new(());
    for _ in 0..runs {
        run::<Std, S, ()>(scenario, &recorder);
    }
}
