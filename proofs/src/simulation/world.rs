//! The world of a simulation: what happens, and when.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

use bisim::protocol::{Event, NodeId, Protocol};
use bisim::state_machine::Applied;

use super::clients::Clients;
use super::event::{Scheduled, What};
use super::host::Host;
use super::network::Weather;
use super::{Dice, Failed, Invariants, Micros, Run, SECOND, Simulated, Simulation, TROUBLED};
use crate::cluster::Sabotage;

/// Everything there is.
pub(super) struct World<S: Simulated> {
    seed: u64,
    patience: Micros,
    pub(super) dice: Dice,
    subject: S,
    pub(super) now: Micros,
    queue: BinaryHeap<Reverse<Scheduled<S::Node>>>,
    pub(super) scheduled: u64,
    pub(super) hosts: Vec<Host<S::Node>>,
    pub(super) weather: Weather,
    pub(super) clients: Clients,
    pub(super) invariants: S::Invariants,
    pub(super) sabotage: Option<Sabotage<S::Node>>,
    counts: BTreeMap<&'static str, u64>,
    pub(super) hash: u64,
    /// When the second phase began, and who was healed.
    pub(super) healed: Option<(Micros, Vec<NodeId>)>,
    /// How often each client had been served then.
    pub(super) unserved: Vec<u64>,
    /// When all had been served again.
    served: Option<Micros>,
    pub(super) transcript: VecDeque<String>,
    /// How many lines of it are kept.
    pub(super) lines: usize,
}

impl<S: Simulated> World<S> {
    /// How long a client thinks.
    const THINK: std::ops::RangeInclusive<Micros> = 1_000..=40_000;
    /// When a client that has heard nothing asks again.
    const RETRY: std::ops::RangeInclusive<Micros> = 50_000..=300_000;

    pub(super) fn new(
        seed: u64,
        simulation: &Simulation,
        sabotage: Option<Sabotage<S::Node>>,
        lines: usize,
    ) -> Self {
        let nodes = simulation.nodes;
        let mut dice = Dice::new(seed);
        let subject = S::draw(&mut dice, nodes);
        // Clocks are up to a tenth faster or slower than the time.
        let hosts = (0..nodes).map(|_| Host::new(dice.within(900..=1100))).collect();
        let clients = Clients::new(&mut dice, nodes);
        let mut world = Self {
            seed,
            patience: simulation.patience,
            dice,
            subject,
            now: 0,
            queue: BinaryHeap::new(),
            scheduled: 0,
            hosts,
            weather: Weather::new(nodes),
            clients,
            invariants: S::invariants(nodes),
            sabotage,
            counts: BTreeMap::new(),
            hash: 0,
            healed: None,
            unserved: Vec::new(),
            served: None,
            transcript: VecDeque::new(),
            lines,
        };
        for node in 0..world.hosts.len() {
            let life = world.hosts[node].life;
            world.schedule(0, What::Restarts { node, life });
        }
        for client in 0..world.clients.all.len() {
            let think = world.dice.within(Self::THINK);
            world.schedule(think, What::Asks { client, again: None });
        }
        world.schedule(SECOND, What::Trouble);
        world
    }

    /// Both phases, to the end.
    pub(super) fn run(&mut self) -> Result<(), String> {
        while let Some(Reverse(Scheduled { at, what, .. })) = self.queue.pop() {
            if self.healed.is_none() && at >= TROUBLED {
                self.now = TROUBLED;
                self.heal()?;
            }
            self.now = at;
            self.happens(*what)?;
            if self.settles()? {
                return Ok(());
            }
        }
        Err("nothing happens any more: no timer runs".to_owned())
    }

    /// Whether the second phase is over: all clients have been served, and a while later all nodes
    /// agree.
    fn settles(&mut self) -> Result<bool, String> {
        let Some((since, majority)) = &self.healed else { return Ok(false) };
        let Some(served) = self.served else {
            let mut clients = self.clients.all.iter().zip(&self.unserved);
            if clients.all(|(client, before)| client.served > *before) {
                self.served = Some(self.now);
            } else if self.now > since + self.patience {
                let seconds = self.patience as f64 / SECOND as f64;
                return Err(format!("no progress: a majority was healed {seconds} s ago"));
            }
            return Ok(false);
        };
        if self.now < served + SECOND {
            return Ok(false);
        }
        let nodes: Vec<_> =
            majority.iter().filter_map(|node| self.hosts[node.0 as usize].node.as_ref()).collect();
        match self.invariants.settled(&nodes) {
            // An election may have come in between, or a follower may be far behind.
            Err(_) if self.now < served + self.patience => return Ok(false),
            agreed => agreed?,
        }
        self.clients.judge()?;
        Ok(true)
    }

    /// What came of the run.
    pub(super) fn end(mut self, ended: Result<(), String>) -> Run {
        for (name, count) in self.invariants.counts() {
            self.add(name, count);
        }
        let acknowledged = self.clients.all.iter().map(|client| client.served).sum();
        self.add("operations acknowledged", acknowledged);
        let since = self.healed.as_ref().map_or(self.now, |(since, _)| *since);
        let (seed, at, transcript) = (self.seed, self.now, self.transcript.into());
        let subject = self.subject.describe();
        Run {
            hash: self.hash,
            end: self.now,
            recovery: self.served.map_or(0, |served| served - since),
            counts: self.counts,
            failed: ended.err().map(|why| Failed { seed, at, why, subject, transcript }),
        }
    }

