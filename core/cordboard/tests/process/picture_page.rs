//! A picture from the person's disk, through the sandbox's phone, in a real browser.

use crate::bridge::{Person, Running, configure};
use crate::sandbox_page::{browser, driver_or_skip, keep_screenshot, text, until_shown};
use fantoccini::{Client, Locator};
use std::path::Path;
use std::time::{Duration, Instant};

const PHONE: &str = "+15550100101";
const PATIENCE: Duration = Duration::from_secs(90);
const SIZE: (u16, u16) = (64, 48);

/// A grey picture of [`SIZE`], as a baseline JPEG: one component, and two Huffman tables of one code
/// each, so that a block is two zero bits (no difference to the last one, end of block).
fn grey_jpeg() -> Vec<u8> {
    let (width, height) = SIZE;
    let segment = |marker: u8, content: &[u8]| {
        let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker], &length[..], content].concat()
    };
    let size = [height.to_be_bytes(), width.to_be_bytes()].concat();
    let one_code = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let blocks = usize::from(width / 8 * (height / 8));
    [
        vec![0xff, 0xd8],
        segment(0xdb, &[&[0][..], &[1; 64]].concat()),
        segment(0xc0, &[&[8][..], &size, &[1, 1, 0x11, 0]].concat()),
        segment(0xc4, &[&[0x00][..], &one_code].concat()),
        segment(0xc4, &[&[0x10][..], &one_code].concat()),
        segment(0xda, &[1, 1, 0, 0, 63, 0]),
        vec![0; blocks * 2 / 8],
        vec![0xff, 0xd9],
    ]
    .concat()
}

/// Waits until the browser has drawn a picture of our size at `selector`.
async fn until_drawn(client: &Client, selector: &str) {
    let script = "var shot = document.querySelector(arguments[0]); \
        return shot ? [shot.naturalWidth, shot.naturalHeight] : [];";
    let began = Instant::now();
    loop {
        let drawn = client.execute(script, vec![selector.into()]).await.unwrap();
        if drawn == serde_json::json!([SIZE.0, SIZE.1]) {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "never drawn: {selector}: {drawn}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn is_true(client: &Client, expression: &str) -> bool {
    let script = format!("return {expression};");
    client.execute(&script, Vec::new()).await.unwrap() == serde_json::json!(true)
}

/// Has words and pictures posted by one credential, so that one consent does.
fn with_pictures(dir: &Path) {
    let path = dir.join("plugins.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, routes) = text.split_once("[[route]]").unwrap();
    let settings = "[sink.settings]\nauth = \"oauth1\"\n";
    let sink = "[[sink]]\nname = \"x-media\"\nkind = \"x-media\"\nsimulate = true\n";
    let text = format!("{before}{settings}{sink}{settings}[[route]]{routes}media = \"x-media\"\n");
    std::fs::write(&path, text).unwrap();
}

/// The other half of the round trip: the picture stands on the timeline, and `/ALT` describes it.
async fn the_posted_picture_is_described(client: &Client) {
    until_shown(client, "Posted as @sandbox").await;
    until_drawn(client, ".post .shots img").await;
    assert!(
        is_true(client, "document.querySelector('.post .words').innerText === 'A grey square'")
            .await
    );
    let caption = "document.querySelector('.post figcaption').innerText";
    assert!(is_true(client, &format!("{caption} === 'no description'")).await);
    text(client, "/ALT a plain grey square").await;
    let began = Instant::now();
    while !is_true(client, &format!("{caption} === 'a plain grey square'")).await {
        assert!(began.elapsed() < PATIENCE, "the picture was never described");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let shot = client.find(Locator::Css(".post .shots img")).await.unwrap();
    assert_eq!(shot.attr("alt").await.unwrap().as_deref(), Some("a plain grey square"));
    let posts = client.find_all(Locator::Css(".post")).await.unwrap();
    assert_eq!(posts.len(), 1, "a description is not a post");
    keep_screenshot(client, "10-picture-described").await;
}

#[tokio::test]
async fn a_picture_goes_out_from_the_phone_and_is_seen_by_the_world() {
    let Some(driver) = driver_or_skip("the sandbox's pictures") else { return };
    let dir = tempfile::tempdir().unwrap();
    configure(dir.path(), 0);
    with_pictures(dir.path());
    let bridge = Running::start(dir.path(), "info");
    Person::new(&bridge, PHONE).join("sandbox").await;
    let file = dir.path().join("grey.jpg");
    std::fs::write(&file, grey_jpeg()).unwrap();
    let client = browser(&driver, &dir.path().join("profile")).await;
    client.goto(&format!("{}/sandbox", bridge.url)).await.unwrap();
    until_shown(&client, "Connected as @sandbox").await;

    assert!(is_true(&client, "!document.querySelector('#compose').checkValidity()").await);
    let chooser = client.find(Locator::Id("pictures")).await.unwrap();
    chooser.send_keys(file.to_str().unwrap()).await.unwrap();
    until_drawn(&client, "#preview img").await;
    assert!(is_true(&client, "document.querySelector('#compose').checkValidity()").await);
    let in_sight = "document.querySelector('#send').getBoundingClientRect().bottom <= innerHeight";
    assert!(is_true(&client, in_sight).await, "the button is below the window's edge");
    keep_screenshot(&client, "7-picture-chosen").await;
    text(&client, "A grey square").await;
    until_shown(&client, "A grey square").await;
    until_drawn(&client, ".bubble.mine .shots img").await;
    assert!(is_true(&client, "document.querySelector('#preview').childElementCount === 0").await);
    keep_screenshot(&client, "8-picture-sent").await;
    the_posted_picture_is_described(&client).await;

    client.set_window_size(390, 844).await.unwrap();
    until_drawn(&client, ".bubble.mine .shots img").await;
    let fits = "document.documentElement.scrollWidth <= window.innerWidth";
    assert!(is_true(&client, fits).await, "the page is wider than a phone");
    keep_screenshot(&client, "9-picture-on-a-phone").await;
    client.close().await.unwrap();
}
