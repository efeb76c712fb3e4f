//! What people see of a group.

use edgeos_app::groups::{BatchedMember, GroupWithMembers as Whole};
use edgeos_domain::{Human, ListedEmail};
use edgeos_ports::{GroupMemberView, GroupView};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    answer::{Instant, Money},
    error::in_words,
    products::ProductPublic,
};

/// A group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupPublic {
    tenant_id: Uuid,
    popup_id: Uuid,
    name: String,
    /// What its link says.
    slug: String,
    /// HTML that can be shown as it is.
    description: Option<String>,
    /// How much less members pay.
    #[schema(default = "0")]
    discount_percentage: Money<2>,
    /// Null is any number.
    max_members: Option<u32>,
    welcome_message: Option<String>,
    /// Whether it is one person's invite link.
    #[schema(default = false)]
    is_ambassador_group: bool,
    /// Whose invite link it is; null for visitors.
    ambassador_id: Option<Uuid>,
    id: Uuid,
    created_at: Option<Instant>,
    updated_at: Option<Instant>,
    /// Who may join; visitors see nobody.
    #[schema(default = json!([]))]
    whitelisted_emails: Vec<GroupWhitelistedEmailPublic>,
    /// Whether everybody may join.
    #[schema(default = true)]
    is_open: bool,
}

/// An address that may join a group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupWhitelistedEmailPublic {
    id: Uuid,
    email: String,
    created_at: Instant,
}

/// A group with everybody in it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupWithMembers {
    #[serde(flatten)]
    #[schema(inline)]
    group: GroupPublic,
    /// In the order in which they joined.
    #[schema(default = json!([]))]
    members: Vec<GroupMemberPublic>,
}

/// Somebody who leads a group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupLeaderPublic {
    human_id: Uuid,
    email: String,
    first_name: Option<String>,
    last_name: Option<String>,
}

/// Somebody in a group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupMemberPublic {
    /// Of the person.
    id: Uuid,
    first_name: String,
    last_name: String,
    email: String,
    telegram: Option<String>,
    /// What the application answers under this name.
    organization: Option<String>,
    /// What the application answers under this name.
    role: Option<String>,
    gender: Option<String>,
    /// Always null.
    local_resident: Option<bool>,
    /// What was bought for those whom the person brings.
    #[schema(value_type = Vec<serde_json::Value>, default = json!([]))]
    products: Vec<ProductPublic>,
}

/// What became of one of many people.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupMemberBatchResult {
    #[serde(flatten)]
    #[schema(inline)]
    member: GroupMemberPublic,
    success: bool,
    /// Why not.
    err_msg: Option<String>,
}

impl From<GroupView> for GroupPublic {
    fn from(GroupView { group, is_open, listed }: GroupView) -> Self {
        Self {
            tenant_id: group.tenant.0,
            popup_id: group.popup.0,
            name: group.name,
            slug: group.slug.as_str().to_owned(),
            description: group.description,
            discount_percentage: group.discount.get().into(),
            max_members: group.max_members,
            welcome_message: group.welcome_message,
            is_ambassador_group: group.is_ambassador_group,
            ambassador_id: group.ambassador.map(|human| human.0),
            id: group.id.0,
            created_at: Some(group.created_at.into()),
            updated_at: Some(group.updated_at.into()),
            whitelisted_emails: listed.into_iter().map(Into::into).collect(),
            is_open,
        }
    }
}

impl From<ListedEmail> for GroupWhitelistedEmailPublic {
    fn from(listed: ListedEmail) -> Self {
        Self {
            id: listed.id.0,
            email: listed.email.as_str().to_owned(),
            created_at: listed.created_at.into(),
        }
    }
}

impl From<Whole> for GroupWithMembers {
    fn from(Whole { view, members }: Whole) -> Self {
        Self { group: view.into(), members: members.iter().map(Into::into).collect() }
    }
}

impl From<Human> for GroupLeaderPublic {
    fn from(human: Human) -> Self {
        Self {
            human_id: human.id.0,
            email: human.email.as_str().to_owned(),
            first_name: human.profile.first_name,
            last_name: human.profile.last_name,
        }
    }
}

impl From<&GroupMemberView> for GroupMemberPublic {
    fn from(view: &GroupMemberView) -> Self {
        let profile = view.human.profile.clone();
        Self {
            id: view.human.id.0,
            first_name: profile.first_name.unwrap_or_default(),
            last_name: profile.last_name.unwrap_or_default(),
            email: view.human.email.as_str().to_owned(),
            telegram: profile.telegram,
            organization: view.organization.clone(),
            role: view.role.clone(),
            gender: profile.gender,
            local_resident: None,
            products: view.products.iter().map(|held| held.product.clone().into()).collect(),
        }
    }
}

impl From<&BatchedMember> for GroupMemberBatchResult {
    fn from(BatchedMember { sent, outcome }: &BatchedMember) -> Self {
        let error = match outcome {
            Ok(view) => return Self { member: view.into(), success: true, err_msg: None },
            Err(error) => error,
        };
        let profile = sent.profile.clone();
        let member = GroupMemberPublic {
            // Nobody has it: there may be no such person.
            id: Uuid::nil(),
            first_name: profile.first_name.unwrap_or_default(),
            last_name: profile.last_name.unwrap_or_default(),
            email: sent.email.as_str().to_owned(),
            telegram: profile.telegram,
            organization: None,
            role: None,
            gender: profile.gender,
            local_resident: None,
            products: Vec::new(),
        };
        Self { member, success: false, err_msg: Some(in_words(error)) }
    }
}
