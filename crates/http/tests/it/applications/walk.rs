//! Whatever everybody does to one application, in whatever order, two at a time.

use std::collections::BTreeSet;

use edgeos_domain::UserId;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Answer, Send},
    world::{Person, World, id},
};

/// How many rounds a walk has.
const ROUNDS: usize = 20;

/// Something that somebody does.
#[derive(Debug, Clone)]
enum Action {
    Edit(Value),
    Vote { reviewer: usize, decision: &'static str },
    Decide(&'static str),
    Scholarship(Value),
    Flag(bool),
    Strategy(&'static str),
    Fee(bool),
    Recalculate,
    LeaderAdds,
    LeaderRemoves,
}

/// One application, and everybody who has to do with it.
struct Scene<'a> {
    world: &'a World,
    popup: Uuid,
    group: Uuid,
    person: Person,
    leader: Person,
    reviewers: Vec<(UserId, String)>,
    application: Uuid,
}

/// What the database says about the application.
#[derive(Debug, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
struct State {
    status: String,
    accepted: bool,
    submitted: bool,
    red_flag: bool,
    answers: Value,
    main_attendees: i64,
    companions: i64,
    /// In which status the last snapshots show it.
    last: Vec<String>,
    snapshots: i64,
    mails: i64,
    stray_group: bool,
}

impl Action {
    fn random(random: &mut StdRng, round: usize) -> Self {
        let companions = [
            json!([]),
            json!([{ "name": "K", "category": "kid" }]),
            json!([{ "name": "S", "category": "spouse", "email": "s@x.com" }]),
            json!([{ "name": "S", "category": "spouse" }, { "name": "K", "category": "kid" }]),
        ];
        match random.random_range(0..16) {
            0..=2 => Self::Edit(json!({ "status": "in review" })),
            3 => Self::Edit(json!({ "status": "draft" })),
            4 => Self::Edit(json!({ "referral": format!("r{round}"), "telegram": "x" })),
            5 => Self::Edit(json!({ "companions": companions.choose(random) })),
            6 => Self::Edit(json!({ "group_id": true })),
            7 | 8 => Self::Vote {
                reviewer: random.random_range(0..3),
                decision: ["strong_yes", "yes", "no", "strong_no"].choose(random).unwrap(),
            },
            9 => Self::Decide(["accept", "reject", "reopen", "reopen"].choose(random).unwrap()),
            10 => Self::Scholarship(if random.random() {
                json!({ "scholarship_status": "approved", "discount_percentage": 50 })
            } else {
                json!({ "scholarship_status": "rejected" })
            }),
            11 => Self::Flag(random.random()),
            12 => Self::Strategy(
                ["auto_accept", "any_reviewer", "all_reviewers", "threshold", "weighted"]
                    .choose(random)
                    .unwrap(),
            ),
            13 => Self::Fee(random.random()),
            14 => Self::Recalculate,
            _ => {
                if random.random() {
                    Self::LeaderAdds
                } else {
                    Self::LeaderRemoves
                }
            }
        }
    }
}

impl<'a> Scene<'a> {
    async fn set(world: &'a World) -> Self {
        let settings =
            json!({ "allows_spouse": true, "allows_children": true, "allows_scholarship": true });
        let popup = world.popup(settings).await;
        world.strategy(popup, json!({ "strategy_type": "any_reviewer" })).await;
        let mut reviewers = vec![world.admin().await, world.admin().await];
        for (user, _) in &reviewers {
            world.reviewer(popup, *user, json!({ "is_required": true })).await;
        }
        reviewers.push(world.admin().await);
        let group = world.group(popup, None).await;
        let (person, leader) = (world.person().await, world.person().await);
        let led = "INSERT INTO group_leaders (tenant_id, group_id, human_id) VALUES ($1, $2, $3)";
        let led = sqlx::query(led).bind(world.tenant.0).bind(group).bind(leader.id.0);
        led.execute(&world.server.sql).await.unwrap();
        let fields = json!({ "scholarship_request": true, "custom_fields": { "why": "because" } });
        let application = id(&world.apply(&person, popup, fields).await.expect(201));
        Self { world, popup, group, person, leader, reviewers, application }
    }

    async fn take(&self, action: &Action) -> Answer {
        let Self { world, popup, group, person, leader, application, .. } = self;
        let server = &world.server;
        let members = format!("/groups/my/{group}/members");
        match action {
            Action::Edit(change) => {
                let mut change = change.clone();
                if change.get("group_id").is_some() {
                    change["group_id"] = json!(group);
                }
                world.edit(person, *popup, change).await
            }
            Action::Vote { reviewer, decision } => {
                world.vote(&self.reviewers[*reviewer].1, *application, decision).await
            }
            Action::Decide(decision) => world.decide(*application, decision).await,
            Action::Scholarship(decision) => {
                let path = format!("/applications/{application}/scholarship");
                world.staff(server.patch(&path).json(decision)).await
            }
            Action::Flag(flag) => {
                let path = format!("/humans/{}", person.id.0);
                world.staff(server.patch(&path).json(&json!({ "red_flag": flag }))).await
            }
            Action::Strategy(kind) => {
                let path = format!("/popups/{popup}/approval-strategy");
                world.staff(server.post(&path).json(&json!({ "strategy_type": kind }))).await
            }
            Action::Fee(required) => {
                let path = format!("/popups/{popup}");
                let fee = json!({
                    "requires_application_fee": required, "application_fee_amount": 5,
                });
                world.staff(server.patch(&path).json(&fee)).await
            }
            Action::Recalculate => {
                let path = format!("/popups/{popup}/approval-strategy/recalculate");
                world.staff(server.post(&path)).await
            }
            Action::LeaderAdds => {
                let member =
                    json!({ "email": person.email, "first_name": "Ada", "last_name": "Lovelace" });
                server.post(&members).bearer_auth(&leader.token).json(&member).answer().await
            }
            Action::LeaderRemoves => {
                let path = format!("{members}/{}", person.id.0);
                server.delete(&path).bearer_auth(&leader.token).answer().await
            }
        }
    }

    async fn state(&self) -> State {
        let sql = "SELECT to_jsonb(found)::text FROM (SELECT a.status, a.accepted_at IS NOT NULL AS accepted,
                a.submitted_at IS NOT NULL AS submitted, h.red_flag, a.custom_fields AS answers,
                (SELECT count(*) FROM attendees t WHERE t.application_id = a.id AND t.category = 'main')
                    AS main_attendees,
                (SELECT count(*) FROM attendees t WHERE t.application_id = a.id AND t.category <> 'main')
                    AS companions,
                ARRAY(SELECT status FROM application_snapshots s WHERE s.application_id = a.id
                    AND created_at = (SELECT max(created_at) FROM application_snapshots l
                        WHERE l.application_id = a.id)) AS last,
                (SELECT count(*) FROM application_snapshots s WHERE s.application_id = a.id) AS snapshots,
                (SELECT count(*) FROM outbox o WHERE o.to_email = h.email) AS mails,
                a.group_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM group_members m
                    WHERE m.group_id = a.group_id AND m.human_id = a.human_id) AS stray_group
            FROM applications a JOIN humans h ON h.id = a.human_id WHERE a.id = $1) found";
        let state = sqlx::query_scalar(sql).bind(self.application);
        let state: String = state.fetch_one(&self.world.server.sql).await.unwrap();
        serde_json::from_str(&state).unwrap()
    }
}

