//! Majorities: what they have decided, and what they have stored.

use super::LogIndex;

/// Whether `count` of `members` servers are a majority, so that any two majorities have one in
/// common.
pub fn is_majority(count: usize, members: usize) -> bool {
    count > members / 2
}

/// What is known of an election.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoteResult {
    /// Nobody has won, and somebody still may.
    Pending,
    /// A majority has voted for the candidate.
    Won,
    /// So many have voted against the candidate that it cannot win any more.
    Lost,
}

/// The result of an election, given for each member its vote, if it is known. An election without
/// members is won: nobody is against.
pub fn vote_result(votes: impl Iterator<Item = Option<bool>>) -> VoteResult {
    let (mut members, mut yes, mut missing) = (0, 0, 0);
    for vote in votes {
        members += 1;
        yes += usize::from(vote == Some(true));
        missing += usize::from(vote.is_none());
    }
    match (is_majority(yes, members), is_majority(yes + missing, members)) {
        _ if members == 0 => VoteResult::Won,
        (true, _) => VoteResult::Won,
        (false, true) => VoteResult::Pending,
        (false, false) => VoteResult::Lost,
    }
}

/// The last place up to which a majority stores the log, given for each member the last place up
/// to which it is known to store it. `None` if there are no members: then nothing is in the way.
///
/// No memory is needed: clusters are small, and counting is quicker than sorting.
pub fn stored_by_majority(matches: impl Iterator<Item = LogIndex> + Clone) -> Option<LogIndex> {
    let members = matches.clone().count();
    let stored = |index: &LogIndex| {
        is_majority(matches.clone().filter(|other| other >= index).count(), members)
    };
    matches.clone().filter(stored).max()
}
