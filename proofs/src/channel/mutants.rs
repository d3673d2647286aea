//! The code of the channels with one mistake each, and what must show it under loom.

use std::sync::Arc;

use bisim_models::channel::channel::Channel;
use bisim_models::common::Spec;

use super::beside::{Beside, MAPPING};
use super::interleaved;
use super::model_bugs::{CAPACITY_OFF_BY_ONE, CLOSE_DISCARDS, LATE_WAITER, SENT_AFTER_CLOSE};
use super::run::explore;
use super::sabotage::{
    CapacityOffByOne, CloseDiscards, ForgottenClose, LateWaiter, LeakedBuffer, Sabotage, Sabotaged,
    SentAfterClose,
};
use super::script::{Call, Event, Script, story_of};
use crate::interleaving::{Bounds, Exploration, Run, Script as _};
use crate::registry::{Caught, Evidence, Hunt, HuntOptions};

use Call::{Close, Recv, Send, TryRecv, TrySend};

type Seen = Exploration<Beside<Channel>, Event>;

/// A mistake in the code.
struct Mutant {
    slug: &'static str,
    /// What must be told of the failure.
    check: &'static str,
    /// What must show it.
    script: fn() -> Script,
    explore: fn(&Script, &Bounds) -> Seen,
}

fn sabotaged<B: Sabotage>(script: &Script, bounds: &Bounds) -> Seen {
    let beside = Beside::new(script.model(), MAPPING, script.threads());
    explore::<Sabotaged<B>, _>(script, bounds, None, beside)
}

pub(super) const LEAKED_BUFFER: &str = "channel/leaked-buffer";
pub(super) const RELAXED_END: &str = "channel/relaxed-end";
pub(super) const FORGOTTEN_CLOSE: &str = "channel/forgotten-close";

const MUTANTS: [Mutant; 7] = [
    Mutant {
        slug: CAPACITY_OFF_BY_ONE.slug,
        check: "divergence",
        script: || Script::new(1, [&[TrySend, TrySend], &[TryRecv]]),
        explore: sabotaged::<CapacityOffByOne>,
    },
    Mutant {
        slug: FORGOTTEN_CLOSE,
        check: "lost wake-up",
        script: || Script::new(1, [&[Recv], &[Close]]),
        explore: |script, bounds| {
            let beside = Beside::new(script.model(), MAPPING, script.threads());
            // The model would say that a close has no step; what is to be seen is the hang.
            explore::<Sabotaged<ForgottenClose>, _>(script, bounds, None, beside.silent())
        },
    },
    Mutant {
        slug: CLOSE_DISCARDS.slug,
        check: "divergence",
        script: || Script::new(1, [&[TrySend, Close], &[TryRecv]]),
        explore: sabotaged::<CloseDiscards>,
    },
    Mutant {
        slug: SENT_AFTER_CLOSE.slug,
        check: "divergence",
        script: || Script::new(1, [&[Send], &[Close]]),
        explore: sabotaged::<SentAfterClose>,
    },
    Mutant {
        slug: LATE_WAITER.slug,
        check: "lost wake-up",
        script: || Script::new(1, [&[Recv], &[Send]]),
        explore: |script, bounds| {
            let beside = Beside::new(script.model(), MAPPING, script.threads());
            explore::<Sabotaged<LateWaiter>, _>(script, bounds, None, beside.silent())
        },
    },
    Mutant {
        slug: LEAKED_BUFFER,
        check: "values",
        script: || Script::new(1, [&[TrySend], &[TryRecv]]),
        explore: sabotaged::<LeakedBuffer>,
    },
    Mutant {
        slug: RELAXED_END,
        check: "values",
        script: || Script::new(0, [&[Send], &[Recv]]),
        explore: interleaved::relaxed_end,
    },
];

/// Explores the code with a bug; none if there is no such bug.
pub(super) fn explore_bug(slug: &str, script: &Script, bounds: &Bounds) -> Option<Seen> {
    let mutant = MUTANTS.iter().find(|mutant| mutant.slug == slug)?;
    Some((mutant.explore)(script, bounds))
}

/// The hunt of a mistake in the code with loom.
pub(super) fn hunt(slug: &'static str) -> Hunt {
    let mutant = MUTANTS.iter().find(|mutant| mutant.slug == slug);
    let mutant = mutant.expect("every bug that is hunted in the code has a mutant");
    let run = move |options: &HuntOptions| {
        let script = (mutant.script)();
        let interrupt = Arc::clone(&options.interrupt);
        let bounds = Bounds { interrupt, ..Bounds::default() };
        let seen = (mutant.explore)(&script, &bounds);
        match seen.failure {
            Some(failure) => Caught {
                caught: true,
                by: failure.what.clone(),
                story: Some(story_of(&failure.events, script.threads())),
                trace: Some(Run::explored(&script, &bounds, &failure).trace(
                    Channel::NAME,
                    Some(slug),
                    &failure,
                )),
            },
            None => Caught {
                caught: false,
                by: format!("survives {} executions of {script}", seen.executions),
                story: None,
                trace: None,
            },
        }
    };
    Hunt::new(Evidence::Interleaved, run).expecting(mutant.check)
}
