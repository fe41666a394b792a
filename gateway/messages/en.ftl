# What people read when the answer is no, and when something of ours broke.
# err-… says what is wrong, rec-… what to do next. $about is a code or a field name, never content.
# Every refusal of ledger/src/refusal.rs has both; a test finds missing and unused ones.

## The caller and the request

err-unauthenticated = { $about ->
    [waits] This token does not work yet: it waits for a second person.
   *[other] You are not signed in, or your token has ended or was stopped.
}
rec-unauthenticated = { $about ->
    [waits] An administrator or the data protection officer who did not make it decides on it: `staff list` shows it, `token decide STAFF TOKEN --confirm`. In an emergency, phone the service; the call can be recorded afterwards.
   *[other] Ask your administrator for a token and give it with --token or REFERRAL_TOKEN. In an emergency, phone the service; the call can be recorded afterwards.
}

err-malformed = Something in the request is missing or not written as it should be{ $about ->
    [none] .
   *[other] : { $about }.
}
rec-malformed = Correct it and send the request again. Nothing was recorded.

err-too-large = The request is larger than this ledger accepts{ $about ->
    [none] .
   *[other] : { $about }.
}
rec-too-large = Write less: only what the service needs in order to help. Nothing was recorded.

err-request-id-reused = This request id was used before, for another command.
rec-request-id-reused = Make a new random request id for every new command. Use the old one only to repeat the very same command.

err-not-found = There is no such record, or it is not yours to see.
rec-not-found = { $about ->
    [member] An organisation has to be in the mechanism first: `mechanism member`. Who is: `mechanism members`.
    [staff] Check the id: `staff list`. Cases are given to who has a role for work on cases.
    [service] Check the id: `directory search`.
    [passed_to_id] Name an organisation whose service is in the directory (`directory search`), or none: the sender is told then that somebody else takes such referrals.
    [service_ids] A step names a service that the directory does not have. Check its ids: `directory search`.
    [language] Leave it out for English, or ask which languages the form is there in: `interview form guide`.
    [certificate] Check which case it is of: `protection certificate CASE`.
   *[other] Check the code or id. If somebody else holds the case, ask them or your focal point.
}

err-not-allowed = Your role does not allow this here{ $about ->
    [none] .
    [party] : an agreement is recorded by one of its parties.
    [handover] : only whom it was offered to takes a case.
    [last] : nobody else works on this case. Put somebody on it first (`case assign`), or offer it (`case offer-handover`).
   *[other] ; it takes: { $about }.
}
rec-not-allowed = { $about ->
    [party] Put your own organisation's id into `party_ids`, or have a party of the agreement record it.
    [handover] Who offered it can take the offer back: `case take-handover CASE --decline`.
    [last] Then do it again.
    [none] Ask somebody whose role does: a focal point for sending, the coordinator for the directory, the administrator for roles, the data protection officer for deletion; `audit policy` prints the whole table and what its words mean. If a person is in danger now, phone the service first; it can be recorded afterwards.
   *[other] Ask a colleague who has such a role. If a person is in danger now, phone the service first; it can be recorded afterwards.
}

err-second-person-required = Nobody decides on their own request; a second person has to.
rec-second-person-required = Tell a colleague of your organisation what waits. An exception: a focal point (`consent decide`). A role or token: an administrator or the data protection officer (`staff list` shows it; `staff decide`, `token decide`). A sweep: another data protection officer or the coordinator (`retention approve SWEEP`). The end of a hold: another data protection officer or a focal point (`retention decide CASE HOLD --confirm`). The end of a mirror: an administrator or the data protection officer (`mirror decide ID --confirm`).

err-version-conflict = Somebody changed this record after you read it.
rec-version-conflict = Read it again, see whether your decision still holds, and send it with the new version.

err-already-exists = This is there already{ $about ->
    [none] .
   *[other] : { $about }.
}
rec-already-exists = { $about ->
    [handover] The case is offered to somebody already. Wait for the answer; whoever offered it can take it back.
    [inquiry] The same was asked and not answered yet. If nothing comes back, say so (`directory answer --answer no_answer`), and ask again.
   *[other] Nothing needs to be done. To change what is there, use the command for changing it.
}

err-shredded = The personal data you ask for were destroyed. Nobody can read them any more, not even we.
rec-shredded = The history of decisions is still there and still provable. If the person comes back and wants help, ask for consent anew.

## Before anything is written down

err-documentation-refused = This person agreed to be referred but not to have anything written down.
rec-documentation-refused = Keep to that: only the code, the service and your own word that the person agreed. If they change their mind, record their consent first.

err-record-consent-missing = Nothing about a person is written down before they agree to it.
rec-record-consent-missing = Explain how data are kept and ask. If they do not want it, count it without their details and give them the information about services all the same.

