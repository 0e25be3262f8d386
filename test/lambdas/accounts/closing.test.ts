import { beforeEach, describe, expect, it } from 'vitest'
import { createWebhookSecrets } from '../../../adapters/derived-secrets/derive-secret.ts'
import { emailHash } from '../../../core/email.ts'
import { plusDays } from '../../../core/instant.ts'
import { endOperation } from '../../../core/site/change-site.ts'
import { environmentSlot } from '../../../core/site/environment.ts'
import type { SuspendedSite } from '../../../core/site/site.ts'
import { openBilling } from '../../../lambdas/accounts/account.ts'
import { changeAccount } from '../../../lambdas/accounts/change-account.ts'
import { closeOwnAccount, reopenByLink, requireOpenAccount } from '../../../lambdas/accounts/close-account.ts'
import { followClosures } from '../../../lambdas/accounts/follow-closures.ts'
import type { Session } from '../../../lambdas/accounts/session/session-facts.ts'
import { enterState, releaseDomain } from '../../../lambdas/domains/custom-domain.ts'
import { requestDeletion } from '../../../lambdas/endings/delete-site.ts'
import { suspendSite } from '../../../lambdas/endings/end-site.ts'
import { confirmPurge } from '../../../lambdas/endings/purge-site.ts'
import { leadPolicySchema } from '../../../lambdas/leads/lead-facts.ts'
import { requestContact } from '../../../lambdas/leads/request-contact.ts'
import { auditEntry, personAudited } from '../../../lambdas/operators/audit/audit-entry.ts'
import { endingRehearsal } from '../../../lambdas/rehearsals/rehearsal.ts'
import { startSignup } from '../../../lambdas/signup/start-signup.ts'
import { failBuild } from '../../../lambdas/sites/build/build-failure.ts'
import { requestSite } from '../../../lambdas/sites/build/request-build.ts'
import { createEndpoint } from '../../../lambdas/webhooks/change-endpoint.ts'
import { deliverWebhooks, sendDueWebhooks } from '../../../lambdas/webhooks/deliver-webhooks.ts'
import { newEntry } from '../../adapters/dynamodb/made-changes.ts'
import { type ClosingStage, closingStage } from './closing-stage.ts'

const email = 'Ada.Lovelace@example.com'
const traces = new RegExp(`lovelace|${emailHash(email)}`, 'i')
const minute = 60_000
const day = 86_400_000

let stage: ClosingStage
let ada: Session

beforeEach(async () => {
  stage = await closingStage()
  ada = await stage.signUp(email, { name: 'Ada Lovelace', company: 'Lovelace Engines' })
})

const close = () =>
  closeOwnAccount(
    stage.ports,
    { ...ada, actor: { kind: 'owner', personId: ada.personId }, causationId: 'req_close' },
    email.toLowerCase(),
  )
/** At the second check, a minute later, nothing of an erased person is left. */
const sweepTwice = async () => {
  await stage.sweep()
  stage.pass(minute)
  await stage.sweep()
}
const account = () => stage.store.accounts.get(ada.accountId)
const found = async () => (await stage.everything()).filter((item) => traces.test(item))
const linkOf = () => {
  const mail = [...stage.mails.values()].findLast(({ subject }) => subject.endsWith('account will be deleted'))
  return new URL(mail?.links[0]?.replace('/#', '') ?? 'http://no.link')
}
const keep = () => {
  const { pathname, searchParams } = linkOf()
  const id = pathname.split('/').at(-1) ?? ''
  return reopenByLink(stage.ports, { id, code: searchParams.get('code') ?? '', causationId: 'req_keep' })
}

