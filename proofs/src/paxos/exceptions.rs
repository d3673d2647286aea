//! What the implementation leaves out of what the model allows, and why it may.

use bisim::paxos::{self as shipped, Message, Phase};
use bisim::protocol::NodeId;
use bisim_models::common::SmallSet;
use bisim_models::paxos::Ballot;
use bisim_models::paxos::paxos::{self as model, Action};

use super::implementation::Implementation;
use super::scope::{PaxosState, Proposal};
use crate::cluster::Remembers;
use crate::refinement::{Exception, Refinement};
use crate::shipped::Shipped;

impl<N: Remembers<Message<Proposal>>> Implementation<N> {
    /// The classes that occur within the scope.
    pub(super) fn classes(&self) -> Vec<Exception<Self>> {
        let mut classes = vec![
            Exception {
                name: "the acceptor writes something else first",
                reason: "what an acceptor has promised or accepted in memory is the next that it \
                         makes durable",
                applies: Self::writes_something_else,
            },
            Exception {
                name: "the proposer has a value of its own",
                reason: "where no vote is reported the model allows any value, and a proposer \
                         proposes its client's",
                applies: Self::has_its_own_value,
            },
            Exception {
                name: "the proposer has counted other promises",
                reason: "it proposes as soon as a majority has promised, where the model may \
                         wait for another majority",
                applies: Self::counted_other_promises,
            },
        ];
        let scope = self.scope();
        if scope.max_ballot >= scope.proposers {
            classes.push(Exception {
                name: "the proposer begins its ballots in order",
                reason: "the model may begin any ballot at any time",
                applies: Self::begins_in_order,
            });
        }
        if scope.max_ballot >= scope.proposers || scope.crashes > 0 {
            classes.push(Exception {
                name: "the proposer has given the ballot up",
                reason: "it has gone on to a higher ballot, or forgotten this one in a crash; the \
                         leaders of the model never do",
                applies: Self::gave_the_ballot_up,
            });
        }
        classes
    }

    fn writes_something_else(&self, state: &PaxosState<N>, action: &Action) -> bool {
        let (Action::Phase1b { acc, .. } | Action::Phase2b { acc, .. }) = *action else {
            return false;
        };
        let site = &state.sites[self.acceptors()[usize::from(acc)].0 as usize];
        let next = site.pending.iter().flat_map(|pending| &pending.steps).next();
        next.is_some_and(|step| self.action(step).as_ref() != Some(action))
    }

    fn begins_in_order(&self, state: &PaxosState<N>, action: &Action) -> bool {
        let Action::Phase1a { bal } = *action else { return false };
        let proposers = self.scope().proposers;
        let earlier =
            (0..u32::from(bal)).filter(|lower| lower % proposers == u32::from(bal) % proposers);
        let msgs = self.map(state).msgs;
        earlier.into_iter().any(|lower| {
            let lower = Ballot::try_from(lower).expect("it is below a ballot");
            !msgs.contains(&model::Message::OneA { bal: lower })
        })
    }

    /// The node is down, or has begun a higher ballot, or rests since this one. A proposer that
    /// has only failed to propose has not given up.
    fn gave_the_ballot_up(&self, state: &PaxosState<N>, action: &Action) -> bool {
        let Action::Phase2a { bal, .. } = *action else { return false };
        let Some(id) = self.proposer_of(bal) else { return false };
        let Some(node) = &state.sites[id.0 as usize].node else { return true };
        let bal = Some(shipped::Ballot(bal.into()));
        node.proposer().is_some_and(|proposer| {
            let rests = *proposer.phase() == Phase::Resting;
            proposer.tried() > bal || (proposer.tried() == bal && rests)
        })
    }

    /// The value is not the proposer's own, and no quorum that the proposer can still complete
    /// reports it: each that allows it allows any. What the proposer would propose is not excused.
    fn has_its_own_value(&self, state: &PaxosState<N>, action: &Action) -> bool {
        let Action::Phase2a { bal, val } = *action else { return false };
        let Some((wanted, counted)) = self.collecting(state, bal) else { return false };
        let image = self.map(state);
        let reported = |quorum| {
            image.promises_allow(quorum, bal, val) && !image.promises_allow(quorum, bal, wanted)
        };
        val != wanted
            && self.can_complete(counted, |quorum| image.promises_allow(quorum, bal, val))
            && !self.can_complete(counted, reported)
    }

    fn counted_other_promises(&self, state: &PaxosState<N>, action: &Action) -> bool {
        let Action::Phase2a { bal, val } = *action else { return false };
        let Some((_, counted)) = self.collecting(state, bal) else { return false };
        let image = self.map(state);
        !self.can_complete(counted, |quorum| image.promises_allow(quorum, bal, val))
    }

    fn proposer_of(&self, bal: Ballot) -> Option<NodeId> {
        let proposers = self.proposers();
        let rank = usize::from(bal).checked_rem(proposers.len())?;
        Some(proposers[rank])
    }

    /// What the proposer of a ballot wants, and the acceptors whose promises it has counted;
    /// `None` when it is not collecting promises of this ballot.
    fn collecting(&self, state: &PaxosState<N>, bal: Ballot) -> Option<(Proposal, SmallSet)> {
        let id = self.proposer_of(bal)?;
        let proposer = state.sites[id.0 as usize].node.as_ref()?.proposer()?;
        let current = proposer.tried() == Some(shipped::Ballot(bal.into()));
        match (proposer.phase(), proposer.wanted()) {
            (Phase::One(promises), Some(&wanted)) if current => {
                let counted = promises.keys().filter_map(|&id| self.acceptor(id));
                Some((wanted, counted.map(usize::from).collect()))
            }
            _ => None,
        }
    }

    /// Whether a quorum that a proposer can still complete satisfies a condition.
    fn can_complete(&self, counted: SmallSet, condition: impl Fn(SmallSet) -> bool) -> bool {
        let constants = &self.specification().constants;
        constants.some_quorum(|quorum| quorum.is_superset(counted) && condition(quorum))
    }
}
