//! The bugs of the readers-writer lock, and the evidence set against each.

use bisim_models::common::{Preset, Spec};
use bisim_models::lock::rw_lock::RwLock;

use super::rw_bugs::{
    BLIND_TO_READERS, EARLY_LOOK, EXCLUSIVE_READER, FORGOTTEN_READERS, LATE_LOOK, READERS_FIRST,
    RELEASE_AND_READ, WAKES_WRITERS_ONLY,
};
use super::rw_mutants;
use crate::registry::{Bug, Hunt, ModelBug};

fn in_code(slug: &'static str) -> Hunt {
    let mutant = rw_mutants::ALL.iter().find(|mutant| mutant.slug == slug);
    mutant.expect("every bug that is hunted in the code has a mutant").hunt(RwLock::NAME)
}

fn both(
    row: &'static str,
    bug: ModelBug<RwLock>,
    property: &'static str,
    from: Preset,
    (title, source): (&'static str, &'static str),
) -> Bug {
    Bug::new(row, bug.slug, title, source)
        .hunted_by(|slug| vec![Hunt::against(bug, property).from(from), in_code(slug)])
}

/// The bugs.
pub(super) fn bugs() -> Vec<Bug> {
    use Preset::{Quick, Standard};
    let overtakes = "no reader overtakes a writer that waits";
    let wake_up = "no lost wake-up";
    let slips_in = "no writer slips in when a writer becomes a reader";
    let word = "the word tells who holds the lock";
    vec![
        both(
            "R1",
            READERS_FIRST,
            overtakes,
            Standard,
            ("readers enter while a writer waits", "Courtois, Heymans, Parnas 1971, problem 1"),
        ),
        Bug::new(
            "R2",
            "lock/writers-first",
            "writers always go first",
            "Courtois, Heymans, Parnas 1971, problem 2",
        )
        .because(
            "This lock is meant to: `a reader starves` is reached, with a lasso, by \
             `bisim check rw-lock --set rounds=0`.",
        ),
        Bug::new(
            "R3",
            rw_mutants::RECURSIVE_READ,
            "a reader reads again while a writer waits",
            "Amanieu/parking_lot 212",
        )
        .hunted_by(|slug| vec![in_code(slug)])
        .because("A misuse that the lock documents; the timed calls give up instead."),
        Bug::new(
            "R4",
            "lock/two-upgrades",
            "two readers upgrade, and wait for each other",
            "Amanieu/parking_lot 21, 200",
        )
        .because("A reader cannot become a writer here: it leaves, and looks again."),
        Bug::new(
            "R5",
            "lock/upgrade-by-release",
            "an upgrade that releases and acquires",
            "awslabs/shuttle pull request 351",
        )
        .because("A reader cannot become a writer here."),
        both(
            "R6",
            RELEASE_AND_READ,
            slips_in,
            Quick,
            ("a downgrade releases and acquires", "tokio-rs/tokio pull request 2733"),
        ),
        Bug::new(
            "R7",
            "lock/upgradable-read",
            "an upgradable reader blocks plain readers",
            "Amanieu/parking_lot 101",
        )
        .because("There are no upgradable readers here."),
        both(
            "R8",
            WAKES_WRITERS_ONLY,
            wake_up,
            Quick,
            ("a writer that leaves wakes writers only", "shd101wyy/Yo pull request 280"),
        ),
        Bug::new(
            "R9",
            "lock/wake-that-found-nobody",
            "waking a writer always reports success, so that no reader is woken",
            "microsoft/litebox pull request 809",
        )
        .because(
            "Here nobody asks whether a wake-up has found a writer: the writers that wait are \
             counted. What that count can get wrong is lock/forgotten-readers.",
        ),
        both(
            "R10",
            EARLY_LOOK,
            wake_up,
            Standard,
            ("a reader looks before it counts itself out", "asterinas/asterinas 1303"),
        ),
        both(
            "R11",
            EXCLUSIVE_READER,
            word,
            Quick,
            ("a reader can take the lock as a writer", "rust-lang/rust 121949"),
        ),
        both(
            "R12",
            BLIND_TO_READERS,
            "mutual exclusion",
            Quick,
            ("a writer looks for writers only", "ReadersWriters.tla, guard of Write"),
        ),
        both(
            "L16",
            FORGOTTEN_READERS,
            wake_up,
            Standard,
            ("a writer that gives up swallows the wake-up of readers", "asyncio-lock in tla-specs"),
        ),
        Bug::new(
            "L14",
            "lock/reused-signal",
            "a signal's number is used again, and a sleeper misses it",
            "musl, cond-var fix of an ABA race; SBCL 1.0.37.34",
        )
        .because(
            "The turnstile counts 2^32 turns before a number comes again: a thread would have to \
             stand still for exactly as many between its look and its sleep.",
        ),
        Bug::new(
            "L15",
            "lock/stolen-signal",
            "a thread that begins to wait later takes the wake-up of one that waited",
            "glibc bugs 12875, 25847",
        )
        .because(
            "A turn is seen by all who have looked before, and a writer that is overtaken is still \
             counted, so that whoever overtakes it wakes it when it leaves.",
        ),
        both(
            "own",
            LATE_LOOK,
            wake_up,
            Quick,
            ("a thread looks at the turnstile after it has tried", "Reed & Kanodia 1979"),
        ),
    ]
}
