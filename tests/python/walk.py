#!/usr/bin/env python3
"""Walks a referral through a running server with a stock client, and takes every wrong turn.

    REFERRAL_TOKEN=… walk.py ADDRESS VKEY RECEIPTS

REFERRAL_TOKEN is the first administrator's, REFERRAL_SECOND_TOKEN the data protection officer's. Every wrong turn must be refused with its own code and append
nothing. Receipts go to the folder RECEIPTS. Prints one JSON object: the refusals by turn, and what was
counted. Exit: 0 if everything was as it must be.
"""

import base64
import datetime
import json
import os
import pathlib
import sys
import time
import uuid

import merkle
import verify_receipt
from ledger_client import Client, Refused, fresh_token

ADMIN = "referral.admin.v1.AdminService/"
INTAKE = "referral.intake.v1.IntakeService/"
CONSENT = "referral.consent.v1.ConsentService/"
REFERRAL = "referral.referral.v1.ReferralService/"
TRACKING = "referral.tracking.v1.TrackingService/"
DIRECTORY = "referral.directory.v1.DirectoryService/"
PROTECTION = "referral.protection.v1.DataProtectionService/"
AUDIT = "referral.audit.v1.AuditService/"

NAME = "سارة أحمد (invented)"
NEEDS = "needs a doctor who speaks Arabic (invented)"
HEALTH = "asthma (invented)"
RECORDED = ["IDENTITY", "NEEDS", "HEALTH"]


