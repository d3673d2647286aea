//! The bugs of the published models without an implementation, which are described in
//! `models/src/classics/README.md`.

mod mutual_exclusion;
mod peterson;
mod peterson_chain;
mod termination;

use bisim_models::classics::two_phase_commit::{
    Action, Messages, RmState, State, TmState, TwoPhaseCommit,
};
use bisim_models::common::Disabled;

pub use peterson_chain::{PetersonChain, PetersonRefinesLock};

use crate::registry::{Bug, Entry, Hunt, ModelBug, SpecTarget};

/// The targets of this folder.
pub fn entries() -> Vec<Entry> {
    let mut entries = mutual_exclusion::entries();
    entries.extend([peterson::entry(), two_phase_commit(), termination::entry()]);
    entries
}

fn two_phase_commit() -> Entry {
    Entry {
        folder: "classics",
        title: "one manager decides whether a transaction commits everywhere",
        papers: &[
            "Gray & Lamport, Consensus on Transaction Commit, ACM TODS 31(1), 2006",
            "tlaplus/Examples, transaction_commit/TwoPhase.tla",
        ],
        files: &[
            "models/src/classics/two_phase_commit/mod.rs",
            "proofs/src/classics/mod.rs",
            "benches/checker.rs",
        ],
        model: SpecTarget::boxed(&[ABORT_AFTER_PREPARED, COMMIT_BEFORE_ALL]),
        conformance: None,
        simulation: None,
        bugs: vec![
            Bug {
                hunts: vec![Hunt::against(ABORT_AFTER_PREPARED, "TCConsistent")],
                ..Bug::new(
                    "own",
                    ABORT_AFTER_PREPARED.slug,
                    "a resource manager aborts on its own although it has prepared",
                    "Gray & Lamport 2006, §2: prepared, it may no longer decide by itself",
                )
            },
            Bug {
                hunts: vec![Hunt::against(COMMIT_BEFORE_ALL, "TCConsistent")],
                ..Bug::new(
                    "own",
                    COMMIT_BEFORE_ALL.slug,
                    "the transaction manager commits when one Prepared is missing",
                    "Gray & Lamport 2006, §3: Commit needs Prepared from every manager",
                )
            },
        ],
        deferred: &[],
    }
}

/// A resource manager that has prepared loses patience: `RMChooseToAbort` without its guard.
const ABORT_AFTER_PREPARED: ModelBug<TwoPhaseCommit> = ModelBug {
    slug: "classics/abort-after-prepared",
    step: |_, state, action, memory| {
        let &Action::RMChooseToAbort(r) = action else { return None };
        let r = usize::from(r);
        Some(match state.rm_state.get(r) {
            RmState::Working | RmState::Prepared => {
                Ok((State { rm_state: state.rm_state.with(r, RmState::Aborted), ..*state }, memory))
            }
            _ => Err(Disabled("the resource manager has decided")),
        })
    },
    candidates: |_, state, _, actions| {
        let managers = state.rm_state.iter().enumerate();
        let prepared = managers.filter(|(_, rm)| *rm == RmState::Prepared);
        actions.extend(prepared.map(|(r, _)| Action::RMChooseToAbort(r as u8)));
    },
};

/// The transaction manager counts to one less than it should: `TMCommit` with another guard.
const COMMIT_BEFORE_ALL: ModelBug<TwoPhaseCommit> = ModelBug {
    slug: "classics/commit-before-all-prepared",
    step: |_, state, action, memory| {
        if *action != Action::TMCommit {
            return None;
        }
        let ready = state.tm_prepared.len() + 1 >= state.rm_state.len();
        Some(if state.tm_state == TmState::Init && ready {
            let msgs = Messages { commit: true, ..state.msgs };
            Ok((State { tm_state: TmState::Committed, msgs, ..*state }, memory))
        } else {
            Err(Disabled("two or more have not prepared"))
        })
    },
    candidates: |_, _, _, _| {},
};
