//! Mutual exclusion by messages: Lamport, "Time, Clocks, and the Ordering of Events in a
//! Distributed System", CACM 21(7), 1978, as `LamportMutex.tla` in tlaplus/Examples has it.
//!
//! Who wants to enter asks all others, with the time of its request; each of them confirms. It
//! enters when all have, and no request that it knows of is earlier than its own. Who leaves tells
//! all others. Channels are first in, first out.

use serde::{Deserialize, Serialize};

use crate::common::{
    ActionClass, Disabled, Law, Parameter, ParameterError, Params, Sequence, SmallSet, Spec,
};
use crate::spec_model;

/// A message from one process to another.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Message {
    /// A request, with its time.
    Req(u8),
    /// A confirmation.
    #[default]
    Ack,
    /// The sender has left the critical section.
    Rel,
}

/// The processes and their channels.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// The clock of each process, from 1.
    pub clock: Vec<u8>,
    /// `req[p][q]`: the time of the request of `q` that `p` knows of, 0 if there is none.
    pub req: Vec<Vec<u8>>,
    /// The processes that have confirmed each process's request.
    pub ack: Vec<SmallSet>,
    /// `network[p][q]`: the messages from `p` to `q`, the oldest first.
    pub network: Vec<Vec<Sequence<Message, 4>>>,
    /// The processes in the critical section.
    pub crit: SmallSet,
}

/// A step of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// Ask all others.
    Request {
        /// The process.
        p: u8,
    },
    /// Enter the critical section.
    Enter {
        /// The process.
        p: u8,
    },
    /// Leave it, and tell all others.
    Exit {
        /// The process.
        p: u8,
    },
    /// Receive a request, and confirm it.
    ReceiveRequest {
        /// The process.
        p: u8,
        /// The sender.
        q: u8,
    },
    /// Receive a confirmation.
    ReceiveAck {
        /// The process.
        p: u8,
        /// The sender.
        q: u8,
    },
    /// Receive the news that another has left.
    ReceiveRelease {
        /// The process.
        p: u8,
        /// The sender.
        q: u8,
    },
}

impl Action {
    /// The process that takes the step, and the sender of what it receives.
    pub fn processes(&self) -> (u8, Option<u8>) {
        match *self {
            Self::Request { p } | Self::Enter { p } | Self::Exit { p } => (p, None),
            Self::ReceiveRequest { p, q }
            | Self::ReceiveAck { p, q }
            | Self::ReceiveRelease { p, q } => (p, Some(q)),
        }
    }
}

/// Lamport's algorithm.
#[derive(Clone, Debug)]
pub struct LamportMutex {
    processes: usize,
    max_clock: u8,
}

type Next = Result<State, Disabled>;

impl LamportMutex {
    /// `beats(p, q)`: process `p` believes that its request goes before that of `q`.
    fn beats(state: &State, p: usize, q: usize) -> bool {
        let (own, other) = (state.req[p][p], state.req[p][q]);
        other == 0 || own < other || (own == other && p < q)
    }

    fn broadcast(&self, state: &mut State, p: usize, message: Message) {
        for q in (0..self.processes).filter(|q| *q != p) {
            state.network[p][q] = state.network[p][q].with(message);
        }
    }

    /// The oldest message from `q` to `p`, and the state without it.
    fn receive(state: &State, p: usize, q: usize) -> Result<(Message, State), Disabled> {
        let (message, rest) =
            state.network[q][p].split_first().ok_or(Disabled("there is no message"))?;
        let mut next = state.clone();
        next.network[q][p] = Sequence::from(rest);
        Ok((*message, next))
    }

    fn request(&self, state: &State, p: usize) -> Next {
        if state.req[p][p] != 0 {
            return Err(Disabled("the process has asked"));
        }
        let mut next = state.clone();
        next.req[p][p] = state.clock[p];
        self.broadcast(&mut next, p, Message::Req(state.clock[p]));
        next.ack[p] = SmallSet::EMPTY.with(p);
        Ok(next)
    }

    fn receive_request(state: &State, p: usize, q: usize) -> Next {
        let (Message::Req(time), mut next) = Self::receive(state, p, q)? else {
            return Err(Disabled("the oldest message is no request"));
        };
        next.req[p][q] = time;
        next.clock[p] = time.max(state.clock[p]) + 1;
        next.network[p][q] = next.network[p][q].with(Message::Ack);
        Ok(next)
    }

    fn receive_ack(state: &State, p: usize, q: usize) -> Next {
        let (Message::Ack, mut next) = Self::receive(state, p, q)? else {
            return Err(Disabled("the oldest message is no confirmation"));
        };
        next.ack[p] = state.ack[p].with(q);
        Ok(next)
    }