class Walk:
    def __init__(self, address, vkey, folder, admin, second):
        self.client = Client(address)
        self.vkey, self.folder = vkey, folder
        self.tokens = {"administrator": admin, "officer": second}
        founders = self.ask("administrator", ADMIN + "ListStaff")["staff"]
        self.organisation = founders[0]["organisation_id"]
        self.partner, self.other = (str(uuid.uuid4()) for _ in range(2))
        self.staff, self.services = {}, {}
        self.refusals, self.receipts, self.checkpoints = {}, 0, []

    # --- what everybody does --------------------------------------------------------------------------

    def do(self, who, method, version=None, **fields):
        answer = self.client.command(self.tokens[who], method, fields, version)
        for receipt in answer["outcome"]["receipts"]:
            name = f"{receipt['position']}-{receipt['event_name']}.tlog-proof"
            (self.folder / name).write_text(receipt["tlog_proof"], encoding="utf-8", newline="")
            proved = verify_receipt.verify(receipt["tlog_proof"].encode(), self.vkey)
            assert proved["index"] == int(receipt["position"])
            self.receipts += 1
        return answer

    def ask(self, who, method, **fields):
        return self.client.ask(self.tokens[who], method, fields)

    def size(self):
        return int(self.ask("administrator", ADMIN + "GetStatus")["size"])

    def refused(self, turn, reason, who, method, version=None, code="FAILED_PRECONDITION", **fields):
        """A wrong turn: refused with this reason, and nothing is appended."""
        before = self.size()
        try:
            self.client.command(self.tokens.get(who), method, fields, version)
        except Refused as refused:
            assert (refused.reason, refused.code) == (reason, code), f"{turn}: {refused}"
            assert refused.domain == "referral-ledger"
        else:
            raise AssertionError(f"{turn}: not refused")
        assert self.size() == before, f"{turn}: something was appended"
        assert turn not in self.refusals
        self.refusals[turn] = reason

    def keep_checkpoint(self):
        shown = self.ask("auditor", AUDIT + "GetCheckpoint")
        assert shown["vkey"].strip() == self.vkey
        key = verify_receipt.parse_vkey(self.vkey)
        text = verify_receipt.open_note(shown["checkpoint"], key, False)
        size, root = verify_receipt.parse_checkpoint(text, key[0])
        assert size == int(shown["size"])
        self.checkpoints.append((size, root))

    # --- who there is ---------------------------------------------------------------------------------

    def hire(self, name, role, organisation):
        staff, (token, digest) = str(uuid.uuid4()), fresh_token()
        self.do(
            "administrator",
            ADMIN + "RegisterStaff",
            staff_id=staff,
            organisation_id=organisation,
            name=f"{name} (invented)",
            roles=["ROLE_" + role],
        )
        self.do(
            "administrator",
            ADMIN + "IssueToken",
            staff_id=staff,
            token_sha256=digest,
            expires_at=moment(3600),
        )
        self.tokens[name], self.staff[name] = token, staff
        if organisation != self.organisation or role in ("CHILD_PROTECTION", "AUDITOR"):
            decision = {"staff_id": staff, "role": "ROLE_" + role, "confirm": True}
            if role == "AUDITOR":
                turn = ("who asked decides", "SECOND_PERSON_REQUIRED", "administrator")
                self.refused(*turn, ADMIN + "DecideRole", code="PERMISSION_DENIED", **decision)
            self.do("officer", ADMIN + "DecideRole", **decision)

    def list_service(self, name, organisation):
        entry = {
            "name": name,
            "organisation_id": organisation,
            "organisation_name": name,
            "recipient_class": "RECIPIENT_CLASS_SERVICE",
            "accepts_referrals": True,
            "needs": ["DATA_CATEGORY_" + one for one in RECORDED],
        }
        service = str(uuid.uuid4())
        self.do("coordinator", DIRECTORY + "RegisterService", service_id=service, entry=entry)
        self.do(
            "coordinator",
            DIRECTORY + "AssessService",
            service_id=service,
            assessment="ASSESSMENT_APPROVED",
            review_on=str(datetime.date.today() + datetime.timedelta(days=300)),
        )
        self.services[name] = service

    def gather(self):
        own = self.organisation
        self.hire("focal", "FOCAL_POINT", own)
        self.hire("front", "FRONT_LINE", own)
        self.hire("child", "CHILD_PROTECTION", own)
        self.hire("auditor", "AUDITOR", own)
        self.hire("coordinator", "COORDINATOR", own)
        self.hire("provider", "SERVICE_PROVIDER", self.partner)
        self.list_service("clinic", self.partner)
        self.list_service("elsewhere", self.other)
        self.keep_checkpoint()

    # --- steps of a case ------------------------------------------------------------------------------

    def open_case(self, who, age_group="ADULT", capacity="OWN"):
        opened = self.do(
            who,
            INTAKE + "OpenCase",
            identity={"name": NAME},
            age_group="AGE_GROUP_" + age_group,
            sensitivity="SENSITIVITY_STANDARD",
            consent=taken(capacity),
            categories=["DATA_CATEGORY_" + one for one in RECORDED],
        )
        return opened["case_id"], opened["client_person_id"]

    def give(self, who, case, person, giver=None, capacity="OWN", expires=None):
        return self.do(
            who,
            CONSENT + "GiveConsent",
            case_id=case,
            person_id=person,
            given_by_id=giver or person,
            scope=scope([self.partner], ["NEEDS"]),
            consent=taken(capacity, expires),
        )["consent_id"]

    def draft(self, who, case, service="clinic", items=(("NEEDS", NEEDS),), ground=None):
        fields = {"ground_id": ground} if ground else {}
        return self.do(
            who,
            REFERRAL + "DraftReferral",
            case_id=case,
            service_id=self.services[service],
            urgency="URGENCY_ROUTINE",
            items=[{"category": "DATA_CATEGORY_" + one, "text": text} for one, text in items],
            **fields,
        )["referral_id"]

    def reviewed(self, who, case, *draft, **more):
        referral = self.draft(who, case, *draft, **more)
        self.do(who, REFERRAL + "ReviewReferral", **both(case, referral), read_back=True)
        return referral

    def send(self, who, case, referral):
        return self.do(who, REFERRAL + "SendReferral", **both(case, referral), **PORTAL)

    def refuse_sending(self, turn, reason, case, referral, who="focal", **more):
        rpc = REFERRAL + "SendReferral"
        self.refused(turn, reason, who, rpc, **both(case, referral), **PORTAL, **more)

    def version(self, case):
        shown = self.ask("focal", TRACKING + "GetCase", case_id=case)
        return int(shown["case_record"]["version"])

    # --- the walk -------------------------------------------------------------------------------------

    def adult(self):
        """Consent → draft → review → send → received → accepted → completed, wrong turns between."""
        case, person = self.open_case("focal")
        self.do("focal", TRACKING + "AssignStaff", case_id=case, staff_id=self.staff["front"])
        early = self.reviewed("focal", case)
        self.refuse_sending("without consent", "CONSENT_MISSING", case, early)
        consent = self.give("focal", case, person)
        elsewhere = self.reviewed("focal", case, "elsewhere")
        self.refuse_sending("recipient outside the scope", "RECIPIENT_NOT_COVERED", case, elsewhere)
        items = (("NEEDS", NEEDS), ("HEALTH", HEALTH))
        wide = self.reviewed("focal", case, "clinic", items)
        self.refuse_sending("data category outside the scope", "CATEGORY_NOT_COVERED", case, wide)
        referral = self.draft("focal", case, ground=consent)
        self.refuse_sending("not reviewed", "REFERRAL_STATE", case, referral)
        self.do("focal", REFERRAL + "ReviewReferral", **both(case, referral), read_back=True)
        denied = {"code": "PERMISSION_DENIED"}
        self.refuse_sending("role that may not", "NOT_ALLOWED", case, referral, "front", **denied)
        self.refuse_sending(
            "nobody", "UNAUTHENTICATED", case, referral, None, code="UNAUTHENTICATED"
        )
        stale = {"version": self.version(case) - 1, "code": "ABORTED"}
        self.refuse_sending("stale version", "VERSION_CONFLICT", case, referral, **stale)
        sent = self.do(
            "focal",
            REFERRAL + "SendReferral",
            version=self.version(case),
            **both(case, referral),
            **PORTAL,
        )
        assert sent["basis_ids"] == [consent]
        it = {"referral_id": referral}
        self.refused("sent twice", "REFERRAL_STATE", "focal", REFERRAL + "SendReferral", **it, **PORTAL)
        self.refused("accepted before received", "REFERRAL_STATE", "provider", ACCEPT, **it)
        self.do("provider", REFERRAL + "ReceiveReferral", **it)
        self.refused("completed before accepted", "REFERRAL_STATE", "provider", COMPLETE, **it)
        self.do("provider", ACCEPT, **it)
        self.do("provider", COMPLETE, **it)
        shown = self.ask("focal", TRACKING + "GetReferral", **it)
        assert shown["referral"]["state"] == "REFERRAL_STATE_COMPLETED"
        self.keep_checkpoint()
        return case, person, consent, referral, early

    def expired(self):
        case, person = self.open_case("focal")
        self.give("focal", case, person, expires=moment(2))
        referral = self.reviewed("focal", case)
        # The server's own tick records the end; until it has, "nothing appended" could not be said.
        for _ in range(600):
            shown = self.ask("focal", TRACKING + "GetCase", case_id=case)
            standings = [one["standing"] for one in shown["case_record"]["consents"]]
            if "STANDING_EXPIRED" in standings:
                break
            time.sleep(0.1)
        self.refuse_sending("after expiry", "CONSENT_EXPIRED", case, referral)

    def minors(self):
        case, child = self.open_case("child", "MINOR", "ASSENT")
        self.give("child", case, child, capacity="ASSENT")
        referral = self.reviewed("child", case)
        turn = "minor without the caregiver's consent"
        self.refuse_sending(turn, "CAREGIVER_CONSENT_MISSING", case, referral, "child")
        self.give("child", case, child, self.caregiver(case), "CAREGIVER")
        sent = self.send("child", case, referral)
        assert len(sent["basis_ids"]) == 2

        case, child = self.open_case("child", "MINOR", "ASSENT")
        self.give("child", case, child, self.caregiver(case), "CAREGIVER")
        referral = self.reviewed("child", case)
        turn = "minor without the minor's consent"
        self.refuse_sending(turn, "CHILD_CONSENT_MISSING", case, referral, "child")
        self.give("child", case, child, capacity="ASSENT")
        assert len(self.send("child", case, referral)["basis_ids"]) == 2
        self.keep_checkpoint()

    def caregiver(self, case):
        added = self.do(
            "child",
            INTAKE + "AddPerson",
            case_id=case,
            role="PERSON_ROLE_CAREGIVER",
            relationship_checked=True,
            identity={"name": "a caregiver (invented)"},
            consent=taken("OWN"),
        )
        return added["person_id"]

    def withdrawn(self, case, person, consent, referral, unsent):
        """After a withdrawal: that ground's parts are gone everywhere, everything else is there."""
        before = self.parts("focal", case_id=case)
        assert {state for state, _ in before} == {"PART_STATE_OPEN"}
        assert self.parts("provider", referral_id=referral) == [("PART_STATE_OPEN", NEEDS)]
        self.do(
            "focal",
            PROTECTION + "WithdrawConsent",
            case_id=case,
            person_id=person,
            consent_id=consent,
            shred="SHRED_WISH_AT_ONCE",
        )
        for _ in range(600):
            status = self.ask("officer", PROTECTION + "GetErasureStatus", case_id=case)
            states = {one["consent_id"]: one for one in status["states"]}
            if states[consent]["complete"]:
                break
            time.sleep(0.1)
        assert states[consent]["standing"] == "STANDING_SHREDDED", states
        self.refuse_sending("after withdrawal", "CONSENT_WITHDRAWN", case, unsent)

        after = self.parts("focal", case_id=case)
        assert len(after) == len(before)
        gone = [text for state, text in after if state == "PART_STATE_SHREDDED"]
        still = [text for state, text in after if state == "PART_STATE_OPEN"]
        # The consent's own note and the one item on it; identity and other drafts rest on the record.
        assert len(gone) == 2 and gone == [None, None], after
        assert len(gone) + len(still) == len(after) and NAME in still and NEEDS in still, after
        for who in ("focal", "child"):
            assert self.parts(who, referral_id=referral) == [("PART_STATE_SHREDDED", None)], who
        view = {"referral_id": referral, "purpose": "VIEW_PURPOSE_SERVICE"}
        turn = "recipient opens what was withdrawn"
        rpc = TRACKING + "ViewPersonalData"
        self.refused(turn, "CONSENT_WITHDRAWN", "provider", rpc, **view)
        self.keep_checkpoint()

    def parts(self, who, **subject):
        purpose = "VIEW_PURPOSE_" + ("SERVICE" if who == "provider" else "CASE_WORK")
        seen = self.do(who, TRACKING + "ViewPersonalData", **subject, purpose=purpose)
        return [(part["state"], text_of(part)) for part in seen["parts"]]

    # --- what can be proved afterwards ----------------------------------------------------------------

    def pages(self, who, method, what, **fields):
        found, token = [], ""
        while True:
            page = {"page_size": 5, "page_token": token}
            answer = self.ask(who, method, **fields, page=page)
            found += answer[what]
            token = answer["page"]["next_page_token"]
            if not token:
                return found

    def complete(self, case):
        """History and decision record tell every step, each with a receipt that verifies."""
        history = self.pages("focal", TRACKING + "GetHistory", "entries", case_id=case)
        versions = [int(entry["version"]) for entry in history]
        assert versions == list(range(1, len(history) + 1)), versions
        names = [entry["event_name"] for entry in history]
        steps = iter(names)
        assert all(step in steps for step in STEPS), names
        record = self.pages(
            "auditor", AUDIT + "GetDecisionRecord", "entries", case_id=case, with_proofs=True
        )
        assert [one["entry"]["position"] for one in record] == [one["position"] for one in history]
        assert [one["entry"]["event_name"] for one in record] == names
        for one in record:
            proved = verify_receipt.verify(one["tlog_proof"].encode(), self.vkey)
            assert proved["index"] == int(one["entry"]["position"])
        assert NAME not in json.dumps(record, ensure_ascii=False)

    def consistent(self):
        """Each checkpoint holds the ones before it unchanged; the last one is the log's own leaves."""
        merkle.check_ourselves()
        self.keep_checkpoint()
        for n, (old_size, old_root) in enumerate(self.checkpoints):
            for new_size, new_root in self.checkpoints[n:]:
                sizes = {"old_size": old_size, "new_size": new_size}
                shown = self.ask("auditor", AUDIT + "GetConsistencyProof", **sizes)
                proof = [base64.b64decode(one) for one in shown["hashes"]]
                assert merkle.is_consistent(old_size, old_root, new_size, new_root, proof)
                forged = merkle.leaf_hash(b"another log")
                assert not merkle.is_consistent(old_size, forged, new_size, new_root, proof)
        size, root = self.checkpoints[-1]
        sealed = self.client.stream(
            self.tokens["auditor"], AUDIT + "StreamSealedEntries", {"count": size}
        )
        assert [entry.position for entry in sealed] == list(range(size))
        assert merkle.root_of([merkle.leaf_hash(entry.header) for entry in sealed]) == root
        stored = b"".join(b"".join(entry.segments) + entry.header for entry in sealed)
        for text in (NAME, NEEDS, HEALTH):
            assert text.encode() not in stored

    def old_receipts(self):
        for path in self.folder.glob("*.tlog-proof"):
            verify_receipt.verify(path.read_bytes(), self.vkey)


