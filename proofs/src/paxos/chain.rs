//! The chain of the models: paxos refines voting, and voting refines consensus.
//!
//! The maps are the specifications' own: the instance `V` of `Paxos.tla` and the instance `C` of
//! `Voting.tla`, each the theorem `Implementation` of its module.

use bisim_models::common::Spec;
use bisim_models::paxos::paxos::{self, Paxos};
use bisim_models::paxos::voting::{self, Voting};
use bisim_models::paxos::{Constants, consensus, consensus::Consensus};

use crate::refinement::Refinement;

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

    fn lanes(&self) -> Vec<String> {
        self.voting.lanes()
    }

    fn lane_of(&self, action: &voting::Action) -> Option<usize> {
        self.voting.lane_of(action)
    }
}

/// Paxos refines voting: a promise raises `maxBal`, and `2b` is the vote.
pub struct PaxosRefinesVoting {
    paxos: Paxos,
    voting: Voting,
}

impl PaxosRefinesVoting {
    /// The claim for these constants.
    pub fn new(constants: Constants) -> Self {
        let voting = Voting { constants: constants.clone() };
        Self { paxos: Paxos { constants }, voting }
    }
}

impl Refinement for PaxosRefinesVoting {
    type Concrete = Paxos;
    type Abstract = Voting;

    fn name(&self) -> &'static str {
        "paxos refines voting"
    }

    fn concrete(&self) -> &Paxos {
        &self.paxos
    }

    fn specification(&self) -> &Voting {
        &self.voting
    }

    fn map(&self, state: &paxos::State) -> voting::State {
        self.paxos.voting(state)
    }

    /// What leaders do is no step of voting. An acceptor that accepts the same proposal again
    /// repeats its `2b` and takes no step either.
    fn label(
        &self,
        before: &paxos::State,
        action: &paxos::Action,
        after: &paxos::State,
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

    fn lanes(&self) -> Vec<String> {
        self.paxos.lanes()
    }

    fn lane_of(&self, action: &paxos::Action) -> Option<usize> {
        self.paxos.lane_of(action)
    }
}
