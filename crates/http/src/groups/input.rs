//! What staff and leaders write about a group.

use deserr::Deserr;
use edgeos_app::groups::{MemberChange, NewMember};
use edgeos_domain::{
    Email, Group, GroupChange, GroupSlug, HumanId, InvalidGroupSlug, LeaderChange, NewGroup,
    PopupId, Profile, ProfileChange,
};
use utoipa::ToSchema;

use crate::shape::{
    Count, EmailText, Filled, Flag, FromText, Id, List, OptionalEmailText, Parsed, Patch,
    Percentage, Sent, Text, Wrong,
};

type NameText = Filled<{ Group::NAME_MAX }>;
type DescriptionText = Text<{ Group::DESCRIPTION_MAX }>;
type WelcomeText = Text<{ Group::WELCOME_MAX }>;
type SlugText = Parsed<GroupSlug>;
type ListedTexts = List<OptionalEmailText, { Group::LISTED_MAX }>;
type ProfileText = Text<{ Profile::TEXT_MAX }>;
type PersonName = Filled<{ Profile::TEXT_MAX }>;
type ChoiceText = Text<{ Profile::CHOICE_MAX }>;

/// How many people are brought in with one request.
const BATCH_MAX: usize = 1000;

type Batch = List<GroupMemberCreate, { BATCH_MAX }>;

impl FromText for GroupSlug {
    const MAX: usize = 255;
    type Refusal = InvalidGroupSlug;

    fn from_text(text: &str) -> Result<Self, InvalidGroupSlug> {
        Self::parse(text)
    }
}

/// A new group.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct GroupCreate {
    popup_id: Id,
    name: NameText,
    /// Made a slug, if it isn't one; without, it follows from the name.
    #[deserr(default)]
    slug: Option<Text<255>>,
    /// HTML that visitors read.
    #[deserr(default)]
    description: Option<DescriptionText>,
    /// How much less members pay, 0 to 100.
    #[deserr(default = Percentage(edgeos_domain::Percentage::ZERO))]
    #[schema(default = "0")]
    discount_percentage: Percentage,
    /// Null is any number.
    #[deserr(default)]
    max_members: Option<Count>,
    #[deserr(default)]
    welcome_message: Option<WelcomeText>,
    /// Whether it is one person's invite link.
    #[deserr(default)]
    #[schema(default = false)]
    is_ambassador_group: Flag,
    /// Whose invite link it is.
    #[deserr(default)]
    ambassador_id: Option<Id>,
    /// Who may join; everybody, when nobody is named.
    #[deserr(default)]
    #[schema(value_type = Option<Vec<String>>)]
    whitelisted_emails: Option<ListedTexts>,
}

/// A change of a group by staff.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct GroupAdminUpdate {
    #[deserr(default)]
    name: Sent<NameText>,
    /// Made a slug, if it isn't one.
    #[deserr(default)]
    #[schema(value_type = Option<String>)]
    slug: Sent<SlugText>,
    #[deserr(default)]
    description: Patch<DescriptionText>,
    #[deserr(default)]
    discount_percentage: Sent<Percentage>,
    #[deserr(default)]
    max_members: Patch<Count>,
    #[deserr(default)]
    welcome_message: Patch<WelcomeText>,
    #[deserr(default)]
    is_ambassador_group: Sent<Flag>,
    #[deserr(default)]
    ambassador_id: Patch<Id>,
    /// The whole list; null changes nothing, and an empty one opens the group.
    #[deserr(default)]
    #[schema(value_type = Option<Vec<String>>)]
    whitelisted_emails: Option<ListedTexts>,
}

/// A change of a group by one of its leaders.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct GroupUpdate {
    #[deserr(default)]
    description: Patch<DescriptionText>,
    #[deserr(default)]
    welcome_message: Patch<WelcomeText>,
    /// Not more than the organiser admits.
    #[deserr(default)]
    max_members: Patch<Count>,
}

