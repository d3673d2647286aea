//! Why the locks satisfy their models. The mapping table is in `impls/src/lock/README.md`.

pub mod mutants;
mod mutex;
mod mutex_bugs;
mod mutex_mutants;
mod seeded;
mod shipped;

use crate::interleaving::Interleaved;
use crate::registry::{Entry, SpecTarget};

pub use mutex::{MutexAlgorithm, MutexMapping};
pub use seeded::bugs;

/// The evidence of the mutex.
pub type MutexConformance = Interleaved<MutexAlgorithm>;

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
        conformance: Some(Box::new(MutexConformance::default())),
        simulation: None,
        bugs: bugs(),
        deferred: &[],
    }]
}
