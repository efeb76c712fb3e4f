use chrono::{DateTime, NaiveDateTime, Utc};
use rust_decimal::Decimal;

use crate::{
    ApplicationFee, InvalidFee, InvalidPopupSlug, Link, Patch, PopupId, PopupSlug, SectionKind,
    TenantId,
};

/// How far a popup is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PopupStatus {
    /// Not shown yet, but open to whoever knows it.
    Draft,
    /// Shown and open.
    Active,
    /// Put away: closed.
    Archived,
    /// Over: closed.
    Ended,
}

/// One event of a tenant. What people apply to, buy for and attend.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "five switches that an organiser sets one by one"
)]
pub struct Popup {
    /// Identifies the popup within the tenant.
    pub id: PopupId,
    /// Who holds the event.
    pub tenant: TenantId,
    /// What people read.
    pub name: String,
    /// Stands for the popup in addresses; one popup of the tenant per slug.
    pub slug: PopupSlug,
    /// A line under the name.
    pub tagline: Option<String>,
    /// Where it takes place.
    pub location: Option<String>,
    /// When it starts, in UTC.
    pub start_date: Option<NaiveDateTime>,
    /// When it ends, in UTC.
    pub end_date: Option<NaiveDateTime>,
    /// How far it is.
    pub status: PopupStatus,
    /// Whether people may bring a spouse.
    pub allows_spouse: bool,
    /// Whether people may bring children.
    pub allows_children: bool,
    /// Whether coupons count.
    pub allows_coupons: bool,
    /// Whether people may ask for a scholarship.
    pub allows_scholarship: bool,
    /// Whether a scholarship may come with money.
    pub allows_incentive: bool,
    /// A picture of the event.
    pub image_url: Option<String>,
    /// Its small icon.
    pub icon_url: Option<String>,
    /// The background of its express checkout.
    pub express_checkout_background: Option<String>,
    /// Its website.
    pub web_url: Option<String>,
    /// Its blog.
    pub blog_url: Option<String>,
    /// Its account on Twitter.
    pub twitter_url: Option<String>,
    /// What buyers have to agree to.
    pub terms_and_conditions_url: Option<String>,
    /// The key to the payment provider, sealed.
    pub payment_key: Option<String>,
    /// Who issues invoices.
    pub invoice_company_name: Option<String>,
    /// The address of who issues invoices.
    pub invoice_company_address: Option<String>,
    /// The e-mail of who issues invoices.
    pub invoice_company_email: Option<String>,
    /// What an application costs.
    pub fee: ApplicationFee,
    /// When the popup was created.
    pub created_at: DateTime<Utc>,
    /// When anything about it changed last.
    pub updated_at: DateTime<Utc>,
}

/// An event to be set up. Without slug, which is made of the name, and without key, which has to be sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "five switches that an organiser sets one by one"
)]
pub struct NewPopup {
    /// See [`Popup::name`].
    pub name: String,
    /// See [`Popup::tagline`].
    pub tagline: Option<String>,
    /// See [`Popup::location`].
    pub location: Option<String>,
    /// See [`Popup::start_date`].
    pub start_date: Option<NaiveDateTime>,
    /// See [`Popup::end_date`].
    pub end_date: Option<NaiveDateTime>,
    /// See [`Popup::status`].
    pub status: PopupStatus,
    /// See [`Popup::allows_spouse`].
    pub allows_spouse: bool,
    /// See [`Popup::allows_children`].
    pub allows_children: bool,
    /// See [`Popup::allows_coupons`].
    pub allows_coupons: bool,
    /// See [`Popup::allows_scholarship`].
    pub allows_scholarship: bool,
    /// See [`Popup::allows_incentive`].
    pub allows_incentive: bool,
    /// See [`Popup::image_url`].
    pub image_url: Option<Link>,
    /// See [`Popup::icon_url`].
    pub icon_url: Option<Link>,
    /// See [`Popup::express_checkout_background`].
    pub express_checkout_background: Option<Link>,
    /// See [`Popup::web_url`].
    pub web_url: Option<Link>,
    /// See [`Popup::blog_url`].
    pub blog_url: Option<Link>,
    /// See [`Popup::twitter_url`].
    pub twitter_url: Option<Link>,
    /// See [`Popup::terms_and_conditions_url`].
    pub terms_and_conditions_url: Option<Link>,
    /// See [`Popup::invoice_company_name`].
    pub invoice_company_name: Option<String>,
    /// See [`Popup::invoice_company_address`].
    pub invoice_company_address: Option<String>,
    /// See [`Popup::invoice_company_email`].
    pub invoice_company_email: Option<String>,
    /// Whether an application costs something.
    pub requires_application_fee: bool,
    /// How much.
    pub application_fee_amount: Option<Decimal>,
}

