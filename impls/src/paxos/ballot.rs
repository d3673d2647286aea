//! Ballots and votes.

use core::fmt;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

/// The number of a proposal. Ballot `b` belongs to the proposer of rank `b mod n`, for `n`
/// proposers, so that no two proposers ever issue proposals of the same number (Lamport 2001,
/// section 2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(transparent))]
pub struct Ballot(pub u64);

impl Ballot {
    /// The lowest ballot of the proposer of rank `rank` among `proposers` that is above `floor`
    /// (any, if there is no floor). `None` when there is no such number, after 2^64 ballots, or
    /// when the rank is not below `proposers`.
    pub fn next_of(rank: u64, proposers: u64, floor: Option<Self>) -> Option<Self> {
        if rank >= proposers {
            return None;
        }
        let Some(Self(floor)) = floor else {
            return Some(Self(rank));
        };
        let lowest = floor.checked_add(1)?;
        let at = lowest % proposers;
        let ahead = if at <= rank { rank - at } else { proposers - (at - rank) };
        lowest.checked_add(ahead).map(Self)
    }

    /// The rank of the proposer that the ballot belongs to, among `proposers`; `None` if there
    /// are no proposers.
    pub fn rank(self, proposers: u64) -> Option<u64> {
        self.0.checked_rem(proposers)
    }
}

impl fmt::Display for Ballot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b{}", self.0)
    }
}

/// A value accepted in a ballot: a numbered proposal of Lamport 2001, the pair `maxVBal, maxVal`
/// of Paxos.tla.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Vote<V> {
    /// In which ballot.
    pub ballot: Ballot,
    /// For which value.
    pub value: V,
}

#[cfg(test)]
mod tests {
    use super::Ballot;

    #[test]
    fn the_next_ballot_is_above_the_floor_and_of_the_right_proposer() {
        for proposers in 1..5 {
            for rank in 0..proposers {
                assert_eq!(Ballot::next_of(rank, proposers, None), Some(Ballot(rank)));
                for floor in 0..20 {
                    let next = Ballot::next_of(rank, proposers, Some(Ballot(floor)))
                        .expect("there are ballots above 20");
                    assert_eq!(next.rank(proposers), Some(rank));
                    assert!(next.0 > floor && next.0 <= floor + proposers);
                }
            }
        }
    }

    #[test]
    fn there_is_no_ballot_beyond_the_last_and_none_for_strangers() {
        assert_eq!(Ballot::next_of(0, 1, Some(Ballot(u64::MAX))), None);
        assert_eq!(Ballot::next_of(0, 4, Some(Ballot(u64::MAX - 1))), None);
        assert_eq!(Ballot::next_of(2, 2, None), None);
        assert_eq!(Ballot(3).rank(0), None);
    }
}
