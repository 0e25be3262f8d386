import { publishOnMachine } from '../../../bin/publish/publish-on-machine.ts'
import { awaitValue, check } from '../expectations.ts'
import type { Load } from '../open-load.ts'
import { poll } from '../poll.ts'
import type { MachineCalls } from '../story-api.ts'
import type { stagePlayer } from '../trial/stage.ts'
import { extension, secondCell, writeLicence } from './licence.ts'
import type { ownerRelocation, Staff } from './staff.ts'

const day = 86_400_000
const timeZone = 'Europe/Berlin'

/** The mails to the owner about a relocation, by their subjects. */
export const relocationMails = (name: string) => ({
  planned: `Please accept the planned change of ${name}`,
  agreed: `The change of ${name} is agreed`,
  soon: `Your site ${name} will be interrupted soon`,
  missed: `The change of ${name} did not happen`,
  switched: `Your site ${name} has changed as agreed`,
  returned: `Your site ${name} is back to what it was`,
})

/** What an administrator sets for a version of the customer's product. */
export const plantedSecret = (version: number): string => `erp-key-${version}-of-the-customer`

const berlin = (instant: number, format: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, ...format }).format(instant)

/** The night from the next Saturday to Sunday that is two days away or more. */
const saturdayNight = (now: string) => {
  const days = Array.from({ length: 7 }, (_, index) => Date.parse(now) + (index + 2) * day)
  const saturday = days.find((at) => new Intl.DateTimeFormat('en', { timeZone, weekday: 'short' }).format(at) === 'Sat')
  const dateOf = (at: number) => berlin(at, { dateStyle: 'short' })
  if (saturday === undefined) throw new Error('A week has a Saturday.')
  return { from: `${dateOf(saturday)}T22:00`, until: `${dateOf(saturday + day)}T04:00`, timeZone }
}

interface Parts {
  readonly play: ReturnType<typeof stagePlayer>
  readonly machine: MachineCalls
  readonly staff: { readonly sales: Staff; readonly admin: Staff; readonly support: Staff }
  readonly owner: ReturnType<typeof ownerRelocation>
  readonly load: Load
  readonly mails: { readonly expect: (...subjects: readonly string[]) => Promise<void> }
  readonly told: ReturnType<typeof relocationMails>
  /** The host's blueprints, and the version that the customer's extends. */
  readonly directory: string
  readonly base: number
}

/** Plays the way of a relocation to a version of the customer's product: from its publication to the day before its window. */
export const relocating = (parts: Parts) => {
  const { play, machine, staff, owner, load, mails, told, directory, base } = parts
  const { sales, admin } = staff

  const until = async (instant: string): Promise<string> =>
    `PT${Math.ceil((Date.parse(instant) - Date.parse(await machine.now())) / 1000)}S`
  const window = async () => {
    const found = (await owner.read())?.window
    if (found === undefined) throw new Error('No relocation is planned.')
    return found
  }

  const rehearsed = async (target: object): Promise<string> => {
    await sales.rehearse(target)
    const read = async () => (await sales.rehearsal()).rehearsal
    const isOver = (found: Awaited<ReturnType<typeof read>>) => ['passed', 'failed'].includes(found?.status ?? '')
    const result = await poll(read, isOver, { patience: 180_000, pause: 200 })
    check('rehearsal', result?.status, 'passed')
    const times = Object.entries(result?.durations ?? {}).map(([step, took]) => `${step} ${took}`)
    return `passed (${times.join(', ')} ms)`
  }

  return {
    /** @returns how long the site is expected to be interrupted, in milliseconds. */
    prepare: async (version: number): Promise<number> => {
      const blueprint = { name: extension, version }
      await play({ label: `${extension} ${version} is published` }, async () => {
        await publishOnMachine(await writeLicence(directory, version, base), { url: machine.origin })
        await awaitValue(`current version of ${extension}`, () => admin.currentOf(extension), version, 200)
        return 'an extension of welcome, on offer to nobody: a site of it was healthy'
      })
      const configuration = await admin.keepSecret(blueprint, { ERP_KEY: plantedSecret(version) })
      const target = { blueprint, configuration, plan: 'enterprise', cell: secondCell }
      await play({ label: 'sales plans a relocation' }, async () => {
        const contract = { number: '4711', firstDay: '2030-01-01', lastDay: '2030-12-31' }
        const night = saturdayNight(await machine.now())
        await sales.plan({ target, window: night, contract })
        return `${night.from} to ${night.until} in ${timeZone}, UTC ${(await window()).from}`
      })
      await play({ label: `rehearsal of ${extension} ${version}` }, async () => {
        const said = await rehearsed(target)
        await mails.expect(told.planned)
        return `${said}; its owner finds ${await owner.enterRehearsal()} entries there, a stranger none`
      })
      const seconds = (await owner.read())?.interruption?.seconds ?? 0
      await play({ label: 'its owner accepts', act: owner.accept }, async () => {
        await mails.expect(told.agreed)
        return `the plan, the contract, the window and ${seconds} s of interruption`
      })
      const dayBefore = new Date(Date.parse((await window()).from) - day).toISOString()
      await play({ label: 'the day before', advance: await until(dayBefore) }, async () => {
        await mails.expect(told.soon)
        return 'its owner is reminded'
      })
      return seconds * 1000
    },
    /** Turns the clock to the window. @returns how long the site did not answer meanwhile, in milliseconds. */
    cutOver: async (label: string, read: (downtime: number) => Promise<string>): Promise<void> => {
      const advance = await until((await window()).from)
      load.takeSilence()
      await play({ label, advance }, () => read(load.takeSilence()))
    },
    switchTo: async (
      side: 'switched' | 'returned',
      label: string,
      read: (downtime: number) => Promise<string>,
    ): Promise<void> => {
      load.takeSilence()
      await play({ label, act: () => admin.switchTo(side) }, () => read(load.takeSilence()))
    },
  }
}
