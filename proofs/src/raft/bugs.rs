//! The known bugs of Raft that the model can show, each with what is set against it.

use bisim_models::raft::Raft;

use super::bugs_model as seeded;
use crate::registry::{Bug, Hunt, ModelBug};

type Constants = &'static [(&'static str, u32)];

/// Constants by servers, max_term, max_log, max_msgs, and where to start.
macro_rules! constants {
    ($servers:literal, $term:literal, $log:literal, $msgs:literal, $start:literal
        $(, $more:expr)*) => {
        &[
            ("servers", $servers),
            ("values", 1),
            ("max_term", $term),
            ("max_log", $log),
            ("max_msgs", $msgs),
            ("max_dup", 1),
            ("start", $start),
            $($more),*
        ]
    };
}

/// Two servers, one election.
const ELECTION: Constants = constants!(2, 2, 0, 2, 0);
/// Two servers, two elections.
const ELECTIONS: Constants = constants!(2, 3, 0, 2, 0);
/// Two servers, two elections, an entry.
const RE_ELECTED: Constants = constants!(2, 3, 1, 1, 0);
/// Two servers, one leader, two entries.
const ENTRIES: Constants = constants!(2, 2, 2, 2, 0);
/// The same, with what the published rule does not promise.
const HARDENED: Constants = constants!(2, 2, 2, 2, 0, ("hardened", 1));
/// Figure 8 (c).
const FIGURE_8_C: Constants = constants!(3, 5, 1, 1, 1);
/// Figure 8 (c), with room for an entry of the new leader, and a memory of all logs.
const FIGURE_8_C_LOGS: Constants = constants!(3, 5, 2, 1, 1, ("history", 1));
/// Figure 8 (e).
const FIGURE_8_E: Constants = constants!(3, 4, 1, 1, 2);
/// Figure 8 (e), with leaders that send heartbeats also when there are entries to send.
const HEARTBEATS: Constants = constants!(3, 4, 1, 1, 2, ("max_entries", 2));

/// The rows of the catalogue that the model can express, each with its hunts.
pub(super) fn bugs() -> Vec<Bug> {
    let mut bugs = of_elections();
    bugs.extend(of_logs());
    bugs
}

fn row(
    row: &'static str,
    bug: ModelBug<Raft>,
    title: &'static str,
    source: &'static str,
    hunts: &[(&'static str, Constants)],
) -> Bug {
    let hunts = hunts.iter().map(|(property, constants)| Hunt::within(bug, property, constants));
    Bug { hunts: hunts.collect(), ..Bug::new(row, bug.slug, title, source) }
}

fn of_elections() -> Vec<Bug> {
    vec![
        row(
            "T1",
            seeded::FORGOTTEN_VOTE,
            "the vote is forgotten at a restart",
            "datatechnology/cornerstone 65; vesoft-inc/nebula 2405, 3415",
            &[("OneVoteInATerm", ELECTION)],
        ),
        row(
            "T2",
            seeded::FORGOTTEN_TERM,
            "the term is forgotten at a restart",
            "Ongaro & Ousterhout 2014, Figure 2, persistent state",
            &[("OneVoteInATerm", ELECTION)],
        ),
        row(
            "T3",
            seeded::CLEARED_VOTE,
            "a candidate that steps down in its term forgets its vote",
            "microsoft/CCF PR 8094",
            &[("OneVoteInATerm", ELECTION)],
        ),
        row(
            "T5",
            seeded::STALE_VOTE,
            "a vote of an earlier term is counted",
            "andreev-io/little-raft 44",
            &[("ElectionSafety", ELECTIONS)],
        ),
        row(
            "T6",
            seeded::COUNTED_TWICE,
            "votes are counted as they come, not by who gives them",
            "xnnyygn/xraft 27",
            &[("ElectionSafety", ELECTION)],
        ),
        row(
            "T7",
            seeded::NO_LOG_CHECK,
            "a vote is given without a look at the logs",
            "Ongaro & Ousterhout 2014, 5.4.1",
            &[("LeaderCompleteness", FIGURE_8_E)],
        ),
        row(
            "T8",
            seeded::LONGEST_LOG,
            "the longer log is the more up-to-date one, whatever its last term",
            "Ongaro & Ousterhout 2014, 5.4.1",
            &[("LeaderCompleteness", FIGURE_8_E)],
        )
        .because("needs three servers and term 4: two leaders with an entry each, and a third"),
        row(
            "T10",
            seeded::HALF_IS_A_QUORUM,
            "half of the servers elect a leader",
            "Ongaro & Ousterhout 2014, 5.2",
            &[("ElectionSafety", ELECTION)],
        ),
        row(
            "T31",
            seeded::TWO_TERMS,
            "a request is judged in its own term while the voter stays in another",
            "vesoft-inc/nebula 685, 2405",
            &[("OneVoteInATerm", ELECTION)],
        ),
        row(
            "T32",
            seeded::STAYS_LEADER,
            "a leader that learns of a larger term stays leader",
            "Ongaro & Ousterhout 2014, 5.1",
            &[("ElectionSafety", ELECTIONS)],
        ),
    ]
}

fn of_logs() -> Vec<Bug> {
    vec![
        row(
            "T9",
            seeded::COMMITS_OLD_TERM,
            "entries of earlier terms are committed by counting (Figure 8)",
            "logcabin/logcabin 44; canonical/raft 220; microsoft/CCF PR 4485",
            &[("LeaderCompleteness", FIGURE_8_C), ("StateMachineSafety", FIGURE_8_C)],
        )
        .because("starts in Figure 8 (c), some forty steps from the start of everything"),
        row(
            "T11",
            seeded::TRUNCATES_MATCH,
            "an old request cuts off entries that do not conflict with it",
            "hashicorp/raft PR 113",
            &[("MatchIndexIsTrue", ENTRIES)],
        ),
        row(
            "T12",
            seeded::STALE_TAIL,
            "a conflicting entry is overwritten and what follows it stays",
            "mofa-org/mofa 1150",
            &[("LogMatching", FIGURE_8_C_LOGS)],
        )
        .because("the log that the tail came from is gone, and only history remembers it"),
        row(
            "T13",
            seeded::UNCLAMPED_COMMIT,
            "commitIndex follows the leader's beyond the last new entry",
            "atomix/copycat 265; scylladb/scylladb 9965; rabbitmq/ra PR 508",
            &[("StateMachineSafety", HEARTBEATS)],
        )
        .because("a request that carries what may be committed hides it: needs heartbeats"),
        row(
            "T15",
            seeded::OWN_LENGTH,
            "a follower answers success with the length of its own log",
            "Howard et al., Smart Casual Verification of CCF, 2024, arXiv 2406.17455",
            &[("MatchIndexIsTrue", HEARTBEATS)],
        ),
        row(
            "T30",
            seeded::GOES_BACKWARDS,
            "matchIndex and commitIndex go backwards on old messages",
            "ongardie/raft.tla 18, 19",
            &[("commitIndex never decreases", HARDENED), ("matchIndex never decreases", HARDENED)],
        ),
        row(
            "T36",
            seeded::LEADER_TRUNCATES,
            "a new leader cuts its log back to what it knows to be committed",
            "textbook; Ongaro & Ousterhout 2014, 5.3: leaders only append",
            &[("LeaderAppendOnly", RE_ELECTED)],
        ),
    ]
}
