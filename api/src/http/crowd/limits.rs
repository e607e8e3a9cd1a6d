//! How many connections there may be, and what counts as one address.
//!
//! At least one connection has room, whatever is set.

use std::net::{IpAddr, Ipv6Addr};

/// How many connections there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CrowdLimits {
    /// In all.
    pub total: usize,
    /// From one address (of IPv6, from one network of 64 bits). Behind a proxy all come from the proxy's.
    pub per_address: usize,
}

impl CrowdLimits {
    /// The same, with room for at least one.
    pub fn at_least_one(self) -> Self {
        Self {
            total: self.total.max(1),
            per_address: self.per_address.max(1),
        }
    }
}

/// What an address stands for: of IPv6 a network, because whoever has one address of it has all.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
