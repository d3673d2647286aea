//! A lock that belongs to an owner, which clients ask for by messages.
//!
//! A client asks for the lock, or gives it back, and waits for the answer; or it goes, and says so.
//! Requests are served in the order in which they were sent. A client thinks that it has the lock
//! from the answer `true` on, until it asks to give it back. Left out: the loss of messages and of
//! the owner; the lock is for one process.

use serde::{Deserialize, Serialize};

use crate::common::{
    ActionClass, Disabled, Fairness, Law, LiveLaw, Parameter, ParameterError, Params, Sequence,
    Spec,
};
use crate::spec_model;

/// What a client tells the owner.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Request {
    /// It wants the lock.
    #[default]
    Acquire,
    /// It gives the lock back.
    Release,
    /// It is gone.
    Leave,
}

/// Where a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Client {
    /// Between two requests; whether it thinks that it has the lock.
    Idle {
        /// Whether it was told so.
        has_lock: bool,
    },
    /// Waits for an answer to this request.
    Asked {
        /// The request.
        request: Request,
        /// Whether it thought that it had the lock when it asked.
        had_lock: bool,
    },
    /// The answer to this request is there.
    Answered {
        /// The request.
        request: Request,
        /// The answer.
        answer: bool,
        /// Whether it thought that it had the lock when it asked.
        had_lock: bool,
    },
    /// Gone.
    Gone,
}

/// The owner, the requests and the clients.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// The client that has the lock, as the owner sees it.
    pub holder: Option<u8>,
    /// The requests that are not served, the oldest first.
    pub requests: Sequence<(Request, u8), 8>,
    /// The clients.
    pub clients: Vec<Client>,
}

impl State {
    /// Whether a client thinks that it has the lock.
    pub fn has_lock(&self, client: usize) -> bool {
        match self.clients[client] {
            Client::Idle { has_lock } => has_lock,
            // Who asks again while it has the lock keeps it, whatever the answer.
            Client::Asked { request: Request::Acquire, had_lock } => had_lock,
            Client::Answered { request: Request::Acquire, had_lock, .. } => had_lock,
            _ => false,
        }
    }
}

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// A client sends a request to have the lock, or to give it back.
    Ask {
        /// The client.
        client: u8,
        /// The request.
        request: Request,
    },
    /// A client goes.
    Leave {
        /// The client.
        client: u8,
    },
    /// The owner serves the oldest request.
    Serve,
    /// A client hears the answer.
    Hear {
        /// The client.
        client: u8,
        /// The answer.
        answer: bool,
    },
}

/// The owner and its clients.
#[derive(Clone, Debug)]
pub struct ActorLock {
    clients: u8,
}

type Next = Result<State, Disabled>;

impl ActorLock {
    fn ask(state: &State, client: u8, request: Request) -> Next {
        let Client::Idle { has_lock: had_lock } = state.clients[usize::from(client)] else {
            return Err(Disabled("the client waits, or is gone"));
        };
        if request == Request::Leave {
            return Err(Disabled("who leaves does not ask"));
        }
        let mut next = state.clone();
        next.requests = state.requests.with((request, client));
        next.clients[usize::from(client)] = Client::Asked { request, had_lock };
        Ok(next)
    }

    fn leave(state: &State, client: u8) -> Next {
        // Also one that waits for an answer: its thread may be stopped.
        if state.clients[usize::from(client)] == Client::Gone {
            return Err(Disabled("the client is gone"));
        }
        let mut next = state.clone();
        next.requests = state.requests.with((Request::Leave, client));
        next.clients[usize::from(client)] = Client::Gone;
        Ok(next)
    }

    fn serve(state: &State) -> Next {
        let Some((&(request, client), rest)) = state.requests.split_first() else {
            return Err(Disabled("nobody asks"));
        };
        let mut next = State { requests: Sequence::from(rest), ..state.clone() };
        let owns = state.holder == Some(client);
        let answer = match request {
            Request::Acquire => {
                next.holder = state.holder.or(Some(client));
                state.holder.is_none()
            }
            Request::Release | Request::Leave => {
                if owns {
                    next.holder = None;
                }
                owns
            }
        };
        if let Client::Asked { request, had_lock } = state.clients[usize::from(client)] {
            let answered = Client::Answered { request, answer, had_lock };
            next.clients[usize::from(client)] = answered;
        }
        Ok(next)
    }

