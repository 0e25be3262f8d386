import { type OperatorRole, operatorRoles } from '../core/events/actor.ts'
import type { Operation } from '../lambdas/_runtime/operation.ts'
import { operatorSessionLife } from '../lambdas/accounts/session/session-life.ts'
import { operations } from '../lambdas/manifest.ts'
import { longestUserAgent } from '../lambdas/operators/audit/audit-entry.ts'
import { attemptMinutes } from '../lambdas/operators/operator-session.ts'

/** The compiler requires an entry for each role. */
const meanings: Readonly<Record<OperatorRole, string>> = {
  support: 'customer support and daily operation',
  sales:
    'sales: sees the overview, sites, plans and webhooks, works with leads and reports, extends trials, agrees on plans with customers',
  admin: 'all operations',
}

const ofOperators = operations.filter(({ audience }) => audience === 'operator')

const row = ({ method, path, roles = [], summary }: Operation): string =>
  `| \`${method} ${path}\` | ${operatorRoles.map((role) => (roles.includes(role) ? 'yes' : '')).join(' | ')} | ${summary} |`

/** Renders docs/operators.md from the table of operations. */
export const operatorsPage = (): string => `# Operators

<!-- Generated from the operations of the manifest by tools/operators-page.ts. Change these, then run: node tools/generate-docs.ts -->

Operators are staff. They sign in with a browser, and commands call \`/v1/operator/…\` with a token in the \`authorization\` header; an
owner's session is not accepted. Every change requires a reason. The site's history records it with the reason and the operator's id and role. The id
is never an e-mail address. Do not put personal data into a reason: the history outlives the
owner's data.

## Roles

| role | for |
| --- | --- |
${operatorRoles.map((role) => `| \`${role}\` | ${meanings[role]} |`).join('\n')}

