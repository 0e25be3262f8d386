import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { inject } from 'vitest'
import { namesOf } from '../../../cloud/names.ts'
import type { Config } from '../../../core/config/config.ts'
import type { Template } from './resources.ts'
// What it provides.
import type {} from './shared-synthesis.ts'
import type { SynthesisedStack } from './synthesise-stacks.ts'
import { testConfig } from './test-config.ts'

export interface Synthesised {
  readonly names: ReturnType<typeof namesOf>
  /** Every stack's name, in the order of deployment. */
  readonly stacks: readonly string[]
  /** The names of those that CloudFormation refuses to delete. */
  readonly protectedStacks: readonly string[]
  /** @param part such as `data`. */
  readonly template: (part: string) => Template
  /** The length of each template's file, by the stack's name. */
  readonly characters: ReadonlyMap<string, number>
}

const synthesiseOnce = async (config: Config, unchecked: boolean): Promise<Synthesised> => {
  // On a connection of its own: one that is kept may end while the other side is busy. And `fetch` waits for five minutes at most.
  const asked = request(inject('synthesis'), { method: 'POST', agent: false }).end(
    JSON.stringify({ config, unchecked }),
  )
  const [answer]: IncomingMessage[] = await once(asked, 'response')
  const said = await text(answer!)
  if (answer!.statusCode !== 200) throw new Error(said)
  const made: readonly SynthesisedStack[] = JSON.parse(said)
  const names = namesOf(Object.keys(config.stages)[0]!)
  return {
    names,
    stacks: made.map(({ name }) => name),
    protectedStacks: made.filter(({ isProtected }) => isProtected).map(({ name }) => name),
    characters: new Map(made.map(({ name, characters }) => [name, characters])),
    template: (part) => {
      const found = made.find(({ name }) => name === names.stack(part))
      if (found === undefined) throw new Error(`there is no stack ${names.stack(part)}`)
      return { toJSON: () => found.template }
    },
  }
}

const synthesised = {
  checked: new WeakMap<Config, Promise<Synthesised>>(),
  unchecked: new WeakMap<Config, Promise<Synthesised>>(),
}

/**
 * Synthesises the test's stage, cdk-nag's checks included. It takes seconds, so a run does it once, in a process of its own, and the
 * test files of a worker share the answer.
 *
 * @param unchecked where another synthesis checks the same.
 */
export const synthesise = (config: Config = testConfig, unchecked = false): Promise<Synthesised> => {
  const made = synthesised[unchecked ? 'unchecked' : 'checked']
  const known = made.get(config) ?? synthesiseOnce(config, unchecked)
  made.set(config, known)
  return known
}
