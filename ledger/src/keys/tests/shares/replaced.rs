//! Another holder in the place of a lost one.

use super::*;
use crate::keys::vault::replace_holder;

#[test]
fn a_replaced_holder_has_a_share_after_the_next_rotation_and_the_old_one_counts_no_more() {
    let place = Place::new(2, 3);
    place.lose(3);
    let new = place.folder.path().join("new");
    replace_holder(&place.home(), (3, &new), &[], None).unwrap();
    let mut vault = place.open().unwrap();
    let statement = vault.statement();
    assert!(statement.missing.is_empty());
    assert_eq!(statement.behind, [3], "it has no share yet");
    vault.ready().unwrap();
    vault.install(2, &key(20)).unwrap();
    vault.destroy(1).unwrap();
    assert!(vault.statement().behind.is_empty());
    drop(vault);
    // The old one comes back: it is in nobody's list, and its share is of a root that is gone.
    place.give_back(3);
    place.lose(1);
    let vault = place.open().unwrap();
    assert_eq!(epochs(&*vault), [2]);
    let roots = vault.roots().unwrap();
    assert_eq!(roots.of_epoch(2).unwrap().bytes(), key(20).bytes());
}

#[test]
fn replacing_can_be_done_again_wherever_a_crash_cut_it_short() {
    for crash in [
        "an empty slots file",
        "a holder not yet named",
        "the list not yet renamed",
    ] {
        let place = Place::new(2, 3);
        place.lose(2);
        let new = place.folder.path().join("new");
        std::fs::create_dir(&new).unwrap();
        match crash {
            "an empty slots file" => std::fs::write(new.join("share"), [0; 512]).unwrap(),
            "a holder not yet named" => {
                let before = std::fs::read(place.home().join("vault.toml")).unwrap();
                replace_holder(&place.home(), (2, &new), &[], None).unwrap();
                std::fs::write(place.home().join("vault.toml"), before).unwrap();
            }
            _ => std::fs::write(place.home().join("vault.toml.new"), "half").unwrap(),
        }
        replace_holder(&place.home(), (2, &new), &[], None).unwrap();
        replace_holder(&place.home(), (2, &new), &[], None).unwrap();
        assert_eq!(place.open().unwrap().statement().behind, [2], "{crash}");
        assert!(!place.home().join("vault.toml.new").exists(), "{crash}");
    }
}

#[test]
fn what_cannot_take_a_holders_place_is_refused_and_changes_nothing() {
    let place = Place::new(2, 3);
    let before = std::fs::read(place.home().join("vault.toml")).unwrap();
    place.lose(3);
    let used = place.folder.path().join("used");
    std::fs::create_dir(&used).unwrap();
    std::fs::write(used.join("something"), "else").unwrap();
    let other = Place::new(2, 3);
    for (index, new) in [
        (0, place.folder.path().join("new")),
        (4, place.folder.path().join("new")),
        (3, place.holder(1)),
        (3, place.holder(1).join("new")),
        (3, place.home().join("new")),
        (3, place.folder.path().join("data/new")),
        (3, place.folder.path().to_path_buf()),
        (3, used),
        (3, other.holder(3)),
    ] {
        let apart = place.folder.path().join("data");
        let there = new.exists();
        let refused = replace_holder(&place.home(), (index, &new), &[&apart], None);
        assert_eq!(new.exists(), there, "nothing is written before it is known");
        assert!(refused.is_err(), "{index} {}", new.display());
        let now = std::fs::read(place.home().join("vault.toml")).unwrap();
        assert_eq!(now, before);
    }
    // With too few left to read the root there is nothing to be shared anew.
    place.lose(2);
    let new = place.folder.path().join("new");
    assert!(replace_holder(&place.home(), (3, &new), &[], None).is_err());
}

#[test]
fn no_holder_is_replaced_while_the_vault_is_open() {
    let place = Place::new(2, 3);
    let held = place.open().unwrap();
    let new = place.folder.path().join("new");
    assert!(replace_holder(&place.home(), (3, &new), &[], None).is_err());
    drop(held);
    replace_holder(&place.home(), (3, &new), &[], None).unwrap();
}

#[test]
fn no_holder_is_replaced_whose_share_is_needed_to_read_the_root() {
    let place = Place::new(2, 3);
    place.lose(3);
    let new = place.folder.path().join("new");
    // A slip: it is holder 3 that is lost.
    let refused = replace_holder(&place.home(), (2, &new), &[], None);
    assert!(matches!(refused, Err(Fault::Unusable(_))), "{refused:?}");
    assert!(!new.exists());
    assert_eq!(epochs(&*place.open().unwrap()), [1]);
    replace_holder(&place.home(), (3, &new), &[], None).unwrap();
}

#[test]
fn the_next_holder_is_replaced_only_after_the_root_was_renewed_for_the_one_before() {
    let place = Place::new(2, 3);
    place.lose(3);
    let (new, next) = (
        place.folder.path().join("new"),
        place.folder.path().join("next"),
    );
    replace_holder(&place.home(), (3, &new), &[], None).unwrap();
    // No mirror was attached, so the root was not renewed: holder 3 has no share.
    let refused = replace_holder(&place.home(), (2, &next), &[], None);
    assert!(matches!(refused, Err(Fault::Unusable(_))), "{refused:?}");
    let mut vault = place.open().unwrap();
    assert_eq!(epochs(&*vault), [1]);
    vault.install(2, &key(20)).unwrap();
    vault.destroy(1).unwrap();
    drop(vault);
    replace_holder(&place.home(), (2, &next), &[], None).unwrap();
    assert_eq!(epochs(&*place.open().unwrap()), [2]);
}
