//! SHELL. The simulated world: an API server behind the real `kube::Client`, the controllers and
//! kubelets a cluster needs, and etcd. One thread, virtual time, one seed.
//!
//! The operator's own loop runs on it unmodified. It is where every crash point, lagging view, lost
//! answer and second operator is tried, and what `plan` and `simulate` run forward.
//!
//! | module | what |
//! |---|---|
//! | [`clock`] | virtual time |
//! | [`api`] | the API server |
//! | [`etcd`] | etcd's processes, disks and network |

pub mod api;
pub mod clock;
pub mod etcd;
