//! What runs beside the requests: counters are written down every second, deleted packages removed after their minute,
//! uploads that nobody has completed after their day.

use std::time::Duration;

use actix_web::rt;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::error::Result;
use crate::registry::Registry;

pub(super) struct Background {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

pub(super) fn start(registry: Registry) -> Background {
    let (stop, mut stopped) = oneshot::channel();
    let task = rt::spawn(async move {
        let mut every_second = rt::time::interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                _ = &mut stopped => return,
                _ = every_second.tick() => {}
            }
            let work = [
                registry.flush_counters().await,
                destroy(&registry).await,
                remove_abandoned(&registry).await,
                audit(&registry).await,
            ];
            for outcome in work {
                if let Err(error) = outcome {
                    tracing::error!(
                        cause = error.cause(),
                        "a background task failed; it is tried again"
                    );
                }
            }
        }
    });
    Background { stop, task }
}

/// In small steps, so that publishers need not wait; what a crash leaves is taken up by the next tick.
async fn destroy(registry: &Registry) -> Result<()> {
    while registry.destroy_pending().await? {}
    Ok(())
}

/// What was begun and never completed.
async fn remove_abandoned(registry: &Registry) -> Result<()> {
    while registry.remove_abandoned_revisions().await? {}
    Ok(())
}

/// The audit log goes to its file, and what is too old is forgotten.
async fn audit(registry: &Registry) -> Result<()> {
    while registry.write_audit_log().await? {}
    while registry.forget_audit_events().await? {}
    Ok(())
}

impl Background {
    pub(super) async fn stop(self) {
        // Gone already is as good as stopped.
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}
