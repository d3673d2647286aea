//! What the two rings share: sorted points of 32 bits.

use alloc::vec::Vec;

/// Points of 32 bits, sorted, each with the number of its server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Continuum {
    pub(super) points: Vec<(u32, usize)>,
}

impl Continuum {
    /// The points; of equal ones the server's that is configured first comes first.
    pub(super) fn of(mut points: Vec<(u32, usize)>) -> Self {
        points.sort_unstable();
        Self { points }
    }

    /// The server of the first point at or after the hash, going round at the end.
    pub(super) fn server(&self, hash: u32) -> Option<usize> {
        let place = self.points.partition_point(|(point, _)| *point < hash);
        self.points.get(place).or(self.points.first()).map(|(_, server)| *server)
    }
}
