//! A model as the commands see it: checked, explored and replayed without its types.

use std::sync::Arc;

use bisim_models::common::{ActionClass, Model, Parameter, ParameterError, Params, Spec, Value};

use super::{Buggy, CheckReport, LawInfo, Laws, ModelBug, PropertyReport, replay_model, trace_of};
use crate::checker::{Classes, Engine, Options, Outcome, PropertyVerdict, Verdict, check, search};
use crate::report::{Replayed, StoryDoc, Subject, Trace, TraceError};

/// A model without its types.
pub trait ModelTarget: Send + Sync {
    /// The name on the command line.
    fn name(&self) -> &'static str;

    /// The parameters.
    fn parameters(&self) -> &'static [Parameter];

    /// The classes of actions.
    fn actions(&self) -> &'static [ActionClass];

    /// The properties, at the standard preset.
    fn laws(&self) -> Vec<LawInfo>;

    /// The slugs of the bugs that can be seeded in the model.
    fn bugs(&self) -> Vec<&'static str>;

    /// Checks the model, or the model with a bug.
    ///
    /// # Errors
    /// When the combination of parameters makes no sense, or there is no such bug, or a bug is to
    /// be checked by another engine than the suite's own.
    fn check(
        &self,
        params: &Params,
        bug: Option<&str>,
        options: &Options,
    ) -> Result<CheckReport, ParameterError>;

    /// Serves Stateright's Explorer until the process ends.
    ///
    /// # Errors
    /// As [`check`](ModelTarget::check).
    fn explore(
        &self,
        params: &Params,
        bug: Option<&str>,
        address: std::net::SocketAddr,
    ) -> Result<(), ParameterError>;

    /// Takes the steps of a trace of the model again.
    ///
    /// # Errors
    /// When the model has changed, so that the trace no longer applies.
    fn replay(&self, params: &Params, trace: &Trace) -> Result<Replayed, TraceError>;
}

/// A [`Spec`] with its bugs, as a [`ModelTarget`].
pub struct SpecTarget<S: Spec> {
    bugs: Vec<ModelBug<S>>,
}

impl<S: Spec> SpecTarget<S> {
    /// A target without or with bugs that can be seeded in the model.
    pub fn boxed(bugs: &[ModelBug<S>]) -> Box<dyn ModelTarget> {
        Box::new(Self { bugs: bugs.to_vec() })
    }

    fn bug(&self, slug: &str) -> Result<ModelBug<S>, ParameterError> {
        self.bugs.iter().find(|bug| bug.slug == slug).copied().ok_or_else(|| {
            let known: Vec<_> = self.bugs.iter().map(|bug| bug.slug).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            ParameterError(format!("{slug}: bugs of the model {}: {known}", S::NAME))
        })
    }

    fn report<T: Value>(
        &self,
        spec: &S,
        params: &Params,
        bug: Option<&str>,
        mut outcome: Outcome<T, S::Action>,
    ) -> CheckReport {
        outcome.leave_out(|class| !spec.has(class));
        let verdict = outcome.verdict();
        let sources = spec.laws().into_iter().map(|law| law.source);
        let sources = sources.chain(spec.step_laws().into_iter().map(|law| law.source));
        let sources = sources.chain(spec.live_laws().into_iter().map(|law| law.source));
        let properties = outcome.properties.into_iter().zip(sources).map(|(found, source)| {
            let story = found.story.as_ref();
            let lane_of = |action: &_| spec.lane_of(action);
            PropertyReport {
                name: found.name,
                kind: found.kind,
                fairness: found.fairness,
                expectation: found.expectation,
                source,
                verdict: found.verdict,
                trace: story.map(|story| {
                    let lasso = (story, found.cycle.as_deref());
                    let mut trace =
                        trace_of::<S, _, _>(lasso, Subject::Model, params, bug, found.name);
                    if found.verdict == PropertyVerdict::Reached {
                        trace.verdict = Verdict::Holds;
                    }
                    trace
                }),
                story: story.map(|story| {
                    let told = StoryDoc::new(story, spec.lanes(), lane_of);
                    match &found.cycle {
                        Some(cycle) => told.for_ever(cycle, lane_of),
                        None => told,
                    }
                }),
            }
        });
        CheckReport {
            target: S::NAME,
            params: params.clone(),
            bug: bug.map(str::to_owned),
            distinct: outcome.distinct,
            generated: outcome.generated,
            depth: outcome.depth,
            verdict,
            cut: outcome.cut,
            properties: properties.collect(),
            actions: outcome.actions,
            graph: outcome.graph,
            engine: outcome.engine,
            workers: outcome.workers,
            seconds: outcome.elapsed.as_secs_f64(),
            peak_bytes: outcome.peak_bytes,
            omission_probability: outcome.omission_probability,
        }
    }
}

