//! Guards never read ghosts: whatever the history variables of a state are, the same actions are
//! enabled in it, and they lead to states that differ in history alone.

use std::collections::HashSet;

use bisim_models::common::{Params, Preset, Spec};
use bisim_models::lock::mutex::{Mutex, State as MutexState};
use bisim_models::raft::{Action, Raft, State as RaftState};

/// How to look at a state without its ghosts.
struct Ghosts<S: Spec> {
    /// The model that keeps them.
    spec: S,
    /// The model in which a state without ghosts steps.
    plain: S,
    erase: fn(&S::State) -> S::State,
    erase_from_action: fn(&S::Action) -> S::Action,
}

impl<S: Spec> Ghosts<S> {
    /// The steps of a state, without ghosts: in no order that matters.
    fn steps(&self, spec: &S, state: &S::State) -> HashSet<(S::Action, S::State)> {
        let mut actions = Vec::new();
        spec.candidates(state, &mut actions);
        let steps = actions.into_iter().filter_map(|action| {
            let next = spec.step(state, &action).ok()?;
            Some(((self.erase_from_action)(&action), (self.erase)(&next)))
        });
        steps.collect()
    }

    /// Compares the steps with and without ghosts of every reachable state; how many there are.
    fn are_not_read(&self) -> Result<usize, String> {
        let mut seen: HashSet<S::State> = self.spec.initial().into_iter().collect();
        let mut queue: Vec<_> = self.spec.initial();
        while let Some(state) = queue.pop() {
            let with = self.steps(&self.spec, &state);
            let without = self.steps(&self.plain, &(self.erase)(&state));
            if with != without {
                return Err(format!("{} differs in {state:?}", S::NAME));
            }
            let mut actions = Vec::new();
            self.spec.candidates(&state, &mut actions);
            for action in actions {
                let Ok(next) = self.spec.step(&state, &action) else { continue };
                if self.spec.within(&next) && seen.insert(next.clone()) {
                    queue.push(next);
                }
            }
        }
        Ok(seen.len())
    }
}

fn spec<S: Spec>(constants: &[(&str, u32)]) -> S {
    let quick = Params::preset(S::PARAMETERS, Preset::Quick);
    let params = constants.iter().fold(quick, |params, &(name, value)| params.with(name, value));
    S::new(&params).expect("these constants make a model")
}

fn raft() -> Ghosts<Raft> {
    let constants = |history| {
        [("max_term", 2), ("max_log", 1), ("max_msgs", 2), ("max_dup", 1), ("history", history)]
    };
    Ghosts {
        spec: spec(&constants(1)),
        plain: spec(&constants(0)),
        erase: RaftState::without_history,
        erase_from_action: Action::without_history,
    }
}

#[test]
fn the_history_variables_of_raft_are_not_read() {
    assert_eq!(raft().are_not_read(), Ok(15_254));
}

#[test]
fn who_was_woken_is_not_read() {
    fn erase(state: &MutexState) -> MutexState {
        let mut plain = state.clone();
        plain.threads.iter_mut().for_each(|thread| thread.woken = false);
        plain
    }
    let mutex = Ghosts::<Mutex> {
        spec: spec(&[("threads", 3)]),
        plain: spec(&[("threads", 3)]),
        erase,
        erase_from_action: Clone::clone,
    };
    assert_eq!(mutex.are_not_read(), Ok(15_335));
}

/// The test can fail: the vote of a server is no ghost.
#[test]
fn what_is_read_is_noticed() {
    fn erase(state: &RaftState) -> RaftState {
        let mut plain = state.without_history();
        plain.servers.change().iter_mut().for_each(|server| server.durable.voted_for = None);
        plain
    }
    assert!(Ghosts { erase, ..raft() }.are_not_read().is_err());
}
