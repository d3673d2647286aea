//! The channels: their real code on real threads, under shuttle and under loom, beside their
//! models; and the proof that each of these checks can fail.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bisim_models::channel::blocking_queue::BlockingQueue;
use bisim_models::channel::channel::{Action, Channel, State};
use bisim_models::common::{Disabled, Model, Params, Preset, Spec};
use bisim_proofs::channel::sabotage::{CapacityOffByOne, Sabotaged, Unchanged};
use bisim_proofs::channel::{
    Beside, Call, ChannelConformance, ChannelRefinesFifo, Group, MAPPING, Mapping, ONE_WAIT_SET,
    OnLoom, OnShuttle, OnStd, RendezvousConformance, Script, Seen, Step, bugs, bugs_of_queue,
    explore, explored, explored_selects, pairs, rounds, sampled, steps_of, stress, timed_pairs,
    trios, weaken,
};
use bisim_proofs::checker::{Options, Verdict, search};
use bisim_proofs::interleaving::{Bounds, Script as _};
use bisim_proofs::refinement::{Exception, Refinement, refine};
use bisim_proofs::registry::{Buggy, ConformOptions, Conformance, Evidence, HuntOptions, ModelBug};
use bisim_proofs::report::{Trace, TraceError};

use Call::{Close, Recv, Send, TimedRecv, TimedSend, TryRecv, TrySend};

/// Says what a test has seen, also when it passes: the test harness captures only what goes
/// through `print!` and `eprint!`.
fn tell(line: &str) {
    // One write, so that lines of tests that run side by side do not mix.
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}

#[test]
fn every_execution_of_the_channel_is_a_path_of_the_model() {
    for capacity in [0, 1] {
        let bounded = [timed_pairs(capacity, 3), rounds(capacity, 2), trios(capacity, 1)];
        for group in [pairs(capacity)].into_iter().chain(bounded) {
            let report = explored::<OnLoom>("channel", &group, &Arc::default());
            let figures = report.figures.iter();
            let figures: Vec<_> = figures.map(|f| format!("{} {}", f.value, f.name)).collect();
            tell(&format!("capacity {capacity}, {}: {}", report.scope, figures.join(", ")));
            assert_eq!(report.verdict, Verdict::Holds, "{:?}", report.divergence);
            assert_eq!(report.exhaustive, group.preemptions.is_none());
            // The channel takes every step of the model that two threads with one call can take.
            let all = group.scripts.iter().all(|script| script.calls.iter().all(|c| c.len() == 1));
            assert!(report.notes.is_empty() || !all, "{:?}", report.notes);
        }
    }
}

#[test]
fn a_step_of_the_model_that_no_execution_takes_is_told() {
    // Without a preemption no thread comes between the steps of another one.
    let group = Group { preemptions: Some(0), ..timed_pairs(1, 0) };
    let report = explored::<OnLoom>("channel", &group, &Arc::default());
    assert!(!report.notes.is_empty() && !report.exhaustive);
}

#[test]
fn the_channel_works_on_real_threads() {
    let calls = [TrySend, TryRecv, TimedSend, TimedRecv];
    for capacity in [Some(0), Some(1), Some(3), None] {
        let script = Script { capacity, calls: vec![calls.to_vec(); 8] };
        stress::<OnStd>(&script, 20);
        let mut calls = vec![vec![Send; 4]; 4];
        calls.extend(vec![vec![Recv; 4]; 4]);
        stress::<OnStd>(&Script { capacity, calls }, 100);
        let waiting = vec![vec![Send, Recv], vec![Recv, Send], vec![Recv, Recv], vec![Close]];
        stress::<OnStd>(&Script { capacity, calls: waiting }, 100);
    }
}

#[test]
fn sampled_schedules_of_the_channel_are_paths_of_the_model() {
    for rendezvous in [false, true] {
        let seen = sampled::<OnShuttle>(rendezvous, 7, 300, &AtomicBool::new(false));
        assert_eq!(seen.failure.map(|(script, _, failure)| (script, failure.what)), None);
        tell(&format!("shuttle: {} cases, {} steps", seen.cases, seen.steps));
        assert!(seen.cases == 300 && seen.steps > 300);
        let again = sampled::<OnShuttle>(rendezvous, 7, 300, &AtomicBool::new(false));
        assert_eq!((again.cases, again.steps), (seen.cases, seen.steps), "the seed decides all");
    }
}

#[test]
fn what_may_wait_for_ever_is_known() {
    for (script, hangs) in [
        (Script::new(0, [&[Send], &[Recv]]), false),
        (Script::new(0, [&[Send], &[TryRecv]]), true),
        (Script::new(1, [&[Send], &[TryRecv]]), false),
        (Script::new(1, [&[Recv], &[Close]]), false),
        (Script::new(1, [&[Recv], &[Recv, Send]]), true),
    ] {
        assert_eq!(steps_of(&script).1, hangs, "{script}");
    }
    for group in [pairs(0), pairs(1), timed_pairs(0, 1), rounds(0, 1), rounds(1, 1), trios(1, 1)] {
        assert!(group.scripts.len() > 3, "{} is not empty", group.name);
        assert!(!group.scripts.iter().any(|script| steps_of(script).1), "{}", group.name);
    }
}

