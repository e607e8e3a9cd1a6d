//! Who is there and what each connection does: whom the crowd shows out when a new one comes.
//!
//! Only a silent connection is shown out. The address with the most silent ones gives its longest silent one.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use socket2::SockRef;

use super::limits::CrowdLimits;

/// How long a request may be under way, its answer included, before its connection counts as silent: longer than executing
/// one may take, and not as long as an answer that nobody reads would last.
const BUSY: Duration = Duration::from_mins(1);

/// The members, as the crowd and every membership share them; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Shared(Arc<Mutex<Members>>);

impl Shared {
    /// The members, for one who has them alone meanwhile.
    pub fn lock(&self) -> MutexGuard<'_, Members> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The connections that there are, by address.
#[derive(Debug, Default)]
pub struct Members {
    last: u64,
    total: usize,
    by_address: HashMap<IpAddr, BTreeMap<u64, Member>>,
}

/// One connection.
#[derive(Debug)]
struct Member {
    /// The same connection by a handle of our own: to hang up.
    socket: TcpStream,
    doing: Doing,
    since: Instant,
}

/// What a connection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// It is silent.
    Nothing,
    /// A request of it is under way.
    Request,
    /// It has become a WebSocket: those have limits of their own.
    Watching,
}

impl Member {
    fn is_silent(&self) -> bool {
        match self.doing {
            Doing::Nothing => true,
            Doing::Request => self.since.elapsed() > BUSY,
            Doing::Watching => false,
        }
    }
}

/// Whoever has gone already need not be told.
pub fn hang_up(socket: &impl AsFd) {
    let _ = SockRef::from(socket).shutdown(Shutdown::Both);
}

impl Members {
    /// Takes a new connection in, which does nothing yet: the number that it has.
    pub fn add(&mut self, address: IpAddr, socket: TcpStream) -> u64 {
        self.last += 1;
        self.total += 1;
        let member = Member {
            socket,
            doing: Doing::Nothing,
            since: Instant::now(),
        };
        self.by_address
            .entry(address)
            .or_default()
            .insert(self.last, member);
        self.last
    }

    /// Notes what a connection does from now on.
    pub fn note(&mut self, address: IpAddr, id: u64, doing: Doing) {
        let own = self.by_address.get_mut(&address);
        if let Some(member) = own.and_then(|own| own.get_mut(&id)) {
            member.doing = doing;
            member.since = Instant::now();
        }
    }

    /// How many connections there are, and from how many addresses.
    #[cfg(test)]
    pub fn count(&self) -> (usize, usize) {
        (self.total, self.by_address.len())
    }

    fn of(&self, address: IpAddr) -> usize {
        self.by_address.get(&address).map_or(0, BTreeMap::len)
    }

    /// Sees to it that there is room for one more from an address; false where everybody is busy.
    pub fn make_room(&mut self, address: IpAddr, limits: CrowdLimits) -> bool {
        while self.of(address) >= limits.per_address {
            if !self.show_out(address) {
                return false;
            }
        }
        while self.total >= limits.total {
            let Some(address) = self.most_silent() else {
                return false;
            };
            self.show_out(address);
        }
        true
    }

    /// The address with the most silent connections; of several such, the one with the one that has been silent longest.
    fn most_silent(&self) -> Option<IpAddr> {
        let silence = |own: &BTreeMap<u64, Member>| {
            let silent = own.values().filter(|member| member.is_silent());
            silent.fold((0_usize, None), |(count, longest), member| {
                (count + 1, longest.max(Some(Reverse(member.since))))
            })
        };
        let of_each = self
            .by_address
            .iter()
            .map(|(address, own)| (silence(own), *address));
        of_each
            .filter(|((count, _), _)| *count > 0)
            .max_by_key(|(silence, _)| *silence)
            .map(|(_, address)| address)
    }

    /// Hangs up on the connection of an address that has been silent longest; false where all of them are busy.
    fn show_out(&mut self, address: IpAddr) -> bool {
        let own = self.by_address.get(&address).into_iter().flatten();
        let longest = own
            .filter(|(_, member)| member.is_silent())
            .min_by_key(|(_, member)| member.since)
            .map(|(id, _)| *id);
        let Some(member) = longest.and_then(|id| self.take(address, id)) else {
            return false;
        };
        hang_up(&member.socket);
        true
    }

    /// Forgets a connection; nothing where it has been shown out.
    pub fn remove(&mut self, address: IpAddr, id: u64) {
        drop(self.take(address, id));
    }

    fn take(&mut self, address: IpAddr, id: u64) -> Option<Member> {
        let own = self.by_address.get_mut(&address)?;
        let member = own.remove(&id)?;
        if own.is_empty() {
            self.by_address.remove(&address);
        }
        self.total -= 1;
        Some(member)
    }
}
