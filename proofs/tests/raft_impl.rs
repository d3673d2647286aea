//! The shipped Raft nodes: refined, covered and sampled, and the teeth of each check.

use std::sync::Arc;

use bisim::protocol::{Effect, Effects, Event, NodeId, Protocol, WriteId};
use bisim::raft::{
    AppendEntries, AppendEntriesResponse, AppendResult, Config, Conflict, Durable, Entry,
    HardState, LogIndex, Members, Message, Node, Payload, Request, RequestVote,
    RequestVoteResponse, Role, Term, Timer,
};
use bisim::session::{ClientId, SequenceNumber};
use bisim::state_machine::{Command, Counter};
use bisim_models::raft::{self as model, Action, Raft};
use bisim_proofs::checker::{Options, Verdict};
use bisim_proofs::cluster::{ClusterAction, Envelope, Move};
use bisim_proofs::raft::{
    Implementation, RaftCluster, RaftConformance, RaftNode, RaftState, SMALL, Scope,
    implementation_bug, sampled, scopes, servers,
};
use bisim_proofs::refinement::{Claim, Exception, Failure, RefinedOf, Refinement, refine};
use bisim_proofs::registry::{ConformOptions, Conformance, Evidence};
use bisim_proofs::report::TraceError;
use bisim_proofs::sampling::{Sampling, Scheduled, Walk, sample};
use proptest::prelude::*;

fn sampling(cases: u32) -> Sampling {
    Sampling { seed: 7, cases, longest: 300, interrupt: Arc::default() }
}

#[test]
fn the_shipped_nodes_refine_and_cover_the_model() {
    let outcome = refine(&Implementation::new(SMALL, None), &Options::default());
    assert_eq!((outcome.refined(), outcome.covered()), (Verdict::Holds, Verdict::Holds));
    assert_eq!(outcome.cut, None);
    let coverage = outcome.coverage;
    let excepted: u64 = coverage.excepted.iter().map(|class| class.pairs).sum();
    assert_eq!(coverage.covered() + excepted, coverage.pairs);
    // The figures of the implementation's README.
    assert_eq!((outcome.states, outcome.edges, outcome.image), (5_016, 40_526, 1_186));
    assert_eq!((coverage.covered(), coverage.pairs), (23_750, 47_028));
}

#[test]
fn random_schedules_conform_and_the_seed_decides_them() {
    let (one, two) = (sampled(&sampling(300), None), sampled(&sampling(300), None));
    assert!(one.failed.is_none());
    assert!(one.done > 0 && one.actions.iter().all(|action| action.taken > 0));
    assert!(one.kinds.iter().all(|(_, count)| *count > 0), "{:?}", one.kinds);
    assert_eq!((one.edges, one.steps, one.kinds), (two.edges, two.steps, two.kinds));
}

#[test]
fn the_command_reports_what_was_run() {
    let options = ConformOptions {
        exhaustive: false,
        weaken: false,
        seed: 3,
        cases: 300,
        quick: true,
        interrupt: Arc::default(),
    };
    let reports = RaftConformance.conform(&options);
    let evidence: Vec<_> = reports.iter().map(|report| report.evidence).collect();
    assert_eq!(evidence, [Evidence::Sampled, Evidence::Refined, Evidence::Covered]);
    assert!(reports.iter().all(|report| report.verdict == Verdict::Holds), "{reports:?}");
}

/// An implementation with its map and its labels exchanged.
struct Wrong {
    right: Implementation,
    map: fn(&RaftState, model::State) -> model::State,
    label: fn(Vec<Action>) -> Vec<Action>,
    without: &'static str,
}

impl Wrong {
    fn new(scope: Scope) -> Self {
        let right = Implementation::new(scope, None);
        Self { right, map: |_, image| image, label: |label| label, without: "" }
    }
}

impl Refinement for Wrong {
    type Concrete = RaftCluster;
    type Abstract = Raft;

