//! What the clients saw, and whether it is linearizable.

use std::collections::BTreeMap;

use bisim::state_machine::{KeyValueCommand, StateMachine};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};

use super::{Operation, Outcome};

/// One operation of a client.
#[derive(Clone, Debug)]
struct Record {
    client: u64,
    operation: Operation,
    /// When it began, and when it ended with what, in the order of all that clients saw.
    invoked: u64,
    returned: Option<(u64, Outcome)>,
}

/// All operations, by key. Operations on different keys have nothing to do with each other, so
/// that each key is judged by itself (Herlihy and Wing 1990, locality).
#[derive(Default)]
pub(super) struct History {
    keys: BTreeMap<u32, Vec<Record>>,
    /// Where each client's last operation is.
    last: BTreeMap<u64, (u32, usize)>,
    clock: u64,
}

impl History {
    pub(super) fn invoke(&mut self, client: u64, operation: Operation) {
        self.clock += 1;
        let key = key_of(&operation);
        let records = self.keys.entry(key).or_default();
        self.last.insert(client, (key, records.len()));
        records.push(Record { client, operation, invoked: self.clock, returned: None });
    }

    pub(super) fn complete(&mut self, client: u64, outcome: Outcome) {
        self.clock += 1;
        let (key, place) = self.last[&client];
        let records = self.keys.get_mut(&key).expect("its last operation was recorded");
        records[place].returned = Some((self.clock, outcome));
    }

    /// Whether some order of the operations explains what the clients saw.
    ///
    /// # Errors
    /// The operations on the first key for which none does.
    pub(super) fn judge(&self) -> Result<(), String> {
        for (key, records) in &self.keys {
            if !linearizable(records) {
                let seen: Vec<_> = records.iter().map(text).collect();
                return Err(format!("not linearizable: key {key}: {}", seen.join("; ")));
            }
        }
        Ok(())
    }
}

fn text(record: &Record) -> String {
    let Record { client, operation, invoked, returned } = record;
    match returned {
        Some((at, outcome)) => format!("c{client} {operation:?} = {outcome:?} ({invoked}..{at})"),
        None => format!("c{client} {operation:?} ({invoked}..)"),
    }
}

fn linearizable(records: &[Record]) -> bool {
    let mut events = Vec::with_capacity(2 * records.len());
    for record in records {
        events.push((record.invoked, record.client, Err(record.operation)));
        if let Some((at, outcome)) = record.returned {
            events.push((at, record.client, Ok(outcome)));
        }
    }
    events.sort_unstable_by_key(|&(at, ..)| at);
    let mut tester = LinearizabilityTester::new(Cell::default());
    for (_, client, event) in events {
        let valid = match event {
            Err(operation) => tester.on_invoke(client, operation),
            Ok(outcome) => tester.on_return(client, outcome),
        };
        valid.expect("a client waits for one operation at a time");
    }
    tester.is_consistent()
}

fn key_of(operation: &Operation) -> u32 {
    match operation {
        KeyValueCommand::Get(key)
        | KeyValueCommand::Put(key, _)
        | KeyValueCommand::Delete(key)
        | KeyValueCommand::CompareAndSwap(key, _, _) => *key,
    }
}

/// The specification of one key: the state machine itself, without servers.
#[derive(Clone, Debug, Default, PartialEq)]
struct Cell(bisim::state_machine::KeyValue<u32, u64>);

impl SequentialSpec for Cell {
    type Op = Operation;
    type Ret = Outcome;

    fn invoke(&mut self, operation: &Operation) -> Outcome {
        self.0.apply(operation)
    }
}

#[cfg(test)]
mod tests {
    use super::History;
    use bisim::state_machine::KeyValueCommand::{Get, Put};

    #[test]
    fn a_stale_read_is_found() {
        let mut history = History::default();
        history.invoke(1, Put(0, 7));
        history.complete(1, None);
        history.invoke(2, Get(0));
        assert_eq!(history.judge(), Ok(()));
        history.complete(2, None);
        let why = history.judge().unwrap_err();
        assert!(why.contains("c2 Get(0) = None (3..4)"), "{why}");
    }

    #[test]
    fn operations_at_the_same_time_have_either_order() {
        let mut history = History::default();
        history.invoke(1, Put(0, 7));
        history.invoke(2, Get(0));
        history.complete(2, Some(7));
        history.invoke(3, Get(1));
        history.complete(3, None);
        assert_eq!(history.judge(), Ok(()));
    }
}
