//! Several sends and receives of which exactly one takes place.

use std::fmt;
use std::time::Duration;

use super::shared::Shared;
use super::waiter::{Outcome, Ticket};
use super::{Closed, Receiver, Sender, TryRecvError, TrySendError};
use crate::sync::{self, Deadline};

/// Waits for the first of several sends and receives that can take place, and does that one.
///
/// ```
/// use bisim::channel::{self, Select};
///
/// let (numbers, from_numbers) = channel::bounded(1);
/// let (words, from_words) = channel::bounded::<&str>(1);
/// words.send("seven").unwrap();
///
/// let told = Select::new()
///     .recv(&from_numbers, |number: Result<i32, _>| format!("{number:?}"))
///     .recv(&from_words, |word| format!("{word:?}"))
///     .wait();
/// assert_eq!(told, r#"Ok("seven")"#);
/// # drop(numbers);
/// ```
///
/// Of several cases that are ready, each is chosen with the same probability, as in Go. A case of a
/// closed channel is ready, and fails. The order in which cases are written down means nothing.
///
/// # How
///
/// The cases are tried in a random order. If none is ready, the call joins the queues of all
/// channels, in the order in which these were made; when it meets one that has become ready
/// meanwhile, it leaves them again and tries once more. Of two calls that meet each other in two
/// channels, one always finds the other in its queue: the fixed order sees to it. Then the thread
/// sleeps until another one ends its wait, which happens once, by one exchange of one word,
/// whatever the number of channels. Source: the Go runtime's `selectgo`, which takes all locks at
/// once instead; Vyukov, "Go channels on steroids" (2014).
///
/// Cost: one lock for each case, three for each when the thread waits.
#[must_use = "a select does nothing before it is waited for"]
pub struct Select<'a, R> {
    cases: Vec<Box<dyn Case<R> + 'a>>,
}

impl<'a, R: 'a> Select<'a, R> {
    /// No case yet.
    pub fn new() -> Self {
        Self { cases: Vec::new() }
    }

    /// The case that a value is received, or that there will be none, for which `then` says what
    /// the result is.
    pub fn recv<T>(
        mut self,
        receiver: &'a Receiver<T>,
        then: impl FnOnce(Result<T, Closed>) -> R + 'a,
    ) -> Self {
        let (channel, result) = (&*receiver.shared, Err(Closed));
        self.cases.push(Box::new(Receive { channel, result, then }));
        self
    }

    /// The case that the value in `slot` is sent, or that the channel is closed, for which `then`
    /// says what the result is. The value stays in its slot, or comes back, unless it is sent. An
    /// empty slot is a case that is never ready, as a nil channel is in Go.
    pub fn send<T>(
        mut self,
        sender: &'a Sender<T>,
        slot: &'a mut Option<T>,
        then: impl FnOnce(Result<(), Closed>) -> R + 'a,
    ) -> Self {
        let (channel, result) = (&*sender.shared, Err(Closed));
        self.cases.push(Box::new(Send { channel, slot, result, then }));
        self
    }

    /// Waits for the first case that can take place.
    ///
    /// # Panics
    /// If there is no case, or only sends without values: it would wait for ever.
    pub fn wait(mut self) -> R {
        let chosen = self.choose(Some(Deadline::NEVER));
        self.finish(chosen.expect("a wait without a deadline ends with a case"))
    }

    /// Waits for the first case that can take place, but no longer than `timeout`; `None` if none
    /// could.
    ///
    /// # Panics
    /// If there is no case, or only sends without values.
    pub fn wait_timeout(mut self, timeout: Duration) -> Option<R> {
        let chosen = self.choose(Some(Deadline::after(timeout)));
        chosen.map(|case| self.finish(case))
    }

    /// A case that can take place at this moment; `None`, Go's default, if none can.
    pub fn try_now(mut self) -> Option<R> {
        let chosen = self.choose(None);
        chosen.map(|case| self.finish(case))
    }

    fn finish(mut self, case: usize) -> R {
        self.cases.swap_remove(case).finish()
    }

    fn choose(&mut self, deadline: Option<Deadline>) -> Option<usize> {
        loop {
            if let Some(case) = self.attempt() {
                return Some(case);
            }
            let deadline = deadline?;
            let call = Ticket::new();
            let ready = self.join(&call);
            let ended = if ready { None } else { call.sleep(deadline) };
            if ended.is_none() && call.give_up() {
                self.leave(&call, None);
                if ready {
                    continue;
                }
                return None;
            }
            let (case, outcome) = ended.unwrap_or_else(|| call.has_ended());
            self.leave(&call, Some(case));
            self.cases[case].complete(&call.case(case), outcome);
            return Some(case);
        }
    }

    /// Does one of the cases that are ready.
    fn attempt(&mut self) -> Option<usize> {
        let mut order: Vec<_> = (0..self.cases.len()).collect();
        // Fisher and Yates: the first of those that are ready is each of them equally often.
        for last in (1..order.len()).rev() {
            order.swap(last, sync::dice(last + 1));
        }
        order.into_iter().find(|&case| self.cases[case].attempt())
    }

    /// Joins the queues of all channels, up to one that is ready. Says whether there is one.
    fn join(&mut self, call: &Ticket) -> bool {
        let mut order: Vec<_> = (0..self.cases.len()).collect();
        order.sort_by_key(|&case| self.cases[case].serial());
        let mut joined = false;
        for case in order {
            match self.cases[case].join(&call.case(case)) {
                Joined::Ready => return true,
                Joined::Waits => joined = true,
                Joined::Never => {}
            }
        }
        assert!(joined, "a select without a case that can become ready would wait for ever");
        false
    }

    fn leave(&mut self, call: &Ticket, except: Option<usize>) {
        let others = self.cases.iter_mut().enumerate();
        for (case, other) in others.filter(|(case, _)| Some(*case) != except) {
            other.leave(&call.case(case));
        }
    }
}

