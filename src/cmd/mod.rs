//! SHELL. The commands of the program, one file per subcommand.

pub mod crds;
pub mod fixture;
pub mod generated;
pub mod manifests;
pub mod member;
pub mod prove;
pub mod render_states;
pub mod run;
pub mod simulate;
