//! A step that names a thread, an acceptor or a value that does not exist is disabled, with a
//! reason; it is never a panic, for labels come from outside.

use bisim_models::common::{Params, Preset, SmallSet, Spec};
use bisim_models::{classics, counter, lock, paxos, raft, scheduler};

fn disabled<S: Spec>(actions: &[S::Action]) {
    let spec = S::new(&Params::preset(S::PARAMETERS, Preset::Standard)).expect("it is a preset");
    for state in spec.initial() {
        for action in actions {
            let reason = spec.step(&state, action).expect_err("nothing has this name");
            assert!(reason.0.starts_with("there is no such"), "{action:?}: {reason}");
        }
    }
}

#[test]
fn what_does_not_exist_cannot_act() {
    use lock::mutex::{Action as Lock, Call};
    disabled::<counter::Counter>(&[counter::Action::Inc(200), counter::Action::Done(200)]);
    disabled::<lock::mutex::Mutex>(&[
        Lock::Acquire { thread: 99 },
        Lock::Fail { thread: 99, call: Call::Lock },
        Lock::Wake { thread: 99, woken: None },
    ]);
    use lock::{actor_lock, rw_lock, ticket_lock, wait_group};
    disabled::<rw_lock::RwLock>(&[
        rw_lock::Action::TakeRead { thread: 99 },
        rw_lock::Action::WakeWriter { thread: 99, woken: None },
    ]);
    disabled::<ticket_lock::TicketLock>(&[ticket_lock::Action::Draw { thread: 99 }]);
    disabled::<wait_group::WaitGroup>(&[wait_group::Action::Look { thread: 99 }]);
    disabled::<actor_lock::ActorLock>(&[actor_lock::Action::Leave { client: 99 }]);
    use counter::striped::{Action as Count, StripedCounter};
    disabled::<StripedCounter>(&[
        Count::Increment { thread: 99, stripe: 0 },
        Count::Increment { thread: 0, stripe: 99 },
    ]);
    use classics::mutual_exclusion::{abstract_lock, bakery, dijkstra, lamport, readers_writers};
    disabled::<abstract_lock::AbstractLock>(&[abstract_lock::Action::L0(99)]);
    disabled::<dijkstra::DijkstraMutex>(&[dijkstra::Action::Li4b(99, None)]);
    disabled::<bakery::Bakery>(&[bakery::Action::E2(99, None)]);
    disabled::<lamport::LamportMutex>(&[
        lamport::Action::Request { p: 99 },
        lamport::Action::ReceiveAck { p: 0, q: 99 },
    ]);
    disabled::<readers_writers::ReadersWriters>(&[readers_writers::Action::Stop(99)]);
    disabled::<paxos::consensus::Consensus>(&[paxos::consensus::Action::Choose { val: 200 }]);
    disabled::<paxos::voting::Voting>(&[
        paxos::voting::Action::IncreaseMaxBal { acc: 99, bal: 0 },
        paxos::voting::Action::VoteFor { acc: 99, bal: 0, val: 0 },
    ]);
    disabled::<paxos::paxos::Paxos>(&[
        paxos::paxos::Action::Phase1b { acc: 99, bal: 0 },
        paxos::paxos::Action::Phase2b { acc: 99, bal: 0, val: 0 },
    ]);
    use classics::peterson::{Action as Peterson, Peterson as Model};
    disabled::<Model>(&[Peterson::A0(2), Peterson::A3(200)]);
    use classics::two_phase_commit::{Action as Commit, TwoPhaseCommit};
    disabled::<TwoPhaseCommit>(&[
        Commit::TMRcvPrepared(99),
        Commit::RMPrepare(99),
        Commit::RMRcvAbortMsg(99),
    ]);
    use raft::{Action as Step, Message, Raft};
    let response = |msource, mdest| Message::AppendEntriesResponse {
        mterm: 1,
        msuccess: true,
        mmatch_index: 9,
        msource,
        mdest,
    };
    disabled::<Raft>(&[
        Step::Restart { i: 99 },
        Step::Timeout { i: 99 },
        Step::RequestVote { i: 99, j: 0 },
        Step::RequestVote { i: 0, j: 99 },
        Step::BecomeLeader { i: 99 },
        Step::ClientRequest { i: 0, v: 9_999 },
        Step::ClientRequest { i: 99, v: 0 },
        Step::AdvanceCommitIndex { i: 99 },
        Step::AppendEntries { i: 0, j: 99, entries: 1 },
        Step::Receive { m: response(99, 0) },
        Step::DuplicateMessage { m: response(0, 99) },
        Step::DropMessage { m: response(99, 0) },
        Step::StepDown { i: 99 },
        Step::SetNextIndex { i: 99, j: 0, next: 1 },
    ]);
}

#[test]
fn what_does_not_exist_cannot_be_scheduled() {
    use classics::termination_detection::{Action as Token, TerminationDetection};
    disabled::<TerminationDetection>(&[Token::PassToken(99), Token::SendMsg { i: 0, j: 99 }]);
    use scheduler::{executor, resource_allocator, sleep_protocol, task_queue, work_stealing};
    disabled::<task_queue::TaskQueue>(&[task_queue::Action::Take(99), task_queue::Action::End(99)]);
    disabled::<work_stealing::WorkStealing>(&[work_stealing::Action::StealRaiseTop(99)]);
    disabled::<sleep_protocol::SleepProtocol>(&[
        sleep_protocol::Action::Push(99),
        sleep_protocol::Action::Wake { caller: 99, woken: None },
        sleep_protocol::Action::Retire(99),
    ]);
    disabled::<executor::Executor>(&[
        executor::Action::Begin { worker: 99, task: 0 },
        executor::Action::GiveUp { worker: 0, task: 99 },
    ]);
    let set = SmallSet::below(1);
    disabled::<resource_allocator::ResourceAllocator>(&[
        resource_allocator::Action::Request { client: 99, set },
        resource_allocator::Action::Return { client: 0, set: SmallSet::EMPTY },
    ]);
}