err-explanation-incomplete = Not everything was explained before consent was asked for{ $about ->
    [none] .
   *[other] : { $about } is missing.
}
rec-explanation-incomplete = Explain it in a language the person understands, make sure it was understood, and ask again. Consent counts only when it is informed.

err-time-invalid = A time in the request is past, in the future or absurd{ $about ->
    [none] .
   *[other] : { $about }.
}
rec-time-invalid = Check the date and the time, and the clock of your device.

## Who consents

err-substitution-not-allowed = Nobody consents in place of an adult.
rec-substitution-not-allowed = Ask the person themselves, with the support they want: an interpreter, simple words, more time, somebody they trust. If they cannot respond and need urgent care, use the emergency route.

err-capacity-invalid = The person who gave this consent cannot give it in this capacity{ $about ->
    [none] .
   *[other] : { $about }.
}
rec-capacity-invalid = Check who gave it and as what. For a child, a caregiver or guardian who is in the case consents and the child consents or assents; without a safe caregiver the child-protection focal point decides.

err-relationship-not-checked = Nobody has checked that this adult is the child's caregiver.
rec-relationship-not-checked = Check the relationship, talking to the child alone too. If it cannot be checked or does not feel safe, ask the child-protection focal point to decide in the child's best interests.

err-child-protection-decides = Only the child-protection focal point decides this.
rec-child-protection-decides = Hand it to them now; what a caregiver asks about a child goes to them first. Stay with the child until they have answered.

err-came-of-age = The person has come of age since this was agreed to.
rec-came-of-age = Ask the person themselves: explain anew, and record their own consent. What was sent before stays as it is.

## What became of a consent

err-consent-not-in-force = This consent is not in force: it was withdrawn, has ended, or was never there.
rec-consent-not-in-force = Look at the consents of the case. If the person still wants this, ask anew.

err-destruction-limit = You had the data of as many people destroyed at once today as one person may.
rec-destruction-limit = Withdraw with the usual period instead (shred: after_period): what it concerns is closed to everybody at the same moment and destroyed when the period is over. If it must go sooner, or no period is set, ask a colleague to withdraw the same at once.
err-shredding-started = It is too late: the keys are being destroyed or are gone.
rec-shredding-started = It cannot be undone. If the person wants help again, ask for consent anew and write down only what is needed.

err-retention-not-approved = Nobody agreed to these retention rules yet, or the clock was doubted since.
rec-retention-not-approved = Look at the dry run, ask for a sweep, and have a second person approve it.

err-legal-hold = A legal hold keeps these data from the retention rules.
rec-legal-hold = Look at the holds of the case. Whoever placed one can end it before its day. A person can withdraw all the same.

err-request-state = The request is not at a step from which this can be done{ $about ->
    [none] .
   *[other] : it is { $about }.
}
rec-request-state = Look where it stands (`request list --case-id CASE`). First it is checked who is asking, then the officer advises, the delegate decides, the officer carries out, and the person is told.

err-identity-unchecked = Nobody has checked yet who is asking.
rec-identity-unchecked = Record what came of it (`request identity`). Staff who know the person are enough; papers are not needed, and no copy is kept.

err-identity-not-confirmed = It is not clear that who asks is the person, or may ask for them.
rec-identity-not-confirmed = Ask once more in another way, something only they would know, and record the outcome. Lacking papers is no reason to refuse.

err-advice-missing = The data protection officer has given no advice yet.
rec-advice-missing = Ask the officer (`request advise`). You may decide otherwise; both stand in the record.

err-copy-missing = No copy for the person was made since this request came.
rec-copy-missing = Make it (`protection copy CASE`), give it to the person as far as safe, and carry the request out then.

err-correction-missing = { $about ->
    [none] None of the person's details were put right since this request came.
   *[other] Not all was put right that this request asks for: { $about } is missing.
}
rec-correction-missing = Put them right (`case correct-person`), and carry the request out then.

err-interpreter-not-accepted = { $about ->
    [vetted] Nobody vetted this interpreter.
   *[other] The person did not accept this interpreter.
}
rec-interpreter-not-accepted = Find somebody whom the person accepts and who was vetted, explain everything again, and ask again. Never use a relative, a child, or anybody whom the person fears.

err-contact-not-safe = The person did not agree to be contacted like this{ $about ->
    [none] .
    [not_agreed] : nothing was agreed, so they are not contacted.
    [channel] : not in this way.
    [time] : not on this day, or not at this hour.
    [staff] : not by this member of staff.
    [words] : nothing may be said to anybody else.
    [withdrawn] : their contact details must not be recorded any more; meet them in person.
   *[other] : { $about }.
}
rec-contact-not-safe = What was agreed stands in the case (`case show`). Ask the person when you meet, and record it (`consent contact`). Where nobody may be contacted, "not told: unsafe" is a valid outcome.

