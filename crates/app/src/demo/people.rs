use edgeos_domain::{Patch, ProfileChange};

use super::{
    DemoStore,
    stage::{Stage, email},
};
use crate::{
    AppError,
    humans::{HumanChange, NewHuman},
    idempotency::Once,
};

/// Somebody the organisation knows.
pub(super) struct Person {
    /// What the catalogue calls them.
    pub(super) word: &'static str,
    pub(super) email: &'static str,
    /// First and last name, gender, age, residence; one of them tells nothing.
    profile: Option<[&'static str; 5]>,
}

/// Who applies in the village. Nobody of them exists.
pub(super) static VILLAGERS: [Person; 40] = [
    person(
        "ines",
        "ines.carvalho@example.com",
        ["Inês", "Carvalho", "Female", "35-44", "Porto, Norte, Portugal"],
    ),
    person(
        "tomas",
        "tomas.lindqvist@example.com",
        ["Tomas", "Lindqvist", "Male", "25-34", "Gothenburg, Västra Götaland, Sweden"],
    ),
    person(
        "amara",
        "amara.eze@example.com",
        ["Amara", "Eze", "Female", "25-34", "Enugu, Enugu State, Nigeria"],
    ),
    person(
        "jonas",
        "jonas.weber@example.com",
        ["Jonas", "Weber", "Male", "45-54", "Leipzig, Saxony, Germany"],
    ),
    person(
        "mei",
        "mei.tanaka@example.org",
        ["芽衣", "田中", "Female", "25-34", "Kanazawa, Ishikawa, Japan"],
    ),
    person(
        "yusuf",
        "yusuf.demir@example.com",
        ["Yusuf", "Demir", "Male", "35-44", "Izmir, Izmir, Türkiye"],
    ),
    person(
        "lucia",
        "lucia.fernandez@example.com",
        ["Lucía", "Fernández Ibáñez", "Female", "18-24", "Gijón, Asturias, Spain"],
    ),
    person(
        "noor",
        "noor.haddad@example.org",
        ["نور", "حداد", "Non-binary", "25-34", "Amman, Amman, Jordan"],
    ),
    person(
        "pavel",
        "pavel.novotny@example.com",
        ["Pavel", "Novotný", "Male", "55+", "Olomouc, Moravia, Czechia"],
    ),
    person(
        "aino",
        "aino.makela@example.com",
        ["Aino", "Mäkelä", "Female", "35-44", "Tampere, Pirkanmaa, Finland"],
    ),
    person(
        "kofi",
        "kofi.mensah@example.com",
        ["Kofi", "Mensah", "Male", "25-34", "Kumasi, Ashanti, Ghana"],
    ),
    person(
        "greta",
        "greta.hansen@example.org",
        ["Greta", "Hansen", "Female", "45-54", "Aarhus, Midtjylland, Denmark"],
    ),
    person(
        "ravi",
        "ravi.subramanian@example.com",
        ["Ravi", "Subramanian", "Male", "35-44", "Coimbatore, Tamil Nadu, India"],
    ),
    person(
        "elena",
        "elena.petrova@example.com",
        ["Елена", "Петрова", "Female", "35-44", "Plovdiv, Plovdiv, Bulgaria"],
    ),
    person(
        "oscar",
        "oscar.delgado@example.com",
        ["Óscar", "Delgado", "Male", "18-24", "Mérida, Yucatán, Mexico"],
    ),
    person(
        "hana",
        "hana.kim@example.org",
        ["하나", "김", "Female", "25-34", "Jeonju, North Jeolla, South Korea"],
    ),
    person(
        "felix",
        "felix.arnaud@example.com",
        ["Félix", "Arnaud", "Specify", "25-34", "Nantes, Pays de la Loire, France"],
    ),
    person(
        "zoe",
        "zoe.papadakis@example.com",
        ["Ζωή", "Παπαδάκη", "Female", "45-54", "Chania, Crete, Greece"],
    ),
    person(
        "bruno",
        "bruno.silva@example.com",
        ["Bruno", "Silva", "Male", "25-34", "Recife, Pernambuco, Brazil"],
    ),
    person(
        "maeve",
        "maeve.okelly@example.com",
        ["Maeve", "O’Kelly", "Female", "35-44", "Galway, Connacht, Ireland"],
    ),
    person(
        "samir",
        "samir.benali@example.org",
        ["Samir", "Benali", "Male", "45-54", "Oran, Oran, Algeria"],
    ),
    person(
        "ida",
        "ida.nygaard@example.com",
        ["Ida", "Nygård", "Female", "18-24", "Bergen, Vestland, Norway"],
    ),
    person(
        "theo",
        "theo.vandenberg@example.com",
        ["Theo", "van den Berg", "Male", "25-34", "Utrecht, Utrecht, Netherlands"],
    ),
    person(
        "wren",
        "wren.ashdown@example.com",
        ["Wren", "Ashdown", "Non-binary", "25-34", "Hobart, Tasmania, Australia"],
    ),
    person(
        "farah",
        "farah.rahimi@example.org",
        ["Farah", "Rahimi", "Female", "35-44", "Lyon, Auvergne-Rhône-Alpes, France"],
    ),
    person(
        "marek",
        "marek.kowalczyk@example.com",
        ["Marek", "Kowalczyk", "Male", "35-44", "Poznań, Greater Poland, Poland"],
    ),
    person(
        "adaeze",
        "adaeze.nwosu@example.com",
        ["Adaeze", "Nwosu", "Female", "25-34", "Owerri, Imo State, Nigeria"],
    ),
    person(
        "leif",
        "leif.magnusson@example.com",
        ["Leif", "Magnússon", "Male", "55+", "Akureyri, Northeast, Iceland"],
    ),
    person(
        "carmen",
        "carmen.ruiz@example.org",
        ["Carmen", "Ruiz", "Female", "45-54", "Cádiz, Andalusia, Spain"],
    ),
    person(
        "dmitri",
        "dmitri.volkov@example.com",
        ["Dmitri", "Volkov", "Male", "35-44", "Riga, Riga, Latvia"],
    ),
    person(
        "nadia",
        "nadia.rossi@example.com",
        ["Nadia", "Rossi", "Female", "25-34", "Trieste, Friuli-Venezia Giulia, Italy"],
    ),
    person(
        "owen",
        "owen.pritchard@example.com",
        ["Owen", "Pritchard", "Male", "25-34", "Bangor, Gwynedd, United Kingdom"],
    ),
    person(
        "sanna",
        "sanna.virtanen@example.org",
        ["Sanna", "Virtanen", "Female", "18-24", "Oulu, North Ostrobothnia, Finland"],
    ),
    person(
        "tariq",
        "tariq.aziz@example.com",
        ["Tariq", "Aziz", "Male", "25-34", "Lahore, Punjab, Pakistan"],
    ),
    person(
        "vera",
        "vera.horvat@example.com",
        ["Vera", "Horvat", "Female", "55+", "Ljubljana, Central Slovenia, Slovenia"],
    ),
    person(
        "hugo",
        "hugo.lambert@example.com",
        ["Hugo", "Lambert", "Male", "35-44", "Liège, Wallonia, Belgium"],
    ),
    person(
        "rosa",
        "rosa.quispe@example.org",
        ["Rosa", "Quispe Mamani", "Female", "35-44", "Cusco, Cusco, Peru"],
    ),
    person(
        "max",
        "maximilian.long@example.com",
        [
            "Maximilian Ferdinand Aurelius Balthasar Theodor Konstantin",
            "von und zu Hohenwaldau-Silberbach-Tannengrund zu Obernheim an der Unteren Lauter",
            "Male",
            "45-54",
            "Oberammergau in the valley behind the second ridge, Bavaria, Germany",
        ],
    ),
    Person { word: "blank", email: "hello.there@example.com", profile: None },
    person(
        "rex",
        "rex.trouble@example.com",
        ["Rex", "Trouble", "Male", "35-44", "Nowhere in Particular, Somewhere, Monaco"],
    ),
];

/// Whose applications staff want refused, from this day on.
const RED_FLAG: (&str, i64) = ("rex", -30);

/// Somebody of whom everything is known.
pub(super) const fn person(
    word: &'static str,
    email: &'static str,
    profile: [&'static str; 5],
) -> Person {
    Person { word, email, profile: Some(profile) }
}

/// Enters `people`, a few minutes apart.
pub(super) async fn fill<S: DemoStore>(
    stage: &mut Stage<S>,
    people: &'static [Person],
) -> Result<(), AppError> {
    let by = stage.governor()?;
    for person in people {
        stage.draw_for(person.email);
        let text = |text: &str| Patch::Set(text.to_owned());
        let profile = person.profile.map(|[first, last, gender, age, residence]| ProfileChange {
            first_name: text(first),
            last_name: text(last),
            telegram: Patch::Set(format!("demo_{}", person.word)),
            gender: text(gender),
            age: text(age),
            residence: text(residence),
        });
        let new = NewHuman {
            email: email(person.email)?,
            profile: profile.unwrap_or_default(),
            picture_url: None,
        };
        let Once::Done(human) = stage.people.create(&by, new, None).await? else { continue };
        stage.humans.insert(person.word, human);
        stage.made.count("people");
    }
    Ok(())
}

/// Has the organiser warn of one of them.
pub(super) async fn warn<S: DemoStore>(stage: &Stage<S>) -> Result<(), AppError> {
    let (who, day) = RED_FLAG;
    stage.draw_for(format!("warning/{who}"));
    stage.script.turn_to(day, 12 * 60);
    let change = HumanChange { red_flag: Some(true), ..HumanChange::default() };
    stage.people.update(&stage.writer("dana")?, stage.human(who)?.id, change).await?;
    Ok(())
}
