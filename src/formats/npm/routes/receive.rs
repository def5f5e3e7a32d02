//! A document on its way in: read by one task while its tarball is staged by another, neither held in memory.

use std::io;

use actix_web::http::header::CONTENT_LENGTH;
use actix_web::{HttpRequest, web};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;

use crate::error::{Error, Result};
use crate::formats::npm::body::{self, Sent};
use crate::registry::{PackageType, Registry, StagedBlob};

/// What may come before a thread is given to the document: a slow client with a small one holds none.
const SMALL: usize = 1 << 20;
const IN_FLIGHT: usize = 4;
/// Beside the tarball in base64: manifest, readme, provenance.
const AROUND_THE_TARBALL: u64 = 64 << 20;

/// What the document said, and its tarball, if it had one that is not empty.
pub(super) async fn receive(
    registry: &Registry,
    request: &HttpRequest,
    mut body: web::Payload,
) -> Result<(Sent, Option<StagedBlob>)> {
    let limit = registry.upload_limit(PackageType::Npm);
    let largest = (limit / 3)
        .saturating_mul(4)
        .saturating_add(AROUND_THE_TARBALL);
    if declared_length(request).is_some_and(|length| length > largest) {
        return Err(registry.too_large(PackageType::Npm));
    }
    let mut start = Vec::new();
    let mut size = 0;
    while size < SMALL
        && let Some(chunk) = body.next().await
    {
        let chunk =
            chunk.map_err(|error| Error::bad_request(format!("the upload broke off: {error}")))?;
        size += chunk.len();
        start.push(Ok(chunk));
    }
    let (to_reader, arriving) = mpsc::channel::<io::Result<Bytes>>(IN_FLIGHT);
    let (to_stage, mut tarball) = mpsc::channel::<Bytes>(IN_FLIGHT);
    let reader =
        web::block(move || body::read(arriving, |piece| to_stage.blocking_send(piece).is_ok()));
    let carry = async move {
        let rest = body.map(|chunk| chunk.map_err(io::Error::other));
        let mut chunks = stream::iter(start).chain(rest);
        while let Some(chunk) = chunks.next().await {
            if to_reader.send(chunk).await.is_err() {
                break; // the reader has failed and will say why
            }
        }
    };
    let stage = async move {
        let Some(first) = tarball.recv().await else {
            return Ok(None);
        };
        let rest = stream::poll_fn(move |context| tarball.poll_recv(context));
        let pieces = stream::iter([first]).chain(rest).map(Ok);
        registry
            .stage(Box::pin(pieces), PackageType::Npm)
            .await
            .map(Some)
    };
    let ((), staged, sent) = tokio::join!(carry, stage, reader);
    // A stage that has failed is why the reader could not go on, so it speaks first.
    let staged = staged?;
    Ok((sent??, staged))
}

fn declared_length(request: &HttpRequest) -> Option<u64> {
    let length = request.headers().get(CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}
