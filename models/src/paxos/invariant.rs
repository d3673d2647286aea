//! The properties of [`paxos`](super::paxos): its inductive invariant, conjunct by conjunct, and
//! what it is for.

use super::paxos::{AcceptorState, Message, Paxos, State};
use super::voting;
use crate::common::SortedSet;

/// The properties: the conjuncts of `Inv`, and what they are for.
impl Paxos {
    /// The instance `V` of voting: the state that this one stands for. The votes are the `2b`
    /// messages.
    pub fn voting(&self, state: &State) -> voting::State {
        let voter = |acceptor: &AcceptorState| voting::Voter {
            votes: SortedSet::EMPTY,
            max_bal: acceptor.max_bal,
        };
        let mut acceptors: Vec<_> = state.acceptors.iter().map(voter).collect();
        for message in &state.msgs {
            if let Message::TwoB { acc, bal, val } = *message {
                acceptors[usize::from(acc)].votes.insert(voting::Vote { bal, val });
            }
        }
        voting::State { acceptors }
    }

    /// Voting with the same constants.
    fn as_voting(&self) -> voting::Voting {
        voting::Voting { constants: self.constants.clone() }
    }

    /// At most one value is ever chosen.
    pub fn agreement(&self, state: &State) -> bool {
        self.as_voting().agreement(&self.voting(state))
    }

    /// `Inv`, on acceptors: the promise is at least the last vote, which is one of the votes.
    pub fn last_vote_is_promised(&self, state: &State) -> bool {
        let votes = self.voting(state);
        state.acceptors.iter().zip(&votes.acceptors).all(|(acceptor, voter)| {
            acceptor.max_bal >= acceptor.max_vbal
                && match (acceptor.max_vbal, acceptor.max_val) {
                    (None, None) => true,
                    (Some(bal), Some(val)) => voter.votes.contains(&voting::Vote { bal, val }),
                    _ => false,
                }
        })
    }

    /// `Inv`, on `1b`: the acceptor has kept the promise, and the vote it reports was cast.
    pub fn promises_are_true(&self, state: &State) -> bool {
        let votes = self.voting(state);
        state.msgs.iter().all(|message| match *message {
            Message::OneB { acc, bal, mbal, mval } => {
                let reported = mbal.zip(mval);
                state.acceptor(acc).max_bal >= Some(bal)
                    && mbal.is_some() == reported.is_some()
                    && reported.is_none_or(|(mbal, mval)| votes.voted_for(acc, mbal, mval))
            }
            _ => true,
        })
    }

    /// `Inv`, on `2a`: what is proposed is safe, and a ballot has one proposal.
    pub fn proposals_are_safe(&self, state: &State) -> bool {
        let votes = self.voting(state);
        state.proposals().all(|(bal, val)| {
            self.constants.some_quorum(|quorum| votes.shows_safe_at(quorum, bal, val))
                && state.proposals().all(|(other, value)| other != bal || value == val)
        })
    }

    /// `Inv`, on `2b`: a vote is not above the acceptor's last one, and was proposed.
    pub fn votes_were_proposed(&self, state: &State) -> bool {
        state.msgs.iter().all(|message| match *message {
            Message::TwoB { acc, bal, val } => {
                state.acceptor(acc).max_vbal >= Some(bal)
                    && state.msgs.contains(&Message::TwoA { bal, val })
            }
            _ => true,
        })
    }

    /// Whether a value is chosen.
    pub fn some_chosen(&self, state: &State) -> bool {
        !self.as_voting().chosen(&self.voting(state)).is_empty()
    }

    /// Whether a value is chosen in a ballot above one in which some acceptor voted.
    pub fn chosen_above_a_vote(&self, state: &State) -> bool {
        self.as_voting().chosen_above_a_vote(&self.voting(state))
    }

    /// Whether an acceptor voted in a ballot of which it had not heard before: an acceptor needs
    /// no `1a` to vote (Paxos Made Simple, 2.2, phase 2).
    pub fn vote_without_promise(&self, state: &State) -> bool {
        state.msgs.iter().any(|message| match *message {
            Message::TwoB { acc, bal, .. } => state.promises(bal).all(|(who, ..)| who != acc),
            _ => false,
        })
    }
}
