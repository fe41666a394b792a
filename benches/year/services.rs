//! Where people are referred to in a play: the services of a file, or a few invented ones.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use gateway::directory::{DirectoryReader, Found};
use gateway::wire::codes::Code;
use ledger::domain::event::{PublicText, ServiceEntry};
use ledger::domain::ids::{OrganisationId, ServiceId};

use crate::world::World;

/// A service that takes referrals.
#[derive(Clone)]
pub(super) struct Listed {
    pub(super) service: String,
    pub(super) organisation: String,
    /// Something that it needs to know.
    pub(super) category: i32,
}

/// Five services that nobody offers.
pub(super) fn invented(world: &mut World) -> Vec<Listed> {
    let one = |(sector, area): (&str, &str)| {
        let organisation = OrganisationId::fresh(&mut world.corpus);
        let mut entry = world.corpus.service(organisation);
        entry.sectors = vec![PublicText(sector.to_owned())];
        entry.locations = vec![PublicText(area.to_owned())];
        entry.confidential = sector == "SHELTER";
        let service = ServiceId::fresh(&mut world.corpus);
        add(world, service, entry)
    };
    SERVICES.into_iter().filter_map(one).collect()
}

/// The services of a file, each assessed.
#[expect(clippy::expect_used, reason = "without services there is no year")]
pub(super) fn listed(world: &mut World, file: &Path) -> Vec<Listed> {
    let file = BufReader::new(File::open(file).expect("a directory that can be read"));
    let today = world.ledger.now().day();
    let mut reader = DirectoryReader::new(file, today);
    let mut services = Vec::new();
    while let Some(found) = reader.next_found().expect("a whole directory") {
        if let Found::Service(listed) = found {
            services.extend(add(world, listed.service, listed.entry));
        }
    }
    services
}

/// Lists a service; gives it where it takes referrals of something.
fn add(world: &mut World, service: ServiceId, entry: ServiceEntry) -> Option<Listed> {
    let listed = Listed {
        service: service.to_string(),
        organisation: entry.organisation.to_string(),
        category: entry.needs.first().map_or(0, |category| category.number()),
    };
    let takes = entry.accepts_referrals && !entry.needs.is_empty();
    world.add_service(service, entry);
    takes.then_some(listed)
}

const SERVICES: [(&str, &str); 5] = [
    ("HEALTH", "Irbid"),
    ("HEALTH", "Zarqa"),
    ("PROTECTION", "Irbid"),
    ("EDUCATION", "Amman"),
    ("SHELTER", "Nowhere that is told"),
];
