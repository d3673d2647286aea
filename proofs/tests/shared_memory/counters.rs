//! The counters: the striped one beside its model, the others judged by what they return; and the
//! proof that each of these checks can fail.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bisim_loom::counter::{AtomicCounter, BoundedCounter, LockedCounter, RwLockedCounter};
use bisim_models::common::{Disabled, Model, Spec};
use bisim_models::counter::striped::{Action, State, StripedCounter};
use bisim_proofs::checker::Verdict;
use bisim_proofs::counter::{StripedAlgorithm, StripedConformance, StripedMapping};
use bisim_proofs::interleaving::{
    Algorithm, Bounds, Call, Choices, Lockstep, Loom, Mapping, Scenario, Subject, Word, World,
    alone, sample,
};
use bisim_proofs::registry::{Buggy, ConformOptions, Conformance, ModelBug};

use Call::{Get, Increment};

fn options(weaken: bool) -> ConformOptions {
    let interrupt = Arc::<AtomicBool>::default();
    ConformOptions { exhaustive: false, weaken, seed: 7, cases: 300, quick: true, interrupt }
}

#[test]
fn every_addition_and_look_of_the_striped_counter_is_a_step_of_the_model() {
    let reports = StripedConformance::default().conform(&options(false));
    assert_eq!(reports.len(), 3);
    for report in reports {
        println!("{}: {:?} {:?}", report.scope, report.figures, report.notes);
        assert_eq!(report.verdict, Verdict::Holds, "{}: {:?}", report.scope, report.divergence);
    }
}

#[test]
fn the_striped_counter_has_no_ordering_to_be_weakened() {
    let reports = StripedConformance::default().conform(&options(true));
    assert_eq!(reports.len(), 1);
    assert_eq!(reports[0].scope, "--weaken: every ordering is relaxed");
}

#[test]
fn a_lost_update_in_a_stripe_is_caught_and_replayed() {
    super::catches("striped-counter");
}

/// A model in which a look skips the first stripe.
fn skips_a_stripe(
    model: &StripedCounter,
    state: &State,
    action: &Action,
    memory: u64,
) -> Option<Result<(State, u64), Disabled>> {
    if *action != Action::Begin {
        return None;
    }
    let begun = model.step(state, action);
    Some(begun.and_then(|state| model.step(&state, &Action::Read)).map(|next| (next, memory)))
}

/// The right mapping to that model.
struct ToSkipping;

impl Mapping for ToSkipping {
    type Model = Buggy<StripedCounter>;

    fn action(
        &self,
        event: &bisim_proofs::interleaving::Event,
        call: Call,
    ) -> Result<Option<Action>, String> {
        StripedMapping.action(event, call)
    }

    fn begins(&self, thread: usize, call: Call) -> Option<Action> {
        StripedMapping.begins(thread, call)
    }

    fn ends(&self, thread: usize, call: Call) -> Option<Action> {
        StripedMapping.ends(thread, call)
    }

    fn saw(
        &self,
        before: &<Self::Model as Model>::State,
        event: &bisim_proofs::interleaving::Event,
    ) -> Result<(), String> {
        StripedMapping.saw(&before.state, event)
    }

    fn agrees(
        &self,
        after: &<Self::Model as Model>::State,
        event: &bisim_proofs::interleaving::Event,
    ) -> Result<(), String> {
        StripedMapping.agrees(&after.state, event)
    }

    fn ended(
        &self,
        state: &<Self::Model as Model>::State,
        last: Option<&Action>,
        thread: usize,
        result: u32,
    ) -> Result<(), String> {
        StripedMapping.ended(&state.state, last, thread, result)
    }
}

#[test]
fn a_look_that_the_model_takes_otherwise_diverges() {
    let scenario = Scenario::new([&[Increment, Get], &[Increment]]);
    let bug = ModelBug { slug: "counter/teeth", step: skips_a_stripe, candidates: |_, _, _, _| {} };
    let model = StripedAlgorithm::model(std::slice::from_ref(&scenario));
    let lockstep = Lockstep::new(ToSkipping, Arc::new(Buggy::new(model, bug)), 2);
    let choices = Choices(Vec::new());
    let (result, _) =
        sample::<<StripedAlgorithm as Algorithm>::OnShuttle, _>(&scenario, &choices, lockstep);
    let failure = result.expect_err("the code reads the first stripe");
    assert_eq!(failure.check(), "a path of the model", "{}", failure.what);
    assert!(failure.what.contains("it reads stripe 0, in the model 1 is next"), "{}", failure.what);
}

