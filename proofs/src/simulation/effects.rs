//! How the world of a simulation gives events to nodes and carries out their effects.

use bisim::protocol::{Effect, Event, NodeId, Taken};

use super::event::What;
use super::host::{Alarm, Pending};
use super::world::World;
use super::{Invariants, Micros, Simulated, short};
use crate::checker::fingerprint;

impl<S: Simulated> World<S> {
    /// How long a disk takes to write.
    const WRITE: std::ops::RangeInclusive<Micros> = 100..=3_000;

    /// Gives a node an event, on behalf of a client if there is one, and looks at what it did.
    pub(super) fn give(
        &mut self,
        node: usize,
        event: Event<S::Node>,
        client: Option<usize>,
    ) -> Result<(), String> {
        let id = NodeId(node as u32);
        let told = fingerprint(&(self.hash, self.now, id, &event));
        let line = (self.lines > 0).then(|| short(&event));
        let (effects, steps) = self.hosts[node].react(event, self.sabotage.as_ref());
        self.hash = fingerprint(&(told, &steps, effects.len()));
        if let Some(line) = line {
            self.write_down(id, &line, &steps);
        }
        effects.into_iter().for_each(|effect| self.carry_out(node, effect, client));
        let host = &self.hosts[node];
        let pending = !host.pending.is_empty();
        self.invariants.look(id, host.node.as_ref(), &host.disk, pending)
    }

    /// Does what a node wants done, or lets it wait for a write.
    pub(super) fn carry_out(
        &mut self,
        node: usize,
        effect: Effect<S::Node>,
        client: Option<usize>,
    ) {
        let host = &mut self.hosts[node];
        if let Effect::Send { after, .. } | Effect::Reply { after, .. } = &effect
            && let Some(waiting) = host.waiting(*after)
        {
            waiting.push(effect);
            return;
        }
        match effect {
            Effect::Write { id, record } => {
                let begins = host.disk_free_at.max(self.now);
                host.disk_free_at = begins + self.dice.within(Self::WRITE);
                host.pending.push_back(Pending { id, record, waiting: Vec::new() });
                let (life, later) = (host.life, host.disk_free_at - self.now);
                self.schedule(later, What::Written { node, life, id });
            }
            Effect::Send { to, message, .. } => self.send(node, to, message),
            Effect::Reply { reply, .. } => {
                for (delay, _) in self.weather.delays(&mut self.dice).into_iter().flatten() {
                    self.schedule(delay, What::Answers(reply));
                }
            }
            Effect::Arm(timer) => {
                let runs = self.dice.within(S::timer(&timer)) * host.clock / 1000;
                let (life, due) = (host.life, self.now + runs);
                match host.timers.get_mut(&timer) {
                    Some(alarm) if alarm.looked_at <= due => alarm.due = Some(due),
                    _ => {
                        let alarm = Alarm { due: Some(due), looked_at: due };
                        host.timers.insert(timer.clone(), alarm);
                        self.schedule(runs, What::Rings { node, life, timer });
                    }
                }
            }
            Effect::Cancel(timer) => {
                if let Some(alarm) = host.timers.get_mut(&timer) {
                    alarm.due = None;
                }
            }
            Effect::Ignore(reason) => {
                if let (Some(client), Some(leader)) = (client, S::refusal(&reason)) {
                    let delay = self.dice.within(500..=5_000);
                    self.schedule(delay, What::Refused { client, leader });
                }
            }
        }
    }

    fn send(
        &mut self,
        node: usize,
        to: NodeId,
        message: <S::Node as bisim::protocol::Protocol>::Message,
    ) {
        let from = NodeId(node as u32);
        if !self.weather.reaches(from, to) {
            self.count("messages cut off");
            return;
        }
        let delays = self.weather.delays(&mut self.dice);
        match delays {
            [None, _] => self.count("messages lost"),
            [_, Some(_)] => self.count("messages doubled"),
            _ => {}
        }
        for (delay, late) in delays.into_iter().flatten() {
            self.add("messages much delayed", u64::from(late));
            let message = message.clone();
            self.schedule(delay, What::Arrives { from, to: to.0 as usize, message });
        }
    }

    /// Keeps a line of what happened, and forgets the oldest.
    fn write_down<T: serde::Serialize>(&mut self, id: NodeId, event: &str, steps: &[Taken<T>]) {
        let steps: Vec<_> = steps.iter().map(|taken| short(&taken.step)).collect();
        let time = self.now as f64 / 1000.0;
        if self.transcript.len() == self.lines {
            self.transcript.pop_front();
        }
        self.transcript.push_back(format!("{time:>11.3} ms  {id}  {event}  {}", steps.join(", ")));
    }
}
