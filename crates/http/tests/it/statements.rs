//! That no request takes more statements because there is more to see.

mod growth;

use std::collections::BTreeMap;

use self::growth::grow;
use crate::{
    harness::TestServer,
    organisation::Organisation,
    people::Person,
    surface::{Class, operations},
};

#[tokio::test]
async fn no_reading_takes_more_statements_where_there_is_more_to_read() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let ours = Organisation::set_up(&server, &root, "Ours").await;
    // One of everything, so that nothing is spared because there is nothing.
    grow(&server.sql, &ours, 1).await;
    let mut before = read_everything(&server, &root, &ours).await;
    let counted = before.values().filter(|(statements, _)| *statements > 0).count();
    assert!(counted > 20, "{counted} of {} are counted", before.len());
    let mut wrong = Vec::new();
    for more in [10, 100] {
        grow(&server.sql, &ours, more).await;
        let after = read_everything(&server, &root, &ours).await;
        for (id, (took, total)) in &before {
            let (takes, grown) = after[id];
            if takes > *took {
                wrong
                    .push(format!("{id} takes {takes} statements with {more} more, before {took}"));
            }
            if total.is_some() && *total >= grown {
                wrong
                    .push(format!("{id} lists no more with {more} more: `grow` has to know of it"));
            }
        }
        before = after;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The statements that each reading operation takes, and how long the list is that it shows, if it is one.
async fn read_everything(
    server: &TestServer,
    root: &Person<'_>,
    ours: &Organisation<'_>,
) -> BTreeMap<String, (u64, Option<u64>)> {
    let mut readings = BTreeMap::new();
    for operation in operations(server).await {
        if !operation.reads() || operation.class == Class::Public {
            continue;
        }
        let who = ours.insider(&operation, root);
        let path = operation.asked(|name| ours.value(name));
        let answer = who.get(&path).await;
        assert_eq!(answer.status, 200, "{}: {answer:?}", operation.id);
        readings.insert(
            operation.id,
            (answer.cost.operation.statements, answer.body["paging"]["total"].as_u64()),
        );
    }
    readings
}
