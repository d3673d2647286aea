//! Clusters of the shipped Raft node at small bounds.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use bisim::protocol::NodeId;
use bisim::raft::{Config, Members, Message, Node, Request, Timer};
use bisim::session::{ClientId, SequenceNumber};
use bisim::state_machine::{Command, Counter};

use super::property::properties;
use crate::cluster::{Bag, Cluster, ClusterAction, ClusterState, Move};
use crate::shipped::Bounds;

/// The node that is checked: it replicates a counter, which shows an effect that comes twice.
pub type RaftNode = Node<Counter>;
/// Its network.
pub type RaftNetwork = Bag<Message<u64>>;
/// A cluster of shipped nodes.
pub type RaftCluster = Cluster<RaftNode, RaftNetwork>;
/// Its state.
pub type RaftState = ClusterState<RaftNode, RaftNetwork>;

/// The bounds of a cluster, and what its nodes are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The number of nodes.
    pub nodes: u32,
    /// The largest term, counted from 1 as in raft.tla.
    pub max_term: u32,
    /// The longest log.
    pub max_log: u32,
    /// The most messages under way or waiting for a write, and the most that have arrived while
    /// their receiver was writing.
    pub room: u32,
    /// The most writes of a node that are not durable yet.
    pub writes: u32,
    /// Crashes in all.
    pub crashes: u32,
    /// With pre-vote: how often an election timer fires, or the network repeats a pre-vote, in
    /// all. A poll that fails is no step of the model, and could be repeated for ever.
    pub polls: u32,
    /// Clients.
    pub clients: u32,
    /// The commands of each.
    pub commands: u32,
    /// See [`Config::max_entries`].
    pub max_entries: u32,
    /// See [`Config::window`].
    pub window: u32,
    /// See [`Config::no_op`].
    pub no_op: bool,
    /// See [`Config::fast_backtracking`].
    pub fast_backtracking: bool,
    /// See [`Config::eager_commit`].
    pub eager_commit: bool,
    /// See [`Config::pre_vote`].
    pub pre_vote: bool,
    /// See [`Config::check_quorum`].
    pub check_quorum: bool,
}

impl Scope {
    /// What the nodes are told.
    pub fn config(&self) -> Config {
        let small = |number: u32| usize::try_from(number).expect("32 bits fit");
        Config {
            members: Members::first(self.nodes),
            no_op: self.no_op,
            max_entries: small(self.max_entries),
            window: small(self.window),
            fast_backtracking: self.fast_backtracking,
            eager_commit: self.eager_commit,
            pre_vote: self.pre_vote,
            check_quorum: self.check_quorum,
        }
    }

    /// All commands of all clients: each adds 1.
    pub fn all_commands(&self) -> impl Iterator<Item = Command<u64>> + use<> {
        let (clients, commands) = (self.clients.into(), self.commands.into());
        let of = move |client| {
            (1..=commands).map(move |sequence| Command {
                client: ClientId(client),
                sequence: SequenceNumber(sequence),
                command: 1,
            })
        };
        (0..clients).flat_map(of)
    }

    /// Any node may be asked for any command, and for a client's first two together.
    fn requests(&self) -> Vec<(NodeId, Request<u64>)> {
        let one = self.all_commands().map(Request::Propose);
        let first = |command: &Command<u64>| command.sequence.0 <= 2;
        let mut both: BTreeMap<ClientId, Vec<Command<u64>>> = BTreeMap::new();
        for command in self.all_commands().filter(first) {
            both.entry(command.client).or_default().push(command);
        }
        let both = both.into_values().filter(|both| both.len() == 2).map(Request::ProposeAll);
        let requests: Vec<_> = one.chain(both).collect();
        let to_all = |request: Request<u64>| {
            (0..self.nodes).map(move |node| (NodeId(node), request.clone()))
        };
        requests.into_iter().flat_map(to_all).collect()
    }

    /// The cluster.
    pub fn cluster(&self) -> RaftCluster {
        let (scope, config) = (*self, Arc::new(self.config()));
        let node = |id| Node::new(NodeId(id), Arc::clone(&config), Counter(0));
        let cluster = Cluster::new((0..self.nodes).map(node).collect(), Bag::default())
            .with_requests(self.requests())
            .with_crashes(self.crashes)
            .exploring(move |state| scope.holds(state))
            .without_write_names()
            .with_hindsight()
            .with_properties(properties(scope));
        match self.pre_vote {
            true => cluster.counting(polls),
            false => cluster,
        }
    }