#[test]
fn selects_are_explored() {
    let bounds = Bounds { preemptions: Some(2), ..Bounds::default() };
    let report = explored_selects(&bounds);
    tell(&format!("{}: {:?}", report.scope, report.figures));
    assert_eq!(report.verdict, Verdict::Holds, "{:?}", report.divergence);
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
    let reports = ChannelConformance.conform(&ConformOptions { weaken: true, ..options() });
    assert!(reports.len() >= 5, "the lock has three, and a waiter has two");
    for report in reports {
        println!("{}: {:?}", report.scope, report.figures);
        assert_eq!(report.verdict, Verdict::Holds, "{}: {:?}", report.scope, report.divergence);
    }
}

#[test]
fn a_survivor_that_is_no_ordering_any_more_is_reported() {
    let survivors = [("Release at impls/src/channel/no_such_file.rs:1:1", "no reason is good")];
    // Nothing needs to be explored for that.
    let interrupt = Arc::new(AtomicBool::new(true));
    let reports = weaken("channel", &survivors, &interrupt);
    let violated = reports.iter().filter(|report| report.verdict == Verdict::Violated);
    let violated: Vec<_> = violated.map(|report| report.scope.as_str()).collect();
    assert_eq!(violated, [format!("--weaken: {}", survivors[0].0)]);
}

#[test]
fn conformance_reports_what_it_has_seen() {
    let reports = ChannelConformance.conform(&options());
    let kinds: Vec<_> = reports.iter().map(|report| report.evidence).collect();
    use Evidence::{Covered, Interleaved, Refined, Sampled};
    assert_eq!(kinds, [Interleaved, Sampled, Refined, Covered]);
    assert!(reports.iter().all(|report| report.verdict == Verdict::Holds), "{reports:?}");
    let reports = RendezvousConformance.conform(&options());
    let kinds: Vec<_> = reports.iter().map(|report| report.evidence).collect();
    assert_eq!(kinds, [Interleaved, Sampled]);
    assert!(reports.iter().all(|report| report.verdict == Verdict::Holds), "{reports:?}");
}

#[test]
fn every_bug_is_caught_and_its_trace_is_replayed() {
    for bug in bugs().into_iter().chain(bugs_of_queue()) {
        assert!(!bug.hunts.is_empty() || !bug.reason.is_empty(), "{} is decided", bug.slug);
        for hunt in &bug.hunts {
            let evidence = hunt.evidence;
            let caught = (hunt.run)(&HuntOptions::default());
            assert!(caught.is_by(hunt), "{}: {}", bug.slug, caught.by);
            let trace = caught.trace.expect("what is caught has a trace");
            let told = caught.story.expect("and a story").len();
            tell(&format!("{}: {evidence}, {}, {told} steps", bug.slug, caught.by));
            if evidence == Evidence::Interleaved {
                let replayed = ChannelConformance.replay(&trace).expect("nothing has changed");
                assert_eq!((replayed.verdict, replayed.story.len()), (Verdict::Violated, told));
                let fixed = Trace { bug: None, ..trace };
                let gone = ChannelConformance.replay(&fixed);
                assert!(matches!(gone, Err(TraceError::NoLongerApplies(_))), "{}", bug.slug);
            }
        }
    }
}

/// Explores the shipped channel beside a changed model or through a changed mapping, and returns
/// what diverges.
fn divergence(mapping: Mapping, bug: Option<ModelBug<Channel>>) -> Option<String> {
    let script = Script::new(1, [&[Send, TrySend], &[Recv]]);
    let bounds = Bounds { preemptions: Some(3), ..Bounds::default() };
    let failure = match bug {
        None => {
            let beside = Beside::new(script.model(), mapping, 2);
            explore::<OnLoom, _>(&script, &bounds, None, beside).failure
        }
        Some(bug) => {
            let beside = Beside::new(Buggy::new(script.model(), bug), mapping, 2);
            explore::<OnLoom, _>(&script, &bounds, None, beside).failure
        }
    };
    let failure = failure?;
    assert_eq!(failure.check(), "a path of the model", "{}", failure.what);
    Some(failure.what)
}

#[test]
fn a_wrong_mapping_diverges() {
    assert_eq!(divergence(MAPPING, None), None, "the right one does not");
    let wrong_label = Mapping {
        action: |thread, step| match step {
            Step::Hand => Action::Put { thread },
            step => (MAPPING.action)(thread, step),
        },
        ..MAPPING
    };
    let wrong_state = Mapping {
        seen: |state| Seen { buffered: state.on_their_way().len() + 1, ..(MAPPING.seen)(state) },
        ..MAPPING
    };
    for (mapping, told) in [
        (wrong_label, "Put { thread: 0 } is not enabled"),
        (wrong_state, "in the model Seen { buffered: 2"),
    ] {
        let what = divergence(mapping, None).expect("a wrong mapping diverges");
        assert!(what.contains(told), "{what}");
    }
}

