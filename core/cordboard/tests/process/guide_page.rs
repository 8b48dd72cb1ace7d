//! The guide for the person who texts, as a real browser shows and prints it.

use crate::bridge::{LINE, Running, configure};
use crate::sandbox_page::{browser, driver_or_skip, keep, until_shown};
use fantoccini::wd::{PrintConfiguration, PrintSize};

/// Pages of a PDF: each is an object of type `Page`.
fn pages(pdf: &[u8]) -> usize {
    let text = String::from_utf8_lossy(pdf);
    text.matches("/Type /Page\n").count() + text.matches("/Type /Page>").count()
}

#[tokio::test]
async fn the_guide_prints_on_one_page_of_either_size() {
    let Some(driver) = driver_or_skip("the printed guide") else { return };
    let dir = tempfile::tempdir().unwrap();
    configure(dir.path(), 0);
    let path = dir.path().join("plugins.toml");
    // The longest names there may be, and more lines than most have.
    let text = std::fs::read_to_string(&path)
        .unwrap()
        .replace(
            "[bridge]\n",
            "[bridge]\nname = \"The Cordboard of Our Good Town\"\nhelp_contact = \
             \"help-desk@cordboard.of-our-good-town.example.co.uk, weekdays\"\n",
        )
        .replace(
            &format!("[\"{LINE}\"]"),
            &format!("[\"{LINE}\", \"+15550100002\", \"+15550100003\"]"),
        );
    std::fs::write(&path, text).unwrap();
    let bridge = Running::start(dir.path(), "info");
    let client = browser(&driver, &dir.path().join("profile")).await;
    client.goto(&format!("{}/help", bridge.url)).await.unwrap();
    until_shown(&client, "Post by text message").await;
    until_shown(&client, "+15550100003").await;
    keep("6-guide.png", &client.screenshot().await.unwrap());
    for (name, size) in [("a4", PrintSize::A4), ("letter", PrintSize::US_LETTER)] {
        let print = PrintConfiguration::builder().size(size).build().unwrap();
        let pdf = client.print(print).await.unwrap();
        keep(&format!("6-guide-{name}.pdf"), &pdf);
        assert_eq!(pages(&pdf), 1, "on {name}");
    }
    client.close().await.unwrap();
}
