//! The wait group: how its steps are steps of its model, and its bugs.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use bisim_models::common::{Disabled, Spec};
use bisim_models::lock::wait_group::{Action, Pc, State, WaitGroup};

use crate::interleaving::{
    Algorithm, Call, Event, Group, Loom, Mapping, Mutant, Plain, Scenario, Shuttle, Std, Step,
    Subject, Survivor, Word as _, World, alone, pairs, relaxed_release, trios,
};
use crate::registry::{Bug, Hunt, ModelBug};

use Call::{Wait, Work};

/// The shipped wait group beside its model.
#[derive(Clone, Copy, Debug)]
pub struct WaitGroupAlgorithm;

impl Algorithm for WaitGroupAlgorithm {
    type Spec = WaitGroup;
    type Mapping = WaitGroupMapping;
    type OnLoom = Working<Loom, bisim_loom::lock::WaitGroup>;
    type OnShuttle = Working<Shuttle, bisim_shuttle::lock::WaitGroup>;

    const CALLS: &'static [Call] = &[Work, Wait];
    const SURVIVORS: &'static [Survivor] = &[];

    fn groups(quick: bool) -> Vec<Group> {
        let rounds = vec![
            Scenario::new([&[Work, Work], &[Wait, Wait]]),
            Scenario::new([&[Work, Wait], &[Work, Wait]]),
        ];
        let mut groups = vec![Group::new("pairs", pairs(Self::CALLS))];
        if !quick {
            groups.push(Group::new("rounds", rounds));
        }
        groups.push(Group::new("trios", trios(Self::CALLS)).bounded(if quick { 2 } else { 3 }));
        groups
    }

    fn weakened_in() -> Vec<Scenario> {
        vec![Scenario::new([&[Work], &[Wait]]), Scenario::new([&[Work], &[Work], &[Wait]])]
    }

    fn mutants() -> &'static [Mutant] {
        &MUTANTS
    }
}

/// The mapping from `impls/src/lock/wait_group.rs` to `models/src/lock/wait_group.rs`: the one word
/// is the count, and the futex's queue is the set of threads that are `Sleeping`.
#[derive(Clone, Copy, Debug, Default)]
pub struct WaitGroupMapping;

impl Mapping for WaitGroupMapping {
    type Model = WaitGroup;

    fn action(&self, event: &Event, _call: Call) -> Result<Option<Action>, String> {
        let thread = u8::try_from(event.thread).map_err(|why| why.to_string())?;
        Ok(Some(match event.step {
            Step::Swap { old, new } if old == new => Action::Look { thread },
            Step::Swap { old, new } if new == old + 1 => Action::Add { thread },
            Step::Swap { .. } => Action::Done { thread },
            Step::Sleep { timed: false, .. } => Action::Sleep { thread },
            Step::Refuse { .. } => Action::Refuse { thread },
            Step::WakeAll { .. } => Action::WakeAll { thread },
            _ => return Err("the model has no such step".to_owned()),
        }))
    }

    fn saw(&self, before: &State, event: &Event) -> Result<(), String> {
        match event.step {
            Step::Swap { old: seen, .. }
            | Step::Sleep { word: seen, .. }
            | Step::Refuse { word: seen }
                if seen != u32::from(before.working) =>
            {
                Err(format!("it saw {seen} at work, in the model {}", before.working))
            }
            _ => Ok(()),
        }
    }

    fn agrees(&self, after: &State, event: &Event) -> Result<(), String> {
        if event.word.is_some_and(|word| word != u32::from(after.working)) {
            return Err(format!("{:?} work, in the model {}", event.word, after.working));
        }
        let mut sleepers = event.sleepers.clone().unwrap_or_default();
        sleepers.sort_unstable();
        if sleepers.iter().copied().eq(after.sleepers()) {
            return Ok(());
        }
        let model: Vec<_> = after.sleepers().collect();
        Err(format!("threads {sleepers:?} sleep, in the model {model:?}"))
    }

    fn ended(
        &self,
        state: &State,
        last: Option<&Action>,
        thread: usize,
        _result: u32,
    ) -> Result<(), String> {
        let pc = state.threads[thread].pc;
        let ends = matches!(
            last,
            Some(Action::Done { .. } | Action::WakeAll { .. } | Action::Look { .. })
        );
        match pc {
            Pc::Idle if ends => Ok(()),
            _ => Err(format!("the call is over, in the model the thread is {pc:?}")),
        }
    }
}

/// What a wait group does.
pub trait Waits: Default + Send + Sync + 'static {
    /// One more works.
    fn add(&self);

    /// One is done.
    fn done(&self);

    /// Waits until nobody works.
    fn wait(&self);
}

macro_rules! waits {
    ($($copy:ident)*) => {$(
        impl Waits for $copy::lock::WaitGroup {
            fn add(&self) {
                self.add(1);
            }

            fn done(&self) {
                self.done();
            }

            fn wait(&self) {
                self.wait();
            }
        }
    )*};
}

waits!(bisim bisim_loom bisim_shuttle);

