//! Copies of a town's database, one for each write in a life, and towns that begin from them: the process
//! has died after that write.
//!
//! The simulated providers keep their state in the same database, so that each copy is a whole world.

use crate::town::Town;
use cordboard_engine::{Config, World};
use cordboard_plugin::Timestamp;
use cordboard_testkit::{SEEDED_START, run_seeded};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

const FILES: [&str; 2] = ["cordboard.db", "cordboard.db-wal"];

/// A copy, and the time of it.
pub(crate) type Copy = (PathBuf, Timestamp);

#[derive(Default)]
struct Watch {
    clock: Option<World>,
    taken: Vec<Copy>,
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for file in FILES.iter().filter(|file| from.join(file).exists()) {
        std::fs::copy(from.join(file), to.join(file)).unwrap();
    }
}

/// Runs a life in a town and brings a copy of the database for each write in it.
pub(crate) fn copies_of(
    shelf: &Path,
    seed: u64,
    config: Config,
    life: impl AsyncFnOnce(&Town),
) -> Vec<Copy> {
    let shelf = shelf.to_owned();
    run_seeded(async {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let watch = Arc::new(Mutex::new(Watch::default()));
        let each = {
            let (watch, dir) = (Arc::clone(&watch), Arc::clone(&dir));
            move || {
                let mut watch = watch.lock().unwrap();
                let now = watch.clock.as_ref().map_or(SEEDED_START, World::now);
                let to = shelf.join(watch.taken.len().to_string());
                copy(dir.path(), &to);
                watch.taken.push((to, now));
            }
        };
        let town = Town::on(seed, SEEDED_START, config, dir, Some(Arc::new(each))).await;
        watch.lock().unwrap().clock = Some(town.seeded.world.clone());
        life(&town).await;
        town.seeded.kill();
        std::mem::take(&mut watch.lock().unwrap().taken)
    })
}

/// The town after the process died at a copy and was started again at once.
pub(crate) async fn after((path, at): &Copy, seed: u64, config: Config) -> Town {
    let dir = Arc::new(TempDir::new().unwrap());
    copy(path, dir.path());
    Town::on(seed, *at, config, dir, None).await
}

/// Every which copy is tried: `usual`, or `CORDBOARD_TEST_EVERY`.
pub(crate) fn every(usual: usize) -> usize {
    std::env::var("CORDBOARD_TEST_EVERY").ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}
