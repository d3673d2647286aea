//! Paxos: consensus by messages that may be lost, repeated and reordered.
//!
//! Follows `Paxos.tla` of tlaplus/Examples, `PaxosHowToWinATuringAward`, and through it "Paxos
//! Made Simple" (Lamport 2001), section 2.2. The network is the set of all messages ever sent:
//! a message that nobody acts on is as good as lost, one that is acted on twice was duplicated,
//! and the set has no order. Leaders have no state but the messages of their ballot. All state
//! of an acceptor is durable, so that a crash is a pause and a restart is no step.

use serde::{Deserialize, Serialize};

pub use super::state::{AcceptorState, Message, State};
use super::{Acceptor, Ballot, Constants, ValueId};
use crate::common::{
    ActionClass, Disabled, Law, Parameter, ParameterError, Params, SortedSet, Spec,
};
use crate::spec_model;

/// The actions. Where the specification says "there is a message", the action names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Action {
    /// The leader of a ballot sends `1a`.
    Phase1a {
        /// The ballot.
        bal: Ballot,
    },
    /// An acceptor answers `1a` with a promise.
    Phase1b {
        /// The acceptor.
        acc: Acceptor,
        /// The ballot of the `1a`.
        bal: Ballot,
    },
    /// The leader of a ballot, with promises of a quorum, proposes a value.
    Phase2a {
        /// The ballot.
        bal: Ballot,
        /// The value.
        val: ValueId,
    },
    /// An acceptor votes for what a `2a` proposes.
    Phase2b {
        /// The acceptor.
        acc: Acceptor,
        /// The ballot of the `2a`.
        bal: Ballot,
        /// The value of the `2a`.
        val: ValueId,
    },
}

/// The model `paxos`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paxos {
    /// Acceptors, values, ballots and quorums.
    pub constants: Constants,
}

spec_model!(Paxos, State, Action);

/// The actions.
impl Paxos {
    /// `Phase1a`: the leader of `bal` asks for promises; sending again changes nothing.
    fn phase_1a(&self, state: &State, bal: Ballot) -> Result<State, Disabled> {
        let mut next = state.clone();
        next.msgs.insert(Message::OneA { bal });
        Ok(next)
    }

    /// `Phase1b`: `acc` promises a ballot larger than any before, and reports its last vote.
    fn phase_1b(&self, state: &State, acc: Acceptor, bal: Ballot) -> Result<State, Disabled> {
        if !state.msgs.contains(&Message::OneA { bal }) {
            return Err(Disabled("there is no such 1a message"));
        }
        if state.acceptor(acc).max_bal >= Some(bal) {
            return Err(Disabled("the acceptor has promised that ballot or a larger one"));
        }
        let mut next = state.clone();
        let acceptor = next.acceptor_mut(acc);
        acceptor.max_bal = Some(bal);
        let (mbal, mval) = (acceptor.max_vbal, acceptor.max_val);
        next.msgs.insert(Message::OneB { acc, bal, mbal, mval });
        Ok(next)
    }

    /// `Phase2a`: the leader of `bal` proposes `val`, once, when the promises of a quorum allow
    /// it.
    fn phase_2a(&self, state: &State, bal: Ballot, val: ValueId) -> Result<State, Disabled> {
        if state.proposals().any(|(proposed, _)| proposed == bal) {
            return Err(Disabled("the leader of the ballot has proposed already"));
        }
        if !self.constants.some_quorum(|quorum| state.promises_allow(quorum, bal, val)) {
            return Err(Disabled("no quorum's promises allow the value"));
        }
        let mut next = state.clone();
        next.msgs.insert(Message::TwoA { bal, val });
        Ok(next)
    }

    /// `Phase2b`: `acc` votes, unless it has promised a larger ballot. A vote is a promise too.
    fn phase_2b(
        &self,
        state: &State,
        acc: Acceptor,
        bal: Ballot,
        val: ValueId,
    ) -> Result<State, Disabled> {
        if !state.msgs.contains(&Message::TwoA { bal, val }) {
            return Err(Disabled("there is no such 2a message"));
        }
        if state.acceptor(acc).max_bal > Some(bal) {
            return Err(Disabled("the acceptor has promised a larger ballot"));
        }
        let mut next = state.clone();
        *next.acceptor_mut(acc) =
            AcceptorState { max_bal: Some(bal), max_vbal: Some(bal), max_val: Some(val) };
        next.msgs.insert(Message::TwoB { acc, bal, val });
        Ok(next)
    }
}

