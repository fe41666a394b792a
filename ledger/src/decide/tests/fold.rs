//! Events become states in the tests' world, as the spine does it in a ledger.

use std::collections::btree_map::Entry;

use super::*;

impl World {
    /// Does what the spine does with an event: its place in the stream, its leaf keys, its fold.
    pub(super) fn fold(&mut self, new: NewEvent) -> Record {
        let known = self.leaves_of(new.stream);
        let mut known = known.unwrap_or_default();
        let mut leaves = Vec::new();
        for part in &new.personal {
            for (person, ground) in part.persons.iter().zip(&part.grounds) {
                let key = LeafKeyId::fresh(&mut self.entropy);
                let of = LeafOf {
                    person: *person,
                    ground: *ground,
                    category: part.content.category(),
                };
                if let Entry::Vacant(vacant) = known.entry(of) {
                    vacant.insert(key);
                    leaves.push(LeafMade { of, key });
                }
            }
        }
        let mut record = Record {
            stream: new.stream,
            version: 0,
            recorded: new.recorded,
            occurred: new.occurred,
            actor: new.actor,
            leaves,
            event: new.event,
        };
        match new.stream {
            StreamId::Ledger => {}
            StreamId::Case(id) => {
                record.version = self.cases.get(&id).map_or(0, |case| case.version) + 1;
                if let Some(case) = self.cases.get_mut(&id) {
                    Arc::make_mut(case).apply(&record);
                } else {
                    let case = Case::opened(&record).expect("a case begins with its opening");
                    self.cases.insert(id, Arc::new(case));
                    self.case = Some(id);
                }
            }
            StreamId::Complaint(id) => self.fold_complaint(id, &mut record),
            StreamId::Breach(id) => self.fold_breach(id, &mut record),
            StreamId::Member(id) => self.fold_member(id, &mut record),
            StreamId::Pathway(id) => self.fold_pathway(id, &mut record),
            StreamId::Incoming(id) => self.fold_incoming(id, &mut record),
            StreamId::Link(id) => {
                record.version = 1;
                let link = Link::made(&record).expect("a link begins made");
                self.links.insert(id, Arc::new(link));
            }
            StreamId::Staff(id) => self.fold_staff(id, &mut record),
            StreamId::Service(id) => {
                record.version = self.services.get(&id).map_or(0, |one| one.version) + 1;
                if let Some(service) = self.services.get_mut(&id) {
                    Arc::make_mut(service).apply(&record);
                } else {
                    let service = Service::registered(&record).expect("services begin registered");
                    self.services.insert(id, Arc::new(service));
                }
            }
        }
        record
    }

    fn leaves_of(&self, stream: StreamId) -> Option<BTreeMap<LeafOf, LeafKeyId>> {
        match stream {
            StreamId::Case(id) => self.cases.get(&id).map(|case| case.leaves.clone()),
            StreamId::Complaint(id) => self.complaints.get(&id).map(|it| it.leaves.clone()),
            StreamId::Breach(id) => self.breaches.get(&id).map(|it| it.leaves.clone()),
            StreamId::Ledger
            | StreamId::Staff(_)
            | StreamId::Service(_)
            | StreamId::Member(_)
            | StreamId::Pathway(_)
            | StreamId::Incoming(_)
            | StreamId::Link(_) => None,
        }
    }

    fn fold_member(&mut self, id: OrganisationId, record: &mut Record) {
        record.version = self.members.get(&id).map_or(0, |one| one.version) + 1;
        match self.members.get_mut(&id) {
            Some(member) => Arc::make_mut(member).apply(record),
            None => {
                let member = Member::recorded(record).expect("members begin recorded");
                self.members.insert(id, Arc::new(member));
            }
        }
    }

    fn fold_pathway(&mut self, id: PathwayId, record: &mut Record) {
        record.version = self.pathways.get(&id).map_or(0, |one| one.version) + 1;
        match self.pathways.get_mut(&id) {
            Some(pathway) => Arc::make_mut(pathway).apply(record),
            None => {
                let pathway = Pathway::recorded(record).expect("pathways begin recorded");
                self.pathways.insert(id, Arc::new(pathway));
            }
        }
    }

    fn fold_incoming(&mut self, id: IncomingId, record: &mut Record) {
        record.version = self.incoming.get(&id).map_or(0, |one| one.version) + 1;
        match self.incoming.get_mut(&id) {
            Some(incoming) => Arc::make_mut(incoming).apply(record),
            None => {
                let incoming = Incoming::received(record).expect("they begin received");
                self.incoming.insert(id, Arc::new(incoming));
            }
        }
    }

    fn fold_staff(&mut self, id: StaffId, record: &mut Record) {
        record.version = self.staff.get(&id).map_or(0, |one| one.version) + 1;
        if let Some(staff) = self.staff.get_mut(&id) {
            Arc::make_mut(staff).apply(record);
        } else {
            let staff = Staff::registered(record).expect("staff begin registered");
            self.staff.insert(id, Arc::new(staff));
        }
    }
}