    fn enter(&self, state: &State, p: usize) -> Next {
        if state.ack[p] != SmallSet::below(self.processes) {
            return Err(Disabled("not all have confirmed the request"));
        }
        if !(0..self.processes).all(|q| q == p || Self::beats(state, p, q)) {
            return Err(Disabled("another request goes first"));
        }
        Ok(State { crit: state.crit.with(p), ..state.clone() })
    }

    fn exit(&self, state: &State, p: usize) -> Next {
        if !state.crit.contains(p) {
            return Err(Disabled("the process is not in the critical section"));
        }
        let mut next = state.clone();
        next.crit = state.crit.without(p);
        self.broadcast(&mut next, p, Message::Rel);
        next.req[p][p] = 0;
        next.ack[p] = SmallSet::EMPTY;
        Ok(next)
    }

    fn receive_release(state: &State, p: usize, q: usize) -> Next {
        let (Message::Rel, mut next) = Self::receive(state, p, q)? else {
            return Err(Disabled("the oldest message is no release"));
        };
        next.req[p][q] = 0;
        Ok(next)
    }
}

const SOURCE: &str = "LamportMutex.tla";

impl Spec for LamportMutex {
    const NAME: &'static str = "lamport-mutex";

    const PARAMETERS: &'static [Parameter] = &[
        Parameter::count("processes", "processes that want to enter", (1, 5), [2, 3, 3]),
        Parameter::count("max_clock", "the latest time that is explored", (1, 12), [3, 5, 6]),
    ];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("Request", SOURCE),
        ActionClass::new("Enter", SOURCE),
        ActionClass::new("Exit", SOURCE),
        ActionClass::new("ReceiveRequest", SOURCE),
        ActionClass::new("ReceiveAck", SOURCE),
        ActionClass::new("ReceiveRelease", SOURCE),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        let max_clock = params.get("max_clock") as u8;
        Ok(Self { processes: params.get("processes") as usize, max_clock })
    }

    fn initial(&self) -> Vec<State> {
        let n = self.processes;
        vec![State {
            clock: vec![1; n],
            req: vec![vec![0; n]; n],
            ack: vec![SmallSet::EMPTY; n],
            network: vec![vec![Sequence::new(); n]; n],
            crit: SmallSet::EMPTY,
        }]
    }

    fn candidates(&self, state: &State, actions: &mut Vec<Action>) {
        for p in 0..self.processes as u8 {
            actions.extend([Action::Request { p }, Action::Enter { p }, Action::Exit { p }]);
            for q in 0..self.processes as u8 {
                let oldest = state.network[usize::from(q)][usize::from(p)].iter().next();
                actions.extend(oldest.map(|message| match message {
                    Message::Req(_) => Action::ReceiveRequest { p, q },
                    Message::Ack => Action::ReceiveAck { p, q },
                    Message::Rel => Action::ReceiveRelease { p, q },
                }));
            }
        }
    }

    fn step(&self, state: &State, action: &Action) -> Next {
        let (p, q) = action.processes();
        if usize::from(p.max(q.unwrap_or(0))) >= self.processes {
            return Err(Disabled("there is no such process"));
        }
        let p = usize::from(p);
        match *action {
            Action::Request { .. } => self.request(state, p),
            Action::Enter { .. } => self.enter(state, p),
            Action::Exit { .. } => self.exit(state, p),
            Action::ReceiveRequest { q, .. } => Self::receive_request(state, p, q.into()),
            Action::ReceiveAck { q, .. } => Self::receive_ack(state, p, q.into()),
            Action::ReceiveRelease { q, .. } => Self::receive_release(state, p, q.into()),
        }
    }

    fn class_of(action: &Action) -> usize {
        match action {
            Action::Request { .. } => 0,
            Action::Enter { .. } => 1,
            Action::Exit { .. } => 2,
            Action::ReceiveRequest { .. } => 3,
            Action::ReceiveAck { .. } => 4,
            Action::ReceiveRelease { .. } => 5,
        }
    }

    fn has(&self, class: usize) -> bool {
        // Alone, a process sends nothing.
        class < 3 || self.processes > 1
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always("Mutex", SOURCE, |_, state: &State| state.crit.len() <= 1),
            Law::always("BoundedNetwork", SOURCE, |_, state: &State| {
                state.network.iter().flatten().all(|channel| channel.len() <= 3)
            }),
            Law::sometimes("somebody enters", "Lamport 1978", |_, state: &State| {
                !state.crit.is_empty()
            }),
        ]
    }

    fn within(&self, state: &State) -> bool {
        state.clock.iter().all(|clock| *clock <= self.max_clock)
    }

    fn lanes(&self) -> Vec<String> {
        (0..self.processes).map(|process| format!("process {process}")).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        Some(action.processes().0.into())
    }
}

spec_model!(LamportMutex, State, Action);