PORTAL = {"channel": "CHANNEL_PORTAL"}
ACCEPT = REFERRAL + "AcceptReferral"
COMPLETE = REFERRAL + "CompleteReferral"
STEPS = [
    "CaseOpened",
    "ConsentGiven",
    "ReferralDrafted",
    "ReferralReviewed",
    "ReferralSent",
    "ReferralReceived",
    "ReferralAccepted",
    "ReferralCompleted",
    "PersonalDataSeen",
    "ConsentWithdrawn",
    "ShredStarted",
    "Shredded",
]


def both(case, referral):
    return {"case_id": case, "referral_id": referral}


def scope(recipients, categories):
    return {
        "purposes": ["PURPOSE_REFERRAL"],
        "recipient_ids": recipients,
        "categories": ["DATA_CATEGORY_" + one for one in categories],
    }


def taken(capacity, expires=None):
    consent = {
        "capacity": "CAPACITY_" + capacity,
        "form": "CONSENT_FORM_ORAL",
        "explained": list(range(1, 10)),
        "note": {"language": "Arabic"},
    }
    return {**consent, "expires_at": expires} if expires else consent


def moment(seconds):
    now = datetime.datetime.now(datetime.timezone.utc)
    later = now + datetime.timedelta(seconds=seconds)
    return later.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def text_of(part):
    for words in ("item", "detail"):
        if words in part:
            return part[words]["text"]
    if "consent_note" in part:
        return part["consent_note"]["language"]
    return part.get("name", part.get("note"))


def main():
    address, vkey, folder = sys.argv[1:]
    walk = Walk(address, vkey, pathlib.Path(folder), os.environ["REFERRAL_TOKEN"], os.environ["REFERRAL_SECOND_TOKEN"])
    walk.gather()
    adult = walk.adult()
    walk.expired()
    walk.minors()
    walk.withdrawn(*adult)
    walk.complete(adult[0])
    walk.consistent()
    walk.old_receipts()
    told = {
        "services": walk.client.services,
        "refusals": walk.refusals,
        "receipts": walk.receipts,
        "checkpoints": len(walk.checkpoints),
        "size": walk.size(),
    }
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
