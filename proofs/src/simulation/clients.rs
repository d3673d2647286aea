//! The clients of a simulation: each asks for one thing at a time, again and again until it is
//! answered.

use bisim::protocol::NodeId;
use bisim::session::{ClientId, SequenceNumber};
use bisim::state_machine::{Command, KeyValueCommand};

use super::history::History;
use super::{Dice, Operation, Outcome};

/// A client with its session.
pub(super) struct Client {
    /// What it waits for.
    pub(super) waiting: Option<Command<Operation>>,
    /// The number of its last command.
    sequence: u64,
    /// Whom it asks next.
    pub(super) target: NodeId,
    /// How many of its commands were carried out.
    pub(super) served: u64,
}

/// All clients, and what they saw.
pub(super) struct Clients {
    pub(super) all: Vec<Client>,
    history: History,
    /// The operations so far.
    operations: u64,
}

impl Clients {
    /// How many there are.
    const COUNT: u64 = 4;

    /// So many operations in a row use the same few keys: enough to meet, few enough for the
    /// search for a linearization.
    const A_WINDOW: u64 = 24;

    /// The keys of a window.
    const KEYS: u64 = 2;

    pub(super) fn new(dice: &mut Dice, nodes: u32) -> Self {
        let client = |dice: &mut Dice| Client {
            waiting: None,
            sequence: 0,
            target: NodeId(dice.below(u64::from(nodes)) as u32),
            served: 0,
        };
        let all = (0..Self::COUNT).map(|_| client(dice)).collect();
        Self { all, history: History::default(), operations: 0 }
    }

    /// What a client wants: what it waits for, or something new.
    pub(super) fn command(&mut self, client: usize, dice: &mut Dice) -> Command<Operation> {
        let asking = &mut self.all[client];
        if let Some(command) = asking.waiting {
            return command;
        }
        self.operations += 1;
        let window = self.operations / Self::A_WINDOW;
        let key = (window * Self::KEYS + dice.below(Self::KEYS)) as u32;
        let value = self.operations;
        let operation = match dice.below(10) {
            0..4 => KeyValueCommand::Get(key),
            4..7 => KeyValueCommand::Put(key, value),
            7 => KeyValueCommand::Delete(key),
            _ => {
                let recent = dice.below(Self::A_WINDOW);
                let expected = (recent > 0).then(|| value.saturating_sub(recent));
                KeyValueCommand::CompareAndSwap(key, expected, value)
            }
        };
        asking.sequence += 1;
        let id = client as u64;
        let command = Command {
            client: ClientId(id),
            sequence: SequenceNumber(asking.sequence),
            command: operation,
        };
        asking.waiting = Some(command);
        self.history.invoke(id, operation);
        command
    }

    /// An answer reaches a client. Whether it is the one that it waits for.
    pub(super) fn answered(
        &mut self,
        client: ClientId,
        sequence: SequenceNumber,
        outcome: Outcome,
    ) -> bool {
        let Some(asking) = self.all.get_mut(client.0 as usize) else { return false };
        if asking.waiting.is_none_or(|command| command.sequence != sequence) {
            return false;
        }
        asking.waiting = None;
        asking.served += 1;
        self.history.complete(client.0, outcome);
        true
    }

    /// Whether what they saw is linearizable.
    pub(super) fn judge(&self) -> Result<(), String> {
        self.history.judge()
    }
}
