//! Whether a story that goes on for ever breaks what must happen, judged from its states alone: a
//! lasso of the checker, and one that a trace file holds.

use std::collections::BTreeSet;

use bisim_models::common::{FairActions, LiveKind, LiveLaw, Model, Strength, Value};

use crate::checker::Story;

/// Whether a behaviour breaks a liveness property: the path of `story`, and then `cycle` again and
/// again, or for ever the last state if there is none.
///
/// # Errors
/// Why it does not: what must happen happens, or the behaviour is not fair.
pub fn breaks<M: Model<State: Value, Action: Value>>(
    model: &M,
    law: &LiveLaw<M>,
    story: &Story<M::State, M::Action>,
    cycle: &[(M::Action, M::State)],
) -> Result<(), String> {
    if !(0..law.instances).any(|instance| is_missed(model, law, instance, story, cycle)) {
        return Err(format!("{}: it happens now", law.name));
    }
    law.fairness.to.iter().try_for_each(|fair| judge(model, fair, story.last(), cycle))
}

/// Whether what must happen in one instance of the law does not.
fn is_missed<M: Model>(
    model: &M,
    law: &LiveLaw<M>,
    instance: usize,
    story: &Story<M::State, M::Action>,
    cycle: &[(M::Action, M::State)],
) -> bool {
    let goal = |state: &&M::State| (law.goal)(model, state, instance);
    let cause = |state: &M::State| (law.cause)(model, state, instance);
    let stem = std::iter::once(&story.initial).chain(story.steps.iter().map(|(_, state)| state));
    let for_ever = || cycle.iter().map(|(_, state)| state).chain([story.last()]);
    if for_ever().any(|state| goal(&state)) {
        return false;
    }
    let stem: Vec<&M::State> = stem.collect();
    let since = stem.iter().rposition(goal).map_or(0, |last| last + 1);
    match law.kind {
        LiveKind::Eventually => since == 0,
        LiveKind::AlwaysEventually => true,
        LiveKind::LeadsTo => stem[since..].iter().copied().chain(for_ever()).any(cause),
    }
}

/// Whether what goes on for ever is fair to these actions.
fn judge<M: Model<State: Value, Action: Value>>(
    model: &M,
    fair: &FairActions<M>,
    last: &M::State,
    cycle: &[(M::Action, M::State)],
) -> Result<(), String> {
    let mut taken = BTreeSet::new();
    let mut before = last;
    for (action, next) in cycle {
        if next != before {
            taken.extend((fair.key)(model, before, action));
        }
        before = next;
    }
    // Of a state that stays there is one; of a cycle, its last is where it began.
    let states: Vec<_> = match cycle {
        [] => vec![last],
        cycle => cycle.iter().map(|(_, state)| state).collect(),
    };
    let enabled: Vec<_> = states.iter().map(|state| enabled(model, fair, state)).collect();
    let ever: BTreeSet<_> = enabled.iter().flatten().copied().collect();
    let broken = ever.into_iter().find(|key| {
        let demanded = match fair.strength {
            Strength::None => false,
            Strength::Weak => enabled.iter().all(|keys| keys.contains(key)),
            Strength::Strong => true,
        };
        demanded && !taken.contains(key)
    });
    match broken {
        None => Ok(()),
        Some(key) => {
            let FairActions { strength, name, .. } = fair;
            Err(format!("it is not fair now: {} fairness to {name}, {key}", strength.name()))
        }
    }
}

/// The actions that are enabled in a state.
fn enabled<M: Model<State: Value, Action: Value>>(
    model: &M,
    fair: &FairActions<M>,
    state: &M::State,
) -> BTreeSet<usize> {
    let mut actions = Vec::new();
    model.actions(state, &mut actions);
    let changes = |action: &M::Action| {
        model.next_state(state, action.clone()).is_some_and(|next| next != *state)
    };
    actions.retain(changes);
    actions.iter().filter_map(|action| (fair.key)(model, state, action)).collect()
}
