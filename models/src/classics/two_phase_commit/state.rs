//! The state and the actions of two-phase commit.

use serde::{Deserialize, Serialize};

use crate::common::SmallSet;

/// The state of one resource manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RmState {
    /// It has not decided anything, and may still abort on its own.
    Working = 0,
    /// It has promised to do what the transaction manager decides.
    Prepared = 1,
    /// It has committed.
    Committed = 2,
    /// It has aborted.
    Aborted = 3,
}

impl RmState {
    const ALL: [Self; 4] = [Self::Working, Self::Prepared, Self::Committed, Self::Aborted];
}

/// The states of all resource managers, two bits each. In a trace it is a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "Vec<RmState>", try_from = "Vec<RmState>")]
pub struct RmStates {
    /// Bits `2r` and `2r + 1` hold the state of manager `r`; the highest bit that is set marks
    /// the end of the list.
    bits: u32,
}

impl RmStates {
    /// The largest number of resource managers.
    pub const CAPACITY: usize = 15;

    /// All of `managers` are working.
    pub const fn working(managers: usize) -> Self {
        debug_assert!(managers <= Self::CAPACITY);
        Self { bits: 1 << (2 * managers) }
    }

    /// The state of manager `r`.
    pub const fn get(self, r: usize) -> RmState {
        RmState::ALL[(self.bits >> (2 * r) & 3) as usize]
    }

    /// The same with another state of manager `r`.
    #[must_use]
    pub const fn with(self, r: usize, state: RmState) -> Self {
        Self { bits: self.bits & !(3 << (2 * r)) | (state as u32) << (2 * r) }
    }

    /// The number of managers.
    pub const fn len(self) -> usize {
        self.bits.ilog2() as usize / 2
    }

    /// Whether there is no manager.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The states in the order of the managers.
    pub fn iter(self) -> impl Iterator<Item = RmState> {
        (0..self.len()).map(move |r| self.get(r))
    }
}

impl From<RmStates> for Vec<RmState> {
    fn from(states: RmStates) -> Self {
        states.iter().collect()
    }
}

impl TryFrom<Vec<RmState>> for RmStates {
    type Error = String;

    fn try_from(states: Vec<RmState>) -> Result<Self, String> {
        if states.len() > Self::CAPACITY {
            return Err(format!("{} managers, at most {} fit", states.len(), Self::CAPACITY));
        }
        let all = Self::working(states.len());
        Ok(states.into_iter().enumerate().fold(all, |all, (r, state)| all.with(r, state)))
    }
}

/// The state of the transaction manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TmState {
    /// It has not decided.
    Init,
    /// It has decided to commit.
    Committed,
    /// It has decided to abort.
    Aborted,
}

/// All messages ever sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Messages {
    /// `Prepared` from each of these resource managers to the transaction manager.
    pub prepared: SmallSet,
    /// `Commit` from the transaction manager to all.
    pub commit: bool,
    /// `Abort` from the transaction manager to all.
    pub abort: bool,
}

/// A state of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct State {
    /// `rmState`: the state of each resource manager.
    pub rm_state: RmStates,
    /// `tmState`: the state of the transaction manager.
    pub tm_state: TmState,
    /// `tmPrepared`: whose `Prepared` the transaction manager has received.
    pub tm_prepared: SmallSet,
    /// `msgs`: all messages ever sent.
    pub msgs: Messages,
}

/// An action; the number is a resource manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Action {
    /// The transaction manager receives `Prepared`.
    TMRcvPrepared(u8),
    /// The transaction manager decides to commit.
    TMCommit,
    /// The transaction manager decides to abort.
    TMAbort,
    /// A resource manager prepares.
    RMPrepare(u8),
    /// A resource manager aborts on its own.
    RMChooseToAbort(u8),
    /// A resource manager receives `Commit`.
    RMRcvCommitMsg(u8),
    /// A resource manager receives `Abort`.
    RMRcvAbortMsg(u8),
}

#[cfg(test)]
mod tests {
    use super::{RmState, RmStates};

    #[test]
    fn packed_states_are_lists() {
        let states = RmStates::working(3).with(1, RmState::Committed).with(2, RmState::Aborted);
        let list: Vec<_> = states.into();
        assert_eq!(list, [RmState::Working, RmState::Committed, RmState::Aborted]);
        assert_eq!(RmStates::try_from(list), Ok(states));
        assert!(RmStates::try_from(vec![RmState::Working; 16]).is_err());
        let most = RmStates::working(RmStates::CAPACITY);
        assert_eq!(most.with(14, RmState::Aborted).len(), RmStates::CAPACITY);
    }
}
