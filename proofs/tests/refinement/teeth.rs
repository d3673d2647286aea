//! One piece exchanged at a time.

use bisim_models::common::Disabled;
use bisim_models::paxos::Constants;
use bisim_models::paxos::paxos::{self, Paxos};
use bisim_models::paxos::voting;
use bisim_proofs::checker::{Options, Verdict};
use bisim_proofs::paxos::PaxosRefinesVoting;
use bisim_proofs::refinement::{Failure, refine};
use bisim_proofs::registry::{Buggy, Evidence, ModelBug};

use crate::wrong::{Excuse, Wrong, claim, failure, gap};

#[test]
fn nothing_wrong_is_no_failure() {
    let right = Wrong::nothing();
    assert_eq!(failure(&right), None);
    assert_eq!(gap(&right), None);
}

#[test]
fn a_wrong_map_of_initial_states() {
    let wrong = Wrong {
        map: |mut state| {
            state.acceptors[0].max_bal = Some(0);
            state
        },
        ..Wrong::nothing()
    };
    assert_eq!(failure(&wrong), Some((Failure::Initial, 0)));
}

#[test]
fn a_wrong_state_map() {
    // The promise is read off the votes: what an acceptor promised without a vote is lost.
    let wrong = Wrong {
        map: |mut state| {
            for voter in &mut state.acceptors {
                voter.max_bal = voter.votes.iter().map(|vote| vote.bal).max();
            }
            state
        },
        ..Wrong::nothing()
    };
    assert_eq!(failure(&wrong), Some((Failure::WrongEnd, 2)));
}

#[test]
fn a_label_that_is_missing() {
    let wrong = Wrong { label: |_| Vec::new(), ..Wrong::nothing() };
    assert_eq!(failure(&wrong), Some((Failure::SilentChange, 2)));
}

#[test]
fn a_label_with_the_wrong_value() {
    let other = |label: Vec<voting::Action>| {
        let mut label = label;
        for action in &mut label {
            if let voting::Action::VoteFor { val, .. } = action {
                *val = 1 - *val;
            }
        }
        label
    };
    let wrong = Wrong { label: other, ..Wrong::nothing() };
    assert_eq!(failure(&wrong), Some((Failure::WrongEnd, 5)));
}

#[test]
fn a_label_that_names_a_step_twice() {
    let twice = |label: Vec<voting::Action>| label.iter().chain(&label).copied().collect();
    let wrong = Wrong { label: twice, ..Wrong::nothing() };
    assert_eq!(failure(&wrong), Some((Failure::Disabled, 2)));
}

#[test]
fn a_model_without_one_of_its_actions() {
    let mut wrong = Wrong::nothing();
    wrong.guarded.guard = |_, action| !matches!(action, voting::Action::VoteFor { .. });
    assert_eq!(failure(&wrong), Some((Failure::Disabled, 5)));
}

#[test]
fn a_model_with_one_guard_changed() {
    // Strictly below instead of at most: the acceptor must have promised the very ballot.
    let mut wrong = Wrong::nothing();
    wrong.guarded.guard = |state, action| match *action {
        voting::Action::VoteFor { acc, bal, .. } => {
            state.acceptors[usize::from(acc)].max_bal == Some(bal)
        }
        voting::Action::IncreaseMaxBal { .. } => true,
    };
    assert_eq!(failure(&wrong), Some((Failure::Disabled, 5)));
}

/// Paxos whose acceptors do not act.
fn lazy(step: fn(&paxos::Action) -> bool) -> PaxosRefinesVoting<Buggy<Paxos>> {
    const VOTES: ModelBug<Paxos> = ModelBug {
        slug: "paxos/never-votes",
        step: |_, _, action, _| match action {
            paxos::Action::Phase2b { .. } => Some(Err(Disabled("this acceptor never votes"))),
            _ => None,
        },
        candidates: |_, _, _, _| {},
    };
    const PROMISES: ModelBug<Paxos> = ModelBug {
        slug: "paxos/never-promises",
        step: |_, _, action, _| match action {
            paxos::Action::Phase1b { acc: 2, .. } => Some(Err(Disabled("acceptor 2 is mute"))),
            _ => None,
        },
        candidates: |_, _, _, _| {},
    };
    let paxos = Paxos { constants: Constants::new(3, 2, 1) };
    let vote = paxos::Action::Phase2b { acc: 0, bal: 0, val: 0 };
    let bug = if step(&vote) { PROMISES } else { VOTES };
    PaxosRefinesVoting::of(Buggy::new(paxos.clone(), bug), paxos)
}

#[test]
fn a_system_without_one_of_its_actions() {
    let never_votes = lazy(|action| !matches!(action, paxos::Action::Phase2b { .. }));
    let outcome = refine(&never_votes, &Options::default());
    assert_eq!(outcome.gap.as_ref().unwrap().failure, Failure::Missing);
    assert_eq!(outcome.covered(), Verdict::Violated);
    // What it does is still right, but it never does what it is for.
    assert_eq!(outcome.divergences, 0);
    assert_eq!(outcome.refined(), Verdict::Vacuous);
    assert!(outcome.vacuous.iter().any(|why| why.contains("a value is chosen")));

    let mute = lazy(|_| true);
    assert_eq!(gap(&mute), Some(Failure::Missing));
}

#[test]
fn a_missing_action_without_an_excuse() {
    let wrong = Wrong { excuses: Vec::new(), ..Wrong::nothing() };
    assert_eq!(gap(&wrong), Some(Failure::Missing));
}

#[test]
fn a_missing_action_with_two_excuses() {
    let mut wrong = Wrong::nothing();
    wrong.excuses.push(("anything goes", |_, _, _| true));
    assert_eq!(gap(&wrong), Some(Failure::Ambiguous));
}

#[test]
fn an_excuse_for_nothing() {
    let mut wrong = Wrong::nothing();
    let promises: Excuse = |_, _, action| matches!(action, voting::Action::IncreaseMaxBal { .. });
    wrong.excuses.push(("promises that nobody asked for", promises));
    let outcome = refine(&wrong, &Options::default());
    assert_eq!(outcome.gap.as_ref().unwrap().failure, Failure::IdleException);
    assert_eq!(outcome.covered(), Verdict::Violated);
    // It is no trace of a bug, as a missing action is.
    assert!(!claim(&wrong).hunt(Evidence::Covered, &Options::default()).caught);
    wrong.excuses.clear();
    assert!(claim(&wrong).hunt(Evidence::Covered, &Options::default()).caught);
}
