//! Locks and counters beside the mutex: their real code on real threads, under shuttle and under
//! loom, beside their models; and the proof that each of these checks can fail.

mod actor_lock;
mod counters;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bisim_models::lock::ticket_lock::Action;
use bisim_proofs::checker::Verdict;
use bisim_proofs::interleaving::{
    Algorithm, Bounds, Call, Choices, Group, Interleaved, Lockstep, Loom, Scenario, Shuttle, Std,
    Subject, beside, reported, sample, sampled, stress,
};
use bisim_proofs::lock::rw_recipe::{Right, RwByRecipe};
use bisim_proofs::lock::rw_wrong::ReadersFirst;
use bisim_proofs::lock::{
    RwLockAlgorithm, TicketLockAlgorithm, TicketLockMapping, WaitGroupAlgorithm, WaitGroupOnThreads,
};
use bisim_proofs::registry::{ConformOptions, Conformance, Evidence, HuntOptions, entries};

use Call::{Downgrade, Lock, Read, TimedLock, TimedRead, TryLock, TryRead, Wait, Work};

/// Explores the shipped code beside its model, as the command does without `--quick`.
fn conforms<A: Algorithm>() {
    for group in A::groups(true) {
        let report = reported::<A, A::OnLoom>(&group, &Arc::default());
        println!("{}: {:?} {:?}", report.scope, report.figures, report.notes);
        assert_eq!(report.verdict, Verdict::Holds, "{}: {:?}", report.scope, report.divergence);
    }
    let seen = sampled::<A, A::OnShuttle>(7, 300, &AtomicBool::new(false));
    assert_eq!(seen.failure.map(|(scenario, _, failure)| (scenario, failure.what)), None);
    assert!(seen.cases == 300 && seen.steps > 300, "{} steps", seen.steps);
}

/// Every ordering is missed, or has its reason.
fn weakens<A: Algorithm>() {
    let options = ConformOptions {
        exhaustive: false,
        weaken: true,
        seed: 1,
        cases: 1,
        quick: true,
        interrupt: Arc::default(),
    };
    let reports = Interleaved::<A>::default().conform(&options);
    assert!(!reports.is_empty());
    for report in reports {
        println!("{}: {:?} {:?}", report.scope, report.figures, report.notes);
        assert_eq!(report.verdict, Verdict::Holds, "{}: {:?}", report.scope, report.divergence);
    }
}

/// Every bug of a target that is hunted in the code is caught there, and its trace is replayed.
fn catches(target: &str) {
    catches_by(target, Evidence::Interleaved);
}

/// The same with another kind of evidence.
fn catches_by(target: &str, evidence: Evidence) {
    let entries = entries();
    let entry = entries.iter().find(|entry| entry.name() == target).expect("it is registered");
    let conformance = entry.conformance.as_ref().expect("it has an implementation");
    let mut hunted = 0;
    for bug in &entry.bugs {
        for hunt in bug.hunts.iter().filter(|hunt| hunt.evidence == evidence) {
            let caught = (hunt.run)(&HuntOptions::default());
            assert!(caught.is_by(hunt), "{}: {}", bug.slug, caught.by);
            let trace = caught.trace.expect("what is caught in the code has a trace");
            let told = caught.story.expect("and a story").stem.len();
            let replayed = conformance.replay(&trace).expect("nothing has changed");
            assert_eq!((replayed.verdict, replayed.story.stem.len()), (Verdict::Violated, told));
            println!("{}: {}, {told} steps", bug.slug, caught.by);
            hunted += 1;
        }
    }
    assert!(hunted > 0, "{target} has bugs in its code");
}

/// A lock by a recipe on real threads.
type OnThreads<R> = RwByRecipe<Std, R>;

#[test]
fn every_execution_of_the_rw_lock_is_a_path_of_the_model() {
    conforms::<RwLockAlgorithm>();
}

#[test]
fn every_ordering_of_the_rw_lock_that_is_weakened_is_missed() {
    weakens::<RwLockAlgorithm>();
}

#[test]
fn every_bug_in_the_code_of_the_rw_lock_is_caught_and_replayed() {
    catches("rw-lock");
}

