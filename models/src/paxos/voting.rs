//! Voting: how a value is chosen, before there are messages.
//!
//! Follows `Voting.tla` of tlaplus/Examples, `PaxosHowToWinATuringAward`. Acceptors vote for
//! values in numbered ballots, at most once a ballot, and promise never to vote in smaller
//! ballots. A value is chosen when a quorum has voted for it in one ballot. An acceptor may vote
//! only for a value that is *safe*: no other value has been or can ever be chosen in a smaller
//! ballot. How it could know, in a distributed system, is what Paxos answers.

use serde::{Deserialize, Serialize};

use super::{Acceptor, Ballot, Constants, ValueId, consensus};
use crate::common::{
    ActionClass, Disabled, Law, Parameter, ParameterError, Params, SmallSet, SortedSet, Spec,
};
use crate::spec_model;

/// A vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Vote {
    /// The ballot in which it was cast.
    pub bal: Ballot,
    /// The value it was cast for.
    pub val: ValueId,
}

/// What one acceptor has done: its entries in `votes` and `maxBal`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Voter {
    /// The votes it has cast.
    pub votes: SortedSet<Vote>,
    /// The ballot below which it will never vote again.
    pub max_bal: Option<Ballot>,
}

/// All acceptors.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct State {
    /// One entry for each acceptor.
    pub acceptors: Vec<Voter>,
}

/// The actions of an acceptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Action {
    /// An acceptor promises not to vote below a ballot.
    IncreaseMaxBal {
        /// The acceptor.
        acc: Acceptor,
        /// The ballot.
        bal: Ballot,
    },
    /// An acceptor votes.
    VoteFor {
        /// The acceptor.
        acc: Acceptor,
        /// The ballot.
        bal: Ballot,
        /// The value.
        val: ValueId,
    },
}

/// The model `voting`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voting {
    /// Acceptors, values, ballots and quorums.
    pub constants: Constants,
}

spec_model!(Voting, State, Action);

/// The actions.
impl Voting {
    /// `IncreaseMaxBal`: `acc` will not vote below `bal` any more.
    fn increase_max_bal(
        &self,
        state: &State,
        acc: Acceptor,
        bal: Ballot,
    ) -> Result<State, Disabled> {
        if state.voter(acc).max_bal >= Some(bal) {
            return Err(Disabled("the acceptor has promised that ballot or a larger one"));
        }
        let mut next = state.clone();
        next.voter_mut(acc).max_bal = Some(bal);
        Ok(next)
    }

    /// `VoteFor`: `acc` votes for `val` in `bal`. The last guard is what keeps votes safe.
    fn vote_for(
        &self,
        state: &State,
        acc: Acceptor,
        bal: Ballot,
        val: ValueId,
    ) -> Result<State, Disabled> {
        if state.voter(acc).max_bal > Some(bal) {
            return Err(Disabled("the acceptor has promised a larger ballot"));
        }
        if !state.did_not_vote_at(acc, bal) {
            return Err(Disabled("the acceptor has voted in this ballot"));
        }
        let others = state.acceptors.iter().flat_map(|voter| &voter.votes);
        if others.filter(|vote| vote.bal == bal).any(|vote| vote.val != val) {
            return Err(Disabled("another acceptor voted for another value in this ballot"));
        }
        if !self.constants.some_quorum(|quorum| state.shows_safe_at(quorum, bal, val)) {
            return Err(Disabled("no quorum shows that the value is safe in this ballot"));
        }
        let mut next = state.clone();
        let voter = next.voter_mut(acc);
        voter.votes.insert(Vote { bal, val });
        voter.max_bal = Some(bal);
        Ok(next)
    }
}

impl State {
    fn voter(&self, acc: Acceptor) -> &Voter {
        &self.acceptors[usize::from(acc)]
    }

    fn voter_mut(&mut self, acc: Acceptor) -> &mut Voter {
        &mut self.acceptors[usize::from(acc)]
    }

    /// `VotedFor`: whether `acc` has voted for `val` in `bal`.
    pub fn voted_for(&self, acc: Acceptor, bal: Ballot, val: ValueId) -> bool {
        self.voter(acc).votes.contains(&Vote { bal, val })
    }

    /// `DidNotVoteAt`: whether `acc` has not voted in `bal`.
    pub fn did_not_vote_at(&self, acc: Acceptor, bal: Ballot) -> bool {
        self.voter(acc).votes.iter().all(|vote| vote.bal != bal)
    }

    /// `CannotVoteAt`: whether `acc` has not voted in `bal` and never will.
    pub fn cannot_vote_at(&self, acc: Acceptor, bal: Ballot) -> bool {
        self.voter(acc).max_bal > Some(bal) && self.did_not_vote_at(acc, bal)
    }

    /// `ShowsSafeAt`: whether the quorum's own votes and promises show that `val` is safe in
    /// `bal`: all have promised `bal`, and the last vote that any of them cast below it, if there
    /// is one, was for `val`.
    pub fn shows_safe_at(&self, quorum: SmallSet, bal: Ballot, val: ValueId) -> bool {
        let mut voters = quorum.iter().map(|acc| &self.acceptors[acc]);
        if voters.any(|voter| voter.max_bal < Some(bal)) {
            return false;
        }
        let votes = quorum.iter().flat_map(|acc| &self.acceptors[acc].votes);
        let below = votes.filter(|vote| vote.bal < bal).collect::<Vec<_>>();
        let last = below.iter().map(|vote| vote.bal).max();
        // `last` is the specification's `c`. A quorum member voted for `val` there, and none
        // voted between it and `bal`.
        last.is_none_or(|last| below.contains(&&Vote { bal: last, val }))
    }
}

