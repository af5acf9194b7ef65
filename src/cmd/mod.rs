//! SHELL. The commands of the program, one file per subcommand.

pub mod crds;
pub mod explain;
pub mod fixture;
pub mod generated;
pub mod history;
pub mod kinds;
pub mod look;
pub mod manifests;
pub mod member;
pub mod output;
pub mod plan;
pub mod prove;
pub mod recording;
pub mod render_states;
pub mod replay;
pub mod run;
pub mod simulate;
mod stories;
