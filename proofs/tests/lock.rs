//! The mutex: its real code on real threads, under shuttle and under loom, beside its model; and
//! the proof that each of these checks can fail.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bisim::sync::Kind;
use bisim_models::common::{Disabled, Model, Spec};
use bisim_models::lock::mutex::{Action, Mutex as MutexModel, Pc, State, Word};
use bisim_proofs::checker::Verdict;
use bisim_proofs::interleaving::{
    Algorithm as _, Bounds, Call, Counted, Event, Group, Lockstep, Loom, Mapping, RawLock, Run,
    Scenario, Schedule, Shuttle, Std, Subject as Called, Word as _, World, explore, pairs,
    reported, sampled, stress, trios, weaken,
};
use bisim_proofs::lock::mutants::{ByRecipe, ForgottenSleepers, PlainStore, Unchanged};
use bisim_proofs::lock::{MutexAlgorithm, MutexConformance, MutexMapping, bugs};
use bisim_proofs::registry::{
    Buggy, BuggyState, ConformOptions, ConformReport, Conformance, Evidence, HuntOptions, ModelBug,
};
use bisim_proofs::report::{Subject, Trace, TraceError};

use Call::{Lock, TimedLock, TryLock};

type OnLoom = bisim_loom::lock::Mutex<u32>;
type OnShuttle = bisim_shuttle::lock::Mutex<u32>;

/// Says what a test has seen, also when it passes: the test harness captures only what goes
/// through `print!` and `eprint!`.
fn tell(line: &str) {
    // One write, so that lines of tests that run side by side do not mix.
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}

fn all_pairs() -> Group {
    Group::new("pairs", pairs(&Call::EXCLUSIVE))
}

fn all_rounds() -> Group {
    Group::new("rounds", MutexAlgorithm::rounds())
}

fn all_trios(preemptions: usize) -> Group {
    Group::new("trios", trios(&Call::EXCLUSIVE)).bounded(preemptions)
}

/// Explores code that claims to be the mutex, beside the model.
fn explored<S: Called>(group: &Group) -> ConformReport {
    reported::<MutexAlgorithm, S>(group, &Arc::default())
}

#[test]
fn each_copy_stands_on_its_own_types() {
    assert_eq!(bisim::sync::KIND, Kind::Std);
    assert_eq!(bisim_loom::sync::KIND, bisim_loom::sync::Kind::Loom);
    assert_eq!(bisim_shuttle::sync::KIND, bisim_shuttle::sync::Kind::Shuttle);
}

#[test]
fn every_execution_of_the_mutex_is_a_path_of_the_model() {
    for group in [all_pairs(), all_rounds(), all_trios(2)] {
        let model = Arc::new(MutexAlgorithm::model(&group.scenarios));
        for scenario in &group.scenarios {
            let lockstep = Lockstep::new(MutexMapping, model.clone(), scenario.threads());
            let bounds = group.bounds(&Default::default());
            let seen = explore::<OnLoom, _>(scenario, &bounds, None, lockstep);
            assert_eq!(seen.failure, None, "{scenario}");
            let tally = seen.witness.expect("no failed execution holds it").tally;
            let how = if seen.exhaustive { "exhaustive" } else { "bounded, not exhaustive" };
            let (executions, steps) = (tally.executions, tally.steps);
            tell(&format!("loom {scenario}: {executions} executions, {how}, {steps} steps"));
            assert!(steps > 0, "{scenario}: nothing was compared");
            assert_eq!(executions, seen.executions, "{scenario}: each ran to its end");
            assert_eq!(seen.exhaustive, group.preemptions.is_none(), "{scenario}");
        }
    }
}

#[test]
fn the_mutex_takes_every_step_of_the_model_that_it_can() {
    let pairs = all_pairs();
    let complete = |group: &Group| group.is_complete(&Call::EXCLUSIVE);
    assert!(complete(&pairs) && !complete(&all_rounds()) && !complete(&all_trios(2)));
    let report = explored::<OnLoom>(&pairs);
    assert_eq!((report.verdict, report.exhaustive), (Verdict::Holds, true), "{report:?}");
    assert!(report.notes.iter().all(|note| note.contains("while Spinning")), "{:?}", report.notes);
}