/// The properties.
impl Voting {
    /// `ChosenAt`: whether a quorum has voted for `val` in `bal`.
    pub fn chosen_at(&self, state: &State, bal: Ballot, val: ValueId) -> bool {
        let voted = |acc: &usize| state.acceptors[*acc].votes.contains(&Vote { bal, val });
        self.constants.contains_quorum((0..state.acceptors.len()).filter(voted).collect())
    }

    /// `chosen`: the values that are chosen in some ballot.
    pub fn chosen(&self, state: &State) -> SmallSet {
        let chosen =
            |val: &ValueId| self.constants.ballots().any(|bal| self.chosen_at(state, bal, *val));
        self.constants.values().filter(chosen).map(usize::from).collect()
    }

    /// The instance `C` of consensus: the state that this one stands for.
    pub fn consensus(&self, state: &State) -> consensus::State {
        consensus::State { chosen: self.chosen(state) }
    }

    /// `NoneOtherChoosableAt`: whether a quorum cannot vote for another value than `val` in
    /// `bal` any more.
    fn none_other_choosable_at(&self, state: &State, bal: Ballot, val: ValueId) -> bool {
        let bound = |acc| state.voted_for(acc, bal, val) || state.cannot_vote_at(acc, bal);
        let bound = self.constants.acceptors().filter(|&acc| bound(acc));
        self.constants.contains_quorum(bound.map(usize::from).collect())
    }

    /// `SafeAt`: whether no other value than `val` has been or can be chosen below `bal`.
    pub fn safe_at(&self, state: &State, bal: Ballot, val: ValueId) -> bool {
        (0..bal).all(|below| self.none_other_choosable_at(state, below, val))
    }

    /// `VotesSafe`: every vote was cast for a safe value.
    pub fn votes_safe(&self, state: &State) -> bool {
        let votes = state.acceptors.iter().flat_map(|voter| &voter.votes);
        votes.into_iter().all(|vote| self.safe_at(state, vote.bal, vote.val))
    }

    /// `OneValuePerBallot`: all votes of a ballot are for one value.
    pub fn one_value_per_ballot(&self, state: &State) -> bool {
        let votes: SortedSet<Vote> =
            state.acceptors.iter().flat_map(|voter| &voter.votes).copied().collect();
        votes.iter().zip(votes.iter().skip(1)).all(|(one, other)| one.bal != other.bal)
    }

    /// The theorem of the specification: at most one value is ever chosen.
    pub fn agreement(&self, state: &State) -> bool {
        self.chosen(state).len() <= 1
    }

    /// Whether a value is chosen in a ballot above one in which some acceptor voted.
    pub fn chosen_above_a_vote(&self, state: &State) -> bool {
        let first = state.acceptors.iter().flat_map(|voter| &voter.votes).map(|v| v.bal).min();
        let above = |first| self.constants.ballots().filter(move |&bal| bal > first);
        first.is_some_and(|first| {
            above(first).any(|b| self.constants.values().any(|v| self.chosen_at(state, b, v)))
        })
    }
}

impl Spec for Voting {
    const NAME: &'static str = "voting";

    const PARAMETERS: &'static [Parameter] = Constants::PARAMETERS;

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("IncreaseMaxBal", "Voting.tla, IncreaseMaxBal"),
        ActionClass::new("VoteFor", "Voting.tla, VoteFor"),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        Ok(Self { constants: Constants::from_params(params) })
    }

    fn initial(&self) -> Vec<State> {
        vec![State { acceptors: vec![Voter::default(); usize::from(self.constants.acceptors)] }]
    }

    fn candidates(&self, _: &State, actions: &mut Vec<Action>) {
        for acc in self.constants.acceptors() {
            for bal in self.constants.ballots() {
                actions.push(Action::IncreaseMaxBal { acc, bal });
                let votes = self.constants.values().map(|val| Action::VoteFor { acc, bal, val });
                actions.extend(votes);
            }
        }
    }

    fn step(&self, state: &State, action: &Action) -> Result<State, Disabled> {
        match *action {
            Action::IncreaseMaxBal { acc, .. } | Action::VoteFor { acc, .. }
                if acc >= self.constants.acceptors =>
            {
                Err(Disabled("there is no such acceptor"))
            }
            Action::IncreaseMaxBal { acc, bal } => self.increase_max_bal(state, acc, bal),
            Action::VoteFor { acc, bal, val } => self.vote_for(state, acc, bal, val),
        }
    }

    fn class_of(action: &Action) -> usize {
        match action {
            Action::IncreaseMaxBal { .. } => 0,
            Action::VoteFor { .. } => 1,
        }
    }

    fn laws(&self) -> Vec<Law<Self>> {
        let mut laws = vec![
            Law::always("agreement", "Voting.tla, Implementation", Self::agreement),
            Law::always("votes are safe", "Voting.tla, VotesSafe", Self::votes_safe),
            Law::always(
                "one value per ballot",
                "Voting.tla, OneValuePerBallot",
                Self::one_value_per_ballot,
            ),
            Law::sometimes("a value is chosen", "Voting.tla, chosen", |model: &Self, state| {
                !model.chosen(state).is_empty()
            }),
        ];
        if self.constants.max_ballot > 0 {
            laws.push(Law::sometimes(
                "a value is chosen above an earlier vote",
                "Voting.tla, ShowsSafeAt",
                Self::chosen_above_a_vote,
            ));
        }
        laws
    }

    fn lanes(&self) -> Vec<String> {
        self.constants.acceptors().map(|acc| format!("acceptor {acc}")).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        match *action {
            Action::IncreaseMaxBal { acc, .. } | Action::VoteFor { acc, .. } => Some(acc.into()),
        }
    }
}
