//! Traces of failed refinements, judged again.

use std::collections::HashSet;

use stateright::Model;

use super::edge::{allowed, check_edge, names};
use super::report::property;
use super::{AbstractAction, ConcreteState, Failure, RefinedStory, Refinement};
use crate::checker::Verdict;
use crate::registry::{replay_story, verdict_of};
use crate::report::{Replayed, StoryDoc, Trace, TraceError};

/// Takes the steps of a trace on the concrete system of a refinement, and asks whether they
/// still end in the failure that the trace names.
///
/// # Errors
/// When a step no longer applies, or the trace is of something else.
pub fn replay_refinement<R: Refinement>(
    refinement: &R,
    trace: &Trace,
) -> Result<Replayed, TraceError> {
    let story = replay_story(refinement.concrete(), trace)?;
    let named = |failure: &Failure| property(refinement.name(), *failure) == trace.property;
    let why = match Failure::OF_A_TRACE.iter().copied().find(named) {
        Some(Failure::Missing) => missing(refinement, story.last(), |classes| classes == 0)
            .map(|named| format!("the model allows {named}; the system offers none of it")),
        Some(Failure::Ambiguous) => missing(refinement, story.last(), |classes| classes > 1)
            .map(|named| format!("{named} is missing for more than one reason")),
        Some(Failure::StutterCycle) => ends_in_stutter_cycle(refinement, &story)
            .then(|| "the last state was there before, and only stutters led back".to_owned()),
        Some(failure) => first_failure(refinement, &story)
            .filter(|found| (found.0, found.1) == (story.steps.len(), failure))
            .map(|(_, _, why)| why),
        None => {
            let found = verdict_of(refinement.concrete(), &trace.property, story.last())?;
            (found == Verdict::Violated).then(|| "the system's own property".to_owned())
        }
    };
    let verdict = if why.is_some() { Verdict::Violated } else { Verdict::Holds };
    let lanes = refinement.lanes();
    let story = StoryDoc::new(&story, lanes, |action| refinement.lane_of(action));
    Ok(Replayed { why, ..Replayed::new(verdict, story) })
}

/// The first step, counted from 1, that fails, how, and why; 0 is the initial state.
fn first_failure<R: Refinement>(
    refinement: &R,
    story: &RefinedStory<R>,
) -> Option<(usize, Failure, String)> {
    let initial = refinement.map(&story.initial);
    if !refinement.specification().init_states().contains(&initial) {
        let why = "the image is no initial state of the model".to_owned();
        return Some((0, Failure::Initial, why));
    }
    let mut before = &story.initial;
    for (place, (action, after)) in story.steps.iter().enumerate() {
        let label = refinement.label(before, action, after);
        let images = (refinement.map(before), refinement.map(after));
        if let Err((failure, why)) = check_edge(refinement, &images.0, &label, &images.1) {
            return Some((place + 1, failure, why));
        }
        before = after;
    }
    None
}

/// Whether the story has been in its last state before, and did nothing but stutter since.
fn ends_in_stutter_cycle<R: Refinement>(refinement: &R, story: &RefinedStory<R>) -> bool {
    let mut after = story.last();
    for (place, (action, _)) in story.steps.iter().enumerate().rev() {
        let before = match place {
            0 => &story.initial,
            _ => &story.steps[place - 1].1,
        };
        if !refinement.label(before, action, after).is_empty() {
            return false;
        }
        if before == story.last() {
            return true;
        }
        after = before;
    }
    false
}

/// The names of the actions that the model allows in the image of a state, that the system offers
/// neither at once nor after stutters, and that a `wanted` number of exception classes explains;
/// `None` if there are none.
fn missing<R: Refinement>(
    refinement: &R,
    state: &ConcreteState<R>,
    wanted: impl Fn(usize) -> bool,
) -> Option<String> {
    let mut missing = allowed(refinement.specification(), &refinement.map(state));
    let mut seen = HashSet::from([state.clone()]);
    let mut open = vec![state.clone()];
    let mut actions = Vec::new();
    while let Some(at) = open.pop() {
        refinement.concrete().actions(&at, &mut actions);
        for action in actions.drain(..) {
            let Some(next) = refinement.concrete().next_state(&at, action.clone()) else {
                continue;
            };
            match refinement.label(&at, &action, &next).first() {
                Some(first) => missing.retain(|action| action != first),
                // Nothing is explored beyond the bounds, in the search as here.
                None if refinement.concrete().within_boundary(&next)
                    && seen.insert(next.clone()) =>
                {
                    open.push(next);
                }
                None => {}
            }
        }
    }
    let exceptions = refinement.exceptions();
    let applying = |action: &AbstractAction<R>| {
        exceptions.iter().filter(|class| (class.applies)(refinement, state, action)).count()
    };
    missing.retain(|action| wanted(applying(action)));
    (!missing.is_empty()).then(|| names(&missing))
}
