//! What must happen: liveness properties, and the fairness under which they hold.
//!
//! The meaning is that of TLA+ (Lamport, *Specifying Systems*, 2002, chapter 8). A behaviour is an
//! infinite sequence of states; a step that changes nothing may happen at any time, so that a
//! behaviour may also stop where it is, unless its fairness demands another step. A step counts as
//! taken, and an action as enabled, only if the state changes: `<<A>>_v`.

use std::sync::Arc;

use stateright::{Expectation, Model, Property};

use super::{FairActions, Fairness, KeyOfStep};

/// The forms of liveness properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveKind {
    /// `<>q`: some state has it.
    Eventually,
    /// `[]<>q`: again and again a state has it.
    AlwaysEventually,
    /// `p ~> q`: each state that has the one is followed by a state that has the other, or is one
    /// itself.
    LeadsTo,
}

impl LiveKind {
    /// The kind in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eventually => "eventually",
            Self::AlwaysEventually => "always eventually",
            Self::LeadsTo => "leads to",
        }
    }
}

/// What a liveness property asks of a state, for one of its instances.
pub type LiveCondition<M> = dyn Fn(&M, &<M as Model>::State, usize) -> bool + Send + Sync;

/// A liveness property: something happens in every fair behaviour.
///
/// A property may have several instances, one for each thread say, all of which must hold. Unless
/// it is put [`under`](LiveLaw::under) a fairness it is claimed of all behaviours.
///
/// ```
/// # use bisim_models::common::{Fairness, LiveLaw, Model};
/// # type State = [u8; 2];
/// # struct Threads;
/// # impl Model for Threads {
/// #     type State = State;
/// #     type Action = usize;
/// #     fn init_states(&self) -> Vec<State> { vec![[0; 2]] }
/// #     fn actions(&self, _: &State, actions: &mut Vec<usize>) { actions.extend(0..2) }
/// #     fn next_state(&self, _: &State, _: usize) -> Option<State> { None }
/// # }
/// let fair = Fairness::weak("each thread", |_, _, &thread: &usize| Some(thread));
/// let law = LiveLaw::<Threads>::each_leads_to(
///     2,
///     "who waits enters",
///     "Dijkstra 1965",
///     |_, state, i| state[i] == 1,
///     |_, state, i| state[i] == 2,
/// );
/// assert_eq!(law.under(&fair).fairness.name(), "weak fairness to each thread");
/// ```
pub struct LiveLaw<M: Model> {
    /// The property's name.
    pub name: &'static str,
    /// Where it is stated: paper and section, or specification.
    pub source: &'static str,
    /// Its form.
    pub kind: LiveKind,
    /// Whether it is claimed that some fair behaviour breaks the property.
    pub refuted: bool,
    /// The number of instances.
    pub instances: usize,
    /// `p` of [`LiveKind::LeadsTo`], and true of every state for the other kinds.
    pub cause: Arc<LiveCondition<M>>,
    /// `q`: what must happen.
    pub goal: Arc<LiveCondition<M>>,
    /// The behaviours of which it is claimed.
    pub fairness: Fairness<M>,
}

impl<M: Model> Clone for LiveLaw<M> {
    fn clone(&self) -> Self {
        Self {
            cause: Arc::clone(&self.cause),
            goal: Arc::clone(&self.goal),
            fairness: self.fairness.clone(),
            ..*self
        }
    }
}