    fn hear(state: &State, client: u8, heard: bool) -> Next {
        let Client::Answered { request, answer, had_lock } = state.clients[usize::from(client)]
        else {
            return Err(Disabled("no answer is there"));
        };
        if answer != heard {
            return Err(Disabled("the answer is another one"));
        }
        let has_lock = request == Request::Acquire && (answer || had_lock);
        let mut next = state.clone();
        next.clients[usize::from(client)] = Client::Idle { has_lock };
        Ok(next)
    }
}

const SOURCE: &str = "channel-based lock, as introductory texts on Go have it";

impl Spec for ActorLock {
    const NAME: &'static str = "actor-lock";

    const PARAMETERS: &'static [Parameter] =
        &[Parameter::count("clients", "clients of the lock", (1, 5), [2, 3, 4])];

    const ACTIONS: &'static [ActionClass] = &[
        ActionClass::new("Ask", SOURCE),
        ActionClass::new("Leave", "a client's thread may stop anywhere"),
        ActionClass::new("Serve", SOURCE),
        ActionClass::new("Hear", SOURCE),
    ];

    fn new(params: &Params) -> Result<Self, ParameterError> {
        Ok(Self { clients: params.get("clients") as u8 })
    }

    fn initial(&self) -> Vec<State> {
        let clients = vec![Client::Idle { has_lock: false }; self.clients.into()];
        vec![State { holder: None, requests: Sequence::new(), clients }]
    }

    fn candidates(&self, _: &State, actions: &mut Vec<Action>) {
        actions.push(Action::Serve);
        for client in 0..self.clients {
            actions.extend([
                Action::Ask { client, request: Request::Acquire },
                Action::Ask { client, request: Request::Release },
                Action::Leave { client },
                Action::Hear { client, answer: true },
                Action::Hear { client, answer: false },
            ]);
        }
    }

    fn step(&self, state: &State, action: &Action) -> Next {
        match *action {
            Action::Ask { client, .. } | Action::Leave { client } | Action::Hear { client, .. }
                if client >= self.clients =>
            {
                Err(Disabled("there is no such client"))
            }
            Action::Ask { client, request } => Self::ask(state, client, request),
            Action::Leave { client } => Self::leave(state, client),
            Action::Serve => Self::serve(state),
            Action::Hear { client, answer } => Self::hear(state, client, answer),
        }
    }

    fn class_of(action: &Action) -> usize {
        match action {
            Action::Ask { .. } => 0,
            Action::Leave { .. } => 1,
            Action::Serve => 2,
            Action::Hear { .. } => 3,
        }
    }

    fn laws(&self) -> Vec<Law<Self>> {
        vec![
            Law::always("mutual exclusion", "Dijkstra 1965", |_, s: &State| {
                (0..s.clients.len()).filter(|client| s.has_lock(*client)).count() <= 1
            }),
            Law::always("who has the lock is its holder", SOURCE, |_, s: &State| {
                (0..s.clients.len()).all(|i| !s.has_lock(i) || s.holder == Some(i as u8))
            }),
            Law::sometimes("a client is refused", SOURCE, |_, s: &State| {
                let refused = |client: &_| matches!(client, Client::Answered { answer: false, .. });
                s.clients.iter().any(refused)
            }),
        ]
    }

    fn live_laws(&self) -> Vec<LiveLaw<Self>> {
        let fair = Fairness::weak("the owner", |_, _, action: &Action| {
            matches!(action, Action::Serve).then_some(0)
        });
        let freed = LiveLaw::each_leads_to(
            self.clients.into(),
            "a client that is gone does not keep the lock",
            SOURCE,
            |_, s: &State, i| s.clients[i] == Client::Gone,
            |_, s: &State, i| s.holder != Some(i as u8),
        );
        vec![freed.under(&fair)]
    }

    fn lanes(&self) -> Vec<String> {
        let clients = (0..self.clients).map(|client| format!("client {client}"));
        std::iter::once("owner".to_owned()).chain(clients).collect()
    }

    fn lane_of(&self, action: &Action) -> Option<usize> {
        Some(match *action {
            Action::Serve => 0,
            Action::Ask { client, .. } | Action::Leave { client } | Action::Hear { client, .. } => {
                1 + usize::from(client)
            }
        })
    }
}

spec_model!(ActorLock, State, Action);