err-incoming-state = This cannot be done with the incoming referral{ $about ->
    [none] .
    [not_taken] : it was not taken.
    [passed_on] : it was passed on.
   *[other] : it is { $about }.
}
rec-incoming-state = { $about ->
    [received] Assess it first (`incoming assess`); an emergency is decided on at once.
    [assessed] Decide on it (`incoming decide`), and answer the sender then.
    [decided] Answer the sender (`incoming answer`). What was taken can be decided otherwise until the person has a case.
   *[other] Look where it stands (`incoming list`). What comes after the answer is a new one.
}

err-arrangement-state = { $about ->
    [none] It was not offered yet.
   *[other] It is { $about }: this does not follow from it.
}
rec-arrangement-state = { $about ->
    [none] Offer it first (`referral arrange --state offered`), and record whether the person wants it.
   *[other] `states` prints what follows from what. Nothing is arranged that the person did not want.
}

err-specialist-first = { $about ->
    [go_on_with_changes] The specialist advised to change this referral before it is sent.
    [not_this_service] The specialist advised against this service.
    [not_now] The specialist advised to wait.
    [none] A specialist is consulted before this is sent.
   *[other] A specialist is consulted before this is sent: { $about }.
}
rec-specialist-first = { $about ->
    [go_on_with_changes] Change it as advised (`referral revise`), and have it signed off again.
    [not_this_service] Look for another service together with the specialist and the person, and draft a referral there.
    [not_now] Ask the specialist again when things have changed. Whatever cannot wait is an emergency, or an exception to confidentiality.
   *[other] Ask them, and have them say what they advise (`referral consult`), or record what they said on the phone, which they then confirm (`referral confirm-consult`). Without documentation, the specialist attests it themself (`case attest`). Tell no details of what happened. An emergency does not wait.
}
err-merged-case = This file was merged into another one of the same person: work goes on there.
rec-merged-case = `case show` names the other file, if you may see it; else ask your focal point. Emergencies, withdrawals, requests and what was sent already go on here. If it is not the same person, have the two taken apart (`case unmerge`).

err-not-the-same = These two files are not merged{ $about ->
    [none] .
    [age] : one is of an adult, the other of a child.
    [linked] : they are linked as two persons of one family.
    [sensitivity] : one is restricted and the other is not.
   *[other] .
}
rec-not-the-same = Look whether it is the same person. Put the age right in the file where it is wrong (`case assess-age`), and restrict the other file first where one is restricted (`case concern` says what is suspected there, too). If they were linked by mistake, end that first (`case unlink-family`).

err-search-limit = Nothing was compared or recorded{ $about ->
    [none] .
    [cases] : there are more files to compare with than one search takes.
    [day] : duplicates of this file were looked for many times today.
    [running] : you are searching already, or too many are at this moment.
   *[other] .
}
rec-search-limit = { $about ->
    [cases] Say when the other file was opened, about: `--opened-from` and `--opened-until`.
    [day] Look at the files that were found (`case view`), and ask for a merging where it is the same person (`case ask-merge`). Search again tomorrow.
   *[other] Wait until it is done, and search again.
}

err-deputy-unsuitable = This colleague cannot stand in{ $about ->
    [none] .
    [absent] : they are absent themselves on one of these days.
    [stands_in] : who would be absent stands in for somebody else on one of these days.
   *[other] : they do not have the role { $about }, which the work needs.
}
rec-deputy-unsuitable = { $about ->
    [stands_in] Others rely on them being there. End that first (`staff end-deputy`), and name another colleague for it.
   *[other] Nobody gets a role by standing in. Name a colleague who has the roles that the absent person works with, or hand cases over one by one (`case offer-handover`).
}

err-processing-restricted = The person asked that their data be kept and not used.
rec-processing-restricted = No referral is drafted, changed or sent, and nothing is opened for work, until the restriction is lifted (`request lift`), which the person is told beforehand. A copy for them, an emergency and an exception to confidentiality go on.

err-not-due = This is not due yet.
rec-not-due = Wait until the date it is due, or ask the person whether they want it at once.

## Exceptions to confidentiality

err-exception-too-wide = An exception covers only the least that saves the person: a named recipient and the few data they need{ $about ->
    [none] .
   *[other] ; { $about } is empty or goes too far.
}
rec-exception-too-wide = Name the recipient, and leave out everything they can help without. The rest can follow with consent.

err-exception-decided = This exception was decided already.
rec-exception-decided = Read the decision in the history of the case. If the danger is a new one, use a new exception.

err-exception-undecided = A second person is still to decide on this exception; it is looked at after that.
rec-exception-undecided = Wait for the decision, or for the time that is allowed for it to be over (`case reviews` shows both).

