//! The known bugs of Paxos, with every piece of evidence that is set against them: the model's
//! and the implementation's.

use super::evidence::{Published, SMALL};
use super::{Faulty, Implementation, Scope, bugs_model};
use crate::registry::{Bug, Evidence, Hunt};
use crate::shipped;

/// All bugs.
pub(super) fn bugs() -> Vec<Bug> {
    let bugs = bugs_model::bugs().into_iter().chain(of_the_implementation_alone());
    bugs.map(|bug| Bug::hunted_by(bug, hunts)).collect()
}

/// The bounds for what a restart forgets.
const CRASH: Scope = SMALL.with_crashes(1);

/// The hunts on the implementation.
fn hunts(slug: &'static str) -> Vec<Hunt> {
    let on_edges =
        |evidence, scope| shipped::hunt_edges::<Implementation<Published>>(slug, evidence, scope);
    let refined = |scope| on_edges(Evidence::Refined, scope);
    let sampled = || shipped::hunt_schedules::<Implementation<Faulty>>(slug);
    match slug {
        // Reports from two ballots need a third to choose wrongly between them.
        "paxos/adopts-any-value" => vec![sampled()],
        "paxos/ignores-reported-values"
        | "paxos/takes-ballot-0-for-none"
        | "paxos/half-is-a-quorum"
        | "paxos/counts-promise-twice"
        | "paxos/mixes-ballots"
        | "paxos/sends-before-write"
        | "paxos/never-writes" => vec![refined(SMALL), sampled()],
        "paxos/forgets-promise" | "paxos/forgets-vote" => {
            vec![refined(CRASH), sampled()]
        }
        // A node of all roles, which is what schedules are sampled of, survives this one: its own
        // acceptor remembers the ballot.
        "paxos/reuses-ballot" => vec![refined(CRASH)],
        "paxos/accept-ignores-promise" | "paxos/vote-is-no-promise" => vec![refined(SMALL)],
        "paxos/rejects-newer-accept" => vec![on_edges(Evidence::Covered, SMALL)],
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
