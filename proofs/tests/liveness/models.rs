//! What must happen in the models of the suite, and what need not.

use std::sync::Arc;

use bisim_models::classics::mutual_exclusion::abstract_lock::AbstractLock;
use bisim_models::classics::mutual_exclusion::dijkstra::DijkstraMutex;
use bisim_models::classics::peterson::Peterson;
use bisim_models::common::{Params, Preset, Spec, Strength};
use bisim_models::lock::mutex::Mutex;
use bisim_models::lock::rw_lock::RwLock;
use bisim_proofs::checker::{Classes, Options, PropertyVerdict, Verdict, check};
use bisim_proofs::registry::{HuntOptions, breaks, entries};

fn params<S: Spec>(values: &[(&str, u32)]) -> Params {
    let preset = Params::preset(S::PARAMETERS, Preset::Quick);
    values.iter().fold(preset, |params, &(name, value)| params.with(name, value))
}

/// The verdict on a property of a model of the suite.
fn decided<S: Spec>(values: &[(&str, u32)], property: &str) -> (PropertyVerdict, usize) {
    let spec = Arc::new(S::new(&params::<S>(values)).expect("the values make sense"));
    let outcome = check(Arc::clone(&spec), &Classes::of_spec(&*spec), &Options::default());
    let found = outcome.properties.into_iter().find(|found| found.name == property);
    let found = found.expect("the model has the property");
    if let Some((story, cycle)) = found.story.as_ref().zip(found.cycle.as_ref()) {
        let laws = spec.live_laws();
        let law = laws.iter().find(|law| law.name == property).expect("it is about liveness");
        assert_eq!(breaks(&*spec, law, story, cycle), Ok(()));
    }
    (found.verdict, found.cycle.map_or(0, |cycle| cycle.len()))
}

#[test]
fn peterson_is_free_of_starvation_under_weak_fairness_and_not_without() {
    let with = |strength: Strength| {
        decided::<Peterson>(&[("fairness", strength as u32)], "starvation freedom")
    };
    assert_eq!(with(Strength::Weak).0, PropertyVerdict::Holds);
    assert_eq!(with(Strength::Strong).0, PropertyVerdict::Holds);
    let (verdict, cycle) = with(Strength::None);
    assert_eq!(verdict, PropertyVerdict::Violated);
    assert!(cycle > 0, "one process goes round, and the other one waits");
    let (verdict, cycle) = decided::<Peterson>(&[], "starvation");
    assert_eq!((verdict, cycle > 0), (PropertyVerdict::Reached, true));
}

/// Somebody enters as long as somebody wants to, and one who wants to may be passed for ever.
#[test]
fn dijkstra_is_free_of_deadlock_and_not_of_starvation() {
    for processes in [2, 3] {
        let with = |property| decided::<DijkstraMutex>(&[("processes", processes)], property);
        assert_eq!(with("deadlock freedom").0, PropertyVerdict::Holds);
        let (verdict, cycle) = with("starvation");
        assert_eq!((verdict, cycle > 0), (PropertyVerdict::Reached, true));
    }
}

#[test]
fn the_abstract_lock_starves_a_process_unless_fairness_is_strong() {
    let with = |property| decided::<AbstractLock>(&[("processes", 2)], property);
    assert_eq!(with("starvation freedom").0, PropertyVerdict::Holds);
    let (verdict, cycle) = with("starvation");
    assert_eq!((verdict, cycle > 0), (PropertyVerdict::Reached, true));
}

/// Threads that come again and again: readers do not keep writers out, and writers do readers.
#[test]
fn the_rw_lock_starves_no_writer_and_may_starve_a_reader() {
    let endless = [("threads", 3), ("rounds", 0)];
    let writer = decided::<RwLock>(&endless, "while a writer waits, a writer enters");
    assert_eq!(writer.0, PropertyVerdict::Holds);
    let (verdict, cycle) = decided::<RwLock>(&endless, "a reader starves");
    assert_eq!((verdict, cycle > 0), (PropertyVerdict::Reached, true));
}

#[test]
fn the_mutex_ends_every_call_but_is_not_fair() {
    let weak = ("fairness", Strength::Weak as u32);
    assert_eq!(decided::<Mutex>(&[weak], "every call ends").0, PropertyVerdict::Holds);
    assert_eq!(decided::<Mutex>(&[weak], "the lock is free again").0, PropertyVerdict::Holds);
    // Two threads that come again and again: one of them may be overtaken for ever.
    let endless = [weak, ("endless", 1)];
    let (verdict, cycle) = decided::<Mutex>(&endless, "every call ends");
    assert_eq!((verdict, cycle > 0), (PropertyVerdict::Violated, true));
    assert_eq!(decided::<Mutex>(&endless, "the lock is free again").0, PropertyVerdict::Holds);
    let none = ("fairness", Strength::None as u32);
    assert_eq!(decided::<Mutex>(&[none], "every call ends").0, PropertyVerdict::Violated);
}

/// A lost wake-up is a thread that sleeps for ever. The trace of such a story replays, and not on
/// another path, nor without its cycle.
#[test]
fn a_lost_wake_up_is_a_call_without_end() {
    let entries = entries();
    let mutex = entries.iter().find(|entry| entry.name() == "mutex").expect("it is registered");
    let bug = mutex.bugs.iter().find(|bug| bug.slug == "lock/late-sleeper").expect("it is seeded");
    let hunt = bug.hunts.iter().find(|hunt| hunt.check == "every call ends").expect("it is hunted");
    let caught = (hunt.run)(&HuntOptions { preset: Preset::Quick, ..HuntOptions::default() });
    assert!(caught.caught && caught.by == "every call ends", "{}", caught.by);
    let story = caught.story.expect("it is told");
    assert!(story.stays && story.cycle.is_empty());
    let trace = caught.trace.expect("it is told");
    assert_eq!(trace.cycle, Some(Vec::new()));
    let params = params::<Mutex>(&[]);
    let replayed = mutex.model.replay(&params, &trace).expect("nothing has changed");
    assert_eq!((replayed.verdict, &replayed.story), (Verdict::Violated, &story));
    let finite = bisim_proofs::report::Trace { cycle: None, ..trace.clone() };
    assert!(mutex.model.replay(&params, &finite).is_err());
    let mut shorter = trace;
    shorter.steps.pop();
    shorter.last = story.stem[story.stem.len() - 2].state.clone();
    let why = mutex.model.replay(&params, &shorter).expect_err("the thread is about to sleep");
    assert!(why.to_string().contains("not fair"), "{why}");
}

/// A lasso with a cycle goes to a trace and back.
#[test]
fn a_cycle_replays() {
    let entries = entries();
    let entry = entries.iter().find(|entry| entry.name() == "peterson").expect("it is registered");
    let params = params::<Peterson>(&[("fairness", Strength::None as u32)]);
    let report =
        entry.model.check(&params, None, &Options::default()).expect("the values are right");
    assert_eq!(report.verdict, Verdict::Violated);
    for property in report.properties.iter().filter(|p| p.fairness.is_some()) {
        let (trace, story) = property.trace.as_ref().zip(property.story.as_ref()).unwrap();
        let replayed = entry.model.replay(&params, trace).expect("nothing has changed");
        assert_eq!((replayed.verdict, &replayed.story), (trace.verdict, story));
        let mut open = trace.clone();
        open.cycle.as_mut().unwrap().pop();
        let why = entry.model.replay(&params, &open).expect_err("it does not come back");
        assert!(why.to_string().contains("does not come back"), "{why}");
    }
}