err-procedure-missing = A report that a law obliges to goes by a prepared procedure, and none of that name is in the organisation's file.
rec-procedure-missing = See `consent procedures` and name one (`--procedure`). If none fits, ask your child-protection focal point or coordinator: it is prepared, assessed for safety and put into the organisation's file first. If a life is in danger now, use the exception for immediate risk, which needs none.

err-procedure-not-assessed = Nobody has assessed lately whether reporting by this procedure is safe{ $about ->
    [none] .
   *[other] : its assessment ended on { $about }, or has not begun.
}
rec-procedure-not-assessed = A report can put the person in danger. Have its safety assessed again, and the new day put into the organisation's file. If a life is in danger now, use the exception for immediate risk, which needs no procedure.

err-procedure-exceeded = { $about ->
    [service] The procedure does not lead to this service.
    [none] This goes beyond what the procedure lets go.
   *[other] The procedure does not let this go: { $about }.
}
rec-procedure-exceeded = Keep to the body and the data that the procedure names (`consent procedures`). What goes beyond them needs the person's consent.

## The service

err-service-retired = This service has ended.
rec-service-retired = Search the directory for another one. If there is none, note an unmet need.

err-service-takes-no-referrals = This service takes no referrals; people come by themselves.
rec-service-takes-no-referrals = Give the person the information instead, and offer to go along. Record that a link was given.

err-service-not-assessed = Nobody has assessed yet whether this service is safe. Only an emergency may go there.
rec-service-not-assessed = Choose an assessed service, or ask the coordinator for an assessment. You may tell the person about it, and that it was not assessed.

err-agreement-missing = No agreement to share data with that organisation covers this referral now; one that lapsed did so on the day named.
rec-agreement-missing = Ask the coordinator to record a new agreement (`mechanism agreement`). You may tell the person about the service. An emergency does not wait for it.

err-service-rejected = This service was assessed and found unsafe to refer to.
rec-service-rejected = Choose another service. If there is none, note an unmet need and speak with your focal point.

## What a referral says

err-category-not-needed = This service does not need that kind of data{ $about ->
    [none] .
   *[other] : { $about }.
}
rec-category-not-needed = Leave it out and send the rest. `directory show` lists what the service needs; if it does need this to help, ask the coordinator to correct the entry. What is wrong with somebody's health is no business of an employer.

err-items-invalid = { $about ->
    [roles] A member has at least one role in the mechanism.
    [parties] An agreement is between two: with itself alone nobody agrees on anything.
    [agreements] This member has as many agreements as the ledger keeps for one.
    [steps] A pathway has at least one step.
    [texts] A pathway has words in at least one language, once in each, and one for each step.
    [unmet] The same criterion cannot be met and not met.
    [helped] More people cannot have been helped than were asked.
    [free] More places cannot be free than there are.
    [maximum_age] The oldest whom a service takes cannot be younger than the youngest.
   *[other] A referral has one entry for each kind of data, and at least one.
}
rec-items-invalid = { $about ->
    [roles] Say what it does: whether it identifies, determines, manages cases or serves.
    [parties] Name the other party.
    [agreements] Change one that has ended instead of recording a new one.
    [steps] Say what comes first, and in what order the rest.
    [texts] Write each language once, with as many words for steps as there are steps.
    [unmet] Say of each criterion one or the other, or leave it out.
    [helped] Say how many were asked, and how many of them were helped.
    [free] Say how many places there are, and how many of them are free.
    [maximum_age] Turn the two ages round, or leave one out.
   *[other] Put what belongs together into one entry, and take empty ones out.
}

err-referral-state = The referral is not at a step from which this can be done{ $about ->
    [none] .
    [exception] : it rests on an exception, not on what the person wishes.
    [opened] : its recipient opened it here, so it was read.
   *[other] : it is { $about }.
}
rec-referral-state = { $about ->
    [exception] A focal point can take it back and say why (`referral recall`).
    [opened] Say what became of it: `--answer destroyed`, or `already_acted`.
    [draft] Next it is reviewed (`referral review`) or returned for correction.
    [returned] Next it is written again (`referral revise`), then reviewed.
    [reviewed] Next it is sent (`referral send`) or recalled.
    [recall_asked] It was asked back: next its recipient says what became of it (`referral answer-recall`).
    [sent] Next the service confirms receipt (`referral receive`), or it is recalled.
    [received] Next the service accepts or declines it, or it is recalled.
    [accepted] Next it is completed or fails (`referral complete`, `referral fail`), or it is recalled.
    [not_accepted] It is finished. Draft another one that follows it (`referral draft --follows-id`), to another service if need be.
    [cancelled] The person did not want it any more. If they want help again, draft another one.
    [stopped] It stays stopped: its ground has ended. If the person wants help again, ask for consent anew and draft another one.
   *[other] It is finished and stays so; draft another one if the person still wants help. `referral history` shows how it went.
}

