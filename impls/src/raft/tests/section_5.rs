//! Section 5, statement by statement, in the order of the paper.

use super::*;
use crate::raft::{
    AppendEntries, AppendEntriesResponse, AppendResult, RequestVote, RequestVoteResponse,
};

fn append(term: u64, prev: (u64, u64), new: &[u64], commit: u64) -> Message<u64> {
    Message::AppendEntries(AppendEntries {
        term: Term(term),
        prev_log_index: LogIndex(prev.0),
        prev_log_term: Term(prev.1),
        entries: entries(new),
        leader_commit: LogIndex(commit),
    })
}

fn ask(term: u64, (index, last): (u64, u64)) -> Message<u64> {
    Message::RequestVote(RequestVote {
        term: Term(term),
        last_log_index: LogIndex(index),
        last_log_term: Term(last),
    })
}

fn vote(term: u64, vote_granted: bool) -> Message<u64> {
    Message::RequestVoteResponse(RequestVoteResponse { term: Term(term), vote_granted })
}

fn matched(term: u64, index: u64) -> Message<u64> {
    let result = AppendResult::Success { match_index: LogIndex(index) };
    Message::AppendEntriesResponse(AppendEntriesResponse { term: Term(term), result })
}

fn mismatched(term: u64, index: u64) -> Message<u64> {
    let result = AppendResult::Failure { prev_log_index: LogIndex(index), conflict: None };
    Message::AppendEntriesResponse(AppendEntriesResponse { term: Term(term), result })
}

/// 5.1: "If one server's current term is smaller than the other's, then it updates its current
/// term to the larger value."
fn updates_term_from_message(mut cluster: Cluster, role: Role) {
    assert_eq!(cluster.server(0).role(), role);
    for message in [ask(8, (0, 0)), vote(9, false), append(10, (0, 0), &[], 0), matched(11, 0)] {
        cluster.hear(0, 1, message);
    }
    assert_eq!(cluster.server(0).current_term(), Term(11));
    assert_eq!(cluster.server(0).role(), Role::Follower);
    assert_eq!(cluster.armed(0), [Timer::Election]);
}

#[test]
fn follower_update_term_from_message() {
    updates_term_from_message(Cluster::new(figure_2(3)), Role::Follower);
}

/// 5.1: "If a candidate or leader discovers that its term is out of date, it immediately reverts
/// to follower state."
#[test]
fn candidate_update_term_from_message() {
    let mut cluster = Cluster::new(figure_2(3));
    cluster.fire(0, Timer::Election);
    updates_term_from_message(cluster, Role::Candidate);
}

#[test]
fn leader_update_term_from_message() {
    updates_term_from_message(Cluster::led(figure_2(3)), Role::Leader);
}

/// 5.1: "If a server receives a request with a stale term number, it rejects the request."
#[test]
fn reject_stale_term_message() {
    let mut cluster = Cluster::with_disks(figure_2(3), vec![disk(5, &[1]); 3]);
    cluster.hear(0, 1, append(4, (1, 1), &[4], 2));
    cluster.hear(0, 1, ask(4, (9, 4)));
    let answers: Vec<_> = cluster.take().into_iter().map(|letter| letter.message).collect();
    assert_eq!(answers, [mismatched(5, 1), vote(5, false)]);
    assert_eq!(cluster.terms(0), [1]);
    cluster.hear(0, 1, matched(4, 1));
    cluster.hear(0, 1, vote(4, true));
    assert_eq!(cluster.ignored, [Ignored::OldTerm; 2]);
}

/// 5.2: "When servers start up, they begin as followers."
#[test]
fn start_as_follower() {
    let mut cluster = Cluster::led(figure_2(3));
    cluster.restart(0);
    assert_eq!(cluster.server(0).role(), Role::Follower);
    assert_eq!(cluster.server(0).current_term(), Term(1));
    assert_eq!(cluster.server(0).voted_for(), Some(NodeId(0)));
    assert_eq!(cluster.armed(0), [Timer::Election]);
}

