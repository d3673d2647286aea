//! Mistakes in the code of channels: the shipped channel with one call wrapped wrongly.
//!
//! The shipped code has no switch for its bugs. Each mistake here is made around it, as a user of
//! its parts would make it.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::mem;
use std::sync::atomic::Ordering::{Acquire, Release};

use bisim_models::channel::channel::Outcome;

use super::port::{OnLoom, Port, Tracked};
use super::script::{Call, Event};
use crate::interleaving::{Loom, Word, World};

type LoomWord = <Loom as World>::Word;

/// A wrong way to make a call.
pub trait Sabotage: Debug + Send + Sync + 'static {
    /// The capacity of the channel that is made.
    fn capacity(capacity: Option<usize>) -> Option<usize> {
        capacity
    }

    /// Makes a call; the word is for what the mistake needs of its own.
    fn call(port: &OnLoom, _word: &LoomWord, call: Call, value: Tracked) -> Outcome {
        port.call(call, value)
    }

    /// What is done with the handles in the end.
    fn end(port: OnLoom) {
        drop(port);
    }
}

/// The shipped channel, used wrongly.
#[derive(Debug)]
pub struct Sabotaged<B: Sabotage> {
    port: Option<OnLoom>,
    word: LoomWord,
    bug: PhantomData<B>,
}

impl<B: Sabotage> Port for Sabotaged<B> {
    type World = Loom;

    fn new(capacity: Option<usize>) -> Self {
        let port = Some(OnLoom::new(B::capacity(capacity)));
        Self { port, word: Word::new(0), bug: PhantomData }
    }

    fn call(&self, call: Call, value: Tracked) -> Outcome {
        let port = self.port.as_ref().expect("it is taken when it is dropped");
        B::call(port, &self.word, call, value)
    }

    fn listen(listener: impl FnMut(Event) + 'static) {
        OnLoom::listen(listener);
    }
}

impl<B: Sabotage> Drop for Sabotaged<B> {
    fn drop(&mut self) {
        self.port.take().into_iter().for_each(B::end);
    }
}

/// Nothing is wrong.
#[derive(Debug)]
pub struct Unchanged;

impl Sabotage for Unchanged {}

/// The channel has room for one value more than it says.
#[derive(Debug)]
pub struct CapacityOffByOne;

impl Sabotage for CapacityOffByOne {
    fn capacity(capacity: Option<usize>) -> Option<usize> {
        capacity.map(|capacity| capacity + 1)
    }
}

/// The handles are leaked when they should be dropped, and close nothing: what is left in the
/// buffer is never dropped.
#[derive(Debug)]
pub struct LeakedBuffer;

impl Sabotage for LeakedBuffer {
    fn end(port: OnLoom) {
        mem::forget(port);
    }
}

/// A close takes out what was sent before it.
#[derive(Debug)]
pub struct CloseDiscards;

impl Sabotage for CloseDiscards {
    fn call(port: &OnLoom, _word: &LoomWord, call: Call, value: Tracked) -> Outcome {
        let outcome = port.call(call, value);
        if call == Call::Close {
            port.receiver.try_iter().for_each(drop);
        }
        outcome
    }
}

/// A send on a closed channel says that it has sent.
#[derive(Debug)]
pub struct SentAfterClose;

impl Sabotage for SentAfterClose {
    fn call(port: &OnLoom, _word: &LoomWord, call: Call, value: Tracked) -> Outcome {
        match port.call(call, value) {
            Outcome::Rejected => Outcome::Sent,
            outcome => outcome,
        }
    }
}

/// A close says so to nobody: the last handle is not dropped.
#[derive(Debug)]
pub struct ForgottenClose;

impl Sabotage for ForgottenClose {
    fn call(port: &OnLoom, _word: &LoomWord, call: Call, value: Tracked) -> Outcome {
        if call == Call::Close {
            mem::forget(port.sender.clone());
            return Outcome::Closed;
        }
        port.call(call, value)
    }
}

/// A receive that looks, and then waits for the next send by a word of its own: a poll, whose waker
/// is stored after the state was checked.
#[derive(Debug)]
pub struct LateWaiter;

impl Sabotage for LateWaiter {
    fn call(port: &OnLoom, word: &LoomWord, call: Call, value: Tracked) -> Outcome {
        if call == Call::Recv {
            loop {
                match port.receiver.try_recv() {
                    Ok(value) => return value.received(),
                    Err(_) if port.receiver.is_closed() => return Outcome::Drained,
                    Err(_) => {
                        let sends = word.load(Acquire);
                        word.wait(sends, false);
                    }
                }
            }
        }
        let outcome = port.call(call, value);
        word.swap(word.load(Acquire) + 1, Release);
        word.wake_one();
        outcome
    }
}
