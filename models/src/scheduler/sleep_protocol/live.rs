//! What must happen, and under which fairness.

use super::{Action, SOURCE, SleepProtocol, State, Worker};
use crate::common::{Fairness, LiveLaw};

impl SleepProtocol {
    /// Everybody goes on with what he does; but nobody has to push, and a task may run for ever.
    fn fairness(&self) -> Fairness<Self> {
        let name = "each thread, but for new calls and the ends of tasks";
        Fairness::weak(name, |model: &Self, _: &State, action: &Action| {
            let owes = !matches!(action, Action::Push(_) | Action::Stop | Action::Finish(_));
            owes.then(|| model.number(action))
        })
    }

    /// The same, and every task ends.
    fn fairness_to_tasks(&self) -> Fairness<Self> {
        Fairness::weak("each thread, but for new calls", |model: &Self, _, action: &Action| {
            let owes = !matches!(action, Action::Push(_) | Action::Stop);
            owes.then(|| model.number(action))
        })
    }

    /// No task waits for ever while a worker sleeps; shutdown ends every worker.
    pub(super) fn liveness(&self) -> Vec<LiveLaw<Self>> {
        let waits =
            |_: &Self, state: &State| state.tasks > 0 && state.workers.contains(&Worker::Sleeping);
        let goes_on = |_: &Self, state: &State| {
            state.tasks == 0 || !state.workers.contains(&Worker::Sleeping)
        };
        let stop = |_: &Self, state: &State, _| state.stop;
        let ended = |_: &Self, state: &State, w| state.workers[w] == Worker::Ended;
        let shutdown =
            LiveLaw::each_leads_to(self.workers.into(), "shutdown ends", SOURCE, stop, ended);
        vec![
            LiveLaw::leads_to("no task waits beside a sleeper", SOURCE, waits, goes_on)
                .under(&self.fairness()),
            shutdown.under(&self.fairness_to_tasks()),
        ]
    }
}
