import { demoApi } from '../api.ts'
import { check, createMailRecord, type MailSubjects, mailSubjects } from '../expectations.ts'
import { download, isHostnameFree, machineCalls, operatorCalls, ownerCalls } from '../story-api.ts'
import type { Timeline } from '../timeline.ts'
import { claimSite, signIn, type Walk } from '../walk.ts'
import { digestOfEntries, hasFile, keptOf, pageShown, writeEntries } from './site-data.ts'
import { stagePlayer } from './stage.ts'

const name = 'Demo'

/**
 * Plays 200 days of a trial, on a host of this machine whose clock advances: from the sign-up to the purge, with a
 * restore on the way. At each stage the data, the mails and what is on the disk are compared with what they should be.
 * @param options.home the host's home, to check its disk.
 * @throws {Error} at the first unexpected value.
 * @returns the mails to the owner, and how many of each.
 */
export const tellTrial = async (
  options: Walk & { readonly home: string },
  timeline: Timeline,
): Promise<readonly string[]> => {
  const { origin, home, email, slug } = options
  const machine = machineCalls(origin)
  const startedAt = await machine.now()
  const { token } = await signIn(options, timeline)
  const created = await claimSite(demoApi(origin, token), timeline, slug)
  const { id, url } = created.site
  const owner = ownerCalls(origin, token, id)
  const operator = operatorCalls(origin, await machine.becomeOperator('support@example.com'), id)
  const subjects = mailSubjects(name)
  const mails = createMailRecord(() => machine.subjectsTo(email))
  const play = stagePlayer({ timeline, machine, owner, startedAt })
  const time = deadlineStages({ play, owner, mails, subjects, home, siteId: id, siteUrl: url })
  const isSame = async (digest: string) => check('digest of the entries', await digestOfEntries(url), digest)

  await writeEntries(url, 20, 'An entry')
  const first = await digestOfEntries(url)
  await mails.expect(subjects.welcome(created.isBuilt))
  await time.remind('P7D', '7 days')
  await time.remind('P4D', '3 days')
  await time.remind('P2D', '1 day')
  await time.end('P1D', id)
  await play({ label: 'its owner resumes it', advance: 'P3D', act: owner.resume }, async () => {
    await isSame(first)
    return 'the same data; the extension is used'
  })

  await writeEntries(url, 5, 'Written after')
  const second = await digestOfEntries(url)
  await time.remind('P4D', '3 days')
  await time.remind('P2D', '1 day')
  await isSame(second)
  await time.end('P1D', id)
  await time.archive()
  await play({ label: 'its owner downloads the copy', status: 'archived' }, async () => {
    const [copy] = await owner.archives()
    if (copy === undefined) throw new Error('The site has no archive.')
    const content = await download(await owner.linkTo(copy.id))
    check('bytes', content.length, copy.bytes)
    check('its database is in it', hasFile(content, 'entries.sqlite'), true)
    return `${copy.bytes} bytes`
  })
  await play(
    {
      label: 'an operator extends the trial',
      advance: 'P15D',
      act: () => operator.extend('P7D', 'They asked for it.'),
      status: 'archived',
    },
    async () => {
      await mails.expect(subjects.extended)
      return 'by seven days; the site is still archived'
    },
  )
  await play({ label: 'and restores the site', act: () => operator.restore('They asked for it.') }, async () => {
    await isSame(second)
    await mails.expect(subjects.back)
    check('data directories', (await keptOf(home, id)).data, [`${id}.2`])
    return 'the same data, in a fresh directory'
  })

  await time.remind('P4D', '3 days')
  await time.remind('P2D', '1 day')
  await time.end('P1D', `${id}.2`)
  await time.archive()
  await time.warn('P76D', '14 days')
  await time.warn('P11D', '3 days')
  await time.purge('P3D')
  await play({ label: 'three weeks after the purge', advance: 'P22D', status: 'purged' }, async () => {
    check('the hostname is free', await isHostnameFree(origin, slug), false)
    await mails.expect()
    return 'nobody inherits its name'
  })
  return mails.counted()
}

/** The stages by deadline, each with its checks. */
const deadlineStages = (parts: {
  readonly play: ReturnType<typeof stagePlayer>
  readonly owner: Pick<ReturnType<typeof ownerCalls>, 'archives'>
  readonly mails: ReturnType<typeof createMailRecord>
  readonly subjects: MailSubjects
  readonly home: string
  readonly siteId: string
  readonly siteUrl: string
}) => {
  const { play, owner, mails, subjects, home, siteId, siteUrl } = parts

  /** @param data the expected data directories. */
  const isOff = async (title: string, data: readonly string[]): Promise<void> => {
    check('page', await pageShown(siteUrl), { status: 503, title })
    const kept = await keptOf(home, siteId)
    check('data directories', kept.data, data)
    const lost = (await owner.archives()).filter(({ id }) => !kept.archived.some((name) => name.includes(id)))
    check('copies that are not there', lost, [])
  }

  return {
    remind: (advance: string, days: string) =>
      play({ label: `${days} before the end`, advance, steps: ['remind'] }, async () => {
        await mails.expect(subjects.endsIn(days))
        return 'reminded once, and the site runs'
      }),
    end: (advance: string, data: string) =>
      play({ label: 'the trial ends', advance, steps: ['suspend'], status: 'suspended' }, async () => {
        await mails.expect(subjects.off('its trial has ended'))
        await isOff('This site is suspended', [data])
        return 'suspended; the page says so, the data is in place'
      }),
    archive: () =>
      play({ label: '21 days later', advance: 'P21D', steps: ['archive'], status: 'archived' }, async () => {
        await mails.expect(subjects.archived)
        await isOff('This site is archived', [])
        return 'archived and verified; its disk is free'
      }),
    warn: (advance: string, days: string) =>
      play({ label: `${days} before the purge`, advance, steps: ['warn'], status: 'archived' }, async () => {
        await mails.expect(subjects.deletedIn(days))
        await isOff('This site is archived', [])
        return 'warned once'
      }),
    purge: (advance: string) =>
      play({ label: '90 days after it was archived', advance, steps: ['purge'], status: 'purged' }, async () => {
        await mails.expect(subjects.deleted)
        check('what is left of it', await keptOf(home, siteId), { data: [], archived: [] })
        check('page', (await pageShown(siteUrl)).status, 404)
        return 'purged; nothing of it is left'
      }),
  }
}
