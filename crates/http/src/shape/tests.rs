use chrono::NaiveDate;
use deserr::Deserr;
use serde_json::{Value, json};

use super::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Good,
    Bad,
}

choice! {
    /// How it goes.
    MoodWord(Mood) { "good" => Good, "bad" => Bad }
}

#[derive(Debug, PartialEq, Eq)]
struct Even(u32);

impl FromText for Even {
    const MAX: usize = 9;
    type Refusal = &'static str;

    fn from_text(text: &str) -> Result<Self, &'static str> {
        text.parse().ok().filter(|n| n % 2 == 0).map(Self).ok_or("must be even")
    }
}

#[derive(Debug, Deserr)]
#[deserr(error = Wrong)]
struct Item {
    name: Text<3>,
}

#[derive(Debug, Deserr)]
#[deserr(error = Wrong)]
struct Body {
    id: Id,
    code: Option<Text<4>>,
    #[deserr(default = List(Vec::new()))]
    items: List<Item, 2>,
    #[deserr(default)]
    limit: Patch<Int32>,
    #[deserr(default)]
    name: Sent<Filled<5>>,
}

#[derive(Debug, Deserr)]
#[deserr(error = Wrong)]
struct Query {
    #[deserr(default = Whole::new(100))]
    limit: Whole<1, 1000>,
    #[deserr(default)]
    active: Option<Flag>,
    #[deserr(default)]
    mood: Option<MoodWord>,
}

/// The value of `{"v": json}` in a body.
#[expect(clippy::needless_pass_by_value, reason = "calls read better")]
fn value<T: Deserr<Wrong> + 'static>(json: Value) -> Result<T, Value> {
    #[derive(Deserr)]
    #[deserr(error = Wrong, where_predicate = T: Deserr<Wrong>)]
    struct One<T> {
        v: T,
    }
    let one = from_body::<One<T>>(Some(json!({ "v": json })));
    one.map(|one| one.v).map_err(|wrong| {
        let mut wrong = json!(wrong);
        assert_eq!(wrong[0]["loc"], json!(["body", "v"]), "{wrong}");
        wrong[0].take()
    })
}

fn fault<T: Deserr<Wrong> + std::fmt::Debug + 'static>(json: Value) -> String {
    value::<T>(json).unwrap_err()["type"].as_str().unwrap().to_owned()
}