If an operator has several roles, the highest applies (\`admin\` is the highest).

| operation | ${operatorRoles.join(' | ')} | what it does |
| --- | ${operatorRoles.map(() => '---').join(' | ')} | --- |
${ofOperators.map(row).join('\n')}

A missing or expired token is answered with 401, a missing role with 403. Both checks come before any other.

## Signing in with a browser

Open \`/operator/\` on the console's host, such as <http://localhost:4000/operator/>. The page asks for what the installation needs and then shows the views that your role
permits. A session that ends shows the sign-in again and returns to the same view. On one's own machine there is no password: choose a role.

| view | shows | acts |
| --- | --- | --- |
| Overview | sites, sign-ups, revenue, pools, deadlines, brake, new trials, failures | pull and release the brake, pause and resume new trials, retry a failure |
| Sites | the search and the lists | |
| one site | facts, timeline, failures, logs that follow what it writes, billing, configuration, relocation | enter as support, retry, retry the hand-over, extend, change the plan, resume, restore the data from before an upgrade, suspend, hold, allow own software, purge |
| Leads | leads by score, next step or deadline | change, export |
| Reports | charts and tables | export |
| Roll-outs | the last one of each blueprint, with its failed sites | start, pause, resume, retry, abort, open the cell |
| Blueprints | versions, drafts, why one cannot be built, and which [extensions](blueprints.md#custom-code) are behind | publish a file, compare versions, start a roll-out |
| Cells | sites and room, quotas | drain, declare lost |
| Billing | the last reconciliation and its differences | reconcile |
| Webhooks | endpoints, and what they answered | add, rotate the secret, disable, enable, delete, send again |
| Audit log | entries by person, by target and by day; an export | |
| Settings | the configuration, without secrets | |
| Your sessions | where you are signed in | end one, or all others |

Each act shows what follows and asks for a reason, except the end of your own sessions. The address holds the search, the filter and the page of a view. Lists have pages of 50, and a table
shows 60 rows at first. The page starts a roll-out with the default waves; the API takes others.

\`GET /v1/operator/sign-in/methods\` returns the sign-in method:

| method | where | how |
| --- | --- | --- |
| \`hosted\` | AWS | \`GET /v1/operator/sign-in\` goes to the pages of the Cognito user pool, with a password and a second factor, or a [federated provider](deploy.md#federation) |
| \`code-and-totp\` | a machine with a public domain | \`POST /v1/operator/sign-in\` mails a code; \`POST …/{id}/verification\` takes it with a one-time password of an authenticator |
| \`this-machine\` | one's own machine | \`POST /_local/operators/session\` with an e-mail address and a role, from a page on this machine |

- A session is a cookie that no script can read. It ends after ${operatorSessionLife.idle} minutes without a request and after ${operatorSessionLife.longest / 60} hours. The last use is stored every
  ${operatorSessionLife.noteEvery} minutes, so a session may end that much earlier.
- \`GET /v1/operator/session\` returns who is signed in and the operations that the role permits. \`/v1/operator/sessions\` lists sessions and ends them.
- A change by cookie must come from a page of the console: its \`Origin\` and \`Sec-Fetch-Site\` are checked.
- A removed operator, or a lost role, counts from the next request on a machine. On AWS the functions ask Cognito for the user and the groups, and remember the answer
  for two minutes. If Cognito does not answer, the API answers 503.
- \`npm run operator\` adds, lists and removes the operators of a machine ([self-host.md](self-host.md#operators)).
- Whether an address is an operator's cannot be seen from an answer. A code takes five tries in ${attemptMinutes} minutes, and a one-time password works once.

## How to get a token

On one machine, from the machine itself, if the host has no public domain:

\`\`\`sh
token=$(curl -s localhost:4000/_local/operators --json '{"email":"you@example.com","role":"support"}' | jq -r .token)
curl -s localhost:4000/v1/operator/sites -H "authorization: Bearer $token"
\`\`\`

Everything below \`/_local\` answers only the user that runs the host, root, and the user who started the host with \`sudo\`; others get 403. The host finds the user of a
connection in \`/proc/net/tcp\`, which does not list connections from a container, or from Windows with WSL in mirrored mode. Set \`SITEWRIGHT_LOCAL_USERS=all\`
for those, and for a host that a service account runs, if you trust every account of the machine. macOS does not tell the host which user a connection
belongs to: there, every account can use \`/_local\`, and the host says so when it starts.

With a public domain, the host's user prints one with \`npm run --silent operator -- --email you@example.com --role support\`
([self-host.md](self-host.md#operators)).

The token is valid for twelve hours. The same e-mail address is always the same operator. \`operators-key.json\` in the host's
home signs the tokens: delete it and restart the host to revoke them all.

On AWS, operators are users of the deployment's Cognito user pool. Their role is the group of that name. They send the
access token from Cognito. The API accepts RS256 access tokens of this pool and client that have not expired, and no ID tokens.

## Before you act

- *Extend* takes \`by\`, an ISO 8601 duration of weeks, days and hours (\`P7D\`, \`PT12H\`), at most \`P365D\`. It counts from now or
  the end of the trial, whichever is later. It does not use the owner's extension and does not resume the site.
- *Resume* starts a suspended site at once (200) and restores an archived one (202); \`GET\` the site to see when it is active.
  If the trial has ended, extend it or change the plan first; otherwise the API refuses.
- *Suspend* is a lock: the owner cannot resume, restore or extend a site that an operator suspended. Its deadlines still pass; the mails
  about them ask the owner to contact you.
- *Hold* prevents archiving and purging, even after the owner deleted the site, until you end the hold. It does not prevent
  suspension.
- *Purge* takes two operators. The API records the first request (202, with \`purgeRequest\`). A second operator confirms within
  24 hours; the same operator cannot confirm. Until then no restore that failed begins again by itself. The API refuses running and held sites, and a paid
  site passes no gate. A purge cannot be undone.
- *Reconcile billing* answers at once (202) and runs in the background: repeat \`GET /v1/operator/billing\` until
  \`request.waiting\` is false. [billing.md](billing.md) and the runbook entry \`billing-drift\` explain the report. The request is an event of
  its own, not of a site; the report shows who made the last one and why.
- *Retry* builds another site with the same name for the owner of a failed one, wakes a site whose wake failed, or ends the pause after a site could not get the size of its plan. Restore an
  archived site, and retry an upgrade by its roll-out. The new site has the offer, the plan and the trial policy of the failed one. A retry is refused for a site from a bundle, an environment and a
  site for software of the account's own: import the [bundle](bundles.md) again, or ask the owner to create the environment or the site again.
- *Restore release copy* restores the data from before an upgrade, with the version of then ([releases](releases.md#restoring-the-data-from-before-an-upgrade)). It names the copy in \`releaseCopy\` of the site.
- *Consequences* shows what an act would do: status, plan, deadlines, the operation that begins, the mails that go at once, or why it is refused. The code of the act decides, without
  an effect.
- *List sites* has one index for each list: \`status\` or all sites by creation, \`dueBefore\` or \`sort=deadline\` by deadline, both with \`order\`; \`owner\` (e-mail address), \`slug\` (its beginning),
  \`id\` and \`hostname\`. Combinations that would read all sites are refused, such as \`plan\` alone. A filter may leave a page with fewer sites than
  requested; continue until there is no \`cursor\`. The index has only the next step of a site:
  a list by deadline, and \`due\` below, leave out a site whose next scheduled copy or relocation comes before its deadline.

\`\`\`sh
at=localhost:4000/v1/operator
# Sites with a deadline within the next week.
curl -s "$at/sites?dueBefore=$(date -u -d '+7 days' +%FT%TZ)" -H "authorization: Bearer $token"
# Extend one of them by a week and resume it.
curl -s $at/sites/$id/extend -H "authorization: Bearer $token" --json '{"by":"P7D","reason":"waits for their budget"}'
curl -s $at/sites/$id/resume -H "authorization: Bearer $token" --json '{"reason":"waits for their budget"}'
# Show its history: who did what, and why.
curl -s $at/sites/$id/events -H "authorization: Bearer $token"
\`\`\`

## Overview

\`GET /v1/operator/overview\` answers from counters and bounded queries, however many sites there are.

| part | content |
| --- | --- |
| \`sites\` | sites with an owner by status and plan, a moment behind |
| \`days\` | sign-ups (sites that got an owner) and conversions (from the trial to another plan, once for each site) of 30 days. Null before \`countedSince\`: they were not counted then |
| \`revenue\` | monthly recurring revenue by currency, at the subscriptions' own prices, as the last billing reconciliation counted it (\`at\`); null before the first one |
| \`pools\` | ready, target, builds in progress and recent claims of each blueprint, and the median and 90th percentile of its recent build times |
| \`due\` | reminders, warnings, suspensions, archives and purges of the next 24 hours |
| \`brake\` | the brake and the rate limit |
| \`failures\` | the newest failed starts of all sites within 30 days, with cause, evidence and the operation that retries each |

\`GET …/sites/{id}/timeline\` joins a site's events with the mails about them and its failures. A mail that did not arrive is \`undeliverable\`, with its reason ([runbook](runbook.md#an-owner-gets-no-mail)). \`GET …/sites/{id}/billing?stripe=true\` compares our record with
Stripe's answer; if Stripe does not answer, it says so.

## Polling

A page that repeats a GET by itself sends \`sitewright-poll: 1\`. Such a request does not count as use of the session, so an unattended page is signed out after half an hour.
The audit log gets such a read once an hour from each process while it shows the same ids. The header has no effect on other methods.

On one machine, GETs answer with an \`ETag\`. Send it as \`If-None-Match\`: the answer is 304 without a body while nothing changed. On AWS, CloudFront does not pass \`If-None-Match\`, so answers always have
a body.

## Support entry

\`POST …/sites/{id}/entrance\` with a reason and \`minutes\` (15 by default, at most 60) returns a URL that opens the site as \`support\`, never as its owner. The owner gets a mail with the reason and
can refuse such entries for the account ([viewers](viewer.md#support)).

## Failed starts and output

\`GET …/sites/{id}/failures\` lists the last ten failed builds, restores, changes of size, upgrades and wakes of a site (\`during\`), for 30 days, newest first. Each has its \`cause\`
([the causes](blueprints.md#when-a-site-does-not-start)), the cause in words, the last health answer, where the site listened, and for each container how often it
ended, its last exit code and its last lines: at most 200 and 64 KiB. A failed site keeps its evidence; a purge and the erasure of its owner remove it.

\`GET …/sites/{id}/logs\` returns the last lines of the containers that run, and a \`cursor\`. Pass it as \`after\` to get what was written afterwards: repeat this to
follow a site. Output is kept in bounds (2 MiB for each container on one machine, a month on AWS). It may contain personal data of visitors: read it for a reason. \`…\` replaces the
secrets that Sitewright made for the site.

\`\`\`sh
# Why did it not start?
curl -s $at/sites/$id/failures -H "authorization: Bearer $token" | jq '.failures[0] | {cause, detail}'
# Follow its output.
curl -s "$at/sites/$id/logs?after=$cursor" -H "authorization: Bearer $token"
\`\`\`

## Audit log

The audit log records every request of an operator to this API ([polls](#polling) once an hour), every sign-in of an operator, every sign-in and sign-out of a person, and refusals to people and operators who are
signed in. Failed sign-ins of operators count as refusals; \`who\` is \`unknown\` where nobody knows whose. It cannot be changed. \`admin\` can read it; that is recorded too.

| field | content |
| --- | --- |
| \`at\` | time, by the wall clock |
| \`who\` | id of a person, id and role of an operator, or \`unknown\` |
| \`action\` | operation, such as \`operatorGetSite\`; \`signIn\`, \`signOut\` or \`refused\` |
| \`targets\` | ids of the sites, accounts and people whose data was read, or of the site that was acted on |
| \`from\` | IPv4 address or IPv6 /64, and the first ${longestUserAgent} characters of the user agent |
| \`reason\` | the operator's reason, without e-mail addresses |
| \`requestId\` | the \`causationId\` of the events that the request caused |
| \`refused\` | type of the problem, the hour, and how often |

- An act is recorded before it happens, so an entry does not say that it succeeded: look for events with its \`requestId\`. A read is recorded
  before it is answered, with the ids of everything that it shows. If the log cannot be written, the API answers 503 and does nothing.
- A sign-in or sign-out and its entry are one transaction.
- Refusals (4xx) are counted. Each person, account, problem and hour gets one entry within minutes of the end of the hour. Refusals to people who are not signed in are
  only in the functions' logs, as are failed passwords at an identity provider.
- Entries contain no e-mail address, name, code or token, so erasing a person leaves them as they are. They are deleted after \`audit.retentionDays\` in
  \`sitewright.config.ts\` (400 by default; on AWS up to two days later). A new value applies to new entries.

\`\`\`sh
# Who saw or changed this site?
curl -s "$at/audit?target=$id" -H "authorization: Bearer $token"
# What did this operator do in September?
curl -s "$at/audit?who=$operator&from=2026-09-01T00:00:00Z&until=2026-10-01T00:00:00Z" -H "authorization: Bearer $token"
# Export a day as JSON lines, oldest first. The \`link\` header names the next page.
curl -si "$at/audit/export?from=2026-09-01T00:00:00Z&until=2026-09-02T00:00:00Z" -H "authorization: Bearer $token"
\`\`\`

A page with a filter may be short or empty: continue until there is no \`cursor\` or \`link\`.
`
