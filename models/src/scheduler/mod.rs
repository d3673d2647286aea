#![doc = include_str!("README.md")]

pub mod executor;
pub mod resource_allocator;
pub mod sleep_protocol;
pub mod task_queue;
pub mod work_stealing;
