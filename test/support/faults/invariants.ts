import { findLeftovers } from '../../../adapters/leftovers/find-leftovers.ts'
import type { DomainEvent, SiteEvent } from '../../../core/events/event.ts'
import { isSiteEvent } from '../../../core/events/event-names.ts'
import { isBeside } from '../../../core/site/environment.ts'
import { isRehearsal } from '../../../core/site/rehearsal.ts'
import { type Endpoint, isKept, ownershipOf, type Site } from '../../../core/site/site.ts'
import { type Account, accountSchema } from '../../../lambdas/accounts/account.ts'
import { leadSchema } from '../../../lambdas/leads/lead.ts'
import { type AnyRollout, cellRolloutSchema, idOf, rolloutSchema } from '../../../lambdas/releases/rollout.ts'
import config from '../../../sitewright.config.ts'
import { readStoredItems, type StoredItems } from '../simulation/stored-items.ts'
import { whatIsKept } from './data-invariants.ts'
import { differences } from './differences.ts'
import { cell } from './two-cells.ts'
import type { World } from './world.ts'

type Problems = readonly string[]

const inStatus = (sites: readonly Site[], ...statuses: readonly Site['status'][]): readonly Site[] =>
  sites.filter(({ status }) => statuses.includes(status))

const idsOf = (sites: readonly Site[]): readonly string[] => sites.map(({ id }) => id)

const answersAt = async ({ host, port }: Endpoint): Promise<string> =>
  fetch(`http://${host}:${port}/`, { headers: { connection: 'close' } }).then(
    (response) => response.text(),
    (error: unknown) => `no answer: ${error}`,
  )

const wrongAnswers = async (sites: readonly Site[]): Promise<Problems> => {
  const answers = sites.map(async (site) => {
    if (!('endpoint' in site) || site.endpoint === undefined) return []
    const answer = await answersAt(site.endpoint)
    return answer === site.id ? [] : [`${site.id} is ${site.status} and at its address answers: ${answer}`]
  })
  return (await Promise.all(answers)).flat()
}

/** Sites that a visitor may be led to, or be given, and that are not there. */
export const sitesThatDoNotAnswer = async (world: World): Promise<Problems> =>
  wrongAnswers(inStatus(readStoredItems(world.tables).sites, 'ready', 'active'))

const settledSites = async ({ accepted, scenario }: World, { sites }: StoredItems): Promise<Problems> => {
  const owned = sites.filter((site) => ownershipOf(site) !== undefined && !isBeside(site))
  const wanted = Object.entries(scenario.expected).flatMap(([status, count]) => Array<string>(count).fill(status))
  const statuses = owned.map(({ status }) => status)
  return [
    ...inStatus(sites, 'building').map(({ id }) => `${id} is still being built`),
    ...sites.flatMap((site) =>
      (isKept(site) || site.status === 'purged') && site.operation !== undefined
        ? [`${site.id} is still under '${site.operation.kind}'`]
        : [],
    ),
    ...differences('the sites with an owner', statuses, wanted),
    ...[...accepted.keys()]
      .filter((id) => !idsOf(owned).includes(id))
      .map((id) => `${id} was promised and is not there`),
    ...differences('what was promised', [...accepted.keys()], idsOf(owned)),
    ...(await wrongAnswers(sites)),
  ]
}

const heldNames = ({ imported }: World, { sites, ofKind }: StoredItems): Problems => {
  // A purged site keeps its name, so that nobody inherits its visitors, and its owner's one trial is used up.
  const owners = inStatus(sites, 'building', 'active', 'asleep', 'suspended', 'archived', 'purged').flatMap((site) => {
    const ownership = ownershipOf(site)
    return ownership === undefined ? [] : [{ site, ownership }]
  })
  // The hostname of an erased account stays reserved by its hash.
  const named = owners.filter(({ ownership }) => ownership.hostname !== '')
  return [
    ...differences(
      'hostnames',
      ofKind('host')
        .filter(({ status }) => status === 'held')
        .map(({ pk, siteId }) => `${pk} of ${siteId}`),
      named.map(({ site, ownership }) => `HOST#${ownership.hostname} of ${site.id}`),
    ),
    ...differences(
      'trials',
      ofKind('trial').map(({ pk, siteId }) => `${pk} of ${siteId}`),
      owners.flatMap(({ site, ownership }) =>
        isRehearsal(site) || imported.has(site.id) ? [] : [`ACCOUNT#${ownership.accountId} of ${site.id}`],
      ),
    ),
  ]
}

