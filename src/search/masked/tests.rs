use proptest::prelude::*;

use super::*;

#[test]
fn what_people_search_for_is_kept_as_they_would_say_it() {
    for (typed, kept) in [
        ("Oak  CHAIR", "oak chair"),
        ("iphone 15 128gb", "iphone 15 128gb"),
        ("24-70mm f/2.8", "24-70mm f/2.8"),
        ("ryzen 7950x 32gb", "ryzen 7950x 32gb"),
        ("100% wool & silk", "100% wool & silk"),
        ("desk 20%ab", "desk 20 ab"),
        ("@home desk", "@home desk"),
        ("lamp (at home)", "lamp (at home)"),
        ("chair at home", "chair at home"),
        ("polka dot dress", "polka dot dress"),
        ("\u{7}oak\u{0}chair\u{200b}s", "oak chairs"),
        ("日本 茶碗", "日本 茶碗"),
        ("二〇二六年 〇〇〇〇〇〇〇", "二〇二六年 〇〇〇〇〇〇〇"),
    ] {
        assert_eq!(masked(typed).as_deref(), Some(kept), "{typed:?}");
    }
    assert_eq!(masked(" \u{200b} \n"), None);
    let long = format!("{} ", "x".repeat(30)).repeat(9);
    assert_eq!(masked(&long).unwrap().chars().count(), LONGEST);
}

#[test]
fn numbers_and_addresses_are_taken_out() {
    for (typed, kept) in [
        ("order 1234567", "order …"),
        ("call 0171 23-45 67 now", "call … now"),
        ("+49 (30) 12 34 56", "+…"),
        ("12345", "12345"),
        ("1\u{200b}2345\u{ad}6", "…"),
        ("٠١٢٣٤٥٦", "…"),
        ("１２３ ４５６", "…"),
        ("०१२-३४५", "…"),
        ("4242x4242x4242x4242", "…x…x…x…"),
        ("my 42 a 42 b 42 c 42 d 42 card", "my … a … b … c … d … card"),
        ("%34%32%34%32%34%32", "…"),
        ("&#52;&#50;&#52;&#50;&#52;&#50;", "…"),
        ("ann@example.com", "…"),
        ("mug for ANN.Lee@example.com please", "mug for … please"),
        ("ann @ example.com mug", "… mug"),
        ("mug a n n @ e x a m p l e . c o m", "…"),
        ("ann@ example.com mug", "… mug"),
        ("mug ann @example.com", "mug …"),
        ("ann%40example.com", "…"),
        ("ann%2540example.com", "…"),
        ("jo%E9l bob%40corp.example", "jo e9l …"),
        ("100%ab joe%40corp.example mug", "100 ab … mug"),
        ("ann%25252540example%252Ecom", "…"),
        ("ann＠example.com", "…"),
        ("ann﹫example.com", "…"),
        ("ann&#64;example.com", "…"),
        ("ann&#x40;example&period;com mug", "… mug"),
        ("ann&amp;commat;example.com", "…"),
        ("ann&amp;amp;#64example.com", "…"),
        ("ann%26%2364;example.com", "…"),
        ("ann(at)example.com", "…"),
        ("mug ann (AT) example (dot) com", "mug …"),
        ("ann [at] example [dot] com", "…"),
        ("ann{ at }example{dot}com", "…"),
        ("mug ann at example dot com now", "mug … now"),
        ("ann at example.com", "…"),
        ("ann at example . com mug", "… mug"),
        ("chair at home. oak", "chair at home. oak"),
        ("ann_at_example_dot_com", "…"),
        ("ann-at-example.com", "…"),
        ("a@b c@d", "…"),
        (&format!("ann%25{}40example.com", "25".repeat(20)), "…"),
        (&format!("ct_{} mug", "aZ9-_".repeat(8) + "abc"), "… mug"),
        (&format!("?token=eyJ{}.x", "a1".repeat(20)), "?token=….x"),
        ("wh-1000xm4-black-edition", "wh-1000xm4-black-edition"),
    ] {
        assert_eq!(masked(typed).as_deref(), Some(kept), "{typed:?}");
    }
}

/// Ways to write a sign.
fn written(sign: &'static str, name: &'static str, word: &'static str) -> impl Strategy<Value = String> {
    let code = sign.as_bytes()[0];
    let percent = (0usize..5).prop_map(move |layers| format!("%{}{code:02x}", "25".repeat(layers)));
    let entity = (0usize..4).prop_map(move |layers| format!("&{}#{code};", "amp;".repeat(layers)));
    let plain = vec![
        sign.to_owned(),
        format!("&{name};"),
        format!("({word})"),
        format!(" [{word}] "),
        format!(" {word} "),
        format!("_{word}_"),
    ];
    prop_oneof![percent, entity, prop::sample::select(plain)]
}

proptest! {
    #[test]
    fn nothing_that_is_kept_holds_a_long_number_an_address_or_more_than_a_line(typed in "(\\PC|[0-9@ .&#;%-]){0,200}") {
        let Some(kept) = masked(&typed) else { return Ok(()) };
        prop_assert!(kept.chars().count() <= LONGEST);
        prop_assert!(!kept.chars().any(char::is_control));
        for together in kept.split(char::is_alphabetic) {
            let longest = together.split(MASK).map(digits_in).max();
            prop_assert!(longest < Some(DIGITS), "{:?}", kept);
        }
        prop_assert!(digits_in(&kept) < DIGITS_IN_ALL, "{:?}", kept);
        for (at, _) in kept.match_indices('@') {
            prop_assert!(kept[..at].chars().all(|it| it == '@'), "{:?}", kept);
        }
    }

    #[test]
    fn an_address_is_taken_out_however_its_signs_are_written(at in written("@", "commat", "at"), dot in written(".", "period", "dot")) {
        let typed = format!("mug for ann{at}example{dot}com");
        let kept = masked(&typed).unwrap();
        prop_assert!(!kept.contains("ann") && !kept.contains("example"), "{} becomes {}", typed, kept);
    }
}
