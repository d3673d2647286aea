//! Mistakes in the algorithms of channels, seeded in their models.

use bisim_models::channel::blocking_queue::{self, BlockingQueue};
use bisim_models::channel::channel::{Action, Channel, Pc, State};
use bisim_models::common::{Disabled, SmallSet, Spec};

use crate::registry::{ModelBug, model_bug};

type Step<S> = Option<Result<S, Disabled>>;

/// The state in which an idle thread has made its next call and returned from it.
fn after_call(state: &State, thread: u8) -> Option<State> {
    let me = state.thread(thread);
    let mut next = state.clone();
    next.thread_mut(thread).rounds = me.rounds.checked_sub(1)?;
    (me.pc == Pc::Idle).then_some(next)
}

fn capacity_off_by_one(channel: &Channel, state: &State, action: &Action) -> Step<State> {
    let Action::Put { thread } = *action else { return None };
    let one_more = state.buffer.len() == channel.capacity();
    if !one_more || state.closed || !state.senders.is_empty() {
        return None;
    }
    let mut next = after_call(state, thread)?;
    next.buffer.push(state.value_of(thread));
    Some(Ok(next))
}

/// The room is checked with `<=`.
pub(super) const CAPACITY_OFF_BY_ONE: ModelBug<Channel> =
    model_bug!("channel/capacity-off-by-one", capacity_off_by_one);

fn closed_for_some(state: &State, thread: u8, turned_away: Pc) -> Step<State> {
    let mut next = after_call(state, thread)?;
    next.closed = true;
    let (queue, pc) = match turned_away {
        Pc::GivenBack => (&mut next.senders, Pc::Sending),
        _ => (&mut next.receivers, Pc::Receiving),
    };
    queue.clear();
    let waiting = next.threads.iter_mut().filter(|thread| thread.pc == pc);
    waiting.for_each(|thread| thread.pc = turned_away);
    Some(Ok(next))
}

fn close_forgets_receivers(_: &Channel, state: &State, action: &Action) -> Step<State> {
    let Action::Close { thread } = *action else { return None };
    closed_for_some(state, thread, Pc::GivenBack)
}

/// Who waits for a value is not told that none will come.
pub(super) const CLOSE_FORGETS_RECEIVERS: ModelBug<Channel> =
    model_bug!("channel/close-forgets-receivers", close_forgets_receivers);

fn close_forgets_senders(_: &Channel, state: &State, action: &Action) -> Step<State> {
    let Action::Close { thread } = *action else { return None };
    closed_for_some(state, thread, Pc::Ended)
}

/// Who waits to send is not told that nobody will receive.
pub(super) const CLOSE_FORGETS_SENDERS: ModelBug<Channel> =
    model_bug!("channel/close-forgets-senders", close_forgets_senders);

fn close_discards(channel: &Channel, state: &State, action: &Action) -> Step<State> {
    let Action::Close { .. } = action else { return None };
    Some(channel.step(state, action).map(|mut next| {
        next.buffer.clear();
        next
    }))
}

/// A close throws away what was sent before it.
pub(super) const CLOSE_DISCARDS: ModelBug<Channel> =
    model_bug!("channel/close-discards", close_discards);

fn sent_after_close(_: &Channel, state: &State, action: &Action) -> Step<State> {
    let Action::Put { thread } = *action else { return None };
    if !state.closed {
        return None;
    }
    after_call(state, thread).map(Ok)
}

/// A send on a closed channel says that it has sent, and its value is gone.
pub(super) const SENT_AFTER_CLOSE: ModelBug<Channel> =
    model_bug!("channel/sent-after-close", sent_after_close);

/// A receive looks, finds nothing, and joins those who wait in a second step, whatever has
/// happened in between. The memory has a bit for each thread that has looked.
pub(super) const LATE_WAITER: ModelBug<Channel> = ModelBug {
    slug: "channel/late-waiter",
    step: |channel, state, action, memory| {
        let thread = action.thread();
        let looked = 1 << thread;
        let Action::WaitToReceive { timed, .. } = *action else {
            let between = memory & looked != 0;
            return between.then_some(Err(Disabled("the thread is about to wait")));
        };
        if memory & looked == 0 {
            let seen = channel.step(state, action);
            return Some(seen.map(|_| (state.clone(), memory | looked)));
        }
        let mut next = after_call(state, thread)?;
        next.receivers.push(thread);
        let me = next.thread_mut(thread);
        (me.pc, me.timed) = (Pc::Receiving, timed);
        Some(Ok((next, memory & !looked)))
    },
    candidates: |_, _, _, _| {},
};