#[test]
fn a_lock_that_leaves_out_steps_of_the_model_is_told_from_the_mutex() {
    // It does not look again before it marks the word, so that it never acquires while Spinning.
    type Hasty = Counted<Loom, ByRecipe<Loom, Unchanged>>;
    let pairs = explored::<Hasty>(&all_pairs());
    assert_eq!(pairs.verdict, Verdict::Violated);
    let told = pairs.divergence.expect("the steps that are missing");
    assert!(told.starts_with("no execution takes these steps of the model"), "{told}");
    assert!(told.contains("Acquire") && !told.contains("Fail"), "{told}");
    // Where calls are left out as well, what is not covered says nothing of the lock.
    let one = Group::of(Scenario::new([&[Lock], &[Lock]]));
    let one = explored::<Hasty>(&one);
    assert_eq!(one.verdict, Verdict::Holds);
    assert!(one.notes.iter().any(|note| note.ends_with("× Acquire")), "{:?}", one.notes);
}

/// A lock that nobody ever gets: nothing can go wrong.
#[derive(Default)]
struct Nobody;

impl Called for Nobody {
    fn call(&self, _call: Call) -> u32 {
        0
    }

    fn end(&self, _results: &[(Call, u32)]) -> Result<(), String> {
        Ok(())
    }
}

#[test]
fn a_lock_without_steps_is_vacuous() {
    for group in [all_pairs(), all_trios(0)] {
        assert_eq!(explored::<Nobody>(&group).verdict, Verdict::Vacuous);
    }
}

#[test]
fn the_mutex_excludes_on_real_threads() {
    let mixed = [Lock, TryLock, TimedLock, Lock].repeat(250);
    for threads in [2, 4, 8] {
        let scenario = Scenario { calls: vec![mixed.clone(); threads] };
        stress::<bisim::lock::Mutex<u32>>(&scenario, 5);
    }
    stress::<bisim::lock::Mutex<u32>>(&Scenario::new([&[Lock, Lock], &[Lock, Lock]]), 300);
    let calls = mixed.len();
    tell(&format!("std: 2, 4 and 8 threads, {calls} calls each, 5 runs; 2 threads, 300 runs"));
}

#[test]
fn sampled_schedules_of_the_mutex_are_paths_of_the_model() {
    let seen = sampled::<MutexAlgorithm, OnShuttle>(7, 500, &AtomicBool::new(false));
    assert_eq!(seen.failure.map(|(scenario, _, failure)| (scenario, failure.what)), None);
    tell(&format!("shuttle: {} cases, {} steps", seen.cases, seen.steps));
    assert_eq!(seen.cases, 500);
    let again = sampled::<MutexAlgorithm, OnShuttle>(7, 500, &AtomicBool::new(false));
    assert_eq!((again.cases, again.steps), (seen.cases, seen.steps), "the seed decides all");
}

#[test]
fn a_sampled_failure_shrinks_to_what_it_needs() {
    type Forgotten = Counted<Shuttle, ByRecipe<Shuttle, ForgottenSleepers>>;
    let seen = sampled::<MutexAlgorithm, Forgotten>(7, 500, &AtomicBool::new(false));
    let (scenario, choices, failure) = seen.failure.expect("the wrong step is taken at once");
    assert_eq!(failure.check(), "a path of the model");
    // One call each; a third thread may stay, for without it the same choices mean another
    // schedule.
    assert!(scenario.threads() <= 3 && scenario.rounds() == 1, "{scenario} under {choices:?}");
}

#[test]
fn the_recipe_of_the_mutants_is_the_mutex() {
    let scenario = Scenario::new([&[Lock, TimedLock], &[TryLock, Lock]]);
    let group = Group::of(scenario.clone());
    let model = Arc::new(MutexAlgorithm::model(&group.scenarios));
    let lockstep = Lockstep::new(MutexMapping, model, 2);
    type Right = Counted<Loom, ByRecipe<Loom, Unchanged>>;
    let seen = explore::<Right, _>(&scenario, &Bounds::default(), None, lockstep);
    assert_eq!((seen.failure, seen.exhaustive), (None, true));
    stress::<Counted<Std, ByRecipe<Std, Unchanged>>>(&scenario, 100);
}

fn options() -> ConformOptions {
    ConformOptions {
        exhaustive: false,
        weaken: false,
        seed: 1,
        cases: 20,
        quick: true,
        interrupt: Arc::default(),
    }
}