const whatRuns = async (world: World, { sites }: StoredItems): Promise<Problems> => {
  const { runtime, store } = await world.host()
  const waits = (site: Site): boolean => site.status === 'ready' && site.startsAtClaim === true
  const wanted = idsOf(inStatus(sites, 'ready', 'active').filter((site) => !waits(site)))
  const processes = await findLeftovers(world.homeId, 'site')
  const ready = await store.sites.findReady({ cell, blueprint: 'tiny' }, 100)
  return [
    ...differences(
      'processes',
      processes.map(({ environment }) => environment['SITEWRIGHT_SITE_ID'] ?? 'nobody'),
      wanted,
    ),
    ...differences(
      'sites in the runtime',
      (await runtime.list()).map(({ siteId, state }) => `${siteId} ${state}`),
      wanted.map((id) => `${id} running`),
    ),
    ...differences('pool entries', idsOf(ready), idsOf(inStatus(sites, 'ready'))),
    ...(ready.length === world.pool.target ? [] : [`the pool has ${ready.length} sites, not ${world.pool.target}`]),
  ]
}

const accountsOf = ({ ofKind }: StoredItems): readonly Account[] =>
  ofKind('account').map(({ content }) => accountSchema.parse(content))

const isErased = ({ closure }: Account): boolean => closure?.state === 'erased'

const identities = (stored: StoredItems): Problems => {
  const { ofKind } = stored
  // Nothing but its account names an erased person.
  const accounts = accountsOf(stored).filter((account) => !isErased(account))
  const owners = ofKind('email').map(({ content }) => content as { personId: string; accountId: string })
  return [
    ...differences(
      'people',
      ofKind('person').map(({ pk }) => String(pk)),
      owners.map(({ personId }) => `PERSON#${personId}`),
    ),
    ...differences(
      'accounts',
      accounts.map(({ id }) => `ACCOUNT#${id}`),
      owners.map(({ accountId }) => `ACCOUNT#${accountId}`),
    ),
    ...differences(
      'memberships',
      ofKind('membership').map(({ pk, sk }) => `${pk} ${sk}`),
      owners.map(({ accountId, personId }) => `ACCOUNT#${accountId} MEMBER#${personId}`),
    ),
  ]
}

/** A lead has the id of its account. */
const byAggregate = (events: readonly DomainEvent[]) =>
  Map.groupBy(events, ({ aggregate: { type, id } }) => (type === 'lead' ? `lead ${id}` : id))

const rolloutsOf = ({ ofKind }: StoredItems): readonly AnyRollout[] =>
  ofKind('rollout').map((item) => rolloutSchema.or(cellRolloutSchema).parse(item['content']))

const history = async (world: World, stored: StoredItems): Promise<Problems> => {
  const { sites, events } = stored
  const { store } = await world.host()
  const versions = new Map<string, number>([
    ...[...sites, ...accountsOf(stored)].map(({ id, version }): [string, number] => [id, version]),
    // Its progress has no events.
    ...rolloutsOf(stored).map((rollout): [string, number] => [idOf(rollout), rollout.events]),
  ])
  for (const item of stored.ofKind('lead')) {
    const lead = leadSchema.parse(item['content'])
    versions.set(`lead ${lead.accountId}`, lead.events)
  }
  const published = byAggregate(world.published)
  const gaps = [...byAggregate(events)].flatMap(([id, own]) => {
    const found = own.map(({ version }) => version).toSorted((a, b) => a - b)
    // An erased lead leaves its events.
    const last = versions.get(id) ?? (id.startsWith('lead ') ? own.length : 1)
    return differences(
      `events of ${id}`,
      found.map(String),
      Array.from({ length: last }, (_, index) => `${index + 1}`),
    )
  })
  const unheard = [...byAggregate(events)].flatMap(([id, own]) => {
    const order = [...new Set((published.get(id) ?? []).map(({ version }) => version))]
    const kept = own.map(({ version }) => version).toSorted((a, b) => a - b)
    return order.join() === kept.join() ? [] : [`of ${id}, ${kept.join()} is stored and ${order.join()} published`]
  })
  const waiting = await store.outbox.pending()
  return [
    ...gaps,
    ...unheard,
    ...differences(
      'aggregates without an event',
      [],
      idsOf(sites).filter((id) => !byAggregate(events).has(id as never)),
    ),
    ...waiting.map(({ aggregate }) => `an event of ${aggregate} still waits`),
  ]
}

