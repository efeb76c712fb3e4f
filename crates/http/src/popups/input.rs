//! What staff write about an event.

use std::{convert::Infallible, fmt};

use deserr::Deserr;
use edgeos_domain::{NewPopup, PopupChange};
use utoipa::ToSchema;

use super::PopupStatus;
use crate::shape::{
    Amount, AnyText, Filled, Flag, FromText, Id, LinkText, Parsed, Patch, Sent, Text, WallTime,
    Wrong,
};

type KeyText = Parsed<PaymentKey>;

/// A key to the payment provider.
pub(crate) struct PaymentKey(String);

impl FromText for PaymentKey {
    const MAX: usize = 1024;
    type Refusal = Infallible;

    fn from_text(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for PaymentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PaymentKey(..)")
    }
}

/// A new event. Its slug follows from its name.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct PopupCreate {
    /// Accepted and ignored.
    #[deserr(default)]
    #[expect(dead_code, reason = "the contract has it, the caller decides")]
    tenant_id: Option<Id>,
    name: Filled<255>,
    #[deserr(default)]
    tagline: Option<Text<500>>,
    #[deserr(default)]
    location: Option<Text<500>>,
    /// Accepted and ignored.
    #[deserr(default)]
    #[schema(default = "")]
    #[expect(dead_code, reason = "the contract has it, the name decides")]
    slug: AnyText,
    #[deserr(default)]
    start_date: Option<WallTime>,
    #[deserr(default)]
    end_date: Option<WallTime>,
    #[deserr(default = PopupStatus(edgeos_domain::PopupStatus::Draft))]
    #[schema(default = "draft")]
    status: PopupStatus,
    #[deserr(default)]
    #[schema(default = false)]
    allows_spouse: Option<Flag>,
    #[deserr(default)]
    #[schema(default = false)]
    allows_children: Option<Flag>,
    #[deserr(default)]
    #[schema(default = false)]
    allows_coupons: Option<Flag>,
    #[deserr(default)]
    #[schema(default = false)]
    allows_scholarship: Option<Flag>,
    #[deserr(default)]
    #[schema(default = false)]
    allows_incentive: Option<Flag>,
    #[deserr(default)]
    image_url: Option<LinkText>,
    #[deserr(default)]
    icon_url: Option<LinkText>,
    #[deserr(default)]
    express_checkout_background: Option<LinkText>,
    #[deserr(default)]
    web_url: Option<LinkText>,
    #[deserr(default)]
    blog_url: Option<LinkText>,
    #[deserr(default)]
    twitter_url: Option<LinkText>,
    /// The key to the payment provider.
    #[deserr(default)]
    simplefi_api_key: Option<KeyText>,
    #[deserr(default)]
    terms_and_conditions_url: Option<LinkText>,
    #[deserr(default)]
    invoice_company_name: Option<Text<500>>,
    #[deserr(default)]
    invoice_company_address: Option<Text<500>>,
    #[deserr(default)]
    invoice_company_email: Option<Text<500>>,
    #[deserr(default)]
    #[schema(default = false)]
    requires_application_fee: Flag,
    #[deserr(default)]
    application_fee_amount: Option<Amount<10, 2>>,
}

/// A change of an event.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct PopupUpdate {
    #[deserr(default)]
    name: Sent<Filled<255>>,
    #[deserr(default)]
    tagline: Patch<Text<500>>,
    #[deserr(default)]
    location: Patch<Text<500>>,
    /// Made a slug, if it isn't one.
    #[deserr(default)]
    slug: Sent<Text<255>>,
    #[deserr(default)]
    status: Sent<PopupStatus>,
    #[deserr(default)]
    start_date: Patch<WallTime>,
    #[deserr(default)]
    end_date: Patch<WallTime>,
    #[deserr(default)]
    allows_spouse: Patch<Flag>,
    #[deserr(default)]
    allows_children: Patch<Flag>,
    #[deserr(default)]
    allows_coupons: Patch<Flag>,
    #[deserr(default)]
    allows_scholarship: Patch<Flag>,
    #[deserr(default)]
    allows_incentive: Patch<Flag>,
    #[deserr(default)]
    image_url: Patch<LinkText>,
    #[deserr(default)]
    icon_url: Patch<LinkText>,
    #[deserr(default)]
    express_checkout_background: Patch<LinkText>,
    #[deserr(default)]
    web_url: Patch<LinkText>,
    #[deserr(default)]
    blog_url: Patch<LinkText>,
    #[deserr(default)]
    twitter_url: Patch<LinkText>,
    /// The key to the payment provider; as it is shown masked, it stays.
    #[deserr(default)]
    simplefi_api_key: Patch<KeyText>,
    #[deserr(default)]
    terms_and_conditions_url: Patch<LinkText>,
    #[deserr(default)]
    invoice_company_name: Patch<Text<500>>,
    #[deserr(default)]
    invoice_company_address: Patch<Text<500>>,
    #[deserr(default)]
    invoice_company_email: Patch<Text<500>>,
    #[deserr(default)]
    requires_application_fee: Sent<Flag>,
    #[deserr(default)]
    application_fee_amount: Patch<Amount<10, 2>>,
}

