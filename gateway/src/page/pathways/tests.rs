//! Tests of printed pathways.

use super::*;
use serde_json::json;

fn how(language: &str, easy: bool, staff: bool) -> Printing {
    Printing {
        language: language.to_owned(),
        easy,
        staff,
        made: "2026-11-22".to_owned(),
    }
}

fn asylum() -> Value {
    json!({ "pathway_id": "0a", "version": "3", "pathway": {
        "need": "legal", "area": "Rivertown", "group": "People who cannot go back",
        "steps": [
            { "role": "identifies" },
            { "role": "serves", "service_ids": ["s1", "s2", "s3"], "within_hours": 72,
              "need": "mental_health" },
            { "role": "determines", "service_ids": ["s4"] },
        ],
        "texts": [
            { "language": "en", "title": "Asylum <script>alert(1)</script>", "steps": [
                "Say what asylum is, & that nobody has to decide now",
                "The person speaks with a lawyer",
                "The person asks the authority for asylum" ] },
            { "language": "en-easy", "title": "You cannot go home?", "steps": [
                "We tell you what asylum is.", "You talk to a lawyer.", "You ask for asylum." ] },
            { "language": "ar", "title": "طلب اللجوء", "steps": [
                "اشرح ما هو اللجوء", "يتحدث الشخص مع محام", "يقدم الشخص طلب اللجوء" ] },
        ] } })
}

fn mental_health() -> Value {
    json!({ "pathway_id": "0b", "version": 1, "pathway": {
        "need": "mental_health", "steps": [{}],
        "texts": [{ "language": "fr", "title": "Soutien", "steps": ["Écouter"] }] } })
}

fn services() -> BTreeMap<String, Value> {
    let of = |id: &str, name: &str, confidential: bool| {
        let entry = json!({ "name": name, "organisation_name": "Legal \"Aid\"",
            "locations": ["Rivertown"], "fees": "free", "languages": ["Arabic", "French"],
            "contact": "+000 1", "confidential": confidential });
        let service = json!({ "service_id": id, "assessment": "approved", "entry": entry });
        (id.to_owned(), service)
    };
    [
        of("s1", "Law clinic", false),
        of("s2", "Refugee law <b>centre</b>", false),
        of("s3", "Safe house for witnesses", true),
        of("s4", "Asylum office", false),
    ]
    .into()
}

#[test]
fn d5_a_pathway_is_drawn_with_its_branches_and_told_in_words_beside_it() {
    let all = [asylum(), mental_health()];
    let printed = page(&all, &services(), &how("en", false, true)).expect("a page");
    let html = &printed.html;
    assert_eq!((printed.pathways, printed.in_another_language), (2, 1));
    assert_eq!(html.matches("<svg").count(), 2);
    assert_eq!(html.matches("role=\"img\"").count(), 2);
    for said in [
        "<title id=\"p-0a-1-t\">Asylum",
        "1. Say what asylum is, &#38; that nobody has to decide now",
        // As text in the drawing, and as text in the list.
        ">Law clinic</text>",
        "<strong><bdi>Law clinic</bdi></strong>",
        "stroke-dasharray",
        "<a href=\"#p-0b\">Mental health and support</a>",
        "within 72 h",
        "The body that decides on status",
        "version <bdi>3</bdi>",
        "We have this only in: fr",
        "default-src 'none'",
    ] {
        assert!(html.contains(said), "{said} is missing: {html}");
    }
    for never in [
        "<script",
        "<b>centre",
        "href=\"http",
        "src=",
        "url(",
        "@import",
    ] {
        assert!(!html.contains(never), "{never}");
    }
}

#[test]
fn d5_an_easy_read_edition_is_its_own_text_and_is_said_to_be_missing_where_it_is() {
    let easy = how("en", true, false);
    let html = page(&[asylum()], &services(), &easy).expect("a page").html;
    assert!(html.contains("You cannot go home?") && html.contains("class=\"easy\""));
    assert!(!html.contains("Papers to bring") && !html.contains("We have no easy-read text"));
    let arabic = how("ar", true, false);
    let html = page(&[asylum()], &services(), &arabic)
        .expect("a page")
        .html;
    assert!(html.contains("لا يتوفر لهذا النص إصدار سهل القراءة"));
}

#[test]
fn d5_arabic_is_written_and_drawn_from_the_right() {
    let html = page(&[asylum()], &services(), &how("ar-SY", false, false));
    let html = html.expect("a page").html;
    assert!(html.contains("<html lang=\"ar\" dir=\"rtl\">"));
    assert!(html.contains("direction=\"rtl\""));
    // The number of a step stands at the right edge of its box.
    assert!(html.contains("<circle cx=\"540\""));
}

#[test]
fn d5_a_language_without_words_of_ours_is_marked_where_ours_are_english() {
    let mut pathway = asylum();
    pathway["pathway"]["texts"][2]["language"] = json!("ti");
    let html = page(&[pathway], &services(), &how("ti", false, false));
    let html = html.expect("a page").html;
    assert!(html.contains("<html lang=\"en\" dir=\"ltr\">"));
    assert!(html.contains("<h2 lang=\"ti\" dir=\"ltr\">"));
}

#[test]
fn d5_only_the_edition_for_staff_warns_and_only_where_something_is_confidential() {
    let warned = |services: &BTreeMap<String, Value>, staff| {
        let printed = page(&[asylum()], services, &how("en", false, staff));
        printed.expect("a page").html.contains("For staff only")
    };
    assert!(warned(&services(), true));
    let mut open = services();
    open.remove("s3");
    assert!(!warned(&open, true) && !warned(&open, false));
}
