//! What goes beyond Figure 2: pre-vote, check-quorum, batches, pipelining, sessions.

use super::*;
use crate::raft::{
    AppendEntries, AppendEntriesResponse, AppendResult, RequestVote, RequestVoteResponse,
};

fn recommended(nodes: u32) -> Config {
    Config::recommended(Members::first(nodes))
}

fn asks_for_pre_votes(letters: &[Letter]) -> bool {
    letters.iter().all(|letter| matches!(letter.message, Message::PreVote(_)))
}

#[test]
fn a_server_that_cannot_win_disturbs_nobody() {
    let mut cluster = Cluster::led(recommended(3));
    assert_eq!(cluster.server(0).current_term(), Term(1));
    for _ in 0..3 {
        cluster.fire(1, Timer::Election);
        assert!(cluster.server(1).is_polling());
        assert_eq!(cluster.server(1).current_term(), Term(1));
        assert!(asks_for_pre_votes(cluster.letters.make_contiguous()));
        cluster.deliver();
    }
    assert_eq!(cluster.ignored, [Ignored::WouldNotVote; 6]);
    assert_eq!(cluster.server(0).role(), Role::Leader);
    cluster.fire(0, Timer::Heartbeat);
    cluster.deliver();
    assert!(!cluster.server(1).is_polling(), "it hears from the leader after all");
}

#[test]
fn with_the_leader_silent_for_an_election_timeout_a_pre_vote_is_granted() {
    let mut cluster = Cluster::led(recommended(3));
    assert_eq!(cluster.armed(2), [Timer::Election, Timer::Lease]);
    cluster.fire(2, Timer::Lease);
    cluster.fire(1, Timer::Election);
    cluster.deliver_among(&[1, 2]);
    assert_eq!(cluster.server(1).role(), Role::Leader);
    assert_eq!(cluster.server(1).current_term(), Term(2));
}

#[test]
fn a_pre_vote_is_no_vote() {
    let mut cluster = Cluster::new(recommended(5));
    let pre_vote =
        RequestVote { term: Term(7), last_log_index: LogIndex(0), last_log_term: Term(0) };
    for candidate in [1, 2] {
        cluster.hear(0, candidate, Message::PreVote(pre_vote));
        let granted = Message::PreVoteResponse { term: Term(7) };
        assert_eq!(cluster.take()[0].message, granted, "anybody may have one");
    }
    assert_eq!((cluster.server(0).current_term(), cluster.server(0).voted_for()), (Term(0), None));
    // Nor does the answer to one count as the answer to the other.
    cluster.fire(0, Timer::Election);
    cluster.hear(0, 1, Message::PreVoteResponse { term: Term(1) });
    cluster.hear(0, 2, Message::PreVoteResponse { term: Term(1) });
    assert_eq!(cluster.server(0).role(), Role::Candidate);
    cluster.hear(0, 3, Message::PreVoteResponse { term: Term(1) });
    assert_eq!(cluster.ignored, [Ignored::OldTerm]);
    assert_eq!(cluster.server(0).role(), Role::Candidate);
}

#[test]
fn a_candidate_that_wins_after_all_polls_no_more() {
    let mut cluster = Cluster::new(recommended(3));
    cluster.fire(0, Timer::Election);
    cluster.hear(0, 1, Message::PreVoteResponse { term: Term(1) });
    cluster.fire(0, Timer::Election);
    let (term, vote_granted) = (Term(1), true);
    let vote = Message::RequestVoteResponse(RequestVoteResponse { term, vote_granted });
    cluster.hear(0, 1, vote);
    cluster.hear(0, 1, Message::PreVoteResponse { term: Term(2) });
    let server = cluster.server(0);
    assert_eq!((server.role(), server.current_term()), (Role::Leader, Term(1)));
    assert_eq!(cluster.ignored, [Ignored::OldTerm]);
}

#[test]
fn a_server_behind_in_terms_wins_in_the_end_when_only_it_can() {
    let mut cluster =
        Cluster::with_disks(recommended(3), vec![disk(2, &[1, 2]), disk(9, &[1]), disk(9, &[1])]);
    cluster.fire(0, Timer::Election);
    cluster.deliver();
    assert_eq!(cluster.server(0).role(), Role::Follower, "it has learned of term 9");
    cluster.elect(0);
    assert_eq!(cluster.server(0).current_term(), Term(10));
}