impl Spec for Paxos {
    const NAME: &'static str = "paxos";

    const PARAMETERS: &'static [Parameter] = Constants::PARAMETERS;

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("Phase1a", "Paxos.tla, Phase1a; Paxos Made Simple 2.2, phase 1 (a)"),
        ActionClass::new("Phase1b", "Paxos.tla, Phase1b; Paxos Made Simple 2.2, phase 1 (b)"),
        ActionClass::new("Phase2a", "Paxos.tla, Phase2a; Paxos Made Simple 2.2, phase 2 (a)"),
        ActionClass::new("Phase2b", "Paxos.tla, Phase2b; Paxos Made Simple 2.2, phase 2 (b)"),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        Ok(Self { constants: Constants::from_params(params) })
    }

    fn initial(&self) -> Vec<State> {
        let acceptors = vec![AcceptorState::default(); usize::from(self.constants.acceptors)];
        vec![State { acceptors, msgs: SortedSet::EMPTY }]
    }

    fn candidates(&self, state: &State, actions: &mut Vec<Action>) {
        let constants = &self.constants;
        for bal in constants.ballots() {
            actions.push(Action::Phase1a { bal });
            actions.extend(constants.values().map(|val| Action::Phase2a { bal, val }));
        }
        for message in &state.msgs {
            match *message {
                Message::OneA { bal } => {
                    actions.extend(constants.acceptors().map(|acc| Action::Phase1b { acc, bal }));
                }
                Message::TwoA { bal, val } => {
                    let votes = constants.acceptors().map(|acc| Action::Phase2b { acc, bal, val });
                    actions.extend(votes);
                }
                Message::OneB { .. } | Message::TwoB { .. } => {}
            }
        }
    }

    fn step(&self, state: &State, action: &Action) -> Result<State, Disabled> {
        match *action {
            Action::Phase1b { acc, .. } | Action::Phase2b { acc, .. }
                if acc >= self.constants.acceptors =>
            {
                Err(Disabled("there is no such acceptor"))
            }
            Action::Phase1a { bal } => self.phase_1a(state, bal),
            Action::Phase1b { acc, bal } => self.phase_1b(state, acc, bal),
            Action::Phase2a { bal, val } => self.phase_2a(state, bal, val),
            Action::Phase2b { acc, bal, val } => self.phase_2b(state, acc, bal, val),
        }
    }

    fn class_of(action: &Action) -> usize {
        match action {
            Action::Phase1a { .. } => 0,
            Action::Phase1b { .. } => 1,
            Action::Phase2a { .. } => 2,
            Action::Phase2b { .. } => 3,
        }
    }

    fn laws(&self) -> Vec<Law<Self>> {
        let mut laws = vec![
            Law::always("agreement", "Paxos Made Simple 2.1; Voting.tla", Self::agreement),
            Law::always(
                "the last vote is promised",
                "Paxos.tla, Inv, on acceptors",
                Self::last_vote_is_promised,
            ),
            Law::always("promises are true", "Paxos.tla, Inv, on 1b", Self::promises_are_true),
            Law::always("proposals are safe", "Paxos.tla, Inv, on 2a", Self::proposals_are_safe),
            Law::always("votes were proposed", "Paxos.tla, Inv, on 2b", Self::votes_were_proposed),
            Law::sometimes("a value is chosen", "Paxos Made Simple 2.2", Self::some_chosen),
        ];
        if self.constants.max_ballot > 0 {
            laws.push(Law::sometimes(
                "a value is chosen above an earlier vote",
                "Paxos Made Simple 2.2, phase 2 (a)",
                Self::chosen_above_a_vote,
            ));
        }
        // Among one or two acceptors there is no quorum that leaves somebody out.
        if self.constants.acceptors > 2 {
            laws.push(Law::sometimes(
                "an acceptor votes without a promise",
                "Paxos Made Simple 2.2, phase 2 (b)",
                Self::vote_without_promise,
            ));
        }
        laws
    }

    /// A lane for the leader of each ballot, then one for each acceptor.
    fn lanes(&self) -> Vec<String> {
        let leaders = self.constants.ballots().map(|bal| format!("leader {bal}"));
        leaders.chain(self.constants.acceptors().map(|acc| format!("acceptor {acc}"))).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        let leaders = usize::from(self.constants.max_ballot) + 1;
        Some(match *action {
            Action::Phase1a { bal } | Action::Phase2a { bal, .. } => bal.into(),
            Action::Phase1b { acc, .. } | Action::Phase2b { acc, .. } => leaders + usize::from(acc),
        })
    }
}
