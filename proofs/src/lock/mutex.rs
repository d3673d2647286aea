//! How the steps of the shipped mutex are steps of the model.

use bisim_models::lock::mutex::{Action, Call as ModelCall, Mutex, Pc, State, Word};

use crate::interleaving::{Call, Event, Mapping, Step};

/// The mapping from `impls/src/lock/raw_mutex.rs` to `models/src/lock/mutex.rs`.
///
/// Nearly the identity: the word is the word, the futex's queue is the set of threads that are
/// `Sleeping`, and each atomic operation is the action of its name. The threads' places in the
/// code are not read from the implementation: the model's own say which steps may come next.
#[derive(Clone, Copy, Debug, Default)]
pub struct MutexMapping;

/// The model's value of a word.
fn word_of(word: u32) -> Result<Word, String> {
    match word {
        0 => Ok(Word::Unlocked),
        1 => Ok(Word::Locked),
        2 => Ok(Word::Contended),
        _ => Err(format!("{word} is no value of the word")),
    }
}

fn call_of(call: Call) -> ModelCall {
    match call {
        Call::Lock => ModelCall::Lock,
        Call::TryLock => ModelCall::TryLock,
        Call::TimedLock => ModelCall::TimedLock,
    }
}

fn number_of(thread: usize) -> Result<u8, String> {
    u8::try_from(thread).map_err(|_| format!("{thread} is no thread of the model"))
}

impl Mapping for MutexMapping {
    type Model = Mutex;

    fn action(&self, event: &Event, call: Call) -> Result<Action, String> {
        let thread = number_of(event.thread)?;
        Ok(match event.step {
            Step::CompareExchange { old: 0, expected: 0, new: 1 } => Action::Acquire { thread },
            Step::CompareExchange { expected: 0, new: 1, .. } => {
                Action::Fail { thread, call: call_of(call) }
            }
            Step::Swap { new: 2, .. } => Action::Mark { thread },
            Step::Swap { new: 0, .. } => Action::Release { thread },
            Step::Sleep { .. } => Action::Sleep { thread },
            Step::Refuse { .. } => Action::Refuse { thread },
            Step::Expire => Action::Expire { thread },
            Step::Wake { woken } => {
                Action::Wake { thread, woken: woken.map(number_of).transpose()? }
            }
            _ => return Err("the model has no such step".to_owned()),
        })
    }

    fn saw(&self, before: &State, event: &Event) -> Result<(), String> {
        let seen = match event.step {
            Step::CompareExchange { old, .. } | Step::Swap { old, .. } => old,
            Step::Sleep { word, timed } => {
                let me = before.thread(number_of(event.thread)?);
                if me.timed != timed {
                    return Err(format!("deadline: {timed}, in the model {}", me.timed));
                }
                word
            }
            Step::Refuse { word } => word,
            _ => return Ok(()),
        };
        if word_of(seen)? == before.word {
            Ok(())
        } else {
            Err(format!(
                "it saw the word {:?}, in the model it is {:?}",
                word_of(seen),
                before.word
            ))
        }
    }

    fn agrees(&self, after: &State, event: &Event) -> Result<(), String> {
        if let Some(word) = event.word {
            let word = word_of(word)?;
            if word != after.word {
                return Err(format!("the word is {word:?}, in the model {:?}", after.word));
            }
        }
        if let Some(sleepers) = &event.sleepers {
            let mut sleepers = sleepers.clone();
            sleepers.sort_unstable();
            if !sleepers.iter().copied().eq(after.sleepers().map(usize::from)) {
                let model: Vec<_> = after.sleepers().collect();
                return Err(format!("threads {sleepers:?} sleep, in the model {model:?}"));
            }
        }
        Ok(())
    }

    fn ended(
        &self,
        state: &State,
        last: Option<&Action>,
        thread: usize,
        taken: bool,
    ) -> Result<(), String> {
        let pc = state.thread(number_of(thread)?).pc;
        if pc != Pc::Idle {
            return Err(format!("the call is over, in the model the thread is {pc:?}"));
        }
        // A call that has had the lock ends by freeing it.
        let model = matches!(last, Some(Action::Release { .. } | Action::Wake { .. }));
        if taken == model {
            Ok(())
        } else {
            Err(format!("the lock was taken: {taken}, in the model {model}"))
        }
    }
}