describe('an account without sites', () => {
  it('is erased by the next sweep, and a minute later nothing names its person', async () => {
    // A sign-up that is open, and a place on the waiting list.
    await startSignup(stage.ports, { email, sourceIp: '203.0.113.8', name: 'Ada Lovelace', idempotencyKey: 'a-key' })
    await stage.store.waitingList.join({ accountId: ada.accountId, blueprint: 'welcome' }, stage.ports.clocks.wall())
    expect((await found()).length).toBeGreaterThan(5)
    expect(await close()).toMatchObject({ closure: { state: 'closed' } })
    await stage.sweep()
    expect(await account()).toMatchObject({ closure: { state: 'erased' } })
    expect([...stage.mails.values()].at(-1)).toMatchObject({ to: email, subject: 'Your Sitewright account is deleted' })
    expect((await found()).length).toBeLessThanOrEqual(1)
    stage.pass(minute)
    await stage.sweep()
    expect(await found()).toEqual([])
    expect(await stage.store.sessions.find(ada.tokenHash, stage.ports.clocks.wall())).toBeUndefined()
    expect((await stage.everything()).filter((item) => item.includes('closure-task'))).toEqual([])
    expect(stage.log.lines.filter(({ level }) => level !== 'info')).toEqual([])
    expect(JSON.stringify(stage.log.lines)).not.toMatch(traces)
  })

  it('leaves no team behind: its members, invitations and tokens go, and so do memberships of its person and what they asked sales there', async () => {
    const bob = await stage.signUp('bob@example.com')
    const { team } = stage.store
    const since = stage.ports.clocks.wall()
    const expiresAt = plusDays(since, 7)
    const entry = () =>
      auditEntry(stage.ports, { who: personAudited(ada), action: 'test', from: { network: 'unknown' }, targets: [] })
    const join = async (accountId: Session['accountId'], person: Session) => {
      const id = stage.ports.randomness.id('inv')
      const invited = { id, accountId, email: person.email, emailHash: emailHash(person.email), role: 'owner' as const }
      const open = { schemaVersion: 1 as const, ...invited, invitedBy: ada.personId, createdAt: since, expiresAt }
      await team.invite(open, entry())
      const { personId } = person
      expect(await team.accept(open, { schemaVersion: 1, accountId, personId, role: 'owner', since }, entry())).toBe(
        true,
      )
      await team.invite({ ...open, id: stage.ports.randomness.id('inv'), email, emailHash: emailHash(email) }, entry())
    }
    await join(ada.accountId, bob)
    await join(bob.accountId, ada)
    const token = { id: stage.ports.randomness.id('tok'), tokenHash: 'a', beginning: 'swt_…', name: 'CI' } as const
    const reach = { accountId: ada.accountId, role: 'developer', production: true, createdBy: ada.personId } as const
    await team.addToken({ schemaVersion: 1, ...token, ...reach, createdAt: since, expiresAt }, entry())
    const { id: siteId } = await stage.siteOf(bob.accountId, 'bobs', 'Bobs')
    for (const { personId } of [ada, bob]) {
      const act = { siteId, accountId: bob.accountId, actor: { kind: 'owner', personId }, causationId: 'req' } as const
      const message = `I am ${personId}`
      await requestContact({ ...stage.ports, leadPolicy: leadPolicySchema.parse({}) }, act, { topic: 'plans', message })
    }
    const left = async () =>
      (await stage.everything()).filter((item) => /TEAM#|INVITATION#/.test(item) && !/"kind":"event"/.test(item))
    expect(await left()).toHaveLength(9)
    await close()
    await sweepTwice()
    expect(await left()).toEqual([])
    expect(await found()).toEqual([])
    const lead = await stage.store.leads.get(bob.accountId)
    expect(lead?.contactRequests.map(({ message }) => message)).toEqual([`I am ${bob.personId}`])
  })

  it('has the end of its session in the audit log, once', async () => {
    await close()
    await sweepTwice()
    const { items } = await stage.store.auditLog.page({ order: 'newest first', limit: 10, who: ada.personId })
    expect(items.map(({ action, reason }) => [action, reason])).toEqual([
      ['signOut', 'The account was erased.'],
      ['signIn', undefined],
    ])
  })

  it('loses a session that was being written meanwhile', async () => {
    await close()
    await stage.sweep()
    const late = await startSignup(stage.ports, { email, sourceIp: '203.0.113.8' })
    await stage.store.signups.complete({
      ...{ signup: late, session: { ...ada, tokenHash: 'late' } },
      entry: newEntry(),
    })
    stage.pass(minute)
    await stage.sweep()
    expect(await found()).toEqual([])
  })

  it('gets no site any more, also from a request that began before', async () => {
    await close()
    await expect(requireOpenAccount(stage.ports, ada.accountId)).rejects.toThrow('This account is being deleted.')
    await expect(stage.siteOf(ada.accountId, 'late', 'Late')).rejects.toThrow('refused')
    await stage.sweep()
    await expect(stage.siteOf(ada.accountId, 'late', 'Late')).rejects.toThrow('refused')
  })

  it('leaves the address free for another account', async () => {
    await close()
    await stage.sweep()
    const again = await stage.signUp(email)
    expect(again.personId).not.toBe(ada.personId)
    stage.pass(minute)
    await stage.sweep()
    expect(await stage.store.accounts.findByEmailHash(emailHash(email))).toMatchObject({ personId: again.personId })
  })

  it('disturbs no sign-up with its address while an old mail to it is on its way', async () => {
    stage.ports.personalFiles.erase = async () => false
    await close()
    await sweepTwice()
    const { id } = await startSignup(stage.ports, { email, sourceIp: '203.0.113.8', acceptedTerms: true })
    await stage.sweep()
    expect(await stage.store.signups.get(id)).toMatchObject({ id })
    stage.ports.personalFiles.erase = async () => true
    await stage.sweep()
    expect((await stage.everything()).filter((item) => item.includes('closure-task'))).toEqual([])
  })

  it('needs its address as a confirmation', async () => {
    const act = { ...ada, actor: { kind: 'owner', personId: ada.personId }, causationId: 'req' } as const
    await expect(closeOwnAccount(stage.ports, act, 'eve@example.com')).rejects.toMatchObject({
      kind: 'ConfirmationWrong',
    })
    expect((await account())?.closure).toBeUndefined()
  })
})

describe('an account with a site', () => {
  it('deletes the site with the usual days, mails one link, and is erased after the purge', async () => {
    const site = await stage.siteOf(ada.accountId, 'lovelace', 'Ada Lovelace')
    const closed = await close()
    expect(closed.closure).toMatchObject({ until: '2026-03-08T12:00:00.000Z' })
    expect(await stage.store.sites.get(site.id)).toMatchObject({
      status: 'suspended',
      deletion: { by: 'owner', requestedAt: '2026-03-01T12:00:00.000Z' },
    })
    await stage.sweep()
    await stage.sweep()
    expect([...stage.mails.values()].filter(({ subject }) => subject.includes('will be deleted'))).toHaveLength(1)
    stage.pass(7 * day)
    await stage.sweep()
    expect(await account()).toMatchObject({ closure: { state: 'closed' } })
    const purged = await stage.purge(site.id)
    await stage.sweep()
    expect(await account()).toMatchObject({ closure: { state: 'erased' } })
    stage.pass(minute)
    await stage.sweep()
    expect(await found()).toEqual([])
    // A function that read the site before must not bring its names back.
    expect((await stage.writeAfter(purged)).done).toBe(false)
    // Nobody inherits the visitors.
    expect(await stage.store.sites.isHostnameHeld('lovelace.localhost')).toBe(true)
    const eve = stage.ports.randomness.id('acct')
    await expect(stage.siteOf(eve, 'lovelace', 'Eve')).rejects.toThrow('refused')
    expect(await stage.store.sites.get(site.id)).toMatchObject({
      status: 'purged',
      ownership: { name: '', hostname: '' },
    })
  })

  it('leaves no name and no software of its environments and rehearsals behind', async () => {
    const { id: siteId } = await stage.siteOf(ada.accountId, 'lovelace', 'Ada Lovelace')
    const { context, store } = stage
    const environment = (name: string) => ({
      ...{ environmentOf: { siteId, name, branch: `${name}/of-lovelace` }, usesTrial: false },
      ownership: {
        ...{ accountId: ada.accountId, slug: `lovelace--${name}`, hostname: `lovelace--${name}.localhost` },
        ...{ name: `Ada Lovelace (${name})`, since: context.clocks.domain(), trialOf: environmentSlot(siteId, 1) },
      },
    })
    const staging = await stage.siteOf(ada.accountId, 'lovelace--staging', 'Staging', environment('staging'))
    const { usesTrial: _, ...failing } = environment('broken')
    const reserve = { hostname: failing.ownership.hostname }
    const software = { cell: 'local', plan: 'trial', blueprint: { name: 'welcome', version: 1 } }
    const id = stage.ports.randomness.id('site')
    const requested = requestSite({ id, ...software, policyVersion: 1, entry: {}, ...failing, reserve }, context)
    await stage.commit(
      failBuild(await stage.commit(requested), { step: 'ready', reason: 'It did not start.' }, context),
    )
    const rehearsal = await stage.siteOf(ada.accountId, 'lovelace--rehearsal', 'Ada Lovelace', {
      ...{ rehearsalOf: { siteId, target: { plan: 'starter' }, until: context.clocks.domain() }, usesTrial: false },
    })
    await stage.commit(endingRehearsal(rehearsal, 'over', context))
    expect(await store.sites.findByHostname('lovelace--rehearsal.localhost')).toMatchObject({ status: 'purged' })
    for (const one of [siteId, staging.id, id]) await stage.deployTo(one, 'Lovelace Engines')
    await close()
    await stage.sweep()
    stage.pass(7 * day)
    await stage.purge(staging.id)
    expect(await store.sites.findByHostname('lovelace--staging.localhost')).toBeUndefined()
    await stage.purge(siteId)
    await sweepTwice()
    expect(await found()).toEqual([])
    expect(await store.sites.get(staging.id)).toMatchObject({ status: 'purged', environmentOf: { siteId } })
  })

  it('leaves nothing of its rehearsals from bundles behind, whose originals are elsewhere', async () => {
    const { context, store, ports } = stage
    const rehearse = (slug: string) =>
      stage.siteOf(ada.accountId, `${slug}--rehearsal`, 'Ada Lovelace', {
        rehearsalOf: {
          ...{ siteId: ports.randomness.id('site'), archiveId: ports.randomness.id('arc'), target: {} },
          ...{ fromBundle: true, until: '2026-03-08T12:00:00.000Z' },
        },
        usesTrial: false,
      })
    await stage.commit(endingRehearsal(await rehearse('lovelace'), 'over', context))
    expect(await store.sites.findByHostname('lovelace--rehearsal.localhost')).toBeUndefined()
    const { id } = await rehearse('byron-lovelace')
    await close()
    expect(await store.sites.get(id)).toMatchObject({ status: 'purged', operation: { kind: 'purge' } })
    await sweepTwice()
    expect(await account()).toMatchObject({ closure: { state: 'erased' } })
    expect(await found()).toEqual([])
  })

  it('is erased however many sites it ever had, and its trial stays used', async () => {
    const { context, store } = stage
    const { id: siteId } = await stage.siteOf(ada.accountId, 'lovelace', 'Ada Lovelace')
    for (let number = 1; number <= 250; number += 1) {
      const name = `qa-${number}`
      const ownership = {
        ...{ accountId: ada.accountId, slug: `lovelace--${name}`, hostname: `lovelace--${name}.localhost`, name },
        ...{ since: context.clocks.domain(), trialOf: environmentSlot(siteId, 1) },
      }
      const software = { cell: 'local', plan: 'trial', blueprint: { name: 'welcome', version: 1 }, policyVersion: 1 }
      const id = stage.ports.randomness.id('site')
      const environment = { id, ...software, entry: {}, ownership, environmentOf: { siteId, name } }
      const requested = await stage.commit(requestSite(environment, context))
      await stage.commit(failBuild(requested, { step: 'ready', reason: 'It did not start.' }, context))
    }
    await close()
    await stage.sweep()
    await stage.purge(siteId)
    // As a site that is created meanwhile: it is not in the list yet.
    const listByAccount = async () => ({ items: [] })
    const blind = { ...stage.ports, sites: { ...store.sites, listByAccount } }
    await expect(followClosures(blind, 'sweep')).rejects.toThrow(ada.accountId)
    expect(await account()).toMatchObject({ closure: { state: 'closed' } })
    await stage.sweep()
    expect(await account()).toMatchObject({ closure: { state: 'erased' } })
    const trials = (await stage.everything()).filter((item) => item.includes('"sk":"TRIAL"'))
    expect(trials).toEqual([expect.stringContaining(siteId)])
  })

  it('is kept with its sites by the link, once', async () => {
    const site = await stage.siteOf(ada.accountId, 'lovelace', 'Ada Lovelace')
    await close()
    await stage.sweep()
    await keep()
    expect((await account())?.closure).toBeUndefined()
    await stage.sweep()
    const kept = await stage.store.sites.get(site.id)
    expect(kept).toMatchObject({ status: 'suspended' })
    expect(kept).not.toHaveProperty('deletion')
    await expect(keep()).rejects.toMatchObject({ kind: 'CodeWrong' })
    await stage.sweep()
    expect(await stage.store.accounts.getPerson(ada.personId)).toBeDefined()
  })

  it('is kept with its sites after it was closed, kept and closed again before any sweep', async () => {
    const site = await stage.siteOf(ada.accountId, 'lovelace', 'Ada Lovelace')
    await close()
    await stage.sweep()
    stage.pass(minute)
    await keep()
    stage.pass(minute)
    await close()
    await stage.sweep()
    stage.pass(day)
    await keep()
    await stage.sweep()
    expect(await stage.store.sites.get(site.id)).not.toHaveProperty('deletion')
    expect(await account()).not.toHaveProperty('closure')
  })

  it('is kept with its sites though a sweep that began before ends after it', async () => {
    const site = await stage.siteOf(ada.accountId, 'lovelace', 'Ada Lovelace')
    await close()
    await stage.sweep()
    const tasks: unknown[] = []
    for await (const task of stage.store.closureTasks.list('sites')) tasks.push(task)
    const list = async function* () {
      yield* tasks
    } as never
    await keep()
    await stage.sweep()
    await followClosures({ ...stage.ports, closureTasks: { ...stage.ports.closureTasks, list } }, 'late')
    await stage.sweep()
    expect(await stage.store.sites.get(site.id)).not.toHaveProperty('deletion')
  })

  it('is kept with its sites although operators were about to purge one, if a gate refuses that', async () => {
    const site = await stage.siteOf(ada.accountId, 'lovelace', 'Ada Lovelace')
    await close()
    await stage.sweep()
    const deleted = (await stage.store.sites.get(site.id)) as SuspendedSite
    const purge = await stage.commit(confirmPurge(deleted, 'as its owner asked', stage.context))
    await keep()
    await stage.sweep()
    expect(await stage.store.sites.get(site.id)).toMatchObject({ deletion: { by: 'operators' } })
    await stage.commit(endOperation(purge as SuspendedSite, 'refused', stage.context))
    await stage.sweep()
    expect(await stage.store.sites.get(site.id)).not.toHaveProperty('deletion')
  })

  it('names the date at which a site that was deleted before is purged, if it is the last one', async () => {
    const site = await stage.siteOf(ada.accountId, 'lovelace', 'Ada Lovelace')
    const deletion = { requestedAt: stage.ports.clocks.domain(), by: 'owner' } as const
    await stage.commit(suspendSite(site, { because: 'owner-deletion', deletion }, stage.context))
    stage.pass(5 * day)
    expect(await close()).toMatchObject({ closure: { until: '2026-03-08T12:00:00.000Z' } })
    await stage.sweep()
    expect([...stage.mails.values()].at(-1)?.text).toMatch(/8 March.*Sites that you deleted before stay deleted\./)
  })

  it('keeps a deletion that was requested before', async () => {
    const site = await stage.siteOf(ada.accountId, 'lovelace', 'Ada Lovelace')
    await close()
    await stage.sweep()
    await keep()
    await stage.sweep()
    const suspended = await stage.store.sites.get(site.id)
    const context = { actor: { kind: 'system' }, causationId: 'test', ...stage.ports } as const
    await stage.store.sites.commit(requestDeletion(suspended as Parameters<typeof requestDeletion>[0], context))
    stage.pass(minute)
    await close()
    await stage.sweep()
    await keep()
    await stage.sweep()
    expect(await stage.store.sites.get(site.id)).toMatchObject({ deletion: { by: 'owner' } })
  })

  it('deletes a site that was not listed at the closure', async () => {
    await close()
    const site = await stage.siteOf(ada.accountId, 'late', 'Late', { usesTrial: false })
    await stage.sweep()
    expect(await stage.store.sites.get(site.id)).toMatchObject({ status: 'suspended', deletion: { by: 'owner' } })
    expect(await account()).toMatchObject({ closure: { state: 'closed' } })
  })
})

it('a webhook that is retried while its person is being erased names nobody, and no site', async () => {
  const site = await stage.siteOf(ada.accountId, 'lovelace', 'Ada Lovelace')
  const bodies: string[] = []
  let status = 500
  const crm = {
    ...stage.ports,
    webhookSecrets: createWebhookSecrets('k'.repeat(43)),
    webhookHosts: [],
    isStopping: () => false,
    siteUrl: (hostname: string) => `https://${hostname}`,
    webhookSender: {
      send: async ({ body }: { readonly body: string }) => {
        bodies.push(body)
        return { status, text: '' }
      },
    },
  }
  const url = 'https://crm.example.com/in'
  await createEndpoint(crm, { url, description: 'CRM', types: ['account.closed', 'site.purged'], marketing: false })
  await close()
  await stage.sweep()
  await stage.purge(site.id)
  for (const aggregate of [{ type: 'account', id: ada.accountId } as const, { type: 'site', id: site.id } as const]) {
    for await (const event of stage.store.eventHistory.list(aggregate)) await deliverWebhooks(crm, event)
  }
  expect(bodies.map((body) => traces.test(body))).toEqual([true, true])
  // `heal-work` runs before the mailer removes the person.
  await followClosures(stage.ports, 'sweep')
  expect(await account()).toMatchObject({ closure: { state: 'erased' } })
  expect(await stage.store.accounts.getPerson(ada.personId)).toBeDefined()
  status = 204
  stage.pass(10 * minute)
  await sendDueWebhooks(crm)
  expect(bodies.slice(2).map((body) => traces.test(body))).toEqual([false, false])
})

describe('a custom domain', () => {
  it('is known for a day after its release, so that the edge can withdraw it', async () => {
    const { ports, store } = stage
    const context = { actor: { kind: 'system' }, causationId: 'test', ...ports } as const
    const site = await stage.siteOf(ada.accountId, 'shop', 'Shop')
    const pending = {
      schemaVersion: 1,
      id: ports.randomness.id('dom'),
      version: 1,
      siteId: site.id,
      accountId: ada.accountId,
      hostname: 'www.lovelace.example.com',
      addedAt: ports.clocks.domain(),
      nextCheckAt: ports.clocks.domain(),
      state: 'pending',
    } as const
    await store.domains.commit(enterState(undefined, pending, context))
    await close()
    stage.pass(8 * day)
    await stage.purge(site.id)
    await sweepTwice()
    await store.domains.commit(releaseDomain(pending, 'plan-changed', context))
    expect(await store.domains.find({ siteId: site.id, id: pending.id })).toMatchObject({ hostname: pending.hostname })
    expect((await found()).length).toBeGreaterThan(0)
    stage.pass(day)
    await stage.sweep()
    expect(await found()).toEqual([])
  })
})

describe('the customer at Stripe', () => {
  it('is redacted at once, and again until an open checkout has expired', async () => {
    const customerId = await stage.stripe.payments.openCustomer({
      accountId: ada.accountId,
      email,
      idempotencyKey: 'a',
    })
    const context = { actor: { kind: 'system' }, causationId: 'test', ...stage.ports } as const
    await changeAccount(stage.ports, ada.accountId, (before) => openBilling(before, customerId, context))
    await close()
    stage.stripe.fail('redactCustomer', 'after')
    await expect(stage.sweep()).rejects.toThrow('Not redacted')
    await stage.sweep()
    stage.pass(2 * day)
    await stage.sweep()
    const redactions = () => stage.stripe.calls.filter((call) => call === 'redactCustomer').length
    expect(redactions()).toBe(3)
    await stage.sweep()
    expect(redactions()).toBe(3)
    expect(await account()).toMatchObject({ customerId })
  })
})
