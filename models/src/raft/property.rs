//! The properties of Figure 3 of the paper, and what must be reachable for them to mean anything.

use super::state::term_at;
use super::{Action, Constants, Entry, Index, Raft, Role, Server, ServerId, State, Term};
use crate::common::{Law, StepLaw};

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
            Law::always("OneVoteInATerm", "Raft 5.2", Self::one_vote_in_a_term),
            Law::always("MatchIndexIsTrue", "Raft, Figure 2", Self::match_index_is_true),
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

    /// The properties of steps, each with its source.
    pub(super) fn all_step_laws(&self) -> Vec<StepLaw<Self>> {
        let mut laws = vec![StepLaw::always("LeaderAppendOnly", FIGURE_3, leader_append_only)];
        if self.constants.hardened {
            laws.push(StepLaw::always(
                "commitIndex never decreases",
                "Raft, Figure 2; ongardie/raft.tla, issue 19",
                |raft, state, action, next| !commit_index_decreases(raft, state, action, next),
            ));
            laws.push(StepLaw::always(
                "matchIndex never decreases",
                "Raft, Figure 2; ongardie/raft.tla, issue 18",
                |raft, state, action, next| !match_index_decreases(raft, state, action, next),
            ));
        }
        let Constants { servers, max_term, max_log, max_msgs, hardened, .. } = self.constants;
        // It takes an old request, or a second leader who does not know what is committed.
        if !hardened && (max_msgs > 1 || max_term > 2) {
            let issue = "ongardie/raft.tla, issue 19";
            laws.push(StepLaw::sometimes("commitIndex decreases", issue, commit_index_decreases));
        }
        // It takes an old response while a newer one is in flight.
        if !hardened && max_msgs > 1 {
            let issue = "ongardie/raft.tla, issue 18";
            laws.push(StepLaw::sometimes("matchIndex decreases", issue, match_index_decreases));
        }
        // Of two servers, both elect a leader, and it has what either has.
        if servers > 2 && max_term > 2 && max_log > 0 {
            laws.push(StepLaw::sometimes("an overwritten entry", "Raft 5.3", overwrites));
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
        let elections = state.ghost.iter().flat_map(|ghost| ghost.elections.iter());
        let next = elections.clone().skip(1);
        let two_ever =
            elections.zip(next).any(|(a, b)| a.eterm == b.eterm && a.eleader != b.eleader);
        !two_now && !two_ever
    }

    /// Each server votes for at most one candidate in a term, as far as there is a trace of its
    /// vote: it remembers it, the answer is in flight, or a candidate or leader has counted it.
    fn one_vote_in_a_term(&self, state: &State) -> bool {
        let votes = || state.messages.iter().filter_map(|(m, _)| m.vote());
        let counting = || {
            let counts = |s: &Server| !s.is_follower() && !s.volatile.votes_granted.is_empty();
            state.servers.iter().zip(0..).filter(move |(server, _)| counts(server))
        };
        if counting().next().is_none() && votes().next().is_none() {
            return true;
        }
        // Whether anybody but `candidate` has counted the vote.
        let counted = |voter: ServerId, term: Term, candidate: ServerId| {
            counting().any(|(server, k)| {
                let votes = server.volatile.votes_granted;
                let of_term = k != candidate && server.durable.current_term == term;
                of_term && votes.contains(voter.into())
            })
        };
        let twice = counting().any(|(server, k)| {
            let mut votes = server.volatile.votes_granted.iter();
            votes.any(|voter| counted(voter as ServerId, server.durable.current_term, k))
        });
        let remembered = state.servers.iter().zip(0..).all(|(server, voter)| {
            let candidate = server.durable.voted_for;
            candidate.is_none_or(|k| !counted(voter, server.durable.current_term, k))
        });
        let in_flight = votes().all(|(voter, term, candidate)| {
            let server = &state.servers[usize::from(voter)].durable;
            let other = server.voted_for.is_some_and(|k| k != candidate);
            let remembered = server.current_term == term && other;
            !(remembered || counted(voter, term, candidate))
                && votes().all(|(v, t, k)| (v, t) != (voter, term) || k == candidate)
        });
        !twice && remembered && in_flight
    }

    /// If two logs contain an entry with the same index and term, then the logs are identical in
    /// all entries up through the given index. With history, one of the two may be any log that
    /// a server ever had. (Of two old logs, one was there when the other was new.)
    fn log_matching(&self, state: &State) -> bool {
        let old = state.ghost.iter().flat_map(|ghost| ghost.all_logs.iter());
        state.servers.iter().enumerate().all(|(i, server)| {
            let log = &server.durable.log;
            if log.is_empty() {
                return true;
            }
            let others = state.servers[..i].iter().map(|other| &other.durable.log);
            others.chain(old.clone()).all(|other| matching(log, other))
        })
    }

    /// If an entry is committed in a given term, then that entry is present in the logs of the
    /// leaders for all higher-numbered terms. What a server holds to be committed was so in its
    /// term at the latest; the leader of that same term has it too. With history, `elections`
    /// tells of leaders that are gone.
    fn leader_completeness(&self, state: &State) -> bool {
        let elections = state.ghost.iter().flat_map(|ghost| ghost.elections.iter());
        state.servers.iter().all(|server| {
            let (committed, term) = (server.committed(), server.durable.current_term);
            if committed.is_empty() {
                return true;
            }
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
            committed.is_empty()
                || state.servers[..i].iter().all(|other| {
                    let others = other.committed();
                    let both = committed.len().min(others.len());
                    committed[..both] == others[..both]
                })
        })
    }

    /// What a leader knows to be replicated on a server is, as long as that server has not moved
    /// on to a later term, whose leader may replace what is not committed.
    fn match_index_is_true(&self, state: &State) -> bool {
        state.leaders().all(|leader| {
            let known = leader.volatile.match_index.iter().zip(state.servers.iter());
            known.filter(|(known, _)| **known > 0).all(|(&known, server)| {
                let [ours, theirs] = [leader, server].map(|s| s.durable.log.get(..known.into()));
                let moved_on = server.durable.current_term > leader.durable.current_term;
                moved_on || (ours.is_some() && ours == theirs)
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

/// A leader never overwrites or deletes entries in its log; it only appends new entries.
fn leader_append_only(_: &Raft, state: &State, _: &Action, next: &State) -> bool {
    let mut steps = changed(state, next);
    steps.all(|(old, new)| {
        new.volatile.state != Role::Leader || new.durable.log.starts_with(&old.durable.log)
    })
}

/// A server that does not restart takes back what it held to be committed.
fn commit_index_decreases(_: &Raft, state: &State, action: &Action, next: &State) -> bool {
    let restart = matches!(action, Action::Restart { .. });
    let mut steps = changed(state, next);
    !restart && steps.any(|(old, new)| new.volatile.commit_index < old.volatile.commit_index)
}

/// A leader takes back what it knew of another log.
fn match_index_decreases(_: &Raft, state: &State, _: &Action, next: &State) -> bool {
    changed(state, next).any(|(old, new)| {
        let leader = |server: &Server| server.volatile.state == Role::Leader;
        let mut known = old.volatile.match_index.iter().zip(&new.volatile.match_index[..]);
        leader(old) && leader(new) && known.any(|(old, new)| new < old)
    })
}

/// A follower removes an entry that conflicts with the leader's.
fn overwrites(_: &Raft, state: &State, _: &Action, next: &State) -> bool {
    changed(state, next).any(|(old, new)| new.durable.log.len() < old.durable.log.len())
}

/// The servers before and after a step, unless the step leaves all of them as they are.
fn changed<'s>(
    state: &'s State,
    next: &'s State,
) -> impl Iterator<Item = (&'s Server, &'s Server)> {
    let servers = state.servers.iter().zip(next.servers.iter());
    servers.take(if state.servers.same(&next.servers) { 0 } else { usize::MAX })
}

impl State {
    /// The servers that hold themselves for leaders.
    fn leaders(&self) -> impl Iterator<Item = &Server> {
        self.servers.iter().filter(|server| server.volatile.state == Role::Leader)
    }
}

impl Server {
    fn is_follower(&self) -> bool {
        self.volatile.state == Role::Follower
    }

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
