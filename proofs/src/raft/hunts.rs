//! What hunts the bugs of the implementation, beside what hunts those of the model.

use super::conformance::{BACKTRACKING, FIGURE_2, POLLS, SMALL};
use super::implementation::Implementation;
use super::property::TERMS_BEGIN_BY_PROMISES;
use super::scope::Scope;
use crate::refinement::Failure;
use crate::registry::{Bug, Hunt};
use crate::shipped;

/// The bugs of the model, and those that the model cannot express, each with every piece of
/// evidence that is set against it.
pub(super) fn with_implementation(bugs: Vec<Bug>) -> Vec<Bug> {
    let bugs = bugs.into_iter().chain(of_the_implementation_alone());
    bugs.map(|bug| Bug::hunted_by(bug, hunts)).collect()
}

/// Two nodes, room for a command that is sent again, and nothing else.
const RETRIES: Scope = Scope { no_op: false, writes: 1, crashes: 0, ..SMALL };

/// Two elections, with room for a message from the first one.
const ELECTIONS: Scope =
    Scope { max_term: 3, max_log: 1, writes: 1, crashes: 0, no_op: false, ..SMALL };

/// Two elections, whose logs can go apart, and Figure 2 alone.
const REJECTIONS: Scope = Scope { window: 1, fast_backtracking: false, ..BACKTRACKING };

/// Three nodes in one election, whose leader has nothing to send but heartbeats.
const OF_THREE: Scope = Scope { max_log: 0, crashes: 0, clients: 0, commands: 0, ..FIGURE_2 };

/// Two nodes that may each ask once whether they could win.
const ONE_POLL: Scope =
    Scope { max_term: 2, max_log: 0, polls: 2, clients: 0, commands: 0, ..POLLS };

/// The hunts on the implementation, each with the check that fails.
fn hunts(slug: &'static str) -> Vec<Hunt> {
    use Failure::{Disabled, Missing, Property, SilentChange, WrongEnd};
    let edges = |scope, check| shipped::hunt_edges::<Implementation>(slug, check, scope);
    let schedules = |check| shipped::hunt_schedules::<Implementation>(slug, check);
    let both = |scope, check| vec![edges(scope, check), schedules(check)];
    match slug {
        "raft/forgotten-vote" | "raft/own-length" | "raft/never-writes" => both(SMALL, WrongEnd),
        "raft/forgotten-term" => both(SMALL, Disabled),
        "raft/truncates-match" => vec![edges(SMALL, Disabled), schedules(WrongEnd)],
        "raft/answers-before-write" | "raft/leader-sends-before-write" => both(SMALL, SilentChange),
        "raft/counted-twice" => both(FIGURE_2, Disabled),
        "raft/pre-vote-is-a-vote" => both(POLLS, Disabled),
        // On schedules, few of many commands are sent again while the first copy is in the log.
        "raft/no-session" => vec![edges(RETRIES, Property("a command has its effect once"))],
        // A log that is wrong behind what the leader sends needs three servers and three terms.
        "raft/stale-tail" | "raft/unclamped-commit" => vec![schedules(WrongEnd)],
        "raft/stays-leader" => vec![edges(BACKTRACKING, Missing)],
        "raft/silent-leader" => vec![edges(SMALL, Missing)],
        "raft/votes-in-the-past" | "raft/accepts-the-past" => both(ELECTIONS, WrongEnd),
        "raft/ignores-the-gap" => both(REJECTIONS, Disabled),
        "raft/never-goes-back" => vec![edges(REJECTIONS, Missing)],
        "raft/silent-to-one" | "raft/asks-all-but-one" => vec![edges(OF_THREE, Missing)],
        "raft/skips-pre-vote" => both(ONE_POLL, Property(TERMS_BEGIN_BY_PROMISES)),
        _ => Vec::new(),
    }
}

/// The bugs that the model cannot express.
fn of_the_implementation_alone() -> Vec<Bug> {
    let mut bugs = of_drivers();
    bugs.extend(of_silence());
    bugs
}

/// Those of writing, and of what the model knows nothing of.
fn of_drivers() -> Vec<Bug> {
    vec![
        Bug::new(
            "T4",
            "raft/pre-vote-is-a-vote",
            "the promise of a vote is taken for the vote",
            "canonical/raft 196",
        )
        .because("the model has no pre-votes"),
        Bug::new(
            "T28",
            "raft/answers-before-write",
            "a follower answers before what it answers is durable",
            "Vanlightly/raft-tlaplus, RaftFsync: FollowerFsyncBeforeReply = FALSE",
        )
        .because("the model's servers write and send in one step"),
        Bug::new(
            "T29",
            "raft/leader-sends-before-write",
            "a leader counts itself for entries that are not on its disk",
            "Vanlightly/raft-tlaplus, RaftFsync: LeaderFsyncBeforeIncludeInQuorum = FALSE",
        )
        .because("the model's servers write and send in one step"),
        Bug::new(
            "T35",
            "raft/no-session",
            "a command that a client sends again has its effect twice",
            "Ongaro 2014, 6.3",
        )
        .because("the model has neither clients nor a state machine"),
        Bug::new(
            "own",
            "raft/never-writes",
            "nothing is ever made durable",
            "Ongaro & Ousterhout 2014, Figure 2, persistent state",
        )
        .because("the model's servers are durable by definition"),
    ]
}

/// Those that consist in not saying or asking something: the model allows what should be said at
/// any time, and never asks for it.
fn of_silence() -> Vec<Bug> {
    vec![
        Bug::new(
            "own",
            "raft/silent-leader",
            "a leader sends no heartbeats",
            "Ongaro & Ousterhout 2014, 5.2",
        )
        .because(
            "the model has no timers: it allows a heartbeat at any time, and never asks for one",
        ),
        Bug::new(
            "own",
            "raft/silent-to-one",
            "a leader sends nothing to its last follower",
            "Ongaro & Ousterhout 2014, 5.2",
        )
        .because("the model allows a heartbeat to anybody at any time, and never asks for one"),
        Bug::new(
            "own",
            "raft/asks-all-but-one",
            "a candidate does not ask the last of the others for its vote",
            "Ongaro & Ousterhout 2014, 5.2",
        )
        .because("the model's candidate asks whom it likes"),
        Bug::new(
            "own",
            "raft/skips-pre-vote",
            "a server begins a term without asking whether it could win",
            "Ongaro 2014, 9.6",
        )
        .because("the model has no pre-votes"),
    ]
    .into_iter()
    .chain(broken_rules())
    .collect()
}

/// Rules of Figure 2 that no published bug breaks.
fn broken_rules() -> Vec<Bug> {
    let rules = [
        (
            "raft/votes-in-the-past",
            "a candidate of an earlier term gets a vote in that term",
            "Ongaro & Ousterhout 2014, Figure 2, RequestVote 1",
        ),
        (
            "raft/accepts-the-past",
            "a leader of an earlier term hears that its entries are stored",
            "Ongaro & Ousterhout 2014, Figure 2, AppendEntries 1",
        ),
        (
            "raft/ignores-the-gap",
            "entries are appended although the one before them is missing",
            "Ongaro & Ousterhout 2014, Figure 2, AppendEntries 2",
        ),
        (
            "raft/never-goes-back",
            "a leader sends what was rejected again and again",
            "Ongaro & Ousterhout 2014, Figure 2, Leaders: decrement nextIndex and retry",
        ),
    ];
    rules.map(|(slug, title, source)| Bug::new("own", slug, title, source)).into()
}
