//! Our nodes: everything on, and client sessions, as one would run them.

use std::sync::Arc;

use bisim::protocol::{Effect, Effects, Event, NodeId, Protocol};
use bisim::raft::{Config, Durable, Members, Message, Node, Payload, Record, Request, Role, Timer};
use bisim::session::{ClientId, SequenceNumber};
use bisim::state_machine::{Command, StateMachine};

use super::{CarriedOut, Cluster, Mail, NODES};

/// What a command holds: shared, since a command is copied into logs and messages.
type Bytes = Arc<[u8]>;

impl StateMachine for CarriedOut {
    type Command = Bytes;
    type Output = u64;

    fn apply(&mut self, command: &Bytes) -> u64 {
        self.add(command);
        self.sum
    }
}

type OurNode = Node<CarriedOut>;

/// A node with its storage: what it wrote, in memory. Read from its beginning, that is the durable
/// state.
struct Site {
    node: OurNode,
    effects: Effects<OurNode>,
    written: Vec<Record<Bytes>>,
    armed: [bool; 3],
}

/// Three of our nodes.
pub(crate) struct Ours {
    sites: Vec<Site>,
    mail: Mail<(NodeId, Message<Bytes>)>,
    inbox: Vec<(NodeId, Message<Bytes>)>,
    batches: u64,
    answers: u64,
}

impl Ours {
    /// Three nodes with the recommended configuration; the first leads.
    pub(crate) fn new() -> Self {
        let config = Arc::new(Config::recommended(Members::first(NODES as u32)));
        let site = |id| Site {
            node: Node::new(NodeId(id), Arc::clone(&config), CarriedOut::default()),
            effects: Effects::new(),
            written: Vec::new(),
            armed: [false; 3],
        };
        let sites = (0..NODES as u32).map(site).collect();
        let mut ours = Self { sites, mail: Mail::new(), inbox: Vec::new(), batches: 0, answers: 0 };
        for node in 0..NODES {
            ours.give(node, Event::Recover(Durable::default()));
        }
        ours.give(0, Event::Fired(Timer::Election));
        ours.deliver();
        let role = ours.sites[0].node.server().map(|server| server.role());
        assert_eq!(role, Some(Role::Leader), "the first node asked for votes and nobody else did");
        ours
    }

    /// Gives a node an event, and does what it asks for. Writes are durable at once.
    fn give(&mut self, place: usize, event: Event<OurNode>) {
        let Self { sites, mail, answers, .. } = self;
        let Site { node, effects, written, armed } = &mut sites[place];
        node.handle(event, effects);
        let mut last = None;
        for effect in effects.drain() {
            match effect {
                Effect::Write { id, record } => {
                    written.push(record);
                    last = Some(id);
                }
                Effect::Send { to, message, .. } => {
                    mail.post(to.0 as usize, (node.id(), message));
                }
                Effect::Reply { .. } => *answers += 1,
                Effect::Arm(timer) => armed[timer as usize] = true,
                Effect::Cancel(timer) => armed[timer as usize] = false,
                Effect::Ignore(_) => {}
            }
        }
        if let Some(id) = last {
            node.handle(Event::Durable(id), effects);
            effects.drain().for_each(drop);
        }
    }

    fn deliver(&mut self) {
        while !self.mail.is_empty() {
            for node in 0..NODES {
                let mut inbox = std::mem::take(&mut self.inbox);
                self.mail.collect(node, &mut inbox);
                for (from, message) in inbox.drain(..) {
                    self.give(node, Event::Message { from, message });
                }
                self.inbox = inbox;
            }
        }
    }
}

impl Cluster for Ours {
    fn commit(&mut self, payloads: &[&[u8]]) {
        // Every payload of a batch comes from a client of its own, which waits for the answer
        // before it sends the next.
        let sequence = SequenceNumber(self.batches);
        let command = |(client, payload): (u64, &&[u8])| Command {
            client: ClientId(client),
            sequence,
            command: (*payload).into(),
        };
        let mut commands = (0..).zip(payloads).map(command);
        let request = match payloads.len() {
            1 => commands.next().map(Request::Propose),
            _ => Some(Request::ProposeAll(commands.collect())),
        };
        self.batches += 1;
        self.give(0, Event::Request(request.expect("there is one payload at least")));
        self.deliver();
        assert_eq!(self.answers, self.batches * payloads.len() as u64, "each has its answer");
    }

    fn messages(&self) -> u64 {
        self.mail.delivered()
    }

    fn log(&self, node: usize) -> Vec<Vec<u8>> {
        let payload = |payload: &Payload<Bytes>| match payload {
            Payload::NoOp => None,
            Payload::Command(command) => Some(command.command.to_vec()),
        };
        let mut durable = Durable::default();
        self.sites[node].written.iter().for_each(|record| OurNode::apply(&mut durable, record));
        durable.log.entries().iter().filter_map(|entry| payload(&entry.payload)).collect()
    }

    fn carried_out(&self, node: usize) -> CarriedOut {
        let server = self.sites[node].node.server().expect("it has recovered");
        *server.replicated().machine()
    }
}
