//! The model takes each step at the moment when the implementation takes it.

use std::collections::HashSet;
use std::sync::Arc;

use bisim_models::common::{Model, Value};

use super::{Call, Event, Step, Witness};

/// How the steps of an implementation are steps of a model.
pub trait Mapping: Send + Sync + 'static {
    /// The model.
    type Model: Model<State: Value, Action: Value> + Send + Sync + 'static;

    /// The action that a step is, which the step itself tells: what was done, the values that it
    /// saw, and the call that it is part of. None for a step that the model does not see, a
    /// *stutter*: one that changes nothing.
    ///
    /// # Errors
    /// Why the step is none of the model's.
    fn action(
        &self,
        event: &Event,
        call: Call,
    ) -> Result<Option<<Self::Model as Model>::Action>, String>;

    /// The action that the beginning of a call is. None where the model does not see it, as by
    /// default.
    fn begins(&self, _thread: usize, _call: Call) -> Option<<Self::Model as Model>::Action> {
        None
    }

    /// The action that the end of a call is. None where the model does not see it, as by default.
    fn ends(&self, _thread: usize, _call: Call) -> Option<<Self::Model as Model>::Action> {
        None
    }

    /// Compares the model's state before the step with the values that the step saw.
    ///
    /// # Errors
    /// How they differ.
    fn saw(&self, before: &<Self::Model as Model>::State, event: &Event) -> Result<(), String>;

    /// Compares the model's state after the step with the implementation's: the word and the
    /// sleepers.
    ///
    /// # Errors
    /// How they differ.
    fn agrees(&self, after: &<Self::Model as Model>::State, event: &Event) -> Result<(), String>;

    /// Compares the result of a call with what the model says: its state, and the last action of
    /// the thread in this call.
    ///
    /// # Errors
    /// How they differ.
    fn ended(
        &self,
        state: &<Self::Model as Model>::State,
        last: Option<&<Self::Model as Model>::Action>,
        thread: usize,
        result: u32,
    ) -> Result<(), String>;
}

/// The actions of the model of a mapping.
type ActionOf<P> = <<P as Mapping>::Model as Model>::Action;

/// What the executions of a scenario have shown.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// The executions that ran to their end.
    pub executions: u64,
    /// The steps that were taken on the model.
    pub steps: u64,
}

/// The steps of a model that executions have taken.
pub type Coverage<M> = HashSet<(<M as Model>::State, <M as Model>::Action)>;

/// All steps of a model.
pub fn all_steps<M: Model<State: Value, Action: Value>>(model: &M) -> Coverage<M> {
    let mut seen: HashSet<_> = model.init_states().into_iter().collect();
    let mut frontier: Vec<_> = seen.iter().cloned().collect();
    let mut steps = HashSet::new();
    while let Some(state) = frontier.pop() {
        let mut actions = Vec::new();
        model.actions(&state, &mut actions);
        for action in actions {
            let Some(next) = model.next_state(&state, action.clone()) else { continue };
            steps.insert((state.clone(), action));
            if seen.insert(next.clone()) {
                frontier.push(next);
            }
        }
    }
    steps
}

/// A model that steps beside an implementation.
pub struct Lockstep<P: Mapping> {
    mapping: P,
    model: Arc<P::Model>,
    state: Option<<P::Model as Model>::State>,
    calls: Vec<Option<Call>>,
    last: Vec<Option<<P::Model as Model>::Action>>,
    /// What the executions have shown.
    pub tally: Tally,
    /// The model's steps that were taken.
    pub covered: Coverage<P::Model>,
}

impl<P: Mapping> Lockstep<P> {
    /// A model with its one initial state, for this many threads.
    pub fn new(mapping: P, model: Arc<P::Model>, threads: usize) -> Self {
        Self {
            mapping,
            model,
            state: None,
            calls: vec![None; threads],
            last: vec![None; threads],
            tally: Tally::default(),
            covered: HashSet::new(),
        }
    }

    fn take(&mut self, event: &Event) -> Result<(), String> {
        let state = self.state.as_ref().ok_or("the model has no initial state")?;
        let call = self.calls[event.thread].ok_or("a step outside of any call")?;
        let action = self.mapping.action(event, call)?;
        self.mapping.saw(state, event)?;
        match action {
            Some(action) => self.step(action, event),
            None => self.mapping.agrees(state, event),
        }
    }

    fn step(&mut self, action: ActionOf<P>, event: &Event) -> Result<(), String> {
        let state = self.state.as_ref().ok_or("the model has no initial state")?;
        let mut enabled = Vec::new();
        self.model.actions(state, &mut enabled);
        enabled.retain(|action| self.model.next_state(state, action.clone()).is_some());
        if !enabled.contains(&action) {
            return Err(format!("{action:?} is not enabled; these are: {enabled:?}"));
        }
        let next = self.model.next_state(state, action.clone()).expect("the action is enabled");
        self.mapping.agrees(&next, event)?;
        self.last[event.thread] = Some(action.clone());
        self.covered.insert((state.clone(), action));
        self.tally.steps += 1;
        self.state = Some(next);
        Ok(())
    }

    fn begin_call(&mut self, event: &Event, call: Call) -> Result<(), String> {
        self.calls[event.thread] = Some(call);
        let action = self.mapping.begins(event.thread, call);
        action.map_or(Ok(()), |action| self.step(action, event))
    }

    fn end_call(&mut self, event: &Event, result: u32) -> Result<(), String> {
        let call = self.calls[event.thread].take().ok_or("the end of no call")?;
        if let Some(action) = self.mapping.ends(event.thread, call) {
            self.step(action, event)?;
        }
        let last = self.last[event.thread].take();
        let state = self.state.as_ref().ok_or("the model has no initial state")?;
        self.mapping.ended(state, last.as_ref(), event.thread, result)
    }
}

impl<P: Mapping> Witness for Lockstep<P> {
    fn begin(&mut self) {
        self.state = self.model.init_states().pop();
        self.calls.fill(None);
        self.last.fill(None);
    }

    fn event(&mut self, event: &Event) -> Result<(), String> {
        let result = match event.step {
            Step::Begin(call) => self.begin_call(event, call),
            Step::End { result } => self.end_call(event, result),
            _ => self.take(event),
        };
        result.map_err(|wrong| {
            let (thread, step) = (event.thread, event.step);
            format!("divergence: thread {thread} did {step:?}: {wrong}")
        })
    }

    fn end(&mut self) -> Result<(), String> {
        self.tally.executions += 1;
        Ok(())
    }
}
