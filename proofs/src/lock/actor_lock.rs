//! The lock that belongs to an owner: the shipped one beside its model, call by call.
//!
//! A call of the implementation is three steps of the model: ask, serve, hear; to go is two. The
//! threads of the implementation are the system's: what is compared is what the calls return, not
//! how they interleave, which is the channel's evidence.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

use bisim::lock::LockClient;
use bisim_models::common::{Params, Preset, Spec};
use bisim_models::lock::actor_lock::{Action, ActorLock, Client, Request, State};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::test_runner::{TestCaseError, TestError};
use serde::{Deserialize, Serialize};

use super::actor_bugs;
use crate::checker::{Story, Verdict};
use crate::interleaving::runner;
use crate::registry::{ConformOptions, ConformReport, Conformance, Evidence};
use crate::report::{Replayed, StoryDoc, Subject, Trace, TraceError, to_value};

/// A call of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientCall {
    /// Ask for the lock.
    Acquire,
    /// Give it back.
    Release,
    /// Go. A client that is gone makes no more calls.
    Leave,
}

/// What clients do, one call after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calls {
    /// The clients, 1 to 5.
    pub clients: u8,
    /// Who calls, counted modulo the clients, and what.
    pub calls: Vec<(u8, ClientCall)>,
}

/// What answers clients, which are numbered from 0.
pub trait Owner {
    /// A lock that nobody has.
    fn start(clients: u8) -> Self;

    /// A client asks for the lock: whether it has it from now on.
    fn acquire(&mut self, client: u8) -> bool;

    /// A client gives it back: whether it had it.
    fn release(&mut self, client: u8) -> bool;

    /// A client goes.
    fn leave(&mut self, client: u8);
}

/// The shipped lock with its owner on a thread of its own.
#[derive(Debug)]
pub struct Shipped {
    clients: Vec<Option<LockClient>>,
}

impl Shipped {
    fn client(&self, client: u8) -> &LockClient {
        let client = self.clients[usize::from(client)].as_ref();
        client.expect("a client that is gone makes no calls")
    }
}

impl Owner for Shipped {
    fn start(clients: u8) -> Self {
        let lock = bisim::lock::ActorLock::start();
        Self { clients: (0..clients).map(|_| Some(lock.client())).collect() }
    }

    fn acquire(&mut self, client: u8) -> bool {
        self.client(client).acquire()
    }

    fn release(&mut self, client: u8) -> bool {
        self.client(client).release()
    }

    fn leave(&mut self, client: u8) {
        self.clients[usize::from(client)] = None;
    }
}

/// A lock and its model, which took each call together.
struct SideBySide {
    model: ActorLock,
    story: Story<State, Action>,
}

impl SideBySide {
    fn begin(clients: u8) -> Self {
        let params = Params::preset(ActorLock::PARAMETERS, Preset::Standard);
        let model = ActorLock::new(&params.with("clients", clients.into()))
            .expect("every number of clients makes a model");
        let initial = model.initial().pop().expect("there is one initial state");
        Self { model, story: Story { initial, steps: Vec::new() } }
    }

    fn call<O: Owner>(
        &mut self,
        owner: &mut O,
        client: u8,
        call: ClientCall,
    ) -> Result<(), String> {
        if self.story.last().clients[usize::from(client)] == Client::Gone {
            return Ok(());
        }
        let (request, answer) = match call {
            ClientCall::Acquire => (Request::Acquire, owner.acquire(client)),
            ClientCall::Release => (Request::Release, owner.release(client)),
            ClientCall::Leave => {
                owner.leave(client);
                self.take(Action::Leave { client })?;
                return self.take(Action::Serve);
            }
        };
        self.take(Action::Ask { client, request })?;
        self.take(Action::Serve)?;
        self.take(Action::Hear { client, answer })
    }

    fn take(&mut self, action: Action) -> Result<(), String> {
        let next = self.model.step(self.story.last(), &action);
        let next = next.map_err(|why| format!("divergence: {action:?}: {why}"))?;
        self.story.steps.push((action, next));
        Ok(())
    }
}

/// A call whose answer the model does not give.
#[derive(Debug)]
pub struct Differs {
    /// How they differ.
    pub what: String,
    /// The model up to there.
    pub story: StoryDoc,
}

impl Calls {
    /// Makes the calls on a lock and its model: how many steps the model took.
    ///
    /// # Errors
    /// The first call whose answer differs.
    pub fn run<O: Owner>(&self) -> Result<u64, Box<Differs>> {
        let mut owner = O::start(self.clients);
        let mut both = SideBySide::begin(self.clients);
        for (who, call) in &self.calls {
            if let Err(what) = both.call(&mut owner, who % self.clients, *call) {
                let SideBySide { model, story } = both;
                let story = StoryDoc::new(&story, model.lanes(), |action| model.lane_of(action));
                return Err(Box::new(Differs { what, story }));
            }
        }
        Ok(both.story.steps.len() as u64)
    }

