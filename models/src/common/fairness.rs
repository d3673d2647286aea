//! Fairness: what a behaviour must not put off for ever.

use std::sync::Arc;

use stateright::Model;

/// How fair a behaviour is to an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// Not at all: the action may be enabled for ever and never be taken.
    None,
    /// `WF_v(A)`: an action that is enabled without interruption is taken.
    Weak,
    /// `SF_v(A)`: an action that is enabled again and again is taken.
    Strong,
}

impl Strength {
    /// All of them, in the order of a parameter's choices; see
    /// [`Parameter::fairness`](super::Parameter::fairness).
    pub const ALL: [Self; 3] = [Self::None, Self::Weak, Self::Strong];

    /// The word for the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Weak => "weak",
            Self::Strong => "strong",
        }
    }

    /// The strength that a parameter made by [`Parameter::fairness`](super::Parameter::fairness)
    /// stands for.
    ///
    /// # Panics
    /// If the value is none of such a parameter.
    pub fn of(value: u32) -> Self {
        Self::ALL[value as usize]
    }
}

/// Which of several actions a step belongs to, given the state before it: all steps with one
/// number are one action, and a step without a number is none of them.
pub type KeyOfStep<M> =
    dyn Fn(&M, &<M as Model>::State, &<M as Model>::Action) -> Option<usize> + Send + Sync;

/// Fairness to each of several actions: `\A i : WF_v(A(i))`, or the same with `SF`.
pub struct FairActions<M: Model> {
    /// Weak or strong.
    pub strength: Strength,
    /// What the actions are: `each thread`.
    pub name: &'static str,
    /// The number of a step's action.
    pub key: Arc<KeyOfStep<M>>,
}

impl<M: Model> Clone for FairActions<M> {
    fn clone(&self) -> Self {
        Self { strength: self.strength, name: self.name, key: Arc::clone(&self.key) }
    }
}

/// What is assumed of a behaviour: fairness to some of its actions.
pub struct Fairness<M: Model> {
    /// All of these.
    pub to: Vec<FairActions<M>>,
}

impl<M: Model> Clone for Fairness<M> {
    fn clone(&self) -> Self {
        Self { to: self.to.clone() }
    }
}

impl<M: Model<State: 'static, Action: 'static> + 'static> Fairness<M> {
    /// No fairness at all: a behaviour may stop anywhere, and leave out what it likes.
    pub fn none() -> Self {
        Self { to: Vec::new() }
    }

    /// Somebody moves as long as anybody can: `WF_v(Next)`. Who moves is left open.
    pub fn progress() -> Self {
        Self::weak("some step", |_, _, _| Some(0))
    }

    /// Weak fairness: `name` says to what (`each thread`), and `key` numbers the actions.
    ///
    /// The key may look at the state before the step: with a key that is `None` for a thread
    /// outside its calls, no thread has to begin one.
    pub fn weak(
        name: &'static str,
        key: impl Fn(&M, &M::State, &M::Action) -> Option<usize> + Send + Sync + 'static,
    ) -> Self {
        Self::of(Strength::Weak, name, key)
    }

    /// Strong fairness; see [`weak`](Fairness::weak).
    pub fn strong(
        name: &'static str,
        key: impl Fn(&M, &M::State, &M::Action) -> Option<usize> + Send + Sync + 'static,
    ) -> Self {
        Self::of(Strength::Strong, name, key)
    }

    /// Fairness of a strength that a parameter chooses; see [`weak`](Fairness::weak).
    pub fn of(
        strength: Strength,
        name: &'static str,
        key: impl Fn(&M, &M::State, &M::Action) -> Option<usize> + Send + Sync + 'static,
    ) -> Self {
        match strength {
            Strength::None => Self::none(),
            _ => Self { to: vec![FairActions { strength, name, key: Arc::new(key) }] },
        }
    }
}

impl<M: Model> Fairness<M> {
    /// Both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.to.extend(other.to);
        self
    }

    /// The assumption in words: `weak fairness to each thread`.
    pub fn name(&self) -> String {
        let names = self.to.iter().map(|fair| {
            let FairActions { strength, name, .. } = fair;
            format!("{} fairness to {name}", strength.name())
        });
        let names: Vec<_> = names.collect();
        if names.is_empty() { "no fairness".to_owned() } else { names.join(" and ") }
    }
}
