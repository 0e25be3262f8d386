import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import { operatorToken } from './command-line/operator-token.ts'
import { operatorsCall } from './command-line/operators-call.ts'
import { runCommand } from './command-line/read-options.ts'
import { allLines, restoreSite, rolloutsSchema, watchRollouts } from './rollout/follow-rollout.ts'

const usage = `Moves the existing sites of a blueprint to a version, or out of a cell, in waves.

  npm run rollout -- start --blueprint shop --version 2 --reason 'New editor'
  npm run rollout -- status --watch
  npm run rollout -- pause --blueprint shop --reason 'The editor is slow'
  npm run rollout -- resume|abort|retry --blueprint shop --reason …
  npm run rollout -- drain --cell fast --reason 'The disk is replaced'
  npm run rollout -- lost --cell fast --reason 'The disk is broken'
  npm run rollout -- pause|resume|abort|retry --cell fast --reason …
  npm run rollout -- restore --site site_… --copy arc_… --reason 'The editor lost its pages'

  --waves <list>    such as 1,5%,25%: sites that have the version after each wave; the rest follows
  --budget <count>  how many sites may fail before the roll-out halts
  --security        for a version that closes a hole: fewer and shorter waves
  --accept-incompatible-data
                    for a former version, although it may be unable to use the data of later ones
  --copy <id>       restores the site's data from before an upgrade, with the version of then; without it, the
                    command says which copy the site has
  --watch           prints each change until the roll-out has ended or halted; fails if it did not finish, or if sites
                    stay in the cell. With pause or abort, fails unless it is paused or aborted
  --reason <words>  for the history
  --url <address>   of the console (http://localhost:4000)

Reads the token of an administrator from SITEWRIGHT_OPERATOR_TOKEN; on one machine, /_local/operators issues it.
`

const commands = ['start', 'status', 'pause', 'resume', 'abort', 'retry', 'drain', 'lost', 'restore'] as const

const optionsSchema = z.object({
  blueprint: z.string().optional(),
  cell: z.string().optional(),
  version: z.string().regex(/^\d+$/, '--version has to be a number').optional(),
  waves: z
    .string()
    .regex(/^\d+%?(,\d+%?)*$/, '--waves has to be such as 1,5%,25%')
    .optional(),
  budget: z.string().regex(/^\d+$/, '--budget has to be a number').optional(),
  site: z.string().optional(),
  copy: z.string().optional(),
  reason: z.string().optional(),
  url: z.string().default('http://localhost:4000'),
  security: z.boolean().default(false),
  'accept-incompatible-data': z.boolean().default(false),
  watch: z.boolean().default(false),
})

type Options = z.output<typeof optionsSchema>
type Command = (typeof commands)[number]

const ofRollout = [['blueprint', 'cell'], ['reason']] as const
/** What each command has to be told. */
const needs: Readonly<Record<Command, readonly (readonly (keyof Options)[])[]>> = {
  start: [['blueprint'], ['version'], ['reason']],
  status: [],
  ...{ pause: ofRollout, resume: ofRollout, abort: ofRollout, retry: ofRollout },
  ...{ drain: [['cell'], ['reason']], lost: [['cell'], ['reason']] },
  restore: [['site']],
}

const waveOf = (text: string) => (text.endsWith('%') ? { percent: Number(text.slice(0, -1)) } : { sites: Number(text) })

const acting = (command: Exclude<Command, 'status' | 'restore'>, options: Options) => {
  const { blueprint = '', cell = '', version, waves, budget, reason = '', security } = options
  const asked = {
    ...(waves === undefined ? {} : { waves: waves.split(',').map(waveOf) }),
    ...(budget === undefined ? {} : { failureBudget: Number(budget) }),
    reason,
  }
  if (command === 'drain') return { path: `cells/${cell}/drain`, body: asked }
  if (command === 'lost') return { path: `cells/${cell}/loss`, body: { reason } }
  if (command !== 'start')
    return { path: `rollouts/${cell === '' ? blueprint : `cell:${cell}`}/${command}`, body: { reason } }
  const acceptIncompatibleData = options['accept-incompatible-data']
  return { path: 'rollouts', body: { blueprint, version: Number(version), security, acceptIncompatibleData, ...asked } }
}

/**
 * Calls the command that is given.
 * @returns false if a roll-out that is watched does not end as it should.
 * @throws {Error} if there is no such command, or an option of it is missing.
 */
export const rollout = async (given: string, options: Options): Promise<boolean> => {
  const command = commands.find((one) => one === given)
  if (command === undefined) throw new Error(`There is no command ${given}.\n\n${usage}`)
  const missing = needs[command].find((names) => names.every((name) => options[name] === undefined))
  if (missing) throw new Error(`${missing.map((name) => `--${name}`).join(' or ')} is missing.\n\n${usage}`)
  const { url, blueprint, cell, watch } = options
  const call = operatorsCall(url, await operatorToken(url, 'rollout@example.com'))
  const print = (line: string): void => console.log(line)
  if (command === 'restore') {
    const { site = '', copy, reason = '' } = options
    print(await restoreSite(call, { site, copy, reason }))
    return true
  }
  const read = async () =>
    (await call('rollouts', rolloutsSchema)).filter(
      (one) =>
        (one.cell === undefined ? blueprint === one.blueprint : cell === one.cell) || (blueprint ?? cell) === undefined,
    )
  const act = async (acted: Exclude<Command, 'status' | 'restore'>) => {
    const { path, body } = acting(acted, options)
    return call(path, rolloutsSchema, body)
  }
  const rollouts = command === 'status' ? await read() : await act(command)
  const end = command === 'pause' ? 'paused' : command === 'abort' ? 'aborted' : 'finished'
  if (watch) return watchRollouts({ read, print, pause: () => pause(1000), end })
  for (const line of allLines(rollouts)) print(line)
  return true
}

if (import.meta.main) {
  const [given = 'status'] = process.argv.splice(2, process.argv[2]?.startsWith('-') === false ? 1 : 0)
  await runCommand(optionsSchema, usage, (options) => rollout(given, options))
}
