//! Mistakes of workers that go to sleep, seeded in the model.

use bisim_models::common::Disabled;
use bisim_models::scheduler::sleep_protocol::{Action, Caller, SleepProtocol, State, Worker};

use super::{explored, seeded};
use crate::registry::{Bug, Entry, ModelBug, SpecTarget, model_bug};

/// The protocol.
pub(super) fn sleep_protocol() -> Entry {
    explored(
        "workers sleep when there is no task, and miss none",
        &["Reed & Kanodia, Synchronization with Eventcounts and Sequencers, CACM 22(2), 1979"],
        &["models/src/scheduler/sleep_protocol.rs", "proofs/src/scheduler/sleep_bugs.rs"],
        SpecTarget::boxed(&[
            TRUSTED_SEARCHER,
            UNCHECKED_SLEEP,
            PRIVATE_INBOX,
            UNCOUNTED_SLEEPER,
            LIFO_SLOT,
            NO_SECOND_LOOK,
        ]),
        bugs(),
    )
}

fn bugs() -> Vec<Bug> {
    let awake = "no lost wake-up";
    let beside = "no task waits beside a sleeper";
    vec![
        seeded(
            TRUSTED_SEARCHER,
            "W7",
            "who pushes leaves the task to a worker that has looked for the last time",
            "tokio-rs/tokio 1768, PR 1788; PR 4383",
            awake,
        ),
        seeded(
            UNCHECKED_SLEEP,
            "W8",
            "a worker falls asleep whatever has come since it looked",
            "hew-lang/hew 2830",
            awake,
        ),
        seeded(
            PRIVATE_INBOX,
            "W9",
            "a task is put where only a busy worker finds it",
            "tokio-rs/tokio PR 621",
            beside,
        ),
        seeded(
            UNCOUNTED_SLEEPER,
            "W10",
            "a worker that is about to sleep is counted only when it sleeps",
            "kvark/choir 7",
            awake,
        ),
        seeded(
            LIFO_SLOT,
            "W11",
            "a task in a busy worker's slot cannot be stolen, and nobody is woken for it",
            "tokio-rs/tokio PR 8069 and 8071",
            beside,
        ),
        seeded(
            NO_SECOND_LOOK,
            "own",
            "a worker does not look again after it has said that it is idle",
            "Dekker: each must look after it has written",
            awake,
        ),
    ]
}

type Next = Result<State, Disabled>;

/// What a changed action makes of a state and of the bug's memory.
type Changed = Option<Result<(State, u64), Disabled>>;

const NONE: fn(&SleepProtocol, &State, u64, &mut Vec<Action>) = |_, _, _, _| {};

const TRUSTED_SEARCHER: ModelBug<SleepProtocol> =
    model_bug!("scheduler/trusted-searcher", trusted_searcher);
const UNCHECKED_SLEEP: ModelBug<SleepProtocol> =
    model_bug!("scheduler/unchecked-sleep", unchecked_sleep);
const PRIVATE_INBOX: ModelBug<SleepProtocol> = ModelBug {
    slug: "scheduler/private-inbox",
    step: |model, state, action, memory| hidden(model, state, action, memory, Caller::Looking),
    candidates: NONE,
};
const UNCOUNTED_SLEEPER: ModelBug<SleepProtocol> =
    ModelBug { slug: "scheduler/uncounted-sleeper", step: uncounted_sleeper, candidates: NONE };
const LIFO_SLOT: ModelBug<SleepProtocol> = ModelBug {
    slug: "scheduler/lifo-slot",
    step: |model, state, action, memory| hidden(model, state, action, memory, Caller::Idle),
    candidates: NONE,
};
const NO_SECOND_LOOK: ModelBug<SleepProtocol> =
    model_bug!("scheduler/no-second-look", no_second_look);

fn at(state: &State, worker: u8) -> Option<Worker> {
    state.workers.get(usize::from(worker)).copied()
}

/// `Look` that is content with a worker which has not yet gone to sleep.
fn trusted_searcher(_: &SleepProtocol, state: &State, action: &Action) -> Option<Next> {
    let &Action::Look(caller) = action else { return None };
    let searches = state.workers.iter().any(|worker| matches!(worker, Worker::Waiting(_)));
    let looks = state.callers.get(usize::from(caller)) == Some(&Caller::Looking);
    (looks && searches).then(|| {
        let mut next = state.clone();
        next.callers[usize::from(caller)] = Caller::Idle;
        Ok(next)
    })
}

