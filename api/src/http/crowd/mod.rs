//! How many connections there may be: in all, and from one address. A new one is let in; where there are too many, the one
//! that has been silent longest makes room. So whoever opens connections and says nothing closes their own, and keeps
//! nobody out.

mod handover;
mod limits;
mod members;
mod membership;

use std::net::TcpStream;
use std::os::fd::AsFd;

use actix_web::rt;

use limits::network;
use members::{Shared, hang_up};

pub use handover::keep_count;
pub use limits::CrowdLimits;
pub use membership::Membership;

/// The connections that there are; cheap to clone.
#[derive(Debug, Clone)]
pub struct Crowd {
    limits: CrowdLimits,
    members: Shared,
}

impl Crowd {
    /// Nobody is there yet.
    pub fn new(limits: CrowdLimits) -> Self {
        Self {
            limits: limits.at_least_one(),
            members: Shared::default(),
        }
    }

    /// Lets a new connection in, and shows others out where there is no room; nothing where it has gone, or has to go because
    /// all others are busy.
    pub fn join(&self, connection: &rt::net::TcpStream) -> Option<Membership> {
        let address = network(connection.peer_addr().ok()?.ip());
        let mut members = self.members.lock();
        let has_room = members.make_room(address, self.limits);
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
        let id = members.add(address, socket);
        Some(Membership::new(self.members.clone(), address, id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::crowd::members::Doing;

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
        assert_eq!(crowd.members.lock().count(), (0, 0), "who has gone is forgotten");
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
        assert_eq!(crowd.members.lock().count().0, 3);
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
        assert_eq!(crowd.members.lock().count().0, 20);
    }
}
