//! Mistakes of work-stealing deques, seeded in the model.

use bisim_models::common::{Disabled, Preset};
use bisim_models::scheduler::work_stealing::{Action, Owner, State, Thief, WorkStealing};

use super::{explored, seeded};
use crate::registry::{Bug, Entry, Hunt, ModelBug, SpecTarget, model_bug};

const ONCE: &str = "each task runs at most once";

/// The deque.
pub(super) fn work_stealing() -> Entry {
    explored(
        "a deque whose owner pushes and takes while thieves steal",
        &[
            "Chase & Lev, Dynamic Circular Work-Stealing Deque, SPAA 2005",
            "Lê et al., Correct and Efficient Work-Stealing for Weak Memory Models, PPoPP 2013",
        ],
        &["models/src/scheduler/work_stealing.rs", "proofs/src/scheduler/stealing_bugs.rs"],
        SpecTarget::boxed(&[
            TAKE_WITHOUT_FENCE,
            STALE_BUFFER,
            LAST_WITHOUT_RACE,
            STEAL_HALF,
            READ_AFTER_RACE,
            RESET_ON_EMPTY,
        ]),
        bugs(),
    )
}

fn bugs() -> Vec<Bug> {
    vec![
        seeded(
            TAKE_WITHOUT_FENCE,
            "W1",
            "take reads top before its write of bottom is seen",
            "Lê et al. 2013: the fence in take",
            ONCE,
        ),
        Bug::new(
            "W2",
            STALE_BUFFER.slug,
            "a thief goes on with the buffer that it knows, after the owner has grown it",
            "crossbeam-rs/crossbeam PR 726; RUSTSEC-2021-0093",
        )
        .hunted_by(|_| vec![Hunt::against(STALE_BUFFER, ONCE).from(Preset::Standard)]),
        seeded(
            LAST_WITHOUT_RACE,
            "W3",
            "the owner takes the last task without a compare-and-exchange",
            "Chase & Lev 2005",
            ONCE,
        ),
        Bug::new(
            "W4",
            STEAL_HALF.slug,
            "a thief takes two tasks with one exchange, and the owner has taken the second",
            "crossbeam-rs/crossbeam PR 148, review",
        )
        .hunted_by(|_| vec![Hunt::against(STEAL_HALF, ONCE)]),
        seeded(
            READ_AFTER_RACE,
            "W5",
            "a thief reads the slot after it has raised top: the slot is in use again",
            "crossbeam-rs/crossbeam PR 149, review",
            ONCE,
        ),
        seeded(
            RESET_ON_EMPTY,
            "W6",
            "an empty deque begins again at place 0, with nothing that tells the rounds apart",
            "MPLLang/mpl PR 214; Arora, Blumofe & Plaxton 1998: the tag",
            ONCE,
        ),
    ]
}

/// What a changed action makes of a state and of the bug's memory.
type Changed = Option<Result<(State, u64), Disabled>>;

const NONE: fn(&WorkStealing, &State, u64, &mut Vec<Action>) = |_, _, _, _| {};

const TAKE_WITHOUT_FENCE: ModelBug<WorkStealing> =
    ModelBug { slug: "scheduler/take-without-fence", step: take_without_fence, candidates: NONE };

/// `LowerBottom` that reads `top` and leaves its write in the store buffer, and `TakeLoadTop` at
/// which the others see it. The memory is the `top` that was read.
fn take_without_fence(_: &WorkStealing, state: &State, action: &Action, memory: u64) -> Changed {
    match action {
        Action::LowerBottom if state.owner == Owner::Idle => {
            Some(Ok((State { owner: Owner::Taking, ..state.clone() }, state.top as u64)))
        }
        Action::TakeLoadTop if state.owner == Owner::Taking => {
            let lowered = State { bottom: state.bottom - 1, ..state.clone() };
            Some(Ok((WorkStealing::take_below(&lowered, memory as i8), 0)))
        }
        _ => None,
    }
}

/// The thief's own digit in the memory of a bug.
fn digit(memory: u64, thief: u8) -> u64 {
    memory >> (8 * thief) & 0xff
}

/// The memory with another digit for the thief.
fn with_digit(memory: u64, thief: u8, digit: u64) -> u64 {
    memory & !(0xff << (8 * thief)) | digit << (8 * thief)
}

