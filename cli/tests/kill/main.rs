//! The binary killed without warning, a test binary of its own: these tests take minutes, and the machine to themselves.

#[cfg(test)]
mod delivery;