impl<'a, R: 'a> Default for Select<'a, R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R> fmt::Debug for Select<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Select {{ {} cases }}", self.cases.len())
    }
}

/// What became of joining a queue.
enum Joined {
    /// The channel is ready; the queue was not joined.
    Ready,
    /// The case waits.
    Waits,
    /// The case has nothing to send.
    Never,
}

/// A send or a receive, whatever the type of its values.
trait Case<R> {
    /// Which channel it is, for an order of all channels.
    fn serial(&self) -> u64;

    /// Does it if it is ready.
    fn attempt(&mut self) -> bool;

    /// Joins the queue of those who wait, unless the channel is ready.
    fn join(&mut self, ticket: &Ticket) -> Joined;

    /// Leaves the queue, if it is there.
    fn leave(&mut self, ticket: &Ticket);

    /// Another thread has done it.
    fn complete(&mut self, ticket: &Ticket, outcome: Outcome);

    /// What it says is the result.
    fn finish(self: Box<Self>) -> R;
}

struct Receive<'a, T, F> {
    channel: &'a Shared<T>,
    result: Result<T, Closed>,
    then: F,
}

impl<T, R, F: FnOnce(Result<T, Closed>) -> R> Case<R> for Receive<'_, T, F> {
    fn serial(&self) -> u64 {
        self.channel.serial
    }

    fn attempt(&mut self) -> bool {
        match self.channel.try_recv() {
            Ok(value) => self.result = Ok(value),
            Err(TryRecvError::Closed) => {}
            Err(TryRecvError::Empty) => return false,
        }
        true
    }

    fn join(&mut self, ticket: &Ticket) -> Joined {
        let mut state = self.channel.lock();
        if state.can_receive(ticket) {
            return Joined::Ready;
        }
        state.wait_to_receive(ticket.clone());
        Joined::Waits
    }

    fn leave(&mut self, ticket: &Ticket) {
        self.channel.lock().leave_receivers(ticket);
    }

    fn complete(&mut self, ticket: &Ticket, outcome: Outcome) {
        if outcome == Outcome::Met {
            self.result = Ok(self.channel.settle(ticket));
        }
    }

    fn finish(self: Box<Self>) -> R {
        (self.then)(self.result)
    }
}

struct Send<'a, T, F> {
    channel: &'a Shared<T>,
    slot: &'a mut Option<T>,
    result: Result<(), Closed>,
    then: F,
}

impl<T, R, F: FnOnce(Result<(), Closed>) -> R> Case<R> for Send<'_, T, F> {
    fn serial(&self) -> u64 {
        self.channel.serial
    }

    fn attempt(&mut self) -> bool {
        let Some(value) = self.slot.take() else { return false };
        match self.channel.try_send(value) {
            Ok(()) => self.result = Ok(()),
            Err(TrySendError::Closed(value)) => *self.slot = Some(value),
            Err(TrySendError::Full(value)) => {
                *self.slot = Some(value);
                return false;
            }
        }
        true
    }

    fn join(&mut self, ticket: &Ticket) -> Joined {
        let mut state = self.channel.lock();
        if self.slot.is_some() && state.can_send(ticket) {
            return Joined::Ready;
        }
        let Some(value) = self.slot.take() else { return Joined::Never };
        state.wait_to_send(ticket.clone(), value);
        Joined::Waits
    }

    fn leave(&mut self, ticket: &Ticket) {
        if let Some(value) = self.channel.lock().leave_senders(ticket) {
            *self.slot = Some(value);
        }
    }

    fn complete(&mut self, ticket: &Ticket, outcome: Outcome) {
        match outcome {
            Outcome::Met => self.result = Ok(()),
            Outcome::Closed => *self.slot = Some(self.channel.settle(ticket)),
        }
    }

    fn finish(self: Box<Self>) -> R {
        (self.then)(self.result)
    }
}
