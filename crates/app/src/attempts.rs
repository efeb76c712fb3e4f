//! How often something may be attempted. Who attempts it, and what it is, makes the key of a counter.

use std::{net::IpAddr, sync::Arc, time::Duration};

use edgeos_domain::{HumanId, TenantId, UserId};
use edgeos_ports::{LimitReached, Limits};

/// What may be attempted how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptLimits {
    /// Asking for a login code, for each account.
    pub login: AttemptLimit,
    /// Login mails to one e-mail address, over all tenants and both kinds of accounts.
    pub login_total: AttemptLimit,
    /// Login mails that one client address asks for; as many failed verifications.
    pub address: AttemptLimit,
    /// Failed look-ups of coupons, for each human.
    pub coupon: AttemptLimit,
    /// Check-in look-ups and scans, for each user.
    pub check_in: AttemptLimit,
    /// Upload addresses, for each user.
    pub upload: AttemptLimit,
    /// Test mails, for each user.
    pub test_mail: AttemptLimit,
}

/// So many attempts in a window that the first of them opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptLimit {
    /// How many; 0 = as many as one likes.
    pub count: u32,
    /// How long the window is open.
    pub window: Duration,
}

/// Something that is attempted, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt<'a> {
    /// A user asks for a login code.
    UserLogin {
        /// The e-mail, in normal form.
        email: &'a str,
    },
    /// A human asks for a login code.
    HumanLogin {
        /// The tenant that is named, whether it exists or not.
        tenant: TenantId,
        /// The e-mail, in normal form.
        email: &'a str,
    },
    /// Anybody has a login mail sent to this e-mail (in normal form).
    LoginMailTo(&'a str),
    /// This client address has a login mail sent.
    LoginMailFrom(IpAddr),
    /// This client address sends a code that doesn't count.
    FailedVerification(IpAddr),
    /// This human names a coupon that isn't there or doesn't count.
    FailedCoupon(HumanId),
    /// This user looks up or scans a check-in code.
    CheckIn(UserId),
    /// This user asks for an upload address.
    Upload(UserId),
    /// This user sends a test mail.
    TestMail(UserId),
}

/// Counts attempts against the limits in force.
#[derive(Clone)]
pub struct Attempts {
    limits: Arc<dyn Limits>,
    table: AttemptLimits,
}

impl AttemptLimit {
    /// `count` attempts in so many minutes.
    #[must_use]
    pub const fn in_minutes(count: u32, minutes: u64) -> Self {
        Self { count, window: Duration::from_mins(minutes) }
    }

    /// The same window with another `count`, if one is given.
    #[must_use]
    pub fn or(self, count: Option<u32>) -> Self {
        Self { count: count.unwrap_or(self.count), ..self }
    }
}

impl Default for AttemptLimits {
    fn default() -> Self {
        Self {
            login: AttemptLimit::in_minutes(5, 15),
            login_total: AttemptLimit::in_minutes(20, 15),
            address: AttemptLimit::in_minutes(100, 15),
            coupon: AttemptLimit::in_minutes(20, 10),
            check_in: AttemptLimit::in_minutes(60, 1),
            upload: AttemptLimit::in_minutes(120, 60),
            test_mail: AttemptLimit::in_minutes(20, 60),
        }
    }
}

impl AttemptLimits {
    /// As many attempts as one likes of everything.
    #[must_use]
    pub fn unlimited() -> Self {
        let limit = AttemptLimit::in_minutes(0, 1);
        Self {
            login: limit,
            login_total: limit,
            address: limit,
            coupon: limit,
            check_in: limit,
            upload: limit,
            test_mail: limit,
        }
    }

    fn of(&self, attempt: Attempt<'_>) -> AttemptLimit {
        match attempt {
            Attempt::UserLogin { .. } | Attempt::HumanLogin { .. } => self.login,
            Attempt::LoginMailTo(_) => self.login_total,
            Attempt::LoginMailFrom(_) | Attempt::FailedVerification(_) => self.address,
            Attempt::FailedCoupon(_) => self.coupon,
            Attempt::CheckIn(_) => self.check_in,
            Attempt::Upload(_) => self.upload,
            Attempt::TestMail(_) => self.test_mail,
        }
    }
}

impl Attempt<'_> {
    /// `login:user:<email>`, `login:human:<tenant>:<email>`, `login-mail:to:<email>`, `coupon:<human>`, …
    fn key(self) -> String {
        match self {
            Self::UserLogin { email } => format!("login:user:{email}"),
            Self::HumanLogin { tenant, email } => format!("login:human:{tenant}:{email}"),
            Self::LoginMailTo(email) => format!("login-mail:to:{email}"),
            Self::LoginMailFrom(address) => format!("login-mail:from:{}", network(address)),
            Self::FailedVerification(address) => format!("verification:{}", network(address)),
            Self::FailedCoupon(human) => format!("coupon:{human}"),
            Self::CheckIn(user) => format!("check-in:{user}"),
            Self::Upload(user) => format!("upload:{user}"),
            Self::TestMail(user) => format!("test-mail:{user}"),
        }
    }
}

impl Attempts {
    /// Attempts that `limits` counts against `table`.
    #[must_use]
    pub fn new(limits: Arc<dyn Limits>, table: AttemptLimits) -> Self {
        Self { limits, table }
    }

    /// Counts `attempt`.
    ///
    /// # Errors
    ///
    /// [`LimitReached`] when it is one too many; then it isn't counted.
    pub async fn count(&self, attempt: Attempt<'_>) -> Result<(), LimitReached> {
        match self.table.of(attempt) {
            AttemptLimit { count: 0, .. } => Ok(()),
            AttemptLimit { count, window } => self.limits.hit(&attempt.key(), count, window).await,
        }
    }

    /// Takes `attempt` back, which was counted and wasn't one, as it turned out.
    pub async fn take_back(&self, attempt: Attempt<'_>) {
        if self.table.of(attempt).count > 0 {
            self.limits.take_back(&attempt.key()).await;
        }
    }

    /// Whether `attempt` may be made; counts nothing.
    ///
    /// # Errors
    ///
    /// [`LimitReached`] when it would be one too many.
    pub async fn check(&self, attempt: Attempt<'_>) -> Result<(), LimitReached> {
        match self.table.of(attempt).count {
            0 => Ok(()),
            count => self.limits.check(&attempt.key(), count).await,
        }
    }
}

/// What one client has: an IPv4 address, or a network of 64 bits, whose addresses an IPv6 client may
/// take as it likes.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_client_is_its_network() {
        let key = |text: &str| Attempt::LoginMailFrom(text.parse().unwrap()).key();
        assert_eq!(key("2001:db8:0:1::7"), key("2001:db8:0:1:ffff::8"));
        assert_ne!(key("2001:db8:0:1::7"), key("2001:db8:0:2::7"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }

    #[test]
    fn users_and_humans_of_one_address_are_counted_apart() {
        let tenant = TenantId(uuid::Uuid::nil());
        let user = Attempt::UserLogin { email: "ann@x.example" };
        let human = Attempt::HumanLogin { tenant, email: "ann@x.example" };
        assert_ne!(user.key(), human.key());
    }
}
