//! Mistakes in Peterson's algorithm, seeded in its model. Two of them are caught as liveness alone.

use bisim_models::classics::peterson::{Action, Pc, Peterson, State, other};
use bisim_models::common::Disabled;

use crate::registry::{Bug, Entry, Hunt, ModelBug, SpecTarget};

/// The target.
pub(super) fn entry() -> Entry {
    Entry {
        folder: "classics",
        title: "two processes exclude each other with two flags and a turn",
        papers: &[
            "Peterson, Myths about the mutual exclusion problem, IPL 12(3), 1981",
            "tlaplus/Examples, locks_auxiliary_vars/Peterson.tla",
        ],
        files: &["models/src/classics/peterson/mod.rs", "proofs/src/classics/peterson.rs"],
        model: SpecTarget::boxed(&[TURN_BEFORE_FLAG, TURN_TO_SELF, FLAG_STAYS_UP, WITHOUT_TURN]),
        conformance: None,
        simulation: None,
        bugs: bugs(),
        deferred: &[],
    }
}

fn bugs() -> Vec<Bug> {
    let bug = |bug: ModelBug<Peterson>, row, title, property| Bug {
        slug: bug.slug,
        row,
        title,
        source: "after Peterson 1981",
        hunts: vec![Hunt::against(bug, property)],
        reason: "",
    };
    let exclusion = "mutual exclusion";
    vec![
        bug(TURN_BEFORE_FLAG, "L2", "the turn is given away before the flag is up", exclusion),
        bug(TURN_TO_SELF, "L3", "a process gives the turn to itself", exclusion),
        bug(FLAG_STAYS_UP, "L4", "a process never lowers its flag", "starvation freedom"),
        Bug {
            slug: "classics/store-buffering",
            row: "L5",
            title: "no fence between writing one flag and reading the other",
            source: "Peterson 1981 on hardware with store buffers",
            hunts: Vec::new(),
            reason: "the model is sequentially consistent, and there is no implementation here",
        },
        bug(
            WITHOUT_TURN,
            "own",
            "a process waits for the other's flag alone",
            "starvation freedom",
        ),
    ]
}

/// What a changed action makes of a state.
type Changed = Option<Result<(State, u64), Disabled>>;

const NONE: fn(&Peterson, &State, u64, &mut Vec<Action>) = |_, _, _, _| {};

/// The state in which a process goes on to another label, with one thing changed.
fn changed(state: &State, process: u8, to: Pc, change: impl Fn(&mut State)) -> Changed {
    let mut next = *state;
    next.pc[usize::from(process)] = to;
    change(&mut next);
    Some(Ok((next, 0)))
}

/// A1 and A2 the other way round.
const TURN_BEFORE_FLAG: ModelBug<Peterson> = ModelBug {
    slug: "classics/turn-before-flag",
    step: |_, state, action, _| {
        let (process, at) = action.parts();
        let me = usize::from(process);
        match at {
            _ if state.pc[me] != at => None,
            Pc::A1 => changed(state, process, Pc::A2, |next| next.turn = other(process)),
            Pc::A2 => changed(state, process, Pc::A3, |next| next.c[me] = true),
            _ => None,
        }
    },
    candidates: NONE,
};

/// A2 with `turn := self`.
const TURN_TO_SELF: ModelBug<Peterson> = ModelBug {
    slug: "classics/turn-to-self",
    step: |_, state, action, _| match *action {
        Action::A2(process) if state.pc[usize::from(process)] == Pc::A2 => {
            changed(state, process, Pc::A3, |next| next.turn = process)
        }
        _ => None,
    },
    candidates: NONE,
};

/// A4 without its effect.
const FLAG_STAYS_UP: ModelBug<Peterson> = ModelBug {
    slug: "classics/flag-stays-up",
    step: |_, state, action, _| match *action {
        Action::A4(process) if state.pc[usize::from(process)] == Pc::A4 => {
            changed(state, process, Pc::A0, |_| {})
        }
        _ => None,
    },
    candidates: NONE,
};

/// A3 without `turn = self`.
const WITHOUT_TURN: ModelBug<Peterson> = ModelBug {
    slug: "classics/without-turn",
    step: |_, state, action, _| match *action {
        Action::A3(process) if state.c[usize::from(other(process))] => {
            Some(Err(Disabled("the other flag is up")))
        }
        _ => None,
    },
    candidates: NONE,
};
