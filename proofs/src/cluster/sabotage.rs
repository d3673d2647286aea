//! How a bug is seeded in an implementation while its code stays clean: between node and driver.

use bisim::protocol::{Effect, Effects, Event, Taken};

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

/// The effects and steps of one event.
pub(crate) type Reaction<P> = (Vec<Effect<P>>, Vec<Taken<<P as bisim::protocol::Protocol>::Step>>);

/// Gives a node one event, and lies about what it did where a bug says so.
pub(crate) fn handle<P: Checked>(
    node: &mut P,
    event: Event<P>,
    sabotage: Option<&Sabotage<P>>,
    buffer: &mut Effects<P, Vec<Taken<P::Step>>>,
) -> Reaction<P> {
    let told = sabotage.map(|sabotage| (sabotage, node.clone(), event.clone()));
    node.handle(event, buffer);
    let (mut effects, mut steps) = (buffer.drain().collect(), std::mem::take(buffer.steps_mut()));
    if let Some((sabotage, before, event)) = told {
        (sabotage.effects)(&before, &event, &mut effects, &mut steps);
    }
    (effects, steps)
}

/// A record becomes durable, as a bug has it where there is one.
pub(crate) fn write<P: Checked>(
    disk: &mut P::Durable,
    record: &P::Record,
    sabotage: Option<&Sabotage<P>>,
) {
    match sabotage {
        None => P::apply(disk, record),
        Some(sabotage) => (sabotage.apply)(disk, record),
    }
}

impl<P: Checked> Clone for Sabotage<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Checked> Copy for Sabotage<P> {}
