//! What must happen, and the fairness under which it does.

use super::{Action, Mutex, Pc, State, Word};
use crate::common::{Fairness, LiveLaw};

impl Mutex {
    /// A thread within a call takes its steps. It need not begin a call, and a deadline may be as
    /// far away as it likes: a sleeper must be woken without it.
    fn fairness(&self) -> Fairness<Self> {
        let key = |_: &Self, state: &State, action: &Action| {
            let thread = action.thread();
            let begun = state.thread(thread).pc != Pc::Idle;
            (begun && !matches!(action, Action::Expire { .. })).then_some(thread.into())
        };
        Fairness::of(self.fairness, "each call, deadlines apart", key)
    }

    /// Every call ends, and so the lock is free again and again.
    pub(super) fn what_must_happen(&self) -> Vec<LiveLaw<Self>> {
        let fair = self.fairness();
        let idle = |s: &State, i: usize| s.threads[i].pc == Pc::Idle;
        let (begun, over) =
            (move |_: &Self, s: &State, i| !idle(s, i), move |_: &Self, s: &State, i| idle(s, i));
        let free = |_: &Self, s: &State| s.word == Word::Unlocked;
        let threads = self.threads.into();
        let source = "Drepper 2011, section 5";
        vec![
            LiveLaw::always_eventually("the lock is free again", source, free).under(&fair),
            LiveLaw::each_leads_to(threads, "every call ends", source, begun, over).under(&fair),
        ]
    }
}
