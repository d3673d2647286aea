//! The task scheduler: a queue with executors, a deque to steal from, and how workers sleep. The
//! problem, the picture and the mapping are in `impls/src/scheduler/README.md`.

pub mod executor;
pub mod resource_allocator;
pub mod sleep_protocol;
pub mod task_queue;
pub mod work_stealing;
