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
//! | [`cluster`] | controllers and kubelets: all of Kubernetes but the API server |
//! | [`operator`] | one operator process: a wire that fails, watches that lag |
//! | [`story`] | what is done to the world, as data, and how it must end |
//! | [`oracle`] | the laws, checked after every write and every round |
//! | `canonical` | whether two states are one |
//! | `pace` | how long nothing has happened |
//! | [`run`](mod@run) | one run of one story |
//! | [`moment`] | the world between two rounds of a run, from which it can go on in more than one way |
//! | `tree` | the stories by their shared beginnings |
//! | `visited` | the states that runs were in |
//! | [`order`] | events one after the other, drawn or played again |
//! | [`search`] | every order of events, up to a bound |
//! | [`explore`] | all crash points of all stories |
//! | [`copy`](mod@copy) | a copy of a cluster that exists |
//! | [`model`] | every order in which an abstract world can move, judged |

pub mod api;
mod canonical;
pub mod clock;
pub mod cluster;
pub mod copy;
pub mod course;
pub mod etcd;
pub mod explore;
pub mod log;
pub mod model;
pub mod moment;
pub mod operator;
pub mod oracle;
pub mod order;
mod pace;
pub mod run;
pub mod scope;
pub mod search;
pub mod story;
#[cfg(test)]
mod tests;
mod tree;
mod visited;
