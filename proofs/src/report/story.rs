//! A story without types: the actions, the states, and what changed at each step.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use bisim_models::common::Value as ModelValue;

use super::{Change, change::brief, changes};
use crate::checker::Story;

/// One step of a story.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoryStep {
    /// The action, as a trace file holds it.
    pub action: Value,
    /// The lane that acts, if the action belongs to one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lane: Option<usize>,
    /// The state after the action.
    pub state: Value,
    /// The fields that the action changed.
    pub changed: Vec<Change>,
}

impl StoryStep {
    /// The action in few characters.
    pub fn title(&self) -> String {
        brief(&self.action)
    }
}

/// A story without types.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoryDoc {
    /// The names of the lanes: threads, nodes, clients. Empty for a plain list.
    pub lanes: Vec<String>,
    /// The initial state.
    pub initial: Value,
    /// The steps from it.
    pub stem: Vec<StoryStep>,
    /// The steps that repeat for ever after the stem; empty for a finite story.
    pub cycle: Vec<StoryStep>,
}

impl StoryDoc {
    /// The story without its types. `lane_of` tells which of `lanes` an action belongs to.
    pub fn new<S: ModelValue, A: ModelValue>(
        story: &Story<S, A>,
        lanes: Vec<String>,
        lane_of: impl Fn(&A) -> Option<usize>,
    ) -> Self {
        let initial = to_value(&story.initial);
        let mut before = initial.clone();
        let mut stem = Vec::with_capacity(story.steps.len());
        for (action, state) in &story.steps {
            let state = to_value(state);
            let changed = changes(&before, &state);
            before.clone_from(&state);
            stem.push(StoryStep {
                action: to_value(action),
                lane: lane_of(action),
                state,
                changed,
            });
        }
        Self { lanes, initial, stem, cycle: Vec::new() }
    }

    /// The number of steps.
    pub fn len(&self) -> usize {
        self.stem.len() + self.cycle.len()
    }

    /// Whether the story has no step: an initial state says it all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A state or an action as JSON.
pub(crate) fn to_value(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("states and actions have string keys only")
}