err-complaint-state = This cannot be done with the complaint{ $about ->
    [none] .
    [no_contact] : nobody can be told, as there is no safe way to reach whoever complained.
   *[other] : it is { $about }.
}
rec-complaint-state = { $about ->
    [no_contact] Say `--told not_reached`, or `not_told_unsafe`.
   *[other] Look where it stands (`complaint list`). What comes after the answer is a new one.
}

err-breach-state = This cannot be done with the breach{ $about ->
    [none] .
    [phase] : what was notified so far does not lead there.
    [late] : more than 72 hours have passed since it became known, and nothing says why.
    [in_time] : it is in time, so there is no reason for being late.
    [not_high] : it is no high risk, so nobody has to decide that people are not told.
    [not_notified] : no authority was notified of all of it.
    [not_told] : it is a high risk, and people were neither told nor is there a ground why not.
   *[other] : it is { $about }.
}
rec-breach-state = { $about ->
    [phase] Begin with `whole` or `first`; after `first` comes `further` or `last`; after `whole` or `last` nothing.
    [late] Say why with `--late`; it is recorded all the same.
    [in_time] Leave `--late` out.
    [not_high] If it has become one, have it assessed anew (`protection breach assess`).
    [not_notified] Notify the authority (`protection breach notify`), the rest of what was begun, too.
    [not_told] Tell people (`protection breach tell`), or have the controller's delegate decide why not (`protection breach withhold`).
   *[other] Look where it stands (`protection breach show`). What happens after it was closed is a new one.
}

err-notice-state = What asking this recipient came to so far does not lead there{ $about ->
    [none] : it was not asked yet.
   *[other] : it is { $about }.
}
rec-notice-state = { $about ->
    [none] Record first that it is to be asked (planned) or was asked (sent).
    [confirmed] It may be asked again (sent), or confirm that it did more.
   *[other] It may be asked again (sent), or answer: confirmed, failed, impossible.
}

## The ground that a referral stands on

err-consent-missing = The person has not consented to this referral.
rec-consent-missing = Explain where it goes, to whom and what for, and ask. Without consent nothing is sent. If a life is in danger, use the exception for immediate risk.

err-consent-withdrawn = The person has withdrawn the consent that this rests on.
rec-consent-withdrawn = Stop, and respect it. Nothing more is sent or read on it. If they change their mind, ask for consent anew.

err-consent-expired = The consent that this rests on has reached its end.
rec-consent-expired = Ask the person whether they still want this, and record a new consent.

err-purpose-not-covered = The person did not consent to this purpose{ $about ->
    [none] .
   *[other] : { $about }.
}
rec-purpose-not-covered = Ask for consent to this purpose. Keeping a record, referring, following up, feedback and statistics are asked about one by one.

err-recipient-not-covered = The person did not consent to their data going to this organisation.
rec-recipient-not-covered = Tell them who it is and what it does with the data, and ask; or choose an organisation they agreed to.

err-category-not-covered = The person did not consent to this kind of data being passed on, or wants it kept back{ $about ->
    [none] .
   *[other] : { $about }.
}
rec-category-not-covered = Leave it out, or ask whether it may go to this organisation. What they keep back stays here.

err-child-consent-missing = The child has not been asked. A child's own consent or assent is needed as well.
rec-child-consent-missing = Talk with the child, in words that fit their age and alone if they wish, and record what they want.

err-caregiver-consent-missing = For a child, a checked caregiver's consent is needed as well, or a decision in the child's best interests.
rec-caregiver-consent-missing = Ask the caregiver if it is safe. If there is none, or it is not safe, ask the child-protection focal point for a best-interests decision.

err-exception-not-authorised = A second person has not authorised this exception, or its time is up.
rec-exception-not-authorised = Ask a focal point, child-protection focal point or data protection officer to decide on it. Ask the person for consent as soon as that is possible.

## The rest

err-nothing-to-do = { $about ->
    [asked] It was asked for already and waits for a second person.
    [kind] A preview shows what a deletion would destroy, and this is no deletion.
   *[other] Nothing would change.
}
rec-nothing-to-do = { $about ->
    [asked] Somebody else decides: `staff decide STAFF ROLE --confirm`, or `--reject`. What waits: `staff list`.
    [kind] Nothing of the person is destroyed by it; go on with the request.
   *[other] It stands as you wish already; nothing needs to be done.
}

err-unavailable = { $about ->
    [disk] The ledger's disk is full: it takes withdrawals and nothing else. Nothing was recorded.
   *[other] The ledger takes no new entries at the moment. Nothing was recorded.
}
rec-unavailable = Try again in a moment with the same request id. If it lasts, tell your administrator. Help the person first: what happened can be recorded afterwards.

err-interview-off = The organisation's file does not switch this on{ $about ->
    [none] .
   *[other] : the form { $about }.
}
rec-interview-off = Help the person without it: no referral needs an interview. Whoever decides for the organisation names the form in `[interview]` of its file, and who is trained to use it.

