//! What runs beside the requests: counters are written down every second, deleted packages removed after their minute,
//! uploads that nobody has completed after their day, days of downloads that no chart shows any more every hour.

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
        let mut every_hour = rt::time::interval(Duration::from_secs(3_600));
        loop {
            tokio::select! {
                _ = &mut stopped => return,
                _ = every_hour.tick() => {
                    tell(forget(&registry).await);
                    continue;
                }
                _ = every_second.tick() => {}
            }
            tell(registry.flush_counters().await);
            tell(destroy(&registry).await);
            tell(remove_abandoned(&registry).await);
            tell(audit(&registry).await);
        }
    });
    Background { stop, task }
}

fn tell(outcome: Result<()>) {
    if let Err(error) = outcome {
        tracing::error!(
            cause = error.cause(),
            "a background task failed; it is tried again"
        );
    }
}

async fn forget(registry: &Registry) -> Result<()> {
    while registry.forget_old_downloads().await? {}
    Ok(())
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