fn at(state: &State, thief: u8) -> Option<Thief> {
    state.thieves.get(usize::from(thief)).copied()
}

const STALE_BUFFER: ModelBug<WorkStealing> =
    ModelBug { slug: "scheduler/stale-buffer", step: stale_buffer, candidates: NONE };

/// `StealLoadBuffer` once in the life of a thief.
fn stale_buffer(_: &WorkStealing, state: &State, action: &Action, memory: u64) -> Changed {
    let &Action::StealLoadBuffer(thief) = action else { return None };
    let Some(Thief::Found { top }) = at(state, thief) else { return None };
    let known = match digit(memory, thief) {
        0 => state.buffers.len() as u64,
        known => known,
    };
    let to = Thief::Reading { top, buffer: known as u8 - 1 };
    let next = WorkStealing::moved(state, thief, to);
    Some(Ok((next, with_digit(memory, thief, known))))
}

const LAST_WITHOUT_RACE: ModelBug<WorkStealing> =
    model_bug!("scheduler/last-without-race", last_without_race);

/// `TakeLoadTop` that takes the last task as it takes the others.
fn last_without_race(
    _: &WorkStealing,
    state: &State,
    action: &Action,
) -> Option<Result<State, Disabled>> {
    let last = state.owner == Owner::Taking && state.top == state.bottom;
    (*action == Action::TakeLoadTop && last).then(|| {
        let mut next = State { owner: Owner::Idle, ..state.clone() };
        next.run(state.slot(state.bottom));
        Ok(next)
    })
}

const STEAL_HALF: ModelBug<WorkStealing> =
    ModelBug { slug: "scheduler/steal-half", step: steal_half, candidates: NONE };

/// `StealRaiseTop` by two, if the thief has seen two tasks or more.
fn steal_half(_: &WorkStealing, state: &State, action: &Action, memory: u64) -> Changed {
    match (*action, at(state, action.thief()?)?) {
        (Action::StealLoadBottom(thief), Thief::Loaded { top }) if top < state.bottom => {
            let two = state.bottom - top >= 2;
            let next = WorkStealing::moved(state, thief, Thief::Found { top });
            Some(Ok((next, with_digit(memory, thief, two.into()))))
        }
        (Action::StealRaiseTop(thief), Thief::Stealing { top, task })
            if digit(memory, thief) == 1 && state.top == top =>
        {
            let mut next = WorkStealing::moved(state, thief, Thief::Idle);
            next.top += 2;
            next.run(task);
            next.run(state.slot(top + 1));
            Some(Ok((next, with_digit(memory, thief, 0))))
        }
        _ => None,
    }
}

const READ_AFTER_RACE: ModelBug<WorkStealing> =
    ModelBug { slug: "scheduler/read-after-race", step: read_after_race, candidates: NONE };

/// `StealRaiseTop` first and `StealReadSlot` second.
fn read_after_race(_: &WorkStealing, state: &State, action: &Action, memory: u64) -> Changed {
    match (*action, at(state, action.thief()?)?) {
        (Action::StealReadSlot(thief), Thief::Reading { top, buffer }) => {
            let won = state.top == top;
            let to = if won { Thief::Stealing { top, task: None } } else { Thief::Idle };
            let mut next = WorkStealing::moved(state, thief, to);
            next.top += i8::from(won);
            Some(Ok((next, with_digit(memory, thief, buffer.into()))))
        }
        (Action::StealRaiseTop(thief), Thief::Stealing { top, .. }) => {
            let mut next = WorkStealing::moved(state, thief, Thief::Idle);
            next.run(state.slot_of(digit(memory, thief) as usize, top));
            Some(Ok((next, with_digit(memory, thief, 0))))
        }
        _ => None,
    }
}

const RESET_ON_EMPTY: ModelBug<WorkStealing> =
    model_bug!("scheduler/reset-on-empty", reset_on_empty);

/// `RestoreBottom` to the beginning.
fn reset_on_empty(
    _: &WorkStealing,
    state: &State,
    action: &Action,
) -> Option<Result<State, Disabled>> {
    let empty = *action == Action::RestoreBottom && state.owner == Owner::Restoring;
    empty.then(|| Ok(State { top: 0, bottom: 0, owner: Owner::Idle, ..state.clone() }))
}
