//! The mistakes in the code of the mutex, and what must show them.

use super::mutants::{
    ByRecipe, ForgottenSleepers, LateSleeper, PlainStore, Recipe, SkippedMark, UnlockByNonOwner,
    WakeBeforeStore,
};
use super::mutex_bugs;
use super::shipped::OnLoom;
use crate::interleaving::{
    Bounds, Call, Counted, Exploration, Loom, Mutant, Scenario, alone, relaxed_release,
};

use Call::{Lock, TryLock};

fn by_recipe<R: Recipe>(scenario: &Scenario, bounds: &Bounds) -> Exploration<()> {
    alone::<Counted<Loom, ByRecipe<Loom, R>>>(scenario, bounds)
}

fn two_threads() -> Scenario {
    Scenario::new([&[Lock], &[Lock]])
}

fn two_threads_twice() -> Scenario {
    Scenario::new([&[Lock, Lock], &[Lock, Lock]])
}

pub(super) const RELAXED_UNLOCK: Mutant = Mutant {
    slug: "lock/relaxed-unlock",
    scenario: two_threads,
    preemptions: None,
    explore: relaxed_release::<OnLoom>,
};

pub(super) const ALL: [Mutant; 7] = [
    Mutant {
        slug: mutex_bugs::UNLOCK_BY_NON_OWNER.slug,
        scenario: || Scenario::new([&[Lock], &[TryLock, Lock]]),
        preemptions: None,
        explore: by_recipe::<UnlockByNonOwner>,
    },
    Mutant {
        slug: mutex_bugs::LATE_SLEEPER.slug,
        scenario: two_threads,
        preemptions: None,
        explore: by_recipe::<LateSleeper>,
    },
    Mutant {
        slug: mutex_bugs::SKIPPED_MARK.slug,
        scenario: two_threads,
        preemptions: None,
        explore: by_recipe::<SkippedMark>,
    },
    Mutant {
        slug: mutex_bugs::FORGOTTEN_SLEEPERS.slug,
        scenario: || Scenario::new([&[Lock], &[Lock], &[Lock]]),
        preemptions: Some(3),
        explore: by_recipe::<ForgottenSleepers>,
    },
    Mutant {
        slug: mutex_bugs::WAKE_BEFORE_STORE.slug,
        scenario: two_threads_twice,
        preemptions: None,
        explore: by_recipe::<WakeBeforeStore>,
    },
    Mutant {
        slug: mutex_bugs::PLAIN_STORE.slug,
        scenario: two_threads,
        preemptions: None,
        explore: by_recipe::<PlainStore>,
    },
    RELAXED_UNLOCK,
];
