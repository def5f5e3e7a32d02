//! How often authentication has failed lately, by address (contract 14, "failed authentication").
//!
//! Only failing attempts are counted, and only failing attempts are refused: whoever has a good credential is never
//! slowed, however many others fail from the same address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Registry;
use crate::error::Error;

const MINUTE: Duration = Duration::from_secs(60);

/// Addresses that are counted one by one; a flood from more of them shares one count.
const MOST: usize = 16_384;

#[derive(Default)]
pub(super) struct AuthFailures {
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    by_network: HashMap<IpAddr, Count>,
    everybody_else: Option<Count>,
}

/// The failures of one minute, which begins with the first of them.
#[derive(Clone, Copy)]
struct Count {
    since: Instant,
    failures: u32,
}

impl Registry {
    /// Counts one attempt that has failed; 429 in its place when the address has failed too often.
    pub fn count_auth_failure(&self, address: Option<IpAddr>) -> Option<Error> {
        let most = self.config.auth_failures_per_minute;
        if most == 0 {
            return None;
        }
        let network = network_of(address?);
        let mut counts = self
            .auth_failures
            .counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let wait = counts.add(network, most, Instant::now())?;
        Some(Error::TooManyRequests {
            retry_after_secs: wait.as_secs() + 1,
        })
    }
}

impl Counts {
    /// How long to wait, if this one is too many.
    fn add(&mut self, network: IpAddr, most: u32, now: Instant) -> Option<Duration> {
        let is_over = |count: &Count| now.duration_since(count.since) >= MINUTE;
        if self.by_network.len() >= MOST && !self.by_network.contains_key(&network) {
            // Everything is looked through at most once a minute: whoever comes before its end shares one count.
            if self.everybody_else.as_ref().is_none_or(is_over) {
                self.by_network.retain(|_, count| !is_over(count));
            }
        }
        let fresh = Count {
            since: now,
            failures: 0,
        };
        let has_room = self.by_network.len() < MOST || self.by_network.contains_key(&network);
        let count = match has_room {
            true => self.by_network.entry(network).or_insert(fresh),
            false => self.everybody_else.get_or_insert(fresh),
        };
        if is_over(count) {
            *count = fresh;
        }
        count.failures = count.failures.saturating_add(1);
        let passed = now.duration_since(count.since);
        (count.failures > most).then(|| MINUTE.saturating_sub(passed))
    }
}

/// One customer of a provider has a whole IPv6 /64.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let mut octets = address.octets();
            octets[8..].fill(0);
            IpAddr::V6(octets.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u32) -> IpAddr {
        IpAddr::V4(number.into())
    }

    #[test]
    fn the_count_begins_anew_after_a_minute() {
        let (mut counts, start) = (Counts::default(), Instant::now());
        for _ in 0..3 {
            assert_eq!(counts.add(address(1), 3, start), None);
        }
        assert_eq!(counts.add(address(1), 3, start), Some(MINUTE));
        assert_eq!(counts.add(address(2), 3, start), None);
        let later = start + Duration::from_secs(40);
        assert_eq!(
            counts.add(address(1), 3, later),
            Some(Duration::from_secs(20))
        );
        assert_eq!(counts.add(address(1), 3, start + MINUTE), None);
    }

    #[test]
    fn a_flood_of_addresses_takes_no_more_memory() {
        let (mut counts, start) = (Counts::default(), Instant::now());
        for number in 0..200_000 {
            counts.add(address(number), 3, start);
        }
        assert_eq!(counts.by_network.len(), MOST);
        // Who is counted alone stays so; the rest share one count, and are let go after the minute.
        assert_eq!(counts.add(address(0), 3, start), None);
        assert!(counts.add(address(900_000), 3, start).is_some());
        assert_eq!(counts.add(address(900_000), 3, start + MINUTE), None);
        assert!(counts.by_network.len() <= MOST);
    }

    #[test]
    fn an_ipv6_network_is_one_address_and_a_mapped_one_is_ipv4() {
        let parse = |text: &str| network_of(text.parse().expect("an address"));
        assert_eq!(parse("2001:db8::1"), parse("2001:db8::ffff:2"));
        assert_ne!(parse("2001:db8::1"), parse("2001:db8:0:1::1"));
        assert_eq!(parse("::ffff:10.0.0.1"), parse("10.0.0.1"));
    }
}
