//! A channel as in Go: a buffer, and two queues of threads that wait. One action for each critical
//! section.
//!
//! After the Go runtime, `chan.go` (functions `chansend`, `chanrecv` and `closechan`), and the Go
//! specification, with three differences: a send on a closed channel gives its value back, a
//! second close changes nothing (both panic in Go), and calls may give up at a deadline.
//!
//! A thread makes `rounds` calls, each of any kind: a send, a receive or a close; a call that
//! would wait fails at once, or at a deadline, or waits. Who waits is served by the call of another
//! thread, in the order in which the threads began to wait, and then returns in a step of its own.
//!
//! Left out: time (a deadline may pass whenever its thread waits), sleeping (a thread that is
//! served may go on; that it is woken is seen in the implementation, under loom), selecting among
//! channels, the dropping of handles (which closes), and memory orderings.

mod action;
mod spec;
mod state;
mod steps;

pub use action::Action;
pub(super) use spec::ACTIONS;
pub use state::{Outcome, Pc, State, Thread, Value};
pub use steps::outcome;
pub(super) use steps::{drains, first_in_first_out, longest_first, nothing_after_close};

use crate::common::Disabled;
use crate::spec_model;

/// The threads and one channel.
#[derive(Clone, Debug)]
pub struct Channel {
    threads: u8,
    rounds: u8,
    capacity: u8,
}

type Next = Result<State, Disabled>;

impl Channel {
    /// A channel of this capacity, 0 for a rendezvous.
    pub fn of(threads: u8, rounds: u8, capacity: u8) -> Self {
        Self { threads, rounds, capacity }
    }

    /// The most values in the buffer.
    pub fn capacity(&self) -> usize {
        self.capacity.into()
    }

    /// The number of threads.
    pub fn threads(&self) -> u8 {
        self.threads
    }

    /// The calls of each thread.
    pub fn rounds(&self) -> u8 {
        self.rounds
    }

    /// The calls of all threads.
    pub(super) fn calls(&self) -> usize {
        usize::from(self.threads) * usize::from(self.rounds)
    }

    /// Whether there are threads and calls enough for so many senders to wait, and one call more.
    pub(super) fn can_have(&self, senders: usize) -> bool {
        usize::from(self.threads) > senders && self.calls() > self.capacity() + senders
    }

    /// The state in which a thread has begun its next call.
    fn begin(&self, state: &State, thread: u8) -> Next {
        match state.thread(thread) {
            Thread { pc: Pc::Idle, rounds: 0, .. } => {
                Err(Disabled("the thread has no rounds left"))
            }
            Thread { pc: Pc::Idle, .. } => {
                let mut next = state.clone();
                next.thread_mut(thread).rounds -= 1;
                Ok(next)
            }
            _ => Err(Disabled("the thread is in a call")),
        }
    }

    fn is_open(&self, state: &State) -> Result<(), Disabled> {
        if state.closed { Err(Disabled("the channel is closed")) } else { Ok(()) }
    }

    /// The value cannot be sent now.
    fn is_full(&self, state: &State) -> Result<(), Disabled> {
        self.is_open(state)?;
        if !state.receivers.is_empty() {
            return Err(Disabled("a receiver waits"));
        }
        if state.buffer.len() < self.capacity() {
            return Err(Disabled("there is room in the buffer"));
        }
        Ok(())
    }

    /// Nothing can be received now.
    fn is_empty(&self, state: &State) -> Result<(), Disabled> {
        match state.oldest() {
            Some(_) => Err(Disabled("there is a value")),
            None => Ok(()),
        }
    }

    fn put(&self, state: &State, thread: u8) -> Next {
        let mut next = self.begin(state, thread)?;
        self.is_open(state)?;
        if !state.receivers.is_empty() {
            return Err(Disabled("a receiver waits"));
        }
        if state.buffer.len() >= self.capacity() {
            return Err(Disabled("there is no room in the buffer"));
        }
        next.buffer.push(state.value_of(thread));
        Ok(next)
    }

    fn hand(&self, state: &State, thread: u8) -> Next {
        let mut next = self.begin(state, thread)?;
        self.is_open(state)?;
        if state.receivers.is_empty() {
            return Err(Disabled("no receiver waits"));
        }
        let receiver = next.receivers.remove(0);
        next.thread_mut(receiver).pc = Pc::Received(state.value_of(thread));
        Ok(next)
    }

    fn full(&self, state: &State, thread: u8) -> Next {
        self.is_full(state)?;
        self.begin(state, thread)
    }

    fn reject(&self, state: &State, thread: u8) -> Next {
        if !state.closed {
            return Err(Disabled("the channel is open"));
        }
        self.begin(state, thread)
    }

