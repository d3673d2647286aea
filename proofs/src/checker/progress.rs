//! A line of progress about once a second, for those who wait.

use std::time::{Duration, Instant};

/// When the last line was printed, and what it said.
pub(super) struct Progress {
    last: Instant,
    distinct: u64,
}

impl Progress {
    const EVERY: Duration = Duration::from_secs(1);

    /// From now on.
    pub(super) fn start() -> Self {
        Self { last: Instant::now(), distinct: 0 }
    }

    /// Prints a line, if it is time.
    pub(super) fn tell(&mut self, distinct: u64, depth: u32) {
        let elapsed = self.last.elapsed();
        if elapsed < Self::EVERY {
            return;
        }
        let rate = distinct.saturating_sub(self.distinct) as f64 / elapsed.as_secs_f64();
        eprintln!("  {distinct} distinct states, depth {depth}, {rate:.0} states/s");
        (self.last, self.distinct) = (Instant::now(), distinct);
    }
}
