//! The channels' models on the smallest cases: what a reader of the rules of Go expects.

use bisim_models::channel::channel::{Action, Channel, Outcome, Pc, State, outcome};
use bisim_models::common::{Disabled, Spec};

/// Takes actions in turn, and says what each call has returned.
fn run(channel: &Channel, actions: &[Action]) -> (State, Vec<Outcome>) {
    let mut state = channel.initial().pop().expect("there is one initial state");
    let mut outcomes = Vec::new();
    for action in actions {
        outcomes.extend(outcome(&state, action));
        state = channel.step(&state, action).unwrap_or_else(|why| panic!("{action:?}: {why}"));
    }
    (state, outcomes)
}

fn disabled(channel: &Channel, before: &[Action], action: Action) -> &'static str {
    let Disabled(why) = channel.step(&run(channel, before).0, &action).expect_err("a guard");
    why
}

#[test]
fn a_value_is_put_and_taken() {
    let channel = Channel::of(2, 2, 1);
    let (state, outcomes) = run(&channel, &[Action::Put { thread: 0 }, Action::Take { thread: 1 }]);
    assert_eq!(outcomes, [Outcome::Sent, Outcome::Received(1)]);
    assert!(state.buffer.is_empty());
    let put = Action::Put { thread: 0 };
    assert_eq!(disabled(&channel, &[put], put), "there is no room in the buffer");
    assert_eq!(disabled(&channel, &[], Action::Take { thread: 0 }), "the buffer is empty");
}

#[test]
fn a_sender_that_waits_moves_up() {
    let channel = Channel::of(3, 1, 1);
    let wait = Action::WaitToSend { thread: 1, timed: false };
    let (state, outcomes) =
        run(&channel, &[Action::Put { thread: 0 }, wait, Action::Take { thread: 2 }]);
    assert_eq!((&state.buffer[..], state.thread(1).pc), (&[4][..], Pc::Sent));
    assert_eq!(outcomes, [Outcome::Sent, Outcome::Received(0)]);
}

#[test]
fn without_a_buffer_they_meet() {
    let channel = Channel::of(2, 1, 0);
    assert_eq!(
        disabled(&channel, &[], Action::Put { thread: 0 }),
        "there is no room in the buffer"
    );
    let wait = Action::WaitToReceive { thread: 1, timed: true };
    let (state, outcomes) =
        run(&channel, &[wait, Action::Hand { thread: 0 }, Action::Return { thread: 1 }]);
    assert_eq!(outcomes, [Outcome::Sent, Outcome::Received(0)]);
    assert!(state.threads.iter().all(|thread| thread.pc == Pc::Idle));
    let hand = [wait, Action::Hand { thread: 0 }];
    let late = disabled(&channel, &hand, Action::Expire { thread: 1 });
    assert_eq!(late, "the thread does not wait with a deadline");
}

#[test]
fn a_close_gives_back_what_waits_and_leaves_what_was_sent() {
    let channel = Channel::of(3, 2, 1);
    let wait = Action::WaitToSend { thread: 1, timed: false };
    let (state, outcomes) = run(
        &channel,
        &[
            Action::Put { thread: 0 },
            wait,
            Action::Close { thread: 2 },
            Action::Return { thread: 1 },
            Action::Take { thread: 2 },
            Action::Drained { thread: 1 },
            Action::Reject { thread: 0 },
        ],
    );
    use Outcome::{Closed, Drained, Received, Rejected, Sent};
    assert_eq!(outcomes, [Sent, Closed, Rejected, Received(1), Drained, Rejected]);
    assert!(state.closed);
}