err-question-off = This question is not asked here{ $about ->
    [none] .
   *[other] : { $about }.
}
rec-question-off = Leave it out. Religion, ethnic group, numbers of papers and the route are asked only where the organisation's file says why (`[interview.justified]`).

err-answer-invalid = The answer does not fit the question, or was given twice{ $about ->
    [none] .
   *[other] : { $about }.
}
rec-answer-invalid = See how it can be answered (`interview form`). Every question may be left out, or answered with does_not_know, declined or not_asked; details of an incident belong nowhere here.

err-body-not-mandated = This organisation does not determine anything in the mechanism, or did not on that day.
rec-body-not-mandated = See who does (`mechanism members --role determines`), and check the day. Nobody's help waits for a determination: go on with referrals.

err-case-closed = This case was closed: nothing begins in it.
rec-case-closed = Open it again first, with a reason (`case reopen`). An emergency opens it by itself; withdrawals, requests and what services answer go on in it as before.

err-referral-open = The case is not closed while a referral is under way or an emergency was not signed off{ $about ->
    [none] .
   *[other] : { $about }.
}
rec-referral-open = Wait for how each ends, record what the service told you, or take it back (`referral recall`, `referral cancel`). An emergency that went first is signed off by somebody else (`referral review`).

err-exception-open = The case is not closed while an exception waits for a decision, for telling the person or for a review{ $about ->
    [none] .
   *[other] : { $about }.
}
rec-exception-open = `case reviews` says what each waits for: `consent decide`, `consent told`, `consent review`.

err-request-open = The case is not closed while the person waits for an answer to a request{ $about ->
    [none] .
   *[other] : { $about }.
}
rec-request-open = The request is answered and closed first: see `request list`, and tell your data protection officer.

err-follow-up-owed = A follow-up that was promised has not been made{ $about ->
    [none] .
   *[other] : { $about }.
}
rec-follow-up-owed = Make it (`referral follow-up`), as the person agreed. It counts when somebody answered, when contact would be unsafe, and when you tried on the day agreed or later.

err-notice-owed = Somebody who received data of this case is still to be told or asked.
rec-notice-owed = See whom (`protection disclosed`), do it, and record it (`protection notice`), also that it cannot be done.

err-decision-open = Somebody still has to answer or decide in this case{ $about ->
    [none] .
   *[other] : { $about }.
}
rec-decision-open = handover: it is taken, declined or taken back (`case take-handover`); merge: a second person decides (`case decide-merge`); hold: a second person decides on its end (`retention decide`).

err-follow-up-missing = Nobody followed up in this case, and nothing says why not.
rec-follow-up-missing = Record the last follow-up (`referral follow-up`), or say why there is none (`--no-follow-up`: not_agreed, unsafe, not_reached, nothing_sent, died, other).

err-closing-invalid = What is said of the closing does not go together{ $about ->
    [none] .
   *[other] : { $about }.
}
rec-closing-invalid = told: nobody tells who died, and only them. transferred_by: the referral by which another organisation took the person over, only with the reason transferred. no_follow_up: only where nobody followed up since the case was opened; nothing_sent only where nothing was sent, died only of who died.

err-handover-whole = This was not offered like that: what was offered together is taken together, and what was offered alone is taken alone.
rec-handover-whole = Name all files that were offered together, and no other (`case take-handover CASE --with CASE,CASE`); who offered them knows the line. `case list --offered` shows what is offered to you. Was one of them declined meanwhile, decline the others, too, and have what is left offered anew.

err-training-lapsed = You cannot do this now: your training or code of conduct is not on record, or its time is up{ $about ->
    [none] .
   *[other] : { $about }.
}
rec-training-lapsed = Renew it, and ask an administrator or your coordinator to record the day. Until then a colleague does it (interviews: one who is trained for them); withdrawals, dangers, emergencies and exceptions stay open to you.

err-figures-overlap = Figures of other months that share one with these were published already.
rec-figures-overlap = See `figures list`. Each month belongs to one publication, for all organisations of this ledger: two that overlap could be subtracted from each other, and the difference may be one person. Publish months that nobody published, or use the figures that are there.

err-restored-unconfirmed = This ledger was restored from a copy, and withdrawals may be missing in it: nothing is sent until they were entered again.
rec-restored-unconfirmed = Enter again what was withdrawn since the copy was made; the data protection officer then confirms it (`protection confirm-withdrawals`). If a person is in danger now, phone the service; the call can be recorded afterwards.
err-record-ended = The time that the record of this case was kept for is over. Nothing of it is left, and nothing can be added.
rec-record-ended = If the person is here again, open a new case. What was counted of the old one stays in the statistics.

## Faults: something of ours broke. Said to administrators, without anybody's data.

