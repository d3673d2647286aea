//! The mistakes in the code of the readers-writer lock, and what must show them.

use super::RwLockAlgorithm;
use super::rw_bugs;
use super::rw_recipe::{RwByRecipe, RwRecipe};
use super::rw_wrong::{
    BlindToReaders, EarlyLook, ExclusiveReader, ForgottenReaders, LateLook, ReadersFirst,
    Recursive, ReleaseAndRead, WakesWritersOnly,
};
use crate::interleaving::{
    Bounds, Call, Exploration, Loom, Mutant, Scenario, Survivor, alone, beside,
};

use Call::{Downgrade, Lock, Read, TimedLock};

/// The orderings that loom does not miss.
const LATEST: &str = "loom makes each exchange on the latest value: who looks after a turn also \
                      finds what was changed before it. A processor needs the order.";

pub(super) const SURVIVORS: &[Survivor] = &[
    ("Acquire at impls/src/lock/turnstile.rs:33:20", LATEST),
    ("Release at impls/src/lock/turnstile.rs:55:20", LATEST),
];

fn by_recipe<R: RwRecipe>(scenario: &Scenario, bounds: &Bounds) -> Exploration<()> {
    alone::<RwByRecipe<Loom, R>>(scenario, bounds)
}

fn beside_the_model<R: RwRecipe>(scenario: &Scenario, bounds: &Bounds) -> Exploration<()> {
    beside::<RwLockAlgorithm, RwByRecipe<Loom, R>>(scenario, bounds)
}

/// A mistake that shows in all interleavings of two threads.
const fn mutant(
    slug: &'static str,
    scenario: fn() -> Scenario,
    explore: fn(&Scenario, &Bounds) -> Exploration<()>,
) -> Mutant {
    Mutant { slug, scenario, preemptions: None, explore }
}

/// A mistake that needs a third thread: all interleavings would be too many.
const fn of_three(
    slug: &'static str,
    scenario: fn() -> Scenario,
    explore: fn(&Scenario, &Bounds) -> Exploration<()>,
) -> Mutant {
    Mutant { slug, scenario, preemptions: Some(3), explore }
}

/// What the recursive reader does.
pub(super) const RECURSIVE_READ: &str = "lock/recursive-read";

pub(super) const ALL: [Mutant; 9] = [
    of_three(
        rw_bugs::READERS_FIRST.slug,
        || Scenario::new([&[Read], &[Lock], &[Read]]),
        beside_the_model::<ReadersFirst>,
    ),
    mutant(
        rw_bugs::BLIND_TO_READERS.slug,
        || Scenario::new([&[Read], &[Lock]]),
        beside_the_model::<BlindToReaders>,
    ),
    mutant(
        rw_bugs::WAKES_WRITERS_ONLY.slug,
        || Scenario::new([&[Read], &[Lock]]),
        by_recipe::<WakesWritersOnly>,
    ),
    of_three(
        rw_bugs::EARLY_LOOK.slug,
        || Scenario::new([&[Read], &[Read], &[Lock]]),
        by_recipe::<EarlyLook>,
    ),
    mutant(
        rw_bugs::EXCLUSIVE_READER.slug,
        || Scenario::new([&[Read], &[Read]]),
        beside_the_model::<ExclusiveReader>,
    ),
    mutant(
        rw_bugs::RELEASE_AND_READ.slug,
        || Scenario::new([&[Downgrade], &[Lock]]),
        by_recipe::<ReleaseAndRead>,
    ),
    of_three(
        rw_bugs::FORGOTTEN_READERS.slug,
        || Scenario::new([&[Read], &[TimedLock], &[Read]]),
        by_recipe::<ForgottenReaders>,
    ),
    mutant(rw_bugs::LATE_LOOK.slug, || Scenario::new([&[Read], &[Lock]]), by_recipe::<LateLook>),
    mutant(RECURSIVE_READ, || Scenario::new([&[Read], &[Lock]]), alone::<Recursive<Loom>>),
];
