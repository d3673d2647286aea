//! The bugs of `striped-counter`; the counter is described in `impls/src/counter/README.md`.

use bisim_models::common::{Disabled, Spec as _};
use bisim_models::counter::striped::{Action, Look, State, StripedCounter};

use super::stripes::{MUTANTS, StripedConformance};
use crate::registry::{Bug, Deferred, Entry, Hunt, ModelBug, SpecTarget};

/// `striped-counter` with its bugs, and the rows of counters that are still to come.
pub(super) fn entry() -> Entry {
    Entry {
        folder: "counter",
        title: "a counter whose sum is read stripe by stripe",
        papers: &[
            "Lea, LongAdder in java.util.concurrent.atomic",
            "Herlihy & Wing, Linearizability, ACM TOPLAS 12(3), 1990",
        ],
        files: &[
            "models/src/counter/striped.rs",
            "impls/src/counter/striped.rs",
            "proofs/src/counter/striped.rs",
            "proofs/src/counter/stripes.rs",
            "benches/counter.rs",
        ],
        model: SpecTarget::boxed(&[MISSED_STRIPE, STRIPE_READ_TWICE]),
        conformance: Some(Box::new(StripedConformance::default())),
        simulation: None,
        bugs: vec![
            Bug::new(
                "C1",
                MUTANTS[0].slug,
                "an addition loads a stripe, and stores the sum",
                "textbook lost update",
            )
            .hunted_by(|_| vec![MUTANTS[0].hunt(StripedCounter::NAME).expecting("count")]),
            Bug::new(
                "C9",
                "counter/claimed-linearizable",
                "a sum that is read stripe by stripe is claimed to be linearizable",
                "textbook; Herlihy & Wing 1990",
            )
            .because(
                "Nobody claims it here: the model reaches `a look that no moment explains`, and \
                 says what is kept instead.",
            ),
            Bug::new(
                "own",
                MISSED_STRIPE.slug,
                "a look returns before it has read all stripes",
                "textbook",
            )
            .hunted_by(|_| {
                vec![Hunt::against(MISSED_STRIPE, "each addition before the look is counted")]
            }),
            Bug::new("own", STRIPE_READ_TWICE.slug, "a look reads a stripe twice", "textbook")
                .hunted_by(|_| {
                    vec![Hunt::against(STRIPE_READ_TWICE, "no addition is counted twice")]
                }),
        ],
        deferred: REPLICAS,
    }
}

const fn replicas(row: &'static str, title: &'static str, source: &'static str) -> Deferred {
    Deferred { row, title, source, with: "replicas", reason: "no counter here has replicas" }
}

const REPLICAS: &[Deferred] = &[
    replicas("C2", "replicas are merged by their sum", "Shapiro et al. 2011"),
    replicas("C3", "the last writer wins", "Shapiro et al. 2011"),
    replicas("C4", "two replicas share a name", "nurl-lang/nurl pull request 169"),
    replicas("C5", "a replica restarts empty, with its old name", "pathosDev/actor-ts 955"),
    replicas("C6", "an increment that is sent again counts twice", "XiaoMi/rdsn pull request 411"),
    replicas("C7", "a decrement is applied to the increments", "Shapiro et al. 2011"),
    replicas("C8", "a merge drops what the receiver does not know", "textbook"),
    replicas("C11", "a replica that has left takes its count along", "pathosDev/actor-ts 955"),
];

/// A look returns when it has read all stripes but one.
const MISSED_STRIPE: ModelBug<StripedCounter> = ModelBug {
    slug: "counter/missed-stripe",
    step: |_, state, action, memory| match (action, &state.look) {
        (Action::Return, &Look::Reading { read, sum }) => {
            let stripes = state.stripes.len();
            Some(if usize::from(read) + 1 == stripes {
                Ok((State { look: Look::Returned { sum }, ..state.clone() }, memory))
            } else {
                Err(Disabled("it is not there yet"))
            })
        }
        _ => None,
    },
    candidates: |_, _, _, _| {},
};

/// A look adds each stripe twice.
const STRIPE_READ_TWICE: ModelBug<StripedCounter> = ModelBug {
    slug: "counter/stripe-read-twice",
    step: |_, state, action, memory| match (action, &state.look) {
        (Action::Read, &Look::Reading { read, sum }) => {
            let Some(value) = state.stripes.get(usize::from(read)) else {
                return Some(Err(Disabled("all stripes are read")));
            };
            let look = Look::Reading { read: read + 1, sum: sum + 2 * value };
            Some(Ok((State { look, ..state.clone() }, memory)))
        }
        _ => None,
    },
    candidates: |_, _, _, _| {},
};
