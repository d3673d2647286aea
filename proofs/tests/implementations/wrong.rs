//! An implementation whose map, labels or exceptions are wrong.

use bisim_proofs::refinement::{
    AbstractAction, AbstractState, ConcreteAction, ConcreteState, Exception, Refinement,
};
use bisim_proofs::sampling::Scheduled;
use bisim_proofs::shipped::Shipped;

/// The right implementation, with its map and its labels exchanged, and one of its classes of
/// exceptions left out.
pub(crate) struct Wrong<I: Refinement> {
    pub(crate) right: I,
    pub(crate) map: fn(&ConcreteState<I>, AbstractState<I>) -> AbstractState<I>,
    pub(crate) label: fn(Vec<AbstractAction<I>>) -> Vec<AbstractAction<I>>,
    pub(crate) without: &'static str,
}

impl<I: Shipped> Wrong<I> {
    /// Nothing wrong yet.
    pub(crate) fn of(right: I) -> Self {
        Self { right, map: |_, image| image, label: |label| label, without: "" }
    }

    /// The same within these bounds, for an exhaustive search.
    pub(crate) fn within(scope: I::Scope) -> Self {
        Self::of(I::of(scope, None).memoized())
    }
}

impl<I: Shipped> Refinement for Wrong<I> {
    type Concrete = I::Concrete;
    type Abstract = I::Abstract;

    fn name(&self) -> &'static str {
        self.right.name()
    }

    fn concrete(&self) -> &I::Concrete {
        self.right.concrete()
    }

    fn specification(&self) -> &I::Abstract {
        self.right.specification()
    }

    fn map(&self, state: &ConcreteState<I>) -> AbstractState<I> {
        (self.map)(state, self.right.map(state))
    }

    fn label(
        &self,
        before: &ConcreteState<I>,
        action: &ConcreteAction<I>,
        after: &ConcreteState<I>,
    ) -> Vec<AbstractAction<I>> {
        (self.label)(self.right.label(before, action, after))
    }

    fn exceptions(&self) -> Vec<Exception<Self>> {
        let applies = [
            class::<I, 0>,
            class::<I, 1>,
            class::<I, 2>,
            class::<I, 3>,
            class::<I, 4>,
            class::<I, 5>,
            class::<I, 6>,
            class::<I, 7>,
            class::<I, 8>,
            class::<I, 9>,
            class::<I, 10>,
            class::<I, 11>,
        ];
        let classes = self.right.exceptions();
        assert!(classes.len() <= applies.len(), "extend `applies`");
        let kept = classes.into_iter().zip(applies).filter(|(class, _)| class.name != self.without);
        kept.map(|(Exception { name, reason, .. }, applies)| Exception { name, reason, applies })
            .collect()
    }
}

/// A class of the right implementation: conditions are plain functions, so that the place has to
/// be part of the type.
fn class<I: Shipped, const PLACE: usize>(
    wrong: &Wrong<I>,
    state: &ConcreteState<I>,
    action: &AbstractAction<I>,
) -> bool {
    (wrong.right.exceptions()[PLACE].applies)(&wrong.right, state, action)
}

impl<I: Shipped + Scheduled> Scheduled for Wrong<I> {
    const KINDS: &'static [(&'static str, u32)] = I::KINDS;

    fn kind_of(action: &ConcreteAction<I>) -> usize {
        I::kind_of(action)
    }

    fn done(&self, state: &ConcreteState<I>) -> bool {
        self.right.done(state)
    }
}
