//! What the properties say of a state, as far as it is not known yet.

use bisim_models::common::Value;
use stateright::{Expectation, Model};

use super::{End, Part};

impl<M: Model<State: Value, Action: Value>> Part<M> {
    /// Evaluates the properties that this state can still change.
    #[inline]
    pub(super) fn judge(&mut self, state: &M::State, here: End) {
        let search = &self.search;
        let first = self.outgoing.len() == 1;
        for (end, property) in self.ends.iter_mut().zip(&search.properties) {
            if end.is_some_and(|end| end < here || first && end.depth == here.depth) {
                continue;
            }
            let holds = (property.condition)(&search.model, state);
            if holds == (property.expectation == Expectation::Sometimes) {
                *end = Some(here);
                if property.expectation == Expectation::Always {
                    search.control.met_violation(here.depth);
                }
            }
        }
    }

    /// Whether a state outside the boundary, at this depth, shows something of a property that is
    /// not known yet from a smaller depth. If not, there is no need to send it to its owner.
    #[inline]
    pub(super) fn tells(&self, state: &M::State, depth: u32) -> bool {
        let search = &self.search;
        let mut properties = self.ends.iter().zip(&search.properties);
        properties.any(|(end, property)| {
            end.is_none_or(|end| end.depth >= depth)
                && (property.condition)(&search.model, state)
                    == (property.expectation == Expectation::Sometimes)
        })
    }

    /// Whether a step that the model left out leads outside the boundary and tells nothing.
    pub(super) fn is_rightly_left_out(&self, state: &M::State, action: &M::Action) -> bool {
        let model = &*self.search.model;
        model.next_state(state, action.clone()).is_some_and(|to| {
            let mut steps = self.step_ends.iter().zip(&self.search.steps);
            let told =
                steps.any(|(end, law)| end.is_none() && law.is_told_by(model, state, action, &to));
            !model.within_boundary(&to) && !self.tells(&to, self.at + 1) && !told
        })
    }
}
