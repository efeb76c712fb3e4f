use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context, Result};

/// A port of the loopback address that nobody listens on at this moment.
///
/// It lies below the range from which systems take the ports of outgoing connections: a server that
/// stops and starts again finds it free.
pub(crate) fn free_port() -> Result<u16> {
    let candidate = || {
        let digits = crate::random_text();
        let number = u16::from_str_radix(&digits[..4], 16).expect("the text is hexadecimal digits");
        15_000 + number % 17_000
    };
    std::iter::repeat_with(candidate)
        .take(1000)
        .find(|port| is_free(*port))
        .context("no port is free")
}

pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
