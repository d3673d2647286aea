//! How the steps of the shipped readers-writer lock are steps of its model.

use bisim_models::lock::rw_lock::{Action, Pc, RwLock, State, Word};

use super::{rw_mutants, shipped};
use crate::interleaving::{
    Algorithm, Call, Event, Group, Mapping, Mutant, Scenario, Step, Survivor, pairs, trios,
};

use Call::{Downgrade, Lock, Read, TimedLock, TimedRead, TryLock, TryRead};

/// The shipped readers-writer lock beside its model.
#[derive(Clone, Copy, Debug)]
pub struct RwLockAlgorithm;

impl Algorithm for RwLockAlgorithm {
    type Spec = RwLock;
    type Mapping = RwLockMapping;
    type OnLoom = shipped::RwOnLoom;
    type OnShuttle = shipped::RwOnShuttle;

    const CALLS: &'static [Call] = &[Lock, TryLock, TimedLock, Read, TryRead, TimedRead, Downgrade];
    const SURVIVORS: &'static [Survivor] = rw_mutants::SURVIVORS;
    const WEAKENED_WITHIN: Option<usize> = Some(3);

    fn groups(quick: bool) -> Vec<Group> {
        let waiting = [Lock, TimedLock, Read, TimedRead];
        let pairs = Group::new("pairs", pairs(Self::CALLS));
        let trios = Group::new("trios", trios(&waiting)).uncovered();
        if quick {
            return vec![pairs.bounded(2), trios.bounded(1)];
        }
        vec![pairs.bounded(4), trios.bounded(2)]
    }

    fn weakened_in() -> Vec<Scenario> {
        let mut scenarios = pairs(&[Lock, Read, Downgrade]);
        scenarios.push(Scenario::new([&[Lock, Read], &[Read, Lock]]));
        scenarios
    }

    fn mutants() -> &'static [Mutant] {
        &rw_mutants::ALL
    }

    fn reason(_: &Group, state: &State, action: &Action) -> Option<&'static str> {
        let thread = action.thread();
        let looks = matches!(action, Action::LookAsReader { .. } | Action::LookAsWriter { .. });
        let others = (0..).zip(&state.threads).filter(|(other, _)| *other != thread);
        let alone = others.into_iter().all(|(_, other)| other.pc == Pc::Idle && other.rounds > 0);
        (looks && state.thread(thread).pc == Pc::Idle && alone)
            .then_some("from Idle, before any other call: it has not seen the lock taken")
    }
}

/// The mapping from `impls/src/lock/raw_rw_lock.rs` to `models/src/lock/rw_lock`.
///
/// The lock has three words: its state, the readers' turnstile and the writers'. The first is the
/// model's word. Of a turnstile only the queue is compared: the model knows whether it was turned
/// since a look, not how often.
#[derive(Clone, Copy, Debug, Default)]
pub struct RwLockMapping;

const READER: u32 = 1;
const READERS: u32 = (1 << 17) - 1;
const WAITING: u32 = 1 << 17;
const READERS_WAIT: u32 = 1 << 30;
const WRITER: u32 = 1 << 31;

/// The words, in the order in which the lock makes them.
const STATE: usize = 0;
const READERS_TURNSTILE: usize = 1;

/// The model's value of the state.
fn word_of(state: u32) -> Word {
    let small = |count: u32| u8::try_from(count).unwrap_or(u8::MAX);
    Word {
        readers: small(state & READERS),
        writer: state & WRITER != 0,
        writers_wait: small((state & !WRITER & !READERS_WAIT) / WAITING),
        readers_wait: state & READERS_WAIT != 0,
    }
}

fn number_of(thread: usize) -> Result<u8, String> {
    u8::try_from(thread).map_err(|_| format!("{thread} is no thread of the model"))
}

fn reads(call: Call) -> bool {
    matches!(call, Read | TryRead | TimedRead)
}

/// The action that an exchange of the state is.
fn exchanged(thread: u8, old: u32, new: u32, call: Call) -> Option<Action> {
    let counted = old.wrapping_sub(WAITING).wrapping_add(WRITER);
    Some(if new == old.wrapping_add(READER) {
        Action::TakeRead { thread }
    } else if reads(call) && new == old | READERS_WAIT {
        Action::Mark { thread }
    } else if new == old.wrapping_add(WRITER) || new == counted {
        Action::TakeWrite { thread }
    } else if new == old.wrapping_add(WAITING) {
        Action::Announce { thread }
    } else if new == old {
        Action::Stay { thread }
    } else {
        return None;
    })
}

