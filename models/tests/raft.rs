//! Raft's steps: none is left out of what a state offers, and none panics, whatever it is asked.

use std::collections::BTreeSet;

use bisim_models::common::{Params, Preset, Spec};
use bisim_models::raft::{Action, Entry, Log, Message, Raft, State};

fn raft(constants: &[(&str, u32)]) -> Raft {
    let quick = Params::preset(Raft::PARAMETERS, Preset::Quick);
    let params = constants.iter().fold(quick, |params, &(name, value)| params.with(name, value));
    Raft::new(&params).expect("these constants make a model")
}

/// All actions with names up to these, but for those of messages.
fn imaginable(servers: u8, index: u16) -> Vec<Action> {
    let mut actions = Vec::new();
    for i in 0..servers {
        actions.extend([
            Action::Restart { i },
            Action::Timeout { i },
            Action::BecomeLeader { i },
            Action::AdvanceCommitIndex { i },
            Action::StepDown { i },
        ]);
        for n in 0..index {
            actions.push(Action::ClientRequest { i, v: n });
            for j in 0..servers {
                actions.push(Action::RequestVote { i, j });
                actions.push(Action::AppendEntries { i, j, entries: n });
                actions.push(Action::SetNextIndex { i, j, next: n });
            }
        }
    }
    actions
}

/// The states within the bounds, as many steps from the initial one as that.
fn states(spec: &Raft, steps: u32) -> BTreeSet<State> {
    let mut seen: BTreeSet<State> = spec.initial().into_iter().collect();
    let mut level: Vec<State> = spec.initial();
    for _ in 0..steps {
        for state in std::mem::take(&mut level) {
            let mut actions = Vec::new();
            spec.candidates(&state, &mut actions);
            for next in actions.iter().filter_map(|action| spec.step(&state, action).ok()) {
                if spec.within(&next) && seen.insert(next.clone()) {
                    level.push(next);
                }
            }
        }
    }
    seen
}

#[test]
fn candidates_leave_out_no_action() {
    let constants = [("max_term", 2), ("max_entries", 2), ("step_down", 1), ("free_next", 1)];
    let spec = raft(&constants);
    let imaginable = imaginable(3, 5);
    let mut enabled = BTreeSet::new();
    for state in states(&spec, 60) {
        let mut proposed = Vec::new();
        spec.candidates(&state, &mut proposed);
        for action in imaginable.iter().filter(|action| spec.step(&state, action).is_ok()) {
            assert!(proposed.contains(action), "{action:?} in {state:?}");
            enabled.insert(Raft::class_of(action));
        }
    }
    assert_eq!(enabled.len(), 9, "all classes but those of messages");
}

/// Messages that no server would send, to any receiver, in reachable states.
#[test]
fn no_message_is_too_strange() {
    let constants = [("max_term", 2), ("max_entries", 2), ("step_down", 1), ("free_next", 1)];
    let spec = raft(&constants);
    let log = Log::from(&[Entry { term: u16::MAX, value: 7 }; 6][..]);
    let mut strange = Vec::new();
    for number in [0, 1, 2, u16::MAX] {
        for (msource, mdest) in [(0, 1), (1, 1), (9, 0), (0, 9)] {
            for flag in [false, true] {
                strange.extend([
                    Message::RequestVoteRequest {
                        mterm: number,
                        mlast_log_term: number,
                        mlast_log_index: number,
                        msource,
                        mdest,
                    },
                    Message::RequestVoteResponse {
                        mterm: number,
                        mvote_granted: flag,
                        mlog: None,
                        msource,
                        mdest,
                    },
                    Message::AppendEntriesRequest {
                        mterm: 2,
                        mprev_log_index: number,
                        mprev_log_term: number,
                        mentries: if flag { log.clone() } else { Log::new() },
                        mlog: None,
                        mcommit_index: number,
                        msource,
                        mdest,
                    },
                    Message::AppendEntriesResponse {
                        mterm: 2,
                        msuccess: flag,
                        mmatch_index: number,
                        msource,
                        mdest,
                    },
                ]);
            }
        }
    }
    let mut taken = 0;
    for state in states(&spec, 14) {
        for m in &strange {
            let mut with = state.clone();
            with.send(m.clone());
            let receive = Action::Receive { m: m.clone() };
            let Ok(next) = spec.step(&with, &receive) else { continue };
            taken += 1;
            // What has been taken in does not make the next steps panic either.
            for action in imaginable(3, 4) {
                let _ = spec.step(&next, &action);
            }
        }
    }
    assert!(taken > 1_000, "{taken} strange messages were received");
}