#[test]
fn all_wrong_fields_are_named_at_once() {
    let body = json!({
        "id": "zz", "code": "12345", "items": [{"name": "abc"}, {"name": 5}], "limit": 1.5, "name": null,
    });
    let wrong = json!(from_body::<Body>(Some(body)).unwrap_err());
    let mut found: Vec<_> = wrong
        .as_array()
        .unwrap()
        .iter()
        .map(|wrong| (wrong["loc"].to_string(), wrong["type"].as_str().unwrap()))
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            (r#"["body","code"]"#.to_owned(), "string_too_long"),
            (r#"["body","id"]"#.to_owned(), "uuid_parsing"),
            (r#"["body","items",1,"name"]"#.to_owned(), "string_type"),
            (r#"["body","limit"]"#.to_owned(), "int_parsing"),
            (r#"["body","name"]"#.to_owned(), "string_type"),
        ]
    );
}

#[test]
fn what_is_missing_is_named_and_what_is_unknown_is_ignored() {
    let wrong = json!(from_body::<Body>(Some(json!({ "nobody": 1 }))).unwrap_err());
    assert_eq!(
        wrong[0],
        json!({ "type": "missing", "loc": ["body", "id"], "msg": "Field required" })
    );
    // An optional field without `#[deserr(default)]` is obligatory.
    assert_eq!(wrong[1]["loc"], json!(["body", "code"]));
}

#[test]
fn an_empty_body_is_missing_as_a_whole() {
    let missing = json!([{ "type": "missing", "loc": ["body"], "msg": "Field required" }]);
    assert_eq!(json!(from_body::<Body>(None).unwrap_err()), missing);
    assert_eq!(json!(from_body::<Body>(Some(Value::Null)).unwrap_err()), missing);
    assert!(from_body::<Option<Body>>(None).unwrap().is_none());
    let whole = json!({
        "id": "00000000000000000000000000000001", "code": "1", "items": [{ "name": "a" }], "name": " b ",
    });
    let whole = from_body::<Option<Body>>(Some(whole)).unwrap().unwrap();
    assert_eq!((whole.id.0.as_u128(), whole.code.as_deref()), (1, Some("1")));
    assert_eq!((&*whole.items.0[0].name, whole.name.0.as_deref()), ("a", Some("b")));
    let wrong = json!(from_body::<Body>(Some(json!([]))).unwrap_err());
    assert_eq!(wrong[0]["type"], "model_attributes_type");
}

#[test]
fn a_query_is_text_and_its_last_value_counts() {
    let query = from_query::<Query>("limit=5&limit=7&active=Yes&mood=bad&x=%00").unwrap();
    assert_eq!(query.limit.count(), 7);
    assert_eq!(query.active, Some(Flag(true)));
    assert_eq!(query.mood, Some(MoodWord(Mood::Bad)));
    assert_eq!(from_query::<Query>("").unwrap().limit.count(), 100);

    let wrong = json!(from_query::<Query>("limit=0&active=2&mood=sad").unwrap_err());
    assert_eq!(wrong.as_array().unwrap().len(), 3);
    let of = |field: &str| {
        wrong.as_array().unwrap().iter().find(|wrong| wrong["loc"][1] == field).unwrap()
    };
    assert_eq!(
        *of("limit"),
        json!({
            "type": "greater_than_equal", "loc": ["query", "limit"], "input": "0", "ctx": { "ge": 1 },
            "msg": "Input should be greater than or equal to 1",
        })
    );
    assert_eq!(of("active")["type"], "value_error");
    assert_eq!(of("mood")["msg"], "Input should be one of 'good', 'bad'");
}

#[test]
fn secrets_and_long_texts_are_not_repeated() {
    let wrong = json!(from_body::<Body>(Some(json!({ "id": "zz", "code": "12345" }))).unwrap_err());
    let found = wrong.as_array().unwrap();
    assert!(found.iter().any(|wrong| wrong["loc"][1] == "id" && wrong["input"] == "zz"));
    assert!(found.iter().all(|wrong| wrong["loc"][1] != "code" || wrong.get("input").is_none()));
    assert_eq!(value::<Id>(json!("z".repeat(200))).unwrap_err()["input"], "z".repeat(200));
    assert!(value::<Id>(json!("z".repeat(201))).unwrap_err().get("input").is_none());
    assert!(value::<Id>(json!({ "a": 1 })).unwrap_err().get("input").is_none());
}

#[test]
fn text_has_a_length_and_no_nul() {
    assert_eq!(&*value::<Text<3>>(json!("äöü")).unwrap(), "äöü");
    assert_eq!(fault::<Text<3>>(json!("äöüß")), "string_too_long");
    assert_eq!(fault::<Text<3>>(json!("a\0")), "value_error");
    assert_eq!(fault::<Text<3>>(json!(5)), "string_type");
    assert_eq!(&*value::<Filled<3>>(json!("  abc ")).unwrap(), "abc");
    assert_eq!(fault::<Filled<3>>(json!("   ")), "string_too_short");
    assert_eq!(fault::<Filled<3>>(json!("abcd")), "string_too_long");
    assert_eq!(value::<Trimmed<3>>(json!("  abc ")).unwrap().into_inner(), "abc");
    assert_eq!(value::<Trimmed<3>>(json!("   ")).unwrap().into_inner(), "");
    assert_eq!(fault::<Trimmed<3>>(json!(" abcd")), "string_too_long");
}

#[test]
fn digits_are_text() {
    assert_eq!(&*value::<Digits<6>>(json!("012345")).unwrap(), "012345");
    assert_eq!(fault::<Digits<6>>(json!(123_456)), "string_type");
    assert_eq!(fault::<Digits<6>>(json!("12345")), "string_too_short");
    assert_eq!(fault::<Digits<6>>(json!("1234567")), "string_too_long");
    assert_eq!(fault::<Digits<6>>(json!("12345x")), "string_pattern_mismatch");
}

#[test]
fn identifiers_have_four_forms() {
    let id = value::<Id>(json!("00000000-0000-0000-0000-00000000000a")).unwrap();
    for form in [
        "0000000000000000000000000000000A",
        "{00000000-0000-0000-0000-00000000000a}",
        "urn:uuid:00000000-0000-0000-0000-00000000000a",
    ] {
        assert_eq!(value::<Id>(json!(form)).unwrap(), id);
    }
    assert_eq!(fault::<Id>(json!(" 00000000-0000-0000-0000-00000000000a")), "uuid_parsing");
    assert_eq!(fault::<Id>(Value::Null), "uuid_parsing");
}

#[test]
fn a_flag_in_a_body_is_a_json_boolean() {
    assert_eq!(value::<Flag>(json!(true)).unwrap(), Flag(true));
    assert_eq!(fault::<Flag>(json!("true")), "value_error");
    assert_eq!(fault::<Flag>(json!(1)), "value_error");
}

#[test]
fn whole_numbers_may_look_otherwise() {
    for five in [json!(5), json!(5.0), json!("5"), json!(" +5 "), json!("5.0")] {
        assert_eq!(value::<Int32>(five).unwrap().int32(), 5);
    }
    for no in [json!(1.5), json!(""), json!("five"), json!("1.5"), json!(true), Value::Null] {
        assert_eq!(fault::<Int32>(no), "int_parsing");
    }
    assert_eq!(fault::<Int32>(json!(2_147_483_648_i64)), "less_than_equal");
    assert_eq!(fault::<Int32>(json!(-2_147_483_649_i64)), "greater_than_equal");
    assert_eq!(fault::<Int64>(json!("99999999999999999999")), "less_than_equal");
    assert_eq!(fault::<Int64>(json!(1e40)), "less_than_equal");
    assert_eq!(fault::<Int64>(json!(format!("-{}", "9".repeat(60)))), "greater_than_equal");
}

#[test]
fn amounts_are_rounded_half_away_from_zero() {
    for (sent, kept) in [
        (json!("10.555"), "10.56"),
        (json!(10.555), "10.56"),
        (json!("-10.555"), "-10.56"),
        (json!("10.554999"), "10.55"),
        (json!(10.5), "10.50"),
        (json!(3), "3.00"),
        (json!("1e3"), "1000.00"),
        (json!("1E-1"), "0.10"),
        (json!(".5"), "0.50"),
        (json!("5."), "5.00"),
        (json!(" 7 "), "7.00"),
        (json!("0.005"), "0.01"),
        (json!("0.0049"), "0.00"),
        (json!("1e-999999999999"), "0.00"),
        (json!("0e999999999999"), "0.00"),
        (json!("00000000000000000012.00"), "12.00"),
        (json!("99999999.994"), "99999999.99"),
        (json!(0.1), "0.10"),
    ] {
        assert_eq!(value::<Amount<10, 2>>(sent).unwrap().0.to_string(), kept);
    }
    for (sent, fault_of) in [
        (json!("99999999999"), "less_than_equal"),
        (json!("99999999.995"), "less_than_equal"),
        (json!("-1e9"), "greater_than_equal"),
        (json!("1e999999999999"), "less_than_equal"),
        (json!(1e300), "less_than_equal"),
        (json!("NaN"), "finite_number"),
        (json!("-Infinity"), "finite_number"),
        (json!("ten"), "value_error"),
        (json!(""), "value_error"),
        (json!("."), "value_error"),
        (json!("1e"), "value_error"),
        (json!("1 000"), "value_error"),
        (json!(true), "value_error"),
        (Value::Null, "value_error"),
    ] {
        assert_eq!(fault::<Amount<10, 2>>(sent), fault_of);
    }
}

#[test]
fn numbers_are_finite() {
    assert_eq!(value::<Number>(json!("1.5")).unwrap(), Number(1.5));
    assert_eq!(fault::<Number>(json!("inf")), "finite_number");
    assert_eq!(fault::<Number>(json!([])), "value_error");
}

#[test]
fn times_have_many_forms() {
    let day = NaiveDate::from_ymd_opt(2026, 1, 3).unwrap();
    for (sent, hour, minute, second, micro) in [
        ("2026-01-03T03:04:05.123456+02:00", 1, 4, 5, 123_456),
        ("2026-01-03T01:04:05.1234569Z", 1, 4, 5, 123_456),
        ("2026-01-03 01:04", 1, 4, 0, 0),
        ("2026-01-03t01:04:05z", 1, 4, 5, 0),
        ("2026-01-03T01:04:05-0000", 1, 4, 5, 0),
        ("2026-01-03T06:34:05+0530", 1, 4, 5, 0),
        ("2026-01-03T03:04:05+02", 1, 4, 5, 0),
        ("2026-01-03", 0, 0, 0, 0),
        ("1767402245", 1, 4, 5, 0),
        ("1767402245.5", 1, 4, 5, 500_000),
    ] {
        let time = day.and_hms_micro_opt(hour, minute, second, micro).unwrap();
        assert_eq!(value::<Moment>(json!(sent)).unwrap(), Moment(time.and_utc()), "{sent}");
        assert_eq!(value::<WallTime>(json!(sent)).unwrap(), WallTime(time), "{sent}");
    }
    let second = day.and_hms_opt(1, 4, 5).unwrap();
    assert_eq!(value::<WallTime>(json!(1_767_402_245)).unwrap().0, second);
    assert_eq!(value::<WallTime>(json!(1_767_402_245_000_i64)).unwrap().0, second);
    for no in [
        json!(""),
        json!("soon"),
        json!("2026-02-30"),
        json!("2026-01-03T25:00"),
        json!("2026-01-03T01:04:60Z"),
        json!("2026-01-03T01:04:05+25:00"),
        json!("2026-01-03T01:04:05.Z"),
        json!("2026-01-03T1:04"),
        json!("+2026-01-03"),
        json!("0001-01-01T00:00:00+01:00"),
        json!("éééééé"),
        json!(true),
        json!(1e300),
        Value::Null,
    ] {
        assert_eq!(fault::<Moment>(no), "datetime_from_date_parsing");
    }
}

#[test]
fn addresses_are_of_the_web() {
    assert_eq!(
        value::<HttpUrl<50>>(json!("https://example.org/a")).unwrap().0.as_str(),
        "https://example.org/a"
    );
    for no in ["javascript:alert(1)", "example.org", "ftp://example.org", "https://", ""] {
        assert_eq!(fault::<HttpUrl<50>>(json!(no)), "value_error");
    }
}

#[test]
fn a_rule_of_the_domain_speaks_for_itself() {
    assert_eq!(value::<Parsed<Even>>(json!("4")).unwrap(), Parsed(Even(4)));
    let wrong = value::<Parsed<Even>>(json!("5")).unwrap_err();
    assert_eq!(
        (wrong["type"].as_str(), wrong["msg"].as_str()),
        (Some("value_error"), Some("must be even"))
    );
}

#[test]
fn objects_are_kept_as_they_are_but_for_nul() {
    let object = json!({ "a": [1, 2.5, { "b": null }] });
    assert_eq!(json!(value::<JsonObject>(object.clone()).unwrap().0), object);
    assert_eq!(fault::<JsonObject>(json!({ "a": ["x\0"] })), "value_error");
    assert_eq!(fault::<JsonObject>(json!({ "a\0": 1 })), "value_error");
    assert_eq!(fault::<JsonObject>(json!([])), "model_attributes_type");
}

#[test]
fn lists_have_a_length() {
    assert_eq!(value::<List<Flag, 2>>(json!([true])).unwrap().0, [Flag(true)]);
    assert_eq!(fault::<List<Flag, 2>>(json!([true, true, true])), "value_error");
    assert_eq!(fault::<List<Flag, 2>>(json!("ab")), "value_error");
}

#[test]
fn a_patch_tells_left_out_from_null() {
    let id = "00000000-0000-0000-0000-00000000000a";
    let limit = |json: &str| {
        let body = format!(r#"{{"id": "{id}", "code": null{json}}}"#);
        from_body::<Body>(Some(serde_json::from_str(&body).unwrap())).unwrap().limit
    };
    assert_eq!(limit(""), Patch::Keep);
    assert_eq!(limit(r#", "limit": null"#), Patch::Clear);
    assert_eq!(limit(r#", "limit": 3"#).map(Int32::int32), Patch::Set(3));
    assert_eq!(value::<Sent<Flag>>(json!(true)).unwrap(), Sent(Some(Flag(true))));
    assert_eq!(fault::<Sent<Flag>>(Value::Null), "value_error");
}
