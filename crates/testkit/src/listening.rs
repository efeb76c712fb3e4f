use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// Takes connections and serves each beside the others. Dropped, it ends them all.
pub(crate) async fn accept<Served>(listener: TcpListener, serve: impl Fn(TcpStream) -> Served)
where
    Served: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream));
                }
                Err(_) => tokio::task::yield_now().await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}
