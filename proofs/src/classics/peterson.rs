//! Mistakes in Peterson's algorithm, seeded in its model: each breaks a property of
//! the model and an edge, or a step that is missing, of its refinement of the abstract lock.

use bisim_models::classics::peterson::{Action, Pc, Peterson, State, other};
use bisim_models::common::Disabled;

use super::peterson_chain::{PetersonChain, refined};
use crate::refinement::Failure;
use crate::registry::{Bug, Entry, Hunt, ModelBug, SpecTarget, model_bug};

/// The target.
pub(super) fn entry() -> Entry {
    Entry {
        folder: "classics",
        title: "two processes exclude each other with two flags and a turn",
        papers: &[
            "Peterson, Myths about the mutual exclusion problem, IPL 12(3), 1981",
            "tlaplus/Examples, locks_auxiliary_vars/Peterson.tla",
        ],
        files: &[
            "models/src/classics/peterson/mod.rs",
            "proofs/src/classics/peterson.rs",
            "proofs/src/classics/peterson_chain.rs",
        ],
        model: SpecTarget::boxed(&MODEL_BUGS),
        conformance: Some(Box::new(PetersonChain)),
        simulation: None,
        bugs: bugs(),
        deferred: &[],
    }
}

fn bugs() -> Vec<Bug> {
    let seeded = |row, title, bug: ModelBug<Peterson>, property, edge| {
        Bug::new(row, bug.slug, title, "after Peterson 1981")
            .hunted_by(|_| vec![Hunt::against(bug, property), refined(bug, edge)])
    };
    let shares = |row, title, bug| seeded(row, title, bug, "mutual exclusion", Failure::Disabled);
    let starves = |row, title, bug| seeded(row, title, bug, "starvation freedom", Failure::Missing);
    vec![
        shares("L2", "the turn is given away before the flag is up", TURN_BEFORE_FLAG),
        shares("L3", "a process gives the turn to itself", TURN_TO_SELF),
        starves("L4", "a process never lowers its flag", FLAG_STAYS_UP),
        Bug::new(
            "L5",
            "classics/store-buffering",
            "no fence between writing one flag and reading the other",
            "Peterson 1981 on hardware with store buffers",
        )
        .because("the model is sequentially consistent, and there is no implementation here"),
        starves("own", "a process waits for the other's flag alone", WITHOUT_TURN),
    ]
}

/// The mistakes.
pub(super) const MODEL_BUGS: [ModelBug<Peterson>; 4] =
    [TURN_BEFORE_FLAG, TURN_TO_SELF, FLAG_STAYS_UP, WITHOUT_TURN];

const TURN_BEFORE_FLAG: ModelBug<Peterson> =
    model_bug!("classics/turn-before-flag", turn_before_flag);
const TURN_TO_SELF: ModelBug<Peterson> = model_bug!("classics/turn-to-self", turn_to_self);
const FLAG_STAYS_UP: ModelBug<Peterson> = model_bug!("classics/flag-stays-up", flag_stays_up);
const WITHOUT_TURN: ModelBug<Peterson> = model_bug!("classics/without-turn", without_turn);

/// What a changed action makes of a state.
type Changed = Option<Result<State, Disabled>>;

/// The state in which a process goes on from one label to another, with one thing changed.
fn goes_on(
    state: &State,
    process: u8,
    (from, to): (Pc, Pc),
    change: impl Fn(&mut State),
) -> Changed {
    let mut next = *state;
    let pc = &mut next.pc[usize::from(process)];
    if *pc != from {
        return Some(Err(Disabled("the process is at another label")));
    }
    *pc = to;
    change(&mut next);
    Some(Ok(next))
}

/// A1 and A2 the other way round.
fn turn_before_flag(_: &Peterson, state: &State, action: &Action) -> Changed {
    match *action {
        Action::A1(process) => goes_on(state, process, (Pc::A1, Pc::A2), |next| {
            next.turn = other(process);
        }),
        Action::A2(process) => goes_on(state, process, (Pc::A2, Pc::A3), |next| {
            next.c[usize::from(process)] = true;
        }),
        _ => None,
    }
}

/// A2 with `turn := self`.
fn turn_to_self(_: &Peterson, state: &State, action: &Action) -> Changed {
    let &Action::A2(process) = action else { return None };
    goes_on(state, process, (Pc::A2, Pc::A3), |next| next.turn = process)
}

/// A4 without its effect.
fn flag_stays_up(_: &Peterson, state: &State, action: &Action) -> Changed {
    let &Action::A4(process) = action else { return None };
    goes_on(state, process, (Pc::A4, Pc::A0), |_| {})
}

/// A3 without `turn = self`.
fn without_turn(_: &Peterson, state: &State, action: &Action) -> Changed {
    match *action {
        Action::A3(process) if state.c[usize::from(other(process))] => {
            Some(Err(Disabled("the other flag is up")))
        }
        _ => None,
    }
}
