//! What the search concludes from what it saw.

use bisim_models::common::Spec;
use stateright::Expectation;

use super::coverage::Pair;
use super::edge::{check_edge, names};
use super::search::Search;
use super::states::Id;
use super::{ConcreteAction, ConcreteState, Divergence, Failure, RefinedStory, Refinement};

impl<R: Refinement> Search<'_, R> {
    fn path(&self, id: Id, edge: Option<(ConcreteAction<R>, ConcreteState<R>)>) -> RefinedStory<R> {
        let mut story = self.states.path(self.refinement.concrete(), id);
        story.steps.extend(edge);
        story
    }

    /// Counts a failure in what the system does, and keeps the first.
    pub(super) fn diverge(
        &mut self,
        id: Id,
        edge: Option<(ConcreteAction<R>, ConcreteState<R>)>,
        failure: Failure,
        explanation: String,
    ) {
        self.answer.divergences += 1;
        if self.answer.divergence.is_none() {
            let story = Some(self.path(id, edge));
            let cycle = Vec::new();
            self.answer.divergence = Some(Divergence { failure, explanation, story, cycle });
        }
    }

    /// Says why an edge is not what it names.
    pub(super) fn diverge_at(
        &mut self,
        id: Id,
        state: &ConcreteState<R>,
        action: &ConcreteAction<R>,
    ) {
        let refinement = self.refinement;
        let (after, label) = refinement.edge(state, action).expect("the edge was just taken");
        let images = (refinement.map(state), refinement.map(&after));
        let (failure, why) = check_edge(refinement, &images.0, &label, &images.1)
            .expect_err("images with different fingerprints differ");
        self.diverge(id, Some((action.clone(), after)), failure, why);
    }

    /// Notes which properties of the concrete system hold in a state.
    pub(super) fn judge_properties(&mut self, id: Id, holds: &[bool]) {
        let mut violated = None;
        for ((property, reached), holds) in self.properties.iter().zip(&mut self.reached).zip(holds)
        {
            match property.expectation {
                Expectation::Sometimes => *reached |= holds,
                Expectation::Always if !holds => violated = Some(property.name),
                _ => {}
            }
        }
        let Some(name) = violated else { return };
        self.answer.violations += 1;
        if self.answer.violation.is_none() {
            self.answer.violation = Some(Divergence {
                failure: Failure::Property(name),
                explanation: "the system's own property is violated".to_owned(),
                story: Some(self.path(id, None)),
                cycle: Vec::new(),
            });
        }
    }

    /// A cycle of stutters would let the system be busy for ever while the model stands still.
    pub(super) fn judge_stutters(&mut self) {
        let reversed = self.stutters.reversed(self.states.len());
        let Some(ids) = self.stutters.cycle(&reversed, self.states.len()) else { return };
        let stem = self.path(ids[0], None);
        let mut cycle: Vec<(ConcreteAction<R>, ConcreteState<R>)> = Vec::new();
        for &to in ids.iter().cycle().skip(1).take(ids.len()) {
            let from = cycle.last().map_or(stem.last(), |(_, state)| state);
            let concrete = self.refinement.concrete();
            let silent =
                |action: &_, next: &_| self.refinement.label(from, action, next).is_empty();
            let step = self.states.step(concrete, from, to, silent);
            cycle.push(step.expect("the search took this stutter"));
        }
        self.answer.divergences += 1;
        let explanation = format!("{} stutters lead back to where they start", cycle.len());
        self.answer.divergence.get_or_insert(Divergence {
            failure: Failure::StutterCycle,
            explanation,
            story: Some(stem),
            cycle,
        });
    }

    pub(super) fn judge_coverage(&mut self) {
        self.pairs.spread(&self.stutters.reversed(self.states.len()));
        self.answer.coverage = self.pairs.count();
        if let Some((id, image, place, pair)) = self.pairs.first_gap() {
            let story = self.path(id, None);
            let action = self.images.allowed(image)[place].clone();
            let named = names(std::slice::from_ref(&action));
            let (failure, explanation) = if pair == Pair::Unexplained {
                let why = "the system does not offer it, neither at once nor after stutters";
                (Failure::Missing, format!("the model allows {named}; {why}"))
            } else {
                let classes = self.pairs.names_of_applying(self.refinement, story.last(), &action);
                let classes = classes.join("\" and \"");
                (Failure::Ambiguous, format!("{named} is missing because of \"{classes}\""))
            };
            let story = Some(story);
            self.answer.gap = Some(Divergence { failure, explanation, story, cycle: Vec::new() });
            return;
        }
        let idle = self.answer.coverage.excepted.iter().find(|class| class.pairs == 0);
        self.answer.gap = idle.map(|class| Divergence {
            failure: Failure::IdleException,
            explanation: format!("the exception \"{}\" matches nothing", class.name),
            story: None,
            cycle: Vec::new(),
        });
    }

    pub(super) fn judge_vacuity(&mut self) {
        for (property, reached) in self.properties.iter().zip(&self.reached) {
            if property.expectation == Expectation::Sometimes && !reached {
                self.answer.vacuous.push(format!("\"{}\" is not reached", property.name));
            }
        }
        for (class, count) in self.answer.actions.iter().enumerate() {
            let has = self.refinement.specification().has(class);
            if has && count.taken == 0 && !self.images.ever_allow(class) {
                self.answer.vacuous.push(format!("{} is never allowed", count.name));
            }
        }
    }
}