#[test]
fn every_ordering_that_is_weakened_is_missed() {
    let reports =
        MutexConformance::default().conform(&ConformOptions { weaken: true, ..options() });
    assert!(!reports.is_empty());
    for report in reports {
        println!("{}: {:?}", report.scope, report.figures);
        assert_eq!(report.verdict, Verdict::Holds, "{}: {:?}", report.scope, report.divergence);
    }
}

#[test]
fn a_survivor_that_is_no_ordering_any_more_is_reported() {
    let survivors = [("Release at impls/src/lock/no_such_file.rs:1:1", "no reason is good")];
    // Nothing needs to be explored for that.
    let interrupt = Arc::new(AtomicBool::new(true));
    let reports = weaken::<MutexAlgorithm>(&survivors, &interrupt);
    let violated = reports.iter().filter(|report| report.verdict == Verdict::Violated);
    let violated: Vec<_> = violated.map(|report| report.scope.as_str()).collect();
    assert_eq!(violated, [format!("--weaken: {}", survivors[0].0)]);
    let listed = reports[0].divergence.as_deref();
    assert_eq!(listed, Some("is listed as a survivor, and is no ordering"));
    assert!(reports.len() > 1, "the orderings that there are have reports as well");
}

#[test]
fn conformance_reports_what_it_has_seen() {
    let reports = MutexConformance::default().conform(&options());
    let kinds: Vec<_> = reports.iter().map(|report| report.evidence).collect();
    assert_eq!(kinds, [Evidence::Interleaved, Evidence::Interleaved, Evidence::Sampled]);
    assert!(reports.iter().all(|report| report.verdict == Verdict::Holds), "{reports:?}");
    let exhaustive: Vec<_> = reports.iter().map(|report| report.exhaustive).collect();
    assert_eq!(exhaustive, [true, false, false]);
}

#[test]
fn every_bug_is_caught_and_its_trace_is_replayed() {
    for bug in bugs() {
        for hunt in bug.hunts.iter().filter(|hunt| hunt.evidence == Evidence::Interleaved) {
            let caught = (hunt.run)(&HuntOptions::default());
            assert!(caught.is_by(hunt), "{}: {}", bug.slug, caught.by);
            let trace = caught.trace.expect("what is caught in the code has a trace");
            let told = caught.story.expect("and a story").len();
            let replayed = MutexConformance::default().replay(&trace).expect("nothing has changed");
            assert_eq!((replayed.verdict, replayed.story.len()), (Verdict::Violated, told));
            println!("{}: {}, {told} steps", bug.slug, caught.by);
        }
        let mut explored = bug.hunts.iter().filter(|hunt| hunt.evidence == Evidence::Explored);
        assert!(explored.all(|hunt| (hunt.run)(&HuntOptions::default()).caught), "{}", bug.slug);
    }
}

#[test]
fn a_trace_of_other_code_no_longer_applies() {
    let bugs = bugs();
    let bug = bugs.iter().find(|bug| bug.slug == "lock/plain-store").expect("it is seeded");
    let hunt = bug.hunts.iter().find(|hunt| hunt.evidence == Evidence::Interleaved);
    let caught = (hunt.expect("it is hunted in the code").run)(&HuntOptions::default());
    let trace = caught.trace.expect("it is caught");
    assert_eq!(trace.subject, Subject::Interleaving);

    let gone = |trace: &Trace| match MutexConformance::default().replay(trace) {
        Err(TraceError::NoLongerApplies(why)) => why,
        other => panic!("{other:?}"),
    };
    let fixed = Trace { bug: None, ..trace.clone() };
    assert_eq!(gone(&fixed), "the run does not fail any more");
    let unknown = Trace { bug: Some("lock/no-such-bug".to_owned()), ..trace.clone() };
    assert_eq!(gone(&unknown), "there is no bug lock/no-such-bug any more");
    let mut otherwise = trace.clone();
    otherwise.steps.swap(0, 1);
    assert_eq!(gone(&otherwise), "step 1 is another one now");
    let damaged = |initial| gone(&Trace { initial, ..trace.clone() });
    assert!(damaged(serde_json::json!({ "calls": 3 })).starts_with("the run cannot be read"));
    let run: Run = Run::of(&trace).expect("it is whole");
    let changed = |change: fn(&mut Run)| {
        let mut run = run.clone();
        change(&mut run);
        damaged(serde_json::to_value(run).expect("a run is a value"))
    };
    let calls = "calls of a thread are not what an explorer runs";
    assert_eq!(changed(|run| run.script.calls[0] = vec![Lock; 5]), format!("5 {calls}"));
    assert_eq!(changed(|run| run.script.calls = vec![Vec::new(); 2]), format!("0 {calls}"));
    let threads = "threads are not what an explorer runs";
    assert_eq!(changed(|run| run.script.calls = vec![vec![Lock]; 9]), format!("9 {threads}"));
    for number in [0, 1_000_001, u64::MAX] {
        let mut run = run.clone();
        run.schedule = Schedule::Explored { preemptions: None, execution: number };
        let told = damaged(serde_json::to_value(run).expect("a run is a value"));
        assert_eq!(told, format!("an explorer comes to no execution {number}"));
    }
    let bound = |run: &mut Run| {
        run.schedule = Schedule::Explored { preemptions: Some(usize::MAX), execution: 1 };
    };
    assert_eq!(changed(bound), "an explorer does not bound preemptions so high");
    let choose = |run: &mut Run| run.schedule = Schedule::Chosen(Vec::new());
    assert_eq!(changed(choose), "its subject is not what its schedule is for");
    let mut chosen = run;
    choose(&mut chosen);
    let initial = serde_json::to_value(chosen).expect("a run is a value");
    let sampled = Trace { subject: Subject::Implementation, initial, ..trace };
    assert_eq!(gone(&sampled), "no bug is sampled: it is explored in all interleavings");
    assert_eq!(gone(&Trace { bug: None, ..sampled }), "the run does not fail any more");
}

