import type { createMailRecord, MailSubjects } from '../expectations.ts'
import { check } from '../expectations.ts'
import type { ownerCalls } from '../story-api.ts'
import { keptOf, pageShown } from './site-data.ts'
import type { stagePlayer } from './stage.ts'

/** The stages that time alone brings about, each with what has to be seen then. */
export const deadlineStages = (parts: {
  readonly play: ReturnType<typeof stagePlayer>
  readonly owner: Pick<ReturnType<typeof ownerCalls>, 'archives'>
  readonly mails: ReturnType<typeof createMailRecord>
  readonly subjects: MailSubjects
  readonly home: string
  readonly siteId: string
  readonly siteUrl: string
}) => {
  const { play, owner, mails, subjects, home, siteId, siteUrl } = parts

  /** @param data the data directories that are there. */
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
        await mails.expect(subjects.off)
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