/// A counter whose additions of one return what they have made, or nothing.
trait Counts: Default + Send + Sync + 'static {
    /// The most that it counts.
    const MOST: u32 = u32::MAX;

    fn add(&self) -> Option<u32>;

    fn get(&self) -> u32;
}

/// What one number is: additions that succeed return 1, 2, 3, each once, and looks do not go back.
#[derive(Default)]
struct OneNumber<C>(C);

impl<C: Counts> Subject for OneNumber<C> {
    fn call(&self, call: Call) -> u32 {
        if call == Get {
            let (one, other) = (self.0.get(), self.0.get());
            assert!(one <= other && other <= C::MOST, "count: {one}, and then {other}");
            return one;
        }
        let made = self.0.add().unwrap_or(0);
        let seen = self.0.get();
        assert!(seen >= made, "count: {seen} after an addition that made {made}");
        made
    }

    fn end(&self, results: &[(Call, u32)]) -> Result<(), String> {
        let additions = results.iter().filter(|(call, _)| *call == Increment);
        let mut made: Vec<_> = additions.map(|(_, made)| *made).collect();
        made.sort_unstable();
        let refused = made.iter().filter(|made| **made == 0).count();
        let right = (1..).zip(&made[refused..]).all(|(n, made)| n == *made);
        let most = made.len().min(C::MOST as usize);
        if right && made.len() - refused == most && self.0.get() as usize == most {
            return Ok(());
        }
        Err(format!("count: additions made {made:?}, and in the end it is {}", self.0.get()))
    }
}

macro_rules! counts {
    ($($counter:ident)*) => {$(
        impl Counts for $counter {
            fn add(&self) -> Option<u32> {
                Some(self.add(1) as u32)
            }

            fn get(&self) -> u32 {
                self.get() as u32
            }
        }
    )*};
}

counts!(AtomicCounter LockedCounter RwLockedCounter);

/// A counter with room for two.
struct Two(BoundedCounter);

impl Default for Two {
    fn default() -> Self {
        Self(BoundedCounter::new(2))
    }
}

impl Counts for Two {
    const MOST: u32 = 2;

    fn add(&self) -> Option<u32> {
        self.0.add(1).ok().map(|sum| sum as u32)
    }

    fn get(&self) -> u32 {
        self.0.get() as u32
    }
}

fn one_number<C: Counts>(scenario: &Scenario) {
    let bounds = Bounds { preemptions: Some(2), ..Bounds::default() };
    let seen = alone::<OneNumber<C>>(scenario, &bounds);
    assert_eq!(seen.failure, None, "{scenario}");
    assert!(seen.executions > 5, "{scenario}: {} executions", seen.executions);
    println!("{scenario}: {} executions", seen.executions);
}

#[test]
fn counters_of_one_number_count_each_addition_once() {
    let two = Scenario::new([&[Increment], &[Increment, Get]]);
    one_number::<AtomicCounter>(&two);
    one_number::<LockedCounter>(&two);
    one_number::<RwLockedCounter>(&two);
    let three = Scenario::new([&[Increment], &[Increment], &[Increment]]);
    one_number::<AtomicCounter>(&three);
    one_number::<Two>(&three);
}

/// An addition that returns a look of its own.
struct LooksAgain<W: World>(W::Word);

impl Default for LooksAgain<Loom> {
    fn default() -> Self {
        Self(Word::new(0))
    }
}

impl Counts for LooksAgain<Loom> {
    fn add(&self) -> Option<u32> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Some(self.get())
    }

    fn get(&self) -> u32 {
        self.0.load(std::sync::atomic::Ordering::Relaxed)
    }
}

#[test]
fn an_addition_that_returns_another_count_is_caught() {
    let scenario = Scenario::new([&[Increment], &[Increment]]);
    let seen = alone::<OneNumber<LooksAgain<Loom>>>(&scenario, &Bounds::default());
    let failure = seen.failure.expect("both may return 2");
    assert_eq!(failure.check(), "each increment counts once", "{}", failure.what);
}