/// Somebody whom a leader brings in.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct GroupMemberCreate {
    first_name: PersonName,
    last_name: PersonName,
    email: EmailText,
    #[deserr(default)]
    telegram: Option<ProfileText>,
    #[deserr(default)]
    gender: Option<ChoiceText>,
    /// Accepted and ignored.
    #[deserr(default)]
    #[expect(dead_code, reason = "the contract has it, nothing is kept of it")]
    local_resident: Option<Flag>,
}

/// Many people whom a leader brings in.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct GroupMemberBatch {
    /// 1 to 1000 people.
    pub(super) members: Batch,
    /// Whether members get what is told of them, where it would be refused otherwise.
    #[deserr(default)]
    #[schema(default = false)]
    pub(super) update_existing: Flag,
}

/// A change of a member's profile.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct GroupMemberUpdate {
    #[deserr(default)]
    first_name: Sent<PersonName>,
    #[deserr(default)]
    last_name: Sent<PersonName>,
    /// The present address; no other one is taken.
    #[deserr(default)]
    email: Sent<Text<255>>,
    #[deserr(default)]
    telegram: Patch<ProfileText>,
    #[deserr(default)]
    gender: Patch<ChoiceText>,
    /// Accepted and ignored.
    #[deserr(default)]
    #[expect(dead_code, reason = "the contract has it, nothing is kept of it")]
    local_resident: Option<Flag>,
}

impl GroupCreate {
    /// The group, and who may join it.
    pub(super) fn into_parts(self) -> (NewGroup, Vec<Email>) {
        let new = NewGroup {
            popup: PopupId(self.popup_id.0),
            name: self.name.into_inner(),
            slug: self.slug.map(Text::into_inner),
            description: self.description.map(Text::into_inner),
            discount: self.discount_percentage.0,
            max_members: self.max_members.map(Count::count32),
            welcome_message: self.welcome_message.map(Text::into_inner),
            is_ambassador_group: self.is_ambassador_group.0,
            ambassador: self.ambassador_id.map(|id| HumanId(id.0)),
        };
        (new, self.whitelisted_emails.map(listed).unwrap_or_default())
    }
}

impl GroupAdminUpdate {
    /// The change, and the new list.
    pub(super) fn into_parts(self) -> (GroupChange, Option<Vec<Email>>) {
        let change = GroupChange {
            name: self.name.map(Filled::into_inner),
            slug: self.slug.map(|slug| slug.0),
            description: self.description.map(Text::into_inner).into(),
            discount: self.discount_percentage.map(|share| share.0),
            max_members: self.max_members.map(Count::count32).into(),
            welcome_message: self.welcome_message.map(Text::into_inner).into(),
            is_ambassador_group: self.is_ambassador_group.map(|flag| flag.0),
            ambassador: self.ambassador_id.map(|id| HumanId(id.0)).into(),
        };
        (change, self.whitelisted_emails.map(listed))
    }
}

impl From<GroupUpdate> for LeaderChange {
    fn from(body: GroupUpdate) -> Self {
        Self {
            description: body.description.map(Text::into_inner).into(),
            max_members: body.max_members.map(Count::count32).into(),
            welcome_message: body.welcome_message.map(Text::into_inner).into(),
        }
    }
}

impl From<GroupMemberCreate> for NewMember {
    fn from(body: GroupMemberCreate) -> Self {
        Self {
            email: body.email.0,
            profile: Profile {
                first_name: Some(body.first_name.into_inner()),
                last_name: Some(body.last_name.into_inner()),
                telegram: body.telegram.map(Text::into_inner),
                gender: body.gender.map(Text::into_inner),
                ..Profile::default()
            },
        }
    }
}

impl From<GroupMemberUpdate> for MemberChange {
    fn from(body: GroupMemberUpdate) -> Self {
        Self {
            profile: ProfileChange {
                first_name: body.first_name.map(Filled::into_inner).map(Some).into(),
                last_name: body.last_name.map(Filled::into_inner).map(Some).into(),
                telegram: body.telegram.map(Text::into_inner).into(),
                gender: body.gender.map(Text::into_inner).into(),
                ..ProfileChange::default()
            },
            email: body.email.map(Text::into_inner),
        }
    }
}

fn listed(texts: ListedTexts) -> Vec<Email> {
    texts.0.into_iter().filter_map(OptionalEmailText::email).collect()
}
