//! Mistakes of an allocator that serves clients by a schedule, seeded in its model.

use bisim_models::common::Disabled;
use bisim_models::scheduler::resource_allocator::{Action, ResourceAllocator, State};

use super::{explored, seeded};
use crate::registry::{Entry, ModelBug, SpecTarget, model_bug};

/// The allocator.
pub(super) fn resource_allocator() -> Entry {
    let bugs = vec![
        seeded(
            WITHOUT_SCHEDULE,
            "W14",
            "what is free is given to anybody, and the allocator is weakly fair",
            "tlaplus/Examples, allocator: SimpleAllocator.tla asks for strong fairness",
            "ClientsWillObtain",
        )
        .because("Under strong fairness (--set fairness=strong) everybody obtains."),
        seeded(
            ANY_ORDER,
            "W15",
            "parts are given in any order to who is in the schedule, which may deadlock",
            "tlaplus/Examples, allocator: the guard of Allocate",
            "AllocatorInvariant",
        ),
    ];
    explored(
        "clients are given resources by a schedule",
        &["tlaplus/Examples, allocator/SchedulingAllocator.tla and SimpleAllocator.tla (Merz)"],
        &["models/src/scheduler/resource_allocator.rs", "proofs/src/scheduler/allocator_bugs.rs"],
        SpecTarget::boxed(&[WITHOUT_SCHEDULE, ANY_ORDER]),
        bugs,
    )
}

const WITHOUT_SCHEDULE: ModelBug<ResourceAllocator> =
    model_bug!("scheduler/allocator-without-schedule", without_schedule);
const ANY_ORDER: ModelBug<ResourceAllocator> =
    model_bug!("scheduler/allocated-in-any-order", any_order);

/// `Allocate` of `SimpleAllocator.tla`.
fn without_schedule(
    model: &ResourceAllocator,
    state: &State,
    action: &Action,
) -> Option<Result<State, Disabled>> {
    let &Action::Allocate { client, set } = action else { return None };
    Some(model.give(state, client.into(), set))
}

/// `Allocate` without looking at the clients that come earlier.
fn any_order(
    model: &ResourceAllocator,
    state: &State,
    action: &Action,
) -> Option<Result<State, Disabled>> {
    let &Action::Allocate { client, set } = action else { return None };
    if !state.sched.contains(&client) {
        return None;
    }
    Some(model.give(state, client.into(), set))
}
