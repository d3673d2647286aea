//! The known bugs of Paxos, with every piece of evidence that is set against them: the model's
//! and the implementation's.

use super::evidence::{Published, SMALL};
use super::{Faulty, Implementation, Scope, bugs_model};
use crate::refinement::Failure;
use crate::registry::{Bug, Deferred, Hunt};
use crate::shipped;

/// All bugs.
pub(super) fn bugs() -> Vec<Bug> {
    let bugs = bugs_model::bugs().into_iter().chain(of_the_implementation_alone());
    bugs.map(|bug| Bug::hunted_by(bug, hunts)).collect()
}

/// The bounds for what a restart forgets.
const CRASH: Scope = SMALL.with_crashes(1);

/// The hunts on the implementation, each with the check that fails.
fn hunts(slug: &'static str) -> Vec<Hunt> {
    use Failure::{Disabled, Missing, Property, SilentChange, WrongEnd};
    let edges = |scope, check| shipped::hunt_edges::<Implementation<Published>>(slug, check, scope);
    let schedules = |check| shipped::hunt_schedules::<Implementation<Faulty>>(slug, check);
    let both = |scope, check| vec![edges(scope, check), schedules(check)];
    match slug {
        // Reports from two ballots need a third to choose wrongly between them.
        "paxos/adopts-any-value" => vec![schedules(Disabled)],
        "paxos/ignores-reported-values"
        | "paxos/takes-ballot-0-for-none"
        | "paxos/half-is-a-quorum"
        | "paxos/counts-promise-twice" => both(SMALL, Disabled),
        "paxos/mixes-ballots" => both(SMALL, Property("what is learned was chosen")),
        "paxos/sends-before-write" => both(SMALL, SilentChange),
        "paxos/never-writes" => both(SMALL, WrongEnd),
        "paxos/forgets-promise" => both(CRASH, Disabled),
        "paxos/forgets-vote" => both(CRASH, WrongEnd),
        // A node of all roles, which is what schedules are sampled of, survives this one: its own
        // acceptor remembers the ballot.
        "paxos/reuses-ballot" => vec![edges(CRASH, Disabled)],
        "paxos/accept-ignores-promise" => vec![edges(SMALL, Disabled)],
        "paxos/vote-is-no-promise" => vec![edges(SMALL, WrongEnd)],
        "paxos/rejects-newer-accept" => vec![edges(SMALL, Missing)],
        _ => Vec::new(),
    }
}

/// The bugs that the model cannot express.
fn of_the_implementation_alone() -> Vec<Bug> {
    vec![
        Bug::new(
            "X11",
            "paxos/counts-promise-twice",
            "a promise that arrives twice is counted twice",
            "textbook; Lamport, Paxos Made Simple, 2001, section 2.2 asks for a majority",
        )
        .because(
            "the model's promises are a set, so that only an implementation can count wrongly",
        ),
        Bug::new(
            "X12",
            "paxos/mixes-ballots",
            "a learner counts votes of different ballots together",
            "Lamport, Paxos Made Simple, 2001, section 2.3",
        )
        .because("the model has no learner"),
        Bug::new(
            "own",
            "paxos/sends-before-write",
            "a promise or a vote leaves before it is durable",
            "efficient/epaxos 28",
        )
        .because("the model's acceptors write and send in one step"),
        Bug::new(
            "own",
            "paxos/never-writes",
            "nothing is ever made durable",
            "efficient/epaxos 28",
        )
        .because("the model's acceptors are durable by definition"),
    ]
}

/// The rows of the catalogue that wait for more than one decree, and for a disk that is lost.
pub(super) const DEFERRED: [Deferred; 5] = [
    Deferred {
        row: "X13",
        title: "a leader that was replaced goes on without phase 1 for new slots",
        source: "textbook",
        with: "a log",
        reason: "there is one decree, and every ballot begins with phase 1",
    },
    Deferred {
        row: "X14",
        title: "slots are executed out of order, or over a gap",
        source: "textbook",
        with: "a log",
        reason: "there is one decree",
    },
    Deferred {
        row: "X15",
        title: "a leader without a lease answers a read by itself",
        source: "textbook; as row T16",
        with: "a log",
        reason: "what is chosen never changes, so that no read of it is stale",
    },
    Deferred {
        row: "X16",
        title: "a fast quorum is too small",
        source: "Lamport, Fast Paxos, 2006",
        with: "fast ballots",
        reason: "every ballot is a classic one",
    },
    Deferred {
        row: "X17",
        title: "a node whose disk was lost comes back under its name",
        source: "palantir/atlasdb 1504",
        with: "storage",
        reason: "a disk keeps what is durable",
    },
];