    pub(super) fn count(&mut self, name: &'static str) {
        self.add(name, 1);
    }

    pub(super) fn add(&mut self, name: &'static str, count: u64) {
        *self.counts.entry(name).or_default() += count;
    }

    /// Something will happen so much later.
    pub(super) fn schedule(&mut self, later: Micros, what: What<S::Node>) {
        self.scheduled += 1;
        let (at, order) = (self.now.saturating_add(later), self.scheduled);
        let what = Box::new(what);
        self.queue.push(Reverse(Scheduled { at, order, what }));
    }

    fn happens(&mut self, what: What<S::Node>) -> Result<(), String> {
        match what {
            What::Arrives { from, to, message } => {
                if self.hosts[to].node.is_some() && !self.defers(to) {
                    return self.give(to, Event::Message { from, message }, None);
                }
                let later = self.hosts[to].paused_until.saturating_sub(self.now);
                if later > 0 {
                    self.schedule(later, What::Arrives { from, to, message });
                }
            }
            What::Written { node, life, id } => {
                if self.hosts[node].life != life {
                    return Ok(());
                }
                if self.defers(node) {
                    let later = self.hosts[node].paused_until - self.now;
                    self.schedule(later, What::Written { node, life, id });
                    return Ok(());
                }
                if let Some(waiting) = self.hosts[node].write(id, self.sabotage.as_ref()) {
                    waiting.into_iter().for_each(|effect| self.carry_out(node, effect, None));
                    return self.give(node, Event::Durable(id), None);
                }
            }
            What::Rings { node, life, timer } => {
                if self.hosts[node].life == life {
                    return self.rings(node, timer);
                }
            }
            What::Asks { client, again } => self.asks(client, again),
            What::Requests { node, client, request } => {
                if self.hosts[node].node.is_some() && !self.defers(node) {
                    return self.give(node, Event::Request(request), Some(client));
                }
            }
            What::Answers(Applied { client, sequence, output }) => {
                if self.clients.answered(client, sequence, output) {
                    let think = self.dice.within(Self::THINK);
                    self.schedule(think, What::Asks { client: client.0 as usize, again: None });
                }
            }
            What::Refused { client, leader } => {
                let anybody = self.dice.below(self.hosts.len() as u64) as u32;
                self.clients.all[client].target = leader.unwrap_or(NodeId(anybody));
            }
            What::Restarts { node, life } => {
                if self.hosts[node].life == life {
                    return self.restart(node);
                }
            }
            What::Trouble if self.healed.is_none() => return self.trouble(),
            What::Heals if self.healed.is_none() => self.weather.heal(),
            What::Calms if self.healed.is_none() => self.weather.calm(),
            What::Trouble | What::Heals | What::Calms => {}
        }
        Ok(())
    }

    /// The queue looks at a timer. It fires if it is due.
    fn rings(&mut self, node: usize, timer: <S::Node as Protocol>::Timer) -> Result<(), String> {
        let host = &mut self.hosts[node];
        let Some(alarm) = host.timers.get_mut(&timer) else { return Ok(()) };
        if alarm.looked_at != self.now {
            return Ok(());
        }
        // A timer that is due while the process stands still fires when it goes on.
        let due = alarm.due.map(|due| due.max(host.paused_until));
        if let Some(due) = due.filter(|&due| due > self.now) {
            alarm.looked_at = due;
            let life = host.life;
            self.schedule(due - self.now, What::Rings { node, life, timer });
            return Ok(());
        }
        host.timers.remove(&timer);
        due.map_or(Ok(()), |_| self.give(node, Event::Fired(timer), None))
    }

    fn defers(&self, node: usize) -> bool {
        self.hosts[node].paused_until > self.now
    }

    /// A client asks. If it has waited in vain, it asks somebody else.
    fn asks(&mut self, client: usize, again: Option<u64>) {
        let waiting = self.clients.all[client].waiting.map(|command| command.sequence.0);
        match (again, waiting) {
            (Some(asked), Some(waits)) if asked == waits => {
                self.count("retries");
                let anybody = self.dice.below(self.hosts.len() as u64) as u32;
                self.clients.all[client].target = NodeId(anybody);
            }
            // When all have been served in the second phase, nobody asks for more.
            (None, None) if self.served.is_none() => {}
            _ => return,
        }
        let command = self.clients.command(client, &mut self.dice);
        let node = self.clients.all[client].target.0 as usize;
        if node < self.hosts.len() {
            for (delay, _) in self.weather.delays(&mut self.dice).into_iter().flatten() {
                let request = S::request(command);
                self.schedule(delay, What::Requests { node, client, request });
            }
        }
        let retry = self.dice.within(Self::RETRY);
        self.schedule(retry, What::Asks { client, again: Some(command.sequence.0) });
    }

    /// A node starts, unless it runs.
    pub(super) fn restart(&mut self, node: usize) -> Result<(), String> {
        if self.hosts[node].node.is_some() {
            return Ok(());
        }
        let fresh = self.subject.node(NodeId(node as u32));
        let recover = self.hosts[node].start(fresh);
        self.count("starts");
        self.give(node, recover, None)
    }
}
