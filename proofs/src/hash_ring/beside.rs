//! An implementation beside its model: proptest picks bounds and operations, both take each
//! operation together, and what differs shrinks to a short story.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use bisim_models::common::{Model, Spec, Value};
use proptest::collection::vec;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use crate::checker::{Story, Verdict};
use crate::registry::{Caught, ConformOptions, ConformReport, Evidence, Hunt};
use crate::report::{Replayed, StoryDoc, Subject, Trace, TraceError, to_value};

/// The bounds of a run, as a trace keeps them.
pub type Bounds = BTreeMap<String, u32>;

/// The check that failed, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// The check.
    pub check: &'static str,
    /// What was found.
    pub why: String,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.check, self.why)
    }
}

/// An implementation and its model, somewhere on their way.
pub trait Beside: Sized {
    /// The model.
    type Spec: Spec;
    /// What is asked of both.
    type Op: Value;

    /// The bounds in words.
    const DRAWN: &'static str;
    /// The checks, each with what it says.
    const CHECKS: &'static [&'static str];

    /// The bounds that are drawn.
    fn bounds() -> impl Strategy<Value = Bounds>;

    /// The operations that are drawn.
    fn ops() -> impl Strategy<Value = Self::Op>;

    /// Both at their beginning: the shipped implementation, or one with a bug. With `only` no other
    /// check is made. `None` if there are no such bounds, or there is no such bug.
    fn begin(bounds: &Bounds, bug: Option<&str>, only: Option<&'static str>) -> Option<Self>;

    /// The state of the model.
    fn state(&self) -> &<Self::Spec as Model>::State;

    /// Lets both take an operation. Returns the classes of the steps that the model took.
    ///
    /// # Errors
    /// The first check that fails.
    fn take(&mut self, op: &Self::Op) -> Result<Vec<usize>, Failed>;
}

/// The longest list of operations.
const LONGEST: usize = 60;
/// How many cases a bug is hunted on.
const HUNTED: u32 = 4_000;

type Case<B> = (Bounds, Vec<<B as Beside>::Op>);
type Told<B> = Story<<<B as Beside>::Spec as Model>::State, <B as Beside>::Op>;

/// What the cases have shown.
pub struct Sampled<B: Beside> {
    /// The cases that ran.
    pub cases: u64,
    /// The operations that both took.
    pub ops: u64,
    /// The model's steps by class.
    pub taken: Vec<u64>,
    /// Whether the run was ended from outside.
    pub interrupted: bool,
    /// The smallest case that fails, its story, and the failure.
    pub failed: Option<(Bounds, Told<B>, Failed)>,
}

/// One case from its beginning: the story, the model's steps by class, and the failure.
fn run<B: Beside>(
    (bounds, ops): &Case<B>,
    bug: Option<&str>,
    only: Option<&'static str>,
) -> Option<(Told<B>, Vec<u64>, Option<Failed>)> {
    let mut beside = B::begin(bounds, bug, only)?;
    let mut story = Story { initial: beside.state().clone(), steps: Vec::new() };
    let mut taken = vec![0; B::Spec::ACTIONS.len()];
    for op in ops {
        let classes = beside.take(op);
        story.steps.push((op.clone(), beside.state().clone()));
        match classes {
            Ok(classes) => classes.into_iter().for_each(|class| taken[class] += 1),
            Err(failed) => return Some((story, taken, Some(failed))),
        }
    }
    Some((story, taken, None))
}

/// Runs random cases of the shipped implementation, or of one with a bug.
pub fn sample<B: Beside>(
    (seed, cases): (u64, u32),
    bug: Option<&str>,
    only: Option<&'static str>,
    interrupt: &AtomicBool,
) -> Sampled<B> {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let totals = RefCell::new((0, 0, vec![0; B::Spec::ACTIONS.len()]));
    let mut runner = TestRunner::new_with_rng(config, rng);
    let result = runner.run(&(B::bounds(), vec(B::ops(), 1..=LONGEST)), |case| {
        if interrupt.load(Ordering::Relaxed) {
            return Ok(());
        }
        let (story, taken, failed) = run::<B>(&case, bug, only).expect("these bounds are drawn");
        let (cases, ops, totals) = &mut *totals.borrow_mut();
        *cases += 1;
        *ops += story.steps.len() as u64;
        totals.iter_mut().zip(taken).for_each(|(total, taken)| *total += taken);
        failed.map_or(Ok(()), |failed| Err(TestCaseError::fail(failed.to_string())))
    });
    let (cases, ops, taken) = totals.into_inner();
    let failed = match result {
        Err(TestError::Fail(_, case)) => {
            let (story, _, failed) = run::<B>(&case, bug, only).expect("these bounds are drawn");
            Some((case.0, story, failed.expect("a case that fails does so again")))
        }
        // proptest gives up only on rejected inputs, and none is rejected here.
        Err(TestError::Abort(_)) | Ok(()) => None,
    };
    Sampled { cases, ops, taken, interrupted: interrupt.load(Ordering::Relaxed), failed }
}

