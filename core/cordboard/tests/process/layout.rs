//! The container without an engine: what the Dockerfile puts into the image lies in a plain folder,
//! the bridge is locked into it as the image's user, and nothing but the volume can be written.

use crate::bridge::{LINE, Person, Running};
use crate::dockerfile::{binary, configuration, image, only, root, user};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PHONE: &str = "+15550101177";

/// Makes the folder `$1` a root that cannot be written, but for the volume `$2` at `$3`, and becomes
/// the program behind. `$4` is the user.
const LOCKED_IN: &str = r#"
set -e
mount --bind "$1" "$1"
mount --bind "$2" "$1$3"
mount -o remount,bind,ro "$1"
root=$1 user=$4
shift 4
cd /
if [ -n "$user" ]; then exec chroot --userspec="$user" "$root" "$@"; else exec chroot "$root" "$@"; fi
"#;

/// How this machine lets a test have mounts of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// As root, which then becomes the image's user.
    Root,
    /// In a user namespace, where the image's user is the tester.
    Namespace,
}

impl Room {
    /// The first that works; `None`, loudly, where neither does.
    #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
    fn find() -> Option<Self> {
        let works = |room: &Self| {
            let folder = tempfile::tempdir().unwrap();
            let mut command = room.unshare();
            command.args(["mount", "--bind"]).args([folder.path(), folder.path()]);
            command.output().is_ok_and(|output| output.status.success())
        };
        let found = [Self::Root, Self::Namespace].into_iter().find(works);
        if found.is_none() {
            let required = std::env::var("CORDBOARD_TEST_REQUIRE").unwrap_or_default();
            assert!(!required.contains("layout"), "mounts of one's own are required and refused");
            eprintln!("SKIPPED: no mount namespace here; the container's layout was not run");
        }
        found
    }

    fn unshare(self) -> Command {
        let mut command = Command::new("unshare");
        command.arg(if self == Self::Root { "-m" } else { "-Urm" });
        command
    }

    /// Runs a program beside the bridge, as `docker exec` does.
    fn beside(self, bridge: &Running, words: &[String]) -> Output {
        let mut command = Command::new("nsenter");
        command.args(["-t", &bridge.process().to_string(), "-m", "-r", "-w"]);
        let (user, group) = user();
        match self {
            Self::Root => command.args(["-S", &user.to_string(), "-G", &group.to_string()]),
            Self::Namespace => command.args(["-U", "--preserve-credentials"]),
        };
        command.args(words).env("CORDBOARD_CONFIG", configuration().0).output().unwrap()
    }
}

/// The image as a folder, and its volume.
struct Layout {
    folder: tempfile::TempDir,
    room: Room,
}

impl Layout {
    fn make(room: Room) -> Self {
        let layout = Self { folder: tempfile::tempdir().unwrap(), room };
        let put = |from: &Path, to: &str| {
            let to = layout.inside(to);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(from, to).unwrap();
        };
        let program = Path::new(env!("CARGO_BIN_EXE_cordboard"));
        put(program, &binary());
        for library in libraries(program) {
            put(Path::new(&library), &library);
        }
        let (target, source) = configuration();
        put(&root().join(source), &target);
        let file = layout.inside(&target);
        let mut text = fs::read_to_string(&file).unwrap();
        // Free ports, since tests run beside each other, and the line that people here text to.
        for (old, new) in [(":8080\"", ":0\""), (":8081\"", ":0\""), ("+15550100000", LINE)] {
            assert!(text.contains(old), "{old} is not in {}", file.display());
            text = text.replace(old, new);
        }
        fs::write(&file, text).unwrap();
        for place in [layout.inside(&volume()), layout.inside("/tmp"), layout.volume()] {
            fs::create_dir_all(place).unwrap();
        }
        // Anybody could write there, were it not for the mount.
        fs::set_permissions(layout.inside("/tmp"), fs::Permissions::from_mode(0o1777)).unwrap();
        fs::set_permissions(layout.volume(), fs::Permissions::from_mode(0o700)).unwrap();
        if room == Room::Root {
            let (user, group) = user();
            chown(layout.volume(), Some(user), Some(group)).unwrap();
        }
        layout
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    fn volume(&self) -> PathBuf {
        self.folder.path().join("volume")
    }

    fn inside(&self, path: &str) -> PathBuf {
        self.root().join(path.trim_start_matches('/'))
    }

    /// The command that becomes a program inside.
    fn command(&self, words: &[&str]) -> Command {
        let (user, group) = user();
        let user = if self.room == Room::Root { format!("{user}:{group}") } else { String::new() };
        let mut command = self.room.unshare();
        command.args(["sh", "-c", LOCKED_IN, "sh"]).args([self.root(), self.volume()]);
        command.args([volume(), user]).args(words);
        command.env("CORDBOARD_CONFIG", configuration().0);
        command
    }

    /// Every file outside the volume: its size and the time of its last change.
    fn files(&self) -> BTreeMap<PathBuf, (u64, i64, i64)> {
        let mut found = BTreeMap::new();
        let mut open = vec![self.root()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let of = fs::symlink_metadata(&path).unwrap();
                found.insert(path.clone(), (of.len(), of.mtime(), of.mtime_nsec()));
                if of.is_dir() {
                    open.push(path);
                }
            }
        }
        found
    }
}

