//! Raft under the fault simulator: its timers, and what must hold all the time (Figure 3 of the
//! paper).

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use bisim::protocol::NodeId;
use bisim::raft::{
    Config, Durable, Entry, HardState, Ignored, LogIndex, Members, Node, Request, Role, Server,
    Term, Timer,
};
use bisim::state_machine::{Command, KeyValue};

use crate::simulation::{Dice, Invariants, Micros, Operation, Simulated};

type Store = KeyValue<u32, u64>;

/// A cluster of Raft servers that replicate a key-value store, with features by chance.
pub struct SimulatedRaft {
    /// What each node is told.
    configs: Vec<Arc<Config>>,
}

impl Simulated for SimulatedRaft {
    type Node = Node<Store>;
    type Invariants = Figure3;

    /// Most clusters have the same features everywhere; in some, each node has its own, as while
    /// the features of a running cluster are being changed.
    fn draw(dice: &mut Dice, nodes: u32) -> Self {
        let mixed = dice.permille(200);
        let one = Arc::new(features(dice, nodes));
        let own = |_| if mixed { Arc::new(features(dice, nodes)) } else { Arc::clone(&one) };
        Self { configs: (0..nodes).map(own).collect() }
    }

    fn describe(&self) -> String {
        let mut each: Vec<_> = self.configs.iter().map(|config| describe(config)).collect();
        each.dedup();
        each.join("; ")
    }

    fn node(&self, id: NodeId) -> Node<Store> {
        Node::new(id, Arc::clone(&self.configs[id.0 as usize]), Store::default())
    }

    /// Section 9.3: elections after 150 to 300 ms.
    fn timer(timer: &Timer) -> RangeInclusive<Micros> {
        match timer {
            Timer::Election => 150_000..=300_000,
            Timer::Heartbeat => 40_000..=40_000,
            Timer::Lease => 150_000..=150_000,
        }
    }

    fn request(command: Command<Operation>) -> Request<Operation> {
        Request::Propose(command)
    }

    fn refusal(reason: &Ignored) -> Option<Option<NodeId>> {
        match reason {
            Ignored::NotLeader(leader) => Some(*leader),
            _ => None,
        }
    }

    fn invariants(nodes: u32) -> Figure3 {
        let seen = (0..nodes).map(|_| Seen::default()).collect();
        Figure3 { seen, ..Figure3::default() }
    }
}

/// What a node is told, by chance.
fn features(dice: &mut Dice, nodes: u32) -> Config {
    Config {
        no_op: dice.permille(700),
        max_entries: dice.pick(&[1, 3, 1024]).copied().unwrap_or(1),
        window: dice.pick(&[1, 2, 256]).copied().unwrap_or(1),
        fast_backtracking: dice.permille(500),
        eager_commit: dice.permille(500),
        pre_vote: dice.permille(500),
        check_quorum: dice.permille(500),
        ..Config::figure_2(Members::first(nodes))
    }
}

fn describe(config: &Config) -> String {
    let Config { max_entries, window, .. } = *config;
    let features = [
        ("no-op", config.no_op),
        ("fast backtracking", config.fast_backtracking),
        ("eager commit", config.eager_commit),
        ("pre-vote", config.pre_vote),
        ("check-quorum", config.check_quorum),
    ];
    let on = features.iter().filter(|(_, on)| *on).map(|(name, _)| format!(", {name}"));
    format!("max_entries {max_entries}, window {window}{}", on.collect::<String>())
}

/// The properties of Figure 3, over all nodes and all time, as far as they can be seen in passing:
/// a leader's last entry stands for those before it, and so does the last entry of any log, which
/// is all that Log Matching needs if it has held so far.
#[derive(Default)]
pub struct Figure3 {
    /// Who ever led in which term.
    leaders: BTreeMap<Term, NodeId>,
    /// All entries that were ever committed, each with the first term in which it was.
    committed: Vec<(Entry<Operation>, Term)>,
    /// For each place and term, the one entry that was ever there, and the term before it.
    entries: BTreeMap<(LogIndex, Term), (Entry<Operation>, Term)>,
    /// What each node was when it was last looked at.
    seen: Vec<Seen>,
}

#[derive(Default)]
struct Seen {
    disk: HardState,
    /// The term that it leads, with the end of its log.
    leads: Option<(Term, LogIndex, Term)>,
    /// The end of its log.
    last: (LogIndex, Term),
    commit_index: LogIndex,
    last_applied: LogIndex,
}

