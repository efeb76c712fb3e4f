use edgeos_domain::{StaffEmail, Tenant};
use edgeos_ports::{Mailbox, Sender};

/// In whose name mails go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderRules {
    /// The address of mails whose tenant has none.
    pub email: String,
    /// The name of mails whose tenant has none.
    pub name: String,
    /// Domains that this installation may send from, in lower case; empty = any.
    pub domains: Vec<String>,
}

impl SenderRules {
    /// Name and address of mails of `tenant`, each its own or else the installation's. An address that this
    /// installation may not send from gets the answers instead.
    #[must_use]
    pub fn sender_for(&self, tenant: Option<&Tenant>) -> Sender {
        let own_name = tenant.and_then(|tenant| tenant.sender_name.as_deref());
        let own_email = tenant.and_then(|tenant| tenant.sender_email.as_deref());
        let name = own_name.map(str::trim).filter(|name| !name.is_empty()).unwrap_or(&self.name);
        let mailbox =
            |email: &str| Mailbox { name: Some(name.to_owned()), address: email.to_owned() };
        match own_email.map(str::trim).and_then(|email| Some((email, domain(email)?))) {
            Some((email, domain)) if self.may_send_from(domain) => {
                Sender { from: mailbox(email), reply_to: None }
            }
            Some((email, _)) => {
                Sender { from: mailbox(&self.email), reply_to: Some(mailbox(email)) }
            }
            None => Sender { from: mailbox(&self.email), reply_to: None },
        }
    }

    fn may_send_from(&self, domain: &str) -> bool {
        self.domains.is_empty()
            || self.domains.iter().any(|allowed| allowed.eq_ignore_ascii_case(domain))
    }
}

/// The domain of an address that mail can come from; `None` for a text that is none, as older rows may hold.
fn domain(email: &str) -> Option<&str> {
    StaffEmail::parse(email).ok()?;
    email.split_once('@').map(|(_, domain)| domain)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::outbox::tests::tenant;

    fn rules(domains: &[&str]) -> SenderRules {
        SenderRules {
            email: "noreply@edgeos.example".to_owned(),
            name: "EdgeOS".to_owned(),
            domains: domains.iter().map(|&domain| domain.to_owned()).collect(),
        }
    }

    fn shown(sender: &Sender) -> (String, Option<String>) {
        let shown = |mailbox: &Mailbox| {
            format!("{} <{}>", mailbox.name.as_deref().unwrap_or_default(), mailbox.address)
        };
        (shown(&sender.from), sender.reply_to.as_ref().map(shown))
    }

    #[rstest]
    #[case(None, None, "EdgeOS <noreply@edgeos.example>")]
    #[case(Some("Café, Ñandú"), None, "Café, Ñandú <noreply@edgeos.example>")]
    #[case(None, Some("hi@edge.example"), "EdgeOS <hi@edge.example>")]
    #[case(Some("Edge"), Some("hi@edge.example"), "Edge <hi@edge.example>")]
    #[case(Some(" "), Some("not an address"), "EdgeOS <noreply@edgeos.example>")]
    #[case(None, Some("hi..there@edge.example"), "EdgeOS <noreply@edgeos.example>")]
    #[case(None, Some("hi@edge_.example"), "EdgeOS <noreply@edgeos.example>")]
    #[case(None, Some("hi@edge..example"), "EdgeOS <noreply@edgeos.example>")]
    fn name_and_address_are_the_tenants_each_on_its_own(
        #[case] name: Option<&str>,
        #[case] email: Option<&str>,
        #[case] from: &str,
    ) {
        let tenant = Tenant {
            sender_name: name.map(str::to_owned),
            sender_email: email.map(str::to_owned),
            ..tenant()
        };
        assert_eq!(shown(&rules(&[]).sender_for(Some(&tenant))), (from.to_owned(), None));
    }

    #[test]
    fn users_without_tenant_hear_from_the_installation() {
        let (from, reply_to) = shown(&rules(&["edge.example"]).sender_for(None));
        assert_eq!((from.as_str(), reply_to), ("EdgeOS <noreply@edgeos.example>", None));
    }

    #[test]
    fn an_address_elsewhere_gets_the_answers_only() {
        let tenant = Tenant {
            sender_name: Some("Edge".to_owned()),
            sender_email: Some("hi@Edge.Example".to_owned()),
            ..tenant()
        };
        let answers = Some("Edge <hi@Edge.Example>".to_owned());
        assert_eq!(
            shown(&rules(&["other.example"]).sender_for(Some(&tenant))),
            ("Edge <noreply@edgeos.example>".to_owned(), answers)
        );
        let (from, reply_to) = shown(&rules(&["edge.example"]).sender_for(Some(&tenant)));
        assert_eq!((from.as_str(), reply_to), ("Edge <hi@Edge.Example>", None));
    }
}
