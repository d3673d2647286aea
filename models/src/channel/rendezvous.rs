//! A channel without a buffer: a send and a receive meet.
//!
//! The model [`channel`](super::channel) with capacity 0, with the rule that belongs to it alone:
//! a send completes only together with its receive. This is the communication of Hoare,
//! "Communicating Sequential Processes" (1978), and Go's unbuffered channel.

use super::channel::{
    ACTIONS, Action, Channel, Outcome, Pc, State, drains, first_in_first_out, longest_first,
    nothing_after_close, outcome,
};
use crate::common::{
    ActionClass, Disabled, Law, LiveLaw, Parameter, ParameterError, Params, Spec, StepLaw,
};
use crate::spec_model;

/// The threads and one channel without a buffer.
#[derive(Clone, Debug)]
pub struct Rendezvous(Channel);

const HOARE: &str = "Hoare 1978, section 2.3: input and output";
const MEMORY: &str = "Go memory model, Channel communication";
const GO: &str = "Go specification, Channel types; Close";

impl Rendezvous {
    /// These threads with these many calls each.
    pub fn of(threads: u8, rounds: u8) -> Self {
        Self(Channel::of(threads, rounds, 0))
    }

    /// The channel of capacity 0.
    pub fn channel(&self) -> &Channel {
        &self.0
    }
}

/// As many sends complete in a step as receives do: those of the thread that takes the step, and
/// those of threads that waited.
fn both_complete(before: &State, action: &Action, after: &State) -> bool {
    let own = match action {
        // Its call was completed in the step that ended the wait.
        Action::Return { .. } => None,
        _ => outcome(before, action),
    };
    let threads = || before.threads.iter().zip(&after.threads);
    let sent = threads().filter(|(was, is)| was.pc == Pc::Sending && is.pc == Pc::Sent).count();
    let got =
        threads().filter(|(was, is)| was.pc == Pc::Receiving && matches!(is.pc, Pc::Received(_)));
    let sent = sent + usize::from(own == Some(Outcome::Sent));
    let got = got.count() + usize::from(matches!(own, Some(Outcome::Received(_))));
    sent == got
}

impl Spec for Rendezvous {
    const NAME: &'static str = "rendezvous";

    const PARAMETERS: &'static [Parameter] = &[
        Parameter::count("threads", "threads that use the channel", (2, 4), [2, 3, 3]),
        Parameter::count("rounds", "calls that each thread makes", (1, 4), [2, 2, 3]),
    ];

    const ACTIONS: &'static [ActionClass] = ACTIONS;

    fn new(params: &Params) -> Result<Self, ParameterError> {
        let small = |name| u8::try_from(params.get(name)).expect("the range is below 256");
        Ok(Self::of(small("threads"), small("rounds")))
    }

    fn initial(&self) -> Vec<State> {
        vec![self.0.initial_state()]
    }

    fn candidates(&self, state: &State, actions: &mut Vec<Action>) {
        self.0.candidates_of(state, actions);
    }

    fn step(&self, state: &State, action: &Action) -> Result<State, Disabled> {
        self.0.step_of(state, action)
    }

    fn class_of(action: &Action) -> usize {
        action.class()
    }

    /// There is no buffer to put into and to take from.
    fn has(&self, class: usize) -> bool {
        let buffered = [Action::Put { thread: 0 }, Action::Take { thread: 0 }];
        buffered.iter().all(|action| action.class() != class)
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always("nothing is on its way", HOARE, |_, s: &State| s.buffer.is_empty()),
            Law::always("no lost wake-up", MEMORY, |_, s: &State| !s.wake_up_is_lost(0)),
            Law::always("the queues are who waits", GO, |_, s: &State| s.queues_are_who_waits()),
            Law::sometimes("two wait to send", GO, |model: &Self, s: &State| {
                s.senders.len() > 1 || !model.0.can_have(2)
            }),
        ]
    }

    fn step_laws(&self) -> Vec<StepLaw<Self>> {
        vec![
            StepLaw::always(
                "a send completes only with its receive",
                MEMORY,
                |_: &Self, s, a, n| both_complete(s, a, n),
            ),
            StepLaw::always("first in, first out", GO, |_, s, a, n| first_in_first_out(s, a, n)),
            StepLaw::always("who waits longest is served first", GO, |_, s, a, n| {
                longest_first(s, a, n)
            }),
            StepLaw::always("nothing is sent after the close", GO, |_, s, a, n| {
                nothing_after_close(s, a, n)
            }),
            StepLaw::always("a closed channel ends", GO, |_, s, a, n| drains(s, a, n)),
        ]
    }

    fn live_laws(&self) -> Vec<LiveLaw<Self>> {
        let laws = self.0.live_laws().into_iter();
        laws.map(|law| law.lifted(|model: &Self| &model.0, |state: &State| state)).collect()
    }

    fn lanes(&self) -> Vec<String> {
        self.0.lanes()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        Some(action.thread().into())
    }
}

spec_model!(Rendezvous, State, Action);