#[test]
fn a_leader_without_a_majority_steps_down() {
    let mut cluster = Cluster::led(recommended(5));
    assert_eq!(cluster.armed(0), [Timer::Heartbeat, Timer::Lease]);
    cluster.fire(0, Timer::Lease);
    assert_eq!(cluster.server(0).role(), Role::Leader, "all have answered");
    cluster.fire(0, Timer::Heartbeat);
    cluster.deliver_among(&[0, 1]);
    cluster.fire(0, Timer::Lease);
    let server = cluster.server(0);
    assert_eq!((server.role(), server.current_term()), (Role::Follower, Term(1)));
    assert_eq!(cluster.armed(0), [Timer::Election]);
    cluster.propose(0, 1, 5);
    assert_eq!(cluster.ignored, [Ignored::NotLeader(None)]);
}

#[test]
fn a_follower_names_the_leader() {
    let mut cluster = Cluster::led(figure_2(3));
    cluster.propose(1, 1, 5);
    assert_eq!(cluster.ignored, [Ignored::NotLeader(Some(NodeId(0)))]);
}

#[test]
fn a_term_begins_with_an_entry_that_commits_the_earlier_ones() {
    let config = Config { no_op: true, ..figure_2(3) };
    let mut cluster = Cluster::with_disks(config, vec![disk(2, &[1, 2]); 3]);
    cluster.elect(0);
    assert_eq!(cluster.terms(1), [1, 2, 3]);
    assert_eq!(cluster.server(0).commit_index(), LogIndex(3));
}

#[test]
fn a_cluster_of_one_commits_what_it_writes() {
    let mut cluster = Cluster::new(recommended(1));
    cluster.fire(0, Timer::Election);
    assert_eq!(cluster.server(0).role(), Role::Leader);
    cluster.propose(0, 1, 5);
    assert_eq!(cluster.told.len(), 1);
    assert_eq!(cluster.server(0).commit_index(), LogIndex(2));
    assert_eq!(cluster.letters, []);
}

#[test]
fn a_leader_of_one_waits_for_its_own_write() {
    let mut node = Node::new(NodeId(0), Arc::new(figure_2(1)), Counter(0));
    let mut buffer = Buffer::new();
    node.handle(Event::Recover(Disk::default()), &mut buffer);
    node.handle(Event::Fired(Timer::Election), &mut buffer);
    buffer.drain().count();
    node.handle(Event::Request(Request::Propose(add(1, 5))), &mut buffer);
    let commit = buffer.steps().last();
    let step = Step::AdvanceCommitIndex { server: NodeId(0) };
    assert_eq!(commit, Some(&Taken { step, after: Some(WriteId(1)) }));
    let replies: Vec<_> = buffer.drain().filter(|e| matches!(e, Effect::Reply { .. })).collect();
    assert!(matches!(replies[..], [Effect::Reply { after: Some(WriteId(1)), .. }]));
}

/// The entries of the requests under way to a server, one number for each request.
fn sizes(letters: &[Letter], to: u32) -> Vec<usize> {
    let to = letters.iter().filter(|letter| letter.to == to);
    let size = |letter: &Letter| match &letter.message {
        Message::AppendEntries(request) => Some(request.entries.len()),
        _ => None,
    };
    to.filter_map(size).collect()
}

#[test]
fn several_commands_share_a_write_and_a_message() {
    let mut cluster = Cluster::led(figure_2(3));
    let commands = (1..=5).map(|sequence| add(sequence, 1)).collect();
    cluster.give(0, Event::Request(Request::ProposeAll(commands)));
    assert_eq!(sizes(cluster.letters.make_contiguous(), 1), [5]);
    cluster.deliver();
    assert_eq!(cluster.server(0).replicated().machine(), &Counter(5));
    assert_eq!(cluster.told.len(), 5);
}

#[test]
fn without_pipelining_the_next_entries_wait_for_the_answer() {
    let mut cluster = Cluster::led(Config { max_entries: 2, ..figure_2(3) });
    (1..=4).for_each(|sequence| cluster.propose(0, sequence, 1));
    assert_eq!(sizes(cluster.letters.make_contiguous(), 1), [1]);
    let first = cluster.letters.pop_front().unwrap();
    cluster.hear(first.to, first.from, first.message);
    let answer = cluster.letters.pop_back().unwrap();
    cluster.take();
    cluster.hear(0, 1, answer.message);
    assert_eq!(sizes(cluster.letters.make_contiguous(), 1), [2], "as many as a message holds");
    cluster.deliver();
    cluster.fire(0, Timer::Heartbeat);
    cluster.deliver();
    assert_eq!(cluster.server(1).replicated().machine(), &Counter(4));
    assert_eq!(cluster.server(2).replicated().machine(), &Counter(4), "the retry of what was lost");
}

