//! The C header says what the Rust side says: every size, place and number of both is compared by a C
//! compiler, with all its warnings on.

#![cfg(feature = "abi")]
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use cordboard_plugin::Level;
use cordboard_plugin::abi::bytes::{BUFFERS_BYTES_MAX, BUFFERS_MAX, JSON_BYTES_MAX};
use cordboard_plugin::abi::raw::{
    self, Buf, HostPrefix, HostTable, PluginTable, Prefix, Slice, op, status,
};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::mem::offset_of;
use std::path::{Path, PathBuf};
use std::process::Command;

fn include() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("include")
}

fn header() -> String {
    std::fs::read_to_string(include().join("cordboard_plugin.h")).unwrap()
}

/// A struct: its size, and the place of each of its fields in order.
struct Layout {
    name: &'static str,
    size: usize,
    fields: Vec<(&'static str, usize)>,
}

macro_rules! layout {
    ($c:literal, $rust:ty, $($field:ident)*) => {
        Layout {
            name: $c,
            size: size_of::<$rust>(),
            fields: vec![$((stringify!($field), offset_of!($rust, $field))),*],
        }
    };
}

fn layouts() -> Vec<Layout> {
    vec![
        layout!("cb_slice", Slice, ptr len),
        layout!("cb_buf", Buf, ptr len owner release),
        layout!("cb_host", HostTable,
            struct_size abi_major abi_minor complete host_call host_cancel now random log metric
            trouble),
        layout!("cb_plugin", PluginTable,
            magic abi_major abi_minor struct_size manifest init describe create ask call cancel
            destroy shutdown),
    ]
}

macro_rules! numbers {
    ($from:path: $($name:ident)*) => {{
        use $from as from;
        [$((concat!("CB_", stringify!($name)), i64::from(from::$name))),*]
    }};
}

/// Every number of the header, as the Rust side has it.
fn numbers() -> BTreeMap<&'static str, i64> {
    let mut all = BTreeMap::new();
    all.extend(numbers!(status: OK ERROR CANCELLED PANIC UNSUPPORTED BAD_PAYLOAD));
    all.extend(numbers!(op: WOKE DIAGNOSE PAGE ACT PROBE RECEIVE CONFIRM SEND FETCH RUN));
    all.extend(numbers!(op: BEGIN_LINK COMPLETE_LINK REFRESH REVOKE CHECK UPLOAD DESCRIBE PUBLISH));
    all.extend(numbers!(op: SETTLE RETRACT SERVE));
    all.extend(numbers!(op: CAPABILITIES SET_UP PLAN LINK_STATE FINGERPRINT));
    all.extend(numbers!(op: HOST_HTTP HOST_GET HOST_SCAN HOST_COMMIT HOST_SLEEP_UNTIL));
    all.extend(numbers!(raw: COUNTER GAUGE));
    all.extend([
        ("CB_MAGIC", raw::MAGIC as i64),
        ("CB_ABI_MAJOR", i64::from(raw::MAJOR)),
        ("CB_ABI_MINOR", i64::from(raw::MINOR)),
        ("CB_DEBUG", Level::Debug as i64),
        ("CB_INFO", Level::Info as i64),
        ("CB_WARN", Level::Warn as i64),
        ("CB_LEVEL_ERROR", Level::Error as i64),
    ]);
    all
}

/// Names in capitals that begin with `CB_`, as they stand in `text`.
fn names(text: &str) -> Vec<&str> {
    let part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    text.split(|c| !part(c)).filter(|word| word.starts_with("CB_") && word.len() > 3).collect()
}

/// The header without its comments.
fn code() -> String {
    let header = header();
    let mut code = String::new();
    for (nth, piece) in header.split("/*").enumerate() {
        code += if nth == 0 { piece } else { piece.split_once("*/").unwrap().1 };
    }
    code
}

fn assertions() -> String {
    let mut c = "#include \"cordboard_plugin.h\"\n".to_owned();
    for Layout { name, size, fields } in layouts() {
        writeln!(c, "CB_SAME(sizeof({name}) == {size}, \"{name}\");").unwrap();
        for (field, at) in fields {
            let place = format!("offsetof({name}, {field})");
            writeln!(c, "CB_SAME({place} == {at}, \"{name}.{field}\");").unwrap();
        }
    }
    for (name, number) in numbers() {
        writeln!(c, "CB_SAME({name} == {number}, \"{name}\");").unwrap();
    }
    c
}