#[test]
fn a_run_that_is_cut_says_so() {
    let scenario = Scenario::new([&[Lock], &[Lock]]);
    let bounds = Bounds { executions: 10, ..Bounds::default() };
    let cut = explore::<OnLoom, _>(&scenario, &bounds, None, ());
    assert_eq!((cut.executions, cut.exhaustive, cut.interrupted), (10, false, false));

    let interrupt = Arc::new(AtomicBool::new(true));
    let bounds = Bounds { interrupt, ..Bounds::default() };
    let ended = explore::<OnLoom, _>(&scenario, &bounds, None, ());
    assert_eq!((ended.failure, ended.exhaustive, ended.interrupted), (None, false, true));
}

/// Explores the shipped mutex beside a changed model or through a changed mapping, and returns
/// what diverges.
fn divergence<P: Mapping>(mapping: P, model: P::Model) -> Option<String> {
    let scenario = Scenario::new([&[Lock], &[Lock]]);
    let lockstep = Lockstep::new(mapping, Arc::new(model), 2);
    let seen = explore::<OnLoom, _>(&scenario, &Bounds::default(), None, lockstep);
    let failure = seen.failure?;
    assert_eq!(failure.check(), "a path of the model", "{}", failure.what);
    Some(failure.what)
}

fn model() -> MutexModel {
    MutexAlgorithm::model(&all_pairs().scenarios)
}

#[test]
fn the_right_mapping_does_not_diverge() {
    assert_eq!(divergence(MutexMapping, model()), None);
}

/// A mapping with one mistake.
#[derive(Clone, Copy)]
enum Mistake {
    /// The values 1 and 2 of the word are mixed up.
    State,
    /// A refused sleep is called a sleep.
    Label,
    /// A call that failed is said to have had the lock.
    Result,
}

impl Mapping for Mistake {
    type Model = MutexModel;

    fn action(&self, event: &Event, call: Call) -> Result<Option<Action>, String> {
        match (self, MutexMapping.action(event, call)?) {
            (Self::Label, Some(Action::Refuse { thread })) => Ok(Some(Action::Sleep { thread })),
            (_, action) => Ok(action),
        }
    }

    fn saw(&self, before: &State, event: &Event) -> Result<(), String> {
        MutexMapping.saw(before, event)
    }

    fn agrees(&self, after: &State, event: &Event) -> Result<(), String> {
        let mut after = after.clone();
        if let Self::State = self {
            after.word = match after.word {
                Word::Locked => Word::Contended,
                Word::Contended => Word::Locked,
                Word::Unlocked => Word::Unlocked,
            };
        }
        MutexMapping.agrees(&after, event)
    }

    fn ended(
        &self,
        state: &State,
        last: Option<&Action>,
        thread: usize,
        result: u32,
    ) -> Result<(), String> {
        let result = if matches!(self, Self::Result) { 0 } else { result };
        MutexMapping.ended(state, last, thread, result)
    }
}

