//! The network address of who really calls, where proxies stand in between.
//!
//! Anybody can write a header. What it says of the way here is believed as far as proxies of ours have written it.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use actix_web::http::header::HeaderMap;

/// Whom a request counts for and is told of in the audit log. In the request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// The header in which the proxies note for whom they ask. Only one is read: the other is the client's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`.
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl ForwardedHeader {
    fn name(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        }
    }
}

/// The proxies whose word is taken, and the header that they write.
#[derive(Debug, Clone)]
pub struct TrustedProxies {
    networks: Vec<Network>,
    header: ForwardedHeader,
}

impl TrustedProxies {
    /// Believes what `networks` write into `header`.
    pub fn new(networks: Vec<Network>, header: ForwardedHeader) -> Self {
        Self { networks, header }
    }

    /// Who calls, of whom `peer` is the nearest: the last one on the way here whom we do not know as a proxy of ours.
    pub fn client_address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut nearest = peer.to_canonical();
        if !self.trusts(nearest) {
            return nearest;
        }
        for hop in self.hops(headers).into_iter().rev() {
            // What stands further to the left was handed on by somebody whom we cannot name.
            let Some(address) = hop else { return nearest };
            nearest = address;
            if !self.trusts(nearest) {
                break;
            }
        }
        nearest
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|it| it.contains(address))
    }

    /// The way here from left to right; `None` is what is no address.
    fn hops(&self, headers: &HeaderMap) -> Vec<Option<IpAddr>> {
        let lines = headers.get_all(self.header.name()).map(|it| it.to_str().unwrap_or("?"));
        let elements = lines.flat_map(|line| line.split(','));
        match self.header {
            ForwardedHeader::XForwardedFor => elements.map(address).collect(),
            ForwardedHeader::Forwarded => elements.map(forwarded_for).collect(),
        }
    }
}

/// The address in one element of `Forwarded`: `for="[2001:db8::1]:4711";proto=https`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut pairs = element.split(';').filter_map(|it| it.split_once('='));
    let (_, node) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    let node = node.trim();
    address(node.strip_prefix('"').and_then(|it| it.strip_suffix('"')).unwrap_or(node))
}

/// An address, alone or with its port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|it| it.ip()))?;
    Some(IpAddr::to_canonical(&address))
}

/// An address, or all that begin with the same bits: `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    bits: u8,
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(other)) => {
                let differ = u32::from(first) ^ u32::from(other);
                differ.leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V6(first), IpAddr::V6(other)) => {
                let differ = u128::from(first) ^ u128::from(other);
                differ.leading_zeros() >= u32::from(self.bits)
            }
            _ => false,
        }
    }
}

/// Why a text is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotANetwork;

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let first: IpAddr = address.parse().map_err(|_| NotANetwork)?;
        let width = if first.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(width), str::parse).map_err(|_| NotANetwork)?;
        if bits > width { Err(NotANetwork) } else { Ok(Self { first, bits }) }
    }
}

/// The line that an address belongs to: an IPv4 address by itself, of an IPv6 address the first 64 bits, all of which
/// are commonly given to one.
pub fn line_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => Ipv6Addr::from_bits(six.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn seen(header: ForwardedHeader, peer: &str, lines: &[&'static str]) -> String {
        let networks = ["10.0.0.0/8", "192.0.2.1", "2001:db8:a::/48"].map(|it| it.parse().unwrap());
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(HeaderName::from_static(header.name()), HeaderValue::from_static(line));
        }
        let proxies = TrustedProxies::new(networks.to_vec(), header);
        proxies.client_address(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn the_rightmost_address_that_is_no_proxy_of_ours_calls() {
        for (peer, lines, expected) in [
            ("203.0.113.9", &["198.51.100.7"][..], "203.0.113.9"),
            ("192.0.2.2", &["198.51.100.7"], "192.0.2.2"),
            ("10.1.2.3", &[], "10.1.2.3"),
            ("10.1.2.3", &["198.51.100.7"], "198.51.100.7"),
            ("::ffff:10.1.2.3", &["::ffff:198.51.100.7"], "198.51.100.7"),
            ("10.1.2.3", &["127.0.0.1, 198.51.100.7, 192.0.2.1,10.0.0.9"], "198.51.100.7"),
            ("10.1.2.3", &["127.0.0.1", "198.51.100.7:4711"], "198.51.100.7"),
            ("2001:db8:a:1::1", &["2001:db8:b::5"], "2001:db8:b::5"),
            ("10.1.2.3", &["[2001:db8:b::5]:443"], "2001:db8:b::5"),
            ("10.1.2.3", &["10.0.0.1, 10.0.0.2"], "10.0.0.1"),
            ("10.1.2.3", &["198.51.100.7, nonsense"], "10.1.2.3"),
            ("10.1.2.3", &["198.51.100.7, unknown, 10.0.0.2"], "10.0.0.2"),
            ("10.1.2.3", &[""], "10.1.2.3"),
        ] {
            assert_eq!(seen(ForwardedHeader::XForwardedFor, peer, lines), expected, "{peer} {lines:?}");
        }
    }

    #[test]
    fn forwarded_says_the_same_in_its_own_words() {
        for (line, expected) in [
            ("for=198.51.100.7", "198.51.100.7"),
            ("For=\"198.51.100.7:80\";proto=https;by=10.0.0.1, for=10.0.0.2", "198.51.100.7"),
            ("proto=http; for=\"[2001:db8:b::5]:4711\"", "2001:db8:b::5"),
            ("for=_hidden", "10.1.2.3"),
            ("for=\"x, for=198.51.100.7", "198.51.100.7"),
            ("by=198.51.100.7", "10.1.2.3"),
        ] {
            assert_eq!(seen(ForwardedHeader::Forwarded, "10.1.2.3", &[line]), expected, "{line}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "proxy", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "10.0.0.0/-1"] {
            assert_eq!(text.parse::<Network>(), Err(NotANetwork), "{text}");
        }
        let everything: Network = "0.0.0.0/0".parse().unwrap();
        assert!(everything.contains("203.0.113.9".parse().unwrap()));
        assert!(!everything.contains("::1".parse().unwrap()));
    }

    #[test]
    fn ipv6_is_counted_by_the_first_64_bits() {
        assert_eq!(line_of("2001:db8:1:2:3:4:5:6".parse().unwrap()).to_string(), "2001:db8:1:2::");
        assert_eq!(line_of("203.0.113.9".parse().unwrap()).to_string(), "203.0.113.9");
    }
}
