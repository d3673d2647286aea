//! How the steps of the shipped mutex are steps of the model.

use bisim_models::lock::mutex::{Action, Call as ModelCall, Mutex, Pc, State, Word};

use super::{mutex_mutants, shipped};
use crate::interleaving::{
    Algorithm, Call, Event, Group, Mapping, Mutant, Scenario, Step, Survivor, pairs, trios,
};

/// The shipped mutex beside its model.
#[derive(Clone, Copy, Debug)]
pub struct MutexAlgorithm;

impl Algorithm for MutexAlgorithm {
    type Spec = Mutex;
    type Mapping = MutexMapping;
    type OnLoom = shipped::OnLoom;
    type OnShuttle = shipped::OnShuttle;

    const CALLS: &'static [Call] = &Call::EXCLUSIVE;
    const SURVIVORS: &'static [Survivor] = &[];

    fn groups(quick: bool) -> Vec<Group> {
        let mut groups = vec![Group::new("pairs", pairs(Self::CALLS))];
        if !quick {
            groups.push(Group::new("rounds", Self::rounds()));
        }
        // A sleeper that is woken meets one that is not. All interleavings would be millions.
        let preemptions = if quick { 2 } else { 3 };
        groups.push(Group::new("trios", trios(Self::CALLS)).bounded(preemptions));
        groups
    }

    fn weakened_in() -> Vec<Scenario> {
        [pairs(Self::CALLS), Self::rounds()].concat()
    }

    fn mutants() -> &'static [Mutant] {
        &mutex_mutants::ALL
    }

    fn reason(group: &Group, state: &State, action: &Action) -> Option<&'static str> {
        let Action::Fail { thread, .. } = *action else { return None };
        // The thread has found the lock taken before, and now it is taken as well. The code tries
        // again only when it has seen the lock free in between, which takes two calls of others.
        let others = (0..).zip(&state.threads).filter(|(other, _)| *other != thread);
        let begun: usize =
            others.map(|(_, other)| group.rounds() - usize::from(other.rounds)).sum();
        (state.thread(thread).pc == Pc::Spinning && begun < 2)
            .then_some("while Spinning, with one call of the others: it has not seen the lock free")
    }
}

impl MutexAlgorithm {
    /// Two threads that come back: what one call leaves behind, the next one finds.
    pub fn rounds() -> Vec<Scenario> {
        use Call::{Lock, TimedLock, TryLock};
        vec![
            Scenario::new([&[Lock, Lock], &[Lock, Lock]]),
            Scenario::new([&[Lock, TimedLock], &[TryLock, TimedLock]]),
            Scenario::new([&[TryLock, TimedLock], &[Lock, TryLock]]),
            Scenario::new([&[TimedLock, Lock], &[TimedLock, TimedLock]]),
        ]
    }
}

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

fn call_of(call: Call) -> Result<ModelCall, String> {
    match call {
        Call::Lock => Ok(ModelCall::Lock),
        Call::TryLock => Ok(ModelCall::TryLock),
        Call::TimedLock => Ok(ModelCall::TimedLock),
        _ => Err(format!("a mutex has no {call:?}")),
    }
}

fn number_of(thread: usize) -> Result<u8, String> {
    u8::try_from(thread).map_err(|_| format!("{thread} is no thread of the model"))
}

impl Mapping for MutexMapping {
    type Model = Mutex;

    fn action(&self, event: &Event, call: Call) -> Result<Option<Action>, String> {
        let thread = number_of(event.thread)?;
        Ok(Some(match event.step {
            Step::CompareExchange { old: 0, expected: 0, new: 1 } => Action::Acquire { thread },
            Step::CompareExchange { expected: 0, new: 1, .. } => {
                Action::Fail { thread, call: call_of(call)? }
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
        }))
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
        result: u32,
    ) -> Result<(), String> {
        let pc = state.thread(number_of(thread)?).pc;
        if pc != Pc::Idle {
            return Err(format!("the call is over, in the model the thread is {pc:?}"));
        }
        // A call that has had the lock ends by freeing it.
        let model = matches!(last, Some(Action::Release { .. } | Action::Wake { .. }));
        let taken = result == 1;
        if taken == model {
            Ok(())
        } else {
            Err(format!("the lock was taken: {taken}, in the model {model}"))
        }
    }
}
