//! The bugs of the channels, and the evidence set against each.

use bisim_models::common::{Preset, Spec};

use super::model_bugs::{
    CAPACITY_OFF_BY_ONE, CLOSE_DISCARDS, CLOSE_FORGETS_RECEIVERS, CLOSE_FORGETS_SENDERS,
    IF_NOT_WHILE, LAST_COME_FIRST_SERVED, LATE_WAITER, ONE_WAIT_SET, ROOM_UNANNOUNCED,
    SENT_AFTER_CLOSE, WRONG_CLASS,
};
use super::mutants::{FORGOTTEN_CLOSE, LEAKED_BUFFER, RELAXED_END, hunt};
use crate::registry::{Bug, Deferred, Hunt, ModelBug};

/// A bug of a model that one of its properties is known for.
fn of_model<S: Spec>(
    bug: ModelBug<S>,
    row: &'static str,
    title: &'static str,
    source: &'static str,
    property: &'static str,
) -> Bug {
    Bug::new(row, bug.slug, title, source).hunted_by(|_| vec![Hunt::against(bug, property)])
}

/// The same bug, which also keeps something from happening.
fn and_for_ever<S: Spec>(bug: ModelBug<S>, property: &'static str, row: Bug) -> Bug {
    row.hunted_by(|_| vec![Hunt::against(bug, property)])
}

/// The same bug in the code.
fn and_in_the_code(bug: Bug) -> Bug {
    bug.hunted_by(|slug| vec![hunt(slug)])
}

const NO_LOST_WAKE_UP: &str = "no lost wake-up";
const NOBODY_WAITS: &str = "after the close nobody waits";

/// The bugs of the model `channel` and of the code.
pub fn bugs() -> Vec<Bug> {
    vec![
        and_in_the_code(of_model(
            LATE_WAITER,
            "H6",
            "a receive looks first and joins those who wait later",
            "fereidani/kanal 15",
            NO_LOST_WAKE_UP,
        )),
        and_for_ever(
            CLOSE_FORGETS_SENDERS,
            NOBODY_WAITS,
            of_model(
                CLOSE_FORGETS_SENDERS,
                "H4",
                "the receiver closes, and senders that wait are not woken",
                "EasyTier PR 1483 (tachyonix)",
                NO_LOST_WAKE_UP,
            ),
        ),
        and_for_ever(
            CLOSE_FORGETS_RECEIVERS,
            NOBODY_WAITS,
            of_model(
                CLOSE_FORGETS_RECEIVERS,
                "H5",
                "the sender closes, and receivers that wait are not woken",
                "tokio-rs/loom 213",
                NO_LOST_WAKE_UP,
            ),
        ),
        Bug::new(
            "H5",
            FORGOTTEN_CLOSE,
            "the last sender is gone, and the channel is not closed",
            "tokio-rs/loom 213",
        )
        .hunted_by(|slug| vec![hunt(slug)]),
        Bug::new(
            "H10",
            LEAKED_BUFFER,
            "what is in the buffer is not dropped with the last handle",
            "rust-lang/rust PR 108164",
        )
        .hunted_by(|slug| vec![hunt(slug)])
        .because("The model has no memory: only the implementation can leak."),
        and_in_the_code(of_model(
            CLOSE_DISCARDS,
            "H12",
            "a close throws away what was sent before it",
            "textbook",
            "a closed channel is drained and then ends",
        )),
        and_in_the_code(of_model(
            SENT_AFTER_CLOSE,
            "H13",
            "a send on a closed channel says that it has sent",
            "textbook",
            "nothing is sent after the close",
        )),
        and_in_the_code(of_model(
            CAPACITY_OFF_BY_ONE,
            "H14",
            "the buffer holds one value too many",
            "textbook",
            "the k-th receive comes before the (k + capacity)-th send completes",
        )),
        Bug::new(
            "H16",
            LAST_COME_FIRST_SERVED.slug,
            "who has waited for the shortest time is served first",
            "lemmy/BlockingQueue, v28 to v31",
        )
        .hunted_by(|_| {
            let hunt = Hunt::against(LAST_COME_FIRST_SERVED, "who waits longest is served first");
            vec![hunt.from(Preset::Standard)]
        }),
        of_model(
            ROOM_UNANNOUNCED,
            "own",
            "a receive makes room, and no sender that waits moves up",
            "Go runtime, chan.go: recv takes from sendq",
            NO_LOST_WAKE_UP,
        ),
        Bug::new(
            "own",
            RELAXED_END,
            "what a receiver has done is not seen by the sender that it has met",
            "Go memory model: the ordering in Waiter::end",
        )
        .hunted_by(|slug| vec![hunt(slug)])
        .because("Only loom can see it: the model and shuttle are sequentially consistent."),
    ]
}

/// The rows of the catalogue that these channels cannot have.
pub(super) const DEFERRED: [Deferred; 5] = [
    Deferred {
        row: "H3",
        title: "a permit that is returned on close wakes nobody",
        source: "tokio PR 8260, 8075",
        with: "permits",
        reason: "room is not reserved apart from a value",
    },
    Deferred {
        row: "H7",
        title: "a oneshot send races with a close",
        source: "tokio 4225",
        with: "a oneshot channel",
        reason: "there is none, and a send and a close take the same lock",
    },
    Deferred {
        row: "H8",
        title: "the drop of a list frees a block twice",
        source: "crossbeam PR 1187, 1188",
        with: "a list of blocks",
        reason: "the channels have none: they are written in safe Rust",
    },
    Deferred {
        row: "H9",
        title: "a list is dropped while it is used",
        source: "crossbeam 971; rust-lang/rust 110001",
        with: "a list of blocks",
        reason: "the channels have none: they are written in safe Rust",
    },
    Deferred {
        row: "H11",
        title: "a node is freed and used again between a look and an exchange (ABA)",
        source: "Michael and Scott 1996; openjdk/jdk18 PR 104",
        with: "a list of blocks",
        reason: "the one word outside of the lock is used for one call and never again",
    },
];

/// The bugs of the model `blocking-queue`.
pub fn bugs_of_queue() -> Vec<Bug> {
    vec![
        of_model(
            ONE_WAIT_SET,
            "H1",
            "whoever waits is notified, a producer or a consumer",
            "lemmy/BlockingQueue; Charpentier",
            "Invariant: no deadlock",
        ),
        of_model(
            IF_NOT_WHILE,
            "H2",
            "who was notified goes on without another look",
            "textbook: Java's wait in a loop",
            "TypeInv",
        ),
        of_model(
            WRONG_CLASS,
            "H15",
            "a producer notifies a producer, and a consumer a consumer",
            "lemmy/BlockingQueue, v20 to v22",
            "Invariant: no deadlock",
        ),
    ]
}
