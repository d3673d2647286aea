//! The bugs of `counter`; the model is described in `models/src/counter/README.md`.

mod striped;
mod striped_mapping;
mod stripes;

use bisim_models::common::Disabled;
use bisim_models::counter::{Action, Counter, Goroutine, Main, State};

pub use striped_mapping::StripedMapping;
pub use stripes::{PowersOfTwo, StripedAlgorithm, StripedConformance, Stripes};

use crate::registry::{Bug, Entry, Hunt, ModelBug, SpecTarget};

/// `counter` with its bugs.
pub fn entries() -> Vec<Entry> {
    vec![counter(), striped::entry()]
}

fn counter() -> Entry {
    Entry {
        folder: "counter",
        title: "a Go program that counts in goroutines",
        papers: &["The Go Programming Language Specification", "Go package sync"],
        files: &["models/src/counter/wait_group.rs", "proofs/src/counter/mod.rs"],
        model: SpecTarget::boxed(&[NO_WAIT_GROUP, LOST_UPDATE]),
        conformance: None,
        simulation: None,
        bugs: vec![
            Bug {
                hunts: vec![Hunt::against(NO_WAIT_GROUP, "prints the number of increments")],
                ..Bug::new(
                    "own",
                    NO_WAIT_GROUP.slug,
                    "the main program prints without waiting for its goroutines",
                    "the usual first Go program with goroutines",
                )
            },
            Bug {
                hunts: vec![Hunt::against(LOST_UPDATE, "prints the number of increments")],
                ..Bug::new(
                    "C1",
                    LOST_UPDATE.slug,
                    "read, add and write are separate steps",
                    "textbook lost update",
                )
            },
        ],
        deferred: &[],
    }
}

/// `for i := 0; i < 10; i++ { go c.Inc() }; fmt.Println(c.Value())`: nothing waits.
const NO_WAIT_GROUP: ModelBug<Counter> = ModelBug {
    slug: "counter/no-wait-group",
    step: |model, state, action, memory| match action {
        Action::Wait => Some(Err(Disabled("this program does not wait"))),
        Action::Print => {
            let behind = state.main == Main::Started(model.goroutines() as u8);
            let printed = State { main: Main::Printed(state.value), ..state.clone() };
            Some(if behind { Ok((printed, memory)) } else { Err(Disabled("in the loop")) })
        }
        _ => None,
    },
    candidates: |_, _, _, _| {},
};

/// `v := c.v; v = v + 1; c.v = v` without a lock: `Inc` is first a read, then a write of what was
/// read plus one. The memory holds, for each goroutine, one more than the value it has read.
const LOST_UPDATE: ModelBug<Counter> = ModelBug {
    slug: "counter/lost-update",
    step: |model, state, action, memory| {
        let &Action::Inc(goroutine) = action else { return None };
        let bits = 64 / model.goroutines() as u32;
        let mask = u64::MAX >> (64 - bits);
        let shift = u32::from(goroutine) * bits;
        let Goroutine::Running(left @ 1..) = state.goroutines[usize::from(goroutine)] else {
            return Some(Err(Disabled("the goroutine has nothing to count")));
        };
        match memory >> shift & mask {
            0 => Some(Ok((state.clone(), memory | u64::from(state.value + 1) << shift))),
            one_more => {
                let mut next = state.clone();
                next.goroutines[usize::from(goroutine)] = Goroutine::Running(left - 1);
                next.value = one_more as u32;
                Some(Ok((next, memory & !(mask << shift))))
            }
        }
    },
    candidates: |_, _, _, _| {},
};
