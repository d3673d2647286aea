//! The history variables of raft.tla, which properties may read and guards may not.

use serde::{Deserialize, Serialize};

use super::{Entry, Log, ServerId, State, Term};
use crate::common::{Shared, SmallSet, SortedSet};

/// A member of `elections`: what there was when a candidate became leader.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Election {
    /// The leader's term.
    pub eterm: Term,
    /// The leader.
    pub eleader: ServerId,
    /// The leader's log.
    pub elog: Log,
    /// Who voted for it.
    pub evotes: SmallSet,
    /// The log of each of them when it voted.
    pub evoter_log: VoterLog,
}

/// A function from voters to their logs, in the order of the voters.
pub type VoterLog = Vec<(ServerId, Log)>;

/// The history variables; few steps change one of them. (`mlog` travels in the messages.)
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ghost {
    /// `elections`: all that succeeded.
    pub elections: Shared<SortedSet<Election>>,
    /// `allLogs`: every log that a server had before some step.
    pub all_logs: Shared<SortedSet<Log>>,
    /// `voterLog`: for each candidate, the logs of those that voted for it in its term.
    pub voter_log: Vec<VoterLog>,
}

impl From<Shared<Ghost>> for Ghost {
    fn from(shared: Shared<Ghost>) -> Self {
        (*shared).clone()
    }
}

impl Ghost {
    /// The history variables of `Init`.
    pub(super) fn initial(servers: usize) -> Self {
        Self { voter_log: vec![VoterLog::new(); servers], ..Self::default() }
    }
}

impl State {
    /// `allLogs' = allLogs \cup {log[i] : i \in Server}`, of the logs before the step.
    pub(super) fn remember_logs(&mut self, before: &Self) {
        let Some(ghost) = &mut self.ghost else { return };
        for server in before.servers.iter() {
            if !ghost.all_logs.contains(&server.durable.log) {
                ghost.change().all_logs.change().insert(server.durable.log.clone());
            }
        }
    }

    /// `voterLog'[i]` is empty.
    pub(super) fn forget_voter_logs(&mut self, i: ServerId) {
        let Some(ghost) = &mut self.ghost else { return };
        let known = ghost.voter_log.get(usize::from(i)).is_some_and(|logs| !logs.is_empty());
        if known {
            ghost.change().voter_log[usize::from(i)].clear();
        }
    }

    /// `voterLog'[i]` has the log with which `j` voted, unless it has one already.
    pub(super) fn remember_voter_log(&mut self, i: ServerId, j: ServerId, mlog: &[Entry]) {
        let Some(ghost) = &mut self.ghost else { return };
        let Some(logs) = ghost.change().voter_log.get_mut(usize::from(i)) else { return };
        if let Err(place) = logs.binary_search_by_key(&j, |(voter, _)| *voter) {
            logs.insert(place, (j, mlog.into()));
        }
    }

    /// `elections'` has the leader that `i` becomes.
    pub(super) fn remember_election(&mut self, i: ServerId) {
        let Some(mut ghost) = self.ghost.take() else { return };
        let server = self.server(i);
        let election = Election {
            eterm: server.durable.current_term,
            eleader: i,
            elog: server.durable.log.clone(),
            evotes: server.volatile.votes_granted,
            evoter_log: ghost.voter_log.get(usize::from(i)).cloned().unwrap_or_default(),
        };
        ghost.change().elections.change().insert(election);
        self.ghost = Some(ghost);
    }
}
