//! The chain of the models: paxos refines voting, and voting refines consensus.
//!
//! The maps are the specifications' own: the instance `V` of `Paxos.tla` and the instance `C` of
//! `Voting.tla`, each the theorem `Implementation` of its module.

use std::borrow::Borrow;

use bisim_models::common::{Model, Spec, Value};
use bisim_models::paxos::paxos::{self, Paxos};
use bisim_models::paxos::voting::{self, Voting};
use bisim_models::paxos::{Ballot, Constants, ValueId, consensus, consensus::Consensus};

use crate::refinement::{Exception, Refinement};

/// Voting refines consensus: a vote that completes a quorum chooses its value.
pub struct VotingRefinesConsensus {
    voting: Voting,
    consensus: Consensus,
}

impl VotingRefinesConsensus {
    /// The claim for these constants.
    pub fn new(constants: Constants) -> Self {
        let consensus = Consensus { values: constants.values };
        Self { voting: Voting { constants }, consensus }
    }

    /// The ballots in which a quorum may still vote for `val`, as far as promises and the votes
    /// of the same ballot go.
    fn open_ballots(&self, state: &voting::State, val: ValueId) -> Vec<Ballot> {
        let constants = &self.voting.constants;
        let may_vote = |bal, acc: usize| {
            let voter = &state.acceptors[acc];
            let voted = voter.votes.contains(&voting::Vote { bal, val });
            voted || (voter.max_bal <= Some(bal) && voter.votes.iter().all(|vote| vote.bal != bal))
        };
        let votes = || state.acceptors.iter().flat_map(|voter| &voter.votes);
        let open = |&bal: &Ballot| {
            let may_vote = (0..state.acceptors.len()).filter(|&acc| may_vote(bal, acc));
            constants.contains_quorum(may_vote.collect())
                && votes().all(|vote| vote.bal != bal || vote.val == val)
        };
        constants.ballots().filter(open).collect()
    }

    fn ballots_are_used_up(&self, state: &voting::State, action: &consensus::Action) -> bool {
        let consensus::Action::Choose { val } = *action;
        self.open_ballots(state, val).is_empty()
    }

    fn other_value_is_locked(&self, state: &voting::State, action: &consensus::Action) -> bool {
        let consensus::Action::Choose { val } = *action;
        let open = self.open_ballots(state, val);
        // Whatever acceptors promise from here on, the last vote below an open ballot is for
        // another value in every quorum.
        let mut promised = state.clone();
        let last = Some(self.voting.constants.max_ballot);
        promised.acceptors.iter_mut().for_each(|voter| voter.max_bal = last);
        !open.is_empty()
            && open.iter().all(|&bal| {
                let safe = |quorum| promised.shows_safe_at(quorum, bal, val);
                !self.voting.constants.some_quorum(safe)
            })
    }
}

impl Refinement for VotingRefinesConsensus {
    type Concrete = Voting;
    type Abstract = Consensus;

    fn name(&self) -> &'static str {
        "voting refines consensus"
    }

    fn concrete(&self) -> &Voting {
        &self.voting
    }

    fn specification(&self) -> &Consensus {
        &self.consensus
    }

    fn map(&self, state: &voting::State) -> consensus::State {
        self.voting.consensus(state)
    }

    /// The vote that makes its value chosen, where it was not, is the step that chooses it.
    fn label(
        &self,
        before: &voting::State,
        action: &voting::Action,
        after: &voting::State,
    ) -> Vec<consensus::Action> {
        match *action {
            voting::Action::VoteFor { bal, val, .. }
                if self.voting.chosen_at(after, bal, val)
                    && !self.voting.chosen(before).contains(usize::from(val)) =>
            {
                vec![consensus::Action::Choose { val }]
            }
            _ => Vec::new(),
        }
    }

    fn exceptions(&self) -> Vec<Exception<Self>> {
        let mut classes = vec![Exception {
            name: "the ballots are used up",
            reason: "no ballot is left in which a quorum may vote for the value; the published \
                     model has ballots without end, a run has some",
            applies: Self::ballots_are_used_up,
        }];
        // With two ballots, a value that two acceptors voted for is chosen or in one ballot each.
        if self.voting.constants.max_ballot >= 2 {
            classes.push(Exception {
                name: "another value is locked in",
                reason: "every quorum's last vote is for another value, which is how the choice \
                         of a value begins before it is chosen",
                applies: Self::other_value_is_locked,
            });
        }
        classes
    }

    fn lanes(&self) -> Vec<String> {
        self.voting.lanes()
    }

    fn lane_of(&self, action: &voting::Action) -> Option<usize> {
        self.voting.lane_of(action)
    }
}