    fn name(&self) -> &'static str {
        self.right.name()
    }

    fn concrete(&self) -> &RaftCluster {
        self.right.concrete()
    }

    fn specification(&self) -> &Raft {
        self.right.specification()
    }

    fn map(&self, state: &RaftState) -> model::State {
        (self.map)(state, self.right.map(state))
    }

    fn label(
        &self,
        before: &RaftState,
        action: &ClusterAction<RaftNode>,
        after: &RaftState,
    ) -> Vec<Action> {
        (self.label)(self.right.label(before, action, after))
    }

    fn exceptions(&self) -> Vec<Exception<Self>> {
        let applies = [
            class::<0>,
            class::<1>,
            class::<2>,
            class::<3>,
            class::<4>,
            class::<5>,
            class::<6>,
            class::<7>,
            class::<8>,
            class::<9>,
            class::<10>,
            class::<11>,
        ];
        let classes = self.right.exceptions().into_iter().zip(applies);
        let kept = classes.filter(|(class, _)| class.name != self.without);
        kept.map(|(Exception { name, reason, .. }, applies)| Exception { name, reason, applies })
            .collect()
    }
}

/// A class of the right implementation.
fn class<const PLACE: usize>(wrong: &Wrong, state: &RaftState, action: &Action) -> bool {
    (wrong.right.exceptions()[PLACE].applies)(&wrong.right, state, action)
}

impl Scheduled for Wrong {
    const KINDS: &'static [(&'static str, u32)] = <Implementation as Scheduled>::KINDS;

    fn kind_of(action: &ClusterAction<RaftNode>) -> usize {
        <Implementation as Scheduled>::kind_of(action)
    }

    fn done(&self, state: &RaftState) -> bool {
        self.right.done(state)
    }
}

/// The map takes the term that a server remembers for the one that it has written.
fn memory_for_disk(state: &RaftState, mut image: model::State) -> model::State {
    for (id, server) in servers(state) {
        let term = u16::try_from(server.current_term().0).expect("small");
        let server = u8::try_from(id.0).expect("small");
        image.server_mut(server).durable.current_term = term + 1;
    }
    image
}

/// Winning an election is called beginning one.
fn winning_is_beginning(label: Vec<Action>) -> Vec<Action> {
    let rename = |action| match action {
        Action::BecomeLeader { i } => Action::Timeout { i },
        other => other,
    };
    label.into_iter().map(rename).collect()
}

fn failure<R: Refinement>(outcome: &RefinedOf<R>) -> Option<Failure> {
    outcome.divergence.as_ref().map(|divergence| divergence.failure)
}

#[test]
fn a_wrong_map_is_caught() {
    let wrong = Wrong { map: memory_for_disk, ..Wrong::new(SMALL) };
    let outcome = refine(&wrong, &Options::default());
    assert_eq!(failure::<Wrong>(&outcome), Some(Failure::SilentChange));

    let make = |scope: &_| Wrong { map: memory_for_disk, ..Wrong::new(*scope) };
    let failed = sample(&sampling(200), scopes(), make).failed.expect("it is caught");
    assert_eq!(failed.divergence.failure, Failure::SilentChange);
    assert_eq!(failed.config.nodes, 3, "the cluster has shrunk");
}

#[test]
fn a_wrong_label_is_caught() {
    let wrong = Wrong { label: winning_is_beginning, ..Wrong::new(SMALL) };
    let outcome = refine(&wrong, &Options::default());
    assert_eq!(failure::<Wrong>(&outcome), Some(Failure::Disabled));

    let make = |scope: &_| Wrong { label: winning_is_beginning, ..Wrong::new(*scope) };
    let failed = sample(&sampling(300), scopes(), make).failed.expect("it is caught");
    assert!(matches!(failed.divergence.failure, Failure::Disabled | Failure::WrongEnd));
}

#[test]
fn a_lost_label_is_caught() {
    let wrong = Wrong { label: |_| Vec::new(), ..Wrong::new(SMALL) };
    let outcome = refine(&wrong, &Options::default());
    assert_eq!(failure::<Wrong>(&outcome), Some(Failure::SilentChange));
}

#[test]
fn a_message_sent_before_its_write_is_caught() {
    for slug in ["raft/answers-before-write", "raft/leader-sends-before-write"] {
        let early = implementation_bug(slug);
        let outcome = refine(&Implementation::new(SMALL, early), &Options::default());
        assert_eq!(failure::<Implementation>(&outcome), Some(Failure::SilentChange), "{slug}");
    }
}

