//! Many runs, with proptest's choices as the schedule.

use std::cell::RefCell;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bisim_models::common::Spec;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use proptest::{collection, num, strategy};
use stateright::Model;

use super::walk::{divergence, shortest};
use super::{Scheduled, Walk};
use crate::checker::ActionCount;
use crate::refinement::{ConcreteAction, ConcreteState, Divergence, Failure};

/// What is to happen next: something of this kind, and which of them, counted modulo their
/// number. A choice of a kind of which nothing is possible is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// An index into [`Scheduled::KINDS`].
    pub kind: usize,
    /// Which of the actions of this kind.
    pub which: u16,
}

/// How much is sampled.
#[derive(Clone, Debug)]
pub struct Sampling {
    /// The seed of everything.
    pub seed: u64,
    /// The number of schedules.
    pub cases: u32,
    /// The length of the longest schedule, in choices.
    pub longest: usize,
    /// Set from outside to end the run.
    pub interrupt: Arc<AtomicBool>,
}

/// What the sampled evidence says.
pub struct Sampled<C, R: Scheduled> {
    /// Schedules run.
    pub cases: u64,
    /// Actions that changed something: each is an edge that was checked.
    pub edges: u64,
    /// Steps that the model took beside them.
    pub steps: u64,
    /// The same by class of the model's actions.
    pub actions: Vec<ActionCount>,
    /// How often each kind of thing happened.
    pub kinds: Vec<(&'static str, u64)>,
    /// Schedules at whose end, faults and all, the nodes had reached what they are for.
    pub done: u64,
    /// Whether the run was interrupted.
    pub interrupted: bool,
    /// The first failure, shrunk.
    pub failed: Option<Failed<C, R>>,
}

/// A schedule that fails.
pub struct Failed<C, R: Scheduled> {
    /// The configuration.
    pub config: C,
    /// Its implementation and model.
    pub refinement: R,
    /// The actions.
    pub actions: Vec<ConcreteAction<R>>,
    /// What fails at their end.
    pub divergence: Divergence<ConcreteState<R>, ConcreteAction<R>>,
}

/// How many smaller inputs proptest may try after a failure. It finds the smaller cluster and
/// leaves most of a long schedule standing, of which [`shortest`] then leaves out the rest.
const SHRINKS: u32 = 512;

/// Runs random schedules of random configurations. `make` gives the implementation with its
/// model for a configuration.
pub fn sample<C, R>(
    sampling: &Sampling,
    configs: impl Strategy<Value = C>,
    make: impl Fn(&C) -> R,
) -> Sampled<C, R>
where
    C: Clone + Debug,
    R: Scheduled,
{
    let config = Config {
        cases: sampling.cases,
        max_shrink_iters: u32::MAX,
        failure_persistence: None,
        ..Config::default()
    };
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&sampling.seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let totals = RefCell::new(Totals::new::<R>());
    let schedules = collection::vec(choices::<R>(), 1..=sampling.longest);
    let result = runner.run(&(configs, schedules), |(config, choices)| {
        if sampling.interrupt.load(Ordering::Relaxed) {
            totals.borrow_mut().interrupted = true;
            return Ok(());
        }
        let mut totals = totals.borrow_mut();
        // After the first failure proptest asks which smaller inputs fail too.
        if totals.shrinks == SHRINKS {
            return Ok(());
        }
        let run = Run::of(&make(&config), &choices);
        if totals.shrinks == 0 {
            totals.add(&run);
        }
        totals.shrinks += u32::from(totals.shrinks > 0 || run.failed.is_some());
        run.failed.map_or(Ok(()), |(failure, _)| Err(TestCaseError::fail(failure.to_string())))
    });
    let failed = match result {
        Err(TestError::Fail(_, (config, choices))) => {
            let refinement = make(&config);
            let actions = shortest(&refinement, Run::of(&refinement, &choices).actions);
            let divergence = divergence(&refinement, &actions)
                .expect("a schedule that fails does so again: nothing in it is random");
            Some(Failed { config, refinement, actions, divergence })
        }
        // proptest gives up only on rejected inputs, and none is rejected here.
        Err(TestError::Abort(_)) | Ok(()) => None,
    };
    totals.into_inner().answer(failed)
}

fn choices<R: Scheduled>() -> impl Strategy<Value = Choice> {
    let kinds = R::KINDS.iter().enumerate();
    let kinds = kinds.map(|(kind, (_, weight))| (*weight, strategy::Just(kind))).collect();
    (strategy::Union::new_weighted(kinds), num::u16::ANY)
        .prop_map(|(kind, which)| Choice { kind, which })
}

/// One schedule, run to its first failure or to its end.
struct Run<R: Scheduled> {
    actions: Vec<ConcreteAction<R>>,
    kinds: Vec<u64>,
    steps: u64,
    taken: Vec<u64>,
    done: bool,
    failed: Option<(Failure, String)>,
}

impl<R: Scheduled> Run<R> {
    fn of(refinement: &R, choices: &[Choice]) -> Self {
        let mut run = Self {
            actions: Vec::new(),
            kinds: vec![0; R::KINDS.len()],
            steps: 0,
            taken: Vec::new(),
            done: false,
            failed: None,
        };
        match Walk::begin(refinement) {
            Err(failed) => run.failed = Some(failed),
            Ok(mut walk) => {
                run.failed = run.go(refinement, &mut walk, choices).err();
                run.done = R::done(refinement, walk.state());
                (run.steps, run.taken) = (walk.steps, std::mem::take(&mut walk.taken));
                run.actions = walk.into_actions();
            }
        }
        run
    }

