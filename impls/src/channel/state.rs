//! What is under a channel's lock: the buffer, and who waits.

use std::collections::VecDeque;

use super::step::{Note, Seen, Step};
use super::waiter::{Outcome, Ticket};
use super::{TryRecvError, TrySendError};
use crate::sync;

/// A call that waits, and for a sender its value.
struct Waiting<T> {
    ticket: Ticket,
    value: Option<T>,
}

/// The state of a channel. Each function is one step of the algorithm, done under the lock.
///
/// Of those who wait, some may be cases of a `select` that has meanwhile ended with another case.
/// They are passed over, and taken out by their own threads. Among the others,
/// - no receiver waits while there is a value in the buffer or a sender that waits;
/// - no sender waits while there is room in the buffer;
/// - nobody waits when the channel is closed.
pub(super) struct State<T> {
    buffer: VecDeque<T>,
    /// The most values in the buffer, `None` for as many as there is memory.
    capacity: Option<usize>,
    closed: bool,
    senders: VecDeque<Waiting<T>>,
    receivers: VecDeque<Waiting<T>>,
    /// Values for threads whose wait has ended: handed to receivers, and given back to senders.
    settled: Vec<Waiting<T>>,
    /// The handles through which values are sent.
    pub(super) sending_handles: usize,
    /// The handles through which values are received.
    pub(super) receiving_handles: usize,
}

impl<T> State<T> {
    /// An open channel without values, with one handle of each kind.
    pub(super) fn new(capacity: Option<usize>) -> Self {
        Self {
            // As much as a small channel needs; a large one grows when it is used.
            buffer: VecDeque::with_capacity(capacity.unwrap_or(0).min(64)),
            capacity,
            closed: false,
            senders: VecDeque::new(),
            receivers: VecDeque::new(),
            settled: Vec::new(),
            sending_handles: 1,
            receiving_handles: 1,
        }
    }

    pub(super) fn capacity(&self) -> Option<usize> {
        self.capacity
    }

    pub(super) fn len(&self) -> usize {
        self.buffer.len()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    fn has_room(&self) -> bool {
        self.capacity.is_none_or(|capacity| self.buffer.len() < capacity)
    }

    /// Hands the value to the receiver that waits longest, who is to be woken, or else puts it
    /// into the buffer.
    pub(super) fn send(&mut self, value: T) -> Result<Option<Ticket>, TrySendError<T>> {
        if self.closed {
            self.note(Step::Reject);
            return Err(TrySendError::Closed(value));
        }
        if let Some(Waiting { ticket, .. }) = end_first(&mut self.receivers, Outcome::Met) {
            self.settled.push(Waiting { ticket: ticket.clone(), value: Some(value) });
            self.note(Step::Hand);
            return Ok(Some(ticket));
        }
        if !self.has_room() {
            return Err(TrySendError::Full(value));
        }
        self.buffer.push_back(value);
        self.note(Step::Put);
        Ok(None)
    }

    /// Takes the oldest value. Where that makes room, the value of the sender that waits longest
    /// moves up, and the sender is to be woken.
    pub(super) fn recv(&mut self) -> Result<(T, Option<Ticket>), TryRecvError> {
        let oldest = self.buffer.pop_front();
        let sender = end_first(&mut self.senders, Outcome::Met);
        let (sent, woken) = match sender {
            Some(Waiting { ticket, value }) => (value, Some(ticket)),
            None => (None, None),
        };
        match (oldest, sent) {
            (Some(oldest), sent) => {
                self.buffer.extend(sent);
                self.note(Step::Take);
                Ok((oldest, woken))
            }
            (None, Some(sent)) => {
                self.note(Step::Meet);
                Ok((sent, woken))
            }
            (None, None) if self.closed => {
                self.note(Step::Drained);
                Err(TryRecvError::Closed)
            }
            (None, None) => Err(TryRecvError::Empty),
        }
    }

    /// Closes the channel. Those who wait are to be woken: receivers, for whom nothing comes any
    /// more, and senders, whose values are given back.
    pub(super) fn close(&mut self) -> Vec<Ticket> {
        self.closed = true;
        let mut woken = Vec::new();
        for queue in [&mut self.senders, &mut self.receivers] {
            while let Some(ended) = end_first(queue, Outcome::Closed) {
                woken.push(ended.ticket.clone());
                if ended.value.is_some() {
                    self.settled.push(ended);
                }
            }
        }
        self.note(Step::Close);
        woken
    }

    /// Empties the buffer: there is nobody left who could receive from it.
    pub(super) fn discard(&mut self) -> VecDeque<T> {
        std::mem::take(&mut self.buffer)
    }

    /// Joins the senders that wait.
    pub(super) fn wait_to_send(&mut self, ticket: Ticket, value: T) {
        self.senders.push_back(Waiting { ticket, value: Some(value) });
    }

    /// Joins the receivers that wait.
    pub(super) fn wait_to_receive(&mut self, ticket: Ticket) {
        self.receivers.push_back(Waiting { ticket, value: None });
    }

    /// Leaves the senders that wait, with the value; none if the value is no longer there.
    pub(super) fn leave_senders(&mut self, ticket: &Ticket) -> Option<T> {
        let at = self.senders.iter().position(|waiting| waiting.ticket.is(ticket))?;
        self.senders.remove(at)?.value
    }

    /// Leaves the receivers that wait.
    pub(super) fn leave_receivers(&mut self, ticket: &Ticket) {
        self.receivers.retain(|waiting| !waiting.ticket.is(ticket));
    }

    /// The value that was handed to this receiver or given back to this sender.
    pub(super) fn settle(&mut self, ticket: &Ticket) -> Option<T> {
        let at = self.settled.iter().position(|waiting| waiting.ticket.is(ticket))?;
        self.settled.swap_remove(at).value
    }

    /// Whether a send would not wait. The own call, which may wait here in another case, does not
    /// count.
    pub(super) fn can_send(&self, own: &Ticket) -> bool {
        self.closed || self.has_room() || waits(&self.receivers, own)
    }

    /// Whether a receive would not wait.
    pub(super) fn can_receive(&self, own: &Ticket) -> bool {
        self.closed || !self.buffer.is_empty() || waits(&self.senders, own)
    }

    /// Tells an explorer what was done.
    pub(super) fn note(&self, step: Step) {
        sync::note(|| Note { step, seen: Some(self.seen()) });
    }

    pub(super) fn seen(&self) -> Seen {
        let count = |queue: &VecDeque<Waiting<T>>| {
            queue.iter().filter(|waiting| waiting.ticket.waits()).count()
        };
        Seen {
            buffered: self.buffer.len(),
            senders: count(&self.senders),
            receivers: count(&self.receivers),
            closed: self.closed,
        }
    }
}

/// Ends the wait of the call that waits longest, and takes it out of the queue.
fn end_first<T>(queue: &mut VecDeque<Waiting<T>>, outcome: Outcome) -> Option<Waiting<T>> {
    let first = queue.iter().position(|waiting| waiting.ticket.end(outcome))?;
    queue.remove(first)
}

/// Whether another call waits.
fn waits<T>(queue: &VecDeque<Waiting<T>>, own: &Ticket) -> bool {
    queue.iter().any(|waiting| waiting.ticket.waits() && !waiting.ticket.is_of_call(own))
}
