//! Why the channels satisfy their models. The mapping table is in `impls/src/channel/README.md`.

mod beside;
mod conformance;
mod interleaved;
mod model_bugs;
mod mutants;
mod port;
mod refines;
mod run;
pub mod sabotage;
mod sampled;
mod script;
mod seeded;
mod selects;

use bisim_models::channel::blocking_queue::BlockingQueue;
use bisim_models::channel::channel::Channel;
use bisim_models::channel::fifo::Fifo;
use bisim_models::channel::rendezvous::Rendezvous;
use bisim_models::common::Spec;

use crate::registry::{Entry, SpecTarget};

pub use beside::{Beside, MAPPING, Mapping, Steps, steps_of};
pub use conformance::{ChannelConformance, RendezvousConformance};
pub use interleaved::{Group, explored, pairs, rounds, timed_pairs, trios, weaken};
pub use model_bugs::ONE_WAIT_SET;
pub use port::{OnLoom, OnShuttle, OnStd, Port, Tracked};
pub use refines::{ChannelRefinesFifo, Wired};
pub use run::{explore, sample, stress};
pub use sampled::sampled;
pub use script::{Call, Event, Script, Seen, Step, What, story_of};
pub use seeded::{bugs, bugs_of_queue};
pub use selects::explored_selects;

/// The targets with an implementation: the same code, with and without a buffer.
const TARGETS: [&str; 2] = [Channel::NAME, Rendezvous::NAME];

/// The channels, and the published models beside them.
pub fn entries() -> Vec<Entry> {
    vec![
        Entry {
            folder: "channel",
            title: "channels as in Go: a buffer, and two queues of threads that wait",
            papers: &[
                "The Go Programming Language Specification, Channel types",
                "The Go Memory Model, Channel communication",
                "Vyukov, Go channels on steroids, 2014; Go runtime, chan.go and select.go",
            ],
            files: &[
                "models/src/channel/channel.rs",
                "impls/src/channel/mod.rs",
                "impls/src/channel/state.rs",
                "impls/src/channel/waiter.rs",
                "proofs/src/channel/beside.rs",
                "proofs/tests/channel.rs",
                "benches/channel.rs",
            ],
            model: SpecTarget::boxed(&model_bugs::OF_CHANNEL),
            conformance: Some(Box::new(ChannelConformance)),
            simulation: None,
            bugs: bugs(),
            deferred: &seeded::DEFERRED,
        },
        Entry {
            folder: "channel",
            title: "a channel without a buffer: a send and a receive meet",
            papers: &["Hoare, Communicating Sequential Processes, CACM 21(8), 1978"],
            files: &[
                "models/src/channel/rendezvous.rs",
                "impls/src/channel/mod.rs",
                "proofs/tests/channel.rs",
                "benches/channel.rs",
            ],
            model: SpecTarget::<Rendezvous>::boxed(&[]),
            conformance: Some(Box::new(RendezvousConformance)),
            simulation: None,
            bugs: Vec::new(),
            deferred: &[],
        },
        Entry {
            folder: "channel",
            title: "a first-in first-out buffer between two wires",
            papers: &[
                "Lamport, Specifying Systems, 2002, chapter 4",
                "tlaplus/Examples, SpecifyingSystems/FIFO/InnerFIFO.tla",
            ],
            files: &["models/src/channel/fifo.rs", "proofs/src/channel/refines.rs"],
            model: SpecTarget::<Fifo>::boxed(&[]),
            conformance: None,
            simulation: None,
            bugs: Vec::new(),
            deferred: &[],
        },
        Entry {
            folder: "channel",
            title: "a bounded buffer with one set of threads that wait",
            papers: &["lemmy/BlockingQueue, BlockingQueue.tla"],
            files: &["models/src/channel/blocking_queue.rs", "proofs/src/channel/model_bugs.rs"],
            model: SpecTarget::<BlockingQueue>::boxed(&model_bugs::OF_QUEUE),
            conformance: None,
            simulation: None,
            bugs: bugs_of_queue(),
            deferred: &[],
        },
    ]
}
