//! Steps that a model leaves out of a search, because they lead outside its bounds and tell
//! nothing.

use std::sync::Arc;

use bisim_models::common::{
    ActionClass, Disabled, Draft, Law, Parameter, ParameterError, Params, Spec,
};
use bisim_models::spec_model;
use bisim_proofs::checker::{Classes, Options, Outcome, check};

use crate::graph::with_workers;

/// Counts to 4; 4 is outside the bounds.
struct Count {
    /// The step to this number is left out.
    left_out: u8,
    /// This number violates a property.
    bad: u8,
}

spec_model!(Count, u8, u8);

impl Spec for Count {
    const NAME: &'static str = "count";
    const PARAMETERS: &'static [Parameter] = &[];
    const ACTIONS: &'static [ActionClass] = &[ActionClass::new("Count", "this test")];

    fn new(_: &Params) -> Result<Self, ParameterError> {
        Ok(Self { left_out: 4, bad: 9 })
    }

    fn initial(&self) -> Vec<u8> {
        vec![0]
    }

    fn candidates(&self, state: &u8, actions: &mut Vec<u8>) {
        actions.extend([state + 1, 0]);
    }

    fn step(&self, state: &u8, action: &u8) -> Result<u8, Disabled> {
        Draft::taken(|next| self.step_into(state, action, next))
    }

    fn step_into(&self, _: &u8, action: &u8, next: &mut Draft<u8>) -> Result<(), Disabled> {
        if *action != self.left_out || !next.leave_out() {
            next.put(*action);
        }
        Ok(())
    }

    fn class_of(_: &u8) -> usize {
        0
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![Law::always("not bad", "this test", |count, state| *state != count.bad)]
    }

    fn within(&self, state: &u8) -> bool {
        *state < 4
    }
}

fn run(count: Count, options: &Options) -> Outcome<u8, u8> {
    let classes = Classes::of_spec(&count);
    check(Arc::new(count), &classes, options)
}

#[test]
fn a_step_that_is_left_out_is_counted_all_the_same() {
    for workers in [1, 2] {
        let [left, written] = [4, 9].map(|left_out| {
            let run = run(Count { left_out, bad: 9 }, &with_workers(workers));
            (run.distinct, run.depth, run.generated, run.actions[0].taken)
        });
        assert_eq!(left, written);
        assert_eq!(left, (4, 4, 9, 8));
    }
}

#[test]
#[cfg(debug_assertions)]
fn what_is_within_the_bounds_or_tells_something_is_not_left_out() {
    for wrong in [Count { left_out: 2, bad: 9 }, Count { left_out: 4, bad: 4 }] {
        let found = std::panic::catch_unwind(|| run(wrong, &Options::default()));
        assert!(found.is_err(), "a debug build takes the step to see whether it may be left out");
    }
}
