//! A connection's place in the crowd: it is kept beside the connection and ends with it.
//!
//! It can outlast its member: who was shown out is no member any more, and what is said of them changes nothing.

use std::net::IpAddr;

use super::members::{Doing, Shared};

/// A connection's place in the crowd, for as long as it is there.
#[derive(Debug)]
pub struct Membership {
    members: Shared,
    address: IpAddr,
    id: u64,
}

impl Membership {
    /// The place of the connection that has this number.
    pub fn new(members: Shared, address: IpAddr, id: u64) -> Self {
        Self { members, address, id }
    }

    /// Notes what the connection does from now on.
    pub fn does(&self, doing: Doing) {
        self.members.lock().note(self.address, self.id, doing);
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.members.lock().remove(self.address, self.id);
    }
}
