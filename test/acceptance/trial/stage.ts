import { check } from '../expectations.ts'
import { poll } from '../poll.ts'
import type { LivingSite, machineCalls, ownerCalls } from '../story-api.ts'
import type { Timeline } from '../timeline.ts'

interface Stage {
  readonly label: string
  /** How far the clock advances first. */
  readonly advance?: string
  /** The expected changes by deadline, in order. */
  readonly steps?: readonly string[]
  /** A person's action. */
  readonly act?: () => Promise<unknown>
  /** The status afterwards, without an operation in progress; `active` by default. */
  readonly status?: string
}

/** Plays the stages of a trial, and prints each with its date by the advanced clock. */
export const stagePlayer = (parts: {
  readonly timeline: Timeline
  readonly machine: Pick<ReturnType<typeof machineCalls>, 'now' | 'turn'>
  readonly owner: Pick<ReturnType<typeof ownerCalls>, 'read'>
  readonly startedAt: string
}) => {
  const { timeline, machine, owner, startedAt } = parts
  const dayOf = (now: string): string => String(Math.floor((Date.parse(now) - Date.parse(startedAt)) / 86_400_000))

  const play = async (
    { advance, steps = [], act, status = 'active' }: Stage,
    read: () => Promise<string>,
  ): Promise<string> => {
    if (advance !== undefined) {
      const turned = await machine.turn(advance)
      check('brake', turned.brake, undefined)
      check(
        'steps',
        turned.ran.map(({ step }) => step),
        steps,
      )
    }
    await act?.()
    const isSettled = (site: LivingSite): boolean => site.status === status && site.operation === null
    const site = await poll(owner.read, isSettled, { patience: 60_000, pause: 100 })
    check('status', [site.status, site.operation], [status, null])
    return read()
  }

  /** @param look checks more, and returns a description. */
  return (stage: Stage, read: () => Promise<string>): Promise<string> =>
    timeline.step(
      stage.label,
      async () => {
        const seen = await play(stage, read)
        const now = await machine.now()
        return `day ${dayOf(now).padStart(3)}, ${now.slice(0, 10)}: ${seen}`
      },
      (note) => note,
    )
}