#[test]
fn an_action_that_the_nodes_do_not_offer_needs_its_reason() {
    let wrong = Wrong { without: "a candidate asks for votes once", ..Wrong::new(SMALL) };
    let outcome = refine(&wrong, &Options::default());
    assert_eq!(outcome.refined(), Verdict::Holds);
    assert_eq!(outcome.gap.map(|gap| gap.failure), Some(Failure::Missing));
}

#[test]
fn an_action_that_the_nodes_never_take_is_missing() {
    let silent = implementation_bug("raft/silent-leader");
    let outcome = refine(&Implementation::new(SMALL, silent), &Options::default());
    assert_eq!(outcome.divergences, 0);
    assert_eq!(outcome.gap.map(|gap| gap.failure), Some(Failure::Missing));
}

#[test]
fn a_trace_with_damaged_bounds_no_longer_applies() {
    let slug = "raft/answers-before-write";
    let implementation = Implementation::new(SMALL, implementation_bug(slug));
    let claim = Claim {
        target: "raft",
        refinement: &implementation,
        scope: SMALL.to_string(),
        params: SMALL.params(),
        bug: Some(slug),
    };
    let caught = claim.hunt(Evidence::Refined, &Options::default());
    let trace = caught.trace.expect("it is caught");
    assert!(RaftConformance.replay(&trace).is_ok());
    for name in SMALL.params().keys() {
        let mut damaged = trace.clone();
        damaged.params.insert(name.to_owned(), u32::MAX).expect("the trace has this bound");
        let replayed = RaftConformance.replay(&damaged);
        assert!(matches!(replayed, Err(TraceError::NoLongerApplies(_))), "{name}");
        damaged.params.remove(name);
        let replayed = RaftConformance.replay(&damaged);
        assert!(matches!(replayed, Err(TraceError::NoLongerApplies(_))), "{name}");
    }
}

/// A story told step by step, to implementation and model together; and how many commands the
/// clients have sent in it.
struct Told<'r>(Walk<'r, Implementation>, u64);

impl Told<'_> {
    fn take(&mut self, action: ClusterAction<RaftNode>) {
        let shown = format!("{action:?}");
        let changed = self.0.take(action).unwrap_or_else(|(failure, why)| {
            panic!("{failure}: {why}");
        });
        assert!(changed, "{shown} changes something");
    }

    fn server(&self, id: u32) -> &bisim::raft::Server<Counter> {
        let found = servers(self.0.state()).find(|(node, _)| *node == NodeId(id));
        found.expect("the server runs").1
    }

    fn terms(&self, id: u32) -> Vec<u64> {
        self.server(id).log().entries().iter().map(|entry| entry.term.0).collect()
    }

    /// Everything that a server has written becomes durable.
    fn sync(&mut self, id: u32) {
        while !self.0.state().sites[id as usize].pending.is_empty() {
            self.take(ClusterAction::Durable { node: NodeId(id) });
        }
    }

    /// Delivers the messages of the sender's current term that are under way between two servers,
    /// answers included.
    fn exchange(&mut self, from: u32, to: u32, wanted: impl Fn(&Message<u64>) -> bool) -> bool {
        let is_it = |envelope: &&Envelope<Message<u64>>| {
            (envelope.from, envelope.to) == (NodeId(from), NodeId(to)) && wanted(&envelope.message)
        };
        let found = self.0.state().network.under_way().iter().find(is_it).cloned();
        let Some(envelope) = found else { return false };
        self.take(ClusterAction::Network(Move::Deliver(envelope)));
        self.sync(to);
        true
    }

    /// A server times out until it begins this term, and these servers vote for it.
    fn elect(&mut self, id: u32, term: u64, voters: &[u32]) {
        if self.server(id).role() == Role::Leader {
            self.restart(id);
        }
        while self.server(id).current_term() < Term(term) {
            self.take(ClusterAction::Fire { node: NodeId(id), timer: Timer::Election });
            self.sync(id);
        }
        let asks = |message: &_| matches!(message, Message::RequestVote(r) if r.term.0 == term);
        let votes =
            |message: &_| matches!(message, Message::RequestVoteResponse(r) if r.term.0 == term);
        for voter in voters {
            assert!(self.exchange(id, *voter, asks), "{voter} is asked");
            if self.server(id).role() != Role::Leader {
                assert!(self.exchange(*voter, id, votes), "{voter} answers");
            }
        }
        assert_eq!(self.server(id).role(), Role::Leader, "{id} leads term {term}");
    }

    fn propose(&mut self, id: u32, count: u64) {
        for _ in 0..count {
            let (client, sequence) = (ClientId(self.1 % 16), SequenceNumber(self.1 / 16 + 1));
            self.1 += 1;
            let command = Command { client, sequence, command: 1 };
            let request = Request::Propose(command);
            self.take(ClusterAction::Request { node: NodeId(id), request });
            self.sync(id);
        }
    }

    /// A leader's entries reach a follower, up to this length of its log.
    fn replicate(&mut self, id: u32, follower: u32, length: usize) {
        let term = self.server(id).current_term();
        for _ in 0..60 {
            let same = self.terms(follower).get(..length) == self.terms(id).get(..length);
            if same && self.terms(follower).len() == length {
                return;
            }
            let entries = |m: &_| matches!(m, Message::AppendEntries(r) if r.term == term);
            let answers = |m: &_| matches!(m, Message::AppendEntriesResponse(r) if r.term == term);
            if !self.exchange(id, follower, entries) {
                self.take(ClusterAction::Fire { node: NodeId(id), timer: Timer::Heartbeat });
            }
            while self.exchange(follower, id, answers) {}
        }
        panic!("{follower} has {:?}, {id} has {:?}", self.terms(follower), self.terms(id));
    }

    fn restart(&mut self, id: u32) {
        self.take(ClusterAction::Crash { node: NodeId(id) });
        self.take(ClusterAction::Restart { node: NodeId(id) });
    }
}

