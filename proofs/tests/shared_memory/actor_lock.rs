//! The lock that belongs to an owner, beside its model; and the proof that this can fail.

use std::sync::atomic::AtomicBool;

use bisim_proofs::checker::Verdict;
use bisim_proofs::lock::{
    ActorLockConformance, Calls, ClientCall, Owner, RightOwner, Shipped, answered,
};
use bisim_proofs::registry::{Conformance, Evidence, entries};
use bisim_proofs::report::{Subject, Trace, TraceError};

use ClientCall::{Acquire, Leave, Release};

fn answers_as_the_model<O: Owner>(cases: u32) {
    let seen = answered::<O>(7, cases, &AtomicBool::new(false));
    assert!(seen.differs.is_none(), "{:?}", seen.differs);
    assert!(seen.cases == u64::from(cases) && seen.steps > seen.cases, "{} steps", seen.steps);
}

#[test]
fn the_actor_lock_answers_as_its_model() {
    answers_as_the_model::<Shipped>(1_000);
    answers_as_the_model::<RightOwner>(1_000);
}

/// A lock that says yes to everybody.
struct Yes;

impl Owner for Yes {
    fn start(_clients: u8) -> Self {
        Self
    }

    fn acquire(&mut self, _client: u8) -> bool {
        true
    }

    fn release(&mut self, _client: u8) -> bool {
        true
    }

    fn leave(&mut self, _client: u8) {}
}

#[test]
fn an_answer_that_the_model_does_not_give_shrinks_to_one_call() {
    let seen = answered::<Yes>(7, 1_000, &AtomicBool::new(false));
    let (calls, differs) = seen.differs.expect("nobody has the lock that is released");
    assert_eq!(calls.calls.len(), 1, "{calls:?}");
    assert!(differs.what.starts_with("divergence: Hear"), "{}", differs.what);
}

#[test]
fn every_bug_in_the_code_of_the_actor_lock_is_caught_and_replayed() {
    super::catches_by("actor-lock", Evidence::Sampled);
}

#[test]
fn a_trace_of_the_actor_lock_is_read_with_care() {
    let entries = entries();
    let entry = entries.iter().find(|entry| entry.name() == "actor-lock").expect("it is there");
    let mut hunts = entry.bugs.iter().flat_map(|bug| &bug.hunts);
    let hunt = hunts.rfind(|hunt| hunt.evidence == Evidence::Sampled);
    let trace = (hunt.expect("it is hunted").run)(&Default::default()).trace.expect("caught");
    assert_eq!((trace.subject, trace.verdict), (Subject::Implementation, Verdict::Violated));
    let gone = |trace: &Trace| match ActorLockConformance.replay(trace) {
        Err(TraceError::NoLongerApplies(why)) => why,
        other => panic!("{other:?}"),
    };
    let fixed = Trace { bug: None, ..trace.clone() };
    assert_eq!(gone(&fixed), "the answers are right now");
    let calls = Calls { clients: 9, calls: vec![(0, Acquire), (0, Release), (0, Leave)] };
    let initial = serde_json::to_value(calls).expect("calls are a value");
    assert_eq!(gone(&Trace { initial, ..trace.clone() }), "9 clients are not what is sampled");
    let initial = serde_json::json!({ "calls": 3 });
    assert!(gone(&Trace { initial, ..trace.clone() }).starts_with("the calls cannot be read"));
    let property = "another one".to_owned();
    assert!(gone(&Trace { property, ..trace }).starts_with("the answers now differ otherwise"));
}