fault-io = Reading or writing a file failed.
fault-io-next = Look at the disk: is it full, gone or read-only? Start again when it is well; what was confirmed is not lost.
fault-another-history = This folder holds another history of the ledger than the one that the vault went on with: most likely it is the folder from before a restore. Nothing was changed.
fault-another-history-next = Serve the restored folder, and rename or remove this one. Are the data of this one wanted in place of the restored ones: run `backup` on it, and `restore --accept-loss` from that backup.
fault-damaged = Stored data are damaged: they are not what their checksum says.
fault-damaged-next = Change nothing in the folder. Run `referral-ledger fsck` to see which events are concerned, and restore those from a copy.
fault-unknown-format = The folder was written by another version of this program.
fault-unknown-format-next = Use the version that wrote it. Nothing was changed.
fault-vault-missing = The vault with the root key is not at this place. Nothing is erased, but nothing personal can be read.
fault-vault-missing-next = Give the right place with --vault, or attach the disk that the vault is on.
fault-vault-wrong-ledger = This vault belongs to another ledger.
fault-vault-wrong-ledger-next = Give the vault that was made together with this ledger.
fault-vault-old = This vault is an old copy: keys were destroyed since it was made.
fault-vault-old-next = Use the vault that was in use last. An old one must never come back: it would bring back what people asked to have destroyed.
fault-vault-unreadable = The vault is there, but neither of its two copies of the root key can be read.
fault-vault-unreadable-next = Change nothing in it. Try another disk or a newer copy of the vault, and ask for help before going on.
fault-vault-wrong-root = The vault's root key does not open this ledger's keys.
fault-vault-wrong-root-next = Check that data folder and vault belong together and are of the same day.
fault-vault-unsuitable = The vault lies on a kind of disk where overwriting does not destroy what was there.
fault-vault-unsuitable-next = Put the vault on a plain local disk, not on a network, copy-on-write or overlay file system.
fault-vault-passphrase-needed = This vault lies under a passphrase, and none was given.
fault-vault-passphrase-needed-next = Type it when asked, or give --passphrase-fd N or the service credential referral-vault-passphrase.
fault-vault-passphrase-wrong = This is not the passphrase of this vault. Nothing was opened or changed.
fault-vault-passphrase-wrong-next = Type it again: look at capital letters, the keyboard's language and spaces at the end. After `vault passphrase` only the new one opens it; a copy of the vault from before wants the old one. Without the passphrase nobody can open the vault.
fault-vault-too-few-shares = Too few of the vault's holders are here to read the root key. Nothing was changed.
fault-vault-too-few-shares-next = Attach the devices that the named holders are on, then start again. One that is lost for good is replaced with `vault replace-holder`, as long as enough others are here.
fault-vault-foreign-holder = A folder in a holder's place belongs to something else. Nothing was changed.
fault-vault-foreign-holder-next = Attach the right device at that place, or put the holder's own folder back.
fault-vault-not-destroyed = Too few of the vault's holders acknowledged that an old root key is destroyed. Nothing is called shredded before they do.
fault-vault-not-destroyed-next = Attach the devices that the named holders are on, then start again: the destruction is finished then.
fault-anchor-missing = This ledger has an anchor, and its file is not there.
fault-anchor-missing-next = Mount the share that it lies on. If the file is gone for good, or the ledger was restored, start once with --anchor-new and the reason; that is recorded. Nothing was changed.
fault-locked = Another process has this folder open.
fault-locked-next = Stop that one first. Two processes must never write into one ledger.
fault-poisoned = An earlier write failed, so nothing more is accepted.
fault-poisoned-next = Look at the disk, then start again: recovery checks what is there. What was confirmed is not lost.
fault-store = The index store failed. The journal is whole.
fault-store-next = Start again; the store is rebuilt from the journal.
fault-unusable = This folder or option cannot be used as asked.
fault-unusable-next = Read the message above, then choose another folder or option. Nothing was changed.
fault-other = Something of ours failed.
fault-other-next = Look at the log, and run `referral-ledger fsck`.

## Records of a directory file that do not come in

dir-not-json = this is not JSON, or it ends in the middle
dir-record-too-large = the record is too large
dir-too-many-records = the file has too many records; the rest was not read
dir-missing = a field that must be there is missing
dir-wrong-type = a field holds another kind of value than the standard says
dir-too-long = a text is too long
dir-too-many = a list is too long
dir-control-character = a text holds control characters
dir-not-a-word = a word is not one of those allowed there
dir-date-invalid = a date is not a date, or lies in the future
dir-not-active = the service is inactive or defunct
dir-repeated = the same id and name stood in this file before, with other content
dir-redacted = the entry was exported without its confidential parts, so it cannot take the place of the whole
dir-failed = the connection failed

