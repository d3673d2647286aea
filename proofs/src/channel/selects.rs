//! Selects under loom. They have no model: what is judged is that nobody hangs, that exactly one
//! case takes place on either side, and that each value is received, given back or dropped once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bisim_loom::channel::{Receiver, Select, Sender, bounded, rendezvous};
use bisim_models::channel::channel::Channel;
use bisim_models::common::Spec;

use super::port::{OnLoom, Port};
use super::script::{Event, story_of};
use crate::checker::Verdict;
use crate::interleaving::{Bounds, Exploration, Loom, Recorder, World, explore_body};
use crate::registry::{ConformReport, Evidence};

/// A value: the clones that are left say whether it was dropped.
type Token = Arc<()>;

/// What a thread does; it returns how many values it has sent and received.
type Body = Box<dyn FnOnce() -> (usize, usize) + Send>;

/// Some channels and threads.
struct Case {
    name: &'static str,
    threads: fn(&Token) -> Vec<Body>,
    /// The values that are sent, and received.
    passed: usize,
}

/// Sends a token on one channel or receives one from another, whichever comes first. A value that
/// is not sent is still in its slot.
fn either(token: &Token, sender: &Sender<Token>, receiver: &Receiver<Token>) -> (usize, usize) {
    let mut slot = Some(Arc::clone(token));
    let (sent, got) = Select::new()
        .send(sender, &mut slot, |sent| (usize::from(sent.is_ok()), 0))
        .recv(receiver, |got| (0, usize::from(got.is_ok())))
        .wait();
    assert!(slot.is_none() == (sent == 1), "values: the slot is not what the case says");
    (sent, got)
}

/// Two threads, each of which would send on one channel and receive from the other.
fn two_meet(token: &Token) -> Vec<Body> {
    let ((ping, from_ping), (pong, from_pong)) = (rendezvous(), rendezvous());
    let (one, other) = (Arc::clone(token), Arc::clone(token));
    vec![
        Box::new(move || either(&one, &ping, &from_pong)),
        Box::new(move || either(&other, &pong, &from_ping)),
    ]
}

/// A thread selects among two channels, twice; two threads send, one into each.
fn first_of_two(token: &Token) -> Vec<Body> {
    let ((one, from_one), (other, from_other)) = (bounded::<Token>(1), rendezvous::<Token>());
    let (first, second) = (Arc::clone(token), Arc::clone(token));
    // The channels stay open until the select is over.
    let open = (one.clone(), other.clone());
    let select = move || {
        let _open = open;
        let got = |got: Result<Token, _>| usize::from(got.is_ok());
        Select::new().recv(&from_one, got).recv(&from_other, got).wait()
    };
    vec![
        Box::new(move || (0, select())),
        Box::new(move || (usize::from(one.try_send(first).is_ok()), 0)),
        Box::new(move || (usize::from(other.try_send(second).is_ok()), 0)),
    ]
}

/// A thread selects, and the channel in which it might send is closed by its last receiver.
fn closed_meanwhile(token: &Token) -> Vec<Body> {
    let ((sender, receiver), (never, from_never)) = (rendezvous(), rendezvous());
    let token = Arc::clone(token);
    vec![
        Box::new(move || either(&token, &sender, &from_never)),
        Box::new(move || {
            drop(receiver);
            drop(never);
            (0, 0)
        }),
    ]
}

const CASES: [Case; 3] = [
    Case { name: "two selects meet", threads: two_meet, passed: 1 },
    Case { name: "the first of two", threads: first_of_two, passed: usize::MAX },
    Case { name: "closed meanwhile", threads: closed_meanwhile, passed: 0 },
];

/// Runs a case once.
///
/// # Panics
/// If a value is lost or comes twice.
fn run(case: &Case, recorder: &Arc<Mutex<Recorder<(), Event>>>) {
    Recorder::begin(recorder);
    let token = Token::default();
    let threads = (case.threads)(&token);
    Loom::begin(threads.len(), |_| {});
    let observer = Arc::clone(recorder);
    OnLoom::listen(move |event| Recorder::record(&observer, event));
    let passed = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
    let threads = threads.into_iter().enumerate().map(|(number, body)| {
        let passed = Arc::clone(&passed);
        Loom::spawn(move || {
            Loom::enter(number);
            let (sent, got) = body();
            passed[0].fetch_add(sent, Ordering::Relaxed);
            passed[1].fetch_add(got, Ordering::Relaxed);
            Loom::leave();
        })
    });
    let threads: Vec<_> = threads.collect();
    for thread in threads {
        Loom::join(thread);
    }
    let [sent, got] = [0, 1].map(|at: usize| passed[at].load(Ordering::Relaxed));
    if case.passed == usize::MAX {
        // One value is received; another one may be left in its buffer.
        assert!(got == 1 && (1..=2).contains(&sent), "values: sent {sent}, received {got}");
    } else {
        let right = (case.passed, case.passed);
        assert!((sent, got) == right, "values: sent {sent}, received {got}");
    }
    assert!(Arc::strong_count(&token) == 1, "values: one was not dropped");
    Recorder::end(recorder);
}

fn explore(case: &'static Case, bounds: &Bounds) -> Exploration<(), Event> {
    let recorder = Recorder::new(());
    let shared = Arc::clone(&recorder);
    explore_body(bounds, None, recorder, move || run(case, &shared))
}

/// Explores selects up to this number of preemptions.
pub fn explored_selects(bounds: &Bounds) -> ConformReport {
    let names: Vec<_> = CASES.iter().map(|case| case.name).collect();
    let extent = match bounds.preemptions {
        None => "all interleavings".to_owned(),
        Some(most) => format!("at most {most} preemptions: bounded, not exhaustive"),
    };
    let scope = format!("loom, selects without a model ({}), {extent}", names.join("; "));
    let mut report = ConformReport::new(Channel::NAME, Evidence::Interleaved, scope);
    report.exhaustive = bounds.preemptions.is_none();
    let mut executions = 0;
    for case in &CASES {
        let seen = explore(case, bounds);
        executions += seen.executions;
        if seen.interrupted || seen.executions >= bounds.executions {
            report.verdict = Verdict::Truncated;
        }
        if let Some(failure) = seen.failure {
            report.verdict = Verdict::Violated;
            report.divergence = Some(format!("{}: {}", case.name, failure.what));
            let threads = failure.events.iter().map(|event| event.thread + 1).max();
            report.story = Some(story_of(&failure.events, threads.unwrap_or(0)));
            break;
        }
    }
    report.figure("executions", executions);
    report
}