/// 5.2: "Leaders send periodic heartbeats (AppendEntries RPCs that carry no log entries) to all
/// followers in order to maintain their authority."
#[test]
fn leader_bcast_beat() {
    let mut cluster = Cluster::led(figure_2(3));
    assert_eq!(cluster.armed(0), [Timer::Heartbeat]);
    let resets = cluster.sites[1].election_resets;
    cluster.fire(0, Timer::Heartbeat);
    assert_eq!(cluster.armed(0), [Timer::Heartbeat], "and again");
    let beats = cluster.take();
    let to: Vec<_> = beats.iter().map(|letter| letter.to).collect();
    assert_eq!(to, [1, 2]);
    assert!(beats.iter().all(|letter| letter.message == append(1, (0, 0), &[], 0)));
    cluster.hear(1, 0, beats[0].message.clone());
    assert_eq!(cluster.sites[1].election_resets, resets + 1);
}

/// 5.2: "To begin an election, a follower increments its current term and transitions to
/// candidate state. It then votes for itself and issues RequestVote RPCs in parallel to each of
/// the other servers in the cluster."
#[test]
fn follower_start_election() {
    let mut cluster = Cluster::with_disks(figure_2(5), vec![disk(3, &[1, 3]); 5]);
    cluster.fire(2, Timer::Election);
    let server = cluster.server(2);
    assert_eq!((server.role(), server.current_term()), (Role::Candidate, Term(4)));
    assert_eq!(server.voted_for(), Some(NodeId(2)));
    let letters = cluster.take();
    let to: Vec<_> = letters.iter().map(|letter| letter.to).collect();
    assert_eq!(to, [0, 1, 3, 4]);
    assert!(letters.iter().all(|letter| letter.message == ask(4, (2, 3))));
}

/// 5.2: "when this happens, each candidate will time out and start a new election by incrementing
/// its term and initiating another round of RequestVote RPCs."
#[test]
fn candidate_start_new_election() {
    let mut cluster = Cluster::new(figure_2(3));
    cluster.fire(0, Timer::Election);
    cluster.take();
    cluster.hear(0, 1, vote(1, false));
    cluster.fire(0, Timer::Election);
    assert_eq!(cluster.server(0).current_term(), Term(2));
    assert_eq!(cluster.server(0).peers()[1].vote(), None, "votes are of one term");
    assert_eq!(cluster.take().len(), 2);
}

/// 5.2: "A candidate wins an election if it receives votes from a majority of the servers in the
/// full cluster for the same term."
#[test]
fn leader_election_in_one_round_rpc() {
    use Role::{Candidate, Leader};
    let cases: [(u32, &[bool], Role); 12] = [
        (1, &[], Leader),
        (3, &[true, true], Leader),
        (3, &[true], Leader),
        (5, &[true, true, true, true], Leader),
        (5, &[true, true, true], Leader),
        (5, &[true, true], Leader),
        (3, &[false, false], Candidate),
        (5, &[false, false, false, false], Candidate),
        (5, &[true, false, false, false], Candidate),
        (3, &[], Candidate),
        (5, &[true], Candidate),
        (4, &[true], Candidate),
    ];
    for (nodes, votes, role) in cases {
        let mut cluster = Cluster::new(figure_2(nodes));
        cluster.fire(0, Timer::Election);
        for (voter, granted) in (1..).zip(votes) {
            cluster.hear(0, voter, vote(1, *granted));
        }
        assert_eq!(cluster.server(0).role(), role, "{nodes} servers, {votes:?}");
    }
}

/// 5.2: "Each server will vote for at most one candidate in a given term, on a
/// first-come-first-served basis."
#[test]
fn follower_vote() {
    for (voted_for, candidate, granted) in
        [(None, 1, true), (None, 2, true), (Some(1), 1, true), (Some(1), 2, false)]
    {
        let mut one = disk(1, &[]);
        one.hard.voted_for = voted_for.map(NodeId);
        let mut cluster = Cluster::with_disks(figure_2(3), vec![one, disk(1, &[]), disk(1, &[])]);
        cluster.hear(0, candidate, ask(1, (0, 0)));
        assert_eq!(cluster.take()[0].message, vote(1, granted), "{voted_for:?} {candidate}");
    }
}