fn volume() -> String {
    only(&image(), "VOLUME").words[0].clone()
}

/// What the loader needs, itself included.
fn libraries(program: &Path) -> Vec<String> {
    let output = Command::new("ldd").arg(program).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let found: Vec<String> = text
        .lines()
        .filter_map(|line| line.split_whitespace().find(|word| word.starts_with('/')))
        .map(str::to_owned)
        .collect();
    assert!(found.iter().any(|path| path.contains("libc.so")), "{text}");
    found
}

#[tokio::test]
async fn the_layout_of_the_container_runs_with_a_root_that_cannot_be_written() {
    let Some(room) = Room::find() else { return };
    let layout = Layout::make(room);
    let before = layout.files();
    let tried = layout.command(&[&binary(), "link", "+15550100001"]).output().unwrap();
    let said = String::from_utf8_lossy(&tried.stderr).into_owned();
    assert!(said.contains("there is no store at `/data/cordboard.db` yet"), "{said}");

    let mut bridge = Running::start_by(&mut layout.command(&[&binary(), "run"]), "info");
    let mut person = Person::new(&bridge, PHONE);
    let health = reqwest::get(format!("{}/healthz", bridge.url)).await.unwrap();
    assert_eq!(health.status(), 200);
    let asked = only(&image(), "HEALTHCHECK").list();
    let asked = [vec![binary()], asked[1..].to_vec()].concat();
    let healthy = room.beside(&bridge, &asked);
    assert!(healthy.status.success(), "{}", String::from_utf8_lossy(&healthy.stderr));
    assert_eq!(healthy.stdout, b"ok\n");
    person.join("sandbox").await;
    person.texts("from a container").await;
    person.until("posted", |_, timeline| timeline.contains("from a container")).await;

    assert!(bridge.terminate(), "{}", bridge.log());
    assert_eq!(layout.files(), before, "written outside the volume");
    let owner = if room == Room::Root {
        user().0
    } else {
        fs::metadata(layout.folder.path()).unwrap().uid()
    };
    for file in ["admin.token", "store.key", "cordboard.db"] {
        let of = fs::metadata(layout.volume().join(file)).unwrap();
        assert_eq!((of.mode() & 0o777, of.uid()), (0o600, owner), "{file}");
    }
}

#[test]
fn a_root_that_cannot_be_written_is_one() {
    let Some(room) = Room::find() else { return };
    let layout = Layout::make(room);
    let config = fs::read_to_string(layout.inside(&configuration().0)).unwrap();
    // The same configuration with its data outside the volume.
    let elsewhere = config.replace("\"/data\"", "\"/tmp/elsewhere\"");
    assert_ne!(elsewhere, config);
    fs::write(layout.inside(&configuration().0), elsewhere).unwrap();
    let output = layout.command(&[&binary(), "run"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("cannot make the folder `/tmp/elsewhere`: Read-only"), "{said}");
}