#[test]
fn with_pipelining_entries_are_sent_before_the_last_are_answered() {
    let mut cluster = Cluster::led(Config { window: 3, ..recommended(3) });
    (1..=4).for_each(|sequence| cluster.propose(0, sequence, 1));
    assert_eq!(sizes(cluster.letters.make_contiguous(), 1), [1, 1], "one, and one for the no-op");
    cluster.deliver();
    (5..=9).for_each(|sequence| cluster.propose(0, sequence, 1));
    let letters = cluster.take();
    assert_eq!(sizes(&letters, 1), [1, 1, 1], "up to the window");
    // The first is lost: the follower rejects the others, and the leader goes back.
    for letter in letters.into_iter().filter(|letter| letter.to == 1).skip(1) {
        cluster.hear(1, 0, letter.message);
    }
    cluster.deliver();
    assert_eq!(cluster.terms(1), [1; 10]);
    assert_eq!(cluster.server(0).commit_index(), LogIndex(10));
    assert_eq!(cluster.server(1).commit_index(), LogIndex(10), "commits are told eagerly");
}

#[test]
fn after_a_rejection_one_request_probes() {
    let mut cluster = Cluster::led(recommended(3));
    let failure = |prev| {
        let conflict = None;
        let result = AppendResult::Failure { prev_log_index: LogIndex(prev), conflict };
        Message::AppendEntriesResponse(AppendEntriesResponse { term: Term(1), result })
    };
    cluster.propose(0, 1, 1);
    cluster.take();
    cluster.hear(0, 1, failure(1));
    assert_eq!(cluster.ignored, [Ignored::OldAnswer], "that entry is known to match");
    (2..=4).for_each(|sequence| cluster.propose(0, sequence, 1));
    cluster.take();
    cluster.hear(0, 1, failure(3));
    assert_eq!(sizes(&cluster.take(), 1), [4], "all that it is not known to have");
    cluster.propose(0, 5, 1);
    assert_eq!(sizes(&cluster.take(), 1), [0_usize; 0], "one at a time");
    cluster.hear(0, 1, failure(4));
    assert_eq!(cluster.ignored.len(), 2, "the rejection of what was sent later says nothing new");
}

#[test]
fn a_command_that_is_sent_again_has_its_effect_once() {
    let mut cluster = Cluster::led(recommended(3));
    cluster.propose(0, 1, 5);
    cluster.propose(0, 1, 5);
    cluster.deliver();
    assert_eq!(cluster.terms(0).len(), 3, "both copies are in the log");
    assert_eq!(cluster.server(0).replicated().machine(), &Counter(5));
    let Command { client, sequence, .. } = add(1, 5);
    let told = Applied { client, sequence, output: 5 };
    assert_eq!(cluster.told, [told, told]);
    // Another leader answers from the session, without another entry.
    cluster.sites.iter_mut().for_each(|site| {
        site.armed.remove(&Timer::Lease);
    });
    cluster.give(2, Event::Fired(Timer::Lease));
    cluster.fire(1, Timer::Election);
    cluster.deliver_among(&[1, 2]);
    let length = cluster.terms(1).len();
    cluster.propose(1, 1, 5);
    assert_eq!(cluster.told.last(), Some(&told));
    cluster.propose(1, 0, 5);
    assert_eq!(cluster.ignored.last(), Some(&Ignored::OldCommand));
    assert_eq!(cluster.terms(1).len(), length);
}

#[test]
fn what_no_correct_server_sends_is_ignored() {
    let mut cluster = Cluster::led(figure_2(3));
    cluster.propose(0, 1, 5);
    cluster.deliver();
    cluster.fire(0, Timer::Heartbeat);
    cluster.deliver();
    let request = |term, prev, terms: &[u64]| {
        Message::AppendEntries(AppendEntries {
            term: Term(term),
            prev_log_index: LogIndex(prev),
            prev_log_term: Term(0),
            entries: entries(terms),
            leader_commit: LogIndex(u64::MAX),
        })
    };
    let success = AppendResult::Success { match_index: LogIndex(9) };
    let success = AppendEntriesResponse { term: Term(1), result: success };
    cluster.hear(1, 2, request(1, u64::MAX, &[1]));
    cluster.hear(0, 2, request(1, 0, &[1]));
    cluster.hear(1, 2, request(3, 0, &[3]));
    cluster.hear(0, 2, Message::AppendEntriesResponse(success));
    use Ignored::{Impossible, Malformed, NotAPeer};
    assert_eq!(cluster.ignored, [Malformed, Impossible, Impossible, Malformed]);
    cluster.hear(0, 0, request(9, 0, &[]));
    cluster.hear(0, 7, request(9, 0, &[]));
    assert_eq!(cluster.ignored[4..], [NotAPeer, NotAPeer]);
    assert_eq!(cluster.terms(1), [1]);
}

