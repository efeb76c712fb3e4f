use edgeos_domain::{Email, NewGroup};
use edgeos_ports::{GroupProducts, TenantScope, Transaction};

use super::{
    DemoStore,
    popups::{CAMP, VILLAGE},
    stage::{Stage, email, percentage},
};
use crate::AppError;

pub(super) const STUDIO: &str = "open-studio";
pub(super) const BOAT: &str = "small-boat";
pub(super) const GUILD: &str = "guild-of-makers";
pub(super) const CHOIR: &str = "campfire-choir";

/// A group of the catalogue. People come into it by their own stories; invite links come with what people buy.
struct Circle {
    popup: &'static str,
    slug: &'static str,
    name: &'static str,
    text: &'static str,
    welcome: Option<&'static str>,
    /// In percent.
    discount: i64,
    places: Option<u32>,
    leaders: &'static [&'static str],
    /// Who may come in; nobody named is everybody.
    listed: &'static [&'static str],
    /// What it is said to be for.
    products: &'static [&'static str],
}

static CIRCLES: [Circle; 4] = [
    Circle {
        popup: VILLAGE,
        slug: STUDIO,
        name: "Open Studio",
        text: "<p>Painters, printers and <strong>everybody with ink on their hands</strong>.</p>",
        welcome: Some("Good to have you! Bring an apron."),
        discount: 15,
        places: Some(20),
        leaders: &["ines"],
        listed: &[],
        products: &["village-pass", "partner-pass", "t-shirt"],
    },
    Circle {
        popup: VILLAGE,
        slug: BOAT,
        name: "Small Boat",
        text: "<p>Two seats, and both are taken.</p>",
        welcome: None,
        discount: 0,
        places: Some(2),
        leaders: &["pavel"],
        listed: &[],
        products: &[],
    },
    Circle {
        popup: VILLAGE,
        slug: GUILD,
        name: "Guild of Makers",
        text: "<p>For members of the guild.</p>",
        welcome: Some("Your workbench is waiting."),
        discount: 30,
        places: None,
        leaders: &["aino", "jonas"],
        listed: &[
            "greta.hansen@example.org",
            "smith@guild.example.org",
            "weaver@guild.example.org",
            "turner@guild.example.org",
        ],
        products: &[],
    },
    Circle {
        popup: CAMP,
        slug: CHOIR,
        name: "Campfire Choir",
        text: "<p>They sang every night.</p>",
        welcome: None,
        discount: 10,
        places: Some(12),
        leaders: &["carmen"],
        listed: &[],
        products: &[],
    },
];

/// Sets the groups up on `day`.
pub(super) async fn fill<S: DemoStore>(
    stage: &mut Stage<S>,
    by: &str,
    day: i64,
) -> Result<(), AppError> {
    stage.script.turn_to(day, 14 * 60);
    let by = stage.writer(by)?;
    for circle in &CIRCLES {
        stage.draw_for(format!("{}/{}", circle.popup, circle.slug));
        let new = NewGroup {
            popup: stage.popup(circle.popup)?,
            name: circle.name.to_owned(),
            slug: Some(circle.slug.to_owned()),
            description: Some(circle.text.to_owned()),
            discount: percentage(circle.discount)?,
            max_members: circle.places,
            welcome_message: circle.welcome.map(str::to_owned),
            is_ambassador_group: false,
            ambassador: None,
        };
        let listed: Result<Vec<Email>, _> =
            circle.listed.iter().map(|address| email(address)).collect();
        let group = stage.groups.create(&by, new, listed?).await?.group;
        for leader in circle.leaders {
            stage.groups.appoint_leader(&by, group.id, stage.human(leader)?.id).await?;
        }
        let mut tx = stage.store.begin(&TenantScope::of_worker(stage.tenant.id)).await?;
        for product in circle.products {
            tx.list_product(group.id, stage.product(circle.popup, product)?).await?;
        }
        tx.commit().await?;
        stage.circles.insert(circle.slug, group.id);
        stage.made.count("groups");
    }
    Ok(())
}
