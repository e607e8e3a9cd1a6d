//! Commands that run until they are stopped: the API, the worker, and both for the demo.

mod crowd;
pub mod demo;
pub mod serve;
mod watch;
pub mod worker;
