//! The servers that tests and development rest on.

use std::{fs, process::Command};

use edgeos_testkit::{
    TestDatabase, TestRedis,
    cluster::{Cluster, Purpose},
};
use sqlx::{ConnectOptions, Connection, Executor};

#[tokio::test]
async fn a_test_database_is_migrated_and_belongs_to_a_role_that_policies_hold() {
    let database = TestDatabase::new().await.unwrap();
    let owner = database.owner().await.unwrap();
    let (user, above_policies): (String, bool) = sqlx::query_as(
        "SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user",
    )
    .fetch_one(&owner)
    .await
    .unwrap();
    assert_eq!((user.as_str(), above_policies), (database.owner_name(), false));
    let tenants: i64 =
        sqlx::query_scalar("SELECT count(*) FROM tenants").fetch_one(&owner).await.unwrap();
    assert_eq!(tenants, 0);
}

#[tokio::test]
async fn test_databases_are_apart_and_gone_afterwards() {
    let (one, other) = (TestDatabase::empty().await.unwrap(), TestDatabase::empty().await.unwrap());
    one.owner().await.unwrap().execute("CREATE TABLE mine ()").await.unwrap();
    assert!(other.owner().await.unwrap().execute("TABLE mine").await.is_err());

    let gone = one.name().to_owned();
    drop(one);
    let left: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(gone)
            .fetch_one(&other.superuser().await.unwrap())
            .await
            .unwrap();
    assert!(!left);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_test_databases_are_made_at_once() {
    let made: Vec<_> = (0..8).map(|_| tokio::spawn(TestDatabase::new())).collect();
    for database in made {
        database.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_development_cluster_keeps_its_data_and_its_port() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("postgres");
    let cluster = Cluster::start(&place, Purpose::Development).unwrap();
    let port = cluster.access().port;
    let options = cluster.access().superuser("postgres");
    let mut connection = options.connect().await.unwrap();
    connection.execute("CREATE TABLE kept ()").await.unwrap();
    let stranger = options.clone().password("guessed");
    assert!(stranger.connect().await.is_err(), "the password counts");
    cluster.stop().unwrap();

    let again = Cluster::start(&place, Purpose::Development).unwrap();
    assert_eq!(again.access().port, port);
    let mut connection = again.access().superuser("postgres").connect().await.unwrap();
    connection.execute("TABLE kept").await.unwrap();
    connection.close().await.unwrap();
    again.stop().unwrap();
    Cluster::remove(&place).unwrap();
    assert!(!place.exists());
}

#[tokio::test]
async fn a_running_cluster_is_found_and_not_started_twice() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("postgres");
    assert!(Cluster::running(&place).unwrap().is_none());
    let cluster = Cluster::start(&place, Purpose::Development).unwrap();

    let found = Cluster::running(&place).unwrap().unwrap();
    assert_eq!(found.port, cluster.access().port);
    found.superuser("postgres").connect().await.unwrap().close().await.unwrap();
    let refused = Cluster::start(&place, Purpose::Development).unwrap_err();
    assert!(refused.to_string().contains("running already"), "{refused:#}");
    assert!(Cluster::remove(&place).is_err(), "data in use are not deleted");

    drop(cluster);
    assert!(Cluster::running(&place).unwrap().is_none());
}

#[tokio::test]
async fn the_number_of_a_dead_server_does_not_stop_the_next() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("postgres");
    Cluster::start(&place, Purpose::Tests).unwrap().stop().unwrap();

    // After a crash and a restart of the machine, the number may be anybody's; here, that of a bystander.
    let mut bystander = Command::new("sleep").arg("600").spawn().unwrap();
    let home = place.join("data/postmaster.pid");
    fs::write(home, format!("{}\n/somewhere\n0\n1\n", bystander.id())).unwrap();
    Cluster::start(&place, Purpose::Tests).unwrap().stop().unwrap();
    assert!(bystander.try_wait().unwrap().is_none(), "a bystander was stopped");
    bystander.kill().unwrap();
    bystander.wait().unwrap();
}

#[tokio::test]
async fn a_redis_comes_back_at_its_address() {
    let redis = TestRedis::start().await.unwrap();
    let address = redis.url().strip_prefix("redis://").unwrap().to_owned();
    std::net::TcpStream::connect(&address).unwrap();
    redis.kill();
    assert!(std::net::TcpStream::connect(&address).is_err());
    redis.start_again().await.unwrap();
    std::net::TcpStream::connect(&address).unwrap();
}