/// A cluster of Figure 2, one entry in a message, in which each step is mapped.
fn figure(nodes: u32) -> Implementation {
    let bounds = Scope { max_term: 10_000, max_log: 10_000, room: 10_000, ..SMALL };
    let scope = Scope {
        nodes,
        writes: 100,
        crashes: 100,
        clients: 16,
        commands: 16,
        max_entries: 1,
        no_op: false,
        ..bounds
    };
    Implementation::new(scope, None)
}

/// Figure 7: how the logs (a) to (f) come about, and how the leader of term 8 makes them equal.
#[test]
fn figure_7_runs_on_both() {
    let implementation = figure(7);
    let mut told = Told(Walk::begin(&implementation).expect("the initial state conforms"), 0);
    // Server 0 is the leader at the top; 1 to 6 are (a) to (f).
    told.elect(5, 1, &[0, 1, 2, 3]);
    told.propose(5, 3);
    [0, 1, 2, 3, 4, 6].iter().for_each(|follower| told.replicate(5, *follower, 3));
    told.elect(6, 2, &[0, 1, 2, 3]);
    told.propose(6, 3);
    told.restart(6);
    told.elect(6, 3, &[0, 1, 2, 3]);
    told.propose(6, 5);
    told.elect(5, 4, &[0, 1, 2, 3]);
    told.propose(5, 4);
    [0, 1, 3, 4].iter().for_each(|follower| told.replicate(5, *follower, 5));
    told.replicate(5, 2, 4);
    told.elect(0, 5, &[1, 2, 3, 4]);
    told.propose(0, 2);
    [1, 3, 4].iter().for_each(|follower| told.replicate(0, *follower, 7));
    told.elect(3, 6, &[0, 1, 2, 4]);
    told.propose(3, 4);
    [0, 4].iter().for_each(|follower| told.replicate(3, *follower, 10));
    told.replicate(3, 1, 9);
    told.elect(4, 7, &[0, 1, 2, 5]);
    told.propose(4, 2);
    told.elect(0, 8, &[1, 2, 5, 6]);
    let logs: Vec<_> = (0..7).map(|id| told.terms(id)).collect();
    let expected: [&[u64]; 7] = [
        &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6],
        &[1, 1, 1, 4, 4, 5, 5, 6, 6],
        &[1, 1, 1, 4],
        &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
        &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
        &[1, 1, 1, 4, 4, 4, 4],
        &[1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
    ];
    assert_eq!(logs, expected);
    told.propose(0, 1);
    (1..7).for_each(|follower| told.replicate(0, follower, 11));
    assert_eq!(told.server(0).commit_index(), LogIndex(11));
}