/// 5.2: "If the leader's term (included in its RPC) is at least as large as the candidate's
/// current term, then the candidate recognizes the leader as legitimate and returns to follower
/// state."
#[test]
fn candidate_fallback() {
    for term in [1, 2] {
        let mut cluster = Cluster::new(figure_2(3));
        cluster.fire(0, Timer::Election);
        cluster.take();
        cluster.hear(0, 2, append(term, (0, 0), &[], 0));
        let server = cluster.server(0);
        assert_eq!((server.role(), server.current_term()), (Role::Follower, Term(term)));
        assert_eq!(server.leader(), Some(NodeId(2)));
    }
}

/// 5.2: "election timeouts are chosen randomly from a fixed interval": by the driver, each time
/// that a server arms the timer; so it has to arm it afresh whenever the wait begins again.
#[test]
fn follower_election_timeout_randomized() {
    let mut cluster = Cluster::new(figure_2(3));
    let resets = |cluster: &Cluster| cluster.sites[0].election_resets;
    assert_eq!(resets(&cluster), 1);
    cluster.hear(0, 1, append(1, (0, 0), &[], 0));
    assert_eq!(resets(&cluster), 2, "it hears from the leader");
    cluster.hear(0, 2, ask(2, (0, 0)));
    assert_eq!(resets(&cluster), 3, "it grants a vote");
    cluster.hear(0, 1, ask(2, (0, 0)));
    cluster.hear(0, 1, append(1, (0, 0), &[], 0));
    assert_eq!(resets(&cluster), 3, "it refuses a vote, and hears from an old leader");
}

/// 5.2: "Each candidate restarts its randomized election timeout at the start of an election."
#[test]
fn candidate_election_timeout_randomized() {
    let mut cluster = Cluster::new(figure_2(3));
    for elections in 1..5 {
        cluster.fire(0, Timer::Election);
        assert_eq!(cluster.sites[0].election_resets, 1 + elections);
    }
}

/// 5.2: "in most cases only a single server will time out; it wins the election and sends
/// heartbeats before any other servers time out."
#[test]
fn followers_election_timeout_nonconflict() {
    let mut cluster = Cluster::new(figure_2(5));
    cluster.fire(3, Timer::Election);
    cluster.deliver();
    let mut roles = vec![Role::Follower; 5];
    roles[3] = Role::Leader;
    assert_eq!(cluster.roles(), roles);
    assert!(cluster.sites[..3].iter().all(|site| site.election_resets == 3), "vote, heartbeat");
}

/// 5.2: "This reduces the likelihood of another split vote in the new election": the candidate
/// that times out first wins the next one.
#[test]
fn candidates_election_timeout_nonconflict() {
    let mut cluster = Cluster::new(figure_2(4));
    cluster.fire(0, Timer::Election);
    cluster.fire(1, Timer::Election);
    cluster.deliver_if(|letter| (letter.from + letter.to) % 2 == 0 || letter.from > 1);
    assert!(cluster.roles().iter().all(|role| *role != Role::Leader), "the vote is split");
    cluster.elect(1);
    assert_eq!(cluster.server(0).role(), Role::Follower);
}

/// 5.3: "The leader appends the command to its log as a new entry, then issues AppendEntries RPCs
/// in parallel to each of the other servers to replicate the entry." With the entry goes "the
/// index and term of the entry in its log that immediately precedes the new entries".
#[test]
fn leader_start_replication() {
    let mut cluster = Cluster::led(figure_2(3));
    cluster.propose(0, 1, 5);
    cluster.deliver();
    cluster.propose(0, 2, 6);
    assert_eq!(cluster.terms(0), [1, 1]);
    let letters = cluster.take();
    assert_eq!(letters.iter().map(|letter| letter.to).collect::<Vec<_>>(), [1, 2]);
    for letter in letters {
        let Message::AppendEntries(request) = letter.message else { panic!("entries are sent") };
        assert_eq!((request.prev_log_index, request.prev_log_term), (LogIndex(1), Term(1)));
        assert_eq!(request.entries.len(), 1);
        assert_eq!(request.entries[0].payload, Payload::Command(add(2, 6)));
        assert_eq!(request.leader_commit, LogIndex(1));
    }
}

