use edgeos_domain::{
    FieldType, FormSectionChange, NewFormField, NewFormSection, Patch, PopupId, QuestionChange,
    SectionId, SectionKind, derive_field_name,
};
use edgeos_ports::{Forms, Resource, TenantScope};
use serde_json::{Map, Value, json};

use super::{
    DemoStore,
    popups::{CAMP, RESIDENCY, VILLAGE, WINTER},
    stage::Stage,
};
use crate::AppError;

/// A question of an event of the catalogue, and how people answer it.
struct Asked {
    popup: &'static str,
    /// The heading that it stands under.
    section: Option<&'static str>,
    label: &'static str,
    kind: FieldType,
    required: bool,
    /// What can be chosen.
    options: &'static [&'static str],
    hint: Option<&'static str>,
    /// What people answer, in turn, where there is nothing to choose.
    answers: &'static [&'static str],
}

const PLAIN: Asked = Asked {
    popup: VILLAGE,
    section: Some(WORK),
    label: "",
    kind: FieldType::Text,
    required: false,
    options: &[],
    hint: None,
    answers: &[],
};

const WORK: &str = "Your work";
const STAY: &str = "Your stay";
const PROJECT: &str = "Your project";

/// Sections of the organiser, with what stands under the heading.
const SECTIONS: [(&str, &str, &str); 4] = [
    (VILLAGE, WORK, "What you do, and what you would like to do with others."),
    (VILLAGE, STAY, "So that kitchen and beds are ready for you."),
    (RESIDENCY, PROJECT, "The unfinished thing that you would bring."),
    (CAMP, STAY, "So that there is a tent and a plate for you."),
];

static QUESTIONS: [Asked; 18] = [
    Asked {
        label: "Organization",
        answers: &["Studio Ostinato", "Open Orchard", "Tidewater Lab", "Freelance", "Paper Birds"],
        ..PLAIN
    },
    Asked {
        label: "Role",
        kind: FieldType::Select,
        required: true,
        options: &["Builder", "Researcher", "Artist", "Organiser"],
        ..PLAIN
    },
    Asked {
        label: "What would you like to bring?",
        kind: FieldType::Textarea,
        required: true,
        hint: Some("A talk, a workshop, a pot of soup: all of it counts."),
        answers: &[
            "A workshop on bookbinding for twelve people, materials included.",
            "I'd like to cook for everybody once, and to talk about small water turbines.",
            "Two evenings of stories from the archive, and a pair of helping hands.",
            "A reading group that meets before breakfast.",
        ],
        ..PLAIN
    },
    Asked {
        label: "Portfolio",
        kind: FieldType::Url,
        answers: &["https://portfolio.example.com/work", "https://studio.example.org/about"],
        ..PLAIN
    },
    Asked {
        label: "Years of experience",
        kind: FieldType::Number,
        answers: &["3", "12", "7", "25"],
        ..PLAIN
    },
    Asked {
        section: Some(STAY),
        label: "T-shirt size",
        kind: FieldType::SelectCards,
        options: &["XS", "S", "M", "L", "XL"],
        ..PLAIN
    },
    Asked {
        section: Some(STAY),
        label: "What do you eat?",
        kind: FieldType::Multiselect,
        required: true,
        options: &["Everything", "Vegetarian", "Vegan", "Gluten-free", "No nuts"],
        ..PLAIN
    },
    Asked {
        section: Some(STAY),
        label: "When will you arrive?",
        kind: FieldType::Date,
        hint: Some("The kitchen opens on the first day."),
        ..PLAIN
    },
    Asked {
        section: Some(STAY),
        label: "I have read the house rules",
        kind: FieldType::Boolean,
        required: true,
        ..PLAIN
    },
    Asked {
        section: Some(STAY),
        label: "E-mail of somebody to call",
        kind: FieldType::Email,
        answers: &["family@home.example.com", "friend@home.example.org"],
        ..PLAIN
    },
    Asked {
        section: None,
        label: "Anything else?",
        answers: &["See you at the lake!", "I snore. Sorry.", "Is there a piano?"],
        ..PLAIN
    },
    Asked {
        popup: RESIDENCY,
        section: Some(PROJECT),
        label: "Title of your project",
        required: true,
        answers: &["A map of quiet places", "The second draft", "An opera for bicycles"],
        ..PLAIN
    },
    Asked {
        popup: RESIDENCY,
        section: Some(PROJECT),
        label: "How far is it?",
        kind: FieldType::SelectCards,
        required: true,
        options: &["An idea", "Half done", "Almost there"],
        ..PLAIN
    },
    Asked {
        popup: RESIDENCY,
        section: Some(PROJECT),
        label: "What stands in its way?",
        kind: FieldType::Textarea,
        answers: &["Mostly me.", "Time, and a quiet room.", "The last chapter."],
        ..PLAIN
    },
    Asked {
        popup: RESIDENCY,
        section: None,
        label: "Do you need a desk?",
        kind: FieldType::Boolean,
        ..PLAIN
    },
    Asked {
        popup: WINTER,
        section: None,
        label: "Can you drive in snow?",
        kind: FieldType::Boolean,
        required: true,
        ..PLAIN
    },
    Asked {
        popup: CAMP,
        section: Some(STAY),
        label: "Tools you can lend",
        kind: FieldType::Multiselect,
        options: &["Axe", "Saw", "Sewing machine", "Soldering iron"],
        ..PLAIN
    },
    Asked {
        popup: CAMP,
        section: Some(STAY),
        label: "What do you eat?",
        kind: FieldType::Select,
        required: true,
        options: &["Everything", "Vegetarian", "Vegan"],
        ..PLAIN
    },
];

