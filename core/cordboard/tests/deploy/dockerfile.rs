//! `deploy/Dockerfile` as its steps.

use std::path::{Path, PathBuf};

/// One instruction: its name and the words behind it.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) name: String,
    pub(crate) words: Vec<String>,
}

/// The repository's top folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// The steps of each stage, in order; each begins with its FROM.
pub(crate) fn stages() -> Vec<Vec<Step>> {
    let text = std::fs::read_to_string(root().join("deploy/Dockerfile")).unwrap();
    let mut stages: Vec<Vec<Step>> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        assert!(!line.ends_with('\\') && !line.starts_with(' '), "one line a step: {line}");
        let mut words = line.split_whitespace().map(str::to_owned);
        let step = Step { name: words.next().unwrap(), words: words.collect() };
        if step.name == "FROM" {
            stages.push(Vec::new());
        }
        stages.last_mut().unwrap().push(step);
    }
    stages
}

/// The stage that becomes the image.
pub(crate) fn image() -> Vec<Step> {
    stages().pop().unwrap()
}

impl Step {
    /// The words of a list like `["cordboard", "run"]`.
    pub(crate) fn list(&self) -> Vec<String> {
        let words = self.words.join(" ");
        let list = &words[words.find('[').unwrap()..];
        serde_json::from_str(list).unwrap()
    }

    /// Source and target of a COPY without `--from`.
    pub(crate) fn copies(&self) -> Option<(&[String], &str)> {
        let (target, sources) = self.words.split_last()?;
        (self.name == "COPY" && !sources[0].starts_with("--")).then_some((sources, target))
    }
}

/// The one step of a name.
#[track_caller]
pub(crate) fn only<'a>(steps: &'a [Step], name: &str) -> &'a Step {
    let mut found = steps.iter().filter(|step| step.name == name);
    let step = found.next().unwrap_or_else(|| panic!("no {name}"));
    assert!(found.next().is_none(), "several {name}");
    step
}

/// Where the image keeps the binary.
pub(crate) fn binary() -> String {
    let image = image();
    let copied = |step: &&Step| step.name == "COPY" && step.words[1].ends_with("/cordboard");
    image.iter().find(copied).unwrap().words[2].clone()
}

/// Where the image keeps its configuration, and which file of the tree that is.
pub(crate) fn configuration() -> (String, String) {
    let image = image();
    let (sources, target) = image.iter().find_map(Step::copies).unwrap();
    (target.to_owned(), sources[0].clone())
}

/// User and group of the image.
pub(crate) fn user() -> (u32, u32) {
    let image = image();
    let (user, group) = only(&image, "USER").words[0].split_once(':').unwrap();
    (user.parse().unwrap(), group.parse().unwrap())
}
