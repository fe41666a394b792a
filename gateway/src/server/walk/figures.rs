//! Figures over the wire: made once, answered as they were, closed to whom they do not concern.

use proto::statistics::v1::statistics_service_client::StatisticsServiceClient;
use proto::statistics::v1::{
    GetFiguresRequest, ListFiguresRequest, PublishFiguresRequest, PublishFiguresResponse,
};

use super::*;

fn publishing(from: &str, until: &str) -> PublishFiguresRequest {
    PublishFiguresRequest {
        meta: meta(),
        first_day: from.to_owned(),
        until_day: until.to_owned(),
    }
}

async fn published(
    running: &Running,
    staff: StaffId,
    request: PublishFiguresRequest,
) -> Result<PublishFiguresResponse, Status> {
    let mut figures = StatisticsServiceClient::new(running.channel.clone());
    let answer = figures.publish_figures(by(staff, request)).await?;
    Ok(answer.into_inner())
}

async fn shown(running: &Running, staff: StaffId) -> Result<String, Status> {
    let mut figures = StatisticsServiceClient::new(running.channel.clone());
    let first_day = "2026-01-01".to_owned();
    let asked = figures.get_figures(by(staff, GetFiguresRequest { first_day }));
    Ok(asked.await?.into_inner().figures)
}

#[tokio::test(flavor = "multi_thread")]
async fn e7_figures_are_published_once_and_answered_as_they_were() {
    // given a ledger in which nothing of these months was published
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let none = shown(&running, COORDINATOR).await.expect_err("nothing yet");
    assert_eq!(refusal(&none), Some(Refusal::NotFound));

    // when a coordinator publishes
    let request = publishing("2026-01-01", "2026-04-01");
    let first = published(&running, COORDINATOR, request.clone()).await;
    let first = first.expect("published");
    let publication = first.publication.expect("what was published");
    let digest = Sha256::digest(first.figures.as_bytes());
    assert_eq!(publication.digest, ledger::hex::hex(&digest));
    assert_eq!(publication.staff_id, COORDINATOR.to_string());
    let made: serde_json::Value = serde_json::from_str(&first.figures).expect("JSON");
    assert_eq!(made["until"], "2026-04-01");
    assert_eq!(made["events"], publication.events);

    // then everybody whom figures concern is shown the same, and nobody else anything
    for staff in [COORDINATOR, AUDITOR, FOCAL, OFFICER] {
        assert_eq!(shown(&running, staff).await.expect("shown"), first.figures);
    }
    for staff in [PROVIDER, FOUNDER] {
        let refused = shown(&running, staff).await.expect_err("not theirs");
        assert_eq!(refusal(&refused), Some(Refusal::NotAllowed));
    }
    let foreign = shown(&running, STRANGER).await.expect_err("another's");
    assert_eq!(refusal(&foreign), Some(Refusal::NotFound));
    let mut figures = StatisticsServiceClient::new(running.channel.clone());
    let list = figures
        .list_figures(by(AUDITOR, ListFiguresRequest {}))
        .await;
    assert_eq!(
        list.expect("a list").into_inner().publications,
        [publication]
    );

    // and the same request is answered again, another one refused
    let again = published(&running, COORDINATOR, request)
        .await
        .expect("repeated");
    assert!(again.outcome.expect("an outcome").repeated);
    assert_eq!(again.figures, first.figures);
    for (from, until, refused) in [
        ("2026-01-01", "2026-04-01", Refusal::AlreadyExists),
        ("2026-03-01", "2026-06-01", Refusal::FiguresOverlap),
        ("2026-04-02", "2026-06-01", Refusal::Malformed),
        ("2026-06-01", "2026-04-01", Refusal::Malformed),
        ("April", "2026-06-01", Refusal::Malformed),
    ] {
        let asked = publishing(from, until);
        let status = published(&running, AUDITOR, asked)
            .await
            .expect_err("refused");
        assert_eq!(refusal(&status), Some(refused), "{from} {until}");
    }
    for staff in [FOCAL, PROVIDER, OFFICER, FOUNDER] {
        let asked = publishing("2026-04-01", "2026-06-01");
        let status = published(&running, staff, asked)
            .await
            .expect_err("refused");
        assert_eq!(refusal(&status), Some(Refusal::NotAllowed));
    }
    running.stop().await;
}