/// The report on the shipped implementation.
pub(super) fn conform<B: Beside>(options: &ConformOptions) -> Vec<ConformReport> {
    if options.exhaustive {
        return Vec::new();
    }
    let scope = format!("{}, up to {LONGEST} operations, seed {}", B::DRAWN, options.seed);
    let mut report = ConformReport::new(B::Spec::NAME, Evidence::Sampled, scope);
    let seen = sample::<B>((options.seed, options.cases), None, None, &options.interrupt);
    report.figure("cases", seen.cases);
    report.figure("operations", seen.ops);
    for (class, taken) in B::Spec::ACTIONS.iter().zip(&seen.taken) {
        report.figure(class.name, *taken);
        if *taken == 0 {
            report.verdict = Verdict::Vacuous;
            report.notes.push(format!("{} is never taken", class.name));
        }
    }
    report.figure("divergences", u32::from(seen.failed.is_some()));
    if seen.interrupted {
        report.verdict = Verdict::Truncated;
    }
    if let Some((bounds, story, failed)) = &seen.failed {
        report.verdict = Verdict::Violated;
        report.divergence = Some(failed.to_string());
        report.story = Some(told::<B>(story));
        report.trace = Some(trace::<B>(bounds, story, failed, None));
    }
    vec![report]
}

/// The hunt of a bug of the implementation, with one check alone.
pub(super) fn hunt<B: Beside>(slug: &'static str, check: &'static str) -> Hunt {
    let hunt = Hunt::new(Evidence::Sampled, move |options| {
        let seen = sample::<B>((1, HUNTED), Some(slug), Some(check), &options.interrupt);
        match &seen.failed {
            Some((bounds, story, failed)) => Caught {
                caught: true,
                by: failed.to_string(),
                story: Some(told::<B>(story)),
                trace: Some(trace::<B>(bounds, story, failed, Some(slug))),
            },
            None => Caught {
                caught: false,
                by: format!("survives {} cases", seen.cases),
                story: None,
                trace: None,
            },
        }
    });
    hunt.expecting(check)
}

fn told<B: Beside>(story: &Told<B>) -> StoryDoc {
    StoryDoc::new(story, Vec::new(), |_| None)
}

fn trace<B: Beside>(bounds: &Bounds, story: &Told<B>, failed: &Failed, bug: Option<&str>) -> Trace {
    Trace {
        schema: Trace::SCHEMA,
        target: B::Spec::NAME.to_owned(),
        subject: Subject::Implementation,
        params: bounds.clone(),
        bug: bug.map(str::to_owned),
        property: failed.check.to_owned(),
        verdict: Verdict::Violated,
        initial: to_value(&story.initial),
        last: to_value(story.last()),
        steps: story.steps.iter().map(|(op, _)| to_value(op)).collect(),
        cycle: None,
    }
}

/// Takes the operations of a trace again.
///
/// # Errors
/// When the bounds, the bug, the check or an operation are none of this implementation's, or the
/// model ends elsewhere.
pub(super) fn replay<B: Beside>(trace: &Trace) -> Result<Replayed, TraceError> {
    let stale = |why: &str| TraceError::NoLongerApplies(why.to_owned());
    let only = B::CHECKS.iter().copied().find(|check| *check == trace.property);
    let only = only.ok_or_else(|| stale("the check is not made any more"))?;
    let ops = trace.steps.iter().map(|step| serde_json::from_value(step.clone()));
    let ops = ops.collect::<Result<Vec<B::Op>, _>>();
    let ops = ops.map_err(|why| TraceError::NoLongerApplies(why.to_string()))?;
    let (bug, case) = (trace.bug.as_deref(), (trace.params.clone(), ops));
    let run = run::<B>(&case, bug, Some(only));
    let (story, _, failed) =
        run.ok_or_else(|| stale("there are no such bounds, or no such bug"))?;
    if to_value(&story.initial) != trace.initial || to_value(story.last()) != trace.last {
        return Err(stale("the model's states are others than those recorded"));
    }
    let verdict = if failed.is_some() { Verdict::Violated } else { Verdict::Holds };
    let why = failed.map(|failed| failed.why);
    Ok(Replayed { why, ..Replayed::new(verdict, told::<B>(&story)) })
}

/// The bounds with these names and values.
pub(super) fn bounds<const N: usize>(values: [(&str, u32); N]) -> Bounds {
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The values of the bounds with these names, if these are the bounds there are, each in its range.
pub(super) fn values<const N: usize>(
    bounds: &Bounds,
    ranges: [(&str, std::ops::RangeInclusive<u32>); N],
) -> Option<[u32; N]> {
    let mut values = [0; N];
    for (value, (name, range)) in values.iter_mut().zip(&ranges) {
        *value = *bounds.get(*name).filter(|value| range.contains(value))?;
    }
    (bounds.len() == N).then_some(values)
}
