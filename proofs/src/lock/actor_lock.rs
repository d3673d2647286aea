//! The lock that belongs to an owner: the shipped one beside its model, call by call, and its bugs.

use bisim::lock::LockClient;
use bisim_models::common::{Disabled, Params, Preset, Spec};
use bisim_models::lock::actor_lock::{Action, ActorLock, Request, State};

use crate::registry::{Bug, Hunt, ModelBug};

/// The shipped lock and its model, which take each call together.
///
/// A call of the implementation is three steps of the model: ask, serve, hear; to go is two. The
/// threads of the implementation are the system's: what is compared is what the calls return, not
/// how they interleave, which is the channel's evidence.
#[derive(Debug)]
pub struct SideBySide {
    lock: bisim::lock::ActorLock,
    clients: Vec<Option<LockClient>>,
    model: ActorLock,
    state: State,
}

/// A call of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientCall {
    /// Ask for the lock.
    Acquire,
    /// Give it back.
    Release,
    /// Go.
    Leave,
}

impl SideBySide {
    /// A lock with so many clients, 1 to 5.
    pub fn new(clients: u8) -> Self {
        let params = Params::preset(ActorLock::PARAMETERS, Preset::Standard);
        let model = ActorLock::new(&params.with("clients", clients.into()))
            .expect("every number of clients makes a model");
        let state = model.initial().pop().expect("there is one initial state");
        let lock = bisim::lock::ActorLock::start();
        let clients = (0..clients).map(|_| Some(lock.client())).collect();
        Self { lock, clients, model, state }
    }

    /// Makes a call on both; a client that is gone makes none. Another one comes in its place when
    /// all are gone.
    ///
    /// # Errors
    /// How they differ.
    pub fn call(&mut self, client: u8, call: ClientCall) -> Result<(), String> {
        let place = usize::from(client);
        let Some(shipped) = &self.clients[place] else { return Ok(()) };
        let (request, answer) = match call {
            ClientCall::Acquire => (Request::Acquire, shipped.acquire()),
            ClientCall::Release => (Request::Release, shipped.release()),
            ClientCall::Leave => {
                self.clients[place] = None;
                self.take(Action::Leave { client })?;
                return self.take(Action::Serve);
            }
        };
        self.take(Action::Ask { client, request })?;
        self.take(Action::Serve)?;
        self.take(Action::Hear { client, answer })
    }

    /// Whether every client is gone; then the lock must be free for a new one.
    ///
    /// # Errors
    /// When it is not.
    pub fn all_gone(&self) -> Result<bool, String> {
        let gone = self.clients.iter().all(Option::is_none);
        if gone && !self.lock.client().acquire() {
            return Err("the lock is kept by a client that is gone".to_owned());
        }
        Ok(gone)
    }

    fn take(&mut self, action: Action) -> Result<(), String> {
        let next = self.model.step(&self.state, &action);
        self.state = next.map_err(|why| format!("divergence: {action:?}: {why}"))?;
        Ok(())
    }
}

/// The owner takes a release from anybody.
const UNOWNED_RELEASE: ModelBug<ActorLock> = ModelBug {
    slug: "lock/unowned-release",
    step: |model, state, action, memory| match (action, state.requests.iter().next()) {
        (Action::Serve, Some((Request::Release, client))) => {
            let owned = State { holder: Some(*client), ..state.clone() };
            Some(model.step(&owned, action).map(|next| (next, memory)))
        }
        _ => None,
    },
    candidates: |_, _, _, _| {},
};

/// The owner does not care who is gone.
const WEDGED: ModelBug<ActorLock> = ModelBug {
    slug: "lock/wedged-by-the-gone",
    step: |_, state, action, memory| match (action, state.requests.iter().next()) {
        (Action::Serve, Some((Request::Leave, _))) => {
            let mut next = state.clone();
            next.requests = state.requests.iter().skip(1).copied().collect();
            Some(Ok((next, memory)))
        }
        (Action::Serve, None) => Some(Err(Disabled("nobody asks"))),
        _ => None,
    },
    candidates: |_, _, _, _| {},
};

/// All of them.
pub(super) const ALL: [ModelBug<ActorLock>; 2] = [UNOWNED_RELEASE, WEDGED];

/// The bugs.
pub(super) fn bugs() -> Vec<Bug> {
    vec![
        Bug::new(
            "L12",
            UNOWNED_RELEASE.slug,
            "the owner takes a release from a client that does not have the lock",
            "textbook",
        )
        .hunted_by(|_| vec![Hunt::against(UNOWNED_RELEASE, "who has the lock is its holder")]),
        Bug::new(
            "own",
            WEDGED.slug,
            "a client that is gone keeps the lock",
            "channel-based locks of introductory texts",
        )
        .hunted_by(|_| vec![Hunt::against(WEDGED, "a client that is gone does not keep the lock")]),
    ]
}
