//! Stories as traces, and traces as stories again.

use bisim_models::common::{Expectation, LiveLaw, Model, Params, Spec, StepLaw, Value};
use serde::de::DeserializeOwned;

use super::lasso;
use crate::checker::{Story, Verdict};
use crate::report::{Replayed, StoryDoc, Subject, Trace, TraceError, changes, to_value};

/// A story, and the cycle in which it goes on.
type StoryAndCycle<'s, T, A> = (&'s Story<T, A>, Option<&'s [(A, T)]>);

/// Steps that were taken: actions, each with the state after it.
type Taken<M> = Vec<(<M as Model>::Action, <M as Model>::State)>;

/// A violating story as a trace, with the cycle in which it goes on if it is about what must
/// happen.
pub fn trace_of<S: Spec, T: Value, A: Value>(
    (story, cycle): StoryAndCycle<'_, T, A>,
    subject: Subject,
    params: &Params,
    bug: Option<&str>,
    property: &str,
) -> Trace {
    Trace {
        schema: Trace::SCHEMA,
        target: S::NAME.to_owned(),
        subject,
        params: params.iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        bug: bug.map(str::to_owned),
        property: property.to_owned(),
        verdict: Verdict::Violated,
        initial: to_value(&story.initial),
        steps: story.steps.iter().map(|(action, _)| to_value(action)).collect(),
        last: to_value(story.last()),
        cycle: cycle.map(|cycle| cycle.iter().map(|(action, _)| to_value(action)).collect()),
    }
}

/// The properties of a model that Stateright's models have no place for.
pub struct Laws<M: Model> {
    /// Of its steps.
    pub steps: Vec<StepLaw<M>>,
    /// What must happen.
    pub live: Vec<LiveLaw<M>>,
}

/// Takes the steps of a trace on any model. The verdict is what the trace's property says of the
/// last state, of the last step, or of the whole if it goes on for ever.
///
/// # Errors
/// As [`replay_story`]; and when the model has no such property.
pub fn replay_model<M: Model<State: Value, Action: Value>>(
    model: &M,
    laws: &Laws<M>,
    trace: &Trace,
    lanes: Vec<String>,
    lane_of: impl Fn(&M::Action) -> Option<usize>,
) -> Result<Replayed, TraceError> {
    let story = replay_story(model, trace)?;
    if let Some(law) = laws.live.iter().find(|law| law.name == trace.property) {
        let cycle = replay_cycle(model, trace, story.last())?;
        lasso::breaks(model, law, &story, &cycle).map_err(stale)?;
        let verdict = if law.refuted { Verdict::Holds } else { Verdict::Violated };
        let told = StoryDoc::new(&story, lanes, &lane_of).for_ever(&cycle, &lane_of);
        return Ok(Replayed::new(verdict, told));
    }
    let verdict = match laws.steps.iter().find(|law| law.name == trace.property) {
        Some(law) => verdict_of_step(model, law, &story),
        None => verdict_of(model, &trace.property, story.last())?,
    };
    Ok(Replayed::new(verdict, StoryDoc::new(&story, lanes, lane_of)))
}

/// What a property of steps says of the last step of a story.
fn verdict_of_step<M: Model<State: Value, Action: Value>>(
    model: &M,
    law: &StepLaw<M>,
    story: &Story<M::State, M::Action>,
) -> Verdict {
    let before = match story.steps.len().checked_sub(2) {
        Some(before) => &story.steps[before].1,
        None => &story.initial,
    };
    let last = story.steps.last();
    let told = last.is_some_and(|(action, next)| law.is_told_by(model, before, action, next));
    match (&law.expectation, told) {
        (Expectation::Sometimes, false) => Verdict::Vacuous,
        (Expectation::Sometimes, true) | (_, false) => Verdict::Holds,
        (_, true) => Verdict::Violated,
    }
}

/// What a property of a model says of a state.
///
/// # Errors
/// When the model has no such property.
pub fn verdict_of<M: Model>(
    model: &M,
    property: &str,
    state: &M::State,
) -> Result<Verdict, TraceError> {
    let properties = model.properties();
    let Some(property) = properties.iter().find(|known| known.name == property) else {
        return Err(stale(format!("there is no property {property} any more")));
    };
    let holds = (property.condition)(model, state);
    Ok(match property.expectation {
        Expectation::Sometimes if holds => Verdict::Holds,
        Expectation::Sometimes => Verdict::Vacuous,
        _ if holds => Verdict::Holds,
        _ => Verdict::Violated,
    })
}

/// Takes the steps of a trace on any model: each must still be enabled, and the last state must
/// be the recorded one.
///
/// # Errors
/// Which step no longer applies, or how the last state differs.
pub fn replay_story<M: Model<State: Value, Action: Value>>(
    model: &M,
    trace: &Trace,
) -> Result<Story<M::State, M::Action>, TraceError> {
    let initial: M::State = read(&trace.initial, "the initial state")?;
    if !model.init_states().contains(&initial) {
        return Err(stale("the recorded initial state is no longer one".to_owned()));
    }
    let steps = follow(model, &initial, &trace.steps, "step")?;
    let story = Story { initial, steps };
    let last: M::State = read(&trace.last, "the last state")?;
    if *story.last() != last {
        let differs = changes(&trace.last, &to_value(story.last()));
        let first = differs.first().map(ToString::to_string).unwrap_or_default();
        return Err(stale(format!("the steps now lead to another state: {first}")));
    }
    Ok(story)
}

/// Takes recorded steps from a state on.
fn follow<M: Model<State: Value, Action: Value>>(
    model: &M,
    from: &M::State,
    steps: &[serde_json::Value],
    what: &str,
) -> Result<Taken<M>, TraceError> {
    let mut taken: Taken<M> = Vec::with_capacity(steps.len());
    for (index, step) in steps.iter().enumerate() {
        let name = format!("{what} {}", index + 1);
        let action: M::Action = read(step, &name)?;
        let at = taken.last().map_or(from, |(_, state)| state);
        let mut offered = Vec::new();
        model.actions(at, &mut offered);
        let next = Some(action.clone()).filter(|action| offered.contains(action));
        let Some(next) = next.and_then(|action| model.next_state(at, action)) else {
            return Err(stale(format!("{name}, {action:?}, is no longer enabled")));
        };
        taken.push((action, next));
    }
    Ok(taken)
}

/// Takes the cycle of a trace, which must come back to the state where it begins.
fn replay_cycle<M: Model<State: Value, Action: Value>>(
    model: &M,
    trace: &Trace,
    from: &M::State,
) -> Result<Taken<M>, TraceError> {
    let Some(steps) = &trace.cycle else {
        return Err(stale(format!("{} is now about what goes on for ever", trace.property)));
    };
    let cycle = follow(model, from, steps, "step of the cycle")?;
    match cycle.last() {
        Some((_, back)) if back != from => {
            Err(stale("the cycle does not come back to where it begins".to_owned()))
        }
        _ => Ok(cycle),
    }
}

fn read<T: DeserializeOwned>(value: &serde_json::Value, what: &str) -> Result<T, TraceError> {
    serde_json::from_value(value.clone())
        .map_err(|why| stale(format!("{what} is not of this model: {why}")))
}

fn stale(why: String) -> TraceError {
    TraceError::NoLongerApplies(why)
}
