//! The search: every state of the concrete system, and every edge against the model.

use std::sync::atomic::Ordering;
use std::time::Instant;

use bisim_models::common::Spec;
use stateright::{Model, Property};

use super::coverage::{Images, Pairs};
use super::expand::{Edge, Expansion, Target, expand_all};
use super::states::{Id, Lookup, States};
use super::stutters::Stutters;
use super::{AbstractAction, ConcreteState, Failure, Refined, RefinedOf, Refinement};
use crate::checker::{Cut, Options, fingerprint};

/// The most states that are explored, whatever the options say.
pub const MOST_STATES: u64 = 10_000_000;

/// Checks a refinement on every reachable edge of the concrete system, and the reverse direction
/// in every reachable state.
///
/// Of the options it reads `max_states` (at most [`MOST_STATES`]), `workers` (threads, which
/// change nothing but the time), `interrupt`, and `keep_going`: without it the search stops after
/// the level of the first divergence. The reverse direction is judged only when all states were
/// seen: what is missing may be offered by a state that was not.
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

pub(super) struct Search<'r, R: Refinement> {
    pub(super) refinement: &'r R,
    options: &'r Options,
    pub(super) states: States,
    /// The states to expand next. States are expanded in the order of their numbers.
    frontier: Vec<(Id, ConcreteState<R>)>,
    pub(super) images: Images<R>,
    pub(super) pairs: Pairs<R>,
    pub(super) stutters: Stutters,
    /// The properties of the concrete system.
    pub(super) properties: Vec<Property<R::Concrete>>,
    /// Whether each `sometimes` among them was reached.
    pub(super) reached: Vec<bool>,
    pub(super) answer: RefinedOf<R>,
}

impl<'r, R: Refinement> Search<'r, R> {
    /// States that are expanded at a time: enough to keep several threads busy, and few enough
    /// that most ends of their edges are known by then and need not be kept.
    const AT_A_TIME: usize = 256;

    fn new(refinement: &'r R, options: &'r Options) -> Self {
        let properties = refinement.concrete().properties();
        Self {
            refinement,
            options,
            states: States::default(),
            frontier: Vec::new(),
            images: Images::new(),
            pairs: Pairs::new(refinement.exceptions()),
            stutters: Stutters::default(),
            reached: vec![false; properties.len()],
            properties,
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
            let mut level = std::mem::take(&mut self.frontier).into_iter();
            loop {
                let states: Vec<_> = level.by_ref().take(Self::AT_A_TIME).collect();
                if states.is_empty() {
                    break;
                }
                if self.options.interrupt.load(Ordering::Relaxed) {
                    self.answer.cut = Some(Cut::Interrupt);
                    return;
                }
                let look = (self.refinement, &*self.properties, &self.states);
                let found = expand_all(look, &states, self.options.workers);
                for ((id, state), found) in states.iter().zip(found) {
                    self.take_in(*id, state, found);
                }
            }
        }
    }

    fn begin(&mut self) {
        let initial = self.refinement.specification().init_states();
        for state in self.refinement.concrete().init_states() {
            let allowed = initial.contains(&self.refinement.map(&state));
            let id = self.visit(fingerprint(&state), state, None);
            if let (false, Some(id)) = (allowed, id) {
                let why = "the image is no initial state of the model".to_owned();
                self.diverge(id, None, Failure::Initial, why);
            }
        }
    }

    /// Takes in what was found out about a state.
    fn take_in(&mut self, id: Id, state: &ConcreteState<R>, found: Expansion<R>) {
        self.judge_properties(id, &found.holds);
        let image = self.images.intern(self.refinement.specification(), &found.image);
        let mut offered = vec![false; self.images.allowed(image).len()];
        for Edge { action, label, end, target } in found.edges {
            let (target, after) = match target {
                Target::Known(id) => (Some(id), self.states.image(id)),
                Target::Unknown(place, after) => {
                    // An edge whose end has no room is neither checked nor counted.
                    let Some(target) = self.visit(place, after, Some(id)) else { continue };
                    (Some(target), self.states.image(target))
                }
                Target::Outside(after) => (None, fingerprint(&self.refinement.map(&after))),
            };
            self.count(&label);
            if end == Some(after) {
                self.offer(image, &label, &mut offered);
            } else {
                self.diverge_at(id, state, &action);
            }
            if let (Some(target), []) = (target, &*label) {
                self.stutters.push(id, target);
            }
        }
        self.pairs.push(self.refinement, state, image, self.images.allowed(image), &offered);
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
    fn visit(&mut self, place: u64, state: ConcreteState<R>, parent: Option<Id>) -> Option<Id> {
        let most = self.options.max_states.map_or(MOST_STATES, |most| most.min(MOST_STATES));
        let image = || fingerprint(&self.refinement.map(&state));
        match self.states.insert(place, parent, most, image) {
            Lookup::Known(id) => Some(id),
            Lookup::Full => {
                self.answer.cut = Some(Cut::States);
                None
            }
            Lookup::New(id) => {
                self.frontier.push((id, state));
                Some(id)
            }
        }
    }
}
