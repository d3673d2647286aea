//! An explicit-state model checker over Stateright's [`Model`] trait.

mod outcome;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use bisim_models::common::Value;
use stateright::{Expectation, Model};

pub use outcome::{
    ActionCount, Cut, Engine, Options, Outcome, PropertyOutcome, PropertyVerdict, Story, Verdict,
};

/// The classes of a model's actions: what is counted, and what must not be dead.
pub struct Classes<M: Model> {
    names: Vec<&'static str>,
    of: fn(&M::Action) -> usize,
}

impl<M: Model> Classes<M> {
    /// Classes by name, and the index of an action's class.
    pub fn new(names: Vec<&'static str>, of: fn(&M::Action) -> usize) -> Self {
        Self { names, of }
    }

    /// One class for all actions.
    pub fn one(name: &'static str) -> Self {
        Self { names: vec![name], of: |_| 0 }
    }
}

/// Explores a model.
pub fn check<M>(
    model: Arc<M>,
    classes: &Classes<M>,
    options: &Options,
) -> Outcome<M::State, M::Action>
where
    M: Model<State: Value, Action: Value> + Send + Sync + 'static,
{
    // A plain search, in place until the dataflow is.
    let started = Instant::now();
    let properties = model.properties();
    let mut seen: HashMap<M::State, Option<(M::State, M::Action)>> = HashMap::new();
    let mut ends: Vec<Option<M::State>> = vec![None; properties.len()];
    let mut taken = vec![0; classes.names.len()];
    let (mut generated, mut distinct, mut depth) = (0, 0, 0);
    let mut frontier: Vec<_> = model.init_states().into_iter().map(|s| (s, None)).collect();
    let mut cut = None;
    while !frontier.is_empty() && cut.is_none() {
        let mut fresh = Vec::new();
        for (state, from) in frontier {
            generated += 1;
            if seen.contains_key(&state) {
                continue;
            }
            seen.insert(state.clone(), from);
            for (end, property) in ends.iter_mut().zip(&properties) {
                let holds = (property.condition)(&model, &state);
                if end.is_none() && holds == (property.expectation == Expectation::Sometimes) {
                    *end = Some(state.clone());
                }
            }
            if model.within_boundary(&state) {
                fresh.push(state);
            }
        }
        distinct += fresh.len() as u64;
        depth += u32::from(!fresh.is_empty());
        let violated = ends.iter().zip(&properties);
        let violated =
            violated.filter(|(e, p)| e.is_some() && p.expectation == Expectation::Always).count();
        if violated > 0 && !options.keep_going {
            cut = Some(Cut::Violation);
        }
        frontier = Vec::new();
        for state in fresh {
            let mut actions = Vec::new();
            model.actions(&state, &mut actions);
            for action in actions {
                if let Some(next) = model.next_state(&state, action.clone()) {
                    taken[(classes.of)(&action)] += 1;
                    frontier.push((next, Some((state.clone(), action))));
                }
            }
        }
    }
    let story = |end: M::State| {
        let mut steps = Vec::new();
        let mut at = end;
        while let Some(Some((before, action))) = seen.get(&at) {
            steps.push((action.clone(), at));
            at = before.clone();
        }
        steps.reverse();
        Story { initial: at, steps }
    };
    let properties = properties.iter().zip(ends).map(|(property, end)| PropertyOutcome {
        name: property.name,
        expectation: property.expectation.clone(),
        verdict: match (&property.expectation, &end) {
            (Expectation::Sometimes, None) => PropertyVerdict::Unreached,
            (Expectation::Sometimes, Some(_)) => PropertyVerdict::Reached,
            (_, None) => PropertyVerdict::Holds,
            (_, Some(_)) => PropertyVerdict::Violated,
        },
        story: end.map(story),
    });
    Outcome {
        distinct,
        generated,
        depth,
        cut,
        properties: properties.collect(),
        actions: (classes.names.iter().zip(taken))
            .map(|(name, taken)| ActionCount { name, taken })
            .collect(),
        engine: options.engine,
        workers: options.workers,
        elapsed: started.elapsed(),
        peak_bytes: 0,
        omission_probability: 0.0,
    }
}
