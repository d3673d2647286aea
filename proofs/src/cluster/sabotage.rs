//! How a bug is seeded in an implementation while its code stays clean: between node and driver.

use bisim::protocol::{Effect, Event, Taken};

use super::Checked;

/// What a bug changes. Each function may look at the node, and lies to it or for it.
pub struct Sabotage<P: Checked> {
    /// The events that the node is given in the place of one.
    pub events: fn(&P, Event<P>) -> Vec<Event<P>>,
    /// Changes what the node did, given the node before, the event, and effects and steps. Names
    /// of writes must stay those that the node chose.
    pub effects: Tamper<P>,
    /// Applies a record to the durable state.
    pub apply: fn(&mut P::Durable, &P::Record),
}

/// See [`Sabotage::effects`].
pub type Tamper<P> =
    fn(&P, &Event<P>, &mut Vec<Effect<P>>, &mut Vec<Taken<<P as bisim::protocol::Protocol>::Step>>);

impl<P: Checked> Sabotage<P> {
    /// No change at all: the base of every bug.
    pub const NONE: Self = Self {
        events: |_, event| vec![event],
        effects: |_, _, _, _| (),
        apply: |durable, record| P::apply(durable, record),
    };
}

impl<P: Checked> Clone for Sabotage<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Checked> Copy for Sabotage<P> {}