/// What a request changes about a popup; `None` and `Keep` change nothing. The payment key is changed apart,
/// see [`payment_key_change`](crate::payment_key_change).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PopupChange {
    /// See [`Popup::name`]. The slug stays.
    pub name: Option<String>,
    /// See [`Popup::slug`]; made a slug if it isn't one.
    pub slug: Option<String>,
    /// See [`Popup::tagline`].
    pub tagline: Patch<String>,
    /// See [`Popup::location`].
    pub location: Patch<String>,
    /// See [`Popup::start_date`].
    pub start_date: Patch<NaiveDateTime>,
    /// See [`Popup::end_date`].
    pub end_date: Patch<NaiveDateTime>,
    /// See [`Popup::status`].
    pub status: Option<PopupStatus>,
    /// See [`Popup::allows_spouse`].
    pub allows_spouse: Option<bool>,
    /// See [`Popup::allows_children`].
    pub allows_children: Option<bool>,
    /// See [`Popup::allows_coupons`].
    pub allows_coupons: Option<bool>,
    /// See [`Popup::allows_scholarship`].
    pub allows_scholarship: Option<bool>,
    /// See [`Popup::allows_incentive`].
    pub allows_incentive: Option<bool>,
    /// See [`Popup::image_url`].
    pub image_url: Patch<Link>,
    /// See [`Popup::icon_url`].
    pub icon_url: Patch<Link>,
    /// See [`Popup::express_checkout_background`].
    pub express_checkout_background: Patch<Link>,
    /// See [`Popup::web_url`].
    pub web_url: Patch<Link>,
    /// See [`Popup::blog_url`].
    pub blog_url: Patch<Link>,
    /// See [`Popup::twitter_url`].
    pub twitter_url: Patch<Link>,
    /// See [`Popup::terms_and_conditions_url`].
    pub terms_and_conditions_url: Patch<Link>,
    /// See [`Popup::invoice_company_name`].
    pub invoice_company_name: Patch<String>,
    /// See [`Popup::invoice_company_address`].
    pub invoice_company_address: Patch<String>,
    /// See [`Popup::invoice_company_email`].
    pub invoice_company_email: Patch<String>,
    /// Whether an application costs something.
    pub requires_application_fee: Option<bool>,
    /// How much.
    pub application_fee_amount: Patch<Decimal>,
}

/// Which rule a popup, new or changed, would break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPopup {
    /// The slug has nothing that can stand in an address.
    #[error(transparent)]
    Slug(#[from] InvalidPopupSlug),
    /// It would end before it starts.
    #[error("must not be before the start date")]
    Dates,
    /// The fee can't be asked for.
    #[error(transparent)]
    Fee(#[from] InvalidFee),
}

impl PopupStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Draft, Self::Active, Self::Archived, Self::Ended];

    /// The status as stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Archived => "archived",
            Self::Ended => "ended",
        }
    }

    /// The status that is stored and sent as `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl InvalidPopup {
    /// The field to blame, as the contract names it.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::Slug(_) => "slug",
            Self::Dates => "end_date",
            Self::Fee(_) => "application_fee_amount",
        }
    }
}

