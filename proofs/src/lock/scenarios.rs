//! What is explored: every scenario of a group runs on the same model.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bisim_models::common::{Params, Preset, Spec};
use bisim_models::lock::mutex::Mutex;

use crate::interleaving::{Bounds, Call, Scenario};

use Call::{Lock, TimedLock, TryLock};

/// Scenarios with one number of threads and of calls.
#[derive(Clone, Debug)]
pub struct Group {
    /// What is special about them.
    pub name: &'static str,
    /// The scenarios.
    pub scenarios: Vec<Scenario>,
    /// The most switches away from a thread that could go on; none for all interleavings.
    pub preemptions: Option<usize>,
}

impl Group {
    /// One scenario.
    pub fn of(scenario: Scenario) -> Self {
        Self { name: "one scenario", scenarios: vec![scenario], preemptions: None }
    }

    /// The model with the group's number of threads and calls.
    pub fn model(&self) -> Arc<Mutex> {
        let small = |count| u32::try_from(count).expect("a scenario is small");
        let params = Params::preset(Mutex::PARAMETERS, Preset::Standard)
            .with("threads", small(self.threads()))
            .with("rounds", small(self.rounds()));
        Arc::new(Mutex::new(&params).expect("every number of threads and calls makes a model"))
    }

    /// The most threads of a scenario.
    pub fn threads(&self) -> usize {
        self.scenarios.iter().map(Scenario::threads).max().unwrap_or(1)
    }

    /// The most calls that a thread makes.
    pub fn rounds(&self) -> usize {
        self.scenarios.iter().map(Scenario::rounds).max().unwrap_or(1)
    }

    /// Whether nothing is left out: the threads make every sequence of calls, in all
    /// interleavings.
    pub fn is_complete(&self) -> bool {
        let (threads, rounds) = (self.threads(), self.rounds());
        let whole = |calls: &&Vec<Vec<Call>>| {
            calls.len() == threads && calls.iter().all(|calls| calls.len() == rounds)
        };
        let made = self.scenarios.iter().map(|scenario| &scenario.calls).filter(whole);
        let sequences = (0..threads * rounds).fold(1, |many: usize, _| many * Call::ALL.len());
        self.preemptions.is_none() && made.collect::<HashSet<_>>().len() == sequences
    }

    /// How far loom goes.
    pub fn bounds(&self, interrupt: &Arc<AtomicBool>) -> Bounds {
        Bounds {
            preemptions: self.preemptions,
            interrupt: Arc::clone(interrupt),
            ..Bounds::default()
        }
    }
}

/// Two threads, one call each, of every kind.
pub fn pairs() -> Group {
    let kinds = Call::ALL.into_iter();
    let scenarios = kinds.flat_map(|a| Call::ALL.map(|b| Scenario::new([&[a], &[b]])));
    Group { name: "pairs", scenarios: scenarios.collect(), preemptions: None }
}

/// Two threads that come back: what one call leaves behind, the next one finds.
pub fn rounds() -> Group {
    let scenarios = vec![
        Scenario::new([&[Lock, Lock], &[Lock, Lock]]),
        Scenario::new([&[Lock, TimedLock], &[TryLock, TimedLock]]),
        Scenario::new([&[TryLock, TimedLock], &[Lock, TryLock]]),
        Scenario::new([&[TimedLock, Lock], &[TimedLock, TimedLock]]),
    ];
    Group { name: "rounds", scenarios, preemptions: None }
}

/// Three threads, one call each, of every kind: a sleeper that is woken meets one that is not.
/// All interleavings would be millions.
pub fn trios(preemptions: usize) -> Group {
    let kinds = Call::ALL.into_iter();
    let kinds = kinds.flat_map(|a| Call::ALL.map(|b| (a, b)));
    let scenarios = kinds.flat_map(|(a, b)| Call::ALL.map(|c| Scenario::new([&[a], &[b], &[c]])));
    Group { name: "trios", scenarios: scenarios.collect(), preemptions: Some(preemptions) }
}