/// The action that an addition to the state is.
fn added(thread: u8, old: u32, new: u32) -> Option<Action> {
    let less = |part: u32| new == old.wrapping_sub(part);
    Some(if less(READER) {
        Action::ReleaseRead { thread }
    } else if less(WRITER) {
        Action::ReleaseWrite { thread }
    } else if less(WRITER - READER) {
        Action::Downgrade { thread }
    } else if less(WAITING) {
        Action::Withdraw { thread }
    } else if new == old & !READERS_WAIT {
        Action::ClearMark { thread }
    } else {
        return None;
    })
}

/// The action that a step on a turnstile is.
fn turned(thread: u8, event: &Event) -> Result<Option<Action>, String> {
    let readers = event.object == READERS_TURNSTILE;
    Ok(Some(match event.step {
        Step::Swap { old, new } if old == new && readers => Action::LookAsReader { thread },
        Step::Swap { old, new } if old == new => Action::LookAsWriter { thread },
        Step::Swap { .. } => Action::Turn { thread },
        Step::Sleep { timed, .. } => Action::Sleep { thread, timed },
        Step::Refuse { .. } => Action::Refuse { thread },
        Step::Expire => Action::Expire { thread },
        Step::WakeAll { .. } if readers => Action::WakeReaders { thread },
        Step::Wake { woken } if !readers => {
            Action::WakeWriter { thread, woken: woken.map(number_of).transpose()? }
        }
        _ => return Ok(None),
    }))
}

impl Mapping for RwLockMapping {
    type Model = RwLock;

    fn action(&self, event: &Event, call: Call) -> Result<Option<Action>, String> {
        let thread = number_of(event.thread)?;
        let action = match event.step {
            // An attempt that fails because the state has changed in between is made again.
            Step::CompareExchange { old, expected, .. }
                if event.object == STATE && old != expected =>
            {
                return Ok(None);
            }
            Step::CompareExchange { old, new, .. } if event.object == STATE => {
                exchanged(thread, old, new, call)
            }
            Step::Swap { old, new } if event.object == STATE => added(thread, old, new),
            _ if event.object != STATE => turned(thread, event)?,
            _ => None,
        };
        action.map(Some).ok_or_else(|| "the model has no such step".to_owned())
    }

    fn saw(&self, before: &State, event: &Event) -> Result<(), String> {
        if let Step::Sleep { timed, .. } = event.step {
            let me = before.thread(number_of(event.thread)?);
            return match (me.timed, timed) {
                (true, false) => Err("it sleeps without the deadline that it had".to_owned()),
                _ => Ok(()),
            };
        }
        let (Step::CompareExchange { old, .. } | Step::Swap { old, .. }) = event.step else {
            return Ok(());
        };
        if event.object != STATE || word_of(old) == before.word {
            return Ok(());
        }
        Err(format!("it saw {:?}, in the model it is {:?}", word_of(old), before.word))
    }

    fn agrees(&self, after: &State, event: &Event) -> Result<(), String> {
        if event.object == STATE {
            let word = event.word.map(word_of).filter(|word| *word != after.word);
            return word.map_or(Ok(()), |word| {
                Err(format!("the state is {word:?}, in the model {:?}", after.word))
            });
        }
        let queue = match event.object {
            READERS_TURNSTILE => Pc::ReaderSleeps,
            _ => Pc::WriterSleeps,
        };
        let mut sleepers = event.sleepers.clone().unwrap_or_default();
        sleepers.sort_unstable();
        if sleepers.iter().copied().eq(after.at(queue).map(usize::from)) {
            return Ok(());
        }
        let model: Vec<_> = after.at(queue).collect();
        Err(format!("threads {sleepers:?} sleep, in the model {model:?}"))
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
        // A call that has had the lock ends by leaving it, and one that has not by giving up. The
        // one and the other may have found readers to be woken.
        let possible = match last {
            Some(Action::WakeReaders { .. }) => true,
            Some(
                Action::ReleaseRead { .. }
                | Action::ReleaseWrite { .. }
                | Action::WakeWriter { .. },
            ) => result == 1,
            _ => result == 0,
        };
        if possible { Ok(()) } else { Err(format!("the result is {result} after {last:?}")) }
    }
}
