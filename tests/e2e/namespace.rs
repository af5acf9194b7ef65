//! SHELL. A case's namespace: made anew before it, and gone without leftovers after it.

use crate::case::Context;
use crate::wait::until;
use anyhow::{Context as _, Result, bail, ensure};
use k8s_openapi::api::core::v1::{Namespace, PersistentVolume};
use kube::api::{DeleteParams, ListParams, PostParams};
use kube::{Api, ResourceExt};
use serde_json::json;

/// The label of the namespaces of a case, with its name.
const LABEL: &str = "etcd-operator-e2e";

impl Context {
    /// Makes the namespace, in which only restricted pods may run. What a session that was ended by hand
    /// left there goes first, with no operator to let it go.
    pub async fn begin(&self) -> Result<()> {
        if self.namespaces().get_opt(&self.namespace).await?.is_some() {
            self.namespaces().delete(&self.namespace, &DeleteParams::background()).await.ok();
            self.unfinalize().await?;
        }
        let namespace = serde_json::from_value(json!({
            "metadata": {"name": self.namespace, "labels": {
                LABEL: self.case,
                "pod-security.kubernetes.io/enforce": "restricted",
            }}
        }))?;
        self.namespaces().create(&PostParams::default(), &namespace).await?;
        until("the namespace has its account", 20, async || {
            self.kubectl("get serviceaccount default -o name").await
        })
        .await?;
        Ok(())
    }

    /// Deletes the namespace and holds that nothing of it is left.
    pub async fn end(&self) -> Result<()> {
        if self.namespaces().get_opt(&self.namespace).await?.is_none() {
            return Ok(());
        }
        // Else the namespace controller comes back only when its estimate of a pod's end is over.
        for line in [
            "delete etcdc,appsvc --all --wait=false",
            "delete statefulset,pdb,service --all --wait=false",
            "delete pod --all --grace-period=1 --wait=false",
            "wait pod,etcdc --all --for=delete --timeout=30s",
        ] {
            self.kubectl(line).await.ok();
        }
        self.namespaces().delete(&self.namespace, &DeleteParams::background()).await.ok();
        // A volume goes by a pod on its node. If that node was away, storage gives the pod up after two
        // minutes and tries again.
        let gone = until("the namespace is gone", 300, async || {
            ensure!(self.namespaces().get_opt(&self.namespace).await?.is_none(), "it is there");
            let volumes: Api<PersistentVolume> = Api::all(self.env.cluster.api.clone());
            let all = volumes.list(&ListParams::default()).await?;
            let ours = all.iter().find(|volume| self.claimed(volume));
            ensure!(
                ours.is_none(),
                "volume {} is left",
                ours.map_or(String::new(), ResourceExt::name_any)
            );
            Ok(())
        })
        .await;
        if let Err(error) = gone {
            let left = self.leftovers().await;
            // The next run must not find them either.
            self.unfinalize().await.ok();
            bail!("leftovers in {}: {left}: {error:#}", self.namespace);
        }
        Ok(())
    }

    /// Ends this namespace and those beside it.
    pub async fn end_all(&self) -> Result<()> {
        let ours = ListParams::default().labels(&format!("{LABEL}={}", self.case));
        for namespace in self.namespaces().list(&ours).await? {
            self.at(namespace.name_any()).end().await?;
        }
        Ok(())
    }

    async fn leftovers(&self) -> String {
        let clusters = self.kubectl("get etcdc -o name --ignore-not-found").await;
        let objects = self.objects().await.map(|all| format!("{all:?}"));
        format!("{} {}", clusters.unwrap_or_default().trim(), objects.unwrap_or_default())
    }

    async fn unfinalize(&self) -> Result<()> {
        for cluster in self.clusters().list(&ListParams::default()).await? {
            let none = json!({"metadata": {"finalizers": null}});
            self.patch::<etcd_operator::crd::EtcdCluster>(&cluster.name_any(), none).await?;
        }
        until("the namespace is gone", 60, async || {
            let there = self.namespaces().get_opt(&self.namespace).await?;
            ensure!(there.is_none(), "it is there");
            Ok(())
        })
        .await
        .context("even without finalizers")
    }

    fn claimed(&self, volume: &PersistentVolume) -> bool {
        let claim = volume.spec.as_ref().and_then(|spec| spec.claim_ref.as_ref());
        claim.and_then(|claim| claim.namespace.as_deref()) == Some(&*self.namespace)
    }

    fn namespaces(&self) -> Api<Namespace> {
        Api::all(self.env.cluster.api.clone())
    }
}
