//! The printed guide: what a person must find on it, from the running configuration.

use super::door::{FakeDoor, Told, line};
use super::{config, header, https, public, request, text};
use cordboard_engine::COMMANDS;

async fn guide(door: &FakeDoor) -> String {
    text(&request("GET", "/help").reply(&public(door, &config())).await)
}

#[tokio::test]
async fn the_guide_names_the_bridge_its_numbers_and_where_words_go() {
    let lines = vec![line("twin", "+15550100001"), line("other", "+15550100002")];
    let page = guide(&FakeDoor::new(Told { lines, ..Told::default() })).await;
    for said in [
        "Cordboard",
        "+15550100001 or +15550100002",
        "Wall",
        "within 60 minutes",
        "help@bridge.example",
        "Every text to the number is posted publicly",
        "Pictures cannot be posted here",
        "STOP",
        "Msg&amp;data rates may apply",
        "up to 72 hours",
        "100 posts a day",
        "30 days after",
    ] {
        assert!(page.contains(said), "{said} is missing in {page}");
    }
}

#[tokio::test]
async fn the_guide_explains_every_command_once() {
    let page = guide(&FakeDoor::default()).await;
    assert_eq!(page.matches("<tr>").count(), COMMANDS.len());
    for command in COMMANDS {
        assert_eq!(page.matches(&format!("<td>{}</td>", command.usage)).count(), 1);
        assert!(page.contains(command.meaning), "{}", command.word);
    }
}

#[tokio::test]
async fn the_guide_is_seen_on_a_public_bridge_and_linked_from_no_page() {
    let door = FakeDoor::new(Told { simulated: false, ..Told::default() });
    let routes = public(&door, &https());
    let response = request("GET", "/help").reply(&routes).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "x-robots-tag"), "noindex");
    assert!(!text(&response).contains("<script"));
    for path in ["/", "/link/ABCD"] {
        let page = text(&request("GET", path).reply(&routes).await);
        assert!(!page.contains("/help\""), "{path} links to it: {page}");
    }
    assert!(door.asked().iter().all(|asked| asked.starts_with("page ")));
}

#[tokio::test]
async fn names_on_the_guide_are_never_markup() {
    let hostile = "<zq\"'>";
    let told =
        Told { name: hostile.to_owned(), lines: vec![line("twin", hostile)], ..Told::default() };
    let page = guide(&FakeDoor::new(told)).await;
    assert!(!page.contains("<zq"), "{page}");
    assert!(page.matches("&lt;zq&quot;").count() >= 2, "{page}");
}
