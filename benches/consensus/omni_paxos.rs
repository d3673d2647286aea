//! OmniPaxos, on its `MemoryStorage`.

use std::fmt::Debug;

use omnipaxos::messages::Message;
use omnipaxos::storage::{Entry, NoSnapshot};
use omnipaxos::util::LogEntry;
use omnipaxos::{ClusterConfig, OmniPaxos, OmniPaxosConfig, ServerConfig};
use omnipaxos_storage::memory_storage::MemoryStorage;

use super::{CarriedOut, Cluster, Mail, NODES};

/// What a client asks for. `B` is `Vec<u8>`, or `Arc<[u8]>` to share instead of copying.
#[derive(Clone, Debug)]
struct Value<B>(B);

impl<B: Clone + Debug> Entry for Value<B> {
    type Snapshot = NoSnapshot;
}

struct Site<B: Clone + Debug> {
    node: OmniPaxos<Value<B>, MemoryStorage<Value<B>>>,
    machine: CarriedOut,
}

/// Three nodes of OmniPaxos.
pub(crate) struct Omni<B: Clone + Debug> {
    sites: Vec<Site<B>>,
    mail: Mail<Message<Value<B>>>,
    inbox: Vec<Message<Value<B>>>,
    outbox: Vec<Message<Value<B>>>,
}

impl<B> Omni<B>
where
    B: Clone + Debug + AsRef<[u8]> + for<'p> From<&'p [u8]>,
{
    /// Three nodes that send this many entries at once; the first leads.
    pub(crate) fn new(batch_size: usize) -> Self {
        let nodes: Vec<u64> = (1..=NODES as u64).collect();
        let site = |pid: &u64| {
            let config = OmniPaxosConfig {
                cluster_config: ClusterConfig {
                    configuration_id: 1,
                    nodes: nodes.clone(),
                    ..ClusterConfig::default()
                },
                server_config: ServerConfig { pid: *pid, batch_size, ..ServerConfig::default() },
            };
            let node = config.build(MemoryStorage::default());
            Site { node: node.expect("the configuration is sound"), machine: CarriedOut::default() }
        };
        let sites = nodes.iter().map(site).collect();
        let mut omni = Self { sites, mail: Mail::new(), inbox: Vec::new(), outbox: Vec::new() };
        // Only the first node's clock runs, so that nobody else wants to lead.
        for _ in 0..100 {
            omni.sites[0].node.tick();
            omni.drain(0);
            omni.deliver();
        }
        for site in &omni.sites {
            assert_eq!(site.node.get_current_leader(), Some((1, true)), "a hundred ticks elect");
        }
        omni
    }

    /// Sends what a node wants sent, and carries out what it has decided.
    fn drain(&mut self, place: usize) {
        let Self { sites, mail, outbox, .. } = self;
        let Site { node, machine } = &mut sites[place];
        node.take_outgoing_messages(outbox);
        for message in outbox.drain(..) {
            mail.post(message.get_receiver() as usize - 1, message);
        }
        let done = machine.commands as usize;
        if node.get_decided_idx() > done {
            for entry in node.read_decided_suffix(done).unwrap_or_default() {
                if let LogEntry::Decided(Value(payload)) = entry {
                    machine.add(payload.as_ref());
                }
            }
        }
    }

    fn deliver(&mut self) {
        while !self.mail.is_empty() {
            for node in 0..NODES {
                let mut inbox = std::mem::take(&mut self.inbox);
                self.mail.collect(node, &mut inbox);
                for message in inbox.drain(..) {
                    self.sites[node].node.handle_incoming(message);
                }
                self.inbox = inbox;
                self.drain(node);
            }
        }
    }
}

impl<B> Cluster for Omni<B>
where
    B: Clone + Debug + AsRef<[u8]> + for<'p> From<&'p [u8]>,
{
    fn commit(&mut self, payloads: &[&[u8]]) {
        for payload in payloads {
            let appended = self.sites[0].node.append(Value((*payload).into()));
            appended.expect("the first node leads");
        }
        self.drain(0);
        self.deliver();
    }

    fn messages(&self) -> u64 {
        self.mail.delivered()
    }

    fn log(&self, node: usize) -> Vec<Vec<u8>> {
        let payload = |entry: LogEntry<Value<B>>| match entry {
            LogEntry::Decided(Value(payload)) => Some(payload.as_ref().to_vec()),
            _ => None,
        };
        let entries = self.sites[node].node.read_entries(..).unwrap_or_default();
        entries.into_iter().filter_map(payload).collect()
    }

    fn carried_out(&self, node: usize) -> CarriedOut {
        self.sites[node].machine
    }
}
