//! A place for the next state.

use super::Disabled;

/// Where a step writes the state that it leads to. A search takes many steps from one state, and
/// forgets most of what they lead to at once: it hands the same draft to all of them, and each
/// writes anew only what the one before it changed.
#[derive(Clone, Debug)]
pub struct Draft<S> {
    state: Option<S>,
    bounded: bool,
    left_out: bool,
}

impl<S> Draft<S> {
    /// A draft that nothing is written in.
    pub const EMPTY: Self = Self { state: None, bounded: false, left_out: false };

    /// The same for a search, which explores nothing outside the model's bounds: see
    /// [`leave_out`](Self::leave_out).
    pub const BOUNDED: Self = Self { bounded: true, ..Self::EMPTY };

    /// The state that a step from nothing writes.
    ///
    /// # Errors
    /// Those of the step.
    ///
    /// # Panics
    /// If the step is taken and writes nothing.
    pub fn taken(step: impl FnOnce(&mut Self) -> Result<(), Disabled>) -> Result<S, Disabled> {
        let mut draft = Self::EMPTY;
        step(&mut draft)?;
        Ok(draft.take())
    }

    /// Writes a whole state.
    #[inline]
    pub fn put(&mut self, state: S) {
        self.left_out = false;
        self.state = Some(state);
    }

    /// Asks to leave the next state unwritten; whether it may be. Only a step may ask that leads
    /// outside the model's bounds, to a state that no property can tell from the one before it:
    /// in a search it is then counted, and that is all. (In a debug build the search takes it all
    /// the same, and panics if it tells anything.)
    #[inline]
    pub fn leave_out(&mut self) -> bool {
        self.left_out = self.bounded;
        self.left_out
    }

    /// What the last step that was taken has written; nothing if it is left out. Each step that
    /// is taken writes its state or leaves it out: otherwise this is still that of another step.
    ///
    /// # Panics
    /// If nothing was ever written.
    #[inline]
    pub fn written(&mut self) -> Option<&mut S> {
        (!self.left_out).then(|| self.state.as_mut().expect(WRITTEN))
    }

    /// Takes out what is written.
    ///
    /// # Panics
    /// If nothing is.
    #[inline]
    pub fn take(&mut self) -> S {
        self.state.take().filter(|_| !self.left_out).expect(WRITTEN)
    }
}

/// Why there is something in a draft.
const WRITTEN: &str = "a step that is taken writes its next state";

impl<S: Clone> Draft<S> {
    /// A copy of a state, whatever was written before, to be changed.
    #[inline]
    pub fn of(&mut self, state: &S) -> &mut S {
        self.left_out = false;
        match &mut self.state {
            Some(written) => {
                written.clone_from(state);
                written
            }
            empty => empty.insert(state.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Draft;
    use crate::common::Disabled;

    #[test]
    fn a_draft_starts_from_the_state_whatever_was_written_before() {
        let mut draft = Draft::EMPTY;
        for last in [1, 2] {
            draft.of(&vec![0]).push(last);
            assert_eq!(draft.written(), Some(&mut vec![0, last]));
        }
        assert_eq!(draft.take(), [0, 2]);
        draft.of(&vec![3]).push(4);
        assert_eq!(draft.take(), [3, 4]);
    }

    #[test]
    fn only_a_search_leaves_states_out() {
        let mut draft = Draft::EMPTY;
        draft.put(1);
        assert!(!draft.leave_out());
        assert_eq!(draft.written(), Some(&mut 1));
        let mut draft = Draft::BOUNDED;
        draft.put(1);
        assert!(draft.leave_out());
        assert_eq!(draft.written(), None);
        *draft.of(&2) += 1;
        assert_eq!(draft.written(), Some(&mut 3));
        assert!(draft.leave_out());
        draft.put(4);
        assert_eq!(draft.take(), 4);
    }

    #[test]
    fn a_step_that_is_not_taken_writes_nothing() {
        let closed = Disabled("closed");
        assert_eq!(Draft::<u8>::taken(|_| Err(closed)), Err(closed));
        let seven = Draft::taken(|next| {
            next.put(7);
            Ok(())
        });
        assert_eq!(seven, Ok(7));
    }
}