impl NewPopup {
    /// The popup that is made of this. `random` draws its slug when the name gives none.
    ///
    /// # Errors
    ///
    /// `Dates` or `Fee`.
    pub fn into_popup(
        self,
        id: PopupId,
        tenant: TenantId,
        random: [u8; 4],
        now: DateTime<Utc>,
    ) -> Result<Popup, InvalidPopup> {
        in_order(self.start_date, self.end_date)?;
        Ok(Popup {
            id,
            tenant,
            slug: PopupSlug::from_name(&self.name, random),
            name: self.name,
            tagline: self.tagline,
            location: self.location,
            start_date: self.start_date,
            end_date: self.end_date,
            status: self.status,
            allows_spouse: self.allows_spouse,
            allows_children: self.allows_children,
            allows_coupons: self.allows_coupons,
            allows_scholarship: self.allows_scholarship,
            allows_incentive: self.allows_incentive,
            image_url: self.image_url.map(String::from),
            icon_url: self.icon_url.map(String::from),
            express_checkout_background: self.express_checkout_background.map(String::from),
            web_url: self.web_url.map(String::from),
            blog_url: self.blog_url.map(String::from),
            twitter_url: self.twitter_url.map(String::from),
            terms_and_conditions_url: self.terms_and_conditions_url.map(String::from),
            payment_key: None,
            invoice_company_name: self.invoice_company_name,
            invoice_company_address: self.invoice_company_address,
            invoice_company_email: self.invoice_company_email,
            fee: ApplicationFee::new(self.requires_application_fee, self.application_fee_amount)?,
            created_at: now,
            updated_at: now,
        })
    }
}

impl Popup {
    /// This popup after `change`.
    ///
    /// # Errors
    ///
    /// The first [`InvalidPopup`] that applies, in the order of its variants.
    pub fn changed(self, change: PopupChange, now: DateTime<Utc>) -> Result<Self, InvalidPopup> {
        let link = |patch: Patch<Link>, current| patch.map(String::from).over(current);
        let dates_touched = change.start_date.is_sent() || change.end_date.is_sent();
        let start_date = change.start_date.over(self.start_date);
        let end_date = change.end_date.over(self.end_date);
        let slug = match change.slug {
            Some(slug) if slug != self.slug.as_str() => PopupSlug::parse(&slug)?,
            _ => self.slug,
        };
        if dates_touched {
            in_order(start_date, end_date)?;
        }
        let fee = ApplicationFee::new(
            change.requires_application_fee.unwrap_or(self.fee.required()),
            change.application_fee_amount.over(self.fee.amount()),
        )?;
        Ok(Self {
            id: self.id,
            tenant: self.tenant,
            name: change.name.unwrap_or(self.name),
            slug,
            tagline: change.tagline.over(self.tagline),
            location: change.location.over(self.location),
            start_date,
            end_date,
            status: change.status.unwrap_or(self.status),
            allows_spouse: change.allows_spouse.unwrap_or(self.allows_spouse),
            allows_children: change.allows_children.unwrap_or(self.allows_children),
            allows_coupons: change.allows_coupons.unwrap_or(self.allows_coupons),
            allows_scholarship: change.allows_scholarship.unwrap_or(self.allows_scholarship),
            allows_incentive: change.allows_incentive.unwrap_or(self.allows_incentive),
            image_url: link(change.image_url, self.image_url),
            icon_url: link(change.icon_url, self.icon_url),
            express_checkout_background: link(
                change.express_checkout_background,
                self.express_checkout_background,
            ),
            web_url: link(change.web_url, self.web_url),
            blog_url: link(change.blog_url, self.blog_url),
            twitter_url: link(change.twitter_url, self.twitter_url),
            terms_and_conditions_url: link(
                change.terms_and_conditions_url,
                self.terms_and_conditions_url,
            ),
            payment_key: self.payment_key,
            invoice_company_name: change.invoice_company_name.over(self.invoice_company_name),
            invoice_company_address: change
                .invoice_company_address
                .over(self.invoice_company_address),
            invoice_company_email: change.invoice_company_email.over(self.invoice_company_email),
            fee,
            created_at: self.created_at,
            updated_at: now,
        })
    }

    /// Whether nobody newly takes part or pays any more.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.status, PopupStatus::Archived | PopupStatus::Ended)
    }

    /// Whether the portal shows the popup.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.status == PopupStatus::Active
    }

    /// Whether the application form has questions of `section` for people.
    #[must_use]
    pub fn needs(&self, section: SectionKind) -> bool {
        match section {
            SectionKind::Profile | SectionKind::InfoNotShared => true,
            SectionKind::Companions => self.allows_spouse || self.allows_children,
            SectionKind::Scholarship => self.allows_scholarship,
        }
    }
}

fn in_order(start: Option<NaiveDateTime>, end: Option<NaiveDateTime>) -> Result<(), InvalidPopup> {
    match (start, end) {
        (Some(start), Some(end)) if end < start => Err(InvalidPopup::Dates),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
