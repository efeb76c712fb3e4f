use edgeos_domain::{
    FieldId, FieldType, Form, FormField, FormSection, PopupId, SectionId, SectionKind, Tenant,
};
use edgeos_ports::{Forms, Resource, Store, StoreError, TenantScope, Transaction};

use crate::support::{TestStore, uuid};

pub(crate) fn section(tenant: &Tenant, popup: PopupId, order: i32) -> FormSection {
    FormSection {
        id: SectionId(uuid()),
        tenant: tenant.id,
        popup,
        label: "More".to_owned(),
        description: Some("about you".to_owned()),
        order,
        protected: false,
    }
}

pub(crate) fn field(
    tenant: &Tenant,
    popup: PopupId,
    name: &str,
    section: Option<SectionId>,
) -> FormField {
    FormField {
        id: FieldId(uuid()),
        tenant: tenant.id,
        popup,
        name: name.to_owned(),
        label: name.to_owned(),
        field_type: FieldType::Multiselect,
        section,
        position: 3,
        required: true,
        options: Some(vec!["A, B".to_owned(), "\"C\"".to_owned()]),
        placeholder: None,
        help_text: Some("help".to_owned()),
    }
}

#[tokio::test]
async fn a_form_comes_back_in_order() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let popup = test.popup(&tenant, "Fair").await;
    let mut tx = test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
    assert_eq!(tx.form(popup.id).await.unwrap(), Form::default());

    let built_in = Form::default().additions(&popup, &SectionKind::ALL, uuid);
    tx.insert_form_parts(&built_in).await.unwrap();
    let first = section(&tenant, popup.id, -1);
    let asked = field(&tenant, popup.id, "size", Some(first.id));
    let last = FormField { position: 9, ..field(&tenant, popup.id, "age_of_cat", None) };
    let custom = Form {
        sections: vec![first.clone()],
        fields: vec![last.clone(), asked.clone()],
        configs: Vec::new(),
    };
    tx.insert_form_parts(&custom).await.unwrap();

    let form = tx.form(popup.id).await.unwrap();
    assert_eq!(form.sections[0], first);
    assert_eq!(form.sections[1..], built_in.sections);
    assert_eq!(form.fields, [asked, last]);
    assert_eq!(form.configs.len(), 14);
    for config in &built_in.configs {
        assert!(form.configs.contains(config), "{}", config.field_name);
    }
    assert!(form.configs.is_sorted_by_key(|config| (config.position, config.id)));
    assert_eq!(form.additions(&popup, &SectionKind::ALL, uuid), Form::default());
}

#[tokio::test]
async fn a_question_is_asked_in_a_section_of_its_own_popup() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let (one, other) = (test.popup(&tenant, "One").await, test.popup(&tenant, "Other").await);
    let mut tx = test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
    let section = section(&tenant, other.id, 0);
    let sections = Form { sections: vec![section.clone()], ..Form::default() };
    tx.insert_form_parts(&sections).await.unwrap();
    let astray = field(&tenant, one.id, "size", Some(section.id));
    let refused = tx.insert_form_parts(&Form { fields: vec![astray], ..Form::default() }).await;
    assert!(matches!(refused, Err(StoreError::Missing(Resource::FormSection))), "{refused:?}");
}

#[tokio::test]
async fn another_tenants_form_is_empty() {
    let test = TestStore::new().await;
    let (ours, theirs) = (test.tenant("Ours").await, test.tenant("Theirs").await);
    let popup = test.popup(&ours, "Fair").await;
    let mut tx = test.store.begin(&TenantScope::of_worker(ours.id)).await.unwrap();
    let form = Form::default().additions(&popup, &SectionKind::ALL, uuid);
    tx.insert_form_parts(&form).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = test.store.begin(&TenantScope::of_worker(theirs.id)).await.unwrap();
    assert_eq!(tx.form(popup.id).await.unwrap(), Form::default());
}
