//! Organisations, staff and services that every world knows.

use crate::domain::ids::*;

pub(crate) const HOME: OrganisationId = OrganisationId([1; 16]);
pub(crate) const CLINIC: OrganisationId = OrganisationId([2; 16]);
pub(crate) const SCHOOL: OrganisationId = OrganisationId([3; 16]);

pub(crate) const FRONT: StaffId = StaffId([11; 16]);
pub(crate) const FOCAL: StaffId = StaffId([12; 16]);
pub(crate) const CHILD: StaffId = StaffId([13; 16]);
pub(crate) const PROVIDER: StaffId = StaffId([14; 16]);
pub(crate) const DPO: StaffId = StaffId([15; 16]);
pub(crate) const AUDITOR: StaffId = StaffId([16; 16]);
pub(crate) const COORDINATOR: StaffId = StaffId([17; 16]);
pub(crate) const ADMIN: StaffId = StaffId([18; 16]);
pub(crate) const FRONT_TWO: StaffId = StaffId([19; 16]);
pub(crate) const TEACHER: StaffId = StaffId([20; 16]);
pub(crate) const STRANGER: StaffId = StaffId([21; 16]);
pub(crate) const DELEGATE: StaffId = StaffId([22; 16]);
pub(crate) const SAFE: StaffId = StaffId([23; 16]);
pub(crate) const SAFE_TWO: StaffId = StaffId([24; 16]);

pub(crate) const HEALTH: ServiceId = ServiceId([31; 16]);
pub(crate) const CLASSES: ServiceId = ServiceId([32; 16]);
pub(crate) const UNASSESSED: ServiceId = ServiceId([33; 16]);
pub(crate) const UNSAFE: ServiceId = ServiceId([34; 16]);
pub(crate) const EMBASSY: ServiceId = ServiceId([35; 16]);
pub(crate) const POLICE: ServiceId = ServiceId([36; 16]);
pub(crate) const SHELTER: ServiceId = ServiceId([37; 16]);
pub(crate) const LEAFLET: ServiceId = ServiceId([38; 16]);
