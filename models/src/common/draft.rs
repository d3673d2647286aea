//! A place for the next state.

use super::Disabled;

/// Where a step writes the state that it leads to. A search takes many steps from one state, and
/// forgets most of what they lead to at once: it hands the same draft to all of them, and each
/// writes anew only what the one before it changed.
#[derive(Clone, Debug)]
pub struct Draft<S>(Option<S>);

impl<S> Draft<S> {
    /// A draft that nothing is written in.
    pub const EMPTY: Self = Self(None);

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
        self.0 = Some(state);
    }

    /// What is written.
    ///
    /// # Panics
    /// If nothing is.
    #[inline]
    pub fn written(&mut self) -> &mut S {
        self.0.as_mut().expect(WRITTEN)
    }

    /// Takes out what is written.
    ///
    /// # Panics
    /// If nothing is.
    #[inline]
    pub fn take(&mut self) -> S {
        self.0.take().expect(WRITTEN)
    }
}

/// Why there is something in a draft.
const WRITTEN: &str = "a step that is taken writes its next state";

impl<S: Clone> Draft<S> {
    /// A copy of a state, whatever was written before, to be changed.
    #[inline]
    pub fn of(&mut self, state: &S) -> &mut S {
        match &mut self.0 {
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
            assert_eq!(draft.written(), &[0, last]);
        }
        assert_eq!(draft.take(), [0, 2]);
        draft.of(&vec![3]).push(4);
        assert_eq!(draft.take(), [3, 4]);
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