/// Compiles the assertions; what the compiler says when it does not like them.
fn compile(compiler: &str, standard: &str, assert: &str, more: &str) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let suffix = if compiler == "cc" { "c" } else { "cpp" };
    let source = folder.join(format!("header-{}.{suffix}", more.len()));
    let macros = format!("#define CB_SAME(is, what) {assert}(is, what)\n");
    std::fs::write(&source, macros + &assertions() + more).unwrap();
    let output = Command::new(compiler)
        .args([standard, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-I"])
        .args([&include(), &source])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    output.status.success().then_some(()).ok_or(said)
}

#[test]
fn a_c_compiler_finds_the_header_and_the_rust_side_the_same() {
    compile("cc", "-std=c11", "_Static_assert", "").unwrap();
}

#[test]
fn a_difference_would_be_found() {
    for different in ["offsetof(cb_host, now) == 0", "sizeof(cb_buf) == 8", "CB_PANIC == 4"] {
        let wrong = format!("CB_SAME({different}, \"found\");\n");
        let said = compile("cc", "-std=c11", "_Static_assert", &wrong).unwrap_err();
        assert!(said.contains("found"), "{said}");
    }
}

#[test]
fn a_cpp_compiler_takes_the_header_too() {
    if Command::new("c++").arg("--version").output().is_err() {
        // Nothing of ours needs one: it is for authors who have it.
        return;
    }
    compile("c++", "-std=c++11", "static_assert", "").unwrap();
}

#[test]
fn the_frozen_prefixes_are_the_start_of_the_tables() {
    let of_plugin = [
        (offset_of!(Prefix, magic), offset_of!(PluginTable, magic), 0),
        (offset_of!(Prefix, abi_major), offset_of!(PluginTable, abi_major), 8),
        (offset_of!(Prefix, abi_minor), offset_of!(PluginTable, abi_minor), 10),
        (offset_of!(Prefix, struct_size), offset_of!(PluginTable, struct_size), 12),
    ];
    let of_host = [
        (offset_of!(HostPrefix, struct_size), offset_of!(HostTable, struct_size), 0),
        (offset_of!(HostPrefix, abi_major), offset_of!(HostTable, abi_major), 4),
        (offset_of!(HostPrefix, abi_minor), offset_of!(HostTable, abi_minor), 6),
    ];
    for (in_prefix, in_table, frozen) in of_plugin.into_iter().chain(of_host) {
        assert_eq!((in_prefix, in_table), (frozen, frozen));
    }
    assert_eq!((size_of::<Prefix>(), size_of::<HostPrefix>()), (16, 8));
    assert_eq!(&raw::MAGIC.to_le_bytes(), b"CRDBRD\0\x01");
}

#[test]
fn every_number_of_the_header_is_compared() {
    let ours = numbers();
    for name in names(&code()) {
        assert!(ours.contains_key(name), "{name} is not compared with the Rust side");
    }
    for layout in layouts() {
        let code = code();
        let fields = code.split(&format!("}} {};", layout.name)).next().unwrap();
        let fields = fields.rsplit("typedef struct {").next().unwrap();
        let count = fields.matches(';').count();
        assert_eq!(count, layout.fields.len(), "fields of {}", layout.name);
    }
}

#[test]
fn every_name_of_the_header_is_explained() {
    let page = std::fs::read_to_string(include().join("ABI.md")).unwrap();
    let explained = names(&page);
    for name in names(&code()) {
        assert!(explained.contains(&name), "ABI.md does not speak of {name}");
    }
    for name in explained {
        assert!(names(&code()).contains(&name), "{name} of ABI.md is not in the header");
    }
    for function in ["host_call", "complete", "cancel", "destroy", "shutdown", "describe", "ask"] {
        assert!(page.contains(&format!("`{function}`")), "ABI.md does not speak of {function}");
    }
}

#[test]
fn the_limits_of_the_header_are_those_of_the_code() {
    let limits = format!(
        "at most {} MiB of JSON, beside it at most {BUFFERS_MAX} buffers of {} MiB",
        JSON_BYTES_MAX >> 20,
        BUFFERS_BYTES_MAX >> 20
    );
    assert!(header().contains(&limits), "the header does not say: {limits}");
}
