//! Two-phase commit: a transaction manager asks the resource managers of a transaction whether
//! they are prepared, and decides for all of them.
//!
//! The specification is `TwoPhase.tla` of [Gray & Lamport, *Consensus on Transaction Commit*,
//! ACM TODS 31(1), 2006, §3 and appendix], as it stands in tlaplus/Examples under
//! `transaction_commit`. As there, the request to prepare is left out: a resource manager prepares,
//! or aborts, on its own. Messages are never lost and never received for the last time: `msgs` is
//! the set of all messages ever sent, so that an action of receipt may be taken again without
//! changing anything.

mod state;

use crate::common::{
    ActionClass, Disabled, Law, Parameter, ParameterError, Params, SmallSet, Spec,
};

pub use state::{Action, Messages, RmState, RmStates, State, TmState};

/// Two-phase commit among `managers` resource managers.
#[derive(Clone, Debug)]
pub struct TwoPhaseCommit {
    managers: usize,
}

impl TwoPhaseCommit {
    /// `TMRcvPrepared(r)`.
    fn tm_rcv_prepared(&self, state: &State, r: usize) -> Result<State, Disabled> {
        if state.tm_state != TmState::Init {
            return Err(Disabled("the transaction manager has decided"));
        }
        if !state.msgs.prepared.contains(r) {
            return Err(Disabled("this resource manager has not sent Prepared"));
        }
        Ok(State { tm_prepared: state.tm_prepared.with(r), ..*state })
    }

    /// `TMCommit`.
    fn tm_commit(&self, state: &State) -> Result<State, Disabled> {
        if state.tm_state != TmState::Init {
            return Err(Disabled("the transaction manager has decided"));
        }
        if state.tm_prepared.len() != self.managers {
            return Err(Disabled("Prepared has not been received from all resource managers"));
        }
        let msgs = Messages { commit: true, ..state.msgs };
        Ok(State { tm_state: TmState::Committed, msgs, ..*state })
    }

    /// `TMAbort`.
    fn tm_abort(&self, state: &State) -> Result<State, Disabled> {
        if state.tm_state != TmState::Init {
            return Err(Disabled("the transaction manager has decided"));
        }
        let msgs = Messages { abort: true, ..state.msgs };
        Ok(State { tm_state: TmState::Aborted, msgs, ..*state })
    }

    /// `RMPrepare(r)`.
    fn rm_prepare(&self, state: &State, r: usize) -> Result<State, Disabled> {
        if state.rm_state.get(r) != RmState::Working {
            return Err(Disabled("the resource manager is not working"));
        }
        let msgs = Messages { prepared: state.msgs.prepared.with(r), ..state.msgs };
        Ok(State { rm_state: state.rm_state.with(r, RmState::Prepared), msgs, ..*state })
    }

    /// `RMChooseToAbort(r)`.
    fn rm_choose_to_abort(&self, state: &State, r: usize) -> Result<State, Disabled> {
        if state.rm_state.get(r) != RmState::Working {
            return Err(Disabled("the resource manager is not working"));
        }
        Ok(State { rm_state: state.rm_state.with(r, RmState::Aborted), ..*state })
    }

    /// `RMRcvCommitMsg(r)`.
    fn rm_rcv_commit_msg(&self, state: &State, r: usize) -> Result<State, Disabled> {
        if !state.msgs.commit {
            return Err(Disabled("Commit has not been sent"));
        }
        Ok(State { rm_state: state.rm_state.with(r, RmState::Committed), ..*state })
    }

    /// `RMRcvAbortMsg(r)`.
    fn rm_rcv_abort_msg(&self, state: &State, r: usize) -> Result<State, Disabled> {
        if !state.msgs.abort {
            return Err(Disabled("Abort has not been sent"));
        }
        Ok(State { rm_state: state.rm_state.with(r, RmState::Aborted), ..*state })
    }

    /// `TCConsistent`: no resource manager has committed while another has aborted.
    fn tc_consistent(&self, state: &State) -> bool {
        let any = |wanted| state.rm_state.iter().any(|rm| rm == wanted);
        !(any(RmState::Aborted) && any(RmState::Committed))
    }

    /// `TPTypeOK`, as far as the types leave it open: only resource managers send `Prepared`, and
    /// the transaction manager knows of no `Prepared` that was not sent.
    fn tp_type_ok(&self, state: &State) -> bool {
        state.rm_state.len() == self.managers
            && SmallSet::below(self.managers).is_superset(state.msgs.prepared)
            && state.msgs.prepared.is_superset(state.tm_prepared)
    }

    fn all(state: &State, wanted: RmState) -> bool {
        state.rm_state.iter().all(|rm| rm == wanted)
    }
}

const SOURCE: &str = "TwoPhase.tla";

impl Spec for TwoPhaseCommit {
    const NAME: &'static str = "two-phase-commit";