fn last_come_first_served(channel: &Channel, state: &State, action: &Action) -> Step<State> {
    let Action::Hand { .. } = action else { return None };
    let mut turned = state.clone();
    turned.receivers.reverse();
    Some(channel.step(&turned, action).map(|mut next| {
        next.receivers.reverse();
        next
    }))
}

/// A value is handed to the receiver that has waited for the shortest time.
pub(super) const LAST_COME_FIRST_SERVED: ModelBug<Channel> =
    model_bug!("channel/last-come-first-served", last_come_first_served);

fn room_unannounced(_: &Channel, state: &State, action: &Action) -> Step<State> {
    let Action::Take { thread } = *action else { return None };
    if state.buffer.is_empty() {
        return None;
    }
    let mut next = after_call(state, thread)?;
    next.buffer.remove(0);
    Some(Ok(next))
}

/// A receive makes room, and lets no sender that waits move up.
pub(super) const ROOM_UNANNOUNCED: ModelBug<Channel> =
    model_bug!("channel/room-unannounced", room_unannounced);

/// All of the model `channel`.
pub(super) const OF_CHANNEL: [ModelBug<Channel>; 8] = [
    CAPACITY_OFF_BY_ONE,
    CLOSE_FORGETS_RECEIVERS,
    CLOSE_FORGETS_SENDERS,
    CLOSE_DISCARDS,
    SENT_AFTER_CLOSE,
    LATE_WAITER,
    LAST_COME_FIRST_SERVED,
    ROOM_UNANNOUNCED,
];

type QueueStep = Step<blocking_queue::State>;

/// The step of a thread that can proceed and notifies one of `class`; otherwise the model's own.
fn notifies(
    queue: &BlockingQueue,
    state: &blocking_queue::State,
    action: &blocking_queue::Action,
    class: SmallSet,
) -> QueueStep {
    let (blocking_queue::Action::Put { producer: thread, notified }
    | blocking_queue::Action::Get { consumer: thread, notified }) = *action;
    let runs = !state.wait_set.contains(thread.into());
    let waiting = state.wait_set.iter().filter(|other| class.contains(*other)).collect();
    (runs && queue.can_proceed(state, thread))
        .then(|| queue.proceed(state, thread, notified, waiting))
}

fn one_wait_set(
    queue: &BlockingQueue,
    state: &blocking_queue::State,
    action: &blocking_queue::Action,
) -> QueueStep {
    notifies(queue, state, action, SmallSet::below(queue.threads().into()))
}

/// Whoever waits is notified, a producer or a consumer: `notify` instead of `NotifyOther`.
pub const ONE_WAIT_SET: ModelBug<BlockingQueue> = model_bug!("channel/one-wait-set", one_wait_set);

fn wrong_class(
    queue: &BlockingQueue,
    state: &blocking_queue::State,
    action: &blocking_queue::Action,
) -> QueueStep {
    let own = match action {
        blocking_queue::Action::Put { .. } => queue.producers(),
        blocking_queue::Action::Get { .. } => queue.consumers(),
    };
    notifies(queue, state, action, own)
}

/// A producer notifies a producer, and a consumer a consumer.
pub(super) const WRONG_CLASS: ModelBug<BlockingQueue> =
    model_bug!("channel/wrong-class", wrong_class);

/// `if` instead of `while` around the wait: who was notified goes on without another look. The
/// memory has a bit for each thread that was.
pub(super) const IF_NOT_WHILE: ModelBug<BlockingQueue> = ModelBug {
    slug: "channel/if-not-while",
    step: |queue, state, action, memory| {
        let (blocking_queue::Action::Put { producer: thread, notified }
        | blocking_queue::Action::Get { consumer: thread, notified }) = *action;
        let (own, other) = (1 << thread, notified.map_or(0, |other| 1 << other));
        let next = if memory & own == 0 {
            queue.step(state, action)
        } else {
            let class = match action {
                blocking_queue::Action::Put { .. } => queue.consumers(),
                blocking_queue::Action::Get { .. } => queue.producers(),
            };
            let waiting = state.wait_set.iter().filter(|other| class.contains(*other)).collect();
            queue.proceed(state, thread, notified, waiting)
        };
        Some(next.map(|next| (next, memory & !own | other)))
    },
    candidates: |_, _, _, _| {},
};

/// All of the model `blocking-queue`.
pub(super) const OF_QUEUE: [ModelBug<BlockingQueue>; 3] = [ONE_WAIT_SET, WRONG_CLASS, IF_NOT_WHILE];
