import type { OperatorRole } from '../core/events/event.ts'
import { operatorRoles } from '../core/events/event.ts'
import type { Operation } from '../lambdas/_runtime/operation.ts'
import { operatorOperations } from '../lambdas/http/operator-operations.ts'

/** Every role has to be explained, or this does not compile. */
const meanings: Readonly<Record<OperatorRole, string>> = {
  support: 'helps owners, and keeps the place in order',
  sales: 'talks to those who are about to buy, and agrees on plans',
  admin: 'may do everything',
}

const operations: readonly Operation[] = Object.values(operatorOperations)

const row = ({ method, path, roles = [], summary }: Operation): string =>
  `| \`${method} ${path}\` | ${operatorRoles.map((role) => (roles.includes(role) ? 'yes' : '')).join(' | ')} | ${summary} |`

/** What operators may do as a page: the tables come from the table of operations. */
export const operatorsPage = (): string => `# Operators

<!-- Generated from lambdas/http/operator-operations.ts by tools/operators-page.ts. Change these, then run: node tools/generate-docs.ts -->

Operators are staff. They act through \`/v1/operator/…\` with a token in the \`authorization\` header; the session of an owner
is none. Every act asks for a reason and becomes an event in the history of the site, with the reason, the operator's id and
role. An operator is known there by the subject of their token, never by their address: do not name anybody in a reason
either, the history of a site outlives its owner's data.

## Roles

| role | who has it |
| --- | --- |
${operatorRoles.map((role) => `| \`${role}\` | ${meanings[role]} |`).join('\n')}

Of several roles the highest counts, in this order.

| operation | ${operatorRoles.join(' | ')} | what it does |
| --- | ${operatorRoles.map(() => '---').join(' | ')} | --- |
${operations.map(row).join('\n')}

A token that is missing or no longer good is answered 401, a role that may not 403, in both cases before anything else about
the request is looked at.

## How to get a token

On one machine, at this machine and where the host has no public domain:

\`\`\`sh
token=$(curl -s localhost:4000/_local/operators --json '{"email":"you@example.com","role":"support"}' | jq -r .token)
curl -s localhost:4000/v1/operator/sites -H "authorization: Bearer $token"
\`\`\`

It is good for twelve hours. The same address is the same operator each time. The key that signs these tokens is
\`operators-key.json\` in the host's home: remove it and restart to end all of them.

On AWS, operators are users of the Cognito user pool of the deployment, and their role is the group of that name. Whoever has
signed in there sends the access token, or the ID token, that Cognito gave them: RS256, of this pool and for this client, not
yet expired.

## What to know before acting

- *Extending* takes \`by\` as an ISO 8601 duration of weeks, days and hours, \`P7D\` or \`PT12H\`, at most \`P365D\`. It counts from
  the later of now and the end of the trial, leaves the owner's own extension alone, and does not resume the site.
- *Resuming* takes a suspended site up at once (200) and an archived one through a restore (202); \`GET\` the site to see when
  it is active. Where its trial has ended, extend it or give it a plan before, or it is refused: it would be suspended again.
- *Suspending* is a lock: the owner cannot resume what an operator has suspended. The owner of any other suspended site can.
- *Holding* keeps a site from being archived or purged, also by its owner's own deletion, until the hold is ended. It keeps
  nobody from suspending it.
- *Purging* takes two operators. The first request is noted (202, with \`purgeRequest\`); another operator who asks for the
  same within 24 hours sets it off; the same one who asks twice is refused. It is refused for a site that runs or is on hold. A
  site that is paid for is not purged even so. There is no way back from a purge.
- *Reconciling billing* answers at once (202) and is done behind it: \`GET /v1/operator/billing\` until \`request.waiting\` is
  false. What its report lists, and what to do about it, is in [billing.md](billing.md) and in the runbook under
  \`billing-drift\`. It is no act on one site: it is an event of its own, and the last one is shown with who and why.
- *Finding* sites: \`status\`, \`owner\` (their e-mail address), \`hostname\` and \`dueBefore\` may be combined. A page may hold
  fewer than asked for while there are more: go by its \`cursor\`.

\`\`\`sh
at=localhost:4000/v1/operator
# Whatever the clock does to somebody's site within the next week.
curl -s "$at/sites?dueBefore=$(date -u -d '+7 days' +%FT%TZ)" -H "authorization: Bearer $token"
# One more week for one of them, and up again.
curl -s $at/sites/$id/extend -H "authorization: Bearer $token" --json '{"by":"P7D","reason":"waits for their budget"}'
curl -s $at/sites/$id/resume -H "authorization: Bearer $token" --json '{"reason":"waits for their budget"}'
# Who has done what with it, and why.
curl -s $at/sites/$id/events -H "authorization: Bearer $token"
\`\`\`
`
