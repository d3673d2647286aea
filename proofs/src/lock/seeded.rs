//! The bugs of the mutex, and the evidence set against each.

use bisim_models::common::{Preset, Spec};
use bisim_models::lock::mutex::Mutex;

use super::mutex_bugs;
use super::mutex_mutants::{self, RELAXED_UNLOCK};
use crate::registry::{Bug, Hunt, ModelBug};

fn hunt(slug: &'static str) -> Hunt {
    let mutant = mutex_mutants::ALL.iter().find(|mutant| mutant.slug == slug);
    mutant.expect("every bug that is hunted in the code has a mutant").hunt(Mutex::NAME)
}

/// A bug that is both in the model and in the code, with the property and what loom sees that
/// are to break.
fn both(
    bug: ModelBug<Mutex>,
    row: &'static str,
    title: &'static str,
    source: &'static str,
    (explored, interleaved): (&'static str, &'static str),
    from: Preset,
) -> Bug {
    let explored = Hunt::explored(bug).expecting(explored).from(from);
    let hunts = vec![explored, hunt(bug.slug).expecting(interleaved)];
    Bug { hunts, ..Bug::new(row, bug.slug, title, source) }
}

/// The bugs.
pub fn bugs() -> Vec<Bug> {
    vec![
        both(
            mutex_bugs::UNLOCK_BY_NON_OWNER,
            "L12",
            "a thread that did not get the lock frees it",
            "textbook",
            ("ownership", "mutual exclusion"),
            Preset::Quick,
        ),
        both(
            mutex_bugs::LATE_SLEEPER,
            "L13",
            "the sleeper looks first and queues later, after the waker has looked",
            "asterinas/asterinas 1642; tokio-rs/tokio 525",
            ("no lost wake-up", "lost wake-up"),
            Preset::Quick,
        )
        .hunted_by(|_| vec![Hunt::against(mutex_bugs::LATE_SLEEPER, "every call ends")]),
        both(
            mutex_bugs::SKIPPED_MARK,
            "own",
            "a thread sleeps without having marked the word",
            "Drepper 2011, section 6: what mutex 2 is for",
            ("sleepers are announced", "lost wake-up"),
            Preset::Quick,
        ),
        both(
            mutex_bugs::FORGOTTEN_SLEEPERS,
            "own",
            "a woken thread takes the lock as if no other thread slept",
            "Drepper 2011, section 6, mutex 2: why lock() stores 2 after a wait",
            ("sleepers are announced", "lost wake-up"),
            Preset::Standard,
        ),
        both(
            mutex_bugs::WAKE_BEFORE_STORE,
            "own",
            "unlocking wakes a sleeper before the lock is free",
            "the order of the two lines in unlock()",
            ("no lost wake-up", "lost wake-up"),
            Preset::Quick,
        ),
        both(
            mutex_bugs::PLAIN_STORE,
            "own",
            "unlocking looks and then stores, instead of one exchange",
            "Bos, chapter 9: why unlock() is a swap",
            ("no lost wake-up", "lost wake-up"),
            Preset::Quick,
        ),
        Bug {
            hunts: vec![hunt(RELAXED_UNLOCK.slug).expecting("Causality violation")],
            reason: "Only loom can see it: the model and shuttle are sequentially consistent.",
            ..Bug::new(
                "own",
                RELAXED_UNLOCK.slug,
                "the exchange in unlock is relaxed",
                "textbook; the ordering in unlock()",
            )
        },
    ]
}
