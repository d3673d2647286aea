//! Figures 7 and 8 of the paper, as stories of the shipped nodes with the model beside them.

use bisim::protocol::NodeId;
use bisim::raft::{LogIndex, Message, Request, Role, Server, Term, Timer};
use bisim::session::{ClientId, SequenceNumber};
use bisim::state_machine::{Command, Counter};
use bisim_proofs::cluster::{ClusterAction, Envelope, Move};
use bisim_proofs::raft::{Implementation, RaftNode, SMALL, Scope, servers};
use bisim_proofs::sampling::Walk;
use bisim_proofs::shipped::Shipped;

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

    fn server(&self, id: u32) -> &Server<Counter> {
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
    Implementation::of(scope, None)
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
