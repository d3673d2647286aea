//! What goes wrong in the first phase of a simulation, and how its second phase begins.

use bisim::protocol::NodeId;

use super::event::What;
use super::world::World;
use super::{Invariants, Micros, Simulated};

/// What can go wrong at once.
const TROUBLES: [Trouble; 7] = [
    Trouble::Crash,
    Trouble::CrashAll,
    Trouble::Partition,
    Trouble::OneWay,
    Trouble::Pause,
    Trouble::Storm,
    Trouble::SlowDisk,
];

#[derive(Clone, Copy)]
enum Trouble {
    /// A node crashes, and restarts later.
    Crash,
    /// All nodes crash at once: the power fails.
    CrashAll,
    /// The network falls apart into two halves.
    Partition,
    /// Some nodes can no longer reach the others, which still reach them.
    OneWay,
    /// A process stands still.
    Pause,
    /// The network loses, doubles and delays much.
    Storm,
    /// A disk takes long.
    SlowDisk,
}

impl<S: Simulated> World<S> {
    /// Something goes wrong, and soon something else will.
    pub(super) fn trouble(&mut self) -> Result<(), String> {
        let next = self.dice.within(20_000..=600_000);
        self.schedule(next, What::Trouble);
        let all = (1_u64 << self.hosts.len()) - 1;
        let node = self.dice.below(self.hosts.len() as u64) as usize;
        // Some of the nodes, and not all of them. (One node alone cannot be cut off.)
        let half = self.dice.within(1..=all.saturating_sub(1).max(1));
        let lasts = self.dice.within(50_000..=2_000_000);
        let trouble = self.dice.pick(&TROUBLES).copied().unwrap_or(Trouble::Crash);
        match trouble {
            Trouble::Crash => self.crash(node, lasts)?,
            // Rarely: it makes everybody wait for everybody.
            Trouble::CrashAll if self.dice.permille(300) => {
                for node in 0..self.hosts.len() {
                    let lasts = self.dice.within(1_000..=lasts);
                    self.crash(node, lasts)?;
                }
            }
            Trouble::CrashAll => {}
            Trouble::Partition | Trouble::OneWay if all == 1 => {}
            Trouble::Partition => {
                self.weather.cut(half, all & !half);
                self.weather.cut(all & !half, half);
                self.count("partitions");
                self.schedule(lasts, What::Heals);
            }
            Trouble::OneWay => {
                self.weather.cut(half, all & !half);
                self.count("one-way partitions");
                self.schedule(lasts, What::Heals);
            }
            Trouble::Pause if self.hosts[node].node.is_none() => {}
            Trouble::Pause => {
                self.hosts[node].paused_until = self.now + lasts / 2;
                self.count("pauses");
            }
            Trouble::Storm => {
                self.weather.loss = self.dice.within(10..=300);
                self.weather.duplicates = self.dice.within(10..=300);
                self.weather.stragglers = self.dice.within(10..=300);
                self.count("storms");
                self.schedule(lasts, What::Calms);
            }
            Trouble::SlowDisk => {
                self.hosts[node].disk_free_at = self.now + lasts / 8;
                self.count("slow disks");
            }
        }
        Ok(())
    }

    /// A node crashes, and restarts after a while.
    fn crash(&mut self, node: usize, lasts: Micros) -> Result<(), String> {
        let host = &mut self.hosts[node];
        if host.node.is_none() {
            return Ok(());
        }
        let pending = host.pending.len() as u64;
        let kept = self.dice.below(pending + 1) as usize;
        let lost = self.hosts[node].crash(kept, self.sabotage.as_ref());
        self.count("crashes");
        self.add("writes lost", lost as u64);
        let host = &self.hosts[node];
        let id = NodeId(node as u32);
        self.invariants.look(id, None, &host.disk, false)?;
        self.schedule(lasts, What::Restarts { node, life: self.hosts[node].life });
        Ok(())
    }

    /// The second phase: a majority is healed, and the rest is broken for good.
    pub(super) fn heal(&mut self) -> Result<(), String> {
        let count = self.hosts.len() as u64;
        let majority = self.dice.choose(count / 2 + 1, count);
        let healed = majority.iter().fold(0_u64, |set, node| set | 1 << node);
        let all = (1_u64 << count) - 1;
        self.weather.calm();
        self.weather.heal();
        for node in 0..self.hosts.len() {
            let host = &mut self.hosts[node];
            host.paused_until = 0;
            host.disk_free_at = host.disk_free_at.min(self.now);
            if healed >> node & 1 == 1 {
                self.restart(node)?;
            } else if self.dice.permille(500) {
                self.crash(node, Micros::MAX / 2)?;
            }
        }
        // Whoever of the rest still runs may hear, but nobody hears from it.
        self.weather.cut(all & !healed, all);
        if self.dice.permille(500) {
            self.weather.cut(healed, all & !healed);
        }
        self.healed = Some((self.now, majority.iter().map(|&node| NodeId(node as u32)).collect()));
        self.unserved = self.clients.all.iter().map(|client| client.served).collect();
        Ok(())
    }
}