/// Paxos refines voting: a promise raises `maxBal`, and `2b` is the vote.
///
/// The concrete model is `paxos`, or `paxos` with a seeded bug.
pub struct PaxosRefinesVoting<M = Paxos> {
    concrete: M,
    paxos: Paxos,
    voting: Voting,
}

impl PaxosRefinesVoting {
    /// The claim for these constants.
    pub fn new(constants: Constants) -> Self {
        let paxos = Paxos { constants };
        Self::of(paxos.clone(), paxos)
    }
}

impl<M> PaxosRefinesVoting<M> {
    /// The claim for a model whose states hold those of `paxos`.
    pub fn of(concrete: M, paxos: Paxos) -> Self {
        let voting = Voting { constants: paxos.constants.clone() };
        Self { concrete, paxos, voting }
    }
}

/// What is missing of voting, in a state where voting allows the vote and no such `2a` was sent.
impl<M> PaxosRefinesVoting<M>
where
    M: Model<State: Value + Borrow<paxos::State>, Action = paxos::Action> + Send + Sync + 'static,
{
    fn leader_proposed_another(&self, state: &M::State, action: &voting::Action) -> bool {
        let voting::Action::VoteFor { bal, val, .. } = *action else { return false };
        state.borrow().proposals().any(|(proposed, value)| proposed == bal && value != val)
    }

    fn quorum_did_not_promise(&self, state: &M::State, action: &voting::Action) -> bool {
        let voting::Action::VoteFor { bal, .. } = *action else { return false };
        let state = state.borrow();
        let all_promised = |quorum| state.all_promised(quorum, bal);
        state.proposals().all(|(proposed, _)| proposed != bal)
            && !self.paxos.constants.some_quorum(all_promised)
    }

    fn promises_report_another(&self, state: &M::State, action: &voting::Action) -> bool {
        let voting::Action::VoteFor { bal, val, .. } = *action else { return false };
        let state = state.borrow();
        let constants = &self.paxos.constants;
        state.proposals().all(|(proposed, _)| proposed != bal)
            && constants.some_quorum(|quorum| state.all_promised(quorum, bal))
            && !constants.some_quorum(|quorum| state.promises_allow(quorum, bal, val))
    }
}

impl<M> Refinement for PaxosRefinesVoting<M>
where
    M: Model<State: Value + Borrow<paxos::State>, Action = paxos::Action> + Send + Sync + 'static,
{
    type Concrete = M;
    type Abstract = Voting;

    fn name(&self) -> &'static str {
        "paxos refines voting"
    }

    fn concrete(&self) -> &M {
        &self.concrete
    }

    fn specification(&self) -> &Voting {
        &self.voting
    }

    fn map(&self, state: &M::State) -> voting::State {
        self.paxos.voting(state.borrow())
    }

    /// What leaders do is no step of voting. An acceptor that accepts the same proposal again
    /// repeats its `2b` and takes no step either.
    fn label(
        &self,
        before: &M::State,
        action: &paxos::Action,
        after: &M::State,
    ) -> Vec<voting::Action> {
        match *action {
            paxos::Action::Phase1b { acc, bal } => {
                vec![voting::Action::IncreaseMaxBal { acc, bal }]
            }
            paxos::Action::Phase2b { acc, bal, val } if before != after => {
                vec![voting::Action::VoteFor { acc, bal, val }]
            }
            _ => Vec::new(),
        }
    }

    fn exceptions(&self) -> Vec<Exception<Self>> {
        let mut classes = vec![
            Exception {
                name: "the leader proposed another value",
                reason: "a leader proposes once; in voting, the first vote of a ballot settles \
                         its value",
                applies: Self::leader_proposed_another,
            },
            Exception {
                name: "no quorum promised the ballot",
                reason: "a leader knows of promises by 1b messages only, and an acceptor that \
                         went on to a larger ballot sends none",
                applies: Self::quorum_did_not_promise,
            },
        ];
        // A ballot between two others is needed: votes below it, and acceptors that skip it.
        if self.paxos.constants.max_ballot >= 2 {
            classes.push(Exception {
                name: "the promises report another value",
                reason: "a leader hears of the promises that were sent, where voting may count \
                         an acceptor that skipped the ballot",
                applies: Self::promises_report_another,
            });
        }
        classes
    }

    fn lanes(&self) -> Vec<String> {
        self.paxos.lanes()
    }

    fn lane_of(&self, action: &paxos::Action) -> Option<usize> {
        self.paxos.lane_of(action)
    }
}
