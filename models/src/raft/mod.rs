//! Raft: a replicated log, by one leader at a time.
//!
//! Follows Diego Ongaro's `raft.tla` (github.com/ongardie/raft.tla, as it is since 2024: a message
//! whose count falls to zero leaves the bag), action by action and as it is published, and through
//! it "In Search of an Understandable Consensus Algorithm" (Ongaro and Ousterhout, 2014). With the
//! extensions off, the distinct states and the depth are those that TLC finds at the same bounds.
//!
//! # What is modelled
//!
//! - **Elections** (5.2, 5.4.1): `Timeout`, `RequestVote`, `BecomeLeader`. A candidate votes for
//!   itself by a message, like anybody else.
//! - **Replication** (5.3, 5.4.2): `ClientRequest`, `AppendEntries`, `AdvanceCommitIndex`. What
//!   Figure 2 says that the receiver of a request does is cut into the smallest steps: a term is
//!   adopted, a candidate steps down, an entry is removed or appended in a step each, while the
//!   message stays in flight.
//! - **The network**: a bag. Messages are delivered in any order, duplicated and lost.
//! - **Crashes**: `Restart` forgets all but the term, the vote and the log.
//!
//! Left out, as in the published file: membership changes, snapshots, clients and their reads.
//!
//! # Constants, bounds and extensions
//!
//! [`Constants`] says what each is. A state outside the bounds is checked, but neither counted nor
//! explored, as TLC does with a `CONSTRAINT`: terms up to `max_term`, logs up to `max_log`, at most
//! `max_msgs` different messages in flight with at most `max_dup` copies each. A step obeys guards,
//! not bounds. The extensions, off as published, are what an implementation needs that is to be a
//! refinement: `max_entries`, `hardened`, `step_down`, `free_next`.
//!
//! # History
//!
//! `elections`, `allLogs`, `voterLog` and `mlog` are kept when `history` is on; they make states
//! different that are the same without. Guards never read them, which a test shows.
//!
//! # Properties
//!
//! Those of Figure 3, and two of Figure 2 that break earlier: `OneVoteInATerm`, and
//! `MatchIndexIsTrue`. Each is computed from the servers (and the votes in flight) alone when
//! history is off; with history, ElectionSafety and LeaderCompleteness also look at `elections`,
//! hence at leaders that are gone, and LogMatching also at `allLogs`, hence at logs that are gone.
//! LeaderAppendOnly, and whether `commitIndex` and `matchIndex` go backwards, are properties of
//! steps: a state alone cannot tell. As published they do go backwards (issues 18 and 19 of the
//! specification's repository), and must be seen to; when `hardened`, they never do.
//!
//! # Where to start
//!
//! Two servers elect no leader that lacks an entry of one of them, so that nothing is ever
//! overwritten; and with three, from `Init`, an exhaustive search does not come as far as a second
//! leader's entries. [`Start`] puts it there: `bisim check raft --set servers=3 --set max_term=4
//! --set max_log=1 --set max_msgs=1 --set start=2` reaches everything.
//!
//! The README of the implementation's folder, `impls/src/raft`, maps paper, model, code and
//! evidence.

mod action;
mod constants;
mod election;
mod ghost;
mod message;
mod network;
mod property;
mod replication;
mod scenario;
mod state;

pub use action::Action;
pub use constants::{Constants, Index, ServerId, Term, ValueId};
pub use ghost::{Election, Ghost, VoterLog};
pub use message::Message;
pub use scenario::Start;
pub use state::{
    Durable, Entry, Indices, Log, Role, Server, State, Volatile, last_index, last_term, term_at,
};

use crate::common::{
    ActionClass, Bag, Disabled, Draft, Law, Parameter, ParameterError, Params, Shared, Spec,
    StepLaw,
};
use crate::spec_model;

/// The model `raft`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raft {
    /// Servers, values, bounds and extensions.
    pub constants: Constants,
}

/// Where an action puts the next state; as the primed variables of raft.tla.
type Next<'n> = &'n mut Draft<State>;
/// Whether an action was taken.
type Taken = Result<(), Disabled>;

impl Raft {
    fn take(&self, state: &State, next: Next<'_>, action: &Action) -> Taken {
        match *action {
            Action::Restart { i } => self.restart(state, next, i),
            Action::Timeout { i } => self.timeout(state, next, i),
            Action::RequestVote { i, j } => self.request_vote(state, next, i, j),
            Action::BecomeLeader { i } => self.become_leader(state, next, i),
            Action::ClientRequest { v, .. } if v >= self.constants.values => {
                Err(Disabled("there is no such value"))
            }
            Action::ClientRequest { i, v } => self.client_request(state, next, i, v),
            Action::AdvanceCommitIndex { i } => self.advance_commit_index(state, next, i),
            Action::AppendEntries { i, j, entries } => {
                self.append_entries(state, next, i, j, entries)
            }
            Action::Receive { ref m } => self.receive(state, next, m),
            Action::DuplicateMessage { ref m } => self.duplicate_message(state, next, m),
            Action::DropMessage { ref m } => self.drop_message(state, next, m),
            Action::StepDown { i } => self.step_down(state, next, i),
            Action::SetNextIndex { i, j, next: index } => {
                self.set_next_index(state, next, i, j, index)
            }
        }
    }