/// What holds whatever happened.
fn check(before: &State, actions: &[Action], after: &State) {
    let what = format!("{actions:?} made {after:?} of {before:?}");
    assert_eq!(after.main_attendees, 1, "{what}");
    assert!(after.companions <= 2, "{what}");
    assert_eq!(after.answers, json!({ "why": "because" }), "{what}");
    assert_eq!(after.accepted, after.status == "accepted", "{what}");
    assert!(after.submitted || after.status == "draft", "{what}");
    assert!(!after.stray_group, "{what}");
    assert!(after.mails <= after.snapshots, "{what}");
    if after.status != "draft" {
        assert!(after.last.contains(&after.status), "{what}");
    }
    let flags = actions.iter().any(|action| matches!(action, Action::Flag(_)));
    if before.red_flag && after.red_flag && !flags {
        assert!(after.status != "accepted" || before.status == "accepted", "{what}");
    }
    if after.red_flag {
        assert!(!["in review", "pending_fee"].contains(&after.status.as_str()), "{what}");
    }
}

#[tokio::test]
async fn no_walk_leaves_the_rules() {
    let world = World::start().await;
    let mut seen = BTreeSet::new();
    for seed in 0..8 {
        let scene = Scene::set(&world).await;
        let mut random = StdRng::seed_from_u64(seed);
        let mut before = scene.state().await;
        for round in 0..ROUNDS {
            let actions = [(); 2].map(|()| Action::random(&mut random, round));
            let (one, other) = tokio::join!(scene.take(&actions[0]), scene.take(&actions[1]));
            for answer in [one, other] {
                assert!(answer.status < 500, "{actions:?}: {answer:?}");
            }
            let after = scene.state().await;
            check(&before, &actions, &after);
            seen.insert(after.status.clone());
            before = after;
        }
    }
    let everywhere = ["accepted", "draft", "in review", "pending_fee", "rejected"];
    assert!(seen.iter().eq(everywhere), "the walks lead to {seen:?}");
}
