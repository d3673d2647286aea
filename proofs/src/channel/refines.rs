//! The channel refines Lamport's FIFO: what goes in comes out, in the same order, once.
//!
//! The model `channel` has no wires. Each value that is accepted passes the wire `in`, and each
//! value that is received the wire `out`; the last value and the number of values that have passed
//! are history, which a wrapper adds to the model without changing what it does. A sender that
//! waits has not sent yet: its value is accepted when it moves up into the buffer or is met.

use bisim_models::channel::channel::{Action, Channel, Outcome, State as ChannelState, outcome};
use bisim_models::channel::fifo::{self, Fifo, Wire};
use bisim_models::common::{Model, Property, Spec};
use serde::{Deserialize, Serialize};

use crate::refinement::{Exception, Refinement};

/// The model `channel` with the wires of `fifo` as history.
pub struct Wired {
    channel: Channel,
}

/// A state of the channel, and its history.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct State {
    /// The channel.
    #[serde(flatten)]
    pub channel: ChannelState,
    /// What was accepted last, with a bit that each value turns over.
    pub input: Wire,
    /// What was received last, with a bit that each value turns over.
    pub output: Wire,
}

/// At first no value has passed; InnerFIFO starts with any.
const NEW: Wire = Wire { val: 0, rdy: false, ack: false };

/// A value has passed the wire: it was sent and received.
fn pass(wire: &mut Wire, val: u8) {
    *wire = Wire { val, rdy: !wire.rdy, ack: !wire.ack };
}

/// The values that pass the wires in a step: accepted and received, in order.
struct Passed {
    accepted: Option<u8>,
    received: Option<u8>,
}

/// What passes in a step. It is said by the step and the state before.
fn passed(before: &ChannelState, action: &Action) -> Passed {
    let own = || Some(before.value_of(action.thread()));
    let waiting = || before.senders.first().map(|sender| before.value_of(*sender));
    let (accepted, received) = match action {
        Action::Put { .. } => (own(), None),
        Action::Hand { .. } => (own(), own()),
        Action::Take { .. } => (waiting(), before.oldest()),
        Action::Meet { .. } => (waiting(), waiting()),
        _ => (None, None),
    };
    Passed { accepted, received }
}

impl Model for Wired {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let initial = self.channel.initial().into_iter();
        initial.map(|channel| State { channel, input: NEW, output: NEW }).collect()
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        self.channel.candidates(&state.channel, actions);
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let channel = self.channel.step(&state.channel, &action).ok()?;
        let (mut input, mut output) = (state.input, state.output);
        let passed = passed(&state.channel, &action);
        passed.accepted.into_iter().for_each(|value| pass(&mut input, value));
        passed.received.into_iter().for_each(|value| pass(&mut output, value));
        Some(State { channel, input, output })
    }

    fn properties(&self) -> Vec<Property<Self>> {
        // What a receive returns is what passes the wire.
        vec![Property::always("what is received has passed", |wired: &Self, state: &State| {
            let mut actions = Vec::new();
            wired.channel.candidates(&state.channel, &mut actions);
            let enabled = actions
                .into_iter()
                .filter(|action| wired.channel.step(&state.channel, action).is_ok());
            enabled.into_iter().all(|action| match (outcome(&state.channel, &action), action) {
                (_, Action::Return { .. }) => true,
                (Some(Outcome::Received(value)), action) => {
                    passed(&state.channel, &action).received == Some(value)
                }
                _ => true,
            })
        })]
    }
}

/// The claim for some bounds.
pub struct ChannelRefinesFifo {
    wired: Wired,
    fifo: Fifo,
}

impl ChannelRefinesFifo {
    /// The claim for a channel with so many threads and calls.
    pub fn new(channel: Channel) -> Self {
        let messages = ChannelState::MOST_ROUNDS * channel.threads();
        // A value may be in the buffer for the moment in which it is handed over.
        let fifo = Fifo::of(messages, channel.capacity() + 1);
        Self { wired: Wired { channel }, fifo }
    }

    fn next_values(state: &State) -> impl Iterator<Item = u8> {
        let threads = (0..).zip(&state.channel.threads);
        threads
            .filter(|(_, thread)| thread.rounds > 0 || thread.pc != Default::default())
            .map(|(number, _)| state.channel.value_of(number))
    }

    fn is_not_offered(&self, state: &State, action: &fifo::Action) -> bool {
        matches!(action, fifo::Action::SSend { msg } if Self::next_values(state).all(|v| v != *msg))
    }

    fn cannot_be_accepted(&self, state: &State, action: &fifo::Action) -> bool {
        matches!(action, fifo::Action::SSend { msg } if Self::next_values(state).any(|v| v == *msg))
    }

    fn nobody_receives(&self, _: &State, action: &fifo::Action) -> bool {
        matches!(action, fifo::Action::BufSend)
    }
}

impl Refinement for ChannelRefinesFifo {
    type Concrete = Wired;
    type Abstract = Fifo;

    fn name(&self) -> &'static str {
        "channel refines fifo"
    }

    fn concrete(&self) -> &Wired {
        &self.wired
    }

    fn specification(&self) -> &Fifo {
        &self.fifo
    }

    fn map(&self, state: &State) -> fifo::State {
        fifo::State { input: state.input, output: state.output, q: state.channel.buffer.clone() }
    }

    /// A value that is accepted goes over the wire `in` into the queue, and one that is received
    /// out of it over the wire `out`. Where both happen, a value that was in the queue goes out
    /// first and makes room.
    fn label(&self, before: &State, action: &Action, _: &State) -> Vec<fifo::Action> {
        let Passed { accepted, received } = passed(&before.channel, action);
        let accept = accepted.map(|msg| [fifo::Action::SSend { msg }, fifo::Action::BufRcv]);
        let receive = received.map(|_| [fifo::Action::BufSend, fifo::Action::RRcv]);
        let order = match action {
            Action::Take { .. } => [receive, accept],
            _ => [accept, receive],
        };
        order.into_iter().flatten().flatten().collect()
    }

    fn exceptions(&self) -> Vec<Exception<Self>> {
        let mut classes = vec![
            Exception {
                name: "no thread sends this value next",
                reason: "a value says who sends it and in which of its calls; fifo lets anybody \
                         send anything at any time",
                applies: Self::is_not_offered,
            },
            Exception {
                name: "the value cannot be accepted now",
                reason: "the thread waits or is about to return, or the channel is full or \
                         closed; fifo has no bound and no end",
                applies: Self::cannot_be_accepted,
            },
        ];
        // Without a buffer nothing waits to be received.
        if self.wired.channel.capacity() > 0 {
            classes.push(Exception {
                name: "nobody receives",
                reason: "no thread has a call left to receive with; the receiver of fifo has",
                applies: Self::nobody_receives,
            });
        }
        classes
    }

    fn lanes(&self) -> Vec<String> {
        self.wired.channel.lanes()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        self.wired.channel.lane_of(action)
    }
}