impl PopupCreate {
    /// The popup, and its payment key.
    pub(super) fn into_parts(self) -> (NewPopup, Option<String>) {
        let on = |switch: Option<Flag>| switch.is_some_and(|flag| flag.0);
        let link = |text: Option<LinkText>| text.and_then(LinkText::link);
        let text = |text: Option<Text<500>>| text.map(Text::into_inner);
        let new = NewPopup {
            name: self.name.into_inner(),
            tagline: text(self.tagline),
            location: text(self.location),
            start_date: self.start_date.map(|time| time.0),
            end_date: self.end_date.map(|time| time.0),
            status: self.status.0,
            allows_spouse: on(self.allows_spouse),
            allows_children: on(self.allows_children),
            allows_coupons: on(self.allows_coupons),
            allows_scholarship: on(self.allows_scholarship),
            allows_incentive: on(self.allows_incentive),
            image_url: link(self.image_url),
            icon_url: link(self.icon_url),
            express_checkout_background: link(self.express_checkout_background),
            web_url: link(self.web_url),
            blog_url: link(self.blog_url),
            twitter_url: link(self.twitter_url),
            terms_and_conditions_url: link(self.terms_and_conditions_url),
            invoice_company_name: text(self.invoice_company_name),
            invoice_company_address: text(self.invoice_company_address),
            invoice_company_email: text(self.invoice_company_email),
            requires_application_fee: self.requires_application_fee.0,
            application_fee_amount: self.application_fee_amount.map(|amount| amount.0),
        };
        (new, self.simplefi_api_key.map(|key| key.0.0))
    }
}

impl PopupUpdate {
    /// The change, and that of the payment key.
    pub(super) fn into_parts(self) -> (PopupChange, edgeos_domain::Patch<String>) {
        // Null is as good as no.
        let on = |switch: Patch<Flag>| match switch {
            Patch::Keep => None,
            Patch::Clear => Some(false),
            Patch::Set(flag) => Some(flag.0),
        };
        let text = |patch: Patch<Text<500>>| patch.map(Text::into_inner).into();
        let change = PopupChange {
            name: self.name.map(Filled::into_inner),
            slug: self.slug.map(Text::into_inner),
            tagline: text(self.tagline),
            location: text(self.location),
            start_date: self.start_date.map(|time| time.0).into(),
            end_date: self.end_date.map(|time| time.0).into(),
            status: self.status.map(|status| status.0),
            allows_spouse: on(self.allows_spouse),
            allows_children: on(self.allows_children),
            allows_coupons: on(self.allows_coupons),
            allows_scholarship: on(self.allows_scholarship),
            allows_incentive: on(self.allows_incentive),
            image_url: self.image_url.into(),
            icon_url: self.icon_url.into(),
            express_checkout_background: self.express_checkout_background.into(),
            web_url: self.web_url.into(),
            blog_url: self.blog_url.into(),
            twitter_url: self.twitter_url.into(),
            terms_and_conditions_url: self.terms_and_conditions_url.into(),
            invoice_company_name: text(self.invoice_company_name),
            invoice_company_address: text(self.invoice_company_address),
            invoice_company_email: text(self.invoice_company_email),
            requires_application_fee: self.requires_application_fee.map(|flag| flag.0),
            application_fee_amount: self.application_fee_amount.map(|amount| amount.0).into(),
        };
        (change, self.simplefi_api_key.map(|key| key.0.0).into())
    }
}
