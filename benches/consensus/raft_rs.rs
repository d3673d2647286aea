//! raft-rs, on its `MemStorage`, driven as its documentation says.

use raft::eraftpb::{Entry, Message};
use raft::storage::MemStorage;
use raft::{Config, RawNode};

use super::{CarriedOut, Cluster, Mail, NODES};

struct Site {
    node: RawNode<MemStorage>,
    storage: MemStorage,
    machine: CarriedOut,
}

/// Three nodes of raft-rs.
pub(crate) struct RaftRs {
    sites: Vec<Site>,
    mail: Mail<Message>,
    inbox: Vec<Message>,
}

impl RaftRs {
    /// Three nodes with pre-vote, check-quorum and large windows; the first leads.
    pub(crate) fn new() -> Self {
        let sites = (1..=NODES as u64).map(Self::site).collect();
        let mut cluster = Self { sites, mail: Mail::new(), inbox: Vec::new() };
        cluster.sites[0].node.campaign().expect("the first node may campaign");
        cluster.drain(0);
        cluster.deliver();
        assert!(cluster.sites[0].node.status().ss.raft_state == raft::StateRole::Leader);
        cluster
    }

    fn site(id: u64) -> Site {
        let config = Config {
            id,
            check_quorum: true,
            pre_vote: true,
            max_inflight_msgs: 1024,
            max_size_per_msg: 1 << 20,
            batch_append: true,
            ..Config::default()
        };
        let voters: Vec<u64> = (1..=NODES as u64).collect();
        let storage = MemStorage::new_with_conf_state((voters, vec![]));
        let logger = slog::Logger::root(slog::Discard, slog::o!());
        let node = RawNode::new(&config, storage.clone(), &logger);
        Site {
            node: node.expect("the configuration is sound"),
            storage,
            machine: CarriedOut::default(),
        }
    }

    /// Does what a node asks for, until it asks for nothing more.
    fn drain(&mut self, place: usize) {
        let Self { sites, mail, .. } = self;
        let Site { node, storage, machine } = &mut sites[place];
        let mut post = |messages: Vec<Message>| {
            messages.into_iter().for_each(|message| mail.post(message.to as usize - 1, message));
        };
        let mut carry_out = |entries: Vec<Entry>| {
            // The entry with which a term begins is empty.
            entries
                .iter()
                .filter(|entry| !entry.data.is_empty())
                .for_each(|e| machine.add(&e.data));
        };
        while node.has_ready() {
            let mut ready = node.ready();
            post(ready.take_messages());
            carry_out(ready.take_committed_entries());
            if !ready.entries().is_empty() {
                storage.wl().append(ready.entries()).expect("the entries follow the log");
            }
            if let Some(hard_state) = ready.hs() {
                storage.wl().set_hardstate(hard_state.clone());
            }
            post(ready.take_persisted_messages());
            let mut light = node.advance(ready);
            if let Some(commit) = light.commit_index() {
                storage.wl().mut_hard_state().set_commit(commit);
            }
            post(light.take_messages());
            carry_out(light.take_committed_entries());
            node.advance_apply();
        }
    }

    fn deliver(&mut self) {
        while !self.mail.is_empty() {
            for node in 0..NODES {
                let mut inbox = std::mem::take(&mut self.inbox);
                self.mail.collect(node, &mut inbox);
                for message in inbox.drain(..) {
                    self.sites[node].node.step(message).expect("a message of a node is valid");
                }
                self.inbox = inbox;
                self.drain(node);
            }
        }
    }
}

impl Cluster for RaftRs {
    fn commit(&mut self, payloads: &[&[u8]]) {
        for payload in payloads {
            let proposed = self.sites[0].node.propose(vec![], payload.to_vec());
            proposed.expect("the first node leads");
        }
        self.drain(0);
        self.deliver();
    }

    fn messages(&self) -> u64 {
        self.mail.delivered()
    }

    fn log(&self, node: usize) -> Vec<Vec<u8>> {
        use raft::Storage;
        let storage = &self.sites[node].storage;
        let end = storage.last_index().expect("it is in memory") + 1;
        let context = raft::GetEntriesContext::empty(false);
        let entries = storage.entries(1, end, None, context).expect("nothing was compacted");
        let payloads = entries.into_iter().map(|entry| entry.data.to_vec());
        payloads.filter(|payload| !payload.is_empty()).collect()
    }

    fn carried_out(&self, node: usize) -> CarriedOut {
        self.sites[node].machine
    }
}
