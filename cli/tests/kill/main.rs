//! The binary and its database killed without warning, a test binary of its own: these tests take minutes, and the machine to
//! themselves.

#[cfg(test)]
mod delivery;
#[cfg(test)]
mod recompute;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod worker;
