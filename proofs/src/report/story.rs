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
    /// Whether the last state of the stem stays for ever.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub stays: bool,
}

impl StoryDoc {
    /// The story without its types. `lane_of` tells which of `lanes` an action belongs to.
    pub fn new<S: ModelValue, A: ModelValue>(
        story: &Story<S, A>,
        lanes: Vec<String>,
        lane_of: impl Fn(&A) -> Option<usize>,
    ) -> Self {
        let initial = to_value(&story.initial);
        let stem = told(&initial, &story.steps, lane_of);
        Self { lanes, initial, stem, cycle: Vec::new(), stays: false }
    }

    /// The same story going on for ever: with these steps, or where it ends if there are none.
    #[must_use]
    pub fn for_ever<S: ModelValue, A: ModelValue>(
        mut self,
        cycle: &[(A, S)],
        lane_of: impl Fn(&A) -> Option<usize>,
    ) -> Self {
        let last = self.stem.last().map_or(&self.initial, |step| &step.state);
        self.cycle = told(last, cycle, lane_of);
        self.stays = cycle.is_empty();
        self
    }

    /// How long the story is, in words.
    pub fn extent(&self) -> String {
        let steps = |count| format!("{count} step{}", if count == 1 { "" } else { "s" });
        match (self.stem.len(), self.cycle.len()) {
            (stem, 0) if self.stays => format!("{}, then for ever the same state", steps(stem)),
            (stem, 0) => steps(stem),
            (stem, cycle) => format!("{}, then {cycle} again and again", steps(stem)),
        }
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

/// Steps without their types, the first one from this state.
fn told<S: ModelValue, A: ModelValue>(
    from: &Value,
    steps: &[(A, S)],
    lane_of: impl Fn(&A) -> Option<usize>,
) -> Vec<StoryStep> {
    let mut before = from.clone();
    let steps = steps.iter().map(|(action, state)| {
        let state = to_value(state);
        let changed = changes(&before, &state);
        before.clone_from(&state);
        StoryStep { action: to_value(action), lane: lane_of(action), state, changed }
    });
    steps.collect()
}

/// A state or an action as JSON.
pub(crate) fn to_value(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("states and actions have string keys only")
}