#[test]
fn a_changed_model_diverges() {
    type Changed = Option<Result<(State, u64), Disabled>>;
    let missing_action: fn(&Channel, &State, &Action, u64) -> Changed = |_, _, action, _| {
        matches!(action, Action::Hand { .. }).then_some(Err(Disabled("nobody hands over")))
    };
    let changed_guard: fn(&Channel, &State, &Action, u64) -> Changed = |_, state, action, _| {
        let first = matches!(action, Action::Put { .. }) && state.threads[0].rounds == 2;
        first.then_some(Err(Disabled("the first send waits for its receiver")))
    };
    let changed_effect: fn(&Channel, &State, &Action, u64) -> Changed =
        |channel, state, action, _| {
            let Action::Take { .. } = action else { return None };
            Some(channel.step(state, action).map(|mut next| {
                next.buffer.clone_from(&state.buffer);
                (next, 0)
            }))
        };
    for (step, told) in [
        (missing_action, "Hand { thread: 0 } is not enabled"),
        (changed_guard, "Put { thread: 0 } is not enabled"),
        (changed_effect, "in the model Seen { buffered: 1"),
    ] {
        let bug = ModelBug { slug: "channel/teeth", step, candidates: |_, _, _, _| {} };
        let what = divergence(MAPPING, Some(bug)).expect("a changed model diverges");
        assert!(what.contains(told), "{what}");
    }
}

#[test]
fn what_wraps_the_mutants_changes_nothing() {
    let script = Script::new(1, [&[TrySend, TrySend], &[TryRecv]]);
    let beside = || Beside::new(script.model(), MAPPING, script.threads());
    let bounds = Bounds { preemptions: Some(3), ..Bounds::default() };
    let seen = explore::<Sabotaged<Unchanged>, _>(&script, &bounds, None, beside());
    assert_eq!(seen.failure, None);
    let seen = explore::<Sabotaged<CapacityOffByOne>, _>(&script, &bounds, None, beside());
    assert!(seen.failure.is_some());
}

/// The published result: with one wait set and one notification, threads deadlock exactly where
/// there are more than twice as many of them as places in the buffer.
#[test]
fn one_wait_set_deadlocks_where_there_are_too_many_threads() {
    let preset = Params::preset(BlockingQueue::PARAMETERS, Preset::Quick);
    for producers in 1..=4 {
        for consumers in 1..=4 {
            for capacity in 1..=4 {
                let params = [("producers", producers), ("consumers", consumers)];
                let params = params.into_iter().fold(preset.clone(), |p, (n, v)| p.with(n, v));
                let queue = BlockingQueue::new(&params.with("capacity", capacity));
                let model = Buggy::new(queue.expect("it is in the range"), ONE_WAIT_SET);
                let model = Arc::new(model.judged_by("Invariant: no deadlock"));
                let seen = search(Arc::clone(&model), &model.classes(), &Options::default());
                let deadlocks = seen.verdict() == Verdict::Violated;
                let expected = producers + consumers > 2 * capacity;
                assert_eq!(deadlocks, expected, "{producers} + {consumers}, {capacity}");
            }
        }
    }
}

/// A refinement with a mistake: what is handed over is said to be only put in.
struct Wrong(ChannelRefinesFifo);

impl Refinement for Wrong {
    type Concrete = bisim_proofs::channel::Wired;
    type Abstract = bisim_models::channel::fifo::Fifo;

    fn name(&self) -> &'static str {
        "a wrong label"
    }

    fn concrete(&self) -> &Self::Concrete {
        self.0.concrete()
    }

    fn specification(&self) -> &Self::Abstract {
        self.0.specification()
    }

    fn map(&self, state: &<Self::Concrete as Model>::State) -> <Self::Abstract as Model>::State {
        self.0.map(state)
    }

    fn label(
        &self,
        before: &<Self::Concrete as Model>::State,
        action: &Action,
        after: &<Self::Concrete as Model>::State,
    ) -> Vec<bisim_models::channel::fifo::Action> {
        let mut label = self.0.label(before, action, after);
        if let Action::Hand { .. } = action {
            label.truncate(2);
        }
        label
    }

    fn exceptions(&self) -> Vec<Exception<Self>> {
        Vec::new()
    }
}

#[test]
fn the_channel_refines_fifo_and_a_wrong_label_does_not() {
    for capacity in [0, 1, 2] {
        let seen =
            refine(&ChannelRefinesFifo::new(Channel::of(2, 2, capacity)), &Options::default());
        assert_eq!(seen.refined(), Verdict::Holds, "{:?}", seen.divergence);
        assert!(seen.steps > 0 && seen.divergences == 0);
    }
    let seen = refine(&Wrong(ChannelRefinesFifo::new(Channel::of(2, 2, 1))), &Options::default());
    assert!(seen.divergences > 0);
}
