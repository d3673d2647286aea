//! Hash rings: the shipped rings beside their models, and the bugs to break them with.

mod beside;
mod bounded_beside;
mod bugs;
mod bugs_model;
mod hashed;
mod mistakes;
mod op;
mod ring_beside;
mod subject;

use bisim_models::hash_ring::bounded_load::BoundedLoad;

pub use beside::{Beside, Bounds, Failed, Sampled, sample};
pub use bounded_beside::BoundedBeside;
pub use bugs_model::{BOUNDED_BUGS, RING_BUGS};
pub use hashed::Cut;
pub use op::Op;
pub use ring_beside::RingBeside;

use crate::registry::{ConformOptions, ConformReport, Conformance, Entry, Evidence, SpecTarget};
use crate::report::{Replayed, Trace, TraceError};

/// The evidence that an implementation steps as its model does.
struct Together<B>(std::marker::PhantomData<fn() -> B>);

impl<B: Beside> Together<B> {
    const NEW: Self = Self(std::marker::PhantomData);
}

impl<B: Beside> Conformance for Together<B> {
    fn evidence(&self) -> &'static [Evidence] {
        &[Evidence::Sampled]
    }

    fn conform(&self, options: &ConformOptions) -> Vec<ConformReport> {
        beside::conform::<B>(options)
    }

    fn replay(&self, trace: &Trace) -> Result<Replayed, TraceError> {
        beside::replay::<B>(trace)
    }
}

/// The targets `hash-ring` and `bounded-load`.
pub fn entries() -> Vec<Entry> {
    vec![
        Entry {
            folder: "hash_ring",
            title: "keys are shared out over nodes that come and go",
            papers: &[
                "Karger et al., Consistent Hashing and Random Trees, 1997",
                "DeCandia et al., Dynamo, 2007",
            ],
            files: &[
                "models/src/hash_ring/ring.rs",
                "models/src/hash_ring/law.rs",
                "impls/src/hash_ring/README.md",
                "impls/src/hash_ring/ring.rs",
                "impls/src/hash_ring/points.rs",
                "proofs/src/hash_ring/ring_beside.rs",
            ],
            model: SpecTarget::boxed(&RING_BUGS),
            conformance: Some(Box::new(Together::<RingBeside>::NEW)),
            simulation: None,
            bugs: bugs::of_the_ring(),
            deferred: &bugs::DEFERRED,
        },
        Entry {
            folder: "hash_ring",
            title: "the same, and no node holds much more than its share",
            papers: &[
                "Mirrokni, Thorup, Zadimoghaddam, Consistent Hashing with Bounded Loads, 2018",
            ],
            files: &[
                "models/src/hash_ring/bounded_load.rs",
                "impls/src/hash_ring/bounded.rs",
                "proofs/src/hash_ring/bounded_beside.rs",
            ],
            model: SpecTarget::<BoundedLoad>::boxed(&BOUNDED_BUGS),
            conformance: Some(Box::new(Together::<BoundedBeside>::NEW)),
            simulation: None,
            bugs: bugs::of_bounded_loads(),
            deferred: &[],
        },
    ]
}