impl<M: Model<State: 'static, Action: 'static> + 'static> LiveLaw<M> {
    /// Every fair behaviour has a state in which `goal` holds.
    pub fn eventually(
        name: &'static str,
        source: &'static str,
        goal: impl Fn(&M, &M::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::each_eventually(1, name, source, move |model, state, _| goal(model, state))
    }

    /// Every fair behaviour has infinitely many states in which `goal` holds.
    pub fn always_eventually(
        name: &'static str,
        source: &'static str,
        goal: impl Fn(&M, &M::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::each_always_eventually(1, name, source, move |model, state, _| goal(model, state))
    }

    /// In every fair behaviour, from each state in which `cause` holds on there is one in which
    /// `goal` holds.
    pub fn leads_to(
        name: &'static str,
        source: &'static str,
        cause: impl Fn(&M, &M::State) -> bool + Send + Sync + 'static,
        goal: impl Fn(&M, &M::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        let cause = move |model: &M, state: &M::State, _| cause(model, state);
        Self::each_leads_to(1, name, source, cause, move |model, state, _| goal(model, state))
    }

    /// What Stateright means by a property `eventually`: some state of each path has it that ends
    /// only where no step leads on. Its [`source`](LiveLaw::source) is empty.
    pub fn of_property(property: &Property<M>) -> Self {
        let Property { name, condition, .. } = *property;
        Self::eventually(name, "", condition).under(&Fairness::progress())
    }

    /// [`eventually`](LiveLaw::eventually), for each of the instances `0..instances`.
    pub fn each_eventually(
        instances: usize,
        name: &'static str,
        source: &'static str,
        goal: impl Fn(&M, &M::State, usize) -> bool + Send + Sync + 'static,
    ) -> Self {
        let law = Self::each_leads_to(instances, name, source, |_, _, _| true, goal);
        Self { kind: LiveKind::Eventually, ..law }
    }

    /// [`always_eventually`](LiveLaw::always_eventually), for each of the instances
    /// `0..instances`.
    pub fn each_always_eventually(
        instances: usize,
        name: &'static str,
        source: &'static str,
        goal: impl Fn(&M, &M::State, usize) -> bool + Send + Sync + 'static,
    ) -> Self {
        let law = Self::each_leads_to(instances, name, source, |_, _, _| true, goal);
        Self { kind: LiveKind::AlwaysEventually, ..law }
    }

    /// [`leads_to`](LiveLaw::leads_to), for each of the instances `0..instances`.
    pub fn each_leads_to(
        instances: usize,
        name: &'static str,
        source: &'static str,
        cause: impl Fn(&M, &M::State, usize) -> bool + Send + Sync + 'static,
        goal: impl Fn(&M, &M::State, usize) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            source,
            kind: LiveKind::LeadsTo,
            refuted: false,
            instances,
            cause: Arc::new(cause),
            goal: Arc::new(goal),
            fairness: Fairness::none(),
        }
    }
}

impl<M: Model> LiveLaw<M> {
    /// The kind in words; that of an opposite claim is `sometimes`.
    pub fn word(&self) -> &'static str {
        if self.refuted { "sometimes" } else { self.kind.name() }
    }

    /// The kind as Stateright knows it.
    pub fn expectation(&self) -> Expectation {
        if self.refuted { Expectation::Sometimes } else { Expectation::Eventually }
    }

    /// The same claim of those behaviours alone that are fair in this way.
    #[must_use]
    pub fn under(self, fairness: &Fairness<M>) -> Self {
        Self { fairness: fairness.clone(), ..self }
    }

    /// The opposite claim: some behaviour that is fair in this way breaks the property. It is
    /// reported as a `sometimes`, and a run without such a behaviour is vacuous.
    #[must_use]
    pub fn refuted(self) -> Self {
        Self { refuted: true, ..self }
    }

    /// The same property of a model that contains this one, with the same actions.
    pub fn lifted<N>(&self, model: fn(&N) -> &M, state: fn(&N::State) -> &M::State) -> LiveLaw<N>
    where
        M: Model<State: 'static, Action: 'static> + 'static,
        N: Model<State: 'static, Action = M::Action> + 'static,
    {
        let lift = |condition: &Arc<LiveCondition<M>>| -> Arc<LiveCondition<N>> {
            let condition = Arc::clone(condition);
            Arc::new(move |n: &N, s: &N::State, i| condition(model(n), state(s), i))
        };
        let to = self.fairness.to.iter().map(|fair| {
            let key = Arc::clone(&fair.key);
            let key: Arc<KeyOfStep<N>> =
                Arc::new(move |n: &N, s: &N::State, action: &_| key(model(n), state(s), action));
            FairActions { strength: fair.strength, name: fair.name, key }
        });
        LiveLaw {
            name: self.name,
            source: self.source,
            kind: self.kind,
            refuted: self.refuted,
            instances: self.instances,
            cause: lift(&self.cause),
            goal: lift(&self.goal),
            fairness: Fairness { to: to.collect() },
        }
    }
}