    /// What a leader may do besides restarting.
    fn leader_candidates(&self, state: &State, i: ServerId, actions: &mut Vec<Action>) {
        actions.extend((0..self.constants.values).map(|v| Action::ClientRequest { i, v }));
        actions.push(Action::AdvanceCommitIndex { i });
        if self.constants.step_down {
            actions.push(Action::StepDown { i });
        }
        for j in self.constants.servers().filter(|&j| j != i) {
            let batches = self.batches(state, i, j);
            actions.extend(batches.map(|entries| Action::AppendEntries { i, j, entries }));
            if self.constants.free_next {
                let leader = state.server(i);
                let known = leader.volatile.match_index.get(usize::from(j)).copied().unwrap_or(0);
                let after_last = last_index(&leader.durable.log).saturating_add(1);
                let next = known.saturating_add(1)..=after_last;
                actions.extend(next.map(|next| Action::SetNextIndex { i, j, next }));
            }
        }
    }
}

impl Spec for Raft {
    const NAME: &'static str = "raft";

    const PARAMETERS: &'static [Parameter] = Constants::PARAMETERS;

    const ACTIONS: &'static [ActionClass] = Action::CLASSES;

    fn new(params: &Params) -> Result<Self, ParameterError> {
        Ok(Self { constants: Constants::from_params(params)? })
    }

    fn initial(&self) -> Vec<State> {
        let Constants { servers, values, start, .. } = self.constants;
        let servers = usize::from(servers);
        vec![State {
            servers: start.servers(servers, values).into(),
            messages: Bag::default(),
            ghost: self.constants.history.then(|| Shared::from(Ghost::initial(servers))),
        }]
    }

    fn candidates(&self, state: &State, actions: &mut Vec<Action>) {
        for i in self.constants.servers() {
            actions.push(Action::Restart { i });
            let volatile = &state.server(i).volatile;
            if volatile.state == Role::Leader {
                self.leader_candidates(state, i, actions);
                continue;
            }
            actions.push(Action::Timeout { i });
            if volatile.state == Role::Candidate {
                actions.push(Action::BecomeLeader { i });
                actions.extend(self.constants.servers().map(|j| Action::RequestVote { i, j }));
            }
        }
        for (m, _) in state.messages.iter() {
            actions.push(Action::Receive { m: m.clone() });
            actions.push(Action::DuplicateMessage { m: m.clone() });
            actions.push(Action::DropMessage { m: m.clone() });
        }
    }

    fn step(&self, state: &State, action: &Action) -> Result<State, Disabled> {
        Draft::taken(|next| self.step_into(state, action, next))
    }

    fn step_into(&self, state: &State, action: &Action, next: Next<'_>) -> Taken {
        let unknown = |i: ServerId| usize::from(i) >= state.servers.len();
        let network = match action {
            Action::DuplicateMessage { m } | Action::DropMessage { m } => {
                Some(m.mdest().max(m.msource()))
            }
            _ => None,
        };
        if [action.server(), action.other(), network].into_iter().flatten().any(unknown) {
            return Err(Disabled("there is no such server"));
        }
        self.take(state, next, action)?;
        if let Some(next) = next.written() {
            next.remember_logs(state);
        }
        Ok(())
    }

    fn class_of(action: &Action) -> usize {
        action.class()
    }

    fn has(&self, class: usize) -> bool {
        match class {
            Action::STEP_DOWN => self.constants.step_down,
            Action::SET_NEXT_INDEX => self.constants.free_next,
            _ => true,
        }
    }

    fn laws(&self) -> Vec<Law<Self>> {
        self.all_laws()
    }

    fn step_laws(&self) -> Vec<StepLaw<Self>> {
        self.all_step_laws()
    }

    fn within(&self, state: &State) -> bool {
        let constants = &self.constants;
        state.messages.distinct() <= constants.max_msgs
            && state.messages.iter().all(|(_, count)| count <= constants.max_dup)
            && state.servers.iter().all(|server| {
                server.durable.current_term <= constants.max_term
                    && server.durable.log.len() <= constants.max_log
            })
    }

    fn lanes(&self) -> Vec<String> {
        let servers = self.constants.servers().map(|i| format!("server {i}"));
        servers.chain(["network".to_owned()]).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        Some(action.server().unwrap_or(self.constants.servers).into())
    }
}

spec_model!(Raft, State, Action);
