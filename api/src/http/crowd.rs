//! How many connections there may be: in all, and from one address. A new one is let in; where there are too many, the one
//! that has been silent longest makes room. So whoever opens connections and says nothing closes their own, and keeps
//! nobody out.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr, Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{Error, HttpRequest, rt};
use socket2::SockRef;

/// How long a request may be under way, its answer included, before its connection counts as silent: longer than executing
/// one may take, and not as long as an answer that nobody reads would last.
const BUSY: Duration = Duration::from_mins(1);

/// How many connections there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CrowdLimits {
    /// In all.
    pub total: usize,
    /// From one address (of IPv6, from one network of 64 bits). Behind a proxy all come from the proxy's.
    pub per_address: usize,
}

/// The connections that there are; cheap to clone.
#[derive(Debug, Clone)]
pub struct Crowd {
    limits: CrowdLimits,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Nothing,
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

/// A connection's place in the crowd, for as long as it is there.
#[derive(Debug)]
pub struct Membership {
    crowd: Crowd,
    address: IpAddr,
    id: u64,
}

impl Drop for Membership {
    fn drop(&mut self) {
        drop(self.crowd.state().remove(self.address, self.id));
    }
}

impl Crowd {
    /// Nobody is there yet.
    pub fn new(limits: CrowdLimits) -> Self {
        let limits = CrowdLimits {
            total: limits.total.max(1),
            per_address: limits.per_address.max(1),
        };
        Self {
            limits,
            state: Arc::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a new connection in, and shows others out where there is no room; nothing where it has gone, or has to go because
    /// all others are busy.
    pub fn join(&self, connection: &rt::net::TcpStream) -> Option<Membership> {
        let address = network(connection.peer_addr().ok()?.ip());
        let mut state = self.state();
        let has_room = state.make_room(address, self.limits);
        // With room made first there is a file for the handle. A connection that is not counted is none.
        let handle = if has_room {
            connection.as_fd().try_clone_to_owned().ok()
        } else {
            None
        };
        let Some(socket) = handle.map(TcpStream::from) else {
            hang_up(connection);
            return None;
        };
        state.last += 1;
        state.total += 1;
        let id = state.last;
        let member = Member {
            socket,
            doing: Doing::Nothing,
            since: Instant::now(),
        };
        state.by_address.entry(address).or_default().insert(id, member);
        Some(Membership {
            crowd: self.clone(),
            address,
            id,
        })
    }
}

/// Whoever has gone already need not be told.
fn hang_up(socket: &impl AsFd) {
    let _ = SockRef::from(socket).shutdown(Shutdown::Both);
}

impl State {
    fn of(&self, address: IpAddr) -> usize {
        self.by_address.get(&address).map_or(0, BTreeMap::len)
    }

    /// Sees to it that there is room for one more from an address; false where everybody is busy.
    fn make_room(&mut self, address: IpAddr, limits: CrowdLimits) -> bool {
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
        let Some(member) = longest.and_then(|id| self.remove(address, id)) else {
            return false;
        };
        hang_up(&member.socket);
        true
    }

    fn remove(&mut self, address: IpAddr, id: u64) -> Option<Member> {
        let own = self.by_address.get_mut(&address)?;
        let member = own.remove(&id)?;
        if own.is_empty() {
            self.by_address.remove(&address);
        }
        self.total -= 1;
        Some(member)
    }
}

impl Membership {
    fn does(&self, doing: Doing) {
        let mut state = self.crowd.state();
        if let Some(member) = state
            .by_address
            .get_mut(&self.address)
            .and_then(|own| own.get_mut(&self.id))
        {
            member.doing = doing;
            member.since = Instant::now();
        }
    }
}

/// What an address stands for: of IPv6 a network, because whoever has one address of it has all.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Wraps every request: its connection is busy until its answer has been handed over.
pub async fn keep_count(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if let Some(membership) = request.conn_data::<Membership>() {
        membership.does(Doing::Request);
    }
    let response = next.call(request).await?;
    let becomes = if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        Doing::Watching
    } else {
        Doing::Request
    };
    if let Some(membership) = response.request().conn_data::<Membership>() {
        membership.does(becomes);
    }
    let end = Handover(response.request().clone());
    Ok(response.map_body(|_, body| Handed {
        body: Box::pin(body),
        _end: end,
    }))
}

/// Ends with the answer.
struct Handover(HttpRequest);

impl Drop for Handover {
    fn drop(&mut self) {
        if let Some(membership) = self.0.conn_data::<Membership>() {
            membership.does(Doing::Nothing);
        }
    }
}

/// The body of an answer, which notices when it has been handed over.
struct Handed<B> {
    body: Pin<Box<B>>,
    _end: Handover,
}

impl<B: MessageBody> MessageBody for Handed<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, B::Error>>> {
        self.body.as_mut().poll_next(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn connect(
        listener: &rt::net::TcpListener,
        from: &str,
    ) -> (rt::net::TcpStream, rt::net::TcpStream) {
        let socket = rt::net::TcpSocket::new_v4().unwrap();
        socket.bind(from.parse().unwrap()).unwrap();
        let (client, accepted) =
            tokio::join!(socket.connect(listener.local_addr().unwrap()), listener.accept());
        (client.unwrap(), accepted.unwrap().0)
    }

    async fn has_ended(client: &rt::net::TcpStream) -> bool {
        client.readable().await.unwrap();
        client.try_read(&mut [0]).is_ok_and(|read| read == 0)
    }

    #[tokio::test]
    async fn the_longest_silent_makes_room_and_the_busy_stay() {
        let listener = rt::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let crowd = Crowd::new(CrowdLimits {
            total: 10,
            per_address: 3,
        });
        let mut all = Vec::new();
        for _ in 0..3 {
            let (client, server) = connect(&listener, "127.0.0.1:0").await;
            all.push((crowd.join(&server).unwrap(), client, server));
        }
        all[0].0.does(Doing::Request);
        all[2].0.does(Doing::Watching);
        let (_client, server) = connect(&listener, "127.0.0.1:0").await;
        let fourth = crowd.join(&server).unwrap();
        assert!(has_ended(&all[1].1).await, "the only silent one");
        fourth.does(Doing::Request);
        let (refused, server) = connect(&listener, "127.0.0.1:0").await;
        assert!(crowd.join(&server).is_none(), "all are busy");
        assert!(has_ended(&refused).await);
        all[0].0.does(Doing::Nothing);
        let (_client, server) = connect(&listener, "127.0.0.1:0").await;
        let fifth = crowd.join(&server);
        assert!(fifth.is_some(), "the first has become silent");
        assert!(has_ended(&all[0].1).await);
        drop((all, fourth, fifth));
        let state = crowd.state();
        assert_eq!(
            (state.total, state.by_address.len()),
            (0, 0),
            "who has gone is forgotten"
        );
    }

    #[tokio::test]
    async fn in_all_the_address_with_most_makes_room() {
        let listener = rt::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let crowd = Crowd::new(CrowdLimits {
            total: 3,
            per_address: 3,
        });
        let mut all = Vec::new();
        for from in ["127.0.0.2:0", "127.0.0.1:0", "127.0.0.1:0", "127.0.0.3:0"] {
            let (client, server) = connect(&listener, from).await;
            all.push((crowd.join(&server), client, server));
        }
        assert!(all.iter().all(|(membership, ..)| membership.is_some()));
        assert!(
            has_ended(&all[1].1).await,
            "the first of the address with two, although another is older"
        );
        assert_eq!(crowd.state().total, 3);
    }

    #[tokio::test]
    async fn in_all_the_busy_stay_wherever_the_most_of_them_come_from() {
        let listener = rt::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let crowd = Crowd::new(CrowdLimits {
            total: 4,
            per_address: 4,
        });
        let mut all = Vec::new();
        for from in ["127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0", "127.0.0.2:0"] {
            let (client, server) = connect(&listener, from).await;
            all.push((crowd.join(&server).unwrap(), client, server));
        }
        for (membership, ..) in &all[..3] {
            membership.does(Doing::Watching);
        }
        let (_client, server) = connect(&listener, "127.0.0.3:0").await;
        let fifth = crowd.join(&server).expect("one of another address is silent");
        assert!(has_ended(&all[3].1).await);
        fifth.does(Doing::Request);
        let (refused, server) = connect(&listener, "127.0.0.4:0").await;
        assert!(crowd.join(&server).is_none(), "all are busy");
        assert!(has_ended(&refused).await);
    }

    #[tokio::test]
    async fn in_all_of_many_addresses_with_one_each_the_longest_silent_makes_room() {
        let listener = rt::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let crowd = Crowd::new(CrowdLimits {
            total: 20,
            per_address: 4,
        });
        let mut all = Vec::new();
        for n in 1..=20 {
            let (client, server) = connect(&listener, &format!("127.0.1.{n}:0")).await;
            all.push((crowd.join(&server).unwrap(), client, server));
        }
        // All but two are busy; of the two the later one has been silent for longer.
        for (n, (membership, ..)) in all.iter().enumerate() {
            membership.does(if n == 7 || n == 13 {
                Doing::Nothing
            } else {
                Doing::Request
            });
        }
        all[7].0.does(Doing::Nothing);
        let mut newer = Vec::new();
        for (n, left) in [(21, 13), (22, 7)] {
            let (client, server) = connect(&listener, &format!("127.0.1.{n}:0")).await;
            let membership = crowd.join(&server).expect("there is room");
            membership.does(Doing::Request);
            assert!(has_ended(&all[left].1).await, "{left} makes room");
            newer.push((membership, client, server));
        }
        assert_eq!(crowd.state().total, 20);
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(
            (of("::ffff:192.0.2.7"), of("192.0.2.7")),
            ("192.0.2.7".to_owned(), "192.0.2.7".to_owned())
        );
    }
}