/// 5.3: "When the entry has been safely replicated, the leader applies the entry to its state
/// machine and returns the result of that execution to the client."
#[test]
fn leader_commit_entry() {
    let mut cluster = Cluster::led(figure_2(3));
    cluster.propose(0, 1, 5);
    assert_eq!(cluster.server(0).commit_index(), LogIndex(0));
    assert_eq!(cluster.told, []);
    cluster.deliver();
    assert_eq!(cluster.server(0).last_applied(), LogIndex(1));
    assert_eq!(cluster.server(0).replicated().machine(), &Counter(5));
    let Command { client, sequence, .. } = add(1, 5);
    assert_eq!(cluster.told, [Applied { client, sequence, output: 5 }]);
}

/// 5.3: "A log entry is committed once the leader that created the entry has replicated it on a
/// majority of the servers."
#[test]
fn leader_acknowledge_commit() {
    for (nodes, acks, committed) in
        [(1, 0, true), (3, 0, false), (3, 1, true), (4, 1, false), (5, 1, false), (5, 2, true)]
    {
        let mut cluster = Cluster::led(figure_2(nodes));
        cluster.propose(0, 1, 5);
        for follower in 1..=acks {
            cluster.hear(0, follower, matched(1, 1));
            cluster.hear(0, follower, matched(1, 1));
        }
        let reached = cluster.server(0).commit_index() == LogIndex(1);
        assert_eq!(reached, committed, "{acks} of {nodes}");
    }
}

/// 5.3: "This also commits all preceding entries in the leader's log, including entries created
/// by previous leaders."
#[test]
fn leader_commit_preceding_entries() {
    for log in [&[][..], &[2], &[1, 2], &[1]] {
        let mut cluster = Cluster::with_disks(figure_2(3), vec![disk(2, log); 3]);
        cluster.elect(0);
        assert_eq!(cluster.server(0).commit_index(), LogIndex(0));
        cluster.propose(0, 1, 5);
        cluster.deliver();
        assert_eq!(cluster.server(0).commit_index(), LogIndex(log.len() as u64 + 1));
        assert_eq!(cluster.server(0).replicated().machine(), &Counter(5));
    }
}

/// 5.3: "Once a follower learns that a log entry is committed, it applies the entry to its local
/// state machine (in log order)."
#[test]
fn follower_commit_entry() {
    let mut cluster = Cluster::led(figure_2(3));
    cluster.propose(0, 1, 5);
    cluster.propose(0, 2, 6);
    cluster.deliver();
    cluster.fire(0, Timer::Heartbeat);
    cluster.deliver();
    for follower in [1, 2] {
        assert_eq!(cluster.server(follower).last_applied(), LogIndex(2));
        assert_eq!(cluster.server(follower).replicated().machine(), &Counter(11));
    }
    assert_eq!(cluster.told.len(), 2, "followers tell clients nothing");
}

/// 5.3: "If the follower does not find an entry in its log with the same index and term, then it
/// refuses the new entries."
#[test]
fn follower_check_msg_append() {
    let cases = [
        ((0, 0), true),
        ((1, 1), true),
        ((2, 2), true),
        ((1, 2), false),
        ((2, 1), false),
        ((3, 3), false),
        ((3, 0), false),
        ((0, 1), false),
    ];
    for (prev, accepts) in cases {
        let mut cluster = Cluster::with_disks(figure_2(3), vec![disk(2, &[1, 2]); 3]);
        cluster.hear(0, 1, append(2, prev, &[], 0));
        let expected = if accepts { matched(2, prev.0) } else { mismatched(2, prev.0) };
        assert_eq!(cluster.take()[0].message, expected, "{prev:?}");
        assert_eq!(cluster.terms(0), [1, 2]);
    }
}

