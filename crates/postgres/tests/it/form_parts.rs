//! Sections, questions and configurations, one by one.

use edgeos_domain::{
    FieldConfig, FieldType, Form, FormField, FormSection, Popup, PopupId, SectionId, SectionKind,
};
use edgeos_ports::{
    BaseFieldConfigs, FormFields, FormSections, Forms, Paging, Resource, Store, StoreError,
    TenantScope, Transaction,
};
use edgeos_postgres::PgTx;

use crate::{
    forms::{field, section},
    support::{TestStore, uuid},
};

const ALL: Paging = Paging { skip: 0, limit: 100 };

/// A popup with a form of a section, a question and the configurations that it needs.
async fn designed(test: &TestStore, tenant: &str) -> (PgTx, Popup, FormSection, FormField) {
    let tenant = test.tenant(tenant).await;
    let popup = test.popup(&tenant, "Fair").await;
    let mut tx = test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
    let more = section(&tenant, popup.id, 7);
    tx.insert_form_section(&more).await.unwrap();
    let size = field(&tenant, popup.id, "size", Some(more.id));
    assert!(tx.insert_form_field(&size).await.unwrap());
    let needed = SectionKind::newly_needed(None, &popup);
    let built_in = Form::default().additions(&popup, &needed, uuid);
    tx.insert_form_parts(&built_in).await.unwrap();
    (tx, popup, more, size)
}

async fn gender(tx: &mut PgTx, popup: PopupId) -> FieldConfig {
    let configs = tx.field_configs(popup).await.unwrap();
    configs.into_iter().find(|config| config.field_name == "gender").unwrap()
}

#[tokio::test]
async fn the_parts_of_a_form_change_in_what_may_change() {
    let test = TestStore::new().await;
    let (mut tx, popup, more, size) = designed(&test, "Ours").await;
    let renamed = FormSection {
        label: "Less".to_owned(),
        description: None,
        order: i32::MIN,
        ..more.clone()
    };
    let disguised = FormSection { protected: true, popup: PopupId(uuid()), ..renamed.clone() };
    tx.update_form_section(&disguised).await.unwrap();
    assert_eq!(tx.lock_form_section(more.id).await.unwrap(), Some(renamed.clone()));
    assert_eq!(tx.section_labels(&[more.id, SectionId(uuid())]).await.unwrap().len(), 1);
    assert_eq!(tx.section_labels(&[more.id]).await.unwrap()[&more.id], "Less");
    let first = tx.form_sections(None, Paging { skip: 0, limit: 1 }).await.unwrap();
    assert_eq!((first.items, first.total), (vec![renamed], 3));
    let elsewhere = tx.form_sections(Some(PopupId(uuid())), ALL).await.unwrap();
    assert_eq!(elsewhere.total, 0);

    let changed = FormField {
        label: "50%".to_owned(),
        field_type: FieldType::Date,
        section: None,
        position: -1,
        required: false,
        options: None,
        placeholder: Some("p".to_owned()),
        help_text: None,
        ..size.clone()
    };
    let disguised = FormField { name: "other".to_owned(), ..changed.clone() };
    tx.update_form_field(&disguised).await.unwrap();
    assert_eq!(tx.lock_form_field(size.id).await.unwrap(), Some(changed.clone()));
    for (search, found) in [(None, 1), (Some("0%"), 1), (Some("SIZ"), 1), (Some("_"), 0)] {
        let page = tx.form_fields(search, ALL).await.unwrap();
        assert_eq!(page.total, found, "{search:?}");
    }

    let gender = gender(&mut tx, popup.id).await;
    let changed = FieldConfig {
        section: Some(more.id),
        position: 3,
        label: Some("Sex".to_owned()),
        placeholder: Some("p".to_owned()),
        help_text: Some("h".to_owned()),
        options: Some(Vec::new()),
        ..gender.clone()
    };
    let disguised = FieldConfig { field_name: "age".to_owned(), ..changed.clone() };
    tx.update_field_config(&disguised).await.unwrap();
    assert_eq!(tx.lock_field_config(gender.id).await.unwrap(), Some(changed));
}

#[tokio::test]
async fn a_name_is_taken_once_in_a_popup() {
    let test = TestStore::new().await;
    let (mut tx, popup, _, size) = designed(&test, "Ours").await;
    let tenant = test.tenant("Unused").await;
    let again = FormField { tenant: size.tenant, ..field(&tenant, popup.id, "size", None) };
    assert!(!tx.insert_form_field(&again).await.unwrap());
    assert_eq!(tx.form_field(again.id).await.unwrap(), None);
    // The transaction goes on.
    let other = FormField { name: "size_1".to_owned(), ..again };
    assert!(tx.insert_form_field(&other).await.unwrap());
    assert!(tx.delete_form_field(other.id).await.unwrap());
    assert!(!tx.delete_form_field(other.id).await.unwrap());
}

#[tokio::test]
async fn a_deleted_section_leaves_its_questions_in_none() {
    let test = TestStore::new().await;
    let (mut tx, popup, more, size) = designed(&test, "Ours").await;
    let gender = gender(&mut tx, popup.id).await;
    let moved = FieldConfig { section: Some(more.id), ..gender.clone() };
    tx.update_field_config(&moved).await.unwrap();
    tx.delete_form_section(more.id).await.unwrap();
    assert_eq!(tx.form_section(more.id).await.unwrap(), None);
    assert_eq!(tx.form_field(size.id).await.unwrap().unwrap().section, None);
    assert_eq!(tx.field_config(gender.id).await.unwrap().unwrap().section, None);
    let age = tx.field_configs(popup.id).await.unwrap();
    assert_eq!(age.iter().filter(|config| config.section.is_none()).count(), 1);
    let astray = FormField { section: Some(more.id), ..size };
    let refused = tx.update_form_field(&astray).await;
    assert!(matches!(refused, Err(StoreError::Missing(Resource::FormSection))), "{refused:?}");
}

#[tokio::test]
async fn another_tenants_parts_arent_there() {
    let test = TestStore::new().await;
    let (mut tx, popup, more, size) = designed(&test, "Ours").await;
    let gender = gender(&mut tx, popup.id).await;
    tx.commit().await.unwrap();
    let theirs = test.tenant("Theirs").await;
    let mut tx = test.store.begin(&TenantScope::of_worker(theirs.id)).await.unwrap();
    assert_eq!(tx.form_sections(None, ALL).await.unwrap().total, 0);
    assert_eq!(tx.form_fields(None, ALL).await.unwrap().total, 0);
    assert_eq!(tx.field_configs(popup.id).await.unwrap(), []);
    assert_eq!(tx.lock_form_section(more.id).await.unwrap(), None);
    assert_eq!(tx.lock_form_field(size.id).await.unwrap(), None);
    assert_eq!(tx.lock_field_config(gender.id).await.unwrap(), None);
    assert!(tx.section_labels(&[more.id]).await.unwrap().is_empty());
    assert!(!tx.delete_form_field(size.id).await.unwrap());
    tx.delete_form_section(more.id).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = test.store.begin(&TenantScope::of_worker(more.tenant)).await.unwrap();
    assert_eq!(tx.form_section(more.id).await.unwrap(), Some(more));
    assert_eq!(tx.form_field(size.id).await.unwrap(), Some(size));
}
