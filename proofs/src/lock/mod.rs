//! Why the locks satisfy their models. The mapping table is in `impls/src/lock/README.md`.

mod actor_bugs;
mod actor_lock;
pub mod mutants;
mod mutex;
mod mutex_bugs;
mod mutex_mutants;
mod rw_bugs;
mod rw_lock;
mod rw_mutants;
pub mod rw_recipe;
mod rw_seeded;
pub mod rw_wrong;
mod seeded;
mod shipped;
mod ticket_lock;
mod wait_group;

use crate::interleaving::Interleaved;
use crate::registry::{Entry, SpecTarget};

pub use actor_bugs::RightOwner;
pub use actor_lock::{
    ActorLockConformance, Answered, Calls, ClientCall, Differs, Owner, Shipped, answered,
};
pub use mutex::{MutexAlgorithm, MutexMapping};
pub use rw_lock::{RwLockAlgorithm, RwLockMapping};
pub use seeded::bugs;
pub use ticket_lock::{TicketLockAlgorithm, TicketLockMapping};
pub use wait_group::{OnThreads as WaitGroupOnThreads, WaitGroupAlgorithm, WaitGroupMapping};

/// The evidence of the mutex.
pub type MutexConformance = Interleaved<MutexAlgorithm>;

/// The evidence of the readers-writer lock.
pub type RwLockConformance = Interleaved<RwLockAlgorithm>;

/// The locks.
pub fn entries() -> Vec<Entry> {
    vec![mutex(), rw_lock(), ticket_lock(), wait_group(), actor_lock()]
}

fn mutex() -> Entry {
    Entry {
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
    }
}

fn rw_lock() -> Entry {
    Entry {
        folder: "lock",
        title: "a readers-writer lock that prefers writers",
        papers: &[
            "Courtois, Heymans & Parnas, Concurrent Control with Readers and Writers, 1971",
            "Reed & Kanodia, Synchronization with Eventcounts and Sequencers, 1979",
            "Bos, Rust Atomics and Locks, 2023, chapter 9",
        ],
        files: &[
            "models/src/lock/rw_lock/mod.rs",
            "impls/src/lock/rw_lock.rs",
            "impls/src/lock/raw_rw_lock.rs",
            "impls/src/lock/turnstile.rs",
            "proofs/src/lock/rw_lock.rs",
            "proofs/tests/shared_memory/main.rs",
            "benches/lock.rs",
        ],
        model: SpecTarget::boxed(&rw_bugs::ALL),
        conformance: Some(Box::new(RwLockConformance::default())),
        simulation: None,
        bugs: rw_seeded::bugs(),
        deferred: &[],
    }
}

fn ticket_lock() -> Entry {
    Entry {
        folder: "lock",
        title: "a lock that serves in turn",
        papers: &[
            "Mellor-Crummey & Scott, Algorithms for Scalable Synchronization, 1991, section 2.2",
        ],
        files: &[
            "models/src/lock/ticket_lock.rs",
            "impls/src/lock/ticket_lock.rs",
            "proofs/src/lock/ticket_lock.rs",
            "proofs/tests/shared_memory/main.rs",
            "benches/lock.rs",
        ],
        model: SpecTarget::boxed(&[ticket_lock::TWO_STEP_DRAW]),
        conformance: Some(Box::new(Interleaved::<TicketLockAlgorithm>::default())),
        simulation: None,
        bugs: ticket_lock::bugs(),
        deferred: &[],
    }
}

fn wait_group() -> Entry {
    Entry {
        folder: "lock",
        title: "waiting until others are done",
        papers: &["Go, package sync, WaitGroup"],
        files: &[
            "models/src/lock/wait_group.rs",
            "impls/src/lock/wait_group.rs",
            "proofs/src/lock/wait_group.rs",
            "proofs/tests/shared_memory/main.rs",
        ],
        model: SpecTarget::boxed(&[wait_group::EARLY_DONE]),
        conformance: Some(Box::new(Interleaved::<WaitGroupAlgorithm>::default())),
        simulation: None,
        bugs: wait_group::bugs(),
        deferred: &[],
    }
}

fn actor_lock() -> Entry {
    Entry {
        folder: "lock",
        title: "a lock that belongs to a thread, which is asked for it",
        papers: &["Go, channels; the channel-based lock of introductory texts"],
        files: &[
            "models/src/lock/actor_lock.rs",
            "impls/src/lock/actor_lock.rs",
            "proofs/src/lock/actor_lock.rs",
            "proofs/src/lock/actor_bugs.rs",
            "proofs/tests/shared_memory/main.rs",
        ],
        model: SpecTarget::boxed(&actor_bugs::ALL),
        conformance: Some(Box::new(ActorLockConformance)),
        simulation: None,
        bugs: actor_bugs::bugs(),
        deferred: &[],
    }
}