const tellsOwner: ReadonlySet<string> = new Set([
  'SiteRequested',
  'SiteClaimed',
  'PreparedSiteClaimed',
  'SiteFailed',
  'SiteReminded',
  'SiteSuspended',
  'SiteArchived',
  'SiteRestored',
  'SiteWarned',
  'SitePurged',
])

const relocationMails: ReadonlySet<string> = new Set(['RelocationAccepted', 'RelocationAnnounced', 'RelocationMissed'])

const mailOf = (eventId: string): string => eventId.replace('evt_', 'msg_')

/** Mails of the same events to staff. */
const sales = config.leads.contact ?? config.contact

/** The totals are what counting all sites that have or had an owner would give. */
const totals = async (world: World, { sites }: StoredItems): Promise<Problems> => {
  const counted = await (await world.host()).store.totals.read()
  return differences(
    'totals',
    counted.flatMap(({ status, plan, sites: count }) => Array<string>(Math.max(0, count)).fill(`${status} ${plan}`)),
    sites
      .filter((site) => ownershipOf(site) !== undefined && !isBeside(site))
      .map(({ status, plan }) => `${status} ${plan}`),
  )
}

/**
 * Whether an event is one of a relocation that its owner gets a mail about. Of a plan, only a rehearsal that has passed tells them. Where the loss
 * of a cell has ended it, staff are told, who tell the owner.
 */
const tellsOfRelocation = ({ type, data }: SiteEvent): boolean =>
  relocationMails.has(type) || ('relocation' in data && data.relocation !== undefined && !('isLost' in data))

const mails = async (world: World, stored: StoredItems): Promise<Problems> => {
  const { events, sites } = stored
  const { mailbox } = await world.host()
  const erased = new Set(accountsOf(stored).flatMap((account) => (isErased(account) ? [account.id] : [])))
  const due = events.filter((event) => {
    const isTold = isSiteEvent(event) && (tellsOwner.has(event.type) || tellsOfRelocation(event))
    // Of an environment only its end by its time.
    if (isTold && event.data.environmentOf !== undefined) {
      return event.actor.kind === 'system' && ['SiteReminded', 'SiteSuspended'].includes(event.type)
    }
    const accountId = isTold ? event.data.accountId : undefined
    return accountId !== undefined && !erased.has(accountId)
  })
  const plans = new Set(events.flatMap(({ id, type }) => (type === 'RelocationDrafted' ? [mailOf(id)] : [])))
  const isOther = ({ code, id, to, subject }: { code?: string | undefined; id: string; to: string; subject: string }) =>
    code !== undefined || plans.has(id) || to === sales || subject.includes(' invites you to a team ')
  const sent = (await mailbox.list()).filter((mail) => !isOther(mail))
  const subjects = sent.map(({ to, subject }) => `${to} ${subject}`)
  const untold = inStatus(sites, 'failed').flatMap((site) => {
    const to = world.accepted.get(site.id)
    const ownership = ownershipOf(site)
    const told = `${to} Your site ${ownership?.name} could not be built`
    // Who creates an environment waits for it, and reads why it failed.
    const isExpected = ownership !== undefined && site.environmentOf === undefined
    return !isExpected || subjects.includes(told) ? [] : [`nobody was told that ${site.id} failed`]
  })
  return [
    ...differences(
      'mails to owners',
      sent.map(({ id }) => id),
      due.map(({ id }) => mailOf(id)),
    ),
    ...untold,
  ]
}

/** Every fault of a world at rest. */
export const brokenInvariants = async (world: World): Promise<Problems> => {
  const stored = readStoredItems(world.tables)
  const found = await Promise.all([
    settledSites(world, stored),
    heldNames(world, stored),
    whatRuns(world, stored),
    whatIsKept(world, stored),
    totals(world, stored),
    identities(stored),
    history(world, stored),
    mails(world, stored),
    world.scenario.check?.(world) ?? [],
  ])
  return found.flat()
}
