//! A request body that is read to its end even if the request is refused in the middle of it.
//!
//! Many clients (python-requests among them) send the whole body before they look at the answer. If the connection were
//! closed under them, they would report a broken pipe where we have said "the disk is full" in a sentence.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::rt::time::timeout;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};

/// Bytes and time that a refused client is given to finish; what is longer is cut off.
const MOST: usize = 64 << 20;
const PATIENCE: Duration = Duration::from_secs(10);

/// The handler reads one clone; the other can finish what the handler left. Empty once it has ended or failed.
#[derive(Clone)]
pub(super) struct Body(Rc<RefCell<Option<Payload>>>);

impl Body {
    pub(super) fn new(payload: Payload) -> Body {
        Body(Rc::new(RefCell::new(Some(payload))))
    }

    pub(super) fn for_the_handler(&self) -> Payload {
        Payload::Stream {
            payload: Box::pin(self.clone()),
        }
    }

    /// Reads what is left and forgets it.
    pub(super) async fn drain(mut self) {
        let forget = async {
            let mut left = MOST;
            while let Some(Ok(chunk)) = self.next().await {
                left = left.saturating_sub(chunk.len());
                if left == 0 {
                    break;
                }
            }
        };
        // A client that is slow to finish has had its time.
        let _ = timeout(PATIENCE, forget).await;
    }
}

impl Stream for Body {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut payload = self.0.borrow_mut();
        let Some(open) = payload.as_mut() else {
            return Poll::Ready(None);
        };
        let polled = Pin::new(open).poll_next(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            *payload = None;
        }
        polled
    }
}
