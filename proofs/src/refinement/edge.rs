//! One edge: does it take the steps that it names?

use bisim_models::common::Spec;

use super::{AbstractAction, AbstractState, Failure, Refinement};
use crate::report::{brief, changes, to_value};

/// Checks an edge between two states with these images: a stutter leaves the image as it is; the
/// steps of a label are enabled in their turn and end in the image of the edge's end.
///
/// # Errors
/// The check that failed, with what the edge names and what the model allows.
pub fn check_edge<R: Refinement>(
    refinement: &R,
    before: &AbstractState<R>,
    label: &[AbstractAction<R>],
    after: &AbstractState<R>,
) -> Result<(), (Failure, String)> {
    let specification = refinement.specification();
    if label.is_empty() {
        if before == after {
            return Ok(());
        }
        let why = format!("the edge names no step and changes {}", difference(before, after));
        return Err((Failure::SilentChange, why));
    }
    let mut state = before.clone();
    for action in label {
        state = specification.step(&state, action).map_err(|guard| {
            let why = format!(
                "the edge names {}, but {} is disabled: {guard}; the model allows {}",
                names(label),
                names(std::slice::from_ref(action)),
                names(&allowed(specification, &state)),
            );
            (Failure::Disabled, why)
        })?;
    }
    if state == *after {
        return Ok(());
    }
    let why = format!(
        "the edge names {}, and ends elsewhere: {} (model→system)",
        names(label),
        difference(&state, after),
    );
    Err((Failure::WrongEnd, why))
}

/// The abstract state where the steps of a label lead, if the model allows them.
pub(super) fn end_of<S: Spec>(
    specification: &S,
    before: &S::State,
    label: &[S::Action],
) -> Option<S::State> {
    let mut end = before.clone();
    for action in label {
        end = specification.step(&end, action).ok()?;
    }
    Some(end)
}

/// The actions that are enabled in an abstract state and change it.
pub(super) fn allowed<S: Spec>(specification: &S, state: &S::State) -> Vec<S::Action> {
    let mut candidates = Vec::new();
    specification.actions(state, &mut candidates);
    let mut allowed = Vec::with_capacity(candidates.len());
    for action in candidates {
        let next = specification.step(state, &action);
        if next.is_ok_and(|next| next != *state) && !allowed.contains(&action) {
            allowed.push(action);
        }
    }
    allowed
}

/// Actions in few characters.
pub(super) fn names<A: serde::Serialize>(actions: &[A]) -> String {
    match actions {
        [] => "nothing".to_owned(),
        _ => {
            let names: Vec<_> = actions.iter().map(|action| brief(&to_value(action))).collect();
            names.join(", ")
        }
    }
}

fn difference<S: serde::Serialize>(one: &S, other: &S) -> String {
    let changes = changes(&to_value(one), &to_value(other));
    changes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
