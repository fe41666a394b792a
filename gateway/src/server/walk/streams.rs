//! Streams, and what a stop does to them.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn sealed_entries_stream_whole_and_a_stop_does_not_wait_for_a_follower() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let mut audit = AuditServiceClient::new(running.channel.clone());
    let mut views = TrackingServiceClient::new(running.channel.clone());
    let all = StreamSealedEntriesRequest {
        from_position: 0,
        count: None,
    };
    let mut sealed = audit
        .stream_sealed_entries(by(AUDITOR, all))
        .await
        .expect("s")
        .into_inner();
    let mut positions = Vec::new();
    while let Some(entry) = sealed.message().await.expect("no status") {
        assert!(!entry.header.is_empty() && !entry.segments.is_empty());
        positions.push(entry.position);
    }
    let end = u64::try_from(positions.len()).expect("few");
    assert!(end > 5);
    assert_eq!(positions, (0..end).collect::<Vec<_>>());

    let watch = tracking::WatchReferralsRequest::default();
    let mut news = views
        .watch_referrals(by(FOCAL, watch))
        .await
        .expect("watch")
        .into_inner();
    let stopped = tokio::time::timeout(Duration::from_secs(9), running.stop()).await;
    assert!(stopped.is_ok(), "the stop waits for its time bound");
    let last = news
        .message()
        .await
        .expect_err("the stream ends with a status");
    assert_eq!(last.code(), Code::Unavailable);
}