/// Figure 8 up to (c): servers 0 to 4 are S1 to S5.
fn figure_8_c(implementation: &Implementation) -> Told<'_> {
    let mut told = Told(Walk::begin(implementation).expect("the initial state conforms"), 0);
    told.elect(0, 1, &[1, 2]);
    told.propose(0, 1);
    (1..5).for_each(|follower| told.replicate(0, follower, 1));
    told.restart(0);
    told.elect(0, 2, &[1, 2]);
    told.propose(0, 1);
    told.replicate(0, 1, 2);
    told.restart(0);
    told.elect(4, 3, &[2, 3]);
    told.propose(4, 1);
    told.restart(4);
    told.elect(0, 4, &[1, 2]);
    told.replicate(0, 2, 2);
    let logs: Vec<_> = (0..5).map(|id| told.terms(id)).collect();
    assert_eq!(logs, [vec![1, 2], vec![1, 2], vec![1, 2], vec![1], vec![1, 3]]);
    assert_eq!(told.server(0).commit_index(), LogIndex(0), "a majority has it, in an old term");
    told
}

#[test]
fn figure_8_d_runs_on_both() {
    let implementation = figure(5);
    let mut told = figure_8_c(&implementation);
    told.restart(0);
    told.elect(4, 5, &[1, 2, 3]);
    (0..4).for_each(|follower| told.replicate(4, follower, 2));
    assert!((0..5).all(|id| told.terms(id) == [1, 3]), "the entry of term 2 is overwritten");
}

#[test]
fn figure_8_e_runs_on_both() {
    let implementation = figure(5);
    let mut told = figure_8_c(&implementation);
    told.propose(0, 1);
    (1..3).for_each(|follower| told.replicate(0, follower, 3));
    assert_eq!(told.server(0).commit_index(), LogIndex(3));
    told.restart(0);
    while told.server(4).current_term() < Term(5) {
        told.take(ClusterAction::Fire { node: NodeId(4), timer: Timer::Election });
        told.sync(4);
    }
    let asks = |message: &_| matches!(message, Message::RequestVote(r) if r.term.0 == 5);
    let votes = |message: &_| matches!(message, Message::RequestVoteResponse(r) if r.term.0 == 5);
    for voter in 0..4 {
        assert!(told.exchange(4, voter, asks));
        assert!(told.exchange(voter, 4, votes));
    }
    assert_eq!(told.server(4).role(), Role::Candidate, "S5 cannot win an election");
}

fn any_message() -> impl Strategy<Value = Message<u64>> {
    let number = || prop_oneof![8 => 0..4_u64, 1 => Just(u64::MAX - 1), 1 => Just(u64::MAX)];
    let (term, index) = (move || number().prop_map(Term), move || number().prop_map(LogIndex));
    let ask = (term(), index(), term()).prop_map(|(term, last_log_index, last_log_term)| {
        RequestVote { term, last_log_index, last_log_term }
    });
    let append = (term(), index(), term(), any_entries(), index()).prop_map(
        |(term, prev_log_index, prev_log_term, entries, leader_commit)| {
            let entries = entries.into();
            AppendEntries { term, prev_log_index, prev_log_term, entries, leader_commit }
        },
    );
    let conflict = (proptest::option::of(term()), index())
        .prop_map(|(term, first_index)| Conflict { term, first_index });
    let result = prop_oneof![
        index().prop_map(|match_index| AppendResult::Success { match_index }),
        (index(), proptest::option::of(conflict)).prop_map(|(prev_log_index, conflict)| {
            AppendResult::Failure { prev_log_index, conflict }
        }),
    ];
    prop_oneof![
        ask.clone().prop_map(Message::RequestVote),
        ask.prop_map(Message::PreVote),
        (term(), any::<bool>()).prop_map(|(term, vote_granted)| {
            Message::RequestVoteResponse(RequestVoteResponse { term, vote_granted })
        }),
        append.prop_map(Message::AppendEntries),
        (term(), result).prop_map(|(term, result)| {
            Message::AppendEntriesResponse(AppendEntriesResponse { term, result })
        }),
        term().prop_map(|term| Message::PreVoteResponse { term }),
    ]
}