    /// Whether a state is within the bounds.
    fn holds(&self, state: &RaftState) -> bool {
        let (max_term, max_log) = (u64::from(self.max_term), u64::from(self.max_log));
        let sites = state.sites.iter().all(|site| {
            site.pending.len() <= self.writes as usize
                && site.node.as_ref().and_then(Node::server).is_none_or(|server| {
                    server.current_term().0 < max_term && server.log().last_index().0 <= max_log
                })
        });
        let room = self.room as usize;
        let under_way = state.network.under_way();
        let waiting = state.sites.iter().flat_map(|site| &site.pending);
        let waiting: usize = waiting.map(|pending| pending.messages.len()).sum();
        // What has arrived is bounded too: the network may deliver a message again and again.
        let pending = state.sites.iter().flat_map(|site| &site.pending);
        let arrived = pending.filter_map(|pending| pending.hindsight.as_ref());
        let arrived: usize = arrived.map(|hindsight| hindsight.arrived.len()).sum();
        sites
            && under_way.len() + waiting <= room
            && arrived <= room
            && under_way.windows(2).all(|pair| pair[0] != pair[1])
            && state.counted <= self.polls
    }
}

impl Bounds for Scope {
    fn params(&self) -> BTreeMap<String, u32> {
        let params = [
            ("nodes", self.nodes),
            ("max_term", self.max_term),
            ("max_log", self.max_log),
            ("room", self.room),
            ("writes", self.writes),
            ("crashes", self.crashes),
            ("polls", self.polls),
            ("clients", self.clients),
            ("commands", self.commands),
            ("max_entries", self.max_entries),
            ("window", self.window),
            ("no_op", self.no_op.into()),
            ("fast_backtracking", self.fast_backtracking.into()),
            ("eager_commit", self.eager_commit.into()),
            ("pre_vote", self.pre_vote.into()),
            ("check_quorum", self.check_quorum.into()),
        ];
        params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn from_params(params: &BTreeMap<String, u32>) -> Option<Self> {
        let get = |name, range: RangeInclusive<u32>| {
            params.get(name).copied().filter(|value| range.contains(value))
        };
        let flag = |name| get(name, 0..=1).map(|value| value == 1);
        Some(Self {
            nodes: get("nodes", 1..=8)?,
            max_term: get("max_term", 1..=10_000)?,
            max_log: get("max_log", 0..=10_000)?,
            room: get("room", 0..=10_000)?,
            writes: get("writes", 0..=10_000)?,
            crashes: get("crashes", 0..=10_000)?,
            polls: get("polls", 0..=10_000)?,
            clients: get("clients", 0..=16)?,
            commands: get("commands", 0..=16)?,
            max_entries: get("max_entries", 1..=100)?,
            window: get("window", 1..=100)?,
            no_op: flag("no_op")?,
            fast_backtracking: flag("fast_backtracking")?,
            eager_commit: flag("eager_commit")?,
            pre_vote: flag("pre_vote")?,
            check_quorum: flag("check_quorum")?,
        })
    }
}

/// Whether an action begins a poll, or repeats the question.
fn polls(action: &ClusterAction<RaftNode>) -> bool {
    match action {
        ClusterAction::Fire { timer, .. } => *timer == Timer::Election,
        ClusterAction::Network(Move::Duplicate(envelope) | Move::Copy(envelope)) => {
            matches!(envelope.message, Message::PreVote(_) | Message::PreVoteResponse { .. })
        }
        _ => false,
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { nodes, max_term, max_log, room, writes, .. } = self;
        write!(
            f,
            "{nodes} nodes, terms 1..{max_term}, logs up to {max_log}, {room} {} under way, \
             {writes} unfinished {} a node",
            if *room == 1 { "message" } else { "messages" },
            if *writes == 1 { "write" } else { "writes" },
        )?;
        match self.crashes {
            0 => write!(f, ", no crash")?,
            1 => write!(f, ", one crash and restart")?,
            more => write!(f, ", {more} crashes and restarts")?,
        }
        let switches = [
            (self.no_op, "no-op"),
            (self.window > 1, "pipelining"),
            (self.fast_backtracking, "fast backtracking"),
            (self.eager_commit, "eager commits"),
            (self.pre_vote, "pre-vote"),
            (self.check_quorum, "check-quorum"),
        ];
        for (_, name) in switches.iter().filter(|(on, _)| *on) {
            write!(f, ", {name}")?;
        }
        Ok(())
    }
}
