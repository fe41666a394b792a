//! Random groups, closes and drops against a model that is nothing but vectors.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Append { events: u64, bytes: usize },
    Close,
    Drop,
    LoseStore,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0_u64..12, 0_usize..1500).prop_map(|(events, bytes)| Step::Append { events, bytes }),
        1 => Just(Step::Close),
        1 => Just(Step::Drop),
        1 => Just(Step::LoseStore),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_log_answers_like_its_model(steps in proptest::collection::vec(step(), 1..40)) {
        let (_temp, dir) = new_log();
        let mut model = Model::default();
        let (mut log, _) = open(&dir);
        for step in steps {
            match step {
                Step::Append { events, bytes } => {
                    let draft = draft(log.head().tree_size, events, bytes);
                    let _ = log.append(draft.clone()).unwrap();
                    model.add(draft);
                    continue;
                }
                Step::Close => log.close().unwrap(),
                Step::Drop => drop(log),
                Step::LoseStore => {
                    drop(log);
                    std::fs::remove_dir_all(dir.join("store")).unwrap();
                }
            }
            log = open(&dir).0;
            model.assert_is(&log);
        }
        model.assert_is(&log);
        prop_assert_eq!(findings(&log), vec![]);
    }
}