err-packet-unreadable = { $about ->
    [no_packet] This file is no packet.
    [other_version] This packet was made by another version of the program.
    [cut_off] The packet is cut off, or something was added to it.
    [altered] The packet was altered on its way.
    [other_kind] This file is the other one of the two: a packet has a referral, a reply says where it stands.
   *[other] What is in the packet is not as it should be.
}
rec-packet-unreadable = { $about ->
    [other_version] Ask the sender which version it was made by; the newer one of the two programs reads both.
    [other_kind] A referral is opened with `open-packet` and taken in with `incoming take-packet`; a reply with `referral take-reply`.
   *[other] Ask the sender to send the file again, as an attachment and unchanged. If it goes on, tell your data-protection officer.
}

err-packet-passphrase = The passphrase does not open the packet.
rec-packet-passphrase = Have it read to you again: six groups of four letters and digits, by phone or in person, never in the e-mail with the packet. A passphrase that is lost stays lost: the sender makes another packet.

err-packet-sender = { $about ->
    [organisation] Your organisation's file knows who signed this packet, and not as the organisation that it says it is from.
    [reply] No ledger that your organisation's file names for the recipient signed this reply.
   *[other] No ledger that your organisation's file names signed this packet.
}
rec-packet-sender = { $about ->
    [organisation] Ring the sender on a number that you knew before, and ask for the id of their organisation. Whoever runs your ledger adds it to the file: a table [[exchange]] with their key and `calls_itself`. Until then take the referral down by hand (`incoming record`).
    [reply] Ring the recipient on a number that you knew before. If they made it, whoever runs your ledger adds their key to the file ([[exchange]], with the organisation as your directory calls it); until then record by hand what they say (`referral receive`, `accept`, `decline` or `fail`).
   *[other] Ring the organisation that you think sent it, on a number that you knew before. If it did, whoever runs your ledger adds its key to the file ([[exchange]]); until then take the referral down by hand (`incoming record`).
}

err-packet-recipient = This packet is for another organisation than yours.
rec-packet-recipient = Do not take it down, and do not hand it on: tell the sender that it came to the wrong address. If it is meant for you and the sender's ledger calls your organisation by another id (`open-packet` shows it, recipient_id), whoever runs your ledger says so in the file ([[exchange]], `calls_us`).

err-packet-taken = This packet was taken in before.
rec-packet-taken = Look it up (`incoming list`). A referral is taken in once, also after what came of it was deleted: what is new, the sender sends as a new one.

err-packet-of-another = { $about ->
    [incoming] This referral did not come in a packet.
   *[other] This is no reply to a packet of this referral.
}
rec-packet-of-another = { $about ->
    [incoming] Answer the sender on another road, and record it (`incoming answer`).
   *[other] Look which referral it belongs to (`referral list`); the file's name is the packet's number, which the answer of `referral packet` showed.
}

err-reply-recorded = { $about ->
    [received] The recipient says that they received it: that is recorded already.
    [accepted] The recipient says that they take the person: that is recorded already.
    [passed_on] The recipient says that somebody else takes such referrals: that they do not is recorded already.
   *[other] The recipient says that they do not take the person ({ $about }): that is recorded already.
}
rec-reply-recorded = Nothing needs to be done. When the recipient replies anew, take in that reply.

err-reply-older = { $about ->
    [received] This reply says that the recipient received it, and is older than what stands here.
    [accepted] This reply says that the recipient takes the person, and is older than what stands here.
    [passed_on] This reply says that somebody else takes such referrals, and is older than what stands here.
   *[other] This reply says that the recipient does not take the person ({ $about }), and is older than what stands here.
}
rec-reply-older = Go by what stands here (`referral show`). If you doubt it, or the two clocks differ, ring the recipient and record by hand what they say (`referral accept`, `decline` or `fail`).

err-reply-against = { $about ->
    [received] The recipient now says that they received it; that does not follow from where the referral stands here.
    [accepted] The recipient now says that they take the person; that does not follow from where the referral stands here.
    [passed_on] The recipient now says that somebody else takes such referrals; that does not follow from where the referral stands here.
   *[other] The recipient now says that they do not take the person ({ $about }); that does not follow from where the referral stands here.
}
rec-reply-against = See where it stands (`referral show`), and ring the recipient: you two do not know the same of this person. Where nobody serves them, send a new referral.
err-fees-not-told = The person would pay for this service (the amount is named), and nobody recorded that they were told.
rec-fees-not-told = Tell the person what it costs, and that they may say no (`referral show REFERRAL` shows the prices). If they want to go all the same, record it: `referral tell-fees REFERRAL --fees-version N`. An emergency does not wait for it.
err-fees-changed = What the person would pay is not what they were told, or not what you were shown; the amounts that differ are named.
rec-fees-changed = Look at the prices again (`referral show REFERRAL`), tell the person, and record it with the version that is shown there (`referral tell-fees`).
