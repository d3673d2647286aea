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

    /// Hands the value to the receiver that waits longest, or else puts it into the buffer. Returns
    /// the receiver if it sleeps: it is to be woken.
    pub(super) fn send(&mut self, value: T) -> Result<Option<Ticket>, TrySendError<T>> {
        if self.closed {
            self.note(Step::Reject);
            return Err(TrySendError::Closed(value));
        }
        if let Some((receiver, asleep)) = end_first(&mut self.receivers) {
            self.settled.push(Waiting { value: Some(value), ..receiver });
            self.note(Step::Hand);
            return Ok(asleep);
        }
        if !self.has_room() {
            return Err(TrySendError::Full(value));
        }
        self.buffer.push_back(value);
        self.note(Step::Put);
        Ok(None)
    }

    /// Takes the oldest value. Where that makes room, the value of the sender that waits longest
    /// moves up. Returns the sender as well if it sleeps: it is to be woken.
    pub(super) fn recv(&mut self) -> Result<(T, Option<Ticket>), TryRecvError> {
        let oldest = self.buffer.pop_front();
        let (sent, woken) = match end_first(&mut self.senders) {
            Some((sender, asleep)) => (sender.value, asleep),
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

    /// Closes the channel. It ends the wait of receivers, for whom nothing comes any more, and of
    /// senders, whose values are given back. Returns those who sleep: they are to be woken.
    pub(super) fn close(&mut self) -> Vec<Ticket> {
        self.closed = true;
        let senders = std::mem::take(&mut self.senders);
        let receivers = std::mem::take(&mut self.receivers);
        // Whose wait has ended may go on at once: to the others the close comes before.
        self.note(Step::Close);
        let mut woken = Vec::new();
        for waiting in senders.into_iter().chain(receivers) {
            let is_sender = waiting.value.is_some();
            match waiting.ticket.end(Outcome::Closed) {
                Some(asleep) => {
                    woken.extend(asleep.then(|| waiting.ticket.clone()));
                    self.settled.extend(is_sender.then_some(waiting));
                }
                // It has ended with another case of its select, and is taken out by its thread.
                None if is_sender => self.senders.push_back(waiting),
                None => {}
            }
        }
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
        Seen {
            buffered: self.buffer.len(),
            senders: self.senders.len(),
            receivers: self.receivers.len(),
            closed: self.closed,
        }
    }
}

/// Ends the wait of the call that waits longest, because it is met, and takes it out of the queue;
/// and once more, if it sleeps.
fn end_first<T>(queue: &mut VecDeque<Waiting<T>>) -> Option<(Waiting<T>, Option<Ticket>)> {
    let ended = |(at, waiting): (usize, &Waiting<T>)| {
        waiting.ticket.end(Outcome::Met).map(|asleep| (at, asleep))
    };
    let (first, asleep) = queue.iter().enumerate().find_map(ended)?;
    let waiting = queue.remove(first)?;
    let asleep = asleep.then(|| waiting.ticket.clone());
    Some((waiting, asleep))
}

/// Whether another call waits.
fn waits<T>(queue: &VecDeque<Waiting<T>>, own: &Ticket) -> bool {
    queue.iter().any(|waiting| waiting.ticket.waits() && !waiting.ticket.is_of_call(own))
}
