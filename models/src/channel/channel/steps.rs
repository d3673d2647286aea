//! The rules of Go that are about steps.

use super::{Action, Channel, Outcome, Pc, State};
use crate::common::StepLaw;

const GO: &str = "Go specification, Channel types; Send statements; Close";
const RUNTIME: &str = "Go runtime, chan.go: sendq and recvq are queues";

/// What the call returns that this step ends, if it ends one.
pub fn outcome(before: &State, action: &Action) -> Option<Outcome> {
    Some(match *action {
        Action::Put { .. } | Action::Hand { .. } => Outcome::Sent,
        Action::Full { .. } => Outcome::Full,
        Action::Reject { .. } => Outcome::Rejected,
        Action::Take { .. } | Action::Meet { .. } => Outcome::Received(before.oldest()?),
        Action::Empty { .. } => Outcome::Empty,
        Action::Drained { .. } => Outcome::Drained,
        Action::Close { .. } => Outcome::Closed,
        Action::WaitToSend { .. } | Action::WaitToReceive { .. } => return None,
        Action::Expire { thread } | Action::Return { thread } => match before.thread(thread).pc {
            Pc::Sending => Outcome::Full,
            Pc::Receiving => Outcome::Empty,
            Pc::Sent => Outcome::Sent,
            Pc::Received(value) => Outcome::Received(value),
            Pc::GivenBack => Outcome::Rejected,
            Pc::Ended => Outcome::Drained,
            Pc::Idle => return None,
        },
    })
}

/// The values that a step delivers: to the thread that takes it, or to one that waited.
fn delivered(before: &State, action: &Action, after: &State) -> Vec<u8> {
    let taken = match outcome(before, action) {
        Some(Outcome::Received(value)) if !matches!(action, Action::Return { .. }) => Some(value),
        _ => None,
    };
    let handed = after.threads.iter().zip(&before.threads).filter_map(|(after, before)| {
        match (before.pc, after.pc) {
            (Pc::Receiving, Pc::Received(value)) => Some(value),
            _ => None,
        }
    });
    taken.into_iter().chain(handed).collect()
}

/// The step takes values off the front or adds one at the end, or somebody gives up or is turned
/// away; what is taken off is what is delivered.
pub(in crate::channel) fn first_in_first_out(
    before: &State,
    action: &Action,
    after: &State,
) -> bool {
    let mut expected = before.on_their_way();
    let own = before.value_of(action.thread());
    match action {
        Action::Put { .. } | Action::Hand { .. } | Action::WaitToSend { .. } => expected.push(own),
        // Waiting senders are turned away; what is in the buffer stays.
        Action::Close { .. } => expected.truncate(before.buffer.len()),
        Action::Expire { .. } if before.thread(action.thread()).pc == Pc::Sending => {
            expected.retain(|value| *value != own);
        }
        _ => {}
    }
    let delivered = delivered(before, action, after);
    expected.starts_with(&delivered) && expected[delivered.len()..] == after.on_their_way()
}

/// A thread whose wait ends in another one's step has waited longest, unless all are turned away.
pub(in crate::channel) fn longest_first(before: &State, action: &Action, after: &State) -> bool {
    let served = |queue: &[u8], pc| {
        let gone = queue.iter().filter(|thread| after.thread(**thread).pc != pc);
        let gone: Vec<_> = gone.copied().collect();
        queue.starts_with(&gone)
    };
    matches!(action, Action::Close { .. } | Action::Expire { .. })
        || served(&before.senders, Pc::Sending) && served(&before.receivers, Pc::Receiving)
}

/// After the close nothing is sent, and who sends is told so.
pub(in crate::channel) fn nothing_after_close(
    before: &State,
    action: &Action,
    after: &State,
) -> bool {
    let sent = outcome(before, action) == Some(Outcome::Sent);
    let before_the_close = matches!(action, Action::Return { .. });
    !before.closed
        || after.closed
            && after.on_their_way().len() <= before.on_their_way().len()
            && (!sent || before_the_close)
}

/// Only a channel that is closed and empty ends, and closing it takes nothing out.
pub(in crate::channel) fn drains(before: &State, action: &Action, after: &State) -> bool {
    match action {
        Action::Drained { .. } => before.closed && before.oldest().is_none(),
        Action::Close { .. } => after.closed && after.buffer == before.buffer,
        _ => true,
    }
}

/// Closing a closed channel changes nothing in it.
fn idempotent(before: &State, action: &Action, after: &State) -> bool {
    let channel = |state: &State| (state.buffer.clone(), state.on_their_way());
    !matches!(action, Action::Close { .. }) || !before.closed || channel(before) == channel(after)
}

/// Whoever is turned away while it waited is turned away because the channel was closed.
fn given_back(before: &State, action: &Action, after: &State) -> bool {
    let ended = |pc| matches!(pc, Pc::GivenBack | Pc::Ended);
    let count = |state: &State| state.threads.iter().filter(|thread| ended(thread.pc)).count();
    count(after) <= count(before) || matches!(action, Action::Close { .. })
}

pub(super) fn laws() -> Vec<StepLaw<Channel>> {
    vec![
        StepLaw::always("first in, first out", GO, |_, s, a, n| first_in_first_out(s, a, n)),
        StepLaw::always("who waits longest is served first", RUNTIME, |_, s, a, n| {
            longest_first(s, a, n)
        }),
        StepLaw::always("nothing is sent after the close", GO, |_, s, a, n| {
            nothing_after_close(s, a, n)
        }),
        StepLaw::always("a closed channel is drained and then ends", GO, |_, s, a, n| {
            drains(s, a, n)
        }),
        StepLaw::always("close is idempotent", "own: Go panics", |_, s, a, n| idempotent(s, a, n)),
        StepLaw::always("only a close turns away who waits", GO, |_, s, a, n| given_back(s, a, n)),
        StepLaw::sometimes(
            "a value moves up",
            RUNTIME,
            |channel: &Channel, s: &State, a, n: &State| {
                let moves = matches!(a, Action::Take { .. }) && n.senders.len() < s.senders.len();
                moves || !channel.can_have(1)
            },
        ),
        StepLaw::sometimes(
            "a value is given back",
            "own: Go panics",
            |channel: &Channel, _, _, n: &State| {
                let given_back = n.threads.iter().any(|thread| thread.pc == Pc::GivenBack);
                given_back || !channel.can_have(1)
            },
        ),
    ]
}