/// Designs the forms on `day`.
pub(super) async fn fill<S: DemoStore>(
    stage: &Stage<S>,
    by: &str,
    day: i64,
) -> Result<(), AppError> {
    stage.script.turn_to(day, 13 * 60);
    let writer = stage.writer(by)?;
    for (order, (popup, label, text)) in (10..).zip(SECTIONS) {
        stage.draw_for(format!("{popup}/form/{label}"));
        let new = NewFormSection {
            popup: stage.popup(popup)?,
            label: label.to_owned(),
            description: Some(text.to_owned()),
            order,
        };
        stage.sections.create(&writer, new).await?;
    }
    for (position, asked) in (0..).zip(&QUESTIONS) {
        stage.draw_for(format!("{}/form/{}", asked.popup, asked.label));
        let popup = stage.popup(asked.popup)?;
        let section = match asked.section {
            Some(label) => Some(section(stage, popup, label).await?),
            None => None,
        };
        let options = asked.options.iter().map(|option| (*option).to_owned()).collect();
        let new = NewFormField {
            popup,
            label: asked.label.to_owned(),
            field_type: asked.kind,
            section,
            position,
            required: asked.required,
            options: (!asked.options.is_empty()).then_some(options),
            placeholder: None,
            help_text: asked.hint.map(str::to_owned),
        };
        stage.fields.create(&writer, new).await?;
    }
    reword(stage, by).await
}

/// Puts a built-in question, and the heading of a built-in section, in the organiser's own words.
async fn reword<S: DemoStore>(stage: &Stage<S>, by: &str) -> Result<(), AppError> {
    let writer = stage.writer(by)?;
    let popup = stage.popup(VILLAGE)?;
    stage.draw_for(format!("{VILLAGE}/form/words"));
    let configs = stage.field_configs.list(&writer, popup).await?;
    for config in configs.iter().filter(|config| config.field_name == "referral") {
        let change = QuestionChange {
            label: Patch::Set("Who told you about the village?".to_owned()),
            help_text: Patch::Set("We'd like to thank them at {popup_name}.".to_owned()),
            ..QuestionChange::default()
        };
        stage.field_configs.update(&writer, config.id, change).await?;
    }
    let profile = section(stage, popup, SectionKind::Profile.label()).await?;
    let change = FormSectionChange {
        description: Patch::Set("What others will find in the directory.".to_owned()),
        ..FormSectionChange::default()
    };
    stage.sections.update(&writer, profile, change).await?;
    Ok(())
}

async fn section<S: DemoStore>(
    stage: &Stage<S>,
    popup: PopupId,
    label: &str,
) -> Result<SectionId, AppError> {
    let mut tx = stage.store.begin(&TenantScope::of_worker(stage.tenant.id)).await?;
    let form = tx.form(popup).await?;
    let found = form.sections.iter().find(|section| section.label == label);
    found.map(|section| section.id).ok_or(AppError::NotFound(Resource::FormSection))
}

/// What the person with this `number` answers in `popup`: what is required, and some of the rest.
pub(super) fn answers<S>(stage: &Stage<S>, popup: &str, number: usize) -> Map<String, Value> {
    let mut answers = Map::new();
    let start = stage.events.get(popup).and_then(|popup| popup.start_date);
    let asked = QUESTIONS.iter().filter(|asked| asked.popup == popup);
    for (place, asked) in asked.enumerate() {
        if !asked.required && (number + place).is_multiple_of(4) {
            continue;
        }
        let nth = |texts: &'static [&'static str]| texts.get(number % texts.len().max(1)).copied();
        let answer = match asked.kind {
            FieldType::Date => json!(start.map(|start| start.date())),
            FieldType::Boolean => json!(asked.required || number.is_multiple_of(2)),
            FieldType::Multiselect => {
                let following = asked.options.get(number % asked.options.len().max(1) + 1);
                let chosen: Vec<_> =
                    nth(asked.options).into_iter().chain(following.copied()).collect();
                json!(chosen)
            }
            FieldType::Select | FieldType::SelectCards => json!(nth(asked.options)),
            _ => json!(nth(asked.answers)),
        };
        answers.insert(derive_field_name(asked.label, |_| false), answer);
    }
    answers
}
