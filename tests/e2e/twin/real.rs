//! SHELL. The real side: etcd's own program, as plain processes on loopback.

use super::call::Begin;
use super::lab::{Lab, Launch};
use crate::etcd;
use anyhow::{Context, Result};
use etcd_operator::client::etcd::{Etcd, GrpcEtcd};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::Instant;

/// The port by which a network is taken.
const TAKEN: u16 = 2377;

/// A network of addresses that no other run on this machine uses, for as long as it is held.
pub fn own_network() -> Result<(u8, TcpListener)> {
    (64..=126_u8)
        .find_map(|network| {
            Some((network, TcpListener::bind((format!("127.{network}.0.1"), TAKEN)).ok()?))
        })
        .context("every network of loopback is in use")
}

/// One real cluster. With it go its processes and its folder.
pub struct RealLab {
    etcd: GrpcEtcd,
    binary: PathBuf,
    folder: PathBuf,
    processes: BTreeMap<usize, Child>,
    began: Instant,
}

impl RealLab {
    /// No process yet.
    pub fn new(binary: &Path, name: &str) -> Result<Self> {
        let own = format!("etcd-twin-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(own);
        fs::create_dir_all(&folder)?;
        Ok(Self {
            etcd: GrpcEtcd::default(),
            binary: binary.to_owned(),
            folder,
            processes: BTreeMap::new(),
            began: Instant::now(),
        })
    }

    fn disk(&self, node: usize) -> PathBuf {
        self.folder.join(format!("disk-{node}"))
    }
}

impl Drop for RealLab {
    fn drop(&mut self) {
        // Each child that still runs is killed as it is dropped.
        self.processes.clear();
        fs::remove_dir_all(&self.folder).ok();
    }
}

impl Lab for RealLab {
    fn etcd(&self) -> &dyn Etcd {
        &self.etcd
    }

    fn start(&mut self, node: usize, launch: &Launch) -> Result<()> {
        let log = self.folder.join(format!("log-{node}"));
        let log = File::options().create(true).append(true).open(log)?;
        let client_url = format!("http://{}:2379", launch.address);
        let begin = match launch.begin {
            Begin::New => "new",
            Begin::Existing => "existing",
        };
        let mut command = Command::new(&self.binary);
        command
            .args(["--name", &launch.name, "--initial-cluster", &launch.initial_cluster])
            .args(["--initial-cluster-state", begin, "--initial-cluster-token", &launch.token])
            .args(["--initial-advertise-peer-urls", &launch.peer_url])
            .args(["--listen-peer-urls", &launch.peer_url])
            .args(["--listen-client-urls", &client_url, "--advertise-client-urls", &client_url])
            // Dozens of them share a disk, which would be all that is measured.
            .args(["--unsafe-no-fsync", "--logger", "zap", "--log-level", "warn"])
            .arg("--data-dir")
            .arg(self.disk(node))
            .env("GOMAXPROCS", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true);
        let child = command.spawn().context("failed to start etcd")?;
        self.processes.insert(node, child);
        Ok(())
    }

    async fn kill(&mut self, node: usize) -> Result<()> {
        let child = self.processes.get_mut(&node).context("it was never started")?;
        Ok(child.kill().await?)
    }

    fn wipe(&mut self, node: usize) -> Result<()> {
        Ok(fs::remove_dir_all(self.disk(node))?)
    }

    fn ended(&mut self, node: usize) -> Result<Option<i32>> {
        let child = self.processes.get_mut(&node).context("it was never started")?;
        // One that a signal ended has no code.
        Ok(child.try_wait()?.map(|status| status.code().unwrap_or(-1)))
    }

    async fn put(&self, endpoint: &str, key: &str) -> bool {
        etcd::put(endpoint, key, "value").await.is_ok()
    }

    async fn get(&self, endpoint: &str, key: &str) -> bool {
        etcd::get(endpoint, key).await.is_ok_and(|value| value.is_some())
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    async fn pass(&mut self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    async fn close(&mut self) {
        for child in self.processes.values_mut() {
            child.kill().await.ok();
        }
    }
}
