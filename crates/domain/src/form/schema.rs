use serde_json::{Map, Value, json};

use super::{BUILT_INS, BuiltIn, Form, FormField, FormSection};
use crate::Popup;

impl Form {
    /// The form as clients draw it, and as it is kept with answers:
    ///
    /// ```json
    /// {
    ///   "base_fields":   { "gender": { "type": "select", "label": "Gender", "required": true,
    ///                                  "target": "human", "section_id": "…", "position": 4,
    ///                                  "options": ["…"] } },
    ///   "custom_fields": { "tshirt_size": { "type": "text", "label": "T-shirt size",
    ///                                       "required": false, "section_id": null, "position": 0 } },
    ///   "sections":      [ { "id": "…", "label": "Scholarship", "description": null, "order": 3 } ]
    /// }
    /// ```
    ///
    /// `options`, `placeholder` and `help_text` are there when they aren't empty. Built-in questions come in
    /// their own order, custom ones by section and position, sections by order.
    #[must_use]
    pub fn schema(&self, popup: &Popup) -> Value {
        let asked = BUILT_INS.iter().filter(|question| question.is_asked_by(popup));
        let base: Map<_, _> = asked
            .map(|question| (question.name.to_owned(), self.base_field(question, popup)))
            .collect();
        let fields = self.fields_in_order();
        let custom: Map<_, _> =
            fields.into_iter().map(|field| (field.name.clone(), custom_field(field))).collect();
        let sections = self.sections_in_order();
        let sections: Vec<_> = sections
            .into_iter()
            .map(|section| {
                json!({
                    "id": section.id.to_string(),
                    "label": section.label,
                    "description": section.description,
                    "order": section.order,
                })
            })
            .collect();
        json!({ "base_fields": base, "custom_fields": custom, "sections": sections })
    }

    /// The sections by order.
    #[must_use]
    pub fn sections_in_order(&self) -> Vec<&FormSection> {
        let mut sections: Vec<_> = self.sections.iter().collect();
        sections.sort_by_key(|section| (section.order, section.id));
        sections
    }

    /// The custom questions by section and position; those without section last.
    #[must_use]
    pub fn fields_in_order(&self) -> Vec<&FormField> {
        let mut fields: Vec<_> = self.fields.iter().collect();
        fields.sort_by_key(|field| {
            let section = field.section.and_then(|id| self.section(id));
            let place = section.map(|section| (section.order, section.id));
            (place.is_none(), place, field.position, field.id)
        });
        fields
    }

    fn base_field(&self, question: &BuiltIn, popup: &Popup) -> Value {
        let config = self.config(question.name);
        let wording = question.wording(config);
        let mut field = Map::new();
        field.insert("type".to_owned(), json!(question.field_type.as_str()));
        field.insert("label".to_owned(), json!(wording.label));
        field.insert("required".to_owned(), json!(question.required));
        field.insert("target".to_owned(), json!(question.target.as_str()));
        let section = config.and_then(|config| config.section);
        field.insert("section_id".to_owned(), json!(section.map(|id| id.to_string())));
        let position = config.map_or(question.position, |config| config.position);
        field.insert("position".to_owned(), json!(position));
        let help_text = wording.help_text.unwrap_or_default();
        let help_text = help_text.replace("{popup_name}", &popup.name);
        let placeholder = wording.placeholder.unwrap_or_default();
        insert_if_any(&mut field, &wording.options, &placeholder, &help_text);
        Value::Object(field)
    }
}

fn custom_field(question: &FormField) -> Value {
    let mut field = Map::new();
    field.insert("type".to_owned(), json!(question.field_type.as_str()));
    field.insert("label".to_owned(), json!(question.label));
    field.insert("required".to_owned(), json!(question.required));
    let section = question.section.map(|id| id.to_string());
    field.insert("section_id".to_owned(), json!(section));
    field.insert("position".to_owned(), json!(question.position));
    insert_if_any(
        &mut field,
        question.options.as_deref().unwrap_or_default(),
        question.placeholder.as_deref().unwrap_or_default(),
        question.help_text.as_deref().unwrap_or_default(),
    );
    Value::Object(field)
}

fn insert_if_any(
    field: &mut Map<String, Value>,
    options: &[String],
    placeholder: &str,
    help_text: &str,
) {
    if !options.is_empty() {
        field.insert("options".to_owned(), json!(options));
    }
    if !placeholder.is_empty() {
        field.insert("placeholder".to_owned(), json!(placeholder));
    }
    if !help_text.is_empty() {
        field.insert("help_text".to_owned(), json!(help_text));
    }
}