    /// As a trace that ends in this difference.
    pub(super) fn trace(&self, bug: Option<&str>, differs: &Differs) -> Trace {
        Trace {
            schema: Trace::SCHEMA,
            target: ActorLock::NAME.to_owned(),
            subject: Subject::Implementation,
            params: Default::default(),
            bug: bug.map(str::to_owned),
            property: "a path of the model".to_owned(),
            verdict: Verdict::Violated,
            initial: to_value(self),
            steps: differs.story.stem.iter().map(|step| step.action.clone()).collect(),
            last: to_value(&differs.what),
            cycle: None,
        }
    }
}

/// What sampled calls have shown.
#[derive(Debug, Default)]
pub struct Answered {
    /// The lists of calls that were made.
    pub cases: u64,
    /// The steps of the model.
    pub steps: u64,
    /// The shortest list that was found whose answers differ.
    pub differs: Option<(Calls, Box<Differs>)>,
}

/// Up to five clients with up to forty calls.
fn scripts() -> impl Strategy<Value = Calls> {
    use ClientCall::{Acquire, Leave, Release};
    let call = prop_oneof![8 => Just(Acquire), 7 => Just(Release), 1 => Just(Leave)];
    (1..=5_u8, vec((0..5_u8, call), 0..=40)).prop_map(|(clients, calls)| Calls { clients, calls })
}

/// Makes this many lists of calls on what claims to be the lock.
pub fn answered<O: Owner>(seed: u64, cases: u32, interrupt: &AtomicBool) -> Answered {
    let (made, steps) = (Cell::new(0), Cell::new(0));
    let result = runner(seed, cases).run(&scripts(), |calls| {
        if interrupt.load(Ordering::Relaxed) {
            return Ok(());
        }
        made.set(made.get() + 1);
        let taken = calls.run::<O>().map_err(|differs| TestCaseError::fail(differs.what))?;
        steps.set(steps.get() + taken);
        Ok(())
    });
    let differs = match result {
        Err(TestError::Fail(_, calls)) => {
            let differs = calls.run::<O>().expect_err("one call follows the other: it fails again");
            Some((calls, differs))
        }
        // proptest gives up only on rejected inputs, and none is rejected here.
        Err(TestError::Abort(_)) | Ok(()) => None,
    };
    Answered { cases: made.get(), steps: steps.get(), differs }
}

/// The evidence of the lock.
#[derive(Clone, Copy, Debug, Default)]
pub struct ActorLockConformance;

impl Conformance for ActorLockConformance {
    fn evidence(&self) -> &'static [Evidence] {
        &[Evidence::Sampled]
    }

    /// It has no orderings of its own to be weakened: those are the channel's.
    fn conform(&self, options: &ConformOptions) -> Vec<ConformReport> {
        if options.weaken {
            return Vec::new();
        }
        let scope = "1 to 5 clients, up to 40 calls one after the other, by proptest";
        let mut report = ConformReport::new(ActorLock::NAME, Evidence::Sampled, scope);
        let seen = answered::<Shipped>(options.seed, options.cases, &options.interrupt);
        report.figure("cases", seen.cases);
        report.figure("steps compared with the model", seen.steps);
        report.figure("divergences", u64::from(seen.differs.is_some()));
        report.figure("seed", options.seed.to_string());
        if options.interrupt.load(Ordering::Relaxed) {
            report.verdict = Verdict::Truncated;
        }
        if let Some((calls, differs)) = seen.differs {
            report.verdict = Verdict::Violated;
            report.divergence = Some(differs.what.clone());
            report.trace = Some(calls.trace(None, &differs));
            report.story = Some(differs.story);
        }
        vec![report]
    }

    fn replay(&self, trace: &Trace) -> Result<Replayed, TraceError> {
        let stale = |why: String| TraceError::NoLongerApplies(why);
        let calls: Calls = serde_json::from_value(trace.initial.clone())
            .map_err(|why| stale(format!("the calls cannot be read: {why}")))?;
        if !(1..=5).contains(&calls.clients) {
            return Err(stale(format!("{} clients are not what is sampled", calls.clients)));
        }
        let result = match &trace.bug {
            None => calls.run::<Shipped>(),
            Some(slug) => actor_bugs::run(slug, &calls)
                .ok_or_else(|| stale(format!("there is no bug {slug} any more")))?,
        };
        let differs = result.err().ok_or_else(|| stale("the answers are right now".to_owned()))?;
        if calls.trace(trace.bug.as_deref(), &differs) != *trace {
            return Err(stale(format!("the answers now differ otherwise: {}", differs.what)));
        }
        Ok(Replayed::new(Verdict::Violated, differs.story))
    }
}
