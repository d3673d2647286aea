//! How the steps of the shipped striped counter are steps of its model.

use bisim_models::counter::striped::{Action, Look, State, StripedCounter};

use crate::interleaving::{Call, Event, Mapping, Step};

/// The mapping from `impls/src/counter/striped.rs` to `models/src/counter/striped.rs`: the words
/// are the stripes.
#[derive(Clone, Copy, Debug, Default)]
pub struct StripedMapping;

fn is_look(call: Call) -> bool {
    call == Call::Get
}

impl Mapping for StripedMapping {
    type Model = StripedCounter;

    fn action(&self, event: &Event, call: Call) -> Result<Option<Action>, String> {
        let small = |number| u8::try_from(number).map_err(|_| format!("{number} is too many"));
        match event.step {
            Step::Load { .. } if is_look(call) => Ok(Some(Action::Read)),
            Step::Swap { .. } if !is_look(call) => {
                let (thread, stripe) = (small(event.thread)?, small(event.object)?);
                Ok(Some(Action::Increment { thread, stripe }))
            }
            _ => Err("the model has no such step".to_owned()),
        }
    }

    fn begins(&self, _thread: usize, call: Call) -> Option<Action> {
        is_look(call).then_some(Action::Begin)
    }

    fn ends(&self, _thread: usize, call: Call) -> Option<Action> {
        is_look(call).then_some(Action::Return)
    }

    fn saw(&self, before: &State, event: &Event) -> Result<(), String> {
        let (Step::Load { value: seen } | Step::Swap { old: seen, .. }) = event.step else {
            return Ok(());
        };
        let next = match (event.step, &before.look) {
            (Step::Load { .. }, Look::Reading { read, .. }) => usize::from(*read),
            _ => event.object,
        };
        if next != event.object {
            return Err(format!("it reads stripe {}, in the model {next} is next", event.object));
        }
        match before.stripes.get(event.object) {
            Some(&stripe) if stripe == seen => Ok(()),
            stripe => Err(format!("it saw {seen}, in the model the stripe is {stripe:?}")),
        }
    }

    fn agrees(&self, after: &State, event: &Event) -> Result<(), String> {
        match (event.word, after.stripes.get(event.object)) {
            (Some(word), Some(&stripe)) if word != stripe => {
                Err(format!("the stripe is {word}, in the model {stripe}"))
            }
            _ => Ok(()),
        }
    }

    fn ended(
        &self,
        state: &State,
        last: Option<&Action>,
        _thread: usize,
        result: u32,
    ) -> Result<(), String> {
        match (last, &state.look) {
            (Some(Action::Return), &Look::Returned { sum }) if sum == result => Ok(()),
            (Some(Action::Return), look) => {
                Err(format!("the sum is {result}, in the model {look:?}"))
            }
            (Some(Action::Increment { .. }), _) => Ok(()),
            _ => Err("the call is over, in the model it has not begun".to_owned()),
        }
    }
}
