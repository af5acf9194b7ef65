//! SHELL. `member run` as the etcd container runs it: a real volume, a real exec, and a script in
//! etcd's place that prints its flags and leaves a write-ahead log.

mod gate_world;

use gate_world::{DIRECTIVE, World};
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::process::Command;

const STATE_NEW: &str = "--initial-cluster-state=new";
const STATE_EXISTING: &str = "--initial-cluster-state=existing";

#[test]
fn the_first_start_is_new_and_writes_the_identity() -> io::Result<()> {
    let world = World::new("first")?;
    let start = world.start()?;
    assert_eq!(start.code, 0, "{}", start.stderr);
    let data = world.volume().join("data");
    let expected = [
        "--name=demo-0".to_owned(),
        format!("--data-dir={}", data.display()),
        STATE_NEW.to_owned(),
        "--initial-cluster=demo-0=http://demo-0:2380,demo-1=http://demo-1:2380".to_owned(),
        "--initial-cluster-token=uid-1".to_owned(),
    ];
    assert_eq!(start.flags, expected);
    assert_eq!(world.verdict()?, "", "etcd's own last words are wanted");
    let identity = fs::read_to_string(world.volume().join("identity.json"))?;
    assert_eq!(identity, r#"{"clusterUid":"uid","incarnation":1,"member":"demo-0"}"#);
    assert!(world.marker().exists());
    Ok(())
}

#[test]
fn the_second_start_is_existing_also_in_another_pod() -> io::Result<()> {
    let world = World::new("second")?;
    world.start()?;
    let second = world.start()?;
    assert!(second.flags.iter().any(|flag| flag == STATE_EXISTING), "{}", second.stderr);
    assert_eq!(world.verdict()?, "");

    fs::remove_file(world.marker())?;
    assert!(world.start()?.flags.iter().any(|flag| flag == STATE_EXISTING));
    assert!(world.marker().exists(), "a pod that ran etcd must remember it");
    Ok(())
}

#[test]
fn a_wiped_data_folder_is_lost_data() -> io::Result<()> {
    let world = World::new("wiped-data")?;
    world.start()?;
    fs::remove_dir_all(world.volume().join("data"))?;
    world.refused(65, "DataLost")
}

#[test]
fn an_emptied_data_folder_is_lost_data() -> io::Result<()> {
    let world = World::new("emptied-data")?;
    world.start()?;
    fs::remove_dir_all(world.volume().join("data/member"))?;
    world.refused(65, "DataLost")
}

#[test]
fn a_volume_wiped_whole_under_the_pod_is_lost_data() -> io::Result<()> {
    let world = World::new("wiped-volume")?;
    world.start()?;
    world.wipe_volume()?;
    world.refused(65, "DataLost")
}

#[test]
fn a_volume_wiped_under_a_pod_that_only_ever_restarted_is_lost_data() -> io::Result<()> {
    let world = World::new("wiped-restarted")?;
    world.start()?;
    fs::remove_file(world.marker())?;
    world.start()?;
    world.wipe_volume()?;
    world.refused(65, "DataLost")
}

#[test]
fn a_damaged_identity_beside_data_is_stale() -> io::Result<()> {
    let world = World::new("damaged")?;
    world.start()?;
    fs::write(world.volume().join("identity.json"), "{")?;
    world.refused(66, "StaleData")
}

#[test]
fn a_database_without_a_log_is_not_started() -> io::Result<()> {
    let world = World::new("half")?;
    world.start()?;
    fs::create_dir_all(world.volume().join("data/member/snap"))?;
    fs::write(world.volume().join("data/member/snap/db"), "half")?;
    fs::remove_dir_all(world.volume().join("data/member/wal"))?;
    world.refused(65, "DataLost")?;
    fs::remove_file(world.volume().join("identity.json"))?;
    world.refused(66, "StaleData")
}

#[test]
fn an_empty_log_is_no_data() -> io::Result<()> {
    let world = World::new("empty-log")?;
    world.start()?;
    fs::write(world.volume().join("data/member/wal/0.wal"), "")?;
    world.refused(65, "DataLost")
}

#[test]
fn a_foreign_file_on_the_volume_keeps_a_birth_away() -> io::Result<()> {
    let world = World::new("foreign")?;
    fs::create_dir(world.volume().join("member"))?;
    world.refused(66, "StaleData")?;
    assert!(world.verdict()?.contains("holds member and no write-ahead log"));
    Ok(())
}

#[test]
fn the_folders_of_a_file_system_are_nothing() -> io::Result<()> {
    let world = World::new("lost-found")?;
    for folder in ["lost+found", ".snapshot", "data/lost+found"] {
        fs::create_dir_all(world.volume().join(folder))?;
    }
    assert!(world.start()?.flags.iter().any(|flag| flag == STATE_NEW));
    Ok(())
}

#[test]
fn without_a_directive_data_starts_and_a_fresh_volume_waits() -> io::Result<()> {
    for (name, text) in [
        ("garbage", "{{{".to_owned()),
        ("empty", String::new()),
        ("huge", format!("{{\"clusterUid\":\"{}\"}}", "x".repeat(1 << 20))),
        ("nul", "\0".to_owned()),
    ] {
        let world = World::new(name)?;
        world.direct(&text)?;
        world.refused(67, "NoDirective")?;

        world.direct(DIRECTIVE)?;
        world.start()?;
        world.direct(&text)?;
        let restart = world.start()?;
        assert_eq!(restart.flags.last().map(String::as_str), Some(STATE_EXISTING), "{name}");
    }
    Ok(())
}

#[test]
fn a_directive_file_that_is_not_there_refuses_a_fresh_volume() -> io::Result<()> {
    let world = World::new("no-directive")?;
    fs::remove_file(world.directive_file())?;
    world.refused(67, "NoDirective")
}

const ETCD: &[&str] = &["/bin/sh", "-c", "echo etcd starts", "etcd"];

#[test]
fn a_member_that_is_not_listed_yet_starts_the_moment_it_is() -> io::Result<()> {
    let world = World::new("early")?;
    world.direct(&DIRECTIVE.replace("demo-0=", "demo-00="))?;
    let waits = world.begin(60, ETCD)?;
    while !World::waits(&waits)? {}
    world.direct(DIRECTIVE)?;
    let start = World::end(waits)?;
    assert_eq!(start.flags, ["etcd starts"], "{}", start.stderr);
    assert!(start.stderr.contains("waiting"), "{}", start.stderr);
    Ok(())
}

#[test]
fn a_pod_that_is_told_to_stop_does_not_wait_on() -> io::Result<()> {
    let world = World::new("stopped")?;
    world.direct(&DIRECTIVE.replace("demo-0=", "demo-00="))?;
    let waits = world.begin(60, ETCD)?;
    while !World::waits(&waits)? {}
    let told = Command::new("kill").arg(waits.id().to_string()).status()?;
    assert!(told.success());
    let end = World::end(waits)?;
    assert_eq!((end.code, end.flags.len()), (67, 0), "{}", end.stderr);
    world.refused(67, "NoDirective")
}

#[test]
fn a_birth_cut_short_before_etcd_wrote_is_lost_data() -> io::Result<()> {
    let world = World::new("cut-short")?;
    let quits = world.start_as(&["/bin/true"])?;
    assert_eq!(quits.code, 0);
    world.refused(65, "DataLost")?;
    // The same in a new pod, whose own folder is empty.
    fs::remove_file(world.marker())?;
    world.refused(65, "DataLost")
}

#[test]
fn a_program_that_cannot_be_executed_leaves_nothing_behind() -> io::Result<()> {
    let world = World::new("no-program")?;
    let before = world.listing()?;
    let start = world.start_as(&["/nonexistent/etcd"])?;
    assert_eq!(start.code, 69);
    assert!(world.verdict()?.starts_with("failed to execute /nonexistent/etcd"));
    assert_eq!(world.listing()?, before);
    assert!(!world.marker().exists());
    assert!(world.start()?.flags.iter().any(|flag| flag == STATE_NEW));
    Ok(())
}

#[test]
fn a_read_only_volume_cannot_be_used_and_is_used_once_it_can() -> io::Result<()> {
    let world = World::new("read-only")?;
    world.set_volume_mode(0o555)?;
    world.refused(68, "Unreadable")?;
    assert!(world.verdict()?.contains("failed to write"));
    assert!(!world.marker().exists(), "nothing was born");
    world.set_volume_mode(0o777)?;
    assert!(world.start()?.flags.iter().any(|flag| flag == STATE_NEW));
    Ok(())
}

#[test]
fn a_volume_that_is_closed_to_us_is_unreadable() -> io::Result<()> {
    let world = World::new("closed")?;
    world.start()?;
    world.set_volume_mode(0o000)?;
    let start = world.start()?;
    let verdict = world.verdict()?;
    world.set_volume_mode(0o777)?;
    assert_eq!(start.code, 68, "{}", start.stderr);
    assert!(verdict.contains("Permission denied"), "{verdict}");
    Ok(())
}

#[test]
fn a_volume_that_is_not_there_is_unreadable() -> io::Result<()> {
    let world = World::new("absent")?;
    fs::remove_dir(world.volume())?;
    let start = world.start()?;
    assert_eq!((start.code, start.flags.len()), (68, 0));
    assert!(!world.volume().exists());
    Ok(())
}

#[test]
fn a_link_that_leads_out_of_the_volume_is_not_followed() -> io::Result<()> {
    for link in ["data", "data/member", "data/member/wal", "identity.json"] {
        let world = World::new(&format!("link-{}", link.replace('/', "-")))?;
        world.start()?;
        let path = world.volume().join(link);
        let outside = world.root().join("outside");
        fs::rename(&path, &outside)?;
        symlink(&outside, &path)?;
        world.refused(68, "Unreadable")?;
        assert!(world.verdict()?.contains("is a symbolic link"), "{link}");
    }
    Ok(())
}

#[test]
fn flags_that_would_overrule_the_gate_are_refused() -> io::Result<()> {
    let world = World::new("reserved")?;
    let before = world.listing()?;
    let start = world.start_as(&["/bin/echo", "--config-file=/etc/etcd.yaml"])?;
    assert_eq!((start.code, start.flags.len()), (64, 0));
    assert_eq!(world.listing()?, before);
    Ok(())
}

#[test]
fn variables_that_would_overrule_the_flags_do_not_reach_etcd() -> io::Result<()> {
    let world = World::new("variables")?;
    let start = world.start_as(&["/bin/sh", "-c", "env"])?;
    assert_eq!(start.code, 0, "{}", start.stderr);
    assert!(start.flags.iter().any(|line| line.starts_with("GATE_TEST=")));
    assert!(!start.flags.iter().any(|line| line.starts_with("ETCD_")), "{:?}", start.flags);
    Ok(())
}

#[test]
fn a_termination_log_that_cannot_be_written_keeps_no_member_down() -> io::Result<()> {
    let world = World::new("no-log")?;
    fs::create_dir(world.termination_log())?;
    let start = world.start()?;
    assert!(start.flags.iter().any(|flag| flag == STATE_NEW), "{}", start.stderr);
    Ok(())
}

#[test]
fn the_program_installs_itself_again_and_again() -> io::Result<()> {
    let world = World::new("install")?;
    let installed = fs::read(world.program())?;
    world.install()?;
    assert!(installed == fs::read(world.program())?);
    assert!(installed == fs::read(env!("CARGO_BIN_EXE_etcd-operator"))?);
    Ok(())
}
