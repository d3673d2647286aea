//! The bugs of the mutex, and the evidence set against each.

use std::sync::Arc;

use bisim_models::common::{Preset, Spec};
use bisim_models::lock::mutex::Mutex;

use super::mutants::{
    ByRecipe, ForgottenSleepers, LateSleeper, PlainStore, Recipe, SkippedMark, UnlockByNonOwner,
    WakeBeforeStore,
};
use super::{interleaved, mutex_bugs};
use crate::interleaving::{
    Bounds, Call, Counted, Exploration, Loom, Run, Scenario, explore, story_of,
};
use crate::registry::{Bug, Caught, Evidence, Hunt, HuntOptions, ModelBug};

use Call::{Lock, TryLock};

/// A mistake in the code.
struct Mutant {
    slug: &'static str,
    /// What must show it.
    scenario: fn() -> Scenario,
    preemptions: Option<usize>,
    explore: fn(&Scenario, &Bounds) -> Exploration<()>,
}

fn by_recipe<R: Recipe>(scenario: &Scenario, bounds: &Bounds) -> Exploration<()> {
    explore::<Counted<Loom, ByRecipe<Loom, R>>, _>(scenario, bounds, None, ())
}

fn two_threads() -> Scenario {
    Scenario::new([&[Lock], &[Lock]])
}

fn two_threads_twice() -> Scenario {
    Scenario::new([&[Lock, Lock], &[Lock, Lock]])
}

const RELAXED_UNLOCK: Mutant = Mutant {
    slug: "lock/relaxed-unlock",
    scenario: two_threads,
    preemptions: None,
    explore: interleaved::relaxed_unlock,
};

const MUTANTS: [Mutant; 7] = [
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

/// Explores the code with a bug; none if there is no such bug.
pub(super) fn explore_bug(
    slug: &str,
    scenario: &Scenario,
    bounds: &Bounds,
) -> Option<Exploration<()>> {
    let mutant = MUTANTS.iter().find(|mutant| mutant.slug == slug)?;
    Some((mutant.explore)(scenario, bounds))
}

fn hunt(slug: &'static str) -> Hunt {
    Hunt::new(Evidence::Interleaved, move |options: &HuntOptions| {
        let mutant = MUTANTS.iter().find(|mutant| mutant.slug == slug);
        let mutant = mutant.expect("every bug that is hunted in the code has a mutant");
        let scenario = (mutant.scenario)();
        let bounds = Bounds {
            preemptions: mutant.preemptions,
            interrupt: Arc::clone(&options.interrupt),
            ..Bounds::default()
        };
        let seen = (mutant.explore)(&scenario, &bounds);
        match seen.failure {
            Some(failure) => Caught {
                caught: true,
                by: failure.what.clone(),
                story: Some(story_of(&failure.events, scenario.threads())),
                trace: Some(Run::explored(&scenario, &bounds, &failure).trace(
                    Mutex::NAME,
                    Some(slug),
                    &failure,
                )),
            },
            None => Caught {
                caught: false,
                by: format!("survives {} executions of {scenario}", seen.executions),
                story: None,
                trace: None,
            },
        }
    })
}

/// A bug that is both in the model and in the code.
fn both(
    bug: ModelBug<Mutex>,
    row: &'static str,
    title: &'static str,
    source: &'static str,
    from: Preset,
) -> Bug {
    Bug {
        slug: bug.slug,
        row,
        title,
        source,
        hunts: vec![Hunt::explored(bug).from(from), hunt(bug.slug)],
        reason: "",
    }
}

/// The bugs.
pub fn bugs() -> Vec<Bug> {
    vec![
        both(
            mutex_bugs::UNLOCK_BY_NON_OWNER,
            "L12",
            "a thread that did not get the lock frees it",
            "textbook",
            Preset::Quick,
        ),
        both(
            mutex_bugs::LATE_SLEEPER,
            "L13",
            "the sleeper looks first and queues later, after the waker has looked",
            "asterinas/asterinas 1642; tokio-rs/tokio 525",
            Preset::Quick,
        ),
        both(
            mutex_bugs::SKIPPED_MARK,
            "own",
            "a thread sleeps without having marked the word",
            "Drepper 2011, section 6: what mutex 2 is for",
            Preset::Quick,
        ),
        both(
            mutex_bugs::FORGOTTEN_SLEEPERS,
            "own",
            "a woken thread takes the lock as if no other thread slept",
            "Drepper 2011, section 6, mutex 2: why lock() stores 2 after a wait",
            Preset::Standard,
        ),
        both(
            mutex_bugs::WAKE_BEFORE_STORE,
            "own",
            "unlocking wakes a sleeper before the lock is free",
            "the order of the two lines in unlock()",
            Preset::Quick,
        ),
        both(
            mutex_bugs::PLAIN_STORE,
            "own",
            "unlocking looks and then stores, instead of one exchange",
            "Bos, chapter 9: why unlock() is a swap",
            Preset::Quick,
        ),
        Bug {
            slug: RELAXED_UNLOCK.slug,
            row: "own",
            title: "the exchange in unlock is relaxed",
            source: "textbook; the ordering in unlock()",
            hunts: vec![hunt(RELAXED_UNLOCK.slug)],
            reason: "Only loom can see it: the model and shuttle are sequentially consistent.",
        },
    ]
}