    fn wait_to_send(&self, state: &State, thread: u8, timed: bool) -> Next {
        self.is_full(state)?;
        let mut next = self.begin(state, thread)?;
        next.senders.push(thread);
        let me = next.thread_mut(thread);
        (me.pc, me.timed) = (Pc::Sending, timed);
        Ok(next)
    }

    fn take(&self, state: &State, thread: u8) -> Next {
        let mut next = self.begin(state, thread)?;
        if state.buffer.is_empty() {
            return Err(Disabled("the buffer is empty"));
        }
        next.buffer.remove(0);
        if let Some(&sender) = state.senders.first() {
            next.buffer.push(state.value_of(sender));
            next.senders.remove(0);
            next.thread_mut(sender).pc = Pc::Sent;
        }
        Ok(next)
    }

    fn meet(&self, state: &State, thread: u8) -> Next {
        let mut next = self.begin(state, thread)?;
        if !state.buffer.is_empty() {
            return Err(Disabled("there is a value in the buffer"));
        }
        let Some(&sender) = state.senders.first() else {
            return Err(Disabled("no sender waits"));
        };
        next.senders.remove(0);
        next.thread_mut(sender).pc = Pc::Sent;
        Ok(next)
    }

    fn empty(&self, state: &State, thread: u8) -> Next {
        self.is_open(state)?;
        self.is_empty(state)?;
        self.begin(state, thread)
    }

    fn drained(&self, state: &State, thread: u8) -> Next {
        if !state.closed {
            return Err(Disabled("the channel is open"));
        }
        self.is_empty(state)?;
        self.begin(state, thread)
    }

    fn wait_to_receive(&self, state: &State, thread: u8, timed: bool) -> Next {
        self.is_open(state)?;
        self.is_empty(state)?;
        let mut next = self.begin(state, thread)?;
        next.receivers.push(thread);
        let me = next.thread_mut(thread);
        (me.pc, me.timed) = (Pc::Receiving, timed);
        Ok(next)
    }

    fn close(&self, state: &State, thread: u8) -> Next {
        let mut next = self.begin(state, thread)?;
        next.closed = true;
        for sender in std::mem::take(&mut next.senders) {
            next.thread_mut(sender).pc = Pc::GivenBack;
        }
        for receiver in std::mem::take(&mut next.receivers) {
            next.thread_mut(receiver).pc = Pc::Ended;
        }
        Ok(next)
    }

    fn expire(&self, state: &State, thread: u8) -> Next {
        let me = state.thread(thread);
        if !me.timed || !matches!(me.pc, Pc::Sending | Pc::Receiving) {
            return Err(Disabled("the thread does not wait with a deadline"));
        }
        let mut next = state.clone();
        next.senders.retain(|other| *other != thread);
        next.receivers.retain(|other| *other != thread);
        next.thread_mut(thread).end();
        Ok(next)
    }

    fn return_(&self, state: &State, thread: u8) -> Next {
        if matches!(state.thread(thread).pc, Pc::Idle | Pc::Sending | Pc::Receiving) {
            return Err(Disabled("nobody has ended a wait of the thread"));
        }
        let mut next = state.clone();
        next.thread_mut(thread).end();
        Ok(next)
    }

    pub(super) fn candidates_of(&self, state: &State, actions: &mut Vec<Action>) {
        for thread in 0..self.threads {
            match state.thread(thread) {
                Thread { pc: Pc::Idle, rounds: 1.., .. } => {
                    actions.extend(Action::of_idle(thread));
                }
                Thread { pc: Pc::Sending | Pc::Receiving, timed: true, .. } => {
                    actions.push(Action::Expire { thread });
                }
                Thread { pc: Pc::Idle | Pc::Sending | Pc::Receiving, .. } => {}
                _ => actions.push(Action::Return { thread }),
            }
        }
    }

    pub(super) fn step_of(&self, state: &State, action: &Action) -> Next {
        if action.thread() >= self.threads {
            return Err(Disabled("there is no such thread"));
        }
        match *action {
            Action::Put { thread } => self.put(state, thread),
            Action::Hand { thread } => self.hand(state, thread),
            Action::Full { thread } => self.full(state, thread),
            Action::Reject { thread } => self.reject(state, thread),
            Action::WaitToSend { thread, timed } => self.wait_to_send(state, thread, timed),
            Action::Take { thread } => self.take(state, thread),
            Action::Meet { thread } => self.meet(state, thread),
            Action::Empty { thread } => self.empty(state, thread),
            Action::Drained { thread } => self.drained(state, thread),
            Action::WaitToReceive { thread, timed } => self.wait_to_receive(state, thread, timed),
            Action::Close { thread } => self.close(state, thread),
            Action::Expire { thread } => self.expire(state, thread),
            Action::Return { thread } => self.return_(state, thread),
        }
    }

    pub(super) fn initial_state(&self) -> State {
        State::initial(self.threads, self.rounds)
    }
}

spec_model!(Channel, State, Action);
