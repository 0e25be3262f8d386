import { type CostLine, callLines, costLine, jobLines, totalOf } from './cost-line.ts'
import { dollars, markdownTable, quantity } from './figures.ts'
import { happyPath } from './priced-stage.ts'
import { changesOfADefinition, type RolloutCase, type RolloutResult, simulateRollout } from './simulate-rollout.ts'
import { checksForASite } from './sleep-lines.ts'

const sites = 1000
const paces = [4, 16, 64]

const cases: readonly (readonly [string, Omit<RolloutCase, 'sites'>])[] = [
  ['nothing migrates', {}],
  ['nothing migrates, for security', { isSecurity: true }],
  ['migrates', { migrates: true }],
  ['migrates, and fails from the 300th site on', { migrates: true, failsFrom: 300 }],
  ['fails from the 300th site on, and is compatible', { failsFrom: 300, isCompatible: true }],
]

/** Each takes five seconds, and the pauses between them grow to twenty, for four minutes. */
const checksAfterFailure = 27

const transitionsOf = (definition: string, { upgrades, failures, copies }: RolloutResult): number => {
  const plain = happyPath(definition).length
  const more = happyPath(definition, { chooses: true }).length - plain
  // The last state is another one, after the former version is started again.
  const failure = plain + checksAfterFailure + checksForASite
  return upgrades * (plain + checksForASite) + failures * failure + copies * more
}

const jobsOfACopy = 2
/** The restore is in a new data directory. */
const definitionsOfACopy = 1
/** A transaction writes two kilobytes of a record and its event, with their entries in indexes. */
const writeUnitsOfACommit = 10
const eventsOfAnUpgrade = 4

const linesOfRollout = (definition: string, result: RolloutResult): readonly CostLine[] => {
  const transitions = transitionsOf(definition, result)
  const events = eventsOfAnUpgrade * (result.upgrades + result.failures)
  return [
    costLine('Transitions', 'transition', transitions),
    // Nearly all of them look for a site for five seconds.
    ...callLines('Tasks', transitions, { seconds: 5 }),
    costLine('Events', 'event', events),
    ...callLines('Events', 2 * events),
    costLine('Writes', 'tableWrite', result.commits * writeUnitsOfACommit),
    ...jobLines('Copies', jobsOfACopy * result.copies),
  ]
}

const duration = (seconds: number): string => {
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** @param definition of the machine `upgrade-site`, as Amazon States Language. */
export const rolloutSection = async (definition: string): Promise<string> => {
  const paced = await Promise.all(
    paces.map(async (atOnce) => [
      String(atOnce),
      duration((await simulateRollout({ sites, atOnce })).seconds),
      duration((await simulateRollout({ sites, atOnce, migrates: true })).seconds),
    ]),
  )
  const rows = await Promise.all(
    cases.map(async ([name, facts]) => {
      const result = await simulateRollout({ sites, ...facts })
      return [
        name,
        result.rollout.state,
        duration(result.seconds),
        quantity(result.moved),
        quantity(result.failures),
        quantity(changesOfADefinition * (result.upgrades + result.failures + definitionsOfACopy * result.copies)),
        quantity(transitionsOf(definition, result)),
        dollars(totalOf(linesOfRollout(definition, result))),
      ]
    }),
  )
  return `## A roll-out

A [roll-out](releases.md#roll-outs) to ${quantity(sites)} sites that are awake, with the usual waves and a bake time of ten minutes. The code that decides it on AWS
runs on a virtual clock; the time of starts and jobs is as [assumed](#assumptions). ECS takes one change of a task definition a second, after a burst of twenty. A site needs two
changes, and one that migrates four, because its restore has another data directory. The jobs on one directory share a definition, which the daily measurement has made before.

${markdownTable(['sites at once', 'nothing migrates', 'migrates'], paced)}

With eight sites at once, as deployed:

${markdownTable(['version', 'ends', 'after', 'sites that have it', 'failures', 'changes of definitions', 'state transitions', 'USD'], rows)}

A bake time is noticed by the sweep of each minute, and waits for the usage records of routers. The containers of the sites are not counted, and neither is the storage of the copies.`
}
