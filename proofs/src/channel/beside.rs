//! The model takes each step of the channel at the moment when the code takes it.

use std::borrow::Borrow;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use bisim_models::channel::channel::{Action, Channel, Outcome, Pc, State, outcome};
use bisim_models::common::{Model, Spec, Value};

use super::script::{Event, Script, Seen, Step, What};
use crate::interleaving::{Tally, Witness};

/// How the steps of the code are steps of the model `channel`.
#[derive(Clone, Copy, Debug)]
pub struct Mapping {
    /// The action that a step is. The step alone says it.
    pub action: fn(u8, Step) -> Action,
    /// What is seen of the channel in a state of the model.
    pub seen: fn(&State) -> Seen,
}

/// The mapping from `impls/src/channel/state.rs` to `models/src/channel/channel.rs`: the identity,
/// in which a thread that waits is its ticket in a queue.
pub const MAPPING: Mapping = Mapping { action, seen };

fn action(thread: u8, step: Step) -> Action {
    match step {
        Step::Put => Action::Put { thread },
        Step::Hand => Action::Hand { thread },
        Step::Full => Action::Full { thread },
        Step::Reject => Action::Reject { thread },
        Step::WaitToSend { timed } => Action::WaitToSend { thread, timed },
        Step::Take => Action::Take { thread },
        Step::Meet => Action::Meet { thread },
        Step::Empty => Action::Empty { thread },
        Step::Drained => Action::Drained { thread },
        Step::WaitToReceive { timed } => Action::WaitToReceive { thread, timed },
        Step::Close => Action::Close { thread },
        Step::Expire => Action::Expire { thread },
        Step::Return => Action::Return { thread },
    }
}

fn seen(state: &State) -> Seen {
    Seen {
        buffered: state.buffer.len(),
        senders: state.senders.len(),
        receivers: state.receivers.len(),
        closed: state.closed,
    }
}

/// Steps of the model.
pub type Steps = HashSet<(State, Action)>;

/// A model that steps beside the code.
pub struct Beside<M: Model> {
    model: Arc<M>,
    mapping: Mapping,
    state: Option<M::State>,
    /// Whether the executions are not judged: what fails is something else.
    silent: bool,
    /// What each thread's call is to return, as soon as that is decided.
    outcomes: Vec<Option<Outcome>>,
    /// What the executions have shown.
    pub tally: Tally,
    /// The model's steps that were taken.
    pub covered: Steps,
}

impl<M: Model<State: Value + Borrow<State>, Action = Action>> Beside<M> {
    /// A model with its one initial state, for this many threads.
    pub fn new(model: M, mapping: Mapping, threads: usize) -> Self {
        Self {
            model: Arc::new(model),
            mapping,
            state: None,
            silent: false,
            outcomes: vec![None; threads],
            tally: Tally::default(),
            covered: HashSet::new(),
        }
    }

    /// The same, but nothing is compared: only the code's own failures are seen.
    #[must_use]
    pub fn silent(self) -> Self {
        Self { silent: true, ..self }
    }

    fn take(&mut self, thread: usize, step: Step, seen: Option<Seen>) -> Result<(), String> {
        let state = self.state.as_ref().ok_or("the model has no initial state")?;
        let number = u8::try_from(thread).map_err(|_| "there is no such thread")?;
        let action = (self.mapping.action)(number, step);
        let mut enabled = Vec::new();
        self.model.actions(state, &mut enabled);
        enabled.retain(|action| self.model.next_state(state, *action).is_some());
        if !enabled.contains(&action) {
            return Err(format!("{action:?} is not enabled; these are: {enabled:?}"));
        }
        let next = self.model.next_state(state, action).expect("the action is enabled");
        let model = (self.mapping.seen)(next.borrow());
        if let Some(seen) = seen.filter(|seen| *seen != model) {
            return Err(format!("the channel is {seen:?}, in the model {model:?}"));
        }
        self.outcomes[thread] = outcome(state.borrow(), &action);
        self.covered.insert((state.borrow().clone(), action));
        self.tally.steps += 1;
        self.state = Some(next);
        Ok(())
    }

    fn ended(&mut self, thread: usize, outcome: Outcome) -> Result<(), String> {
        let state = self.state.as_ref().ok_or("the model has no initial state")?;
        let pc = state.borrow().threads[thread].pc;
        match self.outcomes[thread].take() {
            _ if pc != Pc::Idle => {
                Err(format!("the call is over, in the model the thread is {pc:?}"))
            }
            Some(model) if model == outcome => Ok(()),
            Some(model) => Err(format!("the call returned {outcome:?}, in the model {model:?}")),
            None => Err(format!("the call returned {outcome:?} without a step")),
        }
    }
}

impl<M> Witness<Event> for Beside<M>
where
    M: Model<State: Value + Borrow<State>, Action = Action> + Send + Sync + 'static,
{
    fn begin(&mut self) {
        self.state = self.model.init_states().pop();
        self.outcomes.fill(None);
    }

    fn event(&mut self, event: &Event) -> Result<(), String> {
        let result = match event.what {
            _ if self.silent => Ok(()),
            What::Begin(_) => Ok(()),
            What::Step(step) => self.take(event.thread, step, event.seen),
            What::End(outcome) => self.ended(event.thread, outcome),
        };
        result.map_err(|wrong| {
            format!("divergence: thread {} did {:?}: {wrong}", event.thread, event.what)
        })
    }

    fn end(&mut self) -> Result<(), String> {
        self.tally.executions += 1;
        Ok(())
    }
}

/// The steps that the model can take when its threads make these calls, and whether some thread
/// may then wait for ever.
pub fn steps_of(script: &Script) -> (Steps, bool) {
    let model: Channel = script.model();
    let mut seen: BTreeSet<State> = model.initial().into_iter().collect();
    let mut frontier: Vec<State> = seen.iter().cloned().collect();
    let (mut steps, mut hangs) = (Steps::new(), false);
    while let Some(state) = frontier.pop() {
        let mut actions = Vec::new();
        model.candidates(&state, &mut actions);
        actions.retain(|action| is_written(script, &model, &state, action));
        let mut stuck = true;
        for action in actions {
            let Ok(next) = model.step(&state, &action) else { continue };
            stuck = false;
            steps.insert((state.clone(), action));
            if seen.insert(next.clone()) {
                frontier.push(next);
            }
        }
        hangs |= stuck && state.threads.iter().any(|thread| thread.pc != Pc::Idle);
    }
    (steps, hangs)
}

/// Whether the script has the thread take this action now.
fn is_written(script: &Script, model: &Channel, state: &State, action: &Action) -> bool {
    let thread = state.thread(action.thread());
    if thread.pc != Pc::Idle {
        return true;
    }
    let round = usize::from(model.rounds() - thread.rounds);
    let calls = &script.calls[usize::from(action.thread())];
    calls.get(round).is_some_and(|call| call.begins_with(action))
}
