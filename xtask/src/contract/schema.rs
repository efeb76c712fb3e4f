//! Schemas of an OpenAPI document, as far as clients can tell one from another.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// What a value may be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    /// What the schema is called, where it has a name.
    pub(super) name: Option<String>,
    /// Whether it may be null.
    pub(super) is_nullable: bool,
    /// What else it may be: one of these.
    pub(super) kinds: Vec<Kind>,
}

/// What a value that isn't null may be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// Anything at all.
    Any,
    Boolean,
    Integer(Rules),
    Number(Rules),
    Text {
        /// `date-time`, `uuid` and the like.
        format: Option<String>,
        /// The only texts that there are.
        values: Option<BTreeSet<String>>,
        rules: Rules,
    },
    List(Box<Shape>),
    Object {
        fields: BTreeMap<String, Field>,
        /// What fields of other names may be, where they are spoken of.
        others: Option<Box<Shape>>,
    },
    /// The schema of this name, within itself.
    Again(String),
}

/// The keywords that bound a value, with their arguments.
pub(super) type Rules = BTreeMap<&'static str, Value>;

/// A field of an object, or a parameter.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    pub(super) is_required: bool,
    pub(super) default: Option<Value>,
    pub(super) shape: Shape,
}

const RULES: [&str; 7] =
    ["minLength", "maxLength", "pattern", "minimum", "maximum", "minItems", "maxItems"];

impl Kind {
    /// What people call it.
    pub(super) fn noun(&self) -> &'static str {
        match self {
            Self::Any => "anything",
            Self::Boolean => "a boolean",
            Self::Integer(_) => "an integer",
            Self::Number(_) => "a number",
            Self::Text { .. } => "a text",
            Self::List(_) => "a list",
            Self::Object { .. } | Self::Again(_) => "an object",
        }
    }
}

impl Field {
    /// A property or parameter that `schema` describes.
    pub(super) fn read(document: &Value, schema: &Value, is_required: bool) -> Self {
        Self::within(document, schema, is_required, &mut Vec::new())
    }

    fn within(
        document: &Value,
        schema: &Value,
        is_required: bool,
        above: &mut Vec<String>,
    ) -> Self {
        let default = schema.get("default").filter(|default| !default.is_null()).cloned();
        Self { is_required, default, shape: Shape::within(document, schema, above) }
    }
}

impl Shape {
    /// What `schema` describes, references to `document` followed.
    pub(super) fn read(document: &Value, schema: &Value) -> Self {
        Self::within(document, schema, &mut Vec::new())
    }

    /// `above` are the names of the schemas that this one lies in.
    fn within(document: &Value, schema: &Value, above: &mut Vec<String>) -> Self {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let name = reference.rsplit('/').next().unwrap_or_default().to_owned();
            if above.contains(&name) {
                let kinds = vec![Kind::Again(name.clone())];
                return Self { name: Some(name), is_nullable: false, kinds };
            }
            let target = document.pointer(reference.trim_start_matches('#'));
            above.push(name.clone());
            let mut shape = Self::within(document, target.unwrap_or(&Value::Null), above);
            above.pop();
            shape.name = Some(name);
            return shape;
        }
        let alternatives = ["anyOf", "oneOf"].iter().find_map(|word| schema.get(word)?.as_array());
        if let Some(alternatives) = alternatives {
            return Self::one_of(
                alternatives.iter().map(|kind| Self::within(document, kind, above)),
            );
        }
        match schema.get("type") {
            Some(Value::Array(types)) => {
                let of = |kind: &Value| {
                    let mut schema = schema.clone();
                    schema["type"] = kind.clone();
                    Self::within(document, &schema, above)
                };
                Self::one_of(types.iter().map(of).collect::<Vec<_>>().into_iter())
            }
            Some(kind) if kind == "null" => Self::unnamed(true, Vec::new()),
            kind => Self::unnamed(
                false,
                vec![kind_of(kind.and_then(Value::as_str), document, schema, above)],
            ),
        }
    }

    fn unnamed(is_nullable: bool, kinds: Vec<Kind>) -> Self {
        Self { name: None, is_nullable, kinds }
    }

    /// Named like the only alternative to null, if it has a name.
    fn one_of(alternatives: impl Iterator<Item = Self>) -> Self {
        let (mut one_of, mut names) = (Self::unnamed(false, Vec::new()), Vec::new());
        for alternative in alternatives {
            one_of.is_nullable |= alternative.is_nullable;
            if !alternative.kinds.is_empty() {
                names.push(alternative.name);
            }
            one_of.kinds.extend(alternative.kinds);
        }
        if let [name] = names.as_mut_slice() {
            one_of.name = name.take();
        }
        one_of
    }
}

fn kind_of(kind: Option<&str>, document: &Value, schema: &Value, above: &mut Vec<String>) -> Kind {
    match kind {
        Some("boolean") => Kind::Boolean,
        Some("integer") => Kind::Integer(rules(schema)),
        Some("number") => Kind::Number(rules(schema)),
        Some("string") => Kind::Text {
            format: schema.get("format").and_then(Value::as_str).map(str::to_owned),
            values: values(schema),
            rules: rules(schema),
        },
        Some("array") => {
            let items = schema.get("items").unwrap_or(&Value::Null);
            Kind::List(Box::new(Shape::within(document, items, above)))
        }
        Some("object") => Kind::Object {
            fields: fields(document, schema, above),
            others: others(document, schema, above),
        },
        _ => Kind::Any,
    }
}

fn rules(schema: &Value) -> Rules {
    RULES.iter().filter_map(|word| Some((*word, schema.get(word)?.clone()))).collect()
}

fn values(schema: &Value) -> Option<BTreeSet<String>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if let Some(only) = schema.get("const") {
        return Some(BTreeSet::from([text(only)]));
    }
    Some(schema.get("enum")?.as_array()?.iter().map(text).collect())
}

fn fields(document: &Value, schema: &Value, above: &mut Vec<String>) -> BTreeMap<String, Field> {
    let required: BTreeSet<_> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let properties = schema.get("properties").and_then(Value::as_object);
    let mut field = |(name, property): (&String, &Value)| {
        let is_required = required.contains(name.as_str());
        (name.clone(), Field::within(document, property, is_required, above))
    };
    properties.into_iter().flat_map(Map::iter).map(&mut field).collect()
}

fn others(document: &Value, schema: &Value, above: &mut Vec<String>) -> Option<Box<Shape>> {
    let others = schema.get("additionalProperties").filter(|others| **others != false)?;
    // `true` is a schema that says nothing.
    Some(Box::new(Shape::within(document, others, above)))
}