fn any_entries() -> impl Strategy<Value = Vec<Entry<u64>>> {
    let entry = (0..4_u64, proptest::option::of(any_command())).prop_map(|(term, command)| {
        let payload = command.map_or(Payload::NoOp, Payload::Command);
        Entry { term: Term(term), payload }
    });
    proptest::collection::vec(entry, 0..3)
}

fn any_command() -> impl Strategy<Value = Command<u64>> {
    (0..2_u64, 0..3_u64, any::<u64>()).prop_map(|(client, sequence, command)| Command {
        client: ClientId(client),
        sequence: SequenceNumber(sequence),
        command,
    })
}

/// Any message from anybody, any timer, any request, any disk, in any order.
fn any_event() -> impl Strategy<Value = Event<RaftNode>> {
    let timer = prop_oneof![Just(Timer::Election), Just(Timer::Heartbeat), Just(Timer::Lease)];
    let disk = (0..4_u64, proptest::option::of(0..4_u32), any_entries());
    prop_oneof![
        12 => (0..5_u32, any_message())
            .prop_map(|(from, message)| Event::Message { from: NodeId(from), message }),
        3 => timer.prop_map(Event::Fired),
        2 => any_command().prop_map(|command| Event::Request(Request::Propose(command))),
        1 => proptest::collection::vec(any_command(), 0..3)
            .prop_map(|commands| Event::Request(Request::ProposeAll(commands))),
        1 => any::<u64>().prop_map(|id| Event::Durable(WriteId(id))),
        1 => disk.prop_map(|(term, vote, entries)| {
            let (current_term, voted_for) = (Term(term), vote.map(NodeId));
            let hard = HardState { current_term, voted_for };
            Event::Recover(Durable { hard, log: entries.into_iter().collect() })
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A node is total and deterministic; an event that it ignores leaves it as it was; it writes
    /// at most once, before it sends anything, and sends nothing before its latest write.
    #[test]
    fn a_node_takes_any_event(
        me in 0..5_u32,
        nodes in 0..5_u32,
        switches in (any::<bool>(), any::<bool>(), 0..3_usize, 0..3_usize),
        events in proptest::collection::vec(any_event(), 1..80),
    ) {
        let (everything, pre_vote, max_entries, window) = switches;
        let members = Members::first(nodes);
        let config = match everything {
            true => Config { pre_vote, max_entries, window, ..Config::recommended(members) },
            false => Config { pre_vote, max_entries, window, ..Config::figure_2(members) },
        };
        let mut node = Node::new(NodeId(me), Arc::new(config), Counter(0));
        let mut buffer: Effects<RaftNode> = Effects::new();
        for event in events {
            let before = node.clone();
            let mut again = (before.clone(), Effects::<_, ()>::naming_from(
                buffer.latest_write().map_or(WriteId(0), |WriteId(last)| WriteId(last + 1)),
            ));
            node.handle(event.clone(), &mut buffer);
            again.0.handle(event, &mut again.1);
            prop_assert_eq!(&again.0, &node);
            let effects: Vec<_> = buffer.drain().collect();
            prop_assert_eq!(again.1.list(), &effects[..]);
            if effects.iter().any(|effect| matches!(effect, Effect::Ignore(_))) {
                prop_assert_eq!(effects.len(), 1);
                prop_assert_eq!(&before, &node);
            }
            let write = |effect: &Effect<RaftNode>| matches!(effect, Effect::Write { .. });
            prop_assert!(effects.iter().filter(|effect| write(effect)).count() <= 1);
            let first_send = effects.iter().position(|e| matches!(e, Effect::Send { .. }));
            let late = effects.iter().skip(first_send.unwrap_or(effects.len())).any(write);
            prop_assert!(!late, "a write after a message");
            let latest = buffer.latest_write();
            let early = |effect: &Effect<RaftNode>| {
                matches!(effect, Effect::Send { after, .. } if *after != latest)
            };
            prop_assert!(!effects.iter().any(early), "a message before the latest write");
        }
    }
}
