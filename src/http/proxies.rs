//! Where a request really comes from, when it comes through a proxy.
//!
//! `X-Forwarded-For` is what anybody may claim. Each proxy appends the address it was called from, so only the right end
//! of the list is known to be true, as far as the proxies on the way are ours: the list is walked from the right, past
//! every proxy that the configuration names, and the first other address is the caller's.

use std::net::IpAddr;

use actix_web::dev::RequestHead;

/// An address, or a network like `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    pub fn parse(text: &str) -> Option<Network> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(whole);
        (prefix <= whole).then_some(Network { address, prefix })
    }

    fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differ = u32::from(own) ^ u32::from(other);
                differ.checked_shr(32 - self.prefix).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differ = u128::from(own) ^ u128::from(other);
                differ.checked_shr(128 - self.prefix).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

/// The caller's address: of the connection, or what the trusted proxies have told of it.
pub fn caller_address(head: &RequestHead, trusted: &[Network]) -> Option<IpAddr> {
    let peer = head.peer_addr?.ip().to_canonical();
    if trusted.is_empty() {
        return Some(peer); // nearly everybody
    }
    let headers = head.headers.get_all("x-forwarded-for");
    let claims: Vec<&str> = headers
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    Some(walk(peer, &claims, trusted))
}

fn walk(peer: IpAddr, claims: &[&str], trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut known = peer;
    for claim in claims.iter().rev() {
        if !is_trusted(known) {
            break;
        }
        // What cannot be read was not written by a proxy that knows what it does: its own address must do.
        let Some(claimed) = parse(claim) else { break };
        known = claimed;
    }
    known
}

/// Some proxies append the port, and brackets around IPv6.
fn parse(claim: &str) -> Option<IpAddr> {
    let claim = claim.trim();
    let with_port = || {
        let address: std::net::SocketAddr = claim.parse().ok()?;
        Some(address.ip())
    };
    let bare = claim.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok().or_else(with_port)?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(peer: &str, forwarded: &str) -> String {
        let trusted = ["10.0.0.0/8", "192.0.2.7", "fd00::/8"]
            .map(|text| Network::parse(text).expect("a network"));
        let claims: Vec<&str> = forwarded.split(',').collect();
        walk(peer.parse().expect("an address"), &claims, &trusted).to_string()
    }

    #[test]
    fn only_what_named_proxies_say_is_believed() {
        assert_eq!(caller("203.0.113.9", "198.51.100.1"), "203.0.113.9");
        assert_eq!(caller("10.1.1.1", "198.51.100.1"), "198.51.100.1");
        assert_eq!(
            caller("10.1.1.1", "1.2.3.4, 198.51.100.1, 192.0.2.7"),
            "198.51.100.1"
        );
        assert_eq!(caller("10.1.1.1", "1.2.3.4, 192.0.2.8"), "192.0.2.8");
        assert_eq!(caller("10.1.1.1", "10.2.2.2"), "10.2.2.2");
        assert_eq!(caller("10.1.1.1", ""), "10.1.1.1");
        assert_eq!(caller("10.1.1.1", "198.51.100.1, unknown"), "10.1.1.1");
        assert_eq!(caller("10.1.1.1", "198.51.100.1:4711"), "198.51.100.1");
        assert_eq!(caller("fd00::1", "[2001:db8::5]:80"), "2001:db8::5");
        assert_eq!(caller("10.1.1.1", "::ffff:198.51.100.1"), "198.51.100.1");
    }

    #[test]
    fn networks_are_read_and_nonsense_is_not() {
        for wrong in [
            "",
            "10.0.0.0/33",
            "10.0.0/8",
            "example.com",
            "::1/129",
            "10.0.0.1/x",
        ] {
            assert_eq!(Network::parse(wrong), None, "{wrong}");
        }
        let all = Network::parse("0.0.0.0/0").expect("a network");
        assert!(all.contains("203.0.113.9".parse().expect("an address")));
    }
}
