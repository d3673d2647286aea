//! Mistakes in the algorithm of the mutex, seeded in its model.

use bisim_models::common::Disabled;
use bisim_models::lock::mutex::{Action, Mutex, Pc, State, Word};

use crate::registry::ModelBug;

/// What a changed action makes of a state and of the bug's memory.
type Changed = Option<Result<(State, u64), Disabled>>;

const NONE: fn(&Mutex, &State, u64, &mut Vec<Action>) = |_, _, _, _| {};

/// A bug that remembers nothing.
fn forget(next: State) -> Changed {
    Some(Ok((next, 0)))
}

fn at(state: &State, thread: u8) -> Pc {
    state.thread(thread).pc
}

/// The state with a thread elsewhere in the code.
fn moved(state: &State, thread: u8, pc: Pc) -> State {
    let mut next = state.clone();
    next.threads[usize::from(thread)].pc = pc;
    next
}

/// A thread that did not get the lock frees it.
pub(super) const UNLOCK_BY_NON_OWNER: ModelBug<Mutex> = ModelBug {
    slug: "lock/unlock-by-non-owner",
    step: |_, state, action, _| match *action {
        Action::Release { thread } if at(state, thread) == Pc::Spinning => {
            let contended = state.word == Word::Contended;
            let mut next = moved(state, thread, if contended { Pc::Waking } else { Pc::Idle });
            next.word = Word::Unlocked;
            next.threads[usize::from(thread)].timed = false;
            forget(next)
        }
        _ => None,
    },
    candidates: |_, state, _, actions| {
        let spinning = (0..).zip(&state.threads).filter(|(_, t)| t.pc == Pc::Spinning);
        actions.extend(spinning.map(|(thread, _)| Action::Release { thread }));
    },
};

/// The futex wait looks first and queues later: by then the lock may be free, and its last owner
/// has woken whom it saw.
pub(super) const LATE_SLEEPER: ModelBug<Mutex> = ModelBug {
    slug: "lock/late-sleeper",
    step: |_, state, action, _| match *action {
        Action::Sleep { thread } if at(state, thread) == Pc::Waiting => {
            forget(moved(state, thread, Pc::Sleeping))
        }
        _ => None,
    },
    candidates: NONE,
};

/// A thread sleeps without having marked the word.
pub(super) const SKIPPED_MARK: ModelBug<Mutex> = ModelBug {
    slug: "lock/skipped-mark",
    step: |_, state, action, _| match *action {
        Action::Mark { thread }
            if matches!(at(state, thread), Pc::Spinning | Pc::Marking)
                && state.word != Word::Unlocked =>
        {
            forget(moved(state, thread, Pc::Waiting))
        }
        Action::Sleep { thread }
            if at(state, thread) == Pc::Waiting && state.word == Word::Locked =>
        {
            forget(moved(state, thread, Pc::Sleeping))
        }
        _ => None,
    },
    candidates: NONE,
};

/// A woken thread takes the lock as if it had never waited: the others that sleep lose the mark.
pub(super) const FORGOTTEN_SLEEPERS: ModelBug<Mutex> = ModelBug {
    slug: "lock/forgotten-sleepers",
    step: |_, state, action, _| match *action {
        Action::Mark { thread }
            if at(state, thread) == Pc::Marking && state.word == Word::Unlocked =>
        {
            let mut next = moved(state, thread, Pc::Holding);
            next.word = Word::Locked;
            next.threads[usize::from(thread)].timed = false;
            forget(next)
        }
        _ => None,
    },
    candidates: NONE,
};

/// The owner of a contended lock wakes a sleeper first and frees the lock then. The memory has
/// one bit for each owner that has woken already.
pub(super) const WAKE_BEFORE_STORE: ModelBug<Mutex> = ModelBug {
    slug: "lock/wake-before-store",
    step: |_, state, action, memory| match *action {
        Action::Wake { thread, woken } => {
            if at(state, thread) != Pc::Holding || memory >> thread & 1 == 1 {
                return Some(Err(Disabled("the thread does not wake now")));
            }
            let next = woken.map_or_else(
                || state.clone(),
                |woken| {
                    let mut next = moved(state, woken, Pc::Marking);
                    next.threads[usize::from(woken)].woken = true;
                    next
                },
            );
            Some(Ok((next, memory | 1 << thread)))
        }
        Action::Release { thread } if at(state, thread) == Pc::Holding => {
            let woke = memory >> thread & 1 == 1;
            if state.word == Word::Contended && !woke {
                return Some(Err(Disabled("the thread wakes first")));
            }
            let mut next = moved(state, thread, Pc::Idle);
            next.word = Word::Unlocked;
            next.threads[usize::from(thread)].woken = false;
            Some(Ok((next, memory & !(1 << thread))))
        }
        _ => None,
    },
    candidates: |_, state, _, actions| {
        let owners = (0..).zip(&state.threads).filter(|(_, thread)| thread.pc == Pc::Holding);
        for (thread, _) in owners.filter(|_| state.word == Word::Contended) {
            let mut woken: Vec<_> = state.sleepers().map(Some).collect();
            if woken.is_empty() {
                woken.push(None);
            }
            actions.extend(woken.into_iter().map(|woken| Action::Wake { thread, woken }));
        }
    },
};

/// Unlocking looks at the word and then stores `Unlocked`: a mark between the two is lost. The
/// memory has two bits for each owner: whether it has looked, and whether it saw a mark.
pub(super) const PLAIN_STORE: ModelBug<Mutex> = ModelBug {
    slug: "lock/plain-store",
    step: |_, state, action, memory| match *action {
        Action::Release { thread } if at(state, thread) == Pc::Holding => {
            let (looked, marked) = (1 << (2 * thread), 2 << (2 * thread));
            if memory & looked == 0 {
                let saw = if state.word == Word::Contended { marked } else { 0 };
                return Some(Ok((state.clone(), memory | looked | saw)));
            }
            let wakes = memory & marked != 0;
            let mut next = moved(state, thread, if wakes { Pc::Waking } else { Pc::Idle });
            next.word = Word::Unlocked;
            next.threads[usize::from(thread)].woken = false;
            Some(Ok((next, memory & !(looked | marked))))
        }
        _ => None,
    },
    candidates: NONE,
};

/// All of them.
pub(super) const ALL: [ModelBug<Mutex>; 6] = [
    UNLOCK_BY_NON_OWNER,
    LATE_SLEEPER,
    SKIPPED_MARK,
    FORGOTTEN_SLEEPERS,
    WAKE_BEFORE_STORE,
    PLAIN_STORE,
];
