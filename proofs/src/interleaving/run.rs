//! A run as a value: what a trace file needs to run it again.

use serde::{Deserialize, Serialize};

use super::{Bounds, Call, Choices, Event, Failure, Scenario, story_of};
use crate::checker::Verdict;
use crate::report::{Replayed, Subject, Trace, TraceError, to_value};

/// The most calls of a thread: what the models have room for.
const MOST_CALLS: usize = 4;

/// What ran, and how far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The calls of each thread.
    pub calls: Vec<Vec<Call>>,
    /// Which interleavings.
    pub schedule: Schedule,
}

/// Which interleavings of a scenario ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Schedule {
    /// Those of loom, in its order, up to this execution.
    Explored {
        /// The bound on preemptions.
        preemptions: Option<usize>,
        /// The number of the execution that failed.
        execution: u64,
    },
    /// The one that the choices make, under shuttle.
    Chosen(Vec<u8>),
}

impl Run {
    /// The run of loom that ended in a failure.
    pub fn explored(scenario: &Scenario, bounds: &Bounds, failure: &Failure) -> Self {
        let execution = failure.execution;
        let schedule = Schedule::Explored { preemptions: bounds.preemptions, execution };
        Self { calls: scenario.calls.clone(), schedule }
    }

    /// The one run of shuttle.
    pub fn chosen(scenario: &Scenario, choices: &Choices) -> Self {
        let schedule = Schedule::Chosen(choices.0.clone());
        Self { calls: scenario.calls.clone(), schedule }
    }

    /// The scenario.
    pub fn scenario(&self) -> Scenario {
        Scenario { calls: self.calls.clone() }
    }

    /// What a trace of this run says that it is of.
    fn subject(&self) -> Subject {
        match self.schedule {
            Schedule::Explored { .. } => Subject::Interleaving,
            Schedule::Chosen(_) => Subject::Implementation,
        }
    }

    /// The failed run as a trace.
    pub fn trace(&self, target: &str, bug: Option<&str>, failure: &Failure) -> Trace {
        Trace {
            schema: Trace::SCHEMA,
            target: target.to_owned(),
            subject: self.subject(),
            params: Default::default(),
            bug: bug.map(str::to_owned),
            property: failure.check().to_owned(),
            verdict: Verdict::Violated,
            initial: to_value(self),
            steps: failure.events.iter().map(to_value).collect(),
            last: to_value(&failure.what),
            cycle: None,
        }
    }

    /// The run that a trace is of.
    ///
    /// # Errors
    /// When the trace's initial state is not a run, or is one that no explorer would make.
    pub fn of(trace: &Trace) -> Result<Self, TraceError> {
        let run: Self = serde_json::from_value(trace.initial.clone())
            .map_err(|why| stale(&format!("the run cannot be read: {why}")))?;
        if run.subject() != trace.subject {
            return Err(stale("its subject is not what its schedule is for"));
        }
        let threads = run.calls.len();
        if threads == 0 || threads >= loom::MAX_THREADS {
            return Err(stale(&format!("{threads} threads are not what an explorer runs")));
        }
        let calls = run.scenario().rounds();
        if calls == 0 || calls > MOST_CALLS {
            return Err(stale(&format!("{calls} calls of a thread are not what an explorer runs")));
        }
        if let Schedule::Explored { preemptions, execution } = run.schedule {
            if execution == 0 || execution > Bounds::default().executions {
                return Err(stale(&format!("an explorer comes to no execution {execution}")));
            }
            // What loom can count.
            if preemptions.is_some_and(|most| u8::try_from(most).is_err()) {
                return Err(stale("an explorer does not bound preemptions so high"));
            }
        }
        Ok(run)
    }
}

/// Compares what a run did this time with what its trace says.
///
/// # Errors
/// When it does not fail any more, fails otherwise, or takes other steps on the way.
pub fn replayed(
    run: &Run,
    trace: &Trace,
    failure: Option<Failure>,
) -> Result<Replayed, TraceError> {
    let failure = failure.ok_or_else(|| stale("the run does not fail any more"))?;
    if to_value(&failure.what) != trace.last {
        return Err(stale(&format!("the run now fails otherwise: {}", failure.what)));
    }
    let steps: Vec<Event> = trace
        .steps
        .iter()
        .map(|step| serde_json::from_value(step.clone()))
        .collect::<Result<_, _>>()
        .map_err(|why| stale(&format!("a step cannot be read: {why}")))?;
    if steps != failure.events {
        let same = steps.iter().zip(&failure.events).take_while(|(old, new)| old == new).count();
        return Err(stale(&format!("step {} is another one now", same + 1)));
    }
    Ok(Replayed { verdict: Verdict::Violated, story: story_of(&failure.events, run.calls.len()) })
}

fn stale(why: &str) -> TraceError {
    TraceError::NoLongerApplies(why.to_owned())
}
