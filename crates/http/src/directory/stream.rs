use std::time::Duration;

use actix_web::web::Bytes;
use edgeos_app::{AppError, directory::DirectoryExport};
use edgeos_ports::Directories;
use futures_util::{Stream, stream};
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc},
    time::timeout,
};
use tracing::Instrument;

use super::csv;
use crate::error::chain;

/// How long a reader may take for everything. A connection to the database waits for it meanwhile.
const PATIENCE: Duration = Duration::from_mins(1);

/// How many stretches lie ready for the reader.
const READY: usize = 8;

/// A piece of the table.
enum Piece {
    Lines(Bytes),
    /// Nothing is missing.
    End,
}

/// The table broke off.
#[derive(Debug, thiserror::Error)]
#[error("the directory could not be read to its end")]
pub(super) struct BrokenOff;

/// `export` as a table. Ends with an error, which breaks the answer off, unless all of it was sent: a part
/// is never taken for the whole. `turn` is over when the connection to the database is free.
pub(super) fn of<Tx>(
    export: DirectoryExport<Tx>,
    turn: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Bytes, BrokenOff>> + use<Tx>
where
    Tx: Directories + Send + 'static,
{
    let (pieces, reader) = mpsc::channel(READY);
    let reading = async move {
        match timeout(PATIENCE, read(export, &pieces)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!("a directory can't be read: {}", chain(&error)),
            Err(_) => tracing::info!("the reader of a directory is too slow"),
        }
        drop(turn);
    };
    tokio::spawn(reading.in_current_span());
    stream::unfold(Some(reader), async |reader| {
        let mut reader = reader?;
        match reader.recv().await {
            Some(Piece::Lines(lines)) => Some((Ok(lines), Some(reader))),
            Some(Piece::End) => None,
            None => Some((Err(BrokenOff), None)),
        }
    })
}

/// Reads `export` as far as somebody takes it.
async fn read<Tx: Directories>(
    mut export: DirectoryExport<Tx>,
    pieces: &mpsc::Sender<Piece>,
) -> Result<(), AppError> {
    let mut lines = csv::header();
    // Who hangs up needs no more.
    while pieces.send(Piece::Lines(lines)).await.is_ok() {
        let Some(entries) = export.next().await? else {
            // The reader may take its time with what is left.
            drop(export);
            let _ = pieces.send(Piece::End).await;
            break;
        };
        lines = csv::lines(entries);
    }
    Ok(())
}
