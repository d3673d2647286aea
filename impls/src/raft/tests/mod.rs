//! One test for each statement of the paper that a server has to keep, in a cluster whose network
//! does what the test says.

mod features;
mod figures;
mod section_5;

use alloc::collections::{BTreeSet, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{
    Config, Durable, Entry, HardState, Ignored, Log, LogIndex, Members, Message, Node, Payload,
    Request, Role, Server, Step, Term, Timer,
};
use crate::protocol::{Effect, Effects, Event, NodeId, Protocol, Taken, WriteId};
use crate::session::{ClientId, SequenceNumber};
use crate::state_machine::{Applied, Command, Counter};

type TestNode = Node<Counter>;
type Disk = Durable<u64>;
type Buffer = Effects<TestNode, Vec<Taken<Step<u64>>>>;

/// A message under way.
#[derive(Clone, Debug, PartialEq)]
struct Letter {
    from: u32,
    to: u32,
    message: Message<u64>,
}

/// A node with its disk and its timers.
struct Site {
    node: TestNode,
    buffer: Buffer,
    disk: Disk,
    armed: BTreeSet<Timer>,
    /// How often the election timer was armed.
    election_resets: u32,
}

/// Some nodes; every write is durable at once.
struct Cluster {
    sites: Vec<Site>,
    letters: VecDeque<Letter>,
    told: Vec<Applied<u64>>,
    ignored: Vec<Ignored>,
}

impl Cluster {
    fn new(config: Config) -> Self {
        let disks = config.members.ids().iter().map(|_| Disk::default()).collect();
        Self::with_disks(config, disks)
    }

    /// Nodes that start from these disks.
    fn with_disks(config: Config, disks: Vec<Disk>) -> Self {
        let config = Arc::new(config);
        let node = |id| Node::new(NodeId(id), Arc::clone(&config), Counter(0));
        let site = |(id, disk)| Site {
            node: node(id),
            buffer: Buffer::new(),
            disk,
            armed: BTreeSet::new(),
            election_resets: 0,
        };
        let sites: Vec<_> = (0..).zip(disks).map(site).collect();
        let ids = 0..u32::try_from(sites.len()).unwrap();
        let mut cluster =
            Self { sites, letters: VecDeque::new(), told: Vec::new(), ignored: Vec::new() };
        ids.for_each(|id| cluster.restart(id));
        cluster
    }

    /// A cluster of `nodes` in which node 0 leads term 1.
    fn led(config: Config) -> Self {
        let mut cluster = Self::new(config);
        cluster.elect(0);
        cluster.ignored.clear();
        cluster
    }

    fn server(&self, id: u32) -> &Server<Counter> {
        self.sites[id as usize].node.server().unwrap()
    }

    fn roles(&self) -> Vec<Role> {
        self.sites.iter().map(|site| site.node.server().unwrap().role()).collect()
    }

    /// The terms of a server's log.
    fn terms(&self, id: u32) -> Vec<u64> {
        self.server(id).log().entries().iter().map(|entry| entry.term.0).collect()
    }

    fn armed(&self, id: u32) -> Vec<Timer> {
        self.sites[id as usize].armed.iter().copied().collect()
    }

    /// The node loses its memory, and starts again from its disk.
    fn restart(&mut self, id: u32) {
        let site = &mut self.sites[id as usize];
        (site.buffer, site.armed) = (Buffer::new(), BTreeSet::new());
        let disk = site.disk.clone();
        self.give(id, Event::Recover(disk));
    }

    fn give(&mut self, id: u32, event: Event<TestNode>) {
        let site = &mut self.sites[id as usize];
        site.node.handle(event, &mut site.buffer);
        let (mut written, mut sent) = (site.buffer.latest_write(), false);
        for effect in site.buffer.drain() {
            match effect {
                Effect::Write { id, record } => {
                    assert!(!sent, "an event is written down before anything is sent");
                    TestNode::apply(&mut site.disk, &record);
                    written = Some(id);
                }
                Effect::Send { to, message, after } => {
                    assert_eq!(after, written, "a message waits for the latest write");
                    sent = true;
                    self.letters.push_back(Letter { from: id, to: to.0, message });
                }
                Effect::Reply { reply, after } => {
                    assert_eq!(after, written, "so does an answer");
                    self.told.push(reply);
                }
                Effect::Arm(timer) => {
                    site.election_resets += u32::from(timer == Timer::Election);
                    site.armed.insert(timer);
                }
                Effect::Cancel(timer) => {
                    site.armed.remove(&timer);
                }
                Effect::Ignore(why) => self.ignored.push(why),
            }
        }
        let server = site.node.server().unwrap();
        assert_eq!((server.hard, &server.log), (site.disk.hard, &site.disk.log));
    }

    fn fire(&mut self, id: u32, timer: Timer) {
        assert!(self.sites[id as usize].armed.remove(&timer), "{timer:?} of {id} is armed");
        self.give(id, Event::Fired(timer));
    }

    fn hear(&mut self, id: u32, from: u32, message: Message<u64>) {
        self.give(id, Event::Message { from: NodeId(from), message });
    }

    fn propose(&mut self, id: u32, sequence: u64, amount: u64) {
        self.give(id, Event::Request(Request::Propose(add(sequence, amount))));
    }

    /// Takes what is under way out of the network.
    fn take(&mut self) -> Vec<Letter> {
        self.letters.drain(..).collect()
    }

    /// Delivers messages until none is left, and loses those that `arrives` does not let through.
    fn deliver_if(&mut self, arrives: impl Fn(&Letter) -> bool) {
        let mut deliveries = 0;
        while let Some(letter) = self.letters.pop_front() {
            deliveries += 1;
            assert!(deliveries < 10_000, "the servers talk for ever");
            if arrives(&letter) {
                self.hear(letter.to, letter.from, letter.message);
            }
        }
    }

    fn deliver(&mut self) {
        self.deliver_if(|_| true);
    }

    /// Delivers messages among these servers alone.
    fn deliver_among(&mut self, ids: &[u32]) {
        self.deliver_if(|letter| ids.contains(&letter.from) && ids.contains(&letter.to));
    }

    fn elect(&mut self, id: u32) {
        self.fire(id, Timer::Election);
        self.deliver();
        assert_eq!(self.server(id).role(), Role::Leader);
    }
}

fn figure_2(nodes: u32) -> Config {
    Config::figure_2(Members::first(nodes))
}

/// A command of client 1.
fn add(sequence: u64, amount: u64) -> Command<u64> {
    Command { client: ClientId(1), sequence: SequenceNumber(sequence), command: amount }
}

/// A disk with a log of these terms.
fn disk(current_term: u64, terms: &[u64]) -> Disk {
    let entry = |&term| Entry { term: Term(term), payload: Payload::NoOp };
    let log: Log<u64> = terms.iter().map(entry).collect();
    Durable { hard: HardState { current_term: Term(current_term), voted_for: None }, log }
}

/// Entries of these terms, without commands.
fn entries(terms: &[u64]) -> super::Entries<u64> {
    disk(0, terms).log.entries().into()
}