impl<S: Spec> ModelTarget for SpecTarget<S> {
    fn name(&self) -> &'static str {
        S::NAME
    }

    fn parameters(&self) -> &'static [Parameter] {
        S::PARAMETERS
    }

    fn actions(&self) -> &'static [ActionClass] {
        S::ACTIONS
    }

    fn laws(&self) -> Vec<LawInfo> {
        let standard = Params::preset(S::PARAMETERS, Default::default());
        let spec = S::new(&standard).expect("every preset makes a model");
        let laws = spec.laws().into_iter();
        let laws = laws.map(|law| LawInfo::new(law.name(), &law.expectation(), law.source));
        let steps = spec.step_laws().into_iter();
        let steps = steps.map(|law| LawInfo::new(law.name, &law.expectation, law.source));
        let live = spec.live_laws().into_iter().map(|law| LawInfo {
            name: law.name,
            kind: law.word(),
            source: law.source,
            fairness: Some(law.fairness.name()),
        });
        laws.chain(steps).chain(live).collect()
    }

    fn bugs(&self) -> Vec<&'static str> {
        self.bugs.iter().map(|bug| bug.slug).collect()
    }

    fn check(
        &self,
        params: &Params,
        bug: Option<&str>,
        options: &Options,
    ) -> Result<CheckReport, ParameterError> {
        match bug {
            None => {
                let spec = Arc::new(S::new(params)?);
                let outcome = check(Arc::clone(&spec), &Classes::of_spec(&*spec), options);
                Ok(self.report(&spec, params, bug, outcome))
            }
            Some(slug) if options.engine != Engine::Bisim => Err(ParameterError(format!(
                "{slug}: a model with a bug is checked by the engine bisim"
            ))),
            Some(slug) => {
                let model = Arc::new(Buggy::new(S::new(params)?, self.bug(slug)?));
                let outcome = search(Arc::clone(&model), &model.classes(), options);
                Ok(self.report(model.spec(), params, bug, outcome))
            }
        }
    }

    fn explore(
        &self,
        params: &Params,
        bug: Option<&str>,
        address: std::net::SocketAddr,
    ) -> Result<(), ParameterError> {
        match bug {
            None => serve(S::new(params)?, address),
            Some(slug) => serve(Buggy::new(S::new(params)?, self.bug(slug)?), address),
        }
        Ok(())
    }

    fn replay(&self, params: &Params, trace: &Trace) -> Result<Replayed, TraceError> {
        let stale = |why: ParameterError| TraceError::NoLongerApplies(why.to_string());
        let spec = S::new(params).map_err(stale)?;
        let lanes = spec.lanes();
        match &trace.bug {
            None => {
                let laws = Laws { steps: spec.step_laws(), live: spec.live_laws() };
                replay_model(&spec, &laws, trace, lanes, |action| spec.lane_of(action))
            }
            Some(slug) => {
                let model = Buggy::new(spec, self.bug(slug).map_err(stale)?);
                let laws = Laws { steps: model.step_laws(), live: model.live_laws() };
                replay_model(&model, &laws, trace, lanes, |a| model.spec().lane_of(a))
            }
        }
    }
}

fn serve<M>(model: M, address: std::net::SocketAddr)
where
    M: Model<State: Value, Action: Value> + Send + Sync + 'static,
{
    model.checker().serve(address);
}
