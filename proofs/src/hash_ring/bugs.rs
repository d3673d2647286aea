//! The known bugs of hash rings, each with the evidence that is set against it.

use bisim_models::common::Preset;

use super::beside::hunt;
use super::bounded_beside::{BOUND, BoundedBeside, PLACED};
use super::bugs_model::{BOUNDED_BUGS, RING_BUGS};
use super::ring_beside::{ALLOWED, ELSEWHERE, MOVES, RingBeside, SHARES};
use crate::registry::{Bug, Deferred, Hunt};

const FUNCTION: &str = "the ring is a function of its members";
const REMOVAL: &str = "removal moves only the removed node's keys";
const ADDITION: &str = "addition moves keys only to the new node";
const WEIGHT: &str = "another weight moves keys only to or from its node";
const FIRST: &str = "a look-up finds the first point at or after the key";
const TOTAL: &str = "every key has an owner";
const LIST: &str = "a preference list names each member once";
const CAPACITY: &str = "no bin holds more than ceil(c m / n) balls";
const ROOM: &str = "a ball passes no bin with room";

/// A hunt on the model `hash-ring` for each property, and one on the implementation.
fn ring(slug: &'static str, properties: &[&'static str], check: &'static str) -> Vec<Hunt> {
    let bug = RING_BUGS.into_iter().find(|bug| bug.slug == slug);
    // With two nodes whatever moves, moves to the new one or from the old one.
    let from = match slug {
        "hash_ring/key-modulo-nodes"
        | "hash_ring/other-points-after-removal"
        | "hash_ring/jump-with-removal" => Preset::Standard,
        _ => Preset::Quick,
    };
    let against = |bug| properties.iter().map(move |law| Hunt::against(bug, law).from(from));
    let explored = bug.into_iter().flat_map(against);
    explored.chain([hunt::<RingBeside>(slug, check)]).collect()
}

/// The same for the model `bounded-load`.
fn bounded(slug: &'static str, property: &'static str, check: &'static str) -> Vec<Hunt> {
    let bug = BOUNDED_BUGS.into_iter().find(|bug| bug.slug == slug);
    // With c = 1 every bin of the standard preset holds one ball, and any second one is too many.
    let tight: &[_] = &[("percent", 100)];
    let explored = bug.into_iter().map(|bug| match slug {
        "hash_ring/forwarded-unchecked" => {
            Hunt::within(bug, property, tight).from(Preset::Standard)
        }
        _ => Hunt::against(bug, property),
    });
    explored.chain([hunt::<BoundedBeside>(slug, check)]).collect()
}

/// The bugs of the target `hash-ring`.
pub(super) fn of_the_ring() -> Vec<Bug> {
    let bugs = [
        (
            (
                "K1",
                "hash_ring/key-modulo-nodes",
                "the node of a key is its hash modulo their number",
            ),
            ("Karger et al. 1997, section 1", &[ADDITION, REMOVAL][..], MOVES),
        ),
        (
            (
                "K2",
                "hash_ring/collision-overwrites",
                "a point takes the slot of another one, and takes it along when it goes",
            ),
            (
                "pragmaticalabs/pragmatica 1324; apache/pekko 3279; graphite-project/carbon 196",
                &[FUNCTION, REMOVAL][..],
                ELSEWHERE,
            ),
        ),
        (
            (
                "K3",
                "hash_ring/last-come-first",
                "points in one slot are in the order of their coming",
            ),
            ("uber-node/ringpop-node 317", &[FUNCTION][..], ELSEWHERE),
        ),
        (
            ("K4", "hash_ring/does-not-go-round", "a key behind the last point has no owner"),
            ("textbook", &[TOTAL][..], ALLOWED),
        ),
        (
            ("K5", "hash_ring/strictly-after", "a key at a point belongs to the next one"),
            ("textbook", &[FIRST][..], ALLOWED),
        ),
        (
            (
                "K6",
                "hash_ring/other-points-after-removal",
                "after a removal the ring is built with another number of points",
            ),
            ("textbook", &[REMOVAL][..], MOVES),
        ),
        (
            (
                "K10",
                "hash_ring/jump-with-removal",
                "jump hash, with any node removed and the rest numbered anew",
            ),
            ("Lamping and Veach 2014, section 3", &[REMOVAL][..], MOVES),
        ),
        (
            ("K11", "hash_ring/replicas-repeat-nodes", "replicas go to the next points"),
            ("DeCandia et al., Dynamo, 2007, section 4.3", &[LIST][..], ALLOWED),
        ),
        (
            (
                "K12",
                "hash_ring/biased-cast",
                "the hash is folded into three quarters of the circle",
            ),
            ("textbook", &[][..], SHARES),
        ),
        (
            (
                "K13",
                "hash_ring/weights-share-numbers",
                "points are numbered over all members, so that a weight shifts the others'",
            ),
            ("textbook", &[WEIGHT][..], MOVES),
        ),
        (
            ("K15", "hash_ring/seed-of-the-process", "each process hashes with a seed of its own"),
            ("textbook", &[][..], ELSEWHERE),
        ),
    ];
    let bugs = bugs.into_iter().map(|((row, slug, title), (source, properties, check))| {
        let bug =
            Bug { hunts: ring(slug, properties, check), ..Bug::new(row, slug, title, source) };
        match properties {
            [] => bug.because("the model's slots are given: it has no hash that could be wrong"),
            _ => bug,
        }
    });
    bugs.collect()
}

/// The bugs of the target `bounded-load`.
pub(super) fn of_bounded_loads() -> Vec<Bug> {
    let bugs = [
        (
            "K7",
            "hash_ring/total-not-reduced",
            "the balls of a removed bin stay in the total",
            "lafikl/consistent 7",
            (CAPACITY, BOUND),
        ),
        (
            "K8",
            "hash_ring/forwarded-unchecked",
            "what overflows goes to the next bin, whether it is full or not",
            "Mirrokni et al. 2018; envoyproxy/envoy 12529",
            (CAPACITY, BOUND),
        ),
        (
            "K9",
            "hash_ring/removal-leaves-hole",
            "when a ball goes, those that had to pass its bin stay where they are",
            "Mirrokni et al. 2018",
            (ROOM, PLACED),
        ),
    ];
    let bugs = bugs.into_iter().map(|(row, slug, title, source, (property, check))| Bug {
        hunts: bounded(slug, property, check),
        ..Bug::new(row, slug, title, source)
    });
    bugs.collect()
}

/// The row of the catalogue that waits for a ring without a list of members.
pub(super) const DEFERRED: [Deferred; 1] = [Deferred {
    row: "K14",
    title: "joins, failures and returns in the wrong order break the ring",
    source: "Zave, Using Lightweight Modeling To Understand Chord, 2012",
    with: "Chord",
    reason: "here everybody knows all members; a ring that nodes find by asking each other is \
             another protocol",
}];
