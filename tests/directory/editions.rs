//! D5. What is printed for everybody holds nothing confidential, and nothing tells of it.

use super::*;

/// Two steps: one to these services, and one in words alone.
fn way_to(services: &[&str]) -> Pathway {
    let mut pathway = pathway_to(services);
    pathway.steps.push(PathwayStep::default());
    pathway.texts[0]
        .steps
        .push("Somebody calls them".to_owned());
    pathway
}

#[tokio::test]
async fn d5_the_community_edition_tells_nobody_that_anything_was_left_out_of_it() {
    let host = Host::new().await;
    host.import(OWN_DIRECTORY.to_owned()).await;
    let (coordinator, auditor) = (&host.office.coordinator, &host.office.auditor);
    let all = host
        .found(coordinator, SearchServicesRequest::default())
        .await;
    let is_shelter = |one: &&ServiceRecord| one.entry.as_ref().is_some_and(|it| it.confidential);
    let shelter = &all.iter().find(is_shelter).expect("a shelter").service_id;
    let community = || SearchServicesRequest {
        community_edition: true,
        ..Default::default()
    };
    // Who may see confidential entries prints the same as who may not.
    let seen = host.found(coordinator, community()).await;
    assert!(!seen.is_empty() && seen.len() < all.len());
    assert!(!seen.iter().any(|one| is_shelter(&one)));
    assert_eq!(seen, host.found(auditor, community()).await);

    let mut client = DirectoryServiceClient::new(host.channel.clone());
    let hidden = way_to(&[shelter]);
    let mixed = way_to(&[&host.office.service, shelter]);
    let only = pathway_to(&[shelter]);
    for (nth, pathway) in [hidden, mixed, only].into_iter().enumerate() {
        let asked = RecordPathwayRequest {
            meta: meta(),
            pathway_id: format!("5c0e1f6a-27c4-4d9e-8a51-6f0c2d9b7e1{nth}"),
            pathway: Some(pathway),
        };
        let recorded = client.record_pathway(with_token(coordinator, asked)).await;
        recorded.expect("a pathway");
    }
    for token in [coordinator, auditor] {
        let asked = ListPathwaysRequest {
            page: Some(host.office.up_to_now(&host.channel).await),
            community_edition: true,
            include_retired: true,
            ..Default::default()
        };
        let found = client.list_pathways(with_token(token, asked)).await;
        let found = found.expect("listed").into_inner();
        // Of the first the other step is left, in its words too; of the last nothing is.
        let [one, two] = found.pathways.as_slice() else {
            panic!("{found:?}");
        };
        let (one, two) = (one.pathway.as_ref(), two.pathway.as_ref());
        let (one, two) = (one.expect("a plan"), two.expect("a plan"));
        assert_eq!((one.steps.len(), two.steps.len()), (1, 2));
        assert_eq!(one.texts[0].steps, ["Somebody calls them"]);
        assert_eq!(two.steps[0].service_ids, [host.office.service.as_str()]);
        assert!(!format!("{found:?}").contains(shelter.as_str()));
    }
    // Not even whether a pathway leads there is told.
    let asked = ListPathwaysRequest {
        page: Some(host.office.up_to_now(&host.channel).await),
        community_edition: true,
        service_id: Some(shelter.clone()),
        ..Default::default()
    };
    let found = client.list_pathways(with_token(coordinator, asked)).await;
    assert!(found.expect("listed").into_inner().pathways.is_empty());
}
