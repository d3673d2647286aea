//! Figures 7 and 8 of the paper.

use super::*;

/// Figure 7: "When the leader at the top comes to power, it is possible that any of scenarios
/// (a-f) could occur in follower logs." In the end all logs are the leader's.
fn figure_7(config: Config) -> usize {
    let leader: &[u64] = &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
    let logs: [&[u64]; 7] = [
        leader,
        &[1, 1, 1, 4, 4, 5, 5, 6, 6],
        &[1, 1, 1, 4],
        &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
        &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
        &[1, 1, 1, 4, 4, 4, 4],
        &[1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
    ];
    let disks = logs.iter().map(|log| disk(7, log)).collect();
    let mut cluster = Cluster::with_disks(config, disks);
    cluster.fire(0, Timer::Election);
    let mut requests = 0;
    while let Some(Letter { from, to, message }) = cluster.letters.pop_front() {
        requests += usize::from(matches!(message, Message::AppendEntries(_)));
        cluster.hear(to, from, message);
    }
    assert_eq!(cluster.server(0).role(), Role::Leader, "it wins without c and d");
    assert_eq!(cluster.server(0).current_term(), Term(8));
    // An entry of its own term shows c and d what they have too much.
    cluster.propose(0, 1, 5);
    cluster.deliver();
    let ours = [leader, &[8]].concat();
    for follower in 1..7 {
        assert_eq!(cluster.terms(follower), ours, "follower {follower}");
    }
    assert_eq!(cluster.server(0).commit_index(), LogIndex(11));
    requests
}

#[test]
fn figure_7_ends_with_equal_logs() {
    let one_by_one = figure_7(figure_2(7));
    let by_terms = figure_7(Config { fast_backtracking: true, ..figure_2(7) });
    assert!(by_terms < one_by_one, "{by_terms} requests, {one_by_one} without conflict terms");
    figure_7(Config { window: 8, max_entries: 2, ..figure_2(7) });
}

/// Figure 8 up to (c): servers 0 to 4 are S1 to S5. The entry of term 2 is on a majority, and not
/// committed.
fn figure_8_c() -> Cluster {
    let mut cluster = Cluster::with_disks(figure_2(5), vec![disk(1, &[1]); 5]);
    // (a) S1 leads term 2, and replicates its entry to S2 alone.
    cluster.elect(0);
    cluster.propose(0, 1, 2);
    cluster.deliver_among(&[0, 1]);
    // (b) S1 crashes. S3, S4 and itself elect S5, which makes another entry at index 2.
    cluster.restart(0);
    cluster.fire(4, Timer::Election);
    cluster.deliver_among(&[2, 3, 4]);
    assert_eq!(cluster.server(4).role(), Role::Leader);
    cluster.propose(4, 1, 3);
    cluster.deliver_among(&[4]);
    // (c) S5 crashes. S1 leads term 4, and goes on replicating the entry of term 2, to S3.
    cluster.restart(4);
    cluster.fire(0, Timer::Election);
    cluster.deliver_among(&[0, 1, 2]);
    if cluster.server(0).role() != Role::Leader {
        // It had to learn of term 3 first.
        cluster.fire(0, Timer::Election);
        cluster.deliver_among(&[0, 1, 2]);
    }
    assert_eq!(cluster.server(0).role(), Role::Leader);
    assert_eq!(cluster.server(0).current_term(), Term(4));
    let logs: Vec<_> = (0..5).map(|id| cluster.terms(id)).collect();
    assert_eq!(logs, [vec![1, 2], vec![1, 2], vec![1, 2], vec![1], vec![1, 3]]);
    assert_eq!(cluster.server(0).commit_index(), LogIndex(0));
    cluster
}

#[test]
fn figure_8_d_overwrites_an_entry_that_is_on_a_majority() {
    let mut cluster = figure_8_c();
    cluster.restart(0);
    // S5 has to learn of term 4 first.
    cluster.fire(4, Timer::Election);
    cluster.deliver();
    cluster.elect(4);
    assert_eq!(cluster.server(4).current_term(), Term(5));
    for id in 0..5 {
        assert_eq!(cluster.terms(id), [1, 3]);
    }
    assert!(cluster.told.is_empty(), "nobody was told that the entry is committed");
}

#[test]
fn figure_8_e_an_entry_of_the_current_term_settles_it() {
    let mut cluster = figure_8_c();
    cluster.propose(0, 2, 4);
    cluster.deliver_among(&[0, 1, 2]);
    assert_eq!(cluster.server(0).commit_index(), LogIndex(3));
    cluster.restart(0);
    cluster.fire(4, Timer::Election);
    cluster.deliver();
    cluster.fire(4, Timer::Election);
    cluster.deliver();
    assert_ne!(cluster.server(4).role(), Role::Leader, "S5 cannot win an election");
    cluster.elect(1);
    let ours = [1, 2, 4];
    assert_eq!(cluster.terms(4), ours);
}
