use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use actix_web::{
    HttpRequest,
    http::header::{FORWARDED, HeaderMap, HeaderName, X_FORWARDED_FOR},
};
use ipnet::IpNet;

/// The networks whose forwarding headers are believed.
#[derive(Debug, Clone, Default)]
pub(crate) struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    pub(crate) fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Where `request` comes from: its peer, or, behind trusted proxies, the last address before them.
    pub(crate) fn client_address(&self, request: &HttpRequest) -> IpAddr {
        let peer = request.peer_addr().map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.ip());
        self.client_behind(peer.to_canonical(), request.headers())
    }

    /// From the right, since a client can write what it likes to the left of what proxies added.
    fn client_behind(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.trusts(peer) {
            return peer;
        }
        let mut hops = hops(headers, &X_FORWARDED_FOR);
        if hops.is_empty() {
            hops = hops_of_forwarded(headers);
        }
        let mut client = peer;
        for hop in hops.iter().rev() {
            let Some(address) = address(hop) else { break };
            client = address;
            if !self.trusts(client) {
                break;
            }
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

fn hops(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let values = headers.get_all(name).filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|hop| hop.trim().to_owned()).collect()
}

/// The `for` of each element (RFC 7239 section 4).
fn hops_of_forwarded(headers: &HeaderMap) -> Vec<String> {
    let of = |element: &String| {
        let mut pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
        let (_, hop) = pairs.find(|(key, _)| key.eq_ignore_ascii_case("for"))?;
        Some(hop.trim_matches('"').to_owned())
    };
    hops(headers, &FORWARDED).iter().map(|element| of(element).unwrap_or_default()).collect()
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse().ok().or_else(|| hop.parse().ok().map(|hop: SocketAddr| hop.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn client(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
        let mut request = TestRequest::default().peer_addr(peer.parse().unwrap());
        for header in headers {
            request = request.append_header(*header);
        }
        proxies.client_address(&request.to_http_request()).to_string()
    }

    #[test]
    fn strangers_are_not_believed() {
        let claim = [("X-Forwarded-For", "198.51.100.7")];
        assert_eq!(client("192.0.2.1:5", &claim), "192.0.2.1");
        assert_eq!(client("[::ffff:192.0.2.1]:5", &[]), "192.0.2.1");
    }

    #[test]
    fn the_last_address_before_the_proxies_counts() {
        let chain =
            [("X-Forwarded-For", "203.0.113.9, 198.51.100.7"), ("X-Forwarded-For", "10.1.1.1")];
        assert_eq!(client("10.0.0.1:5", &chain), "198.51.100.7");
        assert_eq!(client("10.0.0.1:5", &[("X-Forwarded-For", "10.3.0.1, 10.2.0.1")]), "10.3.0.1");
        assert_eq!(client("10.0.0.1:5", &[("X-Forwarded-For", "1.2.3.4, junk")]), "10.0.0.1");
        assert_eq!(client("10.0.0.1:5", &[]), "10.0.0.1");
    }

    #[test]
    fn forwarded_is_read_where_it_is_all_there_is() {
        let forwarded = [("Forwarded", r#"for=203.0.113.9, FOR="[2001:db8::1]:80";proto=https"#)];
        assert_eq!(client("10.0.0.1:5", &forwarded), "2001:db8::1");
    }
}
