//! Whom an attendee's address names, that human it is.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    auth::human_token,
    harness::Send,
    world::{Person, World, id},
};

/// Addresses that attendees are given and people sign up with.
const ADDRESSES: usize = 12;

/// One thing that somebody does.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Staff enter a person with this address.
    Enter(usize),
    /// A family brings somebody with this address.
    Bring { family: usize, address: usize },
    /// A family says that one of theirs has this address, or none.
    Tell { family: usize, member: usize, address: Option<usize> },
    /// Staff say so.
    Correct { family: usize, member: usize, address: Option<usize> },
    /// A family only renames one of theirs.
    Rename { family: usize, member: usize },
    /// A family sends the whole list anew.
    Replace { family: usize, address: usize },
}

/// Numbers that look random and are the same each time (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % bound as u64).unwrap()
    }

    fn step(&mut self, families: usize) -> Step {
        let (family, member) = (self.below(families), self.below(6));
        let address = self.below(ADDRESSES);
        let maybe = (self.below(4) > 0).then_some(address);
        match self.below(10) {
            0 | 1 => Step::Enter(address),
            2..=4 => Step::Bring { family, address },
            5 | 6 => Step::Tell { family, member, address: maybe },
            7 => Step::Correct { family, member, address: maybe },
            8 => Step::Rename { family, member },
            _ => Step::Replace { family, address },
        }
    }
}

struct Families {
    world: World,
    popup: Uuid,
    applicants: Vec<Person>,
}

impl Families {
    async fn new(count: usize) -> Self {
        let world = World::start().await;
        let popup = world.family_popup().await;
        let applicants = join_all((0..count).map(|_| world.person())).await;
        for person in &applicants {
            world.apply(person, popup, json!({})).await.expect(201);
        }
        Self { world, popup, applicants }
    }

    async fn take(&self, step: Step) {
        let Self { world, popup, applicants } = self;
        let kid = |address| json!({ "name": "K", "category": "kid", "email": mail(address) });
        let answer = match step {
            Step::Enter(address) => {
                let body = json!({ "email": mail(address) });
                world.governor(world.server.post("/humans").json(&body)).await
            }
            Step::Bring { family, address } => {
                world.add_attendee(&applicants[family], *popup, kid(address)).await
            }
            Step::Tell { family, member, address } => {
                let Some(attendee) = self.companion(family, member).await else { return };
                let change = json!({ "email": address.map(mail) });
                world.change_attendee(&applicants[family], *popup, attendee, change).await
            }
            Step::Correct { family, member, address } => {
                let Some(attendee) = self.companion(family, member).await else { return };
                let change = json!({ "email": address.map(mail) });
                world.on_attendee(Method::PATCH, attendee, Some(change)).await
            }
            Step::Rename { family, member } => {
                let Some(attendee) = self.companion(family, member).await else { return };
                let change = json!({ "name": "R" });
                world.change_attendee(&applicants[family], *popup, attendee, change).await
            }
            Step::Replace { family, address } => {
                let change = json!({ "companions": [kid(address)] });
                world.edit(&applicants[family], *popup, change).await
            }
        };
        // Others may have taken the address, the place or the attendee away.
        let expected = [200, 201, 400, 404, 409];
        assert!(expected.contains(&answer.status), "{step:?}: {answer:?}");
    }

    async fn companion(&self, family: usize, member: usize) -> Option<Uuid> {
        let sql = "SELECT t.id FROM attendees t JOIN applications a ON a.id = t.application_id \
                   WHERE a.human_id = $1 AND t.category <> 'main' ORDER BY t.id";
        let companions = sqlx::query_scalar(sql).bind(self.applicants[family].id.0);
        let companions: Vec<Uuid> = companions.fetch_all(&self.world.server.sql).await.unwrap();
        companions.get(member % companions.len().max(1)).copied()
    }

    async fn assert_linked(&self) {
        let astray = "SELECT t.email FROM attendees t JOIN applications a ON a.id = t.application_id \
                      LEFT JOIN humans h ON h.tenant_id = t.tenant_id AND h.email = t.email \
                      WHERE t.human_id IS DISTINCT FROM \
                      CASE t.category WHEN 'main' THEN a.human_id ELSE h.id END";
        let astray: Vec<Option<String>> =
            sqlx::query_scalar(astray).fetch_all(&self.world.server.sql).await.unwrap();
        assert_eq!(astray, [] as [Option<String>; 0]);
    }
}

fn mail(address: usize) -> String {
    format!("somebody{address}@x.com")
}

#[tokio::test]
async fn whatever_happens_in_turn_addresses_and_humans_agree() {
    let families = Families::new(2).await;
    let mut dice = Dice(1);
    for _ in 0..120 {
        families.take(dice.step(2)).await;
        families.assert_linked().await;
    }
}

#[tokio::test]
async fn whatever_happens_at_once_addresses_and_humans_agree() {
    let mut dice = Dice(2);
    for _ in 0..3 {
        let families = Families::new(3).await;
        for _ in 0..12 {
            let steps: Vec<_> = (0..8).map(|_| dice.step(3)).collect();
            join_all(steps.into_iter().map(|step| families.take(step))).await;
            families.assert_linked().await;
        }
    }
}

#[tokio::test]
async fn an_address_and_its_human_who_come_at_once_find_each_other() {
    let families = Families::new(1).await;
    let Families { world, popup, applicants } = &families;
    for n in 0..10 {
        let email = format!("new{n}@x.com");
        let kid = json!({ "name": "K", "category": "kid", "email": email });
        let human = json!({ "email": email });
        let (added, entered) = tokio::join!(
            world.add_attendee(&applicants[0], *popup, kid),
            world.governor(world.server.post("/humans").json(&human)),
        );
        let (_, human) = (added.expect(201), id(&entered.expect(201)));
        let path = format!("/attendees?email={email}");
        let list: Value = world.staff(world.server.get(&path)).await.expect(200);
        assert_eq!(list["results"][0]["human_id"], json!(human));
    }
}

#[tokio::test]
async fn who_is_entered_with_a_companions_address_finds_the_ticket_after_signing_in() {
    let world = World::start().await;
    let popup = world.family_popup().await;
    let ada = world.person().await;
    let spouse = json!([{ "name": "S", "category": "spouse", "email": "sp@x.com" }]);
    let begun = world.apply(&ada, popup, json!({ "companions": spouse })).await.expect(201);
    assert_eq!(begun["attendees"][1]["human_id"], Value::Null);

    let body = json!({ "email": "SP@x.com" });
    let entered = world.governor(world.server.post("/humans").json(&body)).await.expect(201);
    let after = world.application(id(&begun)).await;
    assert_eq!(after["attendees"][1]["human_id"], entered["id"]);

    let token = human_token(&world.server, world.tenant, "sp@x.com").await;
    let tickets = world.server.get("/applications/my/tickets").bearer_auth(&token);
    let tickets = tickets.answer().await.expect(200);
    assert_eq!(tickets.as_array().unwrap().len(), 1);
    assert_eq!(tickets[0]["id"], begun["attendees"][1]["id"]);
}
