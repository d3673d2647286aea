//! The lock around the state, and how calls wait outside of it.

use std::time::Duration;

use super::state::State;
use super::step::{Note, Step};
use super::waiter::{Outcome, Ticket};
use super::{RecvTimeoutError, SendTimeoutError, TryRecvError, TrySendError};
use crate::lock::{Mutex, MutexGuard};
use crate::sync::{self, Deadline};

/// What the handles of a channel share.
pub(super) struct Shared<T> {
    /// A number that no other channel has. (Its address would do as well, but under an explorer it
    /// is another one in each execution.)
    pub(super) serial: u64,
    state: Mutex<State<T>>,
}

impl<T> Shared<T> {
    pub(super) fn new(capacity: Option<usize>) -> Self {
        Self { serial: sync::serial(), state: Mutex::new(State::new(capacity)) }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock()
    }

    pub(super) fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        let mut state = self.lock();
        let result = state.send(value);
        if let Err(TrySendError::Full(_)) = result {
            state.note(Step::Full);
        }
        drop(state);
        result.map(wake)
    }

    pub(super) fn try_recv(&self) -> Result<T, TryRecvError> {
        let mut state = self.lock();
        let result = state.recv();
        if let Err(TryRecvError::Empty) = result {
            state.note(Step::Empty);
        }
        drop(state);
        result.map(|(value, woken)| {
            wake(woken);
            value
        })
    }

    /// Sends, and waits for as long as it takes or as `timeout` says.
    pub(super) fn send(
        &self,
        value: T,
        timeout: Option<Duration>,
    ) -> Result<(), SendTimeoutError<T>> {
        let mut state = self.lock();
        let value = match state.send(value) {
            Ok(woken) => {
                drop(state);
                wake(woken);
                return Ok(());
            }
            Err(TrySendError::Closed(value)) => return Err(SendTimeoutError::Closed(value)),
            Err(TrySendError::Full(value)) => value,
        };
        // Between the look and the queue nobody can come, for the lock is held.
        let ticket = Ticket::new();
        state.wait_to_send(ticket.clone(), value);
        state.note(Step::WaitToSend { timed: timeout.is_some() });
        drop(state);
        match self.wait(&ticket, timeout, |state| state.leave_senders(&ticket)) {
            Ok(Outcome::Met) => Ok(()),
            Ok(Outcome::Closed) => Err(SendTimeoutError::Closed(self.settle(&ticket))),
            Err(value) => {
                let value = value.expect("who has given up has left the value in the queue");
                Err(SendTimeoutError::Timeout(value))
            }
        }
    }

    /// Receives, and waits for as long as it takes or as `timeout` says.
    pub(super) fn recv(&self, timeout: Option<Duration>) -> Result<T, RecvTimeoutError> {
        let mut state = self.lock();
        match state.recv() {
            Ok((value, woken)) => {
                drop(state);
                wake(woken);
                return Ok(value);
            }
            Err(TryRecvError::Closed) => return Err(RecvTimeoutError::Closed),
            Err(TryRecvError::Empty) => {}
        }
        let ticket = Ticket::new();
        state.wait_to_receive(ticket.clone());
        state.note(Step::WaitToReceive { timed: timeout.is_some() });
        drop(state);
        match self.wait(&ticket, timeout, |state| state.leave_receivers(&ticket)) {
            Ok(Outcome::Met) => Ok(self.settle(&ticket)),
            Ok(Outcome::Closed) => Err(RecvTimeoutError::Closed),
            Err(()) => Err(RecvTimeoutError::Timeout),
        }
    }

    /// Waits until another thread ends the wait of the call, and says how it did; or until the
    /// time is over, and says what the call has left its queue with.
    fn wait<L>(
        &self,
        ticket: &Ticket,
        timeout: Option<Duration>,
        leave: impl FnOnce(&mut State<T>) -> L,
    ) -> Result<Outcome, L> {
        let ended = ticket.sleep(timeout.map_or(Deadline::NEVER, Deadline::after));
        let (_, outcome) = match ended {
            Some(ended) => ended,
            None => {
                let mut state = self.lock();
                if ticket.give_up() {
                    let left = leave(&mut state);
                    state.note(Step::Expire);
                    return Err(left);
                }
                ticket.has_ended()
            }
        };
        sync::note(|| Note { step: Step::Return, seen: None });
        Ok(outcome)
    }

    /// The value that another thread has left for this call when it ended its wait.
    pub(super) fn settle(&self, ticket: &Ticket) -> T {
        self.lock().settle(ticket).expect("who ends a wait leaves what the call is to return")
    }

    /// Closes the channel, and says whether it was open.
    pub(super) fn close(&self) -> bool {
        let mut state = self.lock();
        let was_open = !state.is_closed();
        let woken = state.close();
        drop(state);
        woken.iter().for_each(Ticket::wake);
        was_open
    }

    /// One sending handle less; the last one closes the channel.
    pub(super) fn drop_sender(&self) {
        let mut state = self.lock();
        state.sending_handles -= 1;
        let last = state.sending_handles == 0;
        drop(state);
        if last {
            self.close();
        }
    }

    /// One receiving handle less; the last one closes the channel, and drops what is in it.
    pub(super) fn drop_receiver(&self) {
        let mut state = self.lock();
        state.receiving_handles -= 1;
        let last = state.receiving_handles == 0;
        drop(state);
        if last {
            self.close();
            // The values are dropped when the lock is free again: their `drop` may do anything,
            // also use this channel, or panic.
            let discarded = self.lock().discard();
            drop(discarded);
        }
    }
}

fn wake(woken: Option<Ticket>) {
    if let Some(ticket) = woken {
        ticket.wake();
    }
}
