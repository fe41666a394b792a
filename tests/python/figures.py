"""Figures of a cohort, computed again from exported events and from their definitions alone (ARCHITECTURE, "Figures").

figures.py EVENTS ORGANISATION FROM UNTIL AS_OF: a file with one event per line, an organisation's id in hex, two days since
1970 and a moment in milliseconds. Prints every count, none kept back.
"""

import calendar
import datetime
import json
import re
import sys

DAY = 86_400_000
OUTCOMES = ["unanswered", "received", "accepted", "delivered", "failed", "unmet", "declined"]
GAPS = {"not_eligible", "no_capacity", "wait_too_long", "discontinued", "outside_area"}
AGES = ["adult", "minor", "unknown", "not_said"]
DECISIONS = ["taken", "not_taken", "passed_on", "undecided"]
NOTICES = ["planned", "sent", "confirmed", "failed", "impossible"]


def word(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def key(identifier):
    return bytes(identifier).hex()


def month_later(moment):
    when = datetime.datetime.fromtimestamp(moment // 1000, datetime.timezone.utc)
    year, month = (when.year, when.month + 1) if when.month < 12 else (when.year + 1, 1)
    day = min(when.day, calendar.monthrange(year, month)[1])
    then = when.replace(year=year, month=month, day=day)
    return int(then.timestamp()) * 1000 + moment % 1000


class Log:
    """What happened, gathered stream by stream."""

    def __init__(self, lines):
        self.cases, self.referrals, self.consents, self.leaves = {}, {}, {}, {}
        self.services, self.notices, self.needs, self.refused = {}, {}, [], []
        self.incoming = {}
        for line in lines:
            record = json.loads(line)
            recorded = record["recorded"]
            at = recorded["At"] if "At" in recorded else recorded["On"] * DAY
            stream = record["stream"]
            case = key(stream["Case"]) if isinstance(stream, dict) and "Case" in stream else None
            if isinstance(stream, dict) and "Incoming" in stream:
                case = key(stream["Incoming"])
                at = record["occurred"] if record["occurred"] is not None else at
            for leaf in record["leaves"]:
                self.leaves[key(leaf["key"])] = key(leaf["of"]["ground"])
            ((name, it),) = record["event"].items()
            handler = getattr(self, word(name), None)
            if handler:
                handler(at, case, it)

    def case_opened(self, at, case, it):
        self.cases[case] = {
            "organisation": key(it["organisation"]), "client": key(it["client"]), "opened": at,
            "age": word(it["age_group"]), "standard": it["sensitivity"] == "Standard",
        }

    def consent_given(self, at, case, it):
        self.consents[key(it["consent"])] = {
            "case": case, "person": key(it["person"]), "given": at, "expires": it["expires"], "stands": True,
            "statistics": "Statistics" in it["scope"]["purposes"], "withdrawn": None, "gone": None,
        }

    def consent_withdrawn(self, at, _, it):
        consent = self.consents[key(it["consent"])]
        if it["part"] is None:
            consent["stands"], consent["withdrawn"] = False, at
        elif "Statistics" in it["part"]["purposes"]:
            consent["statistics"] = False

    def withdrawal_undone(self, _, __, it):
        consent = self.consents[key(it["consent"])]
        if not consent["stands"]:
            consent["stands"], consent["withdrawn"] = True, None

    def consent_expired(self, _, __, it):
        self.consents[key(it["consent"])]["stands"] = False

    def shredded(self, at, case, it):
        for leaf in it["keys"]:
            ground = self.leaves.pop(key(leaf))
            consent = self.consents.get(ground)
            if consent and not consent["stands"] and ground not in self.leaves.values():
                consent["gone"] = at

    def referral_drafted(self, _, case, it):
        self.referrals[key(it["referral"])] = {
            "case": case, "service": key(it["service"]), "urgency": word(it["urgency"]), "sent": None,
            "received": None, "decided": None, "outcome": None,
        }

    def referral_sent(self, at, _, it):
        self.referrals[key(it["referral"])].update(sent=at, by=it["acknowledge_by"])

    def referral_received(self, at, _, it):
        self.referrals[key(it["referral"])].update(received=at, outcome="received")

    def referral_accepted(self, at, _, it):
        self.referrals[key(it["referral"])].update(decided=at, outcome="accepted")

    def referral_not_accepted(self, at, _, it):
        outcome = "unmet" if word(it["reason"]) in GAPS else "declined"
        self.referrals[key(it["referral"])].update(decided=at, outcome=outcome)

    def recall_answered(self, at, _, it):
        if word(it["answer"]) == "already_acted":
            self.notices.pop(json.dumps({"Referral": it["referral"]}), None)
            referral = self.referrals[key(it["referral"])]
            referral["received"] = referral["received"] or at
            if not referral["decided"]:
                referral.update(decided=at, outcome="accepted")

    def referral_completed(self, _, __, it):
        self.referrals[key(it["referral"])]["outcome"] = "delivered"

    def referral_not_completed(self, _, __, it):
        self.referrals[key(it["referral"])]["outcome"] = "failed"

    def referral_stopped(self, at, case, it):
        if it["recipient_asked"]:
            given = json.dumps({"Referral": it["referral"]})
            self.notices.setdefault(given, {"case": case, "planned": at, "state": "planned"})

    referral_cancelled = referral_stopped

    def notice_recorded(self, at, case, it):
        self.tell(at, case, it["given"], word(it["state"]))

    def tell(self, at, case, given, state):
        notice = self.notices.setdefault(json.dumps(given), {"case": case, "planned": at})
        notice["state"] = state

    def service_registered(self, _, __, it):
        self.services[key(it["service"])] = it["entry"]

    def incoming_received(self, at, incoming, it):
        ((kind, value),) = it["from"].items()
        self.incoming[incoming] = {
            "organisation": key(it["organisation"]), "urgency": word(it["urgency"]), "received": at, "by": it["answer_by"],
            "sender": word(value) if kind == "Class" else word(kind), "decision": "undecided", "answered": None,
        }

    def incoming_assessed(self, _, incoming, it):
        self.incoming[incoming].update(urgency=word(it["urgency"]), by=it["answer_by"])

    def incoming_decided(self, _, incoming, it):
        self.incoming[incoming]["decision"] = word(it["decision"])

    def incoming_answered(self, at, incoming, _):
        self.incoming[incoming]["answered"] = at

    def need_unmet(self, at, _, it):
        self.needs.append((at, word(it["need"]), it["area"], it["age_group"]))

    def record_refused(self, at, _, __):
        self.refused.append(at)


def table(name, columns, groups, rows):
    """Counts of (column, row of each group); every row ends with its sum."""
    empty = [0] * len(columns)
    everything, split = list(empty), [{} for _ in groups]
    for column, names in rows:
        everything[columns.index(column)] += 1
        for known, row in zip(split, names):
            known.setdefault(row, list(empty))[columns.index(column)] += 1
    lines = lambda known: [{"name": row, "counts": known[row] + [sum(known[row])]} for row in sorted(known)]
    return {
        "name": name, "columns": columns + ["all"], "all": everything + [sum(everything)],
        "by": [{"group": group, "rows": lines(known)} for group, known in zip(groups, split)],
    }


def within(sent, moments, tenths):
    """In how many hours so many tenths of all that were sent had it; none if not so many have it."""
    hours = sorted(-(-(moment - start) // 3_600_000) for start, moment in moments)
    rank = -(-len(sent) * tenths // 10)
    return hours[rank - 1] if 0 < rank <= len(hours) else None


def figures(log, organisation, first, until, as_of):
    inside = lambda at: first * DAY <= at < until * DAY
    is_open = lambda case: log.cases[case]["organisation"] == organisation and log.cases[case]["standard"]
    agreed = {
        one["case"] for one in log.consents.values()
        if one["stands"] and one["statistics"] and one["person"] == log.cases[one["case"]]["client"]
        and (one["expires"] is None or as_of < one["expires"])
    }
    sent = [
        one for one in log.referrals.values()
        if one["sent"] is not None and inside(one["sent"]) and is_open(one["case"]) and one["case"] in agreed
    ]

    def rows(one):
        entry = log.services[one["service"]]
        told = lambda field: "other" if entry["confidential"] or not entry[field] else entry[field][0]
        prompt = "unanswered" if one["received"] is None else "in_time" if one["received"] <= one["by"] else "late"
        return prompt, log.cases[one["case"]]["age"], one["urgency"], told("sectors"), told("locations")

    def erased(one):
        due = month_later(one["withdrawn"])
        if one["gone"] is None:
            return "late" if as_of > due else "open"
        return "in_time" if one["gone"] <= due else "late"

    own = [one for one in log.consents.values() if is_open(one["case"])]
    opened = [one for case, one in log.cases.items() if is_open(case) and inside(one["opened"])]
    withdrawn = [one for one in own if one["withdrawn"] is not None and inside(one["withdrawn"])]
    notices = [one for one in log.notices.values() if is_open(one["case"]) and inside(one["planned"])]
    came = [one for one in log.incoming.values() if one["organisation"] == organisation and inside(one["received"])]

    def answer(one):
        return "unanswered" if one["answered"] is None else "in_time" if one["answered"] <= one["by"] else "late"

    age = lambda group: word(group) if group else "not_said"
    tables = [
        table("referrals", OUTCOMES, ["acknowledged", "age_group", "urgency", "sector", "area"],
              [(one["outcome"] or "unanswered", rows(one)) for one in sent]),
        table("unmet_needs", AGES, ["need", "area"],
              [(age(group), (need, area or "not_said")) for at, need, area, group in log.needs if inside(at)]),
        table("records", ["opened"], [], [("opened", ()) for _ in opened]),
        table("refusals", ["refused"], [], [("refused", ()) for at in log.refused if inside(at)]),
        table("consents", ["kept", "withdrawn"], [],
              [("kept" if one["withdrawn"] is None else "withdrawn", ()) for one in own if inside(one["given"])]),
        table("erasures", ["in_time", "late", "open"], [], [(erased(one), ()) for one in withdrawn]),
        table("notices", NOTICES, [], [(one["state"], ()) for one in notices]),
        table("incoming", DECISIONS, ["answered", "urgency", "sender"],
              [(one["decision"], (answer(one), one["urgency"], one["sender"])) for one in came]),
    ]
    count = lambda outcomes: sum((one["outcome"] or "unanswered") in outcomes for one in sent)
    unanswered = count({"unanswered"})
    accepted = count({"accepted", "delivered", "failed"})
    decided = accepted + count({"unmet", "declined"})
    in_time = sum(one["received"] is not None and one["received"] <= one["by"] for one in sent)
    back = sum(one["withdrawn"] is not None for one in own if inside(one["given"]))
    done = sum(erased(one) == "in_time" for one in withdrawn)
    asked = sum(one["state"] in ("sent", "confirmed", "failed") for one in notices)
    indicators = {
        "acknowledged_of_sent": (len(sent) - unanswered, len(sent)),
        "acknowledged_in_time_of_sent": (in_time, len(sent)),
        "no_answer_of_sent": (unanswered, len(sent)),
        "accepted_of_decided": (accepted, decided),
        "accepted_of_sent": (accepted, len(sent)),
        "delivered_of_accepted": (count({"delivered"}), accepted),
        "delivered_of_sent": (count({"delivered"}), len(sent)),
        "withdrawn_of_consents": (back, sum(inside(one["given"]) for one in own)),
        "erased_in_time_of_withdrawn": (done, len(withdrawn)),
        "recipients_asked_of_all": (asked, len(notices)),
        "incoming_taken_of_all": (sum(one["decision"] == "taken" for one in came), len(came)),
        "incoming_answered_in_time_of_all": (sum(answer(one) == "in_time" for one in came), len(came)),
    }
    moments = lambda field: [(one["sent"], one[field]) for one in sent if one[field] is not None]
    times = {
        name: {"median": within(sent, moments(field), 5), "p90": within(sent, moments(field), 9)}
        for name, field in [("sent_to_acknowledged", "received"), ("sent_to_decided", "decided")]
    }
    today = as_of // DAY
    stale = sum(entry["assured_on"] is None or entry["assured_on"] < today - 180 for entry in log.services.values())
    services = {"in_use": len(log.services), "stale": stale}
    return {"tables": tables, "indicators": indicators, "times": times, "services": services}


if __name__ == "__main__":
    path, organisation, first, until, as_of = sys.argv[1:]
    with open(path, encoding="utf-8") as lines:
        found = figures(Log(lines), organisation, int(first), int(until), int(as_of))
    print(json.dumps(found))
