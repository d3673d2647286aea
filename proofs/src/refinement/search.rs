//! The search: every state of the concrete system, and every edge against the model.

use std::sync::atomic::Ordering;
use std::time::Instant;

use bisim_models::common::Spec;
use stateright::{Expectation, Model, Property};

use super::coverage::{Images, Pair, Pairs};
use super::edge::{check_edge, names};
use super::states::{Id, Lookup, States};
use super::stutters::Stutters;
use super::{
    AbstractAction, ConcreteAction, ConcreteState, Divergence, Failure, Refined, RefinedOf,
    RefinedStory, Refinement,
};
use crate::checker::{Cut, Options};

/// The most states that are explored, whatever the options say.
pub const MOST_STATES: u64 = 10_000_000;

/// Checks a refinement on every reachable edge of the concrete system, and the reverse direction
/// in every reachable state.
///
/// Of the options it reads `max_states` (at most [`MOST_STATES`]), `interrupt`, and `keep_going`:
/// without it the search stops after the level of the first divergence. The reverse direction is
/// judged only when all states were seen: what is missing may be offered by a state that was not.
pub fn refine<R: Refinement>(refinement: &R, options: &Options) -> RefinedOf<R> {
    let started = Instant::now();
    let mut search = Search::new(refinement, options);
    search.explore();
    search.judge_stutters();
    if search.answer.cut.is_none() {
        search.judge_coverage();
        search.judge_vacuity();
    }
    search.answer.states = search.states.len() as u64;
    search.answer.image = search.images.len() as u64;
    search.answer.elapsed = started.elapsed();
    search.answer
}

struct Search<'r, R: Refinement> {
    refinement: &'r R,
    options: &'r Options,
    states: States,
    /// The states to expand next. States are expanded in the order of their numbers.
    frontier: Vec<(Id, ConcreteState<R>)>,
    images: Images<R>,
    pairs: Pairs<R>,
    stutters: Stutters,
    /// The properties of the concrete system, and whether each `sometimes` was reached.
    properties: Vec<(Property<R::Concrete>, bool)>,
    answer: RefinedOf<R>,
}

/// The exploration.
impl<'r, R: Refinement> Search<'r, R> {
    fn new(refinement: &'r R, options: &'r Options) -> Self {
        let properties = refinement.concrete().properties().into_iter();
        Self {
            refinement,
            options,
            states: States::default(),
            frontier: Vec::new(),
            images: Images::new(),
            pairs: Pairs::new(refinement.exceptions()),
            stutters: Stutters::default(),
            properties: properties.map(|property| (property, false)).collect(),
            answer: Refined::new(R::Abstract::ACTIONS.iter().map(|class| class.name)),
        }
    }

    /// Goes through the states breadth first, so that the first failure has a shortest story.
    fn explore(&mut self) {
        self.begin();
        while !self.frontier.is_empty() {
            self.answer.depth += 1;
            if self.answer.divergence.is_some() && !self.options.keep_going {
                self.answer.cut = Some(Cut::Violation);
                return;
            }
            for (id, state) in std::mem::take(&mut self.frontier) {
                if self.options.interrupt.load(Ordering::Relaxed) {
                    self.answer.cut = Some(Cut::Interrupt);
                    return;
                }
                self.expand(id, &state);
            }
        }
    }

    fn begin(&mut self) {
        let initial = self.refinement.specification().init_states();
        for state in self.refinement.concrete().init_states() {
            let allowed = initial.contains(&self.refinement.map(&state));
            let id = self.visit(state, None);
            if let (false, Some(id)) = (allowed, id) {
                let why = "the image is no initial state of the model".to_owned();
                self.diverge(id, None, Failure::Initial, why);
            }
        }
    }

    /// Checks all edges of a state.
    fn expand(&mut self, id: Id, state: &ConcreteState<R>) {
        let refinement = self.refinement;
        let before = refinement.map(state);
        let image = self.images.intern(refinement.specification(), &before);
        let mut offered = vec![false; self.images.allowed(image).len()];
        let mut actions = Vec::new();
        refinement.concrete().actions(state, &mut actions);
        for action in actions {
            let Some(next) = refinement.concrete().next_state(state, action.clone()) else {
                continue;
            };
            let label = refinement.label(state, &action, &next);
            if label.is_empty() && next == *state {
                // Nothing happens: a step that TLA+ does not tell from no step.
                continue;
            }
            self.count(&label);
            match check_edge(refinement, &before, &label, &refinement.map(&next)) {
                Ok(()) => self.offer(image, &label, &mut offered),
                Err((failure, why)) => {
                    self.diverge(id, Some((action.clone(), next.clone())), failure, why);
                }
            }
            if refinement.concrete().within_boundary(&next)
                && let Some(target) = self.visit(next, Some(id))
                && label.is_empty()
            {
                self.stutters.push(id, target);
            }
        }
        self.pairs.push(refinement, state, image, self.images.allowed(image), &offered);
    }

    fn count(&mut self, label: &[AbstractAction<R>]) {
        self.answer.edges += 1;
        self.answer.stutters += u64::from(label.is_empty());
        self.answer.steps += label.len() as u64;
        for action in label {
            self.answer.actions[R::Abstract::class_of(action)].taken += 1;
        }
    }

    /// Notes the action that a good edge offers: the first of its steps.
    fn offer(&self, image: u32, label: &[AbstractAction<R>], offered: &mut [bool]) {
        let allowed = self.images.allowed(image).iter();
        for (action, offered) in allowed.zip(offered) {
            *offered |= label.first() == Some(action);
        }
    }

    /// Looks a state up, and puts a new one on the frontier. Returns its number, if there is
    /// room.
    fn visit(&mut self, state: ConcreteState<R>, parent: Option<Id>) -> Option<Id> {
        let most = self.options.max_states.map_or(MOST_STATES, |most| most.min(MOST_STATES));
        match self.states.insert(&state, parent, most) {
            Lookup::Known(id) => Some(id),
            Lookup::Full => {
                self.answer.cut = Some(Cut::States);
                None
            }
            Lookup::New(id) => {
                self.check_properties(id, &state);
                self.frontier.push((id, state));
                Some(id)
            }
        }
    }

    fn check_properties(&mut self, id: Id, state: &ConcreteState<R>) {
        let mut violated = None;
        for (property, reached) in &mut self.properties {
            let holds = (property.condition)(self.refinement.concrete(), state);
            match property.expectation {
                Expectation::Sometimes => *reached |= holds,
                Expectation::Always if !holds => violated = Some(property.name),
                _ => {}
            }
        }
        if let Some(name) = violated {
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
    }
}

/// The judgement.
impl<R: Refinement> Search<'_, R> {
    fn path(&self, id: Id, edge: Option<(ConcreteAction<R>, ConcreteState<R>)>) -> RefinedStory<R> {
        let mut story = self.states.path(self.refinement.concrete(), id);
        story.steps.extend(edge);
        story
    }

    /// Counts a failure in what the system does, and keeps the first.
    fn diverge(
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

    /// A cycle of stutters would let the system be busy for ever while the model stands still.
    fn judge_stutters(&mut self) {
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

    fn judge_coverage(&mut self) {
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

    fn judge_vacuity(&mut self) {
        for (property, reached) in &self.properties {
            if property.expectation == Expectation::Sometimes && !reached {
                self.answer.vacuous.push(format!("\"{}\" is not reached", property.name));
            }
        }
        for (class, count) in self.answer.actions.iter().enumerate() {
            if count.taken == 0 && !self.images.ever_allow(class) {
                self.answer.vacuous.push(format!("{} is never allowed", count.name));
            }
        }
    }
}
