import { demoApi } from '../api.ts'
import { awaitValue, check, createMailRecord, mailSubjects } from '../expectations.ts'
import { buyerCalls, elsewhereCalls, machineCalls, ownerCalls } from '../story-api.ts'
import type { Timeline } from '../timeline.ts'
import { digestOfEntries, writeEntries } from '../trial/site-data.ts'
import { stagePlayer } from '../trial/stage.ts'
import { claimSite, signIn, type Walk } from '../walk.ts'
import { purchase, upgradeUnderLoad } from './purchase.ts'
import { tellRenewals } from './renewals.ts'
import { unlockedFeatures } from './unlocked-features.ts'

const name = 'Demo'

/**
 * Plays how a trial becomes a subscription, on a host of this machine with the stand-in for Stripe and an advancing clock:
 * bought, upgraded under load, renewed, past due, paid, cancelled, suspended, and bought again. At each stage the data, the
 * billing and the mails are compared with what they should be.
 * @throws {Error} at the first unexpected value.
 * @returns the mails to the owner, and how many of each.
 */
export const tellSubscription = async (options: Walk, timeline: Timeline): Promise<readonly string[]> => {
  const { origin, email, slug } = options
  const machine = machineCalls(origin)
  const startedAt = await machine.now()
  const { token } = await signIn(options, timeline)
  const created = await claimSite(demoApi(origin, token), timeline, slug)
  const { id, url } = created.site
  const hostname = `www.${slug}.example.com`
  const owner = ownerCalls(origin, token, id)
  const buyer = buyerCalls(origin, token, id)
  const elsewhere = elsewhereCalls(origin)
  const told = mailSubjects(name, hostname)
  const mails = createMailRecord(() => machine.subjectsTo(email))
  const play = stagePlayer({ timeline, machine, owner, startedAt })
  const buying = purchase(url, buyer, elsewhere)
  const features = unlockedFeatures({ origin, siteUrl: url, hostname, buyer, elsewhere })

  await play({ label: 'the trial gets data', act: () => writeEntries(url, 20, 'An entry') }, async () => {
    await mails.expect(told.welcome(created.isBuilt))
    await features.refusedDomain()
    await features.refusedCourse()
    return '20 entries; courses and domains are refused, and what has them is said'
  })
  const first = await digestOfEntries(url)
  let session = ''
  await play(
    {
      label: 'its owner opens a checkout',
      act: async () => {
        session = await buying.begin('starter')
      },
    },
    async () => 'one session, also when asked twice; a declined card buys nothing',
  )
  await play({ label: 'and pays for starter' }, async () => {
    const milliseconds = await buying.pay(session, 'starter')
    const known = await buying.known('starter')
    check('digest of the entries', await digestOfEntries(url), first)
    await mails.expect(told.bought)
    return `a paid site after ${milliseconds} ms, and the site knows after ${known} ms more; the same data`
  })
  const resized = async () => {
    const operation = async () => (await owner.read()).operation
    await awaitValue('operation', operation, 'resize')
    await awaitValue('operation', operation, null)
  }
  await play({ label: 'growth, under load' }, () =>
    upgradeUnderLoad({ origin, siteUrl: url, buyer, plan: 'growth', resized }),
  )
  await play(
    { label: 'a SCORM course is uploaded', act: features.takeCourse },
    async () => 'by its owner and nobody else; listed, played and completed',
  )
  await play({ label: 'a domain is added' }, async () => {
    const address = await features.takeDomain()
    await mails.expect(told.verified)
    return `verified by its records and served: ${address}`
  })

  const data = await digestOfEntries(url)
  const isWhole = () => features.checkAll(data)
  await tellRenewals({ siteUrl: url, play, machine, buyer, elsewhere, mails, told, isWhole })

  await play(
    {
      label: 'its owner buys growth again',
      act: async () => {
        session = await buying.begin('growth')
      },
      status: 'suspended',
    },
    async () => {
      const milliseconds = await buying.pay(session, 'growth')
      return `paid, and accepted after ${milliseconds} ms`
    },
  )
  await play({ label: 'and has the site back' }, async () => {
    await isWhole()
    await mails.expect(told.bought)
    return 'the same data, course and domain at the same address'
  })
  return mails.counted()
}
