//! What is claimed of steps and of what must happen.

use super::{Action, CHASE, LE, State, WorkStealing};
use crate::common::{Fairness, LiveLaw, StepLaw};

impl WorkStealing {
    /// The owner takes while there are tasks, and thieves steal: each goes on with what it does.
    /// Nobody has to push.
    pub(super) fn fairness() -> Fairness<Self> {
        Fairness::weak("each thread", |_: &Self, state: &State, action: &Action| {
            match (action, action.thief()) {
                (_, Some(thief)) => Some(1 + usize::from(thief)),
                (Action::PushLoadTop, _) => None,
                (Action::LowerBottom, _) if state.bottom <= state.top => None,
                _ => Some(0),
            }
        })
    }

    /// The owner ends the call that it is in, and may then do something else for ever.
    pub(super) fn fairness_to_thieves() -> Fairness<Self> {
        let name = "each thief, and the owner within its calls";
        Fairness::weak(name, |_: &Self, _: &State, action: &Action| {
            match (action, action.thief()) {
                (_, Some(thief)) => Some(1 + usize::from(thief)),
                (Action::PushLoadTop | Action::LowerBottom, _) => None,
                _ => Some(0),
            }
        })
    }

    /// Each task that was pushed is run.
    pub(super) fn every_task_runs(
        &self,
        name: &'static str,
        fairness: &Fairness<Self>,
    ) -> LiveLaw<Self> {
        let pushed = |_: &Self, state: &State, task| task < usize::from(state.pushed);
        let run = |_: &Self, state: &State, task| state.runs[task] > 0;
        LiveLaw::each_leads_to(self.tasks.into(), name, LE, pushed, run).under(fairness)
    }

    /// The properties of steps: `top` only rises, and both races are lost now and then.
    pub(super) fn of_steps() -> Vec<StepLaw<Self>> {
        let loses = |_: &Self, state: &State, action: &Action, next: &State| match action {
            Action::TakeRaiseTop => state.top == next.top,
            _ => false,
        };
        let fails = |_: &Self, state: &State, action: &Action, next: &State| match action {
            Action::StealRaiseTop(_) => state.top == next.top,
            _ => false,
        };
        let never_falls = |_: &Self, state: &State, _: &Action, next: &State| state.top <= next.top;
        vec![
            StepLaw::always("top never falls", CHASE, never_falls),
            StepLaw::sometimes("the owner loses the last task", CHASE, loses),
            StepLaw::sometimes("a thief comes too late", CHASE, fails),
        ]
    }
}
