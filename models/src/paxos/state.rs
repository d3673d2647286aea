//! The state of [`paxos`](super::paxos): acceptors, and the set of all messages ever sent.

use serde::{Deserialize, Serialize};

use super::{Acceptor, Ballot, ValueId};
use crate::common::{SmallSet, SortedSet};

/// A message. The names of the fields are the specification's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    /// `1a`, prepare: the leader of `bal` asks for promises and votes.
    OneA {
        /// The ballot.
        bal: Ballot,
    },
    /// `1b`, promise: `acc` will not vote below `bal`, and tells its last vote.
    OneB {
        /// The acceptor.
        acc: Acceptor,
        /// The ballot that is promised.
        bal: Ballot,
        /// The ballot of the last vote, if there is one.
        mbal: Option<Ballot>,
        /// The value of the last vote, if there is one.
        mval: Option<ValueId>,
    },
    /// `2a`, accept: the leader of `bal` proposes `val`.
    TwoA {
        /// The ballot.
        bal: Ballot,
        /// The value.
        val: ValueId,
    },
    /// `2b`, accepted: `acc` votes for `val` in `bal`.
    TwoB {
        /// The acceptor.
        acc: Acceptor,
        /// The ballot.
        bal: Ballot,
        /// The value.
        val: ValueId,
    },
}

/// What an acceptor knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AcceptorState {
    /// `maxBal`: the largest ballot in which it promised or voted.
    pub max_bal: Option<Ballot>,
    /// `maxVBal`: the ballot of its last vote.
    pub max_vbal: Option<Ballot>,
    /// `maxVal`: the value of its last vote.
    pub max_val: Option<ValueId>,
}

/// The acceptors and the network.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct State {
    /// One entry for each acceptor.
    pub acceptors: Vec<AcceptorState>,
    /// `msgs`: all messages ever sent.
    pub msgs: SortedSet<Message>,
}

impl State {
    /// An acceptor.
    pub fn acceptor(&self, acc: Acceptor) -> &AcceptorState {
        &self.acceptors[usize::from(acc)]
    }

    /// An acceptor, to be changed.
    pub fn acceptor_mut(&mut self, acc: Acceptor) -> &mut AcceptorState {
        &mut self.acceptors[usize::from(acc)]
    }

    /// The promises of `bal`: who promised, and the last vote that the promise reports.
    pub fn promises(
        &self,
        bal: Ballot,
    ) -> impl Iterator<Item = (Acceptor, Option<Ballot>, Option<ValueId>)> + '_ {
        self.msgs.iter().filter_map(move |message| match *message {
            Message::OneB { acc, bal: promised, mbal, mval } if promised == bal => {
                Some((acc, mbal, mval))
            }
            _ => None,
        })
    }

    /// What leaders proposed: the ballot and the value of each `2a`.
    pub fn proposals(&self) -> impl Iterator<Item = (Ballot, ValueId)> + '_ {
        self.msgs.iter().filter_map(|message| match *message {
            Message::TwoA { bal, val } => Some((bal, val)),
            _ => None,
        })
    }

    /// Whether all members of `quorum` promised `bal`.
    pub fn all_promised(&self, quorum: SmallSet, bal: Ballot) -> bool {
        let promised: SmallSet = self.promises(bal).map(|(acc, ..)| usize::from(acc)).collect();
        promised.is_superset(quorum)
    }

    /// The guard of `Phase2a` for one quorum: all promised `bal`, and `val` is what the last of
    /// the reported votes was for, or no vote is reported.
    pub fn promises_allow(&self, quorum: SmallSet, bal: Ballot, val: ValueId) -> bool {
        let promises = || self.promises(bal).filter(|(acc, ..)| quorum.contains((*acc).into()));
        let last = promises().filter_map(|(_, mbal, _)| mbal).max();
        self.all_promised(quorum, bal)
            && (last.is_none()
                || promises().any(|(_, mbal, mval)| mbal == last && mval == Some(val)))
    }
}