/// The most calls of a scenario that work.
const WORK: usize = 64;

/// A wait group, and work that each worker leaves in plain memory: who is let through must see it.
#[derive(Debug)]
pub struct Working<W: World, G> {
    group: G,
    work: [W::Plain; WORK],
    /// How many have begun and ended, which no explorer sees.
    begun: AtomicU32,
    ended: AtomicU32,
}

impl<W: World, G: Default> Default for Working<W, G> {
    fn default() -> Self {
        Self {
            group: G::default(),
            work: std::array::from_fn(|_| W::Plain::default()),
            begun: AtomicU32::new(0),
            ended: AtomicU32::new(0),
        }
    }
}

impl<W: World, G: Waits> Subject for Working<W, G> {
    fn call(&self, call: Call) -> u32 {
        if call == Work {
            self.group.add();
            let place = self.begun.fetch_add(1, Relaxed) as usize % WORK;
            self.work[place].set(1);
            // In one step with what `done` does first: an explorer switches before it.
            self.ended.fetch_add(1, Relaxed);
            self.group.done();
            return 1;
        }
        // On real threads more may end before the sum is read, but not fewer.
        let ended = self.ended.load(Relaxed);
        self.group.wait();
        let seen: u32 = self.work.iter().map(Plain::get).sum();
        assert!(seen >= ended.min(WORK as u32), "work unseen: {seen} of {ended}");
        1
    }

    fn end(&self, _results: &[(Call, u32)]) -> Result<(), String> {
        self.group.wait();
        Ok(())
    }
}

/// The wait group on real threads.
pub type OnThreads = Working<Std, bisim::lock::WaitGroup>;

/// A wait group that looks whether it is the last before it is done.
#[derive(Debug)]
struct EarlyDone<W: World>(W::Word);

impl<W: World> Default for EarlyDone<W> {
    fn default() -> Self {
        Self(crate::interleaving::Word::new(0))
    }
}

impl<W: World> Waits for EarlyDone<W> {
    fn add(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    fn done(&self) {
        let last = self.0.load(Relaxed) == 1;
        self.0.fetch_add(u32::MAX, Release);
        if last {
            self.0.wake_all();
        }
    }

    fn wait(&self) {
        loop {
            match self.0.fetch_add(0, Acquire) {
                0 => return,
                working => self.0.wait(working, false),
            };
        }
    }
}

static MUTANTS: [Mutant; 2] = [
    Mutant {
        slug: EARLY_DONE.slug,
        scenario: || Scenario::new([&[Work], &[Work], &[Wait]]),
        preemptions: Some(3),
        explore: alone::<Working<Loom, EarlyDone<Loom>>>,
    },
    Mutant {
        slug: "lock/relaxed-done",
        scenario: || Scenario::new([&[Work], &[Wait]]),
        preemptions: None,
        explore: relaxed_release::<<WaitGroupAlgorithm as Algorithm>::OnLoom>,
    },
];

/// A worker looks whether it is the last, and is done in another step. The memory has two bits for
/// each thread: whether it has looked, and whether it was the last.
pub(super) const EARLY_DONE: ModelBug<WaitGroup> = ModelBug {
    slug: "lock/early-done",
    step: |_, state, action, memory| {
        let &Action::Done { thread } = action else { return None };
        let (looked, last) = (1 << (2 * thread), 2 << (2 * thread));
        if state.threads[usize::from(thread)].pc != Pc::Working {
            return Some(Err(Disabled("the thread does not work")));
        }
        if memory & looked == 0 {
            let saw = if state.working == 1 { last } else { 0 };
            return Some(Ok((state.clone(), memory | looked | saw)));
        }
        let mut next = state.clone();
        next.working -= 1;
        next.threads[usize::from(thread)].pc =
            if memory & last != 0 { Pc::Waking } else { Pc::Idle };
        Some(Ok((next, memory & !(looked | last))))
    },
    candidates: |_, _, _, _| {},
};

fn in_code(slug: &'static str) -> Hunt {
    let mutant = MUTANTS.iter().find(|mutant| mutant.slug == slug);
    mutant.expect("every bug that is hunted in the code has a mutant").hunt(WaitGroup::NAME)
}

/// The bugs.
pub(super) fn bugs() -> Vec<Bug> {
    vec![
        Bug::new(
            "own",
            EARLY_DONE.slug,
            "a worker looks whether it is the last before it is done",
            "as asterinas/asterinas 1303, in a wait group",
        )
        .hunted_by(|slug| {
            let model = Hunt::against(EARLY_DONE, "no lost wake-up");
            vec![model, in_code(slug).expecting("lost wake-up")]
        }),
        Bug::new(
            "C10",
            "lock/relaxed-done",
            "who is let through does not see the work: the subtraction in done is relaxed",
            "textbook: relaxed increments with an early look at done",
        )
        .hunted_by(|slug| vec![in_code(slug)])
        .because("Only loom can see it: the model and shuttle are sequentially consistent."),
    ]
}
