//! A step that names a thread, an acceptor or a value that does not exist is disabled, with a
//! reason; it is never a panic, for labels come from outside.

use bisim_models::common::{Params, Preset, Spec};
use bisim_models::{classics, counter, lock, paxos};

fn disabled<S: Spec>(actions: &[S::Action]) {
    let spec = S::new(&Params::preset(S::PARAMETERS, Preset::Standard)).expect("it is a preset");
    for state in spec.initial() {
        for action in actions {
            let reason = spec.step(&state, action).expect_err("nothing has this name");
            assert!(reason.0.starts_with("there is no such"), "{action:?}: {reason}");
        }
    }
}

#[test]
fn what_does_not_exist_cannot_act() {
    use lock::mutex::{Action as Lock, Call};
    disabled::<counter::Counter>(&[counter::Action::Inc(200), counter::Action::Done(200)]);
    disabled::<lock::mutex::Mutex>(&[
        Lock::Acquire { thread: 99 },
        Lock::Fail { thread: 99, call: Call::Lock },
        Lock::Wake { thread: 99, woken: None },
    ]);
    disabled::<paxos::consensus::Consensus>(&[paxos::consensus::Action::Choose { val: 200 }]);
    disabled::<paxos::voting::Voting>(&[
        paxos::voting::Action::IncreaseMaxBal { acc: 99, bal: 0 },
        paxos::voting::Action::VoteFor { acc: 99, bal: 0, val: 0 },
    ]);
    disabled::<paxos::paxos::Paxos>(&[
        paxos::paxos::Action::Phase1b { acc: 99, bal: 0 },
        paxos::paxos::Action::Phase2b { acc: 99, bal: 0, val: 0 },
    ]);
    use classics::two_phase_commit::{Action as Commit, TwoPhaseCommit};
    disabled::<TwoPhaseCommit>(&[
        Commit::TMRcvPrepared(99),
        Commit::RMPrepare(99),
        Commit::RMRcvAbortMsg(99),
    ]);
}
