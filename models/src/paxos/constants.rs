//! What voting and Paxos have in common: acceptors, values, ballots and quorums.

use crate::common::{Parameter, Params, SmallSet};

/// An acceptor, from 0.
pub type Acceptor = u8;
/// A ballot number, from 0. Where the specifications say -1 for "none yet", the models say
/// `None`, which Rust orders below every number too.
pub type Ballot = u8;
/// A proposed value, from 0.
pub type ValueId = u8;

/// The constants `Acceptor`, `Value`, `Ballot` and `Quorum` of the specifications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constants {
    /// The number of acceptors.
    pub acceptors: u8,
    /// The number of values that can be proposed.
    pub values: u8,
    /// The largest ballot; the smallest is 0.
    pub max_ballot: Ballot,
    /// The smallest strict majorities of the acceptors. Any larger one contains one of these, and
    /// a guard or property that some quorum satisfies is satisfied by one of these too.
    quorums: Vec<SmallSet>,
}

impl Constants {
    /// The parameters of both models.
    pub const PARAMETERS: &'static [Parameter] = &[
        Parameter::count("acceptors", "acceptors; a quorum is a majority of them", (1, 7), [3; 3]),
        Parameter::count("values", "values that can be proposed", (1, 4), [2; 3]),
        Parameter::count("max_ballot", "the largest ballot; the smallest is 0", (0, 5), [1, 2, 2]),
    ];

    /// Constants for at most 16 acceptors.
    pub fn new(acceptors: u8, values: u8, max_ballot: Ballot) -> Self {
        assert!((1..=16).contains(&acceptors), "quorums are listed one by one");
        let constants = Self { acceptors, values, max_ballot, quorums: Vec::new() };
        let quorums = constants.subsets(usize::from(acceptors) / 2 + 1).collect();
        Self { quorums, ..constants }
    }

    /// The constants that the parameters set.
    pub fn from_params(params: &Params) -> Self {
        let get = |name| u8::try_from(params.get(name)).expect("the ranges end far below 256");
        Self::new(get("acceptors"), get("values"), get("max_ballot"))
    }

    /// The acceptors.
    pub fn acceptors(&self) -> impl Iterator<Item = Acceptor> + use<> {
        0..self.acceptors
    }

    /// The values.
    pub fn values(&self) -> impl Iterator<Item = ValueId> + use<> {
        0..self.values
    }

    /// The ballots, smallest first.
    pub fn ballots(&self) -> impl Iterator<Item = Ballot> + use<> {
        0..=self.max_ballot
    }

    /// All sets of so many acceptors.
    pub fn subsets(&self, size: usize) -> impl Iterator<Item = SmallSet> + use<> {
        (0..1_u32 << self.acceptors).map(members).filter(move |subset| subset.len() == size)
    }

    /// Whether some quorum satisfies a condition.
    pub fn some_quorum(&self, condition: impl Fn(SmallSet) -> bool) -> bool {
        self.quorums.iter().any(|&quorum| condition(quorum))
    }

    /// Whether these acceptors contain a quorum.
    pub fn contains_quorum(&self, acceptors: SmallSet) -> bool {
        acceptors.is_majority_of(usize::from(self.acceptors))
    }
}

/// The set whose members are the positions of the one bits.
fn members(bits: u32) -> SmallSet {
    (0..SmallSet::CAPACITY).filter(|&member| bits & 1 << member != 0).collect()
}

#[cfg(test)]
mod tests {
    use super::Constants;

    #[test]
    fn any_two_quorums_intersect() {
        for acceptors in 1..=7 {
            let constants = Constants::new(acceptors, 1, 0);
            assert!(!constants.quorums.is_empty());
            for &a in &constants.quorums {
                assert!(constants.contains_quorum(a));
                assert!(a.iter().all(|member| !constants.contains_quorum(a.without(member))));
                assert!(constants.quorums.iter().all(|b| b.iter().any(|m| a.contains(m))));
            }
        }
    }
}