/// `Sleep` without comparing.
fn unchecked_sleep(_: &SleepProtocol, state: &State, action: &Action) -> Option<Next> {
    let &Action::Sleep(worker) = action else { return None };
    let Some(Worker::Waiting(_)) = at(state, worker) else { return None };
    Some(Ok(SleepProtocol::moved(state, worker, Worker::Sleeping)))
}

/// A push beside a busy worker is seen by that worker alone, until it has taken it. The memory is
/// that worker's number and one; `after` says whether the caller goes on to wake somebody.
fn hidden(
    _: &SleepProtocol,
    state: &State,
    action: &Action,
    memory: u64,
    after: Caller,
) -> Changed {
    if let &Action::Push(caller) = action {
        let running = state.workers.iter().position(|worker| *worker == Worker::Running);
        let busy = running.filter(|_| memory == 0)?;
        let mut next = state.clone();
        let at = next.callers.get_mut(usize::from(caller))?;
        let left = next.rounds.get_mut(usize::from(caller))?;
        if *at != Caller::Idle || *left == 0 || state.stop {
            return None;
        }
        *at = after;
        *left -= 1;
        next.tasks += 1;
        return Some(Ok((next, busy as u64 + 1)));
    }
    if memory == 0 {
        return None;
    }
    let owns = |worker: u8| u64::from(worker) + 1 == memory;
    let unseen = state.tasks == 1;
    match *action {
        Action::Find(worker) if owns(worker) && at(state, worker) == Some(Worker::Searching) => {
            let next = SleepProtocol::moved(state, worker, Worker::Running);
            Some(Ok((State { tasks: state.tasks - 1, ..next }, 0)))
        }
        Action::Find(worker) if unseen && !owns(worker) => {
            Some(Err(Disabled("the task is another worker's")))
        }
        Action::Miss(worker)
            if unseen && !owns(worker) && at(state, worker) == Some(Worker::Searching) =>
        {
            Some(Ok((SleepProtocol::moved(state, worker, Worker::Announcing), memory)))
        }
        Action::Recheck(worker) if unseen && !owns(worker) && !state.stop => {
            let Some(Worker::Rechecking(epoch)) = at(state, worker) else { return None };
            Some(Ok((SleepProtocol::moved(state, worker, Worker::Waiting(epoch)), memory)))
        }
        _ => None,
    }
}

/// `Announce` that does not count, `Sleep` that does. The memory has a bit for each worker that is
/// counted.
fn uncounted_sleeper(_: &SleepProtocol, state: &State, action: &Action, memory: u64) -> Changed {
    match *action {
        Action::Announce(worker) if at(state, worker) == Some(Worker::Announcing) => {
            Some(Ok((SleepProtocol::moved(state, worker, Worker::Noting), memory)))
        }
        Action::Sleep(worker) if at(state, worker) == Some(Worker::Waiting(state.epoch)) => {
            let next = SleepProtocol::moved(state, worker, Worker::Sleeping);
            Some(Ok((State { idle: state.idle + 1, ..next }, memory | 1 << worker)))
        }
        Action::Retire(worker)
            if at(state, worker) == Some(Worker::Retiring) && memory & 1 << worker == 0 =>
        {
            Some(Ok((SleepProtocol::moved(state, worker, Worker::Searching), memory)))
        }
        Action::Retire(worker) if at(state, worker) == Some(Worker::Retiring) => {
            let next = SleepProtocol::moved(state, worker, Worker::Searching);
            Some(Ok((State { idle: state.idle - 1, ..next }, memory & !(1 << worker))))
        }
        _ => None,
    }
}

/// `Recheck` that does not look.
fn no_second_look(_: &SleepProtocol, state: &State, action: &Action) -> Option<Next> {
    let &Action::Recheck(worker) = action else { return None };
    let Some(Worker::Rechecking(epoch)) = at(state, worker) else { return None };
    Some(Ok(SleepProtocol::moved(state, worker, Worker::Waiting(epoch))))
}
