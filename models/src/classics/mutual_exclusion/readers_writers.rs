//! Readers and writers that are served in the order in which they asked: `ReadersWriters.tla` in
//! tlaplus/Examples, on the problem of Courtois, Heymans and Parnas, CACM 14(10), 1971.

use serde::{Deserialize, Serialize};

use crate::common::{
    ActionClass, Disabled, Fairness, Law, LiveLaw, Parameter, ParameterError, Params, Sequence,
    SmallSet, Spec,
};
use crate::spec_model;

/// What an actor waits for.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Wants {
    /// To read.
    #[default]
    Read,
    /// To write.
    Write,
}

/// Who reads, who writes, and who waits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// The actors that read.
    pub readers: SmallSet,
    /// The actors that write.
    pub writers: SmallSet,
    /// Those that wait, in the order in which they will be served.
    pub waiting: Sequence<(Wants, u8), 8>,
}

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// An actor asks to read.
    TryRead(u8),
    /// An actor asks to write.
    TryWrite(u8),
    /// The first of those that wait begins.
    ReadOrWrite,
    /// An actor ends what it does.
    Stop(u8),
}

/// Readers and writers with a queue.
#[derive(Clone, Debug)]
pub struct ReadersWriters {
    actors: u8,
}

type Next = Result<State, Disabled>;

impl ReadersWriters {
    fn try_to(state: &State, wants: Wants, actor: u8) -> Next {
        if state.waiting.contains(&(wants, actor)) {
            return Err(Disabled("the actor waits for that"));
        }
        Ok(State { waiting: state.waiting.with((wants, actor)), ..state.clone() })
    }

    fn read_or_write(state: &State) -> Next {
        let Some((&(wants, actor), rest)) = state.waiting.split_first() else {
            return Err(Disabled("nobody waits"));
        };
        if !state.writers.is_empty() {
            return Err(Disabled("somebody writes"));
        }
        let waiting = Sequence::from(rest);
        match wants {
            Wants::Read => {
                let readers = state.readers.with(actor.into());
                Ok(State { readers, waiting, ..*state })
            }
            Wants::Write if !state.readers.is_empty() => Err(Disabled("somebody reads")),
            Wants::Write => {
                let writers = state.writers.with(actor.into());
                Ok(State { writers, waiting, ..*state })
            }
        }
    }

    fn stop(state: &State, actor: usize) -> Next {
        let mut next = state.clone();
        if state.readers.contains(actor) {
            next.readers = state.readers.without(actor);
        } else if state.writers.contains(actor) {
            next.writers = state.writers.without(actor);
        } else {
            return Err(Disabled("the actor neither reads nor writes"));
        }
        Ok(next)
    }

    /// `Fairness`.
    fn fairness() -> Fairness<Self> {
        let reads = |_: &Self, _: &State, action: &Action| match *action {
            Action::TryRead(actor) => Some(actor.into()),
            _ => None,
        };
        let writes = |_: &Self, _: &State, action: &Action| match *action {
            Action::TryWrite(actor) => Some(actor.into()),
            _ => None,
        };
        let begins = |_: &Self, _: &State, action: &Action| {
            matches!(action, Action::ReadOrWrite).then_some(0)
        };
        let stops =
            |_: &Self, _: &State, action: &Action| matches!(action, Action::Stop(_)).then_some(0);
        Fairness::weak("each TryRead", reads)
            .and(Fairness::weak("each TryWrite", writes))
            .and(Fairness::weak("ReadOrWrite", begins))
            .and(Fairness::weak("Stop", stops))
    }

    fn again_and_again(
        &self,
        name: &'static str,
        goal: fn(&State, usize) -> bool,
    ) -> LiveLaw<Self> {
        let source = "ReadersWriters.tla, Liveness";
        let goal = move |_: &Self, state: &State, actor| goal(state, actor);
        LiveLaw::each_always_eventually(self.actors.into(), name, source, goal)
            .under(&Self::fairness())
    }
}

const SOURCE: &str = "ReadersWriters.tla";

impl Spec for ReadersWriters {
    const NAME: &'static str = "readers-writers";

    const PARAMETERS: &'static [Parameter] =
        &[Parameter::count("actors", "actors that read and write", (1, 5), [2, 3, 3])];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("TryRead", SOURCE),
        ActionClass::new("TryWrite", SOURCE),
        ActionClass::new("ReadOrWrite", SOURCE),
        ActionClass::new("Stop", SOURCE),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        Ok(Self { actors: params.get("actors") as u8 })
    }

    fn initial(&self) -> Vec<State> {
        let (readers, writers) = (SmallSet::EMPTY, SmallSet::EMPTY);
        vec![State { readers, writers, waiting: Sequence::new() }]
    }

    fn candidates(&self, _: &State, actions: &mut Vec<Action>) {
        actions.push(Action::ReadOrWrite);
        for actor in 0..self.actors {
            let each = [Action::TryRead(actor), Action::TryWrite(actor), Action::Stop(actor)];
            actions.extend(each);
        }
    }

    fn step(&self, state: &State, action: &Action) -> Next {
        match *action {
            Action::TryRead(actor) | Action::TryWrite(actor) | Action::Stop(actor)
                if actor >= self.actors =>
            {
                Err(Disabled("there is no such actor"))
            }
            Action::TryRead(actor) => Self::try_to(state, Wants::Read, actor),
            Action::TryWrite(actor) => Self::try_to(state, Wants::Write, actor),
            Action::ReadOrWrite => Self::read_or_write(state),
            Action::Stop(actor) => Self::stop(state, actor.into()),
        }
    }

    fn class_of(action: &Action) -> usize {
        match action {
            Action::TryRead(_) => 0,
            Action::TryWrite(_) => 1,
            Action::ReadOrWrite => 2,
            Action::Stop(_) => 3,
        }
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always("Safety", SOURCE, |_, state: &State| {
                let apart = state.readers.is_empty() || state.writers.is_empty();
                apart && state.writers.len() <= 1
            }),
            Law::sometimes("readers share", SOURCE, |model: &Self, state: &State| {
                state.readers.len() > 1 || model.actors < 2
            }),
            Law::sometimes("somebody writes", SOURCE, |_, state: &State| !state.writers.is_empty()),
        ]
    }

    fn live_laws(&self) -> Vec<LiveLaw<Self>> {
        vec![
            self.again_and_again("each reads again and again", |s, i| s.readers.contains(i)),
            self.again_and_again("each writes again and again", |s, i| s.writers.contains(i)),
            self.again_and_again("nobody reads for ever", |s, i| !s.readers.contains(i)),
            self.again_and_again("nobody writes for ever", |s, i| !s.writers.contains(i)),
        ]
    }
}

spec_model!(ReadersWriters, State, Action);