#[test]
fn a_wrong_mapping_diverges() {
    for (mistake, told) in [
        (Mistake::State, "the word is Locked, in the model Contended"),
        (Mistake::Label, "Sleep { thread: 1 } is not enabled"),
        (Mistake::Result, "the lock was taken: false, in the model true"),
    ] {
        let what = divergence(mistake, model()).expect("a wrong mapping diverges");
        assert!(what.contains(told), "{what}");
    }
}

/// The right mapping to a changed model.
struct ToChanged;

impl Mapping for ToChanged {
    type Model = Buggy<MutexModel>;

    fn action(&self, event: &Event, call: Call) -> Result<Option<Action>, String> {
        MutexMapping.action(event, call)
    }

    fn saw(&self, before: &BuggyState<State>, event: &Event) -> Result<(), String> {
        MutexMapping.saw(&before.state, event)
    }

    fn agrees(&self, after: &BuggyState<State>, event: &Event) -> Result<(), String> {
        MutexMapping.agrees(&after.state, event)
    }

    fn ended(
        &self,
        state: &BuggyState<State>,
        last: Option<&Action>,
        thread: usize,
        result: u32,
    ) -> Result<(), String> {
        MutexMapping.ended(&state.state, last, thread, result)
    }
}

#[test]
fn a_changed_model_diverges() {
    type Step = fn(&MutexModel, &State, &Action, u64) -> Option<Result<(State, u64), Disabled>>;
    let missing_action: Step = |_, _, action, _| match action {
        Action::Refuse { .. } => Some(Err(Disabled("a sleep is never refused"))),
        _ => None,
    };
    let changed_guard: Step = |_, state, action, _| match *action {
        Action::Acquire { thread } if state.thread(thread).pc == Pc::Spinning => {
            Some(Err(Disabled("who has found the lock taken must mark it")))
        }
        _ => None,
    };
    let changed_effect: Step = |model, state, action, memory| match action {
        Action::Mark { .. } => Some(model.step(state, action).map(|mut next| {
            next.word = state.word.max(Word::Locked);
            (next, memory)
        })),
        _ => None,
    };
    for (step, told) in [
        (missing_action, "Refuse { thread: 1 } is not enabled"),
        (changed_guard, "Acquire { thread: 1 } is not enabled"),
        (changed_effect, "the word is Contended, in the model Locked"),
    ] {
        let bug = ModelBug { slug: "lock/teeth", step, candidates: |_, _, _, _| {} };
        let changed = Buggy::new(model(), bug);
        assert_eq!(changed.init_states().len(), 1);
        let what = divergence(ToChanged, changed).expect("a changed model diverges");
        assert!(what.contains(told), "{what}");
    }
}

#[test]
fn a_lost_wake_up_ends_the_execution_and_not_the_process() {
    type Wrong = Counted<Loom, ByRecipe<Loom, PlainStore>>;
    let scenario = Scenario::new([&[Lock], &[Lock]]);
    let seen = explore::<Wrong, _>(&scenario, &Bounds::default(), None, ());
    let failure = seen.failure.expect("the mark is lost");
    assert_eq!(failure.check(), "no lost wake-up");
    // The next exploration on this thread starts afresh.
    let next = explore::<OnLoom, _>(&scenario, &Bounds::default(), None, ());
    assert_eq!((next.failure, next.exhaustive), (None, true));
}

/// A lock that a plain store frees, and that wakes at every release. It is right, although loom may
/// take an old value for the latest beside a plain store.
struct FreedByStore<W: World> {
    taken: W::Word,
}

impl<W: World> Default for FreedByStore<W> {
    fn default() -> Self {
        Self { taken: W::Word::new(0) }
    }
}

impl<W: World> RawLock for FreedByStore<W> {
    fn lock(&self) {
        while self.taken.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_err() {
            self.taken.wait(1, false);
        }
    }

    fn unlock(&self) {
        self.taken.store(0, Ordering::Release);
        self.taken.wake_one();
    }
}

#[test]
fn a_right_lock_that_a_plain_store_frees_has_no_failure() {
    for scenario in [Scenario::new([&[Lock], &[Lock]]), Scenario::new([&[Lock, Lock], &[Lock]])] {
        let seen = explore::<Counted<Loom, FreedByStore<Loom>>, _>(
            &scenario,
            &Bounds::default(),
            None,
            (),
        );
        assert_eq!(seen.failure, None, "{scenario}");
        assert!(seen.exhaustive && seen.executions > 1, "{scenario}");
    }
}
