//! What runs beside the requests: counters are written down every second, deleted packages removed after their minute,
//! uploads that nobody has completed after their day, days of downloads that no chart shows any more every hour, and
//! retention rules and cleanup policies asked twice a day. Those may take long, so they do not stand in the way of the others.

use std::time::Duration;

use actix_web::rt;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use crate::error::Result;
use crate::registry::Registry;

pub(super) struct Background {
    stop: oneshot::Sender<()>,
    keeper: JoinHandle<()>,
    cleaner: JoinHandle<()>,
}

pub(super) fn start(registry: Registry) -> Background {
    let (stop, mut stopped) = oneshot::channel();
    let cleaner = rt::spawn(clean_up(registry.clone()));
    let keeper = rt::spawn(async move {
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
    Background {
        stop,
        keeper,
        cleaner,
    }
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

/// One rule or policy after the other, whenever the time of one has come.
async fn clean_up(registry: Registry) {
    let mut every_second = rt::time::interval(Duration::from_secs(1));
    every_second.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        every_second.tick().await;
        loop {
            match registry.clean_up_next().await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tell(Err(error));
                    break;
                }
            }
        }
    }
}

impl Background {
    pub(super) async fn stop(self) {
        // Every step of a cleanup is a change of its own, so that it can end after any of them.
        self.cleaner.abort();
        // Gone already is as good as stopped.
        let _ = self.stop.send(());
        let _ = self.keeper.await;
    }
}
