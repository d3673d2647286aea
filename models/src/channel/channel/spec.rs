//! The model as the suite sees it: constants, actions, properties.

use super::{Action, Channel, Pc, State, steps};
use crate::common::{
    ActionClass, Disabled, Fairness, Law, LiveLaw, Parameter, ParameterError, Params, Spec, StepLaw,
};

const SEND: &str = "Go runtime, chan.go: chansend";
const RECV: &str = "Go runtime, chan.go: chanrecv";
const MEMORY: &str = "Go memory model, Channel communication";

pub(in crate::channel) const ACTIONS: &[ActionClass] = &[
    ActionClass::new("Put", SEND),
    ActionClass::new("Hand", SEND),
    ActionClass::new("Full", "Go specification, Select statements: default"),
    ActionClass::new("Reject", "Go specification, Close"),
    ActionClass::new("WaitToSend", SEND),
    ActionClass::new("Take", RECV),
    ActionClass::new("Meet", RECV),
    ActionClass::new("Empty", "Go specification, Select statements: default"),
    ActionClass::new("Drained", "Go specification, Receive operator; Close"),
    ActionClass::new("WaitToReceive", RECV),
    ActionClass::new("Close", "Go runtime, chan.go: closechan"),
    ActionClass::new("Expire", "own: a deadline"),
    ActionClass::new("Return", "Go runtime, chan.go: after gopark"),
];

impl Spec for Channel {
    const NAME: &'static str = "channel";

    const PARAMETERS: &'static [Parameter] = &[
        Parameter::count("threads", "threads that use the channel", (2, 4), [2, 3, 3]),
        Parameter::count("rounds", "calls that each thread makes", (1, 4), [2, 2, 3]),
        Parameter::count("capacity", "the most values in the buffer", (1, 4), [1, 1, 2]),
    ];

    const ACTIONS: &'static [ActionClass] = ACTIONS;

    fn new(params: &Params) -> Result<Self, ParameterError> {
        let small = |name| u8::try_from(params.get(name)).expect("the range is below 256");
        Ok(Self::of(small("threads"), small("rounds"), small("capacity")))
    }

    fn initial(&self) -> Vec<State> {
        vec![self.initial_state()]
    }

    fn candidates(&self, state: &State, actions: &mut Vec<Action>) {
        self.candidates_of(state, actions);
    }

    fn step(&self, state: &State, action: &Action) -> Result<State, Disabled> {
        self.step_of(state, action)
    }

    fn class_of(action: &Action) -> usize {
        action.class()
    }

    /// Where there is a buffer, no sender waits beside an empty one; and it must be possible to
    /// fill it.
    fn has(&self, class: usize) -> bool {
        let thread = 0;
        let full = [Action::Full { thread }, Action::WaitToSend { thread, timed: false }];
        if full.iter().any(|action| action.class() == class) {
            return self.calls() > self.capacity();
        }
        class != Action::Meet { thread }.class()
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always(
                "the k-th receive comes before the (k + capacity)-th send completes",
                MEMORY,
                |channel: &Self, s: &State| s.buffer.len() <= channel.capacity(),
            ),
            Law::always("no lost wake-up", RECV, |channel: &Self, s: &State| {
                !s.wake_up_is_lost(channel.capacity())
            }),
            Law::always("the queues are who waits", SEND, |_, s: &State| s.queues_are_who_waits()),
            Law::sometimes("two wait to send", SEND, |channel: &Self, s: &State| {
                s.senders.len() > 1 || !channel.can_have(2)
            }),
        ]
    }

    fn step_laws(&self) -> Vec<StepLaw<Self>> {
        steps::laws()
    }

    fn live_laws(&self) -> Vec<LiveLaw<Self>> {
        live_laws(self.threads)
    }

    fn lanes(&self) -> Vec<String> {
        (0..self.threads).map(|thread| format!("thread {thread}")).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        Some(action.thread().into())
    }
}

/// That nobody is forgotten: a wake-up that is lost makes a thread wait for ever. A thread that
/// waits depends on the others, who need not make any call; but what is due to it, it gets.
fn live_laws(threads: u8) -> Vec<LiveLaw<Channel>> {
    let fair = Fairness::weak("each thread's return", |_, _, action: &Action| match action {
        Action::Return { thread } => Some(usize::from(*thread)),
        _ => None,
    });
    let is_idle = |_: &Channel, s: &State, i: usize| s.threads[i].pc == Pc::Idle;
    let closed = LiveLaw::each_leads_to(
        threads.into(),
        "after the close nobody waits",
        "Go runtime, chan.go: closechan",
        |_: &Channel, s: &State, _| s.closed,
        is_idle,
    );
    let returns = LiveLaw::each_leads_to(
        threads.into(),
        "who has been served returns",
        "Go runtime, chan.go: after gopark",
        |_: &Channel, s: &State, i| {
            !matches!(s.threads[i].pc, Pc::Idle | Pc::Sending | Pc::Receiving)
        },
        is_idle,
    );
    vec![closed.under(&fair), returns.under(&fair)]
}