#[test]
fn the_rw_lock_excludes_on_real_threads() {
    let mixed = [Lock, Read, TryLock, TimedRead, Read, TimedLock, TryRead, Downgrade].repeat(100);
    for threads in [2, 4, 8] {
        let scenario = Scenario { calls: vec![mixed.clone(); threads] };
        stress::<bisim::lock::RwLock<u32>>(&scenario, 5);
        stress::<OnThreads<Right>>(&scenario, 2);
    }
}

#[test]
fn the_recipe_of_the_mutants_is_the_rw_lock() {
    for group in RwLockAlgorithm::groups(true) {
        for scenario in &group.scenarios {
            let bounds = Bounds { preemptions: Some(1), ..Bounds::default() };
            let seen = beside::<RwLockAlgorithm, RwByRecipe<Loom, Right>>(scenario, &bounds);
            assert_eq!(seen.failure, None, "{scenario}");
        }
    }
}

#[test]
fn a_lock_that_lets_readers_overtake_is_told_from_the_rw_lock() {
    type Wrong = RwByRecipe<Shuttle, ReadersFirst>;
    let seen = sampled::<RwLockAlgorithm, Wrong>(7, 2_000, &AtomicBool::new(false));
    let (scenario, _, failure) = seen.failure.expect("a reader overtakes a writer");
    assert_eq!(failure.check(), "a path of the model", "{scenario}");
}

/// A lock that nobody ever gets: nothing can go wrong.
#[derive(Default)]
struct Nobody;

impl Subject for Nobody {
    fn call(&self, _call: Call) -> u32 {
        0
    }

    fn end(&self, _results: &[(Call, u32)]) -> Result<(), String> {
        Ok(())
    }
}

#[test]
fn a_rw_lock_without_steps_is_vacuous() {
    for group in RwLockAlgorithm::groups(true) {
        let group = Group { scenarios: group.scenarios[..1].to_vec(), ..group };
        let report = reported::<RwLockAlgorithm, Nobody>(&group, &Arc::default());
        assert_eq!(report.verdict, Verdict::Vacuous);
    }
}

#[test]
fn every_execution_of_the_ticket_lock_is_a_path_of_the_model() {
    conforms::<TicketLockAlgorithm>();
}

/// The one step that loom leaves out, with its reason: a thread takes the lock at once after the
/// thread with the larger number was served.
#[test]
fn shuttle_takes_the_step_of_the_ticket_lock_that_loom_leaves_out() {
    let scenario = Scenario::new([&[TryLock], &[TryLock]]);
    let model = Arc::new(TicketLockAlgorithm::model(std::slice::from_ref(&scenario)));
    let taken = (0..8_usize).any(|length| {
        let lockstep = Lockstep::new(TicketLockMapping, Arc::clone(&model), 2);
        let choices = Choices(vec![1; length]);
        let (result, seen) = sample::<<TicketLockAlgorithm as Algorithm>::OnShuttle, _>(
            &scenario, &choices, lockstep,
        );
        assert_eq!(result, Ok(()), "{length}");
        let covered = seen.expect("nothing has failed").covered;
        let left_out = |(state, action): &(bisim_models::lock::ticket_lock::State, Action)| {
            state.serving == 1 && *action == Action::TryDraw { thread: 0 }
        };
        covered.iter().any(left_out)
    });
    assert!(taken, "some schedule lets thread 1 go first");
}

#[test]
fn every_ordering_of_the_ticket_lock_that_is_weakened_is_missed() {
    weakens::<TicketLockAlgorithm>();
}

#[test]
fn every_bug_in_the_code_of_the_ticket_lock_is_caught_and_replayed() {
    catches("ticket-lock");
}

#[test]
fn every_execution_of_the_wait_group_is_a_path_of_the_model() {
    conforms::<WaitGroupAlgorithm>();
}

#[test]
fn every_ordering_of_the_wait_group_that_is_weakened_is_missed() {
    weakens::<WaitGroupAlgorithm>();
}

#[test]
fn every_bug_in_the_code_of_the_wait_group_is_caught_and_replayed() {
    catches("wait-group");
}

#[test]
fn the_ticket_lock_and_the_wait_group_hold_on_real_threads() {
    for threads in [2, 4] {
        let scenario = Scenario { calls: vec![[Lock, TryLock].repeat(50); threads] };
        stress::<bisim::lock::TicketLock<u32>>(&scenario, 3);
        let mut calls = vec![vec![Work; 10]; threads];
        calls.push(vec![Wait; 10]);
        stress::<WaitGroupOnThreads>(&Scenario { calls }, 20);
    }
}
