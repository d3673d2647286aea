//! Why the locks satisfy their models. The mapping table is in `impls/src/lock/README.md`.

mod interleaved;
pub mod mutants;
mod mutex;
mod mutex_bugs;
mod sampled;
pub mod scenarios;
mod seeded;

use std::sync::Arc;

use crate::interleaving::{Bounds, Choices, Run, Schedule, replayed, story_of};
use crate::registry::{ConformOptions, ConformReport, Conformance, Entry, Evidence, SpecTarget};
use crate::report::{Replayed, Trace, TraceError};

pub use interleaved::{Survivor, explored, weaken};
pub use mutex::MutexMapping;
pub use sampled::{Sampled, sampled};
pub use seeded::bugs;

/// The locks.
pub fn entries() -> Vec<Entry> {
    vec![Entry {
        folder: "lock",
        title: "the three-state futex mutex",
        papers: &[
            "Drepper, Futexes Are Tricky, 2011, section 6",
            "Bos, Rust Atomics and Locks, 2023, chapter 9",
        ],
        files: &[
            "models/src/lock/mutex.rs",
            "impls/src/lock/mutex.rs",
            "impls/src/lock/raw_mutex.rs",
            "proofs/src/lock/mutex.rs",
            "proofs/tests/lock.rs",
            "benches/lock.rs",
        ],
        model: SpecTarget::boxed(&mutex_bugs::ALL),
        conformance: Some(Box::new(MutexConformance)),
        simulation: None,
        bugs: bugs(),
    }]
}

/// The shipped mutex beside its model.
#[derive(Clone, Copy, Debug, Default)]
pub struct MutexConformance;

impl Conformance for MutexConformance {
    fn evidence(&self) -> &'static [Evidence] {
        &[Evidence::Interleaved, Evidence::Sampled]
    }

    fn conform(&self, options: &ConformOptions) -> Vec<ConformReport> {
        let interrupt = &options.interrupt;
        if options.weaken {
            return weaken(interleaved::SURVIVORS, interrupt);
        }
        let groups = if options.quick {
            vec![scenarios::pairs(), scenarios::trios(2)]
        } else {
            vec![scenarios::pairs(), scenarios::rounds(), scenarios::trios(3)]
        };
        let explored =
            groups.iter().map(|group| explored::<interleaved::Shipped>(group, interrupt));
        let mut reports: Vec<_> = explored.collect();
        reports.push(sampled::conform(options.seed, options.cases, interrupt));
        reports
    }

    fn replay(&self, trace: &Trace) -> Result<Replayed, TraceError> {
        let run: Run = Run::of(trace)?;
        let scenario = run.script.clone();
        let failure = match &run.schedule {
            Schedule::Explored { preemptions, execution } => {
                let bounds = Bounds {
                    executions: *execution,
                    preemptions: *preemptions,
                    interrupt: Arc::default(),
                };
                match &trace.bug {
                    None => interleaved::shipped(&scenario, &bounds).failure,
                    Some(slug) => {
                        seeded::explore_bug(slug, &scenario, &bounds)
                            .ok_or_else(|| {
                                TraceError::NoLongerApplies(format!(
                                    "there is no bug {slug} any more"
                                ))
                            })?
                            .failure
                    }
                }
            }
            Schedule::Chosen(_) if trace.bug.is_some() => {
                let why = "no bug is sampled: it is explored in all interleavings";
                return Err(TraceError::NoLongerApplies(why.to_owned()));
            }
            Schedule::Chosen(choices) => {
                let choices = Choices(choices.clone());
                sampled::run::<bisim_shuttle::lock::Mutex<u32>>(&scenario, &choices).0.err()
            }
        };
        replayed(trace, failure, |events| story_of(events, run.script.threads()))
    }
}