    const PARAMETERS: &'static [Parameter] = &[Parameter::count(
        "managers",
        "resource managers",
        (1, RmStates::CAPACITY as u32),
        [5, 7, 9],
    )];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("TMRcvPrepared", SOURCE),
        ActionClass::new("TMCommit", SOURCE),
        ActionClass::new("TMAbort", SOURCE),
        ActionClass::new("RMPrepare", SOURCE),
        ActionClass::new("RMChooseToAbort", SOURCE),
        ActionClass::new("RMRcvCommitMsg", SOURCE),
        ActionClass::new("RMRcvAbortMsg", SOURCE),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        Ok(Self { managers: params.get("managers") as usize })
    }

    fn initial(&self) -> Vec<State> {
        vec![State {
            rm_state: RmStates::working(self.managers),
            tm_state: TmState::Init,
            tm_prepared: SmallSet::EMPTY,
            msgs: Messages::default(),
        }]
    }

    #[inline]
    fn candidates(&self, state: &State, actions: &mut Vec<Action>) {
        actions.extend([Action::TMCommit, Action::TMAbort]);
        actions.extend(state.msgs.prepared.iter().map(|r| Action::TMRcvPrepared(r as u8)));
        for r in 0..self.managers as u8 {
            if state.rm_state.get(usize::from(r)) == RmState::Working {
                actions.extend([Action::RMPrepare(r), Action::RMChooseToAbort(r)]);
            }
            if state.msgs.commit {
                actions.push(Action::RMRcvCommitMsg(r));
            }
            if state.msgs.abort {
                actions.push(Action::RMRcvAbortMsg(r));
            }
        }
    }

    #[inline]
    fn step(&self, state: &State, action: &Action) -> Result<State, Disabled> {
        match *action {
            Action::TMRcvPrepared(r)
            | Action::RMPrepare(r)
            | Action::RMChooseToAbort(r)
            | Action::RMRcvCommitMsg(r)
            | Action::RMRcvAbortMsg(r)
                if usize::from(r) >= self.managers =>
            {
                Err(Disabled("there is no such resource manager"))
            }
            Action::TMRcvPrepared(r) => self.tm_rcv_prepared(state, usize::from(r)),
            Action::TMCommit => self.tm_commit(state),
            Action::TMAbort => self.tm_abort(state),
            Action::RMPrepare(r) => self.rm_prepare(state, usize::from(r)),
            Action::RMChooseToAbort(r) => self.rm_choose_to_abort(state, usize::from(r)),
            Action::RMRcvCommitMsg(r) => self.rm_rcv_commit_msg(state, usize::from(r)),
            Action::RMRcvAbortMsg(r) => self.rm_rcv_abort_msg(state, usize::from(r)),
        }
    }

    #[inline]
    fn class_of(action: &Action) -> usize {
        match action {
            Action::TMRcvPrepared(_) => 0,
            Action::TMCommit => 1,
            Action::TMAbort => 2,
            Action::RMPrepare(_) => 3,
            Action::RMChooseToAbort(_) => 4,
            Action::RMRcvCommitMsg(_) => 5,
            Action::RMRcvAbortMsg(_) => 6,
        }
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always("TCConsistent", "TCommit.tla", Self::tc_consistent),
            Law::always("TPTypeOK", SOURCE, Self::tp_type_ok),
            Law::sometimes("all committed", "Gray & Lamport 2006, §2", |_, state| {
                Self::all(state, RmState::Committed)
            }),
            Law::sometimes("all aborted", "Gray & Lamport 2006, §2", |_, state| {
                Self::all(state, RmState::Aborted)
            }),
        ]
    }

    fn lanes(&self) -> Vec<String> {
        let managers = (0..self.managers).map(|r| format!("RM {r}"));
        std::iter::once("TM".to_owned()).chain(managers).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        Some(match *action {
            Action::TMRcvPrepared(_) | Action::TMCommit | Action::TMAbort => 0,
            Action::RMPrepare(r)
            | Action::RMChooseToAbort(r)
            | Action::RMRcvCommitMsg(r)
            | Action::RMRcvAbortMsg(r) => usize::from(r) + 1,
        })
    }
}

crate::spec_model!(TwoPhaseCommit, State, Action);

#[cfg(test)]
mod tests {
    use super::State;
    use crate::common::{Params, Spec};

    #[test]
    fn candidates_leave_out_no_action() {
        // The candidates of a state are those that are enabled, and none is missing: every action
        // that is not proposed is disabled, in every state within four steps.
        let params = Params::preset(super::TwoPhaseCommit::PARAMETERS, Default::default());
        let spec = super::TwoPhaseCommit::new(&params.with("managers", 2)).unwrap();
        let mut level: Vec<State> = spec.initial();
        let every = |r| {
            use super::Action::*;
            [
                TMRcvPrepared(r),
                RMPrepare(r),
                RMChooseToAbort(r),
                RMRcvCommitMsg(r),
                RMRcvAbortMsg(r),
            ]
        };
        for _ in 0..6 {
            for state in std::mem::take(&mut level) {
                let mut proposed = Vec::new();
                spec.candidates(&state, &mut proposed);
                for action in [0, 1].into_iter().flat_map(every) {
                    let enabled = spec.step(&state, &action).is_ok();
                    assert!(!enabled || proposed.contains(&action), "{action:?} in {state:?}");
                }
                level.extend(proposed.iter().filter_map(|a| spec.step(&state, a).ok()));
            }
            level.sort_by_key(|state| format!("{state:?}"));
            level.dedup();
        }
    }
}
