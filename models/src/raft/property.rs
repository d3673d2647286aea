//! The properties of Figure 3 of the paper, and what must be reachable for them to mean anything.

use super::state::term_at;
use super::{Entry, Index, Raft, Role, Server, State};
use crate::common::Law;

/// Figure 3 of "In Search of an Understandable Consensus Algorithm", Ongaro and Ousterhout 2014.
const FIGURE_3: &str = "Raft, Figure 3";

impl Raft {
    /// The properties, each with its source.
    pub(super) fn all_laws(&self) -> Vec<Law<Self>> {
        let mut laws = vec![
            Law::always("ElectionSafety", FIGURE_3, Self::election_safety),
            Law::always("LogMatching", FIGURE_3, Self::log_matching),
            Law::always("LeaderCompleteness", FIGURE_3, Self::leader_completeness),
            Law::always("StateMachineSafety", FIGURE_3, Self::state_machine_safety),
            Law::sometimes("a leader", "Raft 5.2", |_, state: &State| {
                state.leaders().next().is_some()
            }),
            Law::sometimes("a commit", "Raft 5.3", |_, state: &State| {
                state.servers.iter().any(|server| server.volatile.commit_index > 0)
            }),
        ];
        // The first leader has term 2.
        if self.constants.max_term > 2 && self.constants.max_log > 0 {
            laws.push(Law::sometimes(
                "a leader change keeps a committed entry",
                "Raft 5.4",
                Self::leader_change_keeps_commit,
            ));
        }
        laws
    }

    /// At most one leader can be elected in a given term. With history, `elections` remembers
    /// those that were.
    fn election_safety(&self, state: &State) -> bool {
        let mut leaders = state.leaders().map(|leader| leader.durable.current_term);
        let two_now = leaders.any(|term| {
            let of_term = |leader: &&Server| leader.durable.current_term == term;
            state.leaders().filter(of_term).count() > 1
        });
        // `elections` is sorted by term, then by leader.
        let elections = state.ghost.iter().flat_map(|ghost| &ghost.elections);
        let next = elections.clone().skip(1);
        let two_ever =
            elections.zip(next).any(|(a, b)| a.eterm == b.eterm && a.eleader != b.eleader);
        !two_now && !two_ever
    }

    /// If two logs contain an entry with the same index and term, then the logs are identical in
    /// all entries up through the given index. With history, one of the two may be any log that
    /// a server ever had. (Of two old logs, one was there when the other was new.)
    fn log_matching(&self, state: &State) -> bool {
        let old = state.ghost.iter().flat_map(|ghost| &ghost.all_logs);
        state.servers.iter().enumerate().all(|(i, server)| {
            let log = &server.durable.log;
            let others = state.servers[..i].iter().map(|other| &other.durable.log);
            others.chain(old.clone()).all(|other| matching(log, other))
        })
    }

    /// If an entry is committed in a given term, then that entry is present in the logs of the
    /// leaders for all higher-numbered terms. What a server holds to be committed was so in its
    /// term at the latest; the leader of that same term has it too. With history, `elections`
    /// tells of leaders that are gone.
    fn leader_completeness(&self, state: &State) -> bool {
        let elections = state.ghost.iter().flat_map(|ghost| &ghost.elections);
        state.servers.iter().all(|server| {
            let (committed, term) = (server.committed(), server.durable.current_term);
            let mut later = state.leaders().filter(|leader| leader.durable.current_term >= term);
            let now = later.all(|leader| leader.durable.log.starts_with(committed));
            let mut later = elections.clone().filter(|election| election.eterm > term);
            now && later.all(|election| election.elog.starts_with(committed))
        })
    }

    /// If a server has applied an entry at a given index, no other server will ever apply a
    /// different one for that index: what servers may apply agrees, as far as both have it.
    fn state_machine_safety(&self, state: &State) -> bool {
        state.servers.iter().enumerate().all(|(i, server)| {
            let committed = server.committed();
            state.servers[..i].iter().all(|other| {
                let others = other.committed();
                let both = committed.len().min(others.len());
                committed[..both] == others[..both]
            })
        })
    }

    /// A leader has an entry of an earlier term that is known to be committed.
    fn leader_change_keeps_commit(&self, state: &State) -> bool {
        state.leaders().any(|leader| {
            let term = leader.durable.current_term;
            state.servers.iter().any(|server| {
                let committed = server.committed();
                let earlier = committed.first().is_some_and(|entry| entry.term < term);
                earlier && leader.durable.log.starts_with(committed)
            })
        })
    }
}

impl State {
    /// The servers that hold themselves for leaders.
    fn leaders(&self) -> impl Iterator<Item = &Server> {
        self.servers.iter().filter(|server| server.volatile.state == Role::Leader)
    }
}

impl Server {
    /// The entries that the server holds to be committed.
    pub fn committed(&self) -> &[Entry] {
        let log = &self.durable.log;
        &log[..usize::from(self.volatile.commit_index).min(log.len())]
    }
}

/// Log Matching of two logs. It is enough to look at the last index where the terms agree.
fn matching(left: &[Entry], right: &[Entry]) -> bool {
    let both = left.len().min(right.len());
    let agreed =
        (1..=both).rev().find(|&n| term_at(left, n as Index) == term_at(right, n as Index));
    agreed.is_none_or(|n| left[..n] == right[..n])
}
