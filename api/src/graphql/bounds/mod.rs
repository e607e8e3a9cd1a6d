//! What keeps one request from taking everything: the limits of lists and prices, the queue for heavy work, the turns of execution.

pub mod heavy;
pub mod limits;
pub mod take_turns;
pub mod turns;
