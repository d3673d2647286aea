//! A first-in first-out buffer between two wires.
//!
//! `InnerFIFO.tla` of Lamport, *Specifying Systems* (2002), chapter 4, as it stands in
//! tlaplus/Examples under `SpecifyingSystems/FIFO`. The sender puts a message on the wire `in`, the
//! buffer takes it into the queue `q`, puts the head of `q` on the wire `out`, and the receiver
//! takes it from there. A wire is the module `Channel`: a value, and two bits that are equal when
//! the value has been taken.

use serde::{Deserialize, Serialize};

use crate::common::{ActionClass, Disabled, Law, Parameter, ParameterError, Params, Spec};
use crate::spec_model;

/// A message: a number below `messages`.
pub type Message = u8;

/// A wire with its handshake (module `Channel`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Wire {
    /// What was sent last.
    pub val: Message,
    /// Turned over by a send.
    pub rdy: bool,
    /// Turned over by a receive.
    pub ack: bool,
}

impl Wire {
    /// `Send(d)`.
    fn send(self, message: Message) -> Result<Self, Disabled> {
        if self.rdy != self.ack {
            return Err(Disabled("the last value on the wire has not been received"));
        }
        Ok(Self { val: message, rdy: !self.rdy, ..self })
    }

    /// `Rcv`.
    fn rcv(self) -> Result<Self, Disabled> {
        if self.rdy == self.ack {
            return Err(Disabled("there is no new value on the wire"));
        }
        Ok(Self { ack: !self.ack, ..self })
    }
}

/// The two wires and the queue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// The wire `in`, from the sender to the buffer.
    #[serde(rename = "in")]
    pub input: Wire,
    /// The wire `out`, from the buffer to the receiver.
    #[serde(rename = "out")]
    pub output: Wire,
    /// What is in the buffer, the head first.
    pub q: Vec<Message>,
}

/// The actions of `InnerFIFO.tla`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// The sender puts a message on the wire.
    SSend {
        /// The message.
        msg: Message,
    },
    /// The buffer receives it.
    BufRcv,
    /// The buffer puts the head of the queue on the wire.
    BufSend,
    /// The receiver receives it.
    RRcv,
}

/// The buffer.
#[derive(Clone, Debug)]
pub struct Fifo {
    messages: u8,
    capacity: usize,
}

impl Fifo {
    /// A buffer for so many kinds of messages, of which so many are explored at a time (`qLen`).
    pub fn of(messages: u8, capacity: usize) -> Self {
        Self { messages, capacity }
    }
}

impl Spec for Fifo {
    const NAME: &'static str = "fifo";

    const PARAMETERS: &'static [Parameter] = &[
        Parameter::count("messages", "different messages (Message)", (1, 16), [2, 3, 4]),
        Parameter::count("capacity", "messages in the buffer (qLen)", (0, 8), [2, 3, 4]),
    ];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("SSend", "InnerFIFO.tla"),
        ActionClass::new("BufRcv", "InnerFIFO.tla"),
        ActionClass::new("BufSend", "InnerFIFO.tla"),
        ActionClass::new("RRcv", "InnerFIFO.tla"),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        let messages = u8::try_from(params.get("messages")).expect("the range is below 256");
        Ok(Self::of(messages, params.get("capacity") as usize))
    }

    /// Any message may stand on a wire at first, with either value of its bits.
    fn initial(&self) -> Vec<State> {
        let wires = || {
            let bits = [false, true].into_iter();
            bits.flat_map(|bit| (0..self.messages).map(move |val| Wire { val, rdy: bit, ack: bit }))
        };
        let states = wires().flat_map(|input| wires().map(move |output| (input, output)));
        states.map(|(input, output)| State { input, output, q: Vec::new() }).collect()
    }

    fn candidates(&self, _: &State, actions: &mut Vec<Action>) {
        actions.extend((0..self.messages).map(|msg| Action::SSend { msg }));
        actions.extend([Action::BufRcv, Action::BufSend, Action::RRcv]);
    }

    fn step(&self, state: &State, action: &Action) -> Result<State, Disabled> {
        let mut next = state.clone();
        match *action {
            Action::SSend { msg } if msg >= self.messages => {
                return Err(Disabled("there is no such message"));
            }
            Action::SSend { msg } => next.input = state.input.send(msg)?,
            Action::BufRcv => {
                next.input = state.input.rcv()?;
                next.q.push(state.input.val);
            }
            Action::BufSend => {
                let head = state.q.first().ok_or(Disabled("the queue is empty"))?;
                next.output = state.output.send(*head)?;
                next.q.remove(0);
            }
            Action::RRcv => next.output = state.output.rcv()?,
        }
        Ok(next)
    }

    fn class_of(action: &Action) -> usize {
        match action {
            Action::SSend { .. } => 0,
            Action::BufRcv => 1,
            Action::BufSend => 2,
            Action::RRcv => 3,
        }
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always("TypeInvariant", "InnerFIFO.tla", |fifo: &Self, s: &State| {
                let values = [s.input.val, s.output.val];
                s.q.iter().chain(&values).all(|message| *message < fifo.messages)
            }),
            Law::sometimes("a message waits behind another", "InnerFIFO.tla", |fifo, s: &State| {
                s.q.len() > 1 || fifo.capacity < 2
            }),
        ]
    }

    /// `qConstraint` of `MCInnerFIFO.tla`.
    fn within(&self, state: &State) -> bool {
        state.q.len() <= self.capacity
    }

    fn lanes(&self) -> Vec<String> {
        ["sender", "buffer", "receiver"].map(str::to_owned).into()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        Some(match action {
            Action::SSend { .. } => 0,
            Action::BufRcv | Action::BufSend => 1,
            Action::RRcv => 2,
        })
    }
}

spec_model!(Fifo, State, Action);
