//! Where the payment provider announces payments, and where it sends customers back to.

use std::fmt::Write;

use edgeos_domain::{HttpUrl, InvalidUrl, PaymentId, PopupSlug, Tenant};

/// The longest address that is made here, in characters; slugs and hosts are much shorter.
const LONGEST: usize = 2048;

/// The installation's own addresses, of which those for the provider are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutAddresses {
    /// Where this server is, as others see it; a path of its own is kept.
    pub backend_url: String,
    /// The address of the portal, of which each tenant's is made (see [`Tenant::portal_url`]).
    pub portal_url: String,
}

/// From where in the portal somebody pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckoutPage {
    /// The shop, for products.
    Passes,
    /// The application, for its fee.
    Application,
}

/// Where a customer goes after the checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnAddresses {
    /// After paying. The portal waits for the exact query `checkout=success`.
    pub success: HttpUrl,
    /// After anything else.
    pub cancel: HttpUrl,
}

impl CheckoutAddresses {
    /// Where the provider announces what happens to `payment`. `token` is the payment's (see
    /// [`Keyring::webhook_token`](crate::keys::Keyring::webhook_token)).
    ///
    /// # Errors
    ///
    /// [`InvalidUrl`] when the installation's own address is none.
    pub fn notification(&self, payment: PaymentId, token: &str) -> Result<HttpUrl, InvalidUrl> {
        let backend = self.backend_url.trim_end_matches('/');
        let url = format!(
            "{backend}/api/v1/payments/webhook/simplefi?payment_id={payment}&token={token}"
        );
        HttpUrl::parse(&url, LONGEST)
    }

    /// Where a customer of `tenant`'s event goes after paying on `page`, or after not paying.
    ///
    /// # Errors
    ///
    /// [`InvalidUrl`] when the installation's own address is none.
    pub fn returns(
        &self,
        tenant: &Tenant,
        popup: &PopupSlug,
        page: CheckoutPage,
    ) -> Result<ReturnAddresses, InvalidUrl> {
        let portal = tenant.portal_url(&self.portal_url);
        let page = match page {
            CheckoutPage::Passes => "passes/buy",
            CheckoutPage::Application => "application",
        };
        let cancel = format!("{portal}/portal/{}/{page}", segment(popup.as_str()));
        Ok(ReturnAddresses {
            success: HttpUrl::parse(&format!("{cancel}?checkout=success"), LONGEST)?,
            cancel: HttpUrl::parse(&cancel, LONGEST)?,
        })
    }
}

/// A text as a segment of a path, RFC 3986 section 3.3. Older databases have slugs of any characters.
fn segment(text: &str) -> String {
    let mut segment = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            segment.push(char::from(byte));
        } else {
            write!(segment, "%{byte:02X}").expect("a string takes everything");
        }
    }
    segment
}

#[cfg(test)]
mod tests {
    use edgeos_domain::{HostName, NewTenant, TenantId};
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    fn tenant(domain: Option<&str>, active: bool) -> Tenant {
        let new = NewTenant {
            name: "Money T2".to_owned(),
            sender_email: None,
            sender_name: None,
            image_url: None,
            icon_url: None,
            logo_url: None,
        };
        let tenant = new.into_tenant(TenantId(Uuid::nil())).unwrap();
        let custom_domain = domain.map(|domain| HostName::parse(domain).unwrap());
        Tenant { custom_domain, custom_domain_active: active, ..tenant }
    }

    fn addresses(backend: &str, portal: &str) -> CheckoutAddresses {
        CheckoutAddresses { backend_url: backend.to_owned(), portal_url: portal.to_owned() }
    }

    #[rstest]
    #[case("http://localhost:8000", "http://localhost:8000/api/v1/")]
    #[case("https://edgeos.example.com/", "https://edgeos.example.com/api/v1/")]
    #[case("https://example.com/edgeos/", "https://example.com/edgeos/api/v1/")]
    fn the_provider_finds_its_way_below_a_path_too(#[case] backend: &str, #[case] start: &str) {
        let payment = PaymentId(Uuid::nil());
        let url = addresses(backend, "").notification(payment, "T-_0").unwrap();
        let expected = format!("{start}payments/webhook/simplefi?payment_id={payment}&token=T-_0");
        assert_eq!(url.as_str(), expected);
    }

    #[rstest]
    #[case(None, false, "http://localhost:3000", "http://money-t2.localhost:3000")]
    #[case(None, false, "https://portal.example.com/", "https://money-t2.portal.example.com")]
    #[case(Some("pay.example.org"), true, "http://localhost:3000", "https://pay.example.org")]
    #[case(
        Some("pay.example.org"),
        false,
        "http://localhost:3000",
        "http://money-t2.localhost:3000"
    )]
    fn customers_come_back_to_the_portal_of_their_organiser(
        #[case] domain: Option<&str>,
        #[case] active: bool,
        #[case] portal: &str,
        #[case] host: &str,
    ) {
        let popup = PopupSlug::parse("pop-one").unwrap();
        let (tenant, ours) = (tenant(domain, active), addresses("http://localhost:8000", portal));
        let passes = ours.returns(&tenant, &popup, CheckoutPage::Passes).unwrap();
        assert_eq!(passes.cancel.as_str(), format!("{host}/portal/pop-one/passes/buy"));
        assert_eq!(
            passes.success.as_str(),
            format!("{host}/portal/pop-one/passes/buy?checkout=success")
        );
        let fee = ours.returns(&tenant, &popup, CheckoutPage::Application).unwrap();
        assert_eq!(fee.cancel.as_str(), format!("{host}/portal/pop-one/application"));
        assert_eq!(
            fee.success.as_str(),
            format!("{host}/portal/pop-one/application?checkout=success")
        );
    }

    #[test]
    fn an_old_slug_of_odd_characters_leads_somewhere_too() {
        assert_eq!(segment("pop-one_2"), "pop-one_2");
        assert_eq!(segment("été à/la mer?"), "%C3%A9t%C3%A9%20%C3%A0%2Fla%20mer%3F");
    }
}