    fn go(
        &mut self,
        refinement: &R,
        walk: &mut Walk<'_, R>,
        choices: &[Choice],
    ) -> Result<(), (Failure, String)> {
        let mut offered = Vec::new();
        for choice in choices {
            offered.clear();
            refinement.concrete().actions(walk.state(), &mut offered);
            offered.retain(|action| R::kind_of(action) == choice.kind);
            if let Some(which) = usize::from(choice.which).checked_rem(offered.len())
                && walk.take(offered.swap_remove(which))?
            {
                self.kinds[choice.kind] += 1;
            }
        }
        Ok(())
    }
}

/// What all runs together did.
struct Totals {
    cases: u64,
    edges: u64,
    steps: u64,
    taken: Vec<u64>,
    kinds: Vec<u64>,
    done: u64,
    interrupted: bool,
    /// The inputs tried from the first failure on.
    shrinks: u32,
}

impl Totals {
    fn new<R: Scheduled>() -> Self {
        Self {
            cases: 0,
            edges: 0,
            steps: 0,
            taken: vec![0; R::Abstract::ACTIONS.len()],
            kinds: vec![0; R::KINDS.len()],
            done: 0,
            interrupted: false,
            shrinks: 0,
        }
    }

    fn add<R: Scheduled>(&mut self, run: &Run<R>) {
        self.cases += 1;
        self.edges += run.actions.len() as u64;
        self.steps += run.steps;
        self.done += u64::from(run.done);
        self.taken.iter_mut().zip(&run.taken).for_each(|(total, taken)| *total += taken);
        self.kinds.iter_mut().zip(&run.kinds).for_each(|(total, count)| *total += count);
    }

    fn answer<C, R: Scheduled>(self, failed: Option<Failed<C, R>>) -> Sampled<C, R> {
        let actions = R::Abstract::ACTIONS.iter().zip(self.taken);
        let kinds = R::KINDS.iter().zip(self.kinds);
        Sampled {
            cases: self.cases,
            edges: self.edges,
            steps: self.steps,
            actions: actions
                .map(|(class, taken)| ActionCount { name: class.name, taken })
                .collect(),
            kinds: kinds.map(|((name, _), count)| (*name, count)).collect(),
            done: self.done,
            interrupted: self.interrupted,
            failed,
        }
    }
}
