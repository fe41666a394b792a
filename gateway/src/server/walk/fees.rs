//! What services cost, over the wire: prices come in exactly or not at all, nobody is sent where
//! they pay what they were not told, and what the sender pays is shown to who answers for it.

use proto::statistics::v1::GetBillingRequest;
use proto::statistics::v1::statistics_service_client::StatisticsServiceClient;

use super::*;

fn price(amount: &str, currency: &str) -> common::FeeOption {
    common::FeeOption {
        payer: common::FeePayer::Person.into(),
        option: "adults".to_owned(),
        price: Some(common::Money {
            amount: amount.to_owned(),
            currency: currency.to_owned(),
        }),
        ..Default::default()
    }
}

impl Running {
    async fn service_record(&self) -> directory::ServiceRecord {
        let mut services = DirectoryServiceClient::new(self.channel.clone());
        let asked = directory::GetServiceRequest {
            service_id: SERVICE.to_owned(),
        };
        let found = services.get_service(by(FOCAL, asked)).await;
        found
            .expect("found")
            .into_inner()
            .service
            .expect("a service")
    }

    async fn costs(&self, price: common::FeeOption) -> Result<(), Status> {
        let mut entry = self.service_record().await.entry.expect("an entry");
        entry.cost_options = vec![price];
        let mut services = DirectoryServiceClient::new(self.channel.clone());
        let update = directory::UpdateServiceRequest {
            meta: meta(),
            service_id: SERVICE.to_owned(),
            entry: Some(entry),
        };
        services.update_service(by(COORDINATOR, update)).await?;
        Ok(())
    }

    async fn fees(&self, who: StaffId, referral_id: &str) -> Option<tracking::ReferralFees> {
        let mut views = TrackingServiceClient::new(self.channel.clone());
        let asked = tracking::GetReferralRequest {
            referral_id: referral_id.to_owned(),
        };
        let one = views.get_referral(by(who, asked)).await;
        let one = one.expect("a referral").into_inner().referral;
        one.expect("a referral").fees
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d4_the_person_is_told_what_they_would_pay_before_they_are_sent_there() {
    // given a service that people pay for, with a price that is an amount
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    for (amount, currency, field) in [
        ("2.5001", "JOD", "entry.cost_options[0].price.amount"),
        ("2.5", "XXX", "entry.cost_options[0].price.currency"),
        ("1000000000", "JOD", "entry.cost_options[0].price.amount"),
    ] {
        let refused = running.costs(price(amount, currency)).await;
        let expected = Refused::about(Refusal::Malformed, field);
        assert_eq!(refused_of(&refused.expect_err(field)), Some(expected));
    }
    running.costs(price("2.5", "JOD")).await.expect("recorded");
    let (opened, referral_id) = running.reviewed_referral().await;
    let mut referrals = ReferralServiceClient::new(running.channel.clone());

    // when a referral there is to be sent, it waits for that
    let shown = running.fees(FOCAL, &referral_id).await.expect("prices");
    assert_eq!(shown.to_tell, [price("2.500", "JOD")]);
    let tell = |fees_version| referral::TellFeesRequest {
        meta: meta(),
        case_id: None,
        referral_id: referral_id.clone(),
        fees_version,
    };
    let wrong = referrals.tell_fees(by(FOCAL, tell(0))).await;
    let expected = Refused::about(Refusal::FeesChanged, "2.500 JOD");
    assert_eq!(refused_of(&wrong.expect_err("a guess")), Some(expected));
    let theirs = referrals.tell_fees(by(PROVIDER, tell(shown.version))).await;
    let theirs = refusal(&theirs.expect_err("not sent to them")).expect("a refusal");
    assert_eq!(theirs, Refusal::NotFound);
    let told = referrals.tell_fees(by(FOCAL, tell(shown.version))).await;
    told.expect("told");

    // then it goes, unless the price changed in between, and the recipient is told nothing of it
    running.costs(price("3", "JOD")).await.expect("recorded");
    let shown = running.fees(FOCAL, &referral_id).await.expect("prices");
    assert_eq!(
        shown.to_tell,
        [price("3.000", "JOD"), price("2.500", "JOD")]
    );
    let told = referrals.tell_fees(by(FOCAL, tell(shown.version))).await;
    told.expect("told again");
    let shown = running.fees(FOCAL, &referral_id).await.expect("prices");
    assert_eq!(
        (shown.to_tell.len(), shown.told),
        (0, vec![price("3.000", "JOD")])
    );
    assert!(!opened.case_id.is_empty());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn d4_what_a_quarter_costs_is_shown_to_who_answers_for_it_once_it_is_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let mut figures = StatisticsServiceClient::new(running.channel.clone());
    let mut asked = async |who, first_day: &str| {
        let first_day = first_day.to_owned();
        let asked = figures.get_billing(by(who, GetBillingRequest { first_day }));
        asked.await.map(tonic::Response::into_inner)
    };
    for who in [COORDINATOR, FOCAL, AUDITOR] {
        let bills = asked(who, "2026-01-01").await.expect("a quarter");
        let days = (bills.first_day.as_str(), bills.until_day.as_str());
        assert_eq!(days, ("2026-01-01", "2026-04-01"));
        assert!(bills.services.is_empty() && bills.limit > 0);
    }
    for who in [PROVIDER, FOUNDER] {
        let refused = asked(who, "2026-01-01").await.expect_err("not theirs");
        assert_eq!(refusal(&refused), Some(Refusal::NotAllowed));
    }
    for day in ["2026-02-01", "2026-01-02", "2100-01-01"] {
        let refused = asked(COORDINATOR, day).await.expect_err(day);
        let expected = Refused::about(Refusal::TimeInvalid, "first_day");
        assert_eq!(refused_of(&refused), Some(expected), "{day}");
    }
    running.stop().await;
}