/// 5.3: "conflicting entries in follower logs will be overwritten with entries from the leader's
/// log"; and only conflicting ones: an old request removes nothing.
#[test]
fn follower_append_entries() {
    type Case<'a> = ((u64, u64), &'a [u64], &'a [u64]);
    let cases: [Case<'_>; 6] = [
        ((2, 2), &[3], &[1, 2, 3]),
        ((1, 1), &[3, 4], &[1, 3, 4]),
        ((0, 0), &[1], &[1, 2]),
        ((0, 0), &[3], &[3]),
        ((0, 0), &[1, 2, 3], &[1, 2, 3]),
        ((1, 1), &[2], &[1, 2]),
    ];
    for (prev, new, log) in cases {
        let mut cluster = Cluster::with_disks(figure_2(3), vec![disk(4, &[1, 2]); 3]);
        cluster.hear(0, 1, append(4, prev, new, 0));
        assert_eq!(cluster.terms(0), log);
        assert_eq!(cluster.take()[0].message, matched(4, prev.0 + new.len() as u64));
    }
}

/// 5.3: "nextIndex will reach a point where the leader and follower logs match. When this
/// happens, AppendEntries will succeed, which removes any conflicting entries in the follower's
/// log and appends entries from the leader's log (if any)."
#[test]
fn leader_sync_follower_log() {
    let leader = &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
    let mut cluster = Cluster::with_disks(
        figure_2(3),
        vec![disk(7, leader), disk(6, &[1, 1, 1, 2, 2, 3]), disk(7, leader)],
    );
    cluster.elect(0);
    assert_eq!(cluster.terms(1), leader);
    assert_eq!(cluster.server(0).peers()[1].match_index(), LogIndex(10));
    assert_eq!(cluster.server(0).peers()[1].next_index(), LogIndex(11));
}

/// 5.4.1: "the RPC includes information about the candidate's log".
#[test]
fn vote_request() {
    for (log, last) in [(&[][..], (0, 0)), (&[1], (1, 1)), (&[1, 1, 3], (3, 3))] {
        let mut cluster = Cluster::with_disks(figure_2(3), vec![disk(3, log); 3]);
        cluster.fire(0, Timer::Election);
        assert!(cluster.take().iter().all(|letter| letter.message == ask(4, last)));
    }
}

/// 5.4.1: "the voter denies its vote if its own log is more up-to-date than that of the
/// candidate."
#[test]
fn voter() {
    let cases: [(&[u64], (u64, u64), bool); 9] = [
        (&[1], (1, 1), true),
        (&[1], (2, 1), true),
        (&[1, 1], (1, 1), false),
        (&[1], (1, 2), true),
        (&[1], (2, 2), true),
        (&[1, 1], (1, 2), true),
        (&[2], (1, 1), false),
        (&[2], (2, 1), false),
        (&[1, 2], (1, 1), false),
    ];
    for (log, last, granted) in cases {
        let mut cluster = Cluster::with_disks(figure_2(3), vec![disk(2, log); 3]);
        cluster.hear(0, 1, ask(3, last));
        assert_eq!(cluster.take()[0].message, vote(3, granted), "{log:?} against {last:?}");
    }
}

/// 5.4.2: "Raft never commits log entries from previous terms by counting replicas. Only log
/// entries from the leader's current term are committed by counting replicas."
#[test]
fn leader_only_commits_log_from_current_term() {
    for (index, committed) in [(1, 0), (2, 0), (3, 3)] {
        let mut cluster = Cluster::with_disks(figure_2(3), vec![disk(2, &[1, 2]); 3]);
        cluster.fire(0, Timer::Election);
        cluster.hear(0, 1, vote(3, true));
        cluster.propose(0, 1, 5);
        cluster.hear(0, 1, matched(3, index));
        assert_eq!(cluster.server(0).commit_index(), LogIndex(committed));
    }
}
