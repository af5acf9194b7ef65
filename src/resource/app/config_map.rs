//! PURE. The files a service's program reads.

use super::revision::metadata;
use crate::crd::AppService;
use k8s_openapi::api::core::v1::ConfigMap;

/// The service's `ConfigMap`; none without `configData`.
pub fn build(app: &AppService) -> Option<ConfigMap> {
    let files = Some(&app.spec.config_data).filter(|files| !files.is_empty())?;
    Some(ConfigMap {
        metadata: metadata(app, files),
        data: Some(files.clone()),
        ..ConfigMap::default()
    })
}
