//! Which addresses are on the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// Networks whose addresses the whole internet doesn't route to their owners: the special-purpose registry of IANA
/// (RFC 6890), multicast and what is reserved.
const NOT_PUBLIC: &[Ipv4Net] = &[
    net(0, 0, 0, 0, 8),
    net(10, 0, 0, 0, 8),
    net(100, 64, 0, 0, 10),
    net(127, 0, 0, 0, 8),
    net(169, 254, 0, 0, 16),
    net(172, 16, 0, 0, 12),
    net(192, 0, 0, 0, 24),
    net(192, 0, 2, 0, 24),
    net(192, 88, 99, 0, 24),
    net(192, 168, 0, 0, 16),
    net(198, 18, 0, 0, 15),
    net(198, 51, 100, 0, 24),
    net(203, 0, 113, 0, 24),
    net(224, 0, 0, 0, 3),
];

/// Of IPv6, the networks that are routed, and what is special about some of them: protocols of the IETF (Teredo among
/// them), documentation, 6to4.
const ROUTED: Ipv6Net = net6(0x2000, 0, 3);
const NOT_PUBLIC_6: &[Ipv6Net] =
    &[net6(0x2001, 0, 23), net6(0x2001, 0xdb8, 32), net6(0x2002, 0, 16), net6(0x3fff, 0, 20)];

/// Whether `address` is somewhere on the public internet, where everybody may go.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NOT_PUBLIC.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => is_public(mapped.into()),
            None => {
                ROUTED.contains(&address) && !NOT_PUBLIC_6.iter().any(|net| net.contains(&address))
            }
        },
    }
}

const fn net(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn net6(first: u16, second: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0), prefix)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("1.1.1.1", true)]
    #[case("8.8.8.8", true)]
    #[case("172.15.255.255", true)]
    #[case("172.32.0.0", true)]
    #[case("223.255.255.255", true)]
    #[case("100.63.255.255", true)]
    #[case("2606:4700::1111", true)]
    #[case("2a00:1450::1", true)]
    #[case("::ffff:8.8.8.8", true)]
    #[case("0.0.0.0", false)]
    #[case("10.255.255.255", false)]
    #[case("100.64.0.1", false)]
    #[case("100.127.255.255", false)]
    #[case("127.0.0.1", false)]
    #[case("127.255.255.254", false)]
    #[case("169.254.169.254", false)]
    #[case("172.16.0.1", false)]
    #[case("172.31.255.255", false)]
    #[case("192.0.0.8", false)]
    #[case("192.168.1.1", false)]
    #[case("198.19.255.255", false)]
    #[case("203.0.113.9", false)]
    #[case("224.0.0.1", false)]
    #[case("240.0.0.1", false)]
    #[case("255.255.255.255", false)]
    #[case("::", false)]
    #[case("::1", false)]
    #[case("::ffff:127.0.0.1", false)]
    #[case("::ffff:10.0.0.1", false)]
    #[case("::127.0.0.1", false)]
    #[case("64:ff9b::7f00:1", false)]
    #[case("100::1", false)]
    #[case("2001::1", false)]
    #[case("2001:db8::1", false)]
    #[case("2002:7f00:1::", false)]
    #[case("3fff::1", false)]
    #[case("fc00::1", false)]
    #[case("fd00:ec2::254", false)]
    #[case("fe80::1", false)]
    #[case("fec0::1", false)]
    #[case("ff02::1", false)]
    fn what_is_public_is_known(#[case] address: IpAddr, #[case] public: bool) {
        assert_eq!(is_public(address), public);
    }
}
