//! Mistakes in the algorithm of the readers-writer lock, seeded in its model.

use bisim_models::common::{Disabled, Spec};
use bisim_models::lock::rw_lock::{Action, Pc, RwLock, State};

use crate::registry::ModelBug;

type Changed = Option<Result<(State, u64), Disabled>>;

fn forget(next: State) -> Changed {
    Some(Ok((next, 0)))
}

fn disabled(why: &'static str) -> Changed {
    Some(Err(Disabled(why)))
}

const NONE: fn(&RwLock, &State, u64, &mut Vec<Action>) = |_, _, _, _| {};

/// The step of the model, with a change to what comes of it.
fn then(
    model: &RwLock,
    state: &State,
    action: &Action,
    change: impl FnOnce(&mut State),
) -> Changed {
    Some(model.step(state, action).map(|mut next| {
        change(&mut next);
        (next, 0)
    }))
}

fn moved(state: &State, thread: u8, pc: Pc) -> State {
    let mut next = state.clone();
    next.threads[usize::from(thread)].pc = pc;
    next
}

/// Readers enter while a writer waits.
pub(super) const READERS_FIRST: ModelBug<RwLock> = ModelBug {
    slug: "lock/readers-first",
    step: |model, state, action, _| match *action {
        Action::TakeRead { .. } if !state.word.writer => {
            let mut unseen = state.clone();
            unseen.word.writers_wait = 0;
            then(model, &unseen, action, |next| next.word.writers_wait = state.word.writers_wait)
        }
        Action::Mark { .. } if !state.word.writer => disabled("a reader may enter"),
        _ => None,
    },
    candidates: NONE,
};

/// A writer looks for writers only.
pub(super) const BLIND_TO_READERS: ModelBug<RwLock> = ModelBug {
    slug: "lock/blind-to-readers",
    step: |model, state, action, _| match *action {
        Action::TakeWrite { .. } if !state.word.writer => {
            let mut unseen = state.clone();
            unseen.word.readers = 0;
            then(model, &unseen, action, |next| next.word.readers = state.word.readers)
        }
        _ => None,
    },
    candidates: NONE,
};

/// A writer that leaves wakes writers only.
pub(super) const WAKES_WRITERS_ONLY: ModelBug<RwLock> = ModelBug {
    slug: "lock/wakes-writers-only",
    step: |model, state, action, _| match *action {
        Action::ReleaseWrite { thread } => then(model, state, action, |next| {
            if next.thread(thread).pc == Pc::ClearingMark {
                *next = moved(next, thread, Pc::Idle);
            }
        }),
        _ => None,
    },
    candidates: NONE,
};

/// A reader that leaves looks first, and counts itself out later. The memory has two bits for each
/// thread: whether it has looked, and whether it will wake a writer.
pub(super) const EARLY_LOOK: ModelBug<RwLock> = ModelBug {
    slug: "lock/early-look",
    step: |_, state, action, memory| match *action {
        Action::ReleaseRead { thread } if state.thread(thread).pc == Pc::Reading => {
            let (looked, wakes) = (1 << (2 * thread), 2 << (2 * thread));
            if memory & looked == 0 {
                let last = state.word.readers == 1 && state.word.writers_wait > 0;
                let saw = if last { wakes } else { 0 };
                return Some(Ok((state.clone(), memory | looked | saw)));
            }
            let to = if memory & wakes != 0 { Pc::TurningWriters } else { Pc::Idle };
            let mut next = moved(state, thread, to);
            next.word.readers -= 1;
            Some(Ok((next, memory & !(looked | wakes))))
        }
        _ => None,
    },
    candidates: NONE,
};

/// A reader that is alone takes the lock as a writer would.
pub(super) const EXCLUSIVE_READER: ModelBug<RwLock> = ModelBug {
    slug: "lock/exclusive-reader",
    step: |model, state, action, _| match *action {
        Action::TakeRead { .. } if state.word.readers == 0 => then(model, state, action, |next| {
            next.word.readers = 0;
            next.word.writer = true;
        }),
        _ => None,
    },
    candidates: NONE,
};

/// A writer leaves, and comes back as a reader.
pub(super) const RELEASE_AND_READ: ModelBug<RwLock> = ModelBug {
    slug: "lock/release-and-read",
    step: |_, state, action, _| match *action {
        Action::Downgrade { thread } if state.thread(thread).pc == Pc::Writing => {
            let mut next = moved(state, thread, Pc::ReaderRetries);
            next.word.writer = false;
            forget(next)
        }
        _ => None,
    },
    candidates: NONE,
};

/// A writer that gives up does not look after the readers that waited for it.
pub(super) const FORGOTTEN_READERS: ModelBug<RwLock> = ModelBug {
    slug: "lock/forgotten-readers",
    step: |model, state, action, _| match *action {
        Action::Withdraw { thread } => then(model, state, action, |next| {
            *next = moved(next, thread, Pc::Idle);
        }),
        _ => None,
    },
    candidates: NONE,
};

/// A thread looks at the turnstile after it has tried: that it was turned before is not seen.
pub(super) const LATE_LOOK: ModelBug<RwLock> = ModelBug {
    slug: "lock/late-look",
    step: |model, state, action, _| match *action {
        Action::Sleep { thread, .. } | Action::Refuse { thread } => {
            let mut unseen = state.clone();
            unseen.threads[usize::from(thread)].stale = false;
            then(model, &unseen, action, |_| {})
        }
        _ => None,
    },
    candidates: NONE,
};

/// All of them.
pub(super) const ALL: [ModelBug<RwLock>; 8] = [
    READERS_FIRST,
    BLIND_TO_READERS,
    WAKES_WRITERS_ONLY,
    EARLY_LOOK,
    EXCLUSIVE_READER,
    RELEASE_AND_READ,
    FORGOTTEN_READERS,
    LATE_LOOK,
];
