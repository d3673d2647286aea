//! Properties of steps: judged where a state is explored, for its owner alone sees each of its
//! steps once.

use bisim_models::common::Value;
use stateright::{Expectation, Model};

use super::Story;
use super::fingerprint::fingerprint;
use super::search::{End, Search};
use super::store::Parents;
use super::story::story;

/// The step in which the shortest story of a property of steps ends. As with [`End`], the choice
/// does not depend on the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StepEnd {
    /// The state before the step.
    pub(super) from: End,
    /// The fingerprint of the state after it.
    to: u64,
}

/// Judges a step from a state that is explored.
pub(super) fn judge<M>(
    search: &Search<M>,
    ends: &mut [Option<StepEnd>],
    from: End,
    (state, action, next): (&M::State, &M::Action, &M::State),
) where
    M: Model<State: Value, Action: Value>,
{
    for (end, law) in ends.iter_mut().zip(&search.steps) {
        let known = end.is_some_and(|end| end.from < from);
        if known || !law.is_told_by(&search.model, state, action, next) {
            continue;
        }
        let here = StepEnd { from, to: fingerprint(next) };
        *end = Some(end.map_or(here, |end| end.min(here)));
        if law.expectation == Expectation::Always {
            search.control.met_violation(from.depth + 1);
        }
    }
}

/// The story that ends in a step.
pub(super) fn story_of_step<M>(
    search: &Search<M>,
    index: usize,
    end: StepEnd,
    parents: &[&Parents],
) -> Story<M::State, M::Action>
where
    M: Model<State: Value, Action: Value>,
{
    let model = &*search.model;
    let mut story = story(model, end.from, parents);
    let mut actions = Vec::new();
    model.actions(story.last(), &mut actions);
    let step = actions.into_iter().find_map(|action| {
        let next = model.next_state(story.last(), action.clone())?;
        let told = search.steps[index].is_told_by(model, story.last(), &action, &next);
        (told && fingerprint(&next) == end.to).then_some((action, next))
    });
    story.steps.push(step.expect("the model takes the same step as during the search"));
    story
}