#[test]
fn a_server_without_terms_stays_what_it_is() {
    let mut cluster = Cluster::with_disks(figure_2(3), vec![disk(u64::MAX, &[]); 3]);
    cluster.fire(0, Timer::Election);
    assert_eq!(cluster.ignored, [Ignored::OutOfTerms]);
}

#[test]
fn a_stranger_takes_no_part() {
    let mut node = Node::new(NodeId(7), Arc::new(figure_2(3)), Counter(0));
    let mut buffer = Buffer::new();
    for event in [
        Event::Fired(Timer::Election),
        Event::Recover(Disk::default()),
        Event::Fired(Timer::Election),
        Event::Durable(WriteId(0)),
    ] {
        node.handle(event, &mut buffer);
        let effects: Vec<_> = buffer.drain().collect();
        assert_eq!(effects, [Effect::Ignore(Ignored::NotAMember)]);
    }
    assert!(node.server().is_none());
}

#[test]
fn a_rejection_of_an_earlier_leaders_request_does_not_set_the_leader_back() {
    let mut cluster = Cluster::with_disks(figure_2(3), vec![disk(3, &[1, 2, 3]); 3]);
    cluster.fire(0, Timer::Election);
    cluster.deliver_if(|letter| {
        matches!(letter.message, Message::RequestVote(_) | Message::RequestVoteResponse(_))
    });
    assert_eq!(cluster.server(0).peers()[1].next_index(), LogIndex(4));
    // A follower of term 4 answers a request that server 0 made in term 2.
    let result = AppendResult::Failure { prev_log_index: LogIndex(1), conflict: None };
    let late = AppendEntriesResponse { term: Term(4), result };
    cluster.hear(0, 1, Message::AppendEntriesResponse(late));
    assert_eq!(cluster.ignored.last(), Some(&Ignored::OldAnswer));
    assert_eq!(cluster.server(0).peers()[1].next_index(), LogIndex(4));
}

#[test]
fn what_no_server_sends_is_ignored() {
    let ask = RequestVote { term: Term(0), last_log_index: LogIndex(9), last_log_term: Term(9) };
    let append = |term, prev_log_term, terms: &[u64]| {
        let entries = terms.iter().map(|&term| Entry { term: Term(term), payload: Payload::NoOp });
        Message::AppendEntries(AppendEntries {
            term: Term(term),
            prev_log_index: LogIndex(0),
            prev_log_term: Term(prev_log_term),
            entries: entries.collect::<Vec<_>>().into(),
            leader_commit: LogIndex(0),
        })
    };
    let malformed = [
        Message::RequestVote(ask),
        append(0, 0, &[]),
        append(2, 0, &[0]),
        append(2, 0, &[2, 1]),
        append(2, 0, &[3]),
        append(2, 2, &[1]),
    ];
    for message in malformed {
        let mut cluster = Cluster::new(recommended(3));
        cluster.hear(0, 1, message.clone());
        assert_eq!(cluster.ignored, [Ignored::Malformed], "{message:?}");
        assert_eq!(cluster.server(0).leader(), None);
    }
}

#[test]
fn an_answer_that_arrives_twice_leads_to_one_request() {
    let mut cluster = Cluster::led(Config { max_entries: 1, window: 1, ..recommended(3) });
    (1..=4).for_each(|sequence| cluster.propose(0, sequence, 1));
    let first = cluster.take().into_iter().find(|letter| letter.to == 1).unwrap();
    cluster.hear(1, 0, first.message);
    let answer = cluster.take().remove(0).message;
    cluster.hear(0, 1, answer.clone());
    assert_eq!(sizes(&cluster.take(), 1), [1], "the next entry");
    cluster.hear(0, 1, answer);
    assert_eq!(sizes(&cluster.take(), 1), [0_usize; 0], "which is under way");
}