impl Invariants<Node<Store>> for Figure3 {
    fn look(
        &mut self,
        id: NodeId,
        node: Option<&Node<Store>>,
        disk: &Durable<Operation>,
        pending: bool,
    ) -> Result<(), String> {
        let seen = &mut self.seen[id.0 as usize];
        let (before, now) = (seen.disk, disk.hard);
        if now.current_term < before.current_term {
            return Err(format!("{id}: the term on its disk went back to {}", now.current_term));
        }
        let changed = before.voted_for.is_some() && now.voted_for != before.voted_for;
        if changed && now.current_term == before.current_term {
            return Err(format!("{id}: the vote on its disk changed in {}", now.current_term));
        }
        seen.disk = now;
        match node.and_then(Node::server) {
            Some(server) => {
                // A commit counts when the server may tell it: after its latest write.
                if !pending {
                    self.matches(id, server)?;
                    self.commits(id, server)?;
                }
                self.leads(id, server)
            }
            None => {
                *seen = Seen { disk: now, ..Seen::default() };
                Ok(())
            }
        }
    }

    fn settled(&self, nodes: &[&Node<Store>]) -> Result<(), String> {
        let mut machines = nodes.iter().filter_map(|node| {
            let server = node.server()?;
            Some((node.id(), server.commit_index(), server.replicated().machine()))
        });
        let Some((first, at, machine)) = machines.next() else { return Ok(()) };
        for (other, index, one) in machines {
            if (index, one) != (at, machine) {
                return Err(format!("{first} at {at} and {other} at {index} do not agree"));
            }
        }
        Ok(())
    }

    fn counts(&self) -> Vec<(&'static str, u64)> {
        vec![
            ("terms with a leader", self.leaders.len() as u64),
            ("entries committed", self.committed.len() as u64),
        ]
    }
}

impl Figure3 {
    /// Log Matching: an entry is where it is with the same entries before it, in all logs.
    fn matches(&mut self, id: NodeId, server: &Server<Store>) -> Result<(), String> {
        let log = server.log();
        let last = (log.last_index(), log.last_term());
        if std::mem::replace(&mut self.seen[id.0 as usize].last, last) == last {
            return Ok(());
        }
        // What is before an entry that is known was looked at when that was new.
        for index in (1..=last.0.0).rev().map(LogIndex) {
            let entry = log.get(index).expect("a log has no gaps");
            let before = log.term_at(index.previous()).unwrap_or_default();
            let here = (entry.clone(), before);
            match self.entries.get(&(index, entry.term)) {
                Some(there) if *there == here => return Ok(()),
                Some((other, _)) => {
                    return Err(format!(
                        "Log Matching: {id} has {entry:?} at {index}, after an entry of {before}; \
                         elsewhere {other:?} is there, or what is before it is of another term"
                    ));
                }
                None => drop(self.entries.insert((index, entry.term), here)),
            }
        }
        Ok(())
    }

    /// State Machine Safety: no two servers ever commit different entries at one place; and no
    /// commit is taken back while a server runs.
    fn commits(&mut self, id: NodeId, server: &Server<Store>) -> Result<(), String> {
        let seen = &mut self.seen[id.0 as usize];
        let (commit, applied) = (server.commit_index(), server.last_applied());
        if commit < seen.commit_index || applied < seen.last_applied || applied > commit {
            return Err(format!(
                "{id}: commit index {commit} and last applied {applied} went back"
            ));
        }
        let first = seen.commit_index.0;
        (seen.commit_index, seen.last_applied) = (commit, applied);
        for index in first + 1..=commit.0 {
            let place = LogIndex(index);
            let Some(entry) = server.log().get(place) else {
                return Err(format!("{id}: committed {place}, which its log does not hold"));
            };
            match self.committed.get(index as usize - 1) {
                Some((other, _)) if other == entry => {}
                Some((other, _)) => {
                    return Err(format!(
                        "State Machine Safety: {id} committed {entry:?} at {place}, where \
                         {other:?} was committed before"
                    ));
                }
                None => self.committed.push((entry.clone(), server.current_term())),
            }
        }
        Ok(())
    }

    /// Election Safety, Leader Append-Only, and Leader Completeness.
    fn leads(&mut self, id: NodeId, server: &Server<Store>) -> Result<(), String> {
        let seen = &mut self.seen[id.0 as usize];
        let (term, log) = (server.current_term(), server.log());
        if server.role() != Role::Leader {
            seen.leads = None;
            return Ok(());
        }
        let before = seen.leads.replace((term, log.last_index(), log.last_term()));
        if let Some((led, end, of)) = before
            && led == term
        {
            return match log.term_at(end) == Some(of) {
                false => Err(format!("Leader Append-Only: {id} in {term} lost {end}")),
                true => Ok(()),
            };
        }
        let leader = *self.leaders.entry(term).or_insert(id);
        if leader != id {
            return Err(format!("Election Safety: both {leader} and {id} lead in {term}"));
        }
        for (index, (entry, committed)) in (1..).zip(&self.committed) {
            if *committed < term && server.log().get(LogIndex(index)) != Some(entry) {
                return Err(format!(
                    "Leader Completeness: {id} leads in {term} without {entry:?} at i{index}, \
                     which was committed in {committed}"
                ));
            }
        }
        Ok(())
    }
}
