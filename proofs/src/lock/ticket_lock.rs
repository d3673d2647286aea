//! The ticket lock: how its steps are steps of its model, and its bugs.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use bisim_models::common::{Disabled, Spec};
use bisim_models::lock::ticket_lock::{Action, State, Thread, TicketLock};

use super::shipped;
use crate::interleaving::{
    Algorithm, Call, Counted, Event, Group, Loom, Mapping, Mutant, RawLock, Scenario, Step,
    Survivor, Word, World, alone, pairs, relaxed_release, trios,
};
use crate::registry::{Bug, Hunt, ModelBug};

use Call::{Lock, TryLock};

/// The shipped ticket lock beside its model.
#[derive(Clone, Copy, Debug)]
pub struct TicketLockAlgorithm;

impl Algorithm for TicketLockAlgorithm {
    type Spec = TicketLock;
    type Mapping = TicketLockMapping;
    type OnLoom = shipped::TicketOnLoom;
    type OnShuttle = shipped::TicketOnShuttle;

    const CALLS: &'static [Call] = &[Lock, TryLock];
    const SURVIVORS: &'static [Survivor] = &[];

    fn groups(quick: bool) -> Vec<Group> {
        let rounds = vec![
            Scenario::new([&[Lock, Lock], &[Lock, Lock]]),
            Scenario::new([&[Lock, TryLock], &[TryLock, Lock]]),
        ];
        let mut groups = vec![Group::new("pairs", pairs(Self::CALLS))];
        if !quick {
            groups.push(Group::new("rounds", rounds));
        }
        groups.push(Group::new("trios", trios(Self::CALLS)).bounded(if quick { 2 } else { 3 }));
        groups
    }

    fn weakened_in() -> Vec<Scenario> {
        pairs(Self::CALLS)
    }

    fn mutants() -> &'static [Mutant] {
        &MUTANTS
    }

    fn reason(_: &Group, state: &State, action: &Action) -> Option<&'static str> {
        (matches!(action, Action::TryDraw { .. }) && state.serving > 0).then_some(
            "after another was served: loom puts a look behind a store only where no other look \
             of the storing thread is between them; shuttle takes the step",
        )
    }
}

/// The mapping from `impls/src/lock/ticket_lock.rs` to `models/src/lock/ticket_lock.rs`: the two
/// words are the two numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct TicketLockMapping;

/// The number to be drawn next is the first word that the lock makes.
const NEXT: usize = 0;

fn number_of(thread: usize) -> Result<u8, String> {
    u8::try_from(thread).map_err(|_| format!("{thread} is no thread of the model"))
}

impl Mapping for TicketLockMapping {
    type Model = TicketLock;

    fn action(&self, event: &Event, _call: Call) -> Result<Option<Action>, String> {
        let thread = number_of(event.thread)?;
        Ok(Some(match event.step {
            Step::Swap { old, new } if event.object == NEXT && new == old + 1 => {
                Action::Draw { thread }
            }
            Step::CompareExchange { old, expected, .. } if old != expected => return Ok(None),
            Step::CompareExchange { .. } if event.object == NEXT => Action::TryDraw { thread },
            Step::Store { .. } if event.object != NEXT => Action::Serve { thread },
            _ => return Err("the model has no such step".to_owned()),
        }))
    }

    fn saw(&self, before: &State, event: &Event) -> Result<(), String> {
        match event.step {
            Step::Swap { old, .. } | Step::CompareExchange { old, .. }
                if old != u32::from(before.next) =>
            {
                Err(format!("it saw the number {old}, in the model it is {}", before.next))
            }
            _ => Ok(()),
        }
    }

    fn agrees(&self, after: &State, event: &Event) -> Result<(), String> {
        let number = if event.object == NEXT { after.next } else { after.serving };
        match event.word {
            Some(word) if word != u32::from(number) => {
                Err(format!("the number is {word}, in the model {number}"))
            }
            _ => Ok(()),
        }
    }

    fn ended(
        &self,
        state: &State,
        last: Option<&Action>,
        thread: usize,
        result: u32,
    ) -> Result<(), String> {
        if state.threads[thread].ticket.is_some() {
            return Err("the call is over, in the model the thread has a number".to_owned());
        }
        let model = u32::from(matches!(last, Some(Action::Serve { .. })));
        if result == model {
            return Ok(());
        }
        Err(format!("the lock was taken: {result}, in the model {model}"))
    }
}

/// A ticket lock that draws in two steps.
#[derive(Debug)]
struct TwoStepDraw<W: World> {
    next: W::Word,
    serving: W::Word,
}

impl<W: World> Default for TwoStepDraw<W> {
    fn default() -> Self {
        Self { next: Word::new(0), serving: Word::new(0) }
    }
}

impl<W: World> RawLock for TwoStepDraw<W> {
    fn lock(&self) {
        let ticket = self.next.load(Relaxed);
        self.next.store(ticket + 1, Relaxed);
        while self.serving.load(Acquire) < ticket {
            W::Word::spin();
        }
    }

    fn unlock(&self) {
        self.serving.store(self.serving.load(Relaxed) + 1, Release);
    }
}

fn two_threads() -> Scenario {
    Scenario::new([&[Lock], &[Lock]])
}

static MUTANTS: [Mutant; 2] = [
    Mutant {
        slug: TWO_STEP_DRAW.slug,
        scenario: two_threads,
        preemptions: None,
        explore: alone::<Counted<Loom, TwoStepDraw<Loom>>>,
    },
    Mutant {
        slug: "lock/relaxed-serve",
        scenario: two_threads,
        preemptions: None,
        explore: relaxed_release::<shipped::TicketOnLoom>,
    },
];

/// To draw a number is a look and a store. The memory has, for each thread, one more than the
/// number that it has seen.
pub(super) const TWO_STEP_DRAW: ModelBug<TicketLock> = ModelBug {
    slug: "lock/two-step-draw",
    step: |_, state, action, memory| {
        let &Action::Draw { thread } = action else { return None };
        let shift = 8 * u32::from(thread);
        let me = state.threads[usize::from(thread)];
        if me.ticket.is_some() || me.rounds == 0 {
            return Some(Err(Disabled("the thread has a number, or no rounds left")));
        }
        let seen = (memory >> shift & 0xff) as u8;
        if seen == 0 {
            return Some(Ok((state.clone(), memory | u64::from(state.next + 1) << shift)));
        }
        let mut next = state.clone();
        next.next = seen;
        next.threads[usize::from(thread)] =
            Thread { ticket: Some(seen - 1), rounds: me.rounds - 1 };
        Some(Ok((next, memory & !(0xff << shift))))
    },
    candidates: |_, _, _, _| {},
};

fn in_code(slug: &'static str) -> Hunt {
    let mutant = MUTANTS.iter().find(|mutant| mutant.slug == slug);
    mutant.expect("every bug that is hunted in the code has a mutant").hunt(TicketLock::NAME)
}

/// The bugs.
pub(super) fn bugs() -> Vec<Bug> {
    vec![
        Bug::new("L8", TWO_STEP_DRAW.slug, "to draw a number is a look and a store", "textbook")
            .hunted_by(|slug| {
                let model = Hunt::against(TWO_STEP_DRAW, "a number is drawn once");
                vec![model, in_code(slug).expecting("mutual exclusion")]
            }),
        Bug::new(
            "own",
            "lock/relaxed-serve",
            "the store in unlock is relaxed",
            "textbook; the ordering in unlock()",
        )
        .hunted_by(|slug| vec![in_code(slug)])
        .because("Only loom can see it: the model and shuttle are sequentially consistent."),
    ]
}
